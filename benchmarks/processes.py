"""Commands run and measured as a user meets them: time on the clock, processor time, most memory."""

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


class Run(NamedTuple):
    """What one command cost, its children included."""

    wall: float
    cpu: float
    megabytes: float


def run(command: Sequence[str | Path]) -> Run:
    """Run a command to its end; a failure ends the benchmark with its last words."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
    began = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=env) as process:
        words = process.stderr.read().decode() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{words[-2000:]}")
    wall = time.perf_counter() - began
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def machine() -> str:
    """Versions, cores and how busy they are: what a figure means nothing without."""
    load = os.getloadavg()[0]
    return (
        f"Python {platform.python_version()}, pyoxigraph {ox.__version__}, {os.cpu_count()} cores, "
        f"load {load:.1f} at the start"
    )
