"""How long a graph takes into a store on disk: as a build loads it, and by `oxigraph load`.

    python benchmarks/loading.py [ARTICLES] [ROUNDS]

All get the same quads, in turn, each in a process of its own into an empty directory: `oxigraph load` from one plain
file, `acuerdo` from the packed dump, and once more as a build does it, writing the sorted dump beside the load.
Fails when the stores differ. Prints a Markdown table for docs/benchmarks.md.
"""

import gzip
import hashlib
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import pyoxigraph as ox
from generate import articles
from processes import Run, machine, run

from acuerdo.build import Options, build

LOAD = """
import sys
from pathlib import Path
from acuerdo.store import disk
from acuerdo.store.lines import gunzipped
source, store = map(Path, sys.argv[1:])
disk.load(store, gunzipped(source))
"""
LOAD_AND_DUMP = """
import sys
from pathlib import Path
from acuerdo.build.publish import tee
from acuerdo.store import disk
from acuerdo.store.lines import gunzipped
source, store, dump = map(Path, sys.argv[1:])
with dump.open("wb") as file, tee(file, [gunzipped(source)]) as (blocks, made):
    disk.load(store, blocks)
"""


def main(count: int, rounds: int) -> None:
    """Load in turn, compare the stores, print medians."""
    print(f"{machine()}.\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dump = _graph(folder, count)
        plain = folder / "graph.nq"
        with gzip.open(dump) as packed, plain.open("wb") as out:
            shutil.copyfileobj(packed, out)
        stores = [folder / name for name in ("one", "two", "three")]
        beside = folder / "again.nq.gz"
        commands = {
            "oxigraph load": ["oxigraph", "load", "--location", stores[0], "--file", plain],
            "acuerdo": [sys.executable, "-c", LOAD, dump, stores[1]],
            "acuerdo, with the dump": [
                sys.executable,
                "-c",
                LOAD_AND_DUMP,
                dump,
                stores[2],
                beside,
            ],
        }
        runs: dict[str, list[Run]] = {name: [] for name in commands}
        for _ in range(rounds):
            for store in stores:
                shutil.rmtree(store, ignore_errors=True)
            for name_, command in commands.items():
                runs[name_].append(run(command))
        quads = _same(stores)
    _print(runs, count, quads, rounds)


def _graph(folder: Path, count: int) -> Path:
    """The dump of a build of so many articles."""
    source = folder / "corpus.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for article in articles(count):
            out.write(json.dumps(article, ensure_ascii=False) + "\n")
    return build(Options((source,), kg=folder / "kg", base="https://example.org/kg/")).build.dump


def _same(stores: list[Path]) -> int:
    """How many quads each store holds; ends the benchmark where they differ."""
    sums = []
    for path in stores:
        lines = sorted(ox.Store.read_only(str(path)).dump(format=ox.RdfFormat.N_QUADS).split(b"\n"))
        sums.append((len(lines) - 1, hashlib.sha256(b"\n".join(lines)).hexdigest()))
    if len(set(sums)) != 1:
        raise SystemExit("the stores do not hold the same quads")
    return sums[0][0]


def _print(runs: dict[str, list[Run]], count: int, quads: int, rounds: int) -> None:
    print(f"{quads:,} quads of {count:,} articles, {rounds} interleaved rounds.\n")
    print(
        "| | wall s, median | min to max | CPU s, median | min to max | RSS MB | CPU ratio |\n|-|-|-|-|-|-|-|"
    )
    base = statistics.median(r.cpu for r in runs["oxigraph load"])
    for name, each in runs.items():
        walls, cpus = [r.wall for r in each], [r.cpu for r in each]
        print(
            f"| {name} | {statistics.median(walls):.1f} | {min(walls):.1f} to {max(walls):.1f} "
            f"| {statistics.median(cpus):.1f} | {min(cpus):.1f} to {max(cpus):.1f} "
            f"| {max(r.megabytes for r in each):,.0f} | {statistics.median(cpus) / base:.2f} |"
        )


if __name__ == "__main__":
    main(*(int(a) for a in (*sys.argv[1:], *("5000", "3")[len(sys.argv) - 1 :])))
