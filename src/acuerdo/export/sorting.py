"""Sorting more than memory holds: sorted runs on disk, merged."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO

RUN_BYTES = 48 << 20
# What Python keeps beside the bytes of an item: object header and list slot.
_OVERHEAD = 48


def in_order(items: Iterable[bytes], run_bytes: int = RUN_BYTES) -> Iterator[bytes]:
    """The items in byte order; memory is bounded by `run_bytes`, the rest waits in temporary files.

    No item may contain a line feed (canonical N-Triples has none).
    """
    with ExitStack() as files:
        runs: list[IO[bytes]] = []
        held: list[bytes] = []
        size = 0
        for item in items:
            held.append(item)
            size += len(item) + _OVERHEAD
            if size >= run_bytes:
                runs.append(files.enter_context(_run(held)))
                held, size = [], 0
        held.sort()
        if not runs:
            yield from held
            return
        yield from heapq.merge(held, *(_items(run) for run in runs))


def _run(held: list[bytes]) -> IO[bytes]:
    held.sort()
    run = tempfile.TemporaryFile(prefix="acuerdo-")  # noqa: SIM115 - closed by the caller's stack
    run.writelines(item + b"\n" for item in held)
    run.seek(0)
    return run


def _items(run: IO[bytes]) -> Iterator[bytes]:
    return (line[:-1] for line in run)
