"""Builds after they were made: listed, switched to, removed."""

from pathlib import Path

from msgspec import Struct

from acuerdo.build.lock import locked
from acuerdo.build.publish import refused
from acuerdo.errors import GraphUnusable, WrongUsage
from acuerdo.store import disk
from acuerdo.store.directory import UNFINISHED, Build, Directory, remove
from acuerdo.store.hold import is_held


class Listed(Struct, frozen=True):
    """One line of `acuerdo builds`; `own` are the bytes that no other build shares.

    Of a build whose manifest cannot be read nothing is known but that it is there.
    """

    digest: str
    current: bool
    quads: int
    articles: int
    base: str
    bytes: int
    own: int
    damaged: bool = False


def listed(kg: Path) -> list[Listed]:
    """All builds, newest first, damaged ones among them; raises GraphUnusable for a bad pointer."""
    directory = Directory(kg)
    pointer = directory.pointer()
    return [_listed(build, build.digest == pointer) for build in directory.builds()]


def _listed(build: Build, current: bool) -> Listed:
    files = [path.stat() for path in build.folder.rglob("*") if path.is_file()]
    try:
        manifest = build.manifest()
    except GraphUnusable:
        return Listed(build.digest, current, 0, 0, "", 0, 0, damaged=True)
    return Listed(
        build.digest,
        current,
        manifest.quads,
        len(manifest.articles),
        manifest.base,
        sum(file.st_size for file in files),
        sum(file.st_size for file in files if file.st_nlink == 1),
    )


def use(kg: Path, name: str) -> Build:
    """Make an earlier build current, after a look at every byte of it.

    Raises WrongUsage for an unknown name, GraphUnusable for a damaged build or while one is made.
    """
    if not kg.is_dir():
        raise WrongUsage(f"{kg}: no graph here; make one with `acuerdo build`")
    with locked(kg):
        directory = Directory(kg)
        build = directory.named(name)
        known = disk.read_sums(build.folder / disk.SUMS)
        odd = disk.damaged(build.folder, known) if known else [disk.SUMS]
        if odd:
            raise GraphUnusable(
                f"{build.folder}: damaged ({odd[0]}); it was not made current; build again"
            )
        try:
            directory.point(build.digest)
        except OSError as error:
            raise refused(kg, error) from error
    return build


class Pruned(Struct, frozen=True):
    """What was removed, and which builds could not be because somebody reads them."""

    removed: tuple[str, ...]
    busy: tuple[str, ...]
    bytes: int


def prune(kg: Path, keep: int) -> Pruned:
    """Remove builds but the current one and the `keep` newest others, and what the cache holds for none.

    Raises GraphUnusable while a build is made.
    """
    if not kg.is_dir():
        raise WrongUsage(f"{kg}: no graph here; make one with `acuerdo build`")
    with locked(kg):
        directory = Directory(kg)
        directory.clean()
        pointer = directory.pointer()
        others = [build for build in directory.builds() if build.digest != pointer]
        try:
            before = _size(kg)
            removed = [build for build in others[keep:] if _remove(build)]
            busy = [build.digest for build in others[keep:] if build not in removed]
            _prune_cache(directory)
            return Pruned(tuple(b.digest for b in removed), tuple(busy), before - _size(kg))
        except OSError as error:
            raise refused(kg, error) from error


def _remove(build: Build) -> bool:
    """Remove a build that nobody reads; under its old name it is whole or not there."""
    if is_held(build.folder):
        return False
    going = build.folder.with_name(build.folder.name + UNFINISHED)
    build.folder.rename(going)
    remove(going)
    return True


def _prune_cache(directory: Directory) -> None:
    kept = [disk.read_sums(build.folder / disk.SUMS) for build in directory.builds()]
    wanted = {key for known in kept if known for key in known.shards}
    if directory.cache.is_dir():
        for folder in (directory.cache / "shards").glob("*"):
            if folder.name not in wanted:
                remove(folder)


def _size(folder: Path) -> int:
    """Bytes on disk, a shared file counted once."""
    files = {(s.st_dev, s.st_ino): s.st_size for s in map(Path.lstat, folder.rglob("*"))}
    return sum(files.values())
