"""The process that works shards through: `python -m acuerdo.build.child`, spoken to on its standard input."""

import os
import sys
from pathlib import Path
from typing import IO

import msgspec

from acuerdo.build.publish import refused
from acuerdo.build.shards import Task, work
from acuerdo.build.stages import Stages
from acuerdo.build.workers import Answer, Order
from acuerdo.errors import AcuerdoError


def serve(orders: IO[bytes], answers: IO[bytes]) -> None:
    """Work through the shards that come, one a line, until there are no more."""
    order = msgspec.json.decode(orders.readline(), type=Order)
    stages: Stages | None = None
    for line in orders:
        task = msgspec.json.decode(line, type=Task)
        try:
            stages = stages or Stages(order.setting)
            work(stages, Path(order.spool), Path(order.cache), task)
            answer = Answer()
        except AcuerdoError as error:
            answer = Answer(type(error).__name__, str(error))
        except OSError as error:
            answer = Answer("GraphUnusable", str(refused(Path(order.cache).parent, error)))
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()


def main() -> None:
    """The child: answers go to what was standard output, so that no other word can mix in."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        serve(sys.stdin.buffer, answers)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # the parent is gone or ending: nobody is left to tell


if __name__ == "__main__":
    main()
