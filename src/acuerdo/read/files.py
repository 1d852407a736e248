"""Which files a run reads, in an order that does not depend on the disk, and their bytes."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from acuerdo.errors import WrongUsage
from acuerdo.report import Fault

LIMIT = 1 << 30  # unpacked; larger corpora come as several files, and an archive bomb ends here


def walk(paths: list[Path], suffixes: tuple[str, ...]) -> Iterator[Path]:
    """The files named, and those of the folders named whose suffix fits, sorted within each folder.

    Hidden files and links that lead out of their folder are passed over. Raises WrongUsage for a
    path that does not exist.
    """
    for path in paths:
        if path.is_dir():
            root = path.resolve()
            found = (
                p
                for p in path.rglob("*")
                if p.name.endswith(suffixes)
                and not any(part.startswith(".") for part in p.relative_to(path).parts)
                and p.is_file()
                and p.resolve().is_relative_to(root)
            )
            yield from sorted(found, key=lambda p: p.relative_to(path).parts)
        elif path.exists():
            yield path
        else:
            raise WrongUsage(f"{path}: there is no such file or folder")


def contents(path: Path) -> bytes | Fault:
    """The bytes of a file, unpacked where it ends in `.gz`; a fault when it cannot be read or is empty."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            data = stream.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        return _unreadable(path, getattr(error, "strerror", None) or str(error))
    if len(data) > LIMIT:
        return _unreadable(path, f"it holds more than {LIMIT >> 30} GB")
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        return Fault(
            "FILE_EMPTY",
            "the file holds nothing.",
            "Export it again from the annotation tool.",
            file=str(path),
            dropped="file",
        )
    return data


def _unreadable(path: Path, reason: str) -> Fault:
    return Fault(
        "FILE_UNREADABLE",
        f"the file cannot be read: {reason}.",
        "Check the path, its permissions, and that the archive is whole.",
        file=str(path),
        dropped="file",
    )
