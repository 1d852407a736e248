"""A look at every byte of a graph directory: whether what is served is what was built."""

import hashlib
import importlib.metadata
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyoxigraph as ox
from msgspec import Struct

from acuerdo import __version__
from acuerdo.build.lock import holder
from acuerdo.errors import AcuerdoError, GraphUnusable
from acuerdo.store import disk
from acuerdo.store.directory import Build, Directory, Manifest

Verdict = Literal["ok", "note", "bad"]


class Check(Struct, frozen=True):
    """One thing looked at; `bad` means that answers could be wrong or missing."""

    verdict: Verdict
    about: str
    sentence: str


def examine(kg: Path, *, deep: bool = False) -> Iterator[Check]:
    """Checks of the directory and its builds, the current one first; never raises for what it looks at.

    With `deep` the sorted quads of the store are compared with those of the dump, graph by graph
    (some 10 s a million quads); without, the sums of all files tell.
    """
    directory = Directory(kg)
    yield _lock(kg)
    yield _disk(kg, directory)
    try:
        current = directory.current()
        yield Check("ok", "CURRENT", f"names the build {current.digest[:12]}.")
    except AcuerdoError as error:
        current = None
        yield Check("bad", "CURRENT", str(error))
    builds = [
        build for build in directory.builds() if not current or build.digest != current.digest
    ]
    for build in [current, *builds] if current else builds:
        for check in _build(build, deep=deep):
            yield Check(check.verdict, f"{build.digest[:12]} {check.about}", check.sentence)
    left = len(directory.leftovers())
    if left:
        yield Check(
            "note", "leftovers", f"{left} of interrupted builds; the next build removes them."
        )


def _lock(kg: Path) -> Check:
    who = holder(kg)
    return (
        Check("note", "lock", f"{who} is building here.") if who else Check("ok", "lock", "free.")
    )


def _disk(kg: Path, directory: Directory) -> Check:
    try:
        free = shutil.disk_usage(kg if kg.exists() else kg.absolute().parent).free
        largest = max((_size(build) for build in directory.builds()), default=0)
    except OSError as error:
        return Check("bad", "disk", f"{error.strerror or error}.")
    words = f"{free >> 20} MB free, the largest build takes {largest >> 20} MB"
    if free < largest:
        return Check("note", "disk", f"{words}: there is no room for another full one.")
    return Check("ok", "disk", f"{words}.")


def _size(build: Build) -> int:
    return sum(path.stat().st_size for path in build.folder.rglob("*") if path.is_file())


def _build(build: Build, *, deep: bool) -> Iterator[Check]:
    try:
        manifest = build.manifest()
    except GraphUnusable as error:
        yield Check("bad", "manifest", str(error))
        return
    yield _versions(manifest)
    files = _files(build)
    yield files
    yield from _dump(build, manifest)
    if files.verdict == "ok":
        yield from _store(build, manifest, deep=deep)


def _versions(manifest: Manifest) -> Check:
    made = {"acuerdo": manifest.acuerdo, **manifest.engines}
    odd = [
        f"{name} {made[name]} (here {_version(name)})"
        for name in sorted(made)
        if made[name] != _version(name)
    ]
    if odd:
        return Check(
            "note", "versions", f"made with {', '.join(odd)}; the next build makes it anew."
        )
    return Check(
        "ok", "versions", ", ".join(f"{name} {v}" for name, v in sorted(made.items())) + "."
    )


def _version(name: str) -> str:
    if name == "acuerdo":
        return __version__
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _files(build: Build) -> Check:
    known = disk.read_sums(build.folder / disk.SUMS)
    if known is None:
        return Check("bad", "files", f"{disk.SUMS} is missing or damaged: nothing can be compared.")
    try:
        odd = disk.damaged(build.folder, known)
    except OSError as error:
        return Check("bad", "files", f"{error.filename}: {error.strerror}.")
    if odd:
        more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        return Check(
            "bad", "files", f"{odd[0]}{more} is not as it was when the build was finished."
        )
    return Check("ok", "files", f"{len(known.files) + len(known.beside)} files, each with its sum.")


def _dump(build: Build, manifest: Manifest) -> Iterator[Check]:
    total, quads = hashlib.sha256(), 0
    try:
        for block in build.lines():
            total.update(block)
            quads += block.count(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        yield Check("bad", "dump", f"graph.nq.gz cannot be read ({error}).")
        return
    if total.hexdigest() != manifest.dump.sha256 or quads != manifest.quads:
        yield Check("bad", "dump", "graph.nq.gz is not what the manifest says.")
    else:
        yield Check("ok", "dump", f"{quads} quads, sum as in the manifest.")


def _store(build: Build, manifest: Manifest, *, deep: bool) -> Iterator[Check]:
    try:
        store = build.open()
        held = len(store)
        if held != manifest.quads:
            yield Check("bad", "store", f"holds {held} quads, the manifest says {manifest.quads}.")
            return
        yield Check("ok", "store", f"opens, holds {held} quads.")
        if deep:
            yield _content(store, manifest)
    except (OSError, RuntimeError, GraphUnusable) as error:
        yield Check("bad", "store", f"cannot be read ({error}).")


def _content(store: ox.Store, manifest: Manifest) -> Check:
    for graph, wanted in manifest.graphs.items():
        quads = store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        lines = sorted(f"{quad} .\n".encode() for quad in quads)
        if hashlib.sha256(b"".join(lines)).hexdigest() != wanted.sha256:
            return Check("bad", "content", f"<{graph}> is not what was loaded.")
    return Check(
        "ok", "content", f"{len(manifest.graphs)} graphs, quad by quad as in the manifest."
    )
