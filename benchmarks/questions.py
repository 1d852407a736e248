"""What every shipped question costs on a large graph: processor time, in the process, with no server between.

    python benchmarks/questions.py [ARTICLES] [KG] [--against FOLDER]

Questions are narrowed as `serving.py` narrows them: to one month where they take days, else to one thing. With KG the
graph of an earlier run is used again. With `--against`, the questions of another folder (an earlier commit's `queries/`)
are asked in turn with ours, two rounds, and a difference in the rows ends the run. Prints a Markdown table for
docs/benchmarks.md, the dearest first.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from processes import machine
from serving import Asked, asked_first, filled, graph

from acuerdo.query import open_kg
from acuerdo.query.kg import Kg
from acuerdo.query.question import read

SHOWN = 0.5  # processor seconds from which a question has a row of its own


def main(count: int, kept: str, against: Path | None) -> None:
    """Build unless there is a graph, ask each question, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(kept or name)
        built = folder / "kg"
        kg = open_kg(built if (built / "CURRENT").exists() else graph(folder, count))
        print(f"{machine()}; {len(kg.store):,} quads.\n")
        if against:
            _compare(kg, against)
        else:
            _each(kg)


def _each(kg: Kg) -> None:
    found = []
    for asked in asked_first():
        seconds, rows = _ask(kg, asked.text)
        found.append((seconds, asked.question.name, rows.total()))
    found.sort(reverse=True)
    quick = [seconds for seconds, _, _ in found if seconds < SHOWN]
    print("| question | rows | CPU s |\n|-|-|-|")
    for seconds, question, rows_found in found[: len(found) - len(quick)]:
        print(f"| {question} | {rows_found:,} | {seconds:.1f} |")
    total = sum(seconds for seconds, _, _ in found)
    print(
        f"\nThe other {len(quick)} of {len(found)} take less than {SHOWN} s each; all, {total:.1f} s."
    )


def _compare(kg: Kg, folder: Path) -> None:
    """All questions with ours and with the other texts in turn; each is asked of both at the same hour."""
    pairs = [(asked, _other(asked, folder)) for asked in asked_first()]
    print("| round | theirs, CPU s | ours, CPU s | ratio |\n|-|-|-|-|")
    for number in (1, 2):
        theirs = ours = 0.0
        for asked, other in pairs:
            seconds, rows = _ask(kg, other)
            theirs += seconds
            seconds, same = _ask(kg, asked.text)
            ours += seconds
            if rows != same:
                raise SystemExit(f"{asked.question.name}: the rows are not the same")
        print(f"| {number} | {theirs:.1f} | {ours:.1f} | {ours / theirs:.2f} |", flush=True)


def _other(asked: Asked, folder: Path) -> str:
    return filled(read(folder / f"{asked.question.name}.rq"), asked.given)


def _ask(kg: Kg, text: str) -> tuple[float, Counter[tuple[str, ...]]]:
    start = time.process_time()
    rows = Counter(
        tuple(map(str, row)) for row in kg.store.query(text, use_default_graph_as_union=True)
    )
    return time.process_time() - start, rows


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("articles", type=int, nargs="?", default=5000)
    words.add_argument("kg", nargs="?", default="")
    words.add_argument("--against", type=Path)
    given = words.parse_args()
    main(given.articles, given.kg, given.against)
