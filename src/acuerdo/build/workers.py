"""Shards in several processes: each a plain child that takes tasks on its standard input and ends with it.

A child that outlives its parent would hold the disk busy, so it needs no signal to end: the parent's death
closes the pipe. Nothing is pickled, and a script that calls `build` needs no guard around its main code.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

import msgspec
from msgspec import Struct

from acuerdo import errors
from acuerdo.build.shards import Task, work
from acuerdo.build.stages import Setting, Stages
from acuerdo.errors import AcuerdoError, GraphUnusable


class Order(Struct, frozen=True):
    """What a child is told first."""

    setting: Setting
    spool: str
    cache: str


class Answer(Struct, frozen=True):
    """What a child says to a task: nothing went wrong, or the line for the user."""

    error: str | None = None
    sentence: str = ""


Step = Callable[[Task], None]


def _silent(task: Task) -> None:
    """Nobody listens."""


def work_all(
    stages: Stages, order: Order, tasks: Sequence[Task], jobs: int, step: Step | None = None
) -> None:
    """Work all shards through, in this process or in several; `step` hears of each finished one."""
    say = step or _silent
    if jobs <= 1 or len(tasks) < 2:
        for task in tasks:
            work(stages, Path(order.spool), Path(order.cache), task)
            say(task)
        return
    children: SimpleQueue[_Child] = SimpleQueue()
    started = [_Child(order) for _ in range(min(jobs, len(tasks)))]
    for child in started:
        children.put(child)
    try:
        _share_out(children, tasks, len(started), say)
    finally:
        for child in started:
            child.end()


def _share_out(
    children: "SimpleQueue[_Child]", tasks: Sequence[Task], jobs: int, say: Step
) -> None:
    def one(task: Task) -> Task:
        child = children.get()
        try:
            child.do(task)
        finally:
            children.put(child)
        return task

    with ThreadPoolExecutor(jobs, "shards") as pool:
        waiting = [pool.submit(one, task) for task in tasks]
        try:
            for finished in as_completed(waiting):
                say(finished.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Child:
    """One process; used by one thread at a time."""

    def __init__(self, order: Order) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "acuerdo.build.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._send(order)

    def _send(self, message: Order | Task) -> None:
        if self.process.stdin is not None:
            self.process.stdin.write(msgspec.json.encode(message) + b"\n")
            self.process.stdin.flush()

    def do(self, task: Task) -> None:
        """Have a shard worked through; raises what went wrong."""
        try:
            self._send(task)
            line = self.process.stdout.readline() if self.process.stdout else b""
        except OSError:
            line = b""
        if not line:
            raise GraphUnusable(
                f"a worker process ended with code {self.process.wait()}; nothing was changed"
            )
        answer = msgspec.json.decode(line, type=Answer)
        if answer.error is not None:
            raise _as_error(answer)

    def end(self) -> None:
        """Close the pipe, which ends the child after the task at hand."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _as_error(answer: Answer) -> AcuerdoError:
    kind = getattr(errors, answer.error or "", GraphUnusable)
    error: AcuerdoError = kind.__new__(kind)
    Exception.__init__(error, answer.sentence)
    return error
