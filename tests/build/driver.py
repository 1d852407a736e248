"""Builds in children of a process that has loaded everything before, so that a test can kill many of them.

A line on standard input is a folder of articles; the answer is the child's process id, and after another line how
it ended. With a tab and a number behind the folder the child kills itself at its n-th step on disk.
"""

import os
import signal
import sys
from pathlib import Path

from acuerdo.build import Options, build
from acuerdo.build.run import _Run, _silent
from acuerdo.store import Directory


def main() -> None:
    kg, base = Path(sys.argv[1]), sys.argv[2]
    warm = Options((), kg=kg, base=base)
    _ = _Run(warm, Directory(kg), _silent).stages.known
    while line := sys.stdin.readline():
        source, _, step = line.rstrip("\n").partition("\t")
        child = os.fork()
        if child == 0:
            if step:
                die_at(int(step))
            build(Options((Path(source),), kg=kg, base=base, jobs=1))
            os._exit(0)
        print(child, flush=True)
        # Until the test says so the child stays in the table, so that no other gets its number.
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def die_at(step: int) -> None:
    """Replace what makes writes last by calls that end the process at the n-th."""
    left = step

    def counting(real):
        def call(*args, **kwargs):
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in ("fsync", "rename", "replace", "mkdir", "unlink"):
        setattr(os, name, counting(getattr(os, name)))


main()
