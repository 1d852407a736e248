"""The server's numbers in Prometheus' text format."""

import resource
from collections.abc import Iterable, Iterator
from pathlib import Path

from acuerdo.serve.journal import BUCKETS, Journal
from acuerdo.serve.pool import Pool

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


def render(journal: Journal, pools: dict[str, Pool]) -> bytes:
    """All metrics."""
    lines = [*_requests(journal), *_durations(journal)]
    for number, (name, pool) in enumerate(pools.items()):
        lines += _pool(name, pool, first=number == 0)
    return ("\n".join(lines) + "\n").encode()


def _head(name: str, kind: str, words: str) -> list[str]:
    return [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]


def _requests(journal: Journal) -> Iterator[str]:
    yield from _head("acuerdo_requests_total", "counter", "Requests by endpoint and outcome.")
    for (endpoint, outcome), count in sorted(journal.requests.items()):
        yield f'acuerdo_requests_total{{endpoint="{endpoint}",outcome="{outcome}"}} {count}'
    yield from _head("acuerdo_sent_bytes_total", "counter", "Bytes of bodies sent.")
    yield f"acuerdo_sent_bytes_total {journal.bytes_sent}"
    yield from _head("acuerdo_log_lines_lost_total", "counter", "Access log lines nobody took.")
    yield f"acuerdo_log_lines_lost_total {journal.lines_lost}"


def _durations(journal: Journal) -> Iterator[str]:
    name = "acuerdo_request_seconds"
    yield from _head(name, "histogram", "From the request's head to its last byte, by outcome.")
    for outcome, histogram in sorted(journal.durations.items()):
        below = 0
        for bound, count in zip(BUCKETS, histogram.counts, strict=False):
            below += count
            yield f'{name}_bucket{{outcome="{outcome}",le="{bound}"}} {below}'
        below += histogram.counts[-1]
        yield f'{name}_bucket{{outcome="{outcome}",le="+Inf"}} {below}'
        yield f'{name}_sum{{outcome="{outcome}"}} {histogram.total:.6f}'
        yield f'{name}_count{{outcome="{outcome}"}} {below}'


def _pool(name: str, pool: Pool, *, first: bool) -> Iterator[str]:
    label = f'class="{name}"'
    gauges = (
        ("acuerdo_queue_waiting", "Queries that wait for a turn.", pool.turns.waiting),
        ("acuerdo_running", "Queries at work.", pool.turns.running),
        ("acuerdo_workers_ready", "Workers with their store open.", pool.ready),
        ("acuerdo_kept_hits", "Answers given again without work.", pool.kept.hits),
        ("acuerdo_workers_resident_bytes", "Memory of the workers.", resident(pool.pids)),
    )
    for metric, words, value in gauges:
        yield from _head(metric, "gauge", words) if first else ()
        yield f"{metric}{{{label}}} {value}"
    yield from (
        _head("acuerdo_worker_ends_total", "counter", "Workers ended, by cause.") if first else ()
    )
    for cause, count in sorted(pool.ends.items()):
        yield f'acuerdo_worker_ends_total{{{label},cause="{cause}"}} {count}'
    yield from (
        _head("acuerdo_displaced_total", "counter", "Queries that lost their place.")
        if first
        else ()
    )
    yield f"acuerdo_displaced_total{{{label}}} {pool.turns.displaced}"
    if first:
        yield from _head("acuerdo_front_resident_bytes", "gauge", "Memory of the front.")
        yield f"acuerdo_front_resident_bytes {resident(['self'])}"
        yield from _head("acuerdo_build_info", "gauge", "The newest build.")
        yield f'acuerdo_build_info{{digest="{pool.build.digest}"}} 1'


def resident(pids: Iterable[int | str]) -> int:
    """Bytes of memory that processes hold."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError):
            continue
    return total * resource.getpagesize()
