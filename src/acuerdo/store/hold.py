"""Builds that somebody reads: `acuerdo prune` leaves them, and a reader that dies lets go of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows keeps open files from being removed by itself
    fcntl = None  # type: ignore[assignment,unused-ignore]


def hold(build: Path) -> IO[bytes] | None:
    """Keep a build from being removed until the file is closed; any number may hold one at a time."""
    try:
        file = (build / "manifest.json").open("rb")
    except FileNotFoundError:
        return None
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextmanager
def reading(build: Path) -> Iterator[None]:
    """Hold a build for the length of a block."""
    held = hold(build)
    try:
        yield
    finally:
        if held is not None:
            held.close()


def is_held(build: Path) -> bool:
    """Whether somebody holds the build."""
    try:
        with (build / "manifest.json").open("rb") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
