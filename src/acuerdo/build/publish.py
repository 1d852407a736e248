"""A new build made beside the others, checked, and switched to in one step.

Until the switch nothing that is served is touched: the work is done in `builds/<digest>.partial`, every
file of it is on disk before it gets its name, and `CURRENT` is replaced last. A crash leaves the old graph
and a leftover that the next build removes.
"""

import queue
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec
import pyoxigraph as ox
from msgspec import Struct

from acuerdo.build.ahead import Ahead
from acuerdo.build.contents import Contents
from acuerdo.build.description import dataset
from acuerdo.errors import GraphUnusable
from acuerdo.store import disk
from acuerdo.store.directory import (
    UNFINISHED,
    Build,
    Directory,
    DumpSum,
    Manifest,
    sync_folder,
    sync_tree,
)
from acuerdo.store.lines import Dump, Part, larger, merged, of_graphs

_AHEAD = 64  # blocks that the merge may be ahead of the loader: about 16 MB
Step = Callable[[int], None]
Base = tuple[Build, disk.Sums]


class Draft(Struct, frozen=True):
    """All that a build is made from; the manifest lacks its dump, which is known when that is written.

    `base` is an earlier build that may be copied. With `ahead` all graphs are in a store already, or on
    their way there.
    """

    manifest: Manifest
    contents: Contents
    report: bytes
    step: Step | None = None
    base: Base | None = None
    ahead: Ahead | None = None


class Published(Struct, frozen=True):
    """What was done to make a build current: graphs loaded, and whether the rest came from a copy."""

    build: Build
    loaded: int
    copied: bool


def publish(directory: Directory, draft: Draft) -> Published:
    """Write the build and make it current; only for the holder of the lock.

    Raises OSError when the disk refuses and GraphUnusable when the store is not what was loaded; the
    build published before then still is current.
    """
    folder = directory.builds_folder / draft.manifest.digest
    partial = folder.with_name(folder.name + UNFINISHED)
    try:
        partial.mkdir(parents=True)
        plan = _plan(draft)
        _write(partial, draft, plan)
        sync_tree(partial)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _set_aside(folder)
    partial.rename(folder)
    sync_folder(directory.builds_folder)
    directory.point(draft.manifest.digest)
    return Published(Build(folder), len(plan.load), plan.base is not None)


def _set_aside(folder: Path) -> None:
    """Make way for a build whose earlier copy was found damaged."""
    if folder.exists():
        broken = folder.with_name(f"{folder.name}.broken{UNFINISHED}")
        folder.rename(broken)
        shutil.rmtree(broken, ignore_errors=True)


class Plan(Struct, frozen=True):
    """How the store is made: `base` is copied first (None: load everything), then graphs are replaced."""

    base: Base | None
    remove: frozenset[str]
    load: frozenset[str]


def _plan(draft: Draft) -> Plan:
    manifest, base = draft.manifest, draft.base
    everything = Plan(None, frozenset(), frozenset(manifest.graphs))
    if base is None or draft.ahead is not None:
        return everything
    old, new = base[0].manifest().graphs, manifest.graphs
    remove = frozenset(g for g in old if new.get(g) != old[g])
    load = frozenset(g for g in new if old.get(g) != new[g])
    changed = sum(new[g].quads for g in load) + sum(old[g].quads for g in remove - load)
    if 3 * changed > manifest.quads or _bloated(base[1], manifest.quads):
        return everything
    return Plan(base, remove, load)


def sound_base(directory: Directory) -> Base | None:
    """The current build where its store is as it was when it was finished, byte by byte."""
    try:
        build = directory.current() if directory.pointer() else None
        if build is None:
            return None
        build.manifest()
        known = disk.read_sums(build.folder / disk.SUMS)
        if known is None or known.engine != ox.__version__:
            return None
        return None if disk.damaged(build.folder, known) else (build, known)
    except (GraphUnusable, OSError):
        return None


def _bloated(known: disk.Sums, quads: int) -> bool:
    """Whether graphs replaced before have left more than twice the bytes that a clean store would have."""
    return known.bytes * known.clean_quads > 2 * known.clean_bytes * max(quads, 1)


# -- writing --------------------------------------------------------------------------------------


