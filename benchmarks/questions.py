"""What every shipped question costs on a large graph: processor time, in the process, with no server between.

    python benchmarks/questions.py [ARTICLES] [KG]

Questions are narrowed as `serving.py` narrows them: to one month where they take days, else to one thing. With KG the
graph of an earlier run is used again. Prints a Markdown table for docs/benchmarks.md, the dearest first.
"""

import sys
import tempfile
import time
from pathlib import Path

from processes import machine
from serving import asked_first, graph

from acuerdo.query import open_kg

SHOWN = 0.5  # processor seconds from which a question has a row of its own


def main(count: int, kept: str = "") -> None:
    """Build unless there is a graph, ask each question once, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(kept or name)
        built = folder / "kg"
        kg = open_kg(built if (built / "CURRENT").exists() else graph(folder, count))
        print(f"{machine()}; {len(kg.store):,} quads.\n")
        found = []
        for asked in asked_first():
            start = time.process_time()
            rows = sum(1 for _ in kg.store.query(asked.text, use_default_graph_as_union=True))
            found.append((time.process_time() - start, asked.question.name, rows))
    found.sort(reverse=True)
    quick = [seconds for seconds, _, _ in found if seconds < SHOWN]
    print("| question | rows | CPU s |\n|-|-|-|")
    for seconds, question, rows in found[: len(found) - len(quick)]:
        print(f"| {question} | {rows:,} | {seconds:.1f} |")
    print(f"\nThe other {len(quick)} of {len(found)} take less than {SHOWN} s each.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000, *sys.argv[2:])
