"""A graph directory: `CURRENT` names one of `builds/<digest>/`, each whole and never changed again."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyoxigraph as ox
from msgspec import Struct

from acuerdo.errors import GraphUnusable, WrongUsage
from acuerdo.store.disk import opened
from acuerdo.store.lines import gunzipped

_DIGEST = re.compile(r"[0-9a-f]{8,64}")
UNFINISHED = ".partial"


def is_digest(text: str) -> bool:
    """Whether a text can be the name of a build."""
    return _DIGEST.fullmatch(text) is not None


class GraphCount(Struct, frozen=True):
    """Size of one named graph and the sum of its sorted N-Quads."""

    quads: int
    sha256: str


class ArticleEntry(Struct, frozen=True):
    """Which version of an article stands in a build."""

    digest: str
    text: str


class DumpSum(Struct, frozen=True):
    """Size and sum of the uncompressed dump."""

    bytes: int
    sha256: str


class Manifest(Struct, frozen=True):
    """What a build holds and what it was made from; it names no time and no place.

    The same input gives the same bytes. `inputs` are digests, `options` those that change the result.
    """

    acuerdo: str
    digest: str
    base: str
    engines: dict[str, str]
    inputs: dict[str, str]
    options: dict[str, bool | str]
    quads: int
    dump: DumpSum
    articles: dict[str, ArticleEntry]
    graphs: dict[str, GraphCount]


class Build:
    """One published build."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.digest = folder, folder.name
        self.store, self.dump = folder / "store", folder / "graph.nq.gz"

    def manifest(self) -> Manifest:
        """The manifest; raises GraphUnusable where it is missing or damaged."""
        path = self.folder / "manifest.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise GraphUnusable(f"{path}: cannot be read ({why}); build again") from error

    def open(self) -> ox.Store:
        """The store, read-only; raises GraphUnusable."""
        return opened(self.store)

    def lines(self) -> Iterator[bytes]:
        """Blocks of whole lines of the sorted dump."""
        return gunzipped(self.dump)


class Directory:
    """The graph directory `kg/`."""

    def __init__(self, kg: Path) -> None:
        self.kg, self.builds_folder, self.cache = kg, kg / "builds", kg / "cache"

    def pointer(self) -> str | None:
        """The digest in `CURRENT`, or None where nothing was published; raises GraphUnusable."""
        try:
            digest = (self.kg / "CURRENT").read_text(encoding="ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise GraphUnusable(f"{self.kg / 'CURRENT'}: cannot be read ({why})") from error
        if not _DIGEST.fullmatch(digest):
            raise GraphUnusable(
                f"{self.kg / 'CURRENT'}: does not name a build; say `acuerdo use BUILD`"
            )
        return digest

    def current(self) -> Build:
        """The published build; raises WrongUsage where there is none, GraphUnusable for a bad pointer."""
        digest = self.pointer()
        if digest is None:
            raise WrongUsage(f"{self.kg}: no graph here; make one with `acuerdo build`")
        build = Build(self.builds_folder / digest)
        if not build.folder.is_dir():
            raise GraphUnusable(
                f"{self.kg / 'CURRENT'}: names the build {digest[:12]}, which is gone; "
                "build again or say `acuerdo use BUILD`"
            )
        return build

    def builds(self) -> list[Build]:
        """All finished builds, newest first."""
        try:
            folders = [p for p in self.builds_folder.iterdir() if _DIGEST.fullmatch(p.name)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise GraphUnusable(f"{self.builds_folder}: {error.strerror}") from error
        return [Build(p) for p in sorted(folders, key=lambda p: (-p.stat().st_mtime_ns, p.name))]

    def named(self, name: str) -> Build:
        """The build whose digest starts with `name`; `current` and `previous` are names too."""
        if name == "current":
            return self.current()
        found = self.builds()
        if not found:
            raise WrongUsage(f"{self.kg}: no graph here; make one with `acuerdo build`")
        if name == "previous":
            pointer = self.pointer()
            found = [build for build in found if build.digest != pointer][:1]
        else:
            found = [build for build in found if build.digest.startswith(name)]
        if len(found) != 1:
            why = "two builds start so" if found else "there is no such build"
            raise WrongUsage(f"{name}: {why}; see `acuerdo builds`")
        return found[0]

    def leftovers(self) -> list[Path]:
        """What an interrupted build left behind."""
        if not self.builds_folder.is_dir():
            return []
        return sorted(
            [*self.builds_folder.glob(f"*{UNFINISHED}"), *self.kg.glob(f"CURRENT*{UNFINISHED}")]
        )

    def clean(self) -> int:
        """Remove leftovers; how many there were. Only for the holder of the lock."""
        found = self.leftovers()
        for path in found:
            remove(path)
        return len(found)

    def point(self, digest: str) -> None:
        """Make a finished build the current one, in one step that a crash cannot split."""
        draft = self.kg / f"CURRENT{UNFINISHED}"
        with draft.open("w", encoding="ascii") as file:
            file.write(digest + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.kg / "CURRENT")
        sync_folder(self.kg)


def remove(path: Path) -> None:
    """Remove a folder and all below it, or what stands where a folder should."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Write a folder's own entries to disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows has no handles of folders, and keeps entries safe by itself.
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Write everything below a folder to disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        elif path.is_dir():
            sync_folder(path)
    sync_folder(folder)
