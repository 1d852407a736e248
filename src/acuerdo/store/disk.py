"""One Oxigraph store on disk: loaded whole, or copied by hard links and changed graph by graph."""

import hashlib
import io
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

import msgspec
import pyoxigraph as ox
from msgspec import Struct

from acuerdo.errors import GraphUnusable
from acuerdo.store.lines import BLOCK, Reader

# RocksDB's diary and its lock: they hold no data and may change when a store is only opened.
_NO_DATA = ("LOG", "LOCK")
SUMS = "store.json"


class Incomplete(GraphUnusable):
    """The store does not hold what was loaded into it."""


class FileSum(Struct, frozen=True):
    """Size and sum of one file of a store."""

    size: int
    sha256: str


class Sums(Struct, frozen=True):
    """The files of a build as they were when it was finished; those of the store differ from run to run.

    `clean_bytes` and `clean_quads` are those of the last full load, before graphs were replaced;
    `beside` are the files beside the store, `shards` the keys of the cached shards it was made from.
    """

    engine: str
    files: dict[str, FileSum]
    clean_bytes: int
    clean_quads: int
    beside: dict[str, FileSum] = {}
    shards: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """The size of the store."""
        return sum(file.size for file in self.files.values())


def opened(path: Path) -> ox.Store:
    """A store, read-only; raises GraphUnusable where it is missing or damaged."""
    if not path.is_dir():
        raise GraphUnusable(f"{path}: there is no store here; build again")
    try:
        return ox.Store.read_only(str(path))
    except (OSError, ValueError, RuntimeError) as error:
        # RocksDB tells of broken files as RuntimeError, at length and with every path.
        reason = str(error).partition("  in ")[0]
        raise GraphUnusable(
            f"{path}: the store cannot be opened ({reason}); build again, `acuerdo doctor` says what is wrong"
        ) from error


class _Writer:
    """A store open for writing; closed at the end of the block, even while an error holds on to the stack."""

    def __init__(self, path: Path) -> None:
        self._held = [ox.Store(str(path))]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._held.clear()

    def empty(self, graph: str) -> None:
        """Remove a named graph."""
        self._held[0].remove_graph(ox.NamedNode(graph))

    def fill(self, blocks: Iterator[bytes]) -> None:
        """Load N-Quads and have them on disk."""
        try:
            stream = io.BufferedReader(Reader(blocks), BLOCK)
            self._held[0].bulk_load(stream, format=ox.RdfFormat.N_QUADS)
            self._held[0].flush()
        except SyntaxError as error:
            raise GraphUnusable(f"a line of the graph is not N-Quads: {error}") from error
        except RuntimeError as error:
            raise GraphUnusable(f"the store refuses the graph: {error}") from error


def load(path: Path, blocks: Iterator[bytes]) -> None:
    """A new store with these N-Quads; raises OSError when the disk refuses."""
    with _Writer(path) as store:
        store.fill(blocks)


def replace(old: Path, path: Path, graphs: Iterable[str], blocks: Iterator[bytes]) -> None:
    """A copy of the store at `old` whose named graphs are emptied and then filled from `blocks`.

    Data files are shared by hard link (a plain copy where links are refused): RocksDB never writes
    into a finished one, so the old store stays as it is.
    """
    copy(old, path)
    with _Writer(path) as store:
        for graph in graphs:
            store.empty(graph)
        store.fill(blocks)


def copy(old: Path, path: Path) -> None:
    """A hard-linked copy of a store that nobody writes to."""
    store = opened(old)
    try:
        store.backup(str(path))
    except (OSError, RuntimeError):  # RocksDB's errors that are not about input and output
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(old, path, ignore=shutil.ignore_patterns(*_NO_DATA))


def verify(path: Path, quads: int, graphs: Mapping[str, int], changed: Iterable[str]) -> None:
    """Raise Incomplete unless the store has so many quads, exactly these graphs, and the changed ones their sizes."""
    store = opened(path)
    held = len(store)
    if held != quads:
        raise Incomplete(
            f"{path}: holds {held} quads where {quads} were loaded; it was not published"
        )
    names = {graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode)}
    if names != set(graphs):
        odd = min(names ^ set(graphs))
        raise Incomplete(f"{path}: the graph <{odd}> is missing or too many; it was not published")
    for graph in changed:
        found = sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
        if found != graphs[graph]:
            raise Incomplete(
                f"{path}: <{graph}> holds {found} quads where {graphs[graph]} were loaded; "
                "it was not published"
            )


# -- the sums of its files --------------------------------------------------------------------------


def sums(path: Path, quads: int, before: tuple[Path, Sums] | None = None) -> Sums:
    """The sums of a finished store; those of files shared with the store `before` are taken over."""
    files = {f.name: _taken_over(f, before) or _file_sum(f) for f in _data_files(path)}
    size = sum(file.size for file in files.values())
    clean = (before[1].clean_bytes, before[1].clean_quads) if before else (size, quads)
    return Sums(ox.__version__, files, *clean)


def sums_beside(folder: Path) -> dict[str, FileSum]:
    """The sums of the files beside a store."""
    return {file.name: _file_sum(file) for file in sorted(folder.iterdir()) if file.is_file()}


def _taken_over(file: Path, before: tuple[Path, Sums] | None) -> FileSum | None:
    """The sum known of the very same file, so that damage since then is not made good by a new sum."""
    if before is None:
        return None
    folder, known = before
    same = folder / file.name
    if file.name in known.files and same.exists() and same.samefile(file):
        return known.files[file.name]
    return None


def _data_files(path: Path) -> list[Path]:
    return sorted(f for f in path.iterdir() if f.is_file() and not f.name.startswith(_NO_DATA))


def _file_sum(path: Path) -> FileSum:
    with path.open("rb") as file:
        return FileSum(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def damaged(folder: Path, known: Sums) -> list[str]:
    """The files of a build that are missing, too many or not as they were when it was finished."""
    store = folder / "store"
    found = {f"store/{f.name}": f for f in (_data_files(store) if store.is_dir() else ())}
    found |= {f.name: f for f in folder.iterdir() if f.is_file() and f.name != SUMS}
    wanted = {f"store/{name}": file for name, file in known.files.items()} | known.beside
    odd = set(found) ^ set(wanted)
    return sorted(odd | {n for n in set(found) & set(wanted) if _file_sum(found[n]) != wanted[n]})


def read_sums(path: Path) -> Sums | None:
    """The sums beside a store (`store.json`); None where there are none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Sums)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
