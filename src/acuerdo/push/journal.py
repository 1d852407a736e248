"""What was sent to a store so far, in a file that survives a broken push."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Self

from acuerdo.errors import GraphUnusable, WrongUsage
from acuerdo.push.profiles import Target
from acuerdo.push.spool import Entry


def path_for(kg: Path, target: Target) -> Path:
    """The journal of a target, beside the builds; its name tells nothing of the address."""
    name = hashlib.sha256(f"{target.profile.title}\n{target.url}".encode()).hexdigest()[:16]
    return kg / "push" / f"{name}.jsonl"


class Journal:
    """Which digest of which graph a store has taken; one push at a time holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sent: dict[bytes, str] = {}
        self.begun: set[bytes] = set()
        self.verified: str | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise WrongUsage(f"{path}: the journal cannot be written ({error.strerror})") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise GraphUnusable(f"{path}: another push to this store is under way") from error
        self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _read(self) -> None:
        self._file.seek(0)
        line = "\n"
        for line in self._file:
            try:
                entry = json.loads(line)
            except ValueError:
                # The last line of a push that was killed while writing it: that batch is not sent.
                continue
            self._apply(entry)
        if not line.endswith("\n"):
            self._file.write("\n")

    def _apply(self, entry: dict[str, Any]) -> None:
        graphs: dict[bytes, str] = {g.encode(): digest for g, digest in entry["graphs"].items()}
        if entry["state"] == "begun":
            self.begun |= graphs.keys()
            for graph in graphs:
                self.sent.pop(graph, None)
        elif entry["state"] == "sent":
            self.begun -= graphs.keys()
            self.sent |= graphs
        elif entry["state"] == "gone":
            for graph in graphs:
                self.sent.pop(graph, None)
                self.begun.discard(graph)
        self.verified = entry.get("proof") if entry["state"] == "verified" else None

    def _write(self, state: str, graphs: dict[bytes, str], proof: str | None = None) -> None:
        listed = {graph.decode(): digest for graph, digest in graphs.items()}
        entry: dict[str, Any] = {"state": state, "proof": proof, "graphs": listed}
        try:
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise WrongUsage(
                f"{self._path}: the journal cannot be written ({error.strerror})"
            ) from error
        self._apply(entry)

    def begin(self, entries: Iterable[Entry]) -> None:
        """These graphs are about to change; until they are `done`, nobody knows what they hold."""
        self._write("begun", {entry.graph: entry.digest for entry in entries})

    def done(self, entries: Iterable[Entry]) -> None:
        """The store said that it has taken these graphs."""
        self._write("sent", {entry.graph: entry.digest for entry in entries})

    def gone(self, graphs: Iterable[bytes]) -> None:
        """These graphs hold nothing that counts: deleted, or found to be wrong."""
        self._write("gone", dict.fromkeys(graphs, ""))

    def proved(self, proof: str) -> None:
        """The store was found to hold what was sent; what led here is folded into one line."""
        os.ftruncate(self._file.fileno(), 0)
        self._write("sent", dict(self.sent))
        self._write("verified", {}, proof)
