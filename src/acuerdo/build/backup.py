"""A build in one file, and a graph directory from such a file.

The file is a tar of what stands beside the store, with the sum of each: the dump holds all quads, so the store is made
anew from it, whatever engine is here. The same build gives the same bytes.
"""

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from acuerdo.build.lock import locked
from acuerdo.build.publish import pretty, refused
from acuerdo.errors import BadSource, GraphUnusable, WrongUsage
from acuerdo.store import disk
from acuerdo.store.directory import (
    UNFINISHED,
    Build,
    Directory,
    Manifest,
    is_digest,
    sync_folder,
    sync_tree,
)
from acuerdo.store.hold import reading

FILES = ("manifest.json", "dataset.ttl", "report.json", "quarantine.nq.gz", "graph.nq.gz")
SUMS = "sums.json"
_BLOCK = 1 << 20
_SMALL = 64 << 20  # more than any list of sums, less than what fills a memory
Known = dict[str, disk.FileSum]


def backup(kg: Path, target: Path) -> Path:
    """Write the published build into a file, or under its own name into a folder; the file's path.

    Raises WrongUsage where the file exists or cannot be written, GraphUnusable where the build is damaged.
    """
    build = Directory(kg).current()
    path = target / f"acuerdo-{build.digest[:12]}.tar" if target.is_dir() else target
    if path.exists():
        raise WrongUsage(f"{path}: exists already; a backup replaces nothing")
    partial = path.with_name(path.name + UNFINISHED)
    with reading(build.folder):
        known = _sums(build)
        try:
            with partial.open("wb") as file:
                _pack(build, known, file)
            partial.rename(path)
            sync_folder(path.parent)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise WrongUsage(f"{path}: cannot be written ({error.strerror or error})") from error
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    return path


def _sums(build: Build) -> Known:
    sums = disk.read_sums(build.folder / disk.SUMS)
    if sums is None or not set(FILES) <= set(sums.beside):
        raise GraphUnusable(f"{build.folder}: {disk.SUMS} is missing or damaged; build again")
    return {name: sums.beside[name] for name in FILES}


def _pack(build: Build, known: Known, file: IO[bytes]) -> None:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
        listed = pretty(known)
        archive.addfile(_member(SUMS, len(listed)), io.BytesIO(listed))
        for name, wanted in known.items():
            with _source(build.folder / name, wanted.size) as source:
                read = _Summed(source)
                archive.addfile(_member(name, wanted.size), read)
            if read.sha256 != wanted.sha256:
                raise _not_as_it_was(build.folder / name)
    file.flush()


@contextmanager
def _source(path: Path, size: int) -> Iterator[IO[bytes]]:
    """A file of the build; a missing or shortened one is the build's fault and not the backup's."""
    try:
        source = path.open("rb")
    except OSError as error:
        raise GraphUnusable(f"{path}: {error.strerror}; say `acuerdo doctor`") from error
    with source:
        if os.fstat(source.fileno()).st_size != size:
            raise _not_as_it_was(path)
        yield source


def _not_as_it_was(path: Path) -> GraphUnusable:
    return GraphUnusable(f"{path}: not as it was when the build was finished; say `acuerdo doctor`")


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member


class _Summed(io.RawIOBase):
    """A file that is summed while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._sum = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._source.read(size)
        self._sum.update(data)
        return data

    @property
    def sha256(self) -> str:
        """The sum of what was read so far."""
        return self._sum.hexdigest()


def restore(source: Path, kg: Path) -> Build:
    """Make the build of a backup and make it current; what else the directory holds stays.

    Raises WrongUsage where there is no such file, BadSource where it is not a whole backup, GraphUnusable where the
    directory is held by a build or the disk refuses. Nothing is published then.
    """
    if not source.is_file():
        raise WrongUsage(f"{source}: no such file")
    with _damage_told(source), _opened(source) as archive:
        known = _listed(archive)
        manifest = _manifest(archive, known)
        with locked(kg):
            try:
                return _restored(archive, known, manifest, Directory(kg))
            except OSError as error:
                raise refused(kg, error) from error


@contextmanager
def _damage_told(source: Path) -> Iterator[None]:
    """What a damaged archive makes its readers raise, as one line."""
    try:
        yield
    except _Bad as error:
        raise BadSource(source, f"not a whole backup of acuerdo: {error}") from error
    except (tarfile.TarError, EOFError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadSource(source, f"not a whole backup of acuerdo ({error})") from error


class _Bad(Exception):
    """What is wrong with a backup."""


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        file = source.open("rb")
    except OSError as error:
        raise WrongUsage(f"{source}: cannot be read ({error.strerror})") from error
    with file, tarfile.open(fileobj=file, mode="r:") as archive:
        yield archive


def _content(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """A member by its name; a link or a folder of that name is none, and no path is followed."""
    try:
        member = archive.getmember(name)
    except KeyError:
        raise _Bad(f"{name} is missing") from None
    found = archive.extractfile(member) if member.isreg() else None
    if found is None:
        raise _Bad(f"{name} is no file")
    return found


def _listed(archive: tarfile.TarFile) -> Known:
    with _content(archive, SUMS) as file:
        known = msgspec.json.decode(file.read(_SMALL), type=Known)
    if set(known) != set(FILES):
        raise _Bad(f"{SUMS} does not list what a backup holds")
    return known


def _manifest(archive: tarfile.TarFile, known: Known) -> Manifest:
    with _content(archive, "manifest.json") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != known["manifest.json"].sha256:
        raise _Bad("manifest.json is damaged")
    manifest = msgspec.json.decode(data, type=Manifest)
    if not is_digest(manifest.digest):
        raise _Bad("manifest.json names no build")
    return manifest


def _restored(
    archive: tarfile.TarFile, known: Known, manifest: Manifest, directory: Directory
) -> Build:
    build = Build(directory.builds_folder / manifest.digest)
    if not _stands(build):
        partial = build.folder.with_name(build.folder.name + UNFINISHED)
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir(parents=True)
            _unpack(archive, known, partial)
            _load(partial, manifest)
            sync_tree(partial)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        shutil.rmtree(build.folder, ignore_errors=True)  # a damaged one of the same digest
        partial.rename(build.folder)
        sync_folder(directory.builds_folder)
    directory.point(manifest.digest)
    return build


def _stands(build: Build) -> bool:
    """Whether the very build is here already, byte by byte."""
    known = disk.read_sums(build.folder / disk.SUMS)
    return known is not None and not disk.damaged(build.folder, known)


def _unpack(archive: tarfile.TarFile, known: Known, folder: Path) -> None:
    for name, wanted in known.items():
        total = hashlib.sha256()
        with _content(archive, name) as source, (folder / name).open("wb") as target:
            while block := source.read(_BLOCK):
                total.update(block)
                target.write(block)
        if total.hexdigest() != wanted.sha256:
            raise _Bad(f"{name} is damaged or ends too early")


def _load(folder: Path, manifest: Manifest) -> None:
    store = folder / "store"
    disk.load(store, Build(folder).lines())
    sizes = {graph: count.quads for graph, count in manifest.graphs.items()}
    disk.verify(store, manifest.quads, sizes, ())
    known = disk.sums(store, manifest.quads)
    known = msgspec.structs.replace(known, beside=disk.sums_beside(folder))
    (folder / disk.SUMS).write_bytes(pretty(known))