def _write(partial: Path, draft: Draft, plan: Plan) -> None:
    wanted, store, base = draft.manifest, partial / "store", plan.base
    with (partial / "graph.nq.gz").open("wb") as file:
        dump = _replace(store, file, draft, plan, base) if base else _load(store, file, draft)
    if dump.quads != wanted.quads:
        raise GraphUnusable(f"{partial}: {dump.quads} quads came where {wanted.quads} were counted")
    manifest = msgspec.structs.replace(wanted, dump=DumpSum(dump.bytes, dump.sha256))
    (partial / "manifest.json").write_bytes(pretty(manifest))
    (partial / "dataset.ttl").write_bytes(dataset(manifest))
    (partial / "report.json").write_bytes(draft.report)
    with (partial / "quarantine.nq.gz").open("wb") as file:
        _dump(file, draft.contents.quarantine())
    before = (base[0].store, base[1]) if base else None
    known = msgspec.structs.replace(
        disk.sums(store, wanted.quads, before),
        beside=disk.sums_beside(partial),
        shards=tuple(shard.key for shard in draft.contents.shards),
    )
    (partial / disk.SUMS).write_bytes(pretty(known))


def _load(store: Path, file: IO[bytes], draft: Draft) -> Dump:
    if draft.ahead is not None:
        dump = _dump(file, draft.contents.parts(), draft.step)
        draft.ahead.finish(store)
    else:
        with tee(file, draft.contents.parts(), draft.step) as (blocks, dump):
            disk.load(store, blocks)
    _verify(store, draft.manifest, ())
    return dump


def _replace(store: Path, file: IO[bytes], draft: Draft, plan: Plan, base: Base) -> Dump:
    """The store from a copy of the base, while a thread of its own writes the dump."""
    wanted = frozenset(graph.encode() for graph in plan.load)
    lines = merged(of_graphs(part, wanted) for part in draft.contents.only(plan.load))
    with ThreadPoolExecutor(1, "dump") as beside:
        dump = beside.submit(_dump, file, draft.contents.parts(), draft.step)
        disk.replace(base[0].store, store, sorted(plan.remove), lines)
        _verify(store, draft.manifest, plan.load)
        return dump.result()


def _verify(store: Path, wanted: Manifest, changed: Iterable[str]) -> None:
    sizes = {graph: count.quads for graph, count in wanted.graphs.items()}
    disk.verify(store, wanted.quads, sizes, changed)


def pretty(value: object) -> bytes:
    """JSON for people and programs, the same bytes for the same value."""
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1) + b"\n"


def _dump(file: IO[bytes], parts: Iterable[Part], step: Step | None = None) -> Dump:
    dump = Dump(file)
    for block in larger(merged(parts)):
        dump.write(block)
        if step is not None:
            step(dump.quads)
    dump.close()
    return dump


@contextmanager
def tee(
    file: IO[bytes], parts: Iterable[Part], step: Step | None = None
) -> Iterator[tuple[Iterator[bytes], Dump]]:
    """The merged lines as a stream, while a thread merges ahead and writes the dump.

    Merging, summing and compressing take place beside the loader, which frees the interpreter.
    """
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(_AHEAD)
    stopped = threading.Event()
    dump = Dump(file)

    def put(item: bytes | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=0.2)
            except queue.Full:
                continue
            return

    def write() -> None:
        try:
            for block in larger(merged(parts)):
                if stopped.is_set():
                    return
                dump.write(block)
                put(block)
                if step is not None:
                    step(dump.quads)
            dump.close()
            put(None)
        except BaseException as error:  # noqa: BLE001 - handed to the reader, who raises it
            put(error)

    thread = threading.Thread(target=write, name="dump", daemon=True)
    thread.start()
    try:
        yield _taken(waiting), dump
    finally:
        stopped.set()
        thread.join()


def _taken(waiting: "queue.Queue[bytes | BaseException | None]") -> Iterator[bytes]:
    while (item := waiting.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item


def refused(kg: Path, error: OSError) -> GraphUnusable:
    """What the system refused while writing, and what still stands."""
    still = "the graph published before still stands"
    if not (kg / "CURRENT").exists():
        still = "nothing was published"
    where = error.filename if isinstance(error.filename, str) else kg
    return GraphUnusable(f"{where}: {error.strerror or error}; {still}")
