"""What the operator sees of each request: a line of JSON on standard output, and the numbers of `/metrics`.

A line never holds a query's text, only its hash, and an address only up to its network. A slow query is told to standard
error with its hash; its text goes there only when the operator asks for it.
"""

import os
import stat
import sys
import time
from bisect import bisect_left
from collections import Counter
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

import msgspec

from acuerdo.serve.exchange import Exchange

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Histogram:
    """Counts of durations up to each bound."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


class Journal:
    """Counts requests and writes the access log."""

    def __init__(self, *, access_log: bool, slow_seconds: float, slow_text: bool = False) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.durations: dict[str, Histogram] = {}
        self.bytes_sent = self.lines_lost = 0
        self._log, self._slow, self._slow_text = access_log, slow_seconds, slow_text
        if access_log and not stat.S_ISREG(os.fstat(1).st_mode) and not os.isatty(1):
            os.set_blocking(1, False)  # whoever reads the log must not be able to stop the server

    def note(self, exchange: Exchange, build: str) -> None:
        """One request has ended."""
        seconds = time.perf_counter() - exchange.started
        outcome = exchange.outcome or ("client-left" if exchange.disconnected else "ok")
        self.requests[exchange.endpoint, outcome] += 1
        self.durations.setdefault(outcome, Histogram()).observe(seconds)
        self.bytes_sent += exchange.sent
        if self._log:
            self._write(exchange, outcome, seconds, build)
        if seconds > self._slow and exchange.query_text:
            self._tell_slow(exchange, outcome, seconds)

    def _write(self, exchange: Exchange, outcome: str, seconds: float, build: str) -> None:
        entry: dict[str, Any] = {
            "time": _moment(int(time.time())),
            "client": network_of(exchange.client),
            "method": exchange.method,
            "endpoint": exchange.endpoint,
            "status": exchange.status,
            "outcome": outcome,
            "ms": round(seconds * 1000, 2),
            "bytes": exchange.sent,
            "build": build,
        }
        if exchange.query_text:
            entry["query"] = exchange.query_hash
        if exchange.rows is not None:
            entry["rows"] = exchange.rows
        try:
            os.write(1, msgspec.json.encode(entry) + b"\n")
        except OSError:
            self.lines_lost += 1

    def _tell_slow(self, exchange: Exchange, outcome: str, seconds: float) -> None:
        text = f": {exchange.query_text!r}" if self._slow_text else ""
        print(f"slow {seconds:.2f} s {outcome} query {exchange.query_hash}{text}", file=sys.stderr)


@lru_cache(maxsize=4)
def _moment(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """The /24 or /48 of an address: enough to see a flood, too little to name a reader."""
    try:
        known = ip_address(address)
    except ValueError:
        return "local"
    return str(ip_network((known, 24 if known.version == 4 else 48), strict=False).network_address)
