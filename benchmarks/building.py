"""From articles to a published graph, and again after a change: corpora of growing size.

    python benchmarks/building.py [--growth] [ARTICLES …]

For each size: a build from nothing, the same input again, one changed article, a hundred changed ones. Each is the
command that a user types, in a process of its own. Fails when the graph after the changes is not that
of a build from nothing. With `--growth` only the build from nothing: how time and memory grow. Prints a Markdown
table for docs/benchmarks.md.
"""

import json
import sys
import tempfile
from pathlib import Path

from generate import articles
from processes import Run, machine, run

from acuerdo.store import Directory

BASE = "https://example.org/kg/"
STEPS = ("from nothing", "same again", "1 changed", "100 changed", "from nothing again")


def main(sizes: list[int], *, growth: bool) -> None:
    """Measure each size in turn, smallest first, and print one row a step."""
    print(f"{machine()}.\n")
    print("| articles | quads | build | wall s | CPU s | RSS MB | CPU µs a quad |\n|-|-|-|-|-|-|-|")
    for size in sorted(sizes):
        with tempfile.TemporaryDirectory() as name:
            quads, runs = (_grow if growth else _measure)(Path(name), size)
        for step, one in zip(STEPS, runs, strict=False):
            print(
                f"| {size:,} | {quads:,} | {step} | {one.wall:.1f} | {one.cpu:.1f} | {one.megabytes:,.0f} "
                f"| {1e6 * one.cpu / quads:.1f} |",
                flush=True,
            )


def _measure(folder: Path, size: int) -> tuple[int, list[Run]]:
    source, kg, clean = folder / "corpus.jsonl", folder / "kg", folder / "clean"
    runs = []
    for changed in (0, 0, 1, min(100, size)):
        _write(source, size, changed)
        runs.append(_build(source, kg))
    runs.append(_build(source, clean))
    one, two = (Directory(place).current().manifest() for place in (kg, clean))
    if one != two:
        raise SystemExit("the graph after changes is not that of a build from nothing")
    return one.quads, runs


def _grow(folder: Path, size: int) -> tuple[int, list[Run]]:
    _write(folder / "corpus.jsonl", size, 0)
    run_ = _build(folder / "corpus.jsonl", folder / "kg")
    return Directory(folder / "kg").current().manifest().quads, [run_]


def _build(source: Path, kg: Path) -> Run:
    return run([sys.executable, "-m", "acuerdo", "build", source, "--kg", kg, "--base", BASE])


def _write(path: Path, size: int, changed: int) -> None:
    """The corpus; of `changed` articles, spread evenly, the title is another."""
    step = size // changed if changed else size + 1
    with path.open("w", encoding="utf-8") as out:
        for number, article in enumerate(articles(size)):
            if number % step == step - 1:
                article["title"] = f"Changed: {article.get('title', '')} ({changed})"
            out.write(json.dumps(article, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a != "--growth"]
    main(numbers or [50, 500, 5000], growth="--growth" in sys.argv)
