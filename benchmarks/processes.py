"""Commands run and measured as a user meets them: time on the clock, processor time, most memory."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

ROOT = Path(__file__).parents[1]
# On Linux a process starts with the peak of the one that started it: a benchmark with a corpus in memory would
# show its own size as that of each command. This small process between (9 MB) starts the command and measures it.
_BETWEEN = """
import json, os, sys
told, *command = sys.argv[1:]
_, status, usage = os.wait4(os.posix_spawnp(command[0], command, os.environ), 0)
with open(int(told), "w") as out:
    json.dump([os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss], out)
"""


class Run(NamedTuple):
    """What one command cost, its children included; memory is that of the largest process."""

    wall: float
    cpu: float
    megabytes: float


def run(command: Sequence[str | Path]) -> Run:
    """Run a command to its end; a failure ends the benchmark with its last words."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
    said, say = os.pipe()
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _BETWEEN, str(say), *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=env,
        pass_fds=(say,),
        check=False,
    )
    wall = time.perf_counter() - began
    os.close(say)
    with os.fdopen(said) as told:
        answer = told.read()
    code, cpu, kilobytes = json.loads(answer or "[1, 0, 0]")
    if code != 0:
        words = done.stderr.decode(errors="replace")
        raise SystemExit(f"{' '.join(map(str, command))}\n{words[-2000:]}")
    return Run(wall, cpu, kilobytes / 1024)


def machine() -> str:
    """Versions, cores and how busy they are: what a figure means nothing without."""
    load = os.getloadavg()[0]
    return (
        f"Python {platform.python_version()}, pyoxigraph {ox.__version__}, {os.cpu_count()} cores, "
        f"load {load:.1f} at the start"
    )
