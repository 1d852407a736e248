"""One build at a time: a lock that the system lets go of when its holder ends, however it ends."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from acuerdo.errors import GraphUnusable, WrongUsage

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment,unused-ignore]


@contextmanager
def locked(kg: Path) -> Iterator[None]:
    """Hold the graph directory; raises GraphUnusable at once where another build holds it.

    Makes the directory where there is none. Raises WrongUsage where it cannot be written.
    """
    file = _lock_file(kg)
    try:
        if not _take(file):
            raise GraphUnusable(f"{kg}: {_holder(kg)} is building here; wait for it to end")
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
    finally:
        file.close()


def holder(kg: Path) -> str | None:
    """Who builds here now, or None; asks without disturbing."""
    try:
        file = (kg / "lock").open("r+", encoding="ascii")
    except OSError:
        return None
    with file:
        return None if _take(file) else _holder(kg)


def _lock_file(kg: Path) -> IO[str]:
    try:
        kg.mkdir(parents=True, exist_ok=True)
        return (kg / "lock").open("a+", encoding="ascii")
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise GraphUnusable(f"{kg}: the disk is full; nothing was changed") from error
        raise WrongUsage(
            f"{kg}: cannot be used as a graph directory ({error.strerror or error})"
        ) from error


def _take(file: IO[str]) -> bool:
    if fcntl is None:  # pragma: no cover - Windows
        import msvcrt

        try:
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(kg: Path) -> str:
    try:
        number = (kg / "lock").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        number = ""
    return f"process {number}" if number.isdigit() else "another process"
