"""What the server is told: where the graph is, what it may spend on a query, whom it trusts."""

import os
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from acuerdo.serve.builds import Build


@dataclass(frozen=True)
class Limits:
    """What one query, one client and one connection may cost."""

    seconds: float = (
        10.0  # of work on one query; time spent waiting for a slow reader is counted apart
    )
    memory: int = 1 << 30  # bytes of address space beyond what the opened store has
    rows: int = 1_000_000
    bytes: int = 256 << 20  # of an answer, before compression
    query_bytes: int = 256 << 10
    url_bytes: int = 8 << 10
    depth: int = 200  # of brackets; the engine's own stack ends somewhere above 2,000
    workers: int = field(default_factory=lambda: max(2, os.cpu_count() or 2))
    queue: int = 256  # queries waiting for a worker
    queue_seconds: float = 10.0
    hold_bytes: int = 1 << 20  # an answer below this is sent whole, with its true status
    hold_seconds: float = 0.05
    keep: int = 64 << 20  # bytes of answers for whoever asks the same again
    write_seconds: float = 15.0  # for a reader to take the next 64 KiB
    write_rate: int = 64 << 10  # bytes a second that a reader must reach after `write_grace`
    write_grace: float = 30.0
    head_seconds: float = 15.0  # for the head of a request to arrive
    body_seconds: float = 15.0
    connections: int = 1024
    connections_per_address: int = 256
    drain_seconds: float = 20.0  # for running answers when the server is asked to stop


@dataclass(frozen=True)
class Settings:
    """One server."""

    kg: Path
    host: str = "127.0.0.1"
    port: int = 7878
    base: str | None = None  # of data IRIs; otherwise what the build's manifest says
    limits: Limits = field(default_factory=Limits)
    services: tuple[str, ...] = ()  # the endpoints that SERVICE may name
    cors: tuple[str, ...] = ()  # origins, or ("*",)
    hosts: tuple[str, ...] = ()  # further names this server answers to
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    access_log: bool = True
    slow_seconds: float = 2.0
    slow_text: bool = False  # tell a slow query's text, not only its hash
    open_metrics: bool = False  # /metrics answers others than this machine
    watch_seconds: float = 0.5
    source: Path | None = None  # with --public: the graph directory that `kg` is derived from
    excerpt_percent: float = 15.0
    elsewhere: Build | None = None  # a store that somebody else runs, in place of `kg`
    probe_seconds: float = 5.0  # between looks whether it still answers
