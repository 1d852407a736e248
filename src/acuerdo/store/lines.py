"""Sorted N-Quads as streams: merged without repeats, compressed, cut by graph; never a quad as an object.

All orders are byte orders of whole lines. A part is anything that yields blocks of whole lines, sorted and
without repeats; merging holds one block of each part.
"""

import gzip
import hashlib
import heapq
import io
import zlib
from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

Part = Iterable[bytes]
BLOCK = 1 << 16
AHEAD = 8  # blocks that wait to be compressed


class _Run:
    """The lines of one part that are not merged yet; the block at hand is never empty."""

    __slots__ = ("at", "blocks", "lines")

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks, self.lines, self.at = blocks, [b""], 1

    def head(self) -> bytes | None:
        """The next line, or None at the end of the part."""
        while self.at == len(self.lines):
            block = next(self.blocks, None)
            if block is None:
                return None
            # Not splitlines(): inside a literal only \n and \r are escaped for certain.
            self.lines, self.at = block.split(b"\n"), 0
            self.lines.pop()
        return self.lines[self.at]

    def until(self, line: bytes | None) -> list[bytes]:
        """The lines at hand that come before `line`; all of them without one."""
        end = len(self.lines) if line is None else bisect_left(self.lines, line, self.at)
        taken, self.at = self.lines[self.at : end], end
        return taken


def merged(parts: Iterable[Part]) -> Iterator[bytes]:
    """The union of sorted parts, sorted, each line once.

    Parts that hardly overlap (articles' own nodes) are passed on in slices, so the cost of a line is
    that of cutting its block.
    """
    runs = [_Run(iter(part)) for part in parts]
    heap = [(head, n) for n, run in enumerate(runs) if (head := run.head()) is not None]
    heapq.heapify(heap)
    while heap:
        _, n = heap[0]
        run = runs[n]
        heapq.heappop(heap)
        other = heap[0][0] if heap else None
        taken = run.until(other)
        if taken:
            yield b"\n".join(taken) + b"\n"
        elif run.at < len(run.lines):
            run.at += 1  # the same line is the head of another run, which will give it
        head = run.head()
        if head is not None:
            heapq.heappush(heap, (head, n))


def larger(blocks: Iterable[bytes], size: int = 1 << 18) -> Iterator[bytes]:
    """The same bytes in fewer blocks: slices of a merge can be single lines."""
    held: list[bytes] = []
    length = 0
    for block in blocks:
        held.append(block)
        length += len(block)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)


def joined(parts: Iterable[Part]) -> bytes:
    """The merged parts as one value."""
    return b"".join(merged(parts))


# -- compressed files ------------------------------------------------------------------------------


def packed(data: bytes) -> bytes:
    """Lines for the cache: a fast zlib stream."""
    return zlib.compress(data, 1)


def unpacked(path: Path) -> Iterator[bytes]:
    """Blocks of whole lines from a file of `packed` lines.

    The file is open only while it is read from, so that hundreds can be merged at once.
    Raises OSError or zlib.error for a file that is missing or damaged.
    """
    stream, at, tail = zlib.decompressobj(), 0, b""
    while not stream.eof:
        source = stream.unconsumed_tail
        if not source:
            with path.open("rb") as file:
                file.seek(at)
                source = file.read(BLOCK // 4)
            at += len(source)
            if not source:
                raise zlib.error(f"{path}: ends too early")
        text = tail + stream.decompress(source, BLOCK)
        end = text.rfind(b"\n") + 1
        tail = text[end:]
        if end:
            yield text[:end]
    if tail:
        raise zlib.error(f"{path}: ends in half a line")


def gunzipped(path: Path) -> Iterator[bytes]:
    """Blocks of whole lines from a `.nq.gz`; raises OSError, EOFError or zlib.error for a damaged one."""
    tail = b""
    with gzip.open(path, "rb") as file:
        while chunk := file.read(BLOCK * 4):
            text = tail + chunk
            end = text.rfind(b"\n") + 1
            tail = text[end:]
            if end:
                yield text[:end]
    if tail:
        yield tail + b"\n"


class Dump:
    """A sorted dump being written: gzip without name or time, its lines counted and summed.

    Summing and compressing free the interpreter, so a thread of its own does them while the next lines are
    merged; an error of the disk is raised by a later `write`, or by `close`.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._gzip = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=1, mtime=0)
        self._sum, self.quads, self.bytes = hashlib.sha256(), 0, 0
        self._beside = ThreadPoolExecutor(1, "compress")
        self._waiting: deque[Future[None]] = deque()

    def write(self, block: bytes) -> None:
        """Add whole lines."""
        self._waiting.append(self._beside.submit(self._pack, block))
        self.quads += block.count(b"\n")
        self.bytes += len(block)
        if len(self._waiting) > AHEAD:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Finish the gzip stream; the file below stays open."""
        while self._waiting:
            self._waiting.popleft().result()
        self._gzip.close()
        self._beside.shutdown()

    def _pack(self, block: bytes) -> None:
        self._gzip.write(block)
        self._sum.update(block)

    @property
    def sha256(self) -> str:
        """The sum of the uncompressed lines: what the graph is, whatever library compressed it."""
        return self._sum.hexdigest()


class Reader(io.RawIOBase):
    """Blocks as a file to read from, for whoever wants a stream of bytes."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer with what is at hand; 0 at the end."""
        if not self._rest:
            self._rest = next(self._blocks, b"")
        view = memoryview(buffer)  # type: ignore[arg-type]
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


# -- lines of certain graphs -----------------------------------------------------------------------


def graph_of(line: bytes) -> bytes:
    """The IRI of the graph that a canonical line of N-Quads (`… <graph> .`) names, without its brackets."""
    return line[line.rindex(b" <") + 2 : -3]


def of_graphs(part: Part, wanted: Collection[bytes]) -> Iterator[bytes]:
    """The lines of a part that stand in one of the graphs."""
    for block in part:
        lines = block.split(b"\n")
        lines.pop()
        kept = [line for line in lines if graph_of(line) in wanted]
        if kept:
            yield b"\n".join(kept) + b"\n"
