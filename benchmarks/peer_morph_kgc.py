"""Run in an environment of its own: morph-kgc (RML) over the tables of a folder, one row a quad, in one process.

    PYTHON benchmarks/peer_morph_kgc.py FOLDER ROUNDS

FOLDER holds `mapping.ttl` and the tables that it names. Writes `quads.nq` and prints {"version": …, "seconds":
[processor time of each round]} as JSON.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import morph_kgc

CONFIG = "[CONFIGURATION]\noutput_format=N-QUADS\nnumber_of_processes=1\nlogging_level=ERROR\n[TABLES]\nmappings={}\n"


def main(folder: Path, rounds: int) -> None:
    """Materialise as often as asked, with the writing of the lines in the time."""
    seconds = []
    for _ in range(rounds):
        started = time.process_time()
        quads = morph_kgc.materialize_set(CONFIG.format(folder / "mapping.ttl"))
        (folder / "quads.nq").write_text("".join(f"{quad} .\n" for quad in quads), "utf-8")
        seconds.append(time.process_time() - started)
    print(json.dumps({"version": version("morph-kgc"), "seconds": seconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
