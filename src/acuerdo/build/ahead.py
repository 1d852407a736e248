"""A store that is filled while articles are still being worked through.

Loading needs no order, and where nothing can be copied from an earlier build it takes as long as all the rest:
on two cores it is worth doing beside it.
"""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

from acuerdo.store import disk
from acuerdo.store.directory import UNFINISHED, Directory
from acuerdo.store.lines import Part


class _Stopped(Exception):
    """The build ended before the store was whole."""


class Ahead:
    """A thread that loads the parts it is given, in a folder that is left to nobody when the build fails."""

    def __init__(self, directory: Directory) -> None:
        self.folder = directory.builds_folder / f"ahead{UNFINISHED}"
        self._parts: SimpleQueue[Part | None] = SimpleQueue()
        self._error: BaseException | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._load, name="load", daemon=True)
        self.folder.mkdir(parents=True)
        self._thread.start()

    def add(self, part: Part) -> None:
        """Lines of any graphs; they are read when their turn comes."""
        self._parts.put(part)

    def finish(self, store: Path) -> None:
        """Have everything loaded and move the store to its place; raises what the load raised."""
        self._parts.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error
        (self.folder / "store").rename(store)
        self.folder.rmdir()

    def stop(self) -> None:
        """End the load, whatever it has come to, and remove what it left."""
        self._stopped = True
        self._parts.put(None)
        self._thread.join()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _load(self) -> None:
        try:
            disk.load(self.folder / "store", self._blocks())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the end
            self._error = error

    def _blocks(self) -> Iterator[bytes]:
        while (part := self._parts.get()) is not None:
            for block in part:
                if self._stopped:
                    raise _Stopped
                yield block
        if self._stopped:
            raise _Stopped
