"""The bytes of a snapshot: unpacked by what they are, decoded, and told where they were cut."""

import bz2
import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

# What shows that a file ends before its content does, or cannot be followed any further.
CUT = (EOFError, gzip.BadGzipFile, zlib.error, csv.Error)


def opened(path: Path) -> io.BufferedReader:
    """The content of a file, packed or not; gzip and bzip2 show in the first bytes."""
    with path.open("rb") as stream:
        magic = stream.read(3)
    if magic[:2] == b"\x1f\x8b":
        return io.BufferedReader(gzip.open(path))
    if magic == b"BZh":
        return io.BufferedReader(bz2.open(path))
    return path.open("rb")


def _lines(stream: IO[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    for raw in stream:
        yield decoder.decode(raw)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise EOFError("in the middle of a character") from None


def rows(stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV with the number of the line that each begins at; raises one of CUT."""
    reader, line = csv.reader(_lines(stream)), 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1
