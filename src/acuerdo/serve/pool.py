"""The front's workers: leased for one request, replaced when they end or when a new build appears."""

import asyncio
import contextlib
import logging
import socket
from collections import Counter, deque
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from acuerdo.serve import wire
from acuerdo.serve.builds import Build
from acuerdo.serve.channel import Worker
from acuerdo.serve.kept import Room
from acuerdo.serve.nursery import Nursery
from acuerdo.serve.sandbox import Enforcement
from acuerdo.serve.settings import Limits
from acuerdo.serve.turns import Turns

logger = logging.getLogger("acuerdo.serve")
BACK_OFF = 5.0  # seconds between attempts to start a worker, at most
# SIGSEGV, SIGBUS: the stack; SIGABRT: a refused allocation; SIGXCPU: the second clock.
DEATHS = {-11: "too-complex", -7: "too-complex", -6: "memory-limit", -24: "time-limit"}


class Pool:
    """Workers on one build, with turns for clients."""

    def __init__(
        self, nursery: Nursery, limits: Limits, build: Build, *, network: bool = False
    ) -> None:
        self.nursery, self.limits, self.build = nursery, limits, build
        self._network = network
        self.turns = Turns(limits.workers, limits.queue)
        self.kept = Room(limits.keep)
        # One beyond the turns that can be granted: a kill then costs nobody the start of a process.
        self.size = limits.workers + 2
        self._workers: set[Worker] = set()
        self._idle: deque[Worker] = deque()
        self._wanted: deque[asyncio.Future[Worker]] = deque()
        self._failures = 0
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.refusal = ""
        self.ends: Counter[str] = Counter()  # how workers ended

    @property
    def ready(self) -> int:
        """Workers that have their store open."""
        return sum(w.ready and not w.closed for w in self._workers)

    @property
    def enforced(self) -> Enforcement | None:
        """What the kernel keeps, as the workers found it."""
        return next((w.enforced for w in self._workers if w.ready), None)

    @property
    def pids(self) -> list[int]:
        """The workers' processes."""
        found = [self.nursery.pids.get(w.identity) for w in self._workers]
        return [pid for pid in found if pid]

    async def start(self, patience: float = 30.0) -> bool:
        """Start all workers; true when the first one is ready, false when one cannot open the store."""
        started = [self._spawn(self.build) for _ in range(self.size)]
        await asyncio.wait([w.up for w in started], timeout=patience, return_when="FIRST_COMPLETED")
        return self.ready > 0

    async def take(self, client: str) -> Worker:
        """A worker, when it is this client's turn; raises QueueFull. `give_back` it."""
        if not self.turns.take_now(client):
            await self.turns.take(client, self.limits.queue_seconds)
        elif self._idle:
            return self._idle.popleft()
        try:
            return await self._take_idle()
        except BaseException:
            self.turns.release(client)
            raise

    def give_back(self, client: str, worker: Worker) -> None:
        """The client needs its worker no more; one that still works is ended."""
        answer, worker.answer = worker.answer, None
        if not (worker.closed or worker.condemned):
            if answer and not answer.over:
                worker.kill("abandoned")
            elif worker.retiring:
                worker.retire()
            else:
                self._offer(worker)
        self.turns.release(client)

    @asynccontextmanager
    async def lease(self, client: str) -> AsyncIterator[Worker]:
        """A worker for as long as needed: all that is asked of it is answered from one build."""
        worker = await self.take(client)
        try:
            yield worker
        finally:
            self.give_back(client, worker)

    async def move_to(self, build: Build) -> bool:
        """Replace the workers one by one by workers on another build; nobody waits.

        False when the new build cannot be opened: what runs stays.
        """
        for old in [w for w in self._workers if w.build != build]:
            new = self._spawn(build)
            if not await new.up:
                return False
            self.build = build
            self._dismiss(old)
        return True

    def close(self) -> None:
        """End all workers and replace them no more."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        for worker in list(self._workers):
            worker.kill("stopping")

    # What workers report.
    def on_ready(self, worker: Worker) -> None:
        """A worker has its store open."""
        self._failures, self.refusal = 0, ""
        self._offer(worker)

    def on_lost(self, worker: Worker) -> None:
        """A worker's channel has closed."""
        self._workers.discard(worker)
        with contextlib.suppress(ValueError):
            self._idle.remove(worker)
        if worker.ready:
            self.ends[worker.condemned or ("retired" if worker.retiring else "died")] += 1
        else:
            self._failures += 1
            self.refusal = worker.refusal or self.refusal
        self._keep(self._bury(worker))
        if not self._closing and len(self._workers) < self.size:
            self._respawn()

    def end_process(self, worker: Worker) -> None:
        """Kill it now."""
        self.nursery.kill(worker.identity)

    async def _bury(self, worker: Worker) -> None:
        """Settle the answer of a worker that ended while it had one to give."""
        answer = worker.answer
        code = await self.nursery.exit_code(worker.identity)
        if answer:
            answer.fail(wire.Failure(DEATHS.get(code or 0, "worker-ended")))
        self.nursery.forget(worker.identity)

    def _respawn(self) -> None:
        if self._failures:
            delay = min(BACK_OFF, 0.1 * 2 ** min(self._failures, 6))
            asyncio.get_running_loop().call_later(delay, self._spawn_current)
        else:
            self._spawn_current()

    def _spawn_current(self) -> None:
        if not self._closing and len(self._workers) < self.size:
            self._spawn(self.build)

    def _spawn(self, build: Build) -> Worker:
        identity, channel = self.nursery.spawn(
            build.store,
            self.limits.memory,
            network=self._network or bool(build.endpoint),
            union=build.union_there,
        )
        worker = Worker(self, identity, build)
        self._workers.add(worker)
        self._keep(self._connect(worker, channel))
        return worker

    async def _connect(self, worker: Worker, channel: socket.socket) -> None:
        channel.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=channel)

    def _keep(self, coroutine: Coroutine[None, None, None]) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_idle(self) -> Worker:
        if self._idle:
            return self._idle.popleft()
        future: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._wanted.append(future)
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._offer(future.result())
            raise

    def _offer(self, worker: Worker) -> None:
        while self._wanted:
            future = self._wanted.popleft()
            if not future.done():
                future.set_result(worker)
                return
        if worker.build == self.build:
            self._idle.appendleft(worker)  # the newest build and the warmest cache first
        else:
            self._idle.append(worker)

    def _dismiss(self, worker: Worker) -> None:
        """End a worker now if it is idle, or after its answer."""
        worker.retiring = True
        if worker in self._idle:
            self._idle.remove(worker)
            worker.retire()
