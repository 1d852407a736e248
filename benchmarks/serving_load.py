"""Load on one server: `wrk` goes round a list of requests for some seconds, each connection in a closed loop."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from serving_engines import Engine, processor

_SCRIPT = """
local requests, at = {}, 0
function init()
  for line in io.lines("%s") do requests[#requests + 1] = wrk.format("GET", line) end
end
function request()
  at = at + 1
  return requests[at %% #requests + 1]
end
function done(summary, latency)
  io.write(string.format("p99 %%d us, median %%d us, bad %%d\\n", latency:percentile(99), latency:percentile(50),
    summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.connect + summary.errors.timeout))
end
"""


class Load(NamedTuple):
    """What came of it: answers a second, and the times that half and all but 1 % of them took, in ms.

    Processor time an answer, in µs: of the process that speaks HTTP, then of those below it, where it has any.
    """

    rate: float
    median: float
    p99: float
    cpu: tuple[float, ...]


def load(
    engine: Engine, queries: Sequence[str], connections: int, seconds: int, folder: Path
) -> Load:
    """Go round the queries; an answer that is no success ends the benchmark."""
    paths = folder / "paths"
    paths.write_text("".join(f"{engine.path}?query={quote(q, safe='')}\n" for q in queries))
    script = folder / "load.lua"
    script.write_text(_SCRIPT % paths)
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "30s"]
    command += ["-H", "Accept: application/sparql-results+json", "-s", str(script)]
    before = processor(engine.pid)
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{engine.port}"], capture_output=True, text=True, check=True
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    found = re.search(r"p99 (\d+) us, median (\d+) us, bad (\d+)", said)
    if not rate or not found or int(found[3]):
        raise SystemExit(f"{engine.name} failed under load:\n{said}")
    answers = re.search(r"(\d+) requests in", said)
    used = [after - then for after, then in zip(processor(engine.pid), before, strict=True)]
    cpu = tuple(1e6 * part / int(answers[1]) for part in used if part) if answers else ()
    return Load(float(rate[1]), int(found[2]) / 1000, int(found[1]) / 1000, cpu)
