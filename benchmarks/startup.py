"""How long a command takes that has hardly anything to do, against Python itself.

    python benchmarks/startup.py [ROUNDS]

`acuerdo --help`, and `acuerdo query` of one fact on the graph of the examples, each in a process of its own, in
turn with `python -c pass`. Prints a Markdown table for docs/benchmarks.md.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from processes import Run, machine, run

EXAMPLES = Path(__file__).parents[1] / "examples"
ASK = "SELECT ?s { ?s a <https://w3id.org/acuerdo/ns#Meeting> } LIMIT 1"


def main(rounds: int) -> None:
    """Run each command `rounds` times in turn and print medians and what they are of Python's own."""
    print(f"{machine()}, {rounds} interleaved rounds.\n")
    acuerdo = [sys.executable, "-m", "acuerdo"]
    with tempfile.TemporaryDirectory() as name:
        kg = Path(name) / "kg"
        run([*acuerdo, "build", EXAMPLES, "--kg", kg, "--base", "https://example.org/kg/"])
        commands: dict[str, list[str | Path]] = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "acuerdo --help": [*acuerdo, "--help"],
            "acuerdo query": [*acuerdo, "query", ASK, "--kg", kg],
        }
        runs: dict[str, list[Run]] = {title: [] for title in commands}
        for _ in range(rounds):
            for title, command in commands.items():
                runs[title].append(run(command))
    base = statistics.median(r.cpu for r in runs["python -c pass"])
    print("| command | CPU ms, median | min to max | of `python -c pass` |\n|-|-|-|-|")
    for title, each in runs.items():
        cpus = [r.cpu for r in each]
        middle = statistics.median(cpus)
        print(
            f"| `{title}` | {1e3 * middle:.0f} | {1e3 * min(cpus):.0f} to {1e3 * max(cpus):.0f} | {middle / base:.1f} |"
        )


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]) if len(sys.argv) > 1 else (20,))
