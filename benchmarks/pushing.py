"""How long a graph takes into each live store over HTTP, and what the proof that it arrived costs.

    python benchmarks/pushing.py [STORE …] [--million] [--small]

Stores: those of `make test-stores`, each started empty for each case. 100,000 quads in 500 graphs are pushed, and
pushed again unchanged; `--million` takes ten times as many, beside the store's own HTTP load of the same quads (one
body of quads, or a graph a body where it takes none); `--small` takes 20,000 graphs of five quads. Most memory is the
VmHWM of the process that pushes. Prints a Markdown table for docs/benchmarks.md.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
from processes import ROOT, machine

sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from acuerdo.push import Target, named, target  # noqa: E402
from graph_directory import BASE, make  # noqa: E402 - the tests' own graphs and stores
from stores.servers import STORES, Live  # noqa: E402
from stores.test_conformance import load_set  # noqa: E402

# Phases are told apart by wrapping the one method that checks.
PUSH = """
import json, re, sys, time
from acuerdo.cli.push import command
from acuerdo.push.verify import Verifier
checks, check = [], Verifier.check
def timed(self, *given):
    began = time.perf_counter()
    try:
        return check(self, *given)
    finally:
        checks.append(time.perf_counter() - began)
Verifier.check = timed
began, used = time.perf_counter(), time.process_time()
command(sys.argv[1:], standalone_mode=False)
took = time.perf_counter() - began
status = open("/proc/self/status").read()
print(json.dumps({"wall": took, "check": sum(checks), "cpu": time.process_time() - used,
                  "megabytes": int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024}))
"""


class Pushed(NamedTuple):
    """One push: all of it, its check, our own processor time, most memory."""

    wall: float
    check: float
    cpu: float
    megabytes: float


def push(kg: Path, live: Live, journal: Path) -> Pushed:
    """Push as the command does, in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    if live.user and live.password:
        env |= {"ACUERDO_PUSH_USER": live.user, "ACUERDO_PUSH_PASSWORD": live.password}
    given = ["--kg", kg, "--to", live.profile, live.url, "--journal", journal]
    call = [sys.executable, "-c", PUSH, *map(str, given)]
    done = subprocess.run(call, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        raise SystemExit(f"{live.profile}: {done.stderr[-2000:]}")
    return Pushed(**json.loads(done.stdout.splitlines()[-1]))


def by_its_own(kg: Path, live: Live, where: Target) -> float:
    """Seconds of the store's own HTTP load: one body of quads, or a graph a body."""
    build = kg / "builds" / (kg / "CURRENT").read_text().strip()
    lines = gzip.decompress((build / "graph.nq.gz").read_bytes()).splitlines(keepends=True)
    auth = httpx.DigestAuth(live.user, live.password or "") if live.user else None
    with httpx.Client(timeout=600, auth=auth) as client:
        bodies = list(_bodies(lines, where))
        began = time.perf_counter()
        for url, media_type, body in bodies:
            client.post(url, content=body, headers={"Content-Type": media_type}).raise_for_status()
        return time.perf_counter() - began


def _bodies(lines: list[bytes], where: Target) -> Iterator[tuple[str, str, bytes]]:
    profile, url = where.profile, where.quads_url
    if url and not profile.trig:
        yield url, profile.quads_type, b"".join(lines)
        return
    graphs: dict[bytes, list[bytes]] = {}
    for line in lines:
        triple, _, graph = line[:-3].rpartition(b" ")
        graphs.setdefault(graph, []).append(triple + b" .\n")
    if url:
        blocks = (b"%b {\n%b}\n" % (graph, b"".join(some)) for graph, some in graphs.items())
        yield url, profile.quads_type, b"".join(blocks)
        return
    for graph, some in graphs.items():
        body = profile.preamble.encode() + b"".join(some)
        yield where.graph_url(graph), profile.triples_type, body


def servers_cpu() -> float:
    """Processor time of the stores that run: on a busy machine it says more than the clock."""
    ticks = 0
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def small_graphs(count: int) -> list[str]:
    """Five quads a graph."""
    lines = []
    for g in range(count):
        for n in range(5):
            subject = f"<{BASE}id/event/m{g}-{n}>"
            lines.append(f'{subject} <{BASE}note> "note {n}" <{BASE}graph/article/{g:05}> .')
    return lines


def case(store: str, kg: Path, graphs: int, quads: int, *, beside: bool) -> str:
    """One row of the table."""
    own = "–"
    with tempfile.TemporaryDirectory() as name:
        if beside:
            (Path(name) / "own").mkdir()
            with STORES[store](Path(name) / "own") as live:
                seconds = by_its_own(kg, live, target(named(live.profile), live.url))
                own = f"{seconds:.1f} s"
        (Path(name) / "pushed").mkdir()
        with STORES[store](Path(name) / "pushed") as live:
            journal = Path(name) / "journal"
            before = servers_cpu()
            first = push(kg, live, journal)
            theirs = servers_cpu() - before
            again = push(kg, live, journal)
    sent = first.wall - first.check
    ratio = f"{sent / seconds:.2f}×" if beside else "–"
    return (
        f"| {store} | {quads:,} in {graphs:,} graphs | {first.wall:.1f} s | {sent:.1f} s, {graphs / sent:,.0f} "
        f"graphs/s | {first.check:.1f} s | {own} | {ratio} | {again.wall:.2f} s | {first.cpu:.1f} s | {theirs:.1f} s | "
        f"{first.megabytes:.0f} MB |"
    )


def main(words: list[str]) -> None:
    """The cases that were asked for, on the stores that were named."""
    stores = [word for word in words if word in STORES] or list(STORES)
    print(f"{machine()}.\n")
    print(
        "| store | data | push, all of it | without the check | the check | the store's own load | ratio | pushed again "
        "| our CPU | its CPU | memory |"
    )
    print("|---" * 11 + "|")
    with tempfile.TemporaryDirectory() as name:
        cases = [("usual", 500, load_set(500, 25), False)]
        if "--million" in words:
            cases = [("million", 2000, load_set(2000, 62), True)]
        if "--small" in words:
            cases = [("small", 20_000, small_graphs(20_000), False)]
        for folder, graphs, lines, beside in cases:
            kg = make(Path(name) / folder, lines)
            for store in stores:
                print(case(store, kg, graphs, len(set(lines)), beside=beside), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
