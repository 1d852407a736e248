"""The quads to push, laid out by graph in a temporary file, so that a graph can be sent, sent again and compared."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from typing import IO, NamedTuple, Self

from acuerdo.export.nquads import Quad
from acuerdo.export.sorting import in_order

_WINDOW = 1 << 20


class Entry(NamedTuple):
    """A graph in the spool: where its lines are, how many, and their SHA-256."""

    graph: bytes
    offset: int
    bytes: int
    quads: int
    digest: str


class Spool:
    """Graphs by IRI, and their N-Quads on disk; a context manager that removes them."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._stack = ExitStack()
        self._file: IO[bytes] = self._stack.enter_context(
            tempfile.TemporaryFile(prefix="acuerdo-push-")  # noqa: SIM115 - closed by the stack
        )
        self.entries = {entry.graph: entry for entry in self._written(quads)}
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _written(self, quads: Iterable[Quad]) -> Iterator[Entry]:
        rows = in_order(b"%b\0%b" % (quad.graph, quad.triple) for quad in quads)
        pairs = (row.split(b"\0", 1) for row in rows)
        for graph, group in groupby(pairs, key=lambda pair: pair[0]):
            offset, count, digest = self._file.tell(), 0, hashlib.sha256()
            for _, triple in group:
                line = b"%b %b .\n" % (triple, graph)
                digest.update(line)
                self._file.write(line)
                count += 1
            size = self._file.tell() - offset
            yield Entry(graph, offset, size, count, digest.hexdigest())

    @property
    def quads(self) -> int:
        """How many quads there are in all."""
        return sum(entry.quads for entry in self.entries.values())

    def lines(self, entry: Entry) -> Iterator[bytes]:
        """The N-Quads lines of a graph, in byte order; several threads may read at once."""
        rest = b""
        for offset in range(entry.offset, entry.offset + entry.bytes, _WINDOW):
            size = min(_WINDOW, entry.offset + entry.bytes - offset)
            *whole, rest = (rest + os.pread(self._file.fileno(), size, offset)).split(b"\n")
            yield from (line + b"\n" for line in whole)

    def triples(self, entry: Entry) -> Iterator[bytes]:
        """The triples of a graph in byte order, without full stops."""
        cut = -len(entry.graph) - 4
        return (line[:cut] for line in self.lines(entry))


def bodies(lines: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The lines, joined to bodies of at most `limit` bytes (of one line at least)."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        if held and size + len(line) > limit:
            yield b"".join(held)
            held, size = [], 0
        held.append(line)
        size += len(line)
    if held:
        yield b"".join(held)
