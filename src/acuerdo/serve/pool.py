"""The front's workers: leased for one request, killed at the deadline, replaced when they end or a new build appears."""

import asyncio
import contextlib
import logging
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import cast

import msgspec

from acuerdo.serve import wire
from acuerdo.serve.builds import Build
from acuerdo.serve.nursery import Nursery
from acuerdo.serve.sandbox import Enforcement
from acuerdo.serve.settings import Limits
from acuerdo.serve.turns import Turns

logger = logging.getLogger("acuerdo.serve")
BACK_OFF = 5.0  # seconds between attempts to start a worker, at most
BUFFER = 256 << 10  # bytes of an answer that wait in the front while a reader is slow

_JOB = msgspec.msgpack.Encoder()
_BEGINNING = msgspec.msgpack.Decoder(wire.Beginning)
_ENDING = msgspec.msgpack.Decoder(wire.Ending)
_FAILURE = msgspec.msgpack.Decoder(wire.Failure)
_ENFORCED = msgspec.msgpack.Decoder(Enforcement)


class Answer:
    """What a worker has said about one query so far."""

    def __init__(self, hold_bytes: int, hold_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._hold_bytes, self._hold_seconds = hold_bytes, hold_seconds
        self.beginning: wire.Beginning | None = None
        self.ending: wire.Ending | None = None
        self.failure: wire.Failure | None = None
        self.parts: list[bytes] = []
        self.size = 0
        self.held: asyncio.Future[None] = self._loop.create_future()
        self._more: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.ending is not None or self.failure is not None

    def take(self) -> bytes:
        """What has come since the last call."""
        data = b"".join(self.parts)
        self.parts, self.size = [], 0
        return data

    async def more(self) -> None:
        """Wait until there is more or it is over."""
        if self.parts or self.over:
            return
        self._more = self._loop.create_future()
        await self._more

    def add(self, data: bytes) -> None:
        """The next piece; the first one starts the time for which an answer is held."""
        self.parts.append(data)
        self.size += len(data)
        if not self.held.done():
            if self.size > self._hold_bytes:
                self._release()
            elif self._timer is None:
                self._timer = self._loop.call_later(self._hold_seconds, self._release)
        self._wake()

    def end(self, ending: wire.Ending) -> None:
        """It is complete."""
        self.ending = ending
        self._release()
        self._wake()

    def fail(self, failure: wire.Failure) -> None:
        """It will not be completed; the first reason stands."""
        if not self.over:
            self.failure = failure
        self._release()
        self._wake()

    def _release(self) -> None:
        if self._timer:
            self._timer.cancel()
        if not self.held.done():
            self.held.set_result(None)

    def _wake(self) -> None:
        if self._more and not self._more.done():
            self._more.set_result(None)


class Worker(asyncio.Protocol):
    """The front's view of one worker process."""

    def __init__(self, pool: "Pool", identity: int, build: Build) -> None:
        self._pool, self.identity, self.build = pool, identity, build
        self._frames = wire.Frames()
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self.answer: Answer | None = None
        self.ready = self.closed = self.retiring = False
        self.condemned = ""  # why the front had it killed
        self.enforced = Enforcement()
        self.refusal = ""

    def ask(self, job: wire.Job, seconds: float) -> Answer:
        """Send a query; the worker is killed when it has not answered in time."""
        limits = self._pool.limits
        answer = self.answer = Answer(limits.hold_bytes, limits.hold_seconds)
        if self.closed:
            answer.fail(wire.Failure("gone"))
            return answer
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + seconds
        self._timer = loop.call_at(self._deadline, self._expire)
        self._transport.write(wire.frame(wire.JOB, _JOB.encode(job)))
        return answer

    def extend(self, seconds: float) -> None:
        """Put the deadline off: the time went into waiting for the client."""
        self._deadline += seconds

    def kill(self, reason: str) -> None:
        """End the process; a query that is running fails for this reason."""
        if not self.condemned and not self.closed:
            self.condemned = reason
            self._pool.nursery.kill(self.identity)
            if self.answer:
                self.answer.fail(wire.Failure(reason))

    def retire(self) -> None:
        """Let the process end of itself: it reads the end of its channel."""
        self.retiring = True
        self._transport.close()

    def drained(self) -> None:
        """The client has taken what was buffered."""
        if not self.closed:
            self._transport.resume_reading()

    # What asyncio calls.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The channel stands; `UP` follows when the store is open."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Frames from the worker."""
        try:
            for kind, payload in self._frames.feed(data):
                self._hear(kind, payload)
        except (ValueError, msgspec.DecodeError):
            self.kill("internal")  # it no longer speaks our language
        answer = self.answer
        if answer and answer.size > BUFFER and answer.held.done() and not answer.over:
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The process has ended or was told to."""
        self.closed = True
        self._stop_clock()
        self._pool.on_lost(self)

    def _hear(self, kind: bytes, payload: bytes) -> None:
        answer = self.answer
        if kind == wire.UP:
            self.enforced = _ENFORCED.decode(payload)
            self.ready = True
            self._pool.on_ready(self)
        elif kind == wire.FAILED and not self.ready:
            self.refusal = _FAILURE.decode(payload).message
        elif answer is None or answer.over:
            return
        elif kind == wire.DATA:
            answer.add(payload)
        elif kind == wire.BEGIN:
            answer.beginning = _BEGINNING.decode(payload)
        elif kind == wire.END:
            self._stop_clock()
            ending = _ENDING.decode(payload)
            self.retiring |= ending.last
            answer.end(ending)
        elif kind == wire.FAILED:
            self._stop_clock()
            failure = _FAILURE.decode(payload)
            self.retiring |= failure.last
            answer.fail(failure)

    def _stop_clock(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._deadline:
            self._timer = loop.call_at(self._deadline, self._expire)
        else:
            self.kill("time-limit")


class Pool:
    """Workers on one build, with turns for clients."""

    def __init__(
        self, nursery: Nursery, limits: Limits, build: Build, *, network: bool = False
    ) -> None:
        self.nursery, self.limits, self.build = nursery, limits, build
        self._network = network
        self.turns = Turns(limits.workers, limits.queue)
        # One beyond the turns that can be granted: a kill then costs nobody the start of a process.
        self.size = limits.workers + 2
        self._workers: set[Worker] = set()
        self._idle: deque[Worker] = deque()
        self._wanted: deque[asyncio.Future[Worker]] = deque()
        self._failures = 0
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._first = asyncio.Event()  # a worker is ready, or could not open the store
        self._changed = asyncio.Event()
        self.refusal = ""
        self.kills: dict[str, int] = {}
        self.on_end: Callable[[str], None] | None = None

    @property
    def ready(self) -> int:
        """Workers that have their store open."""
        return sum(w.ready and not w.closed for w in self._workers)

    @property
    def current(self) -> int:
        """Workers ready on the newest build."""
        return sum(w.ready and not w.closed and w.build == self.build for w in self._workers)

    @property
    def enforced(self) -> Enforcement | None:
        """What the kernel keeps, as the workers found it."""
        return next((w.enforced for w in self._workers if w.ready), None)

    async def start(self, patience: float = 30.0) -> bool:
        """Start all workers; true when the first one is ready."""
        for _ in range(self.size):
            self._spawn()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._first.wait(), patience)
        return self.ready > 0

    @asynccontextmanager
    async def lease(self, client: str) -> AsyncIterator[Worker]:
        """A worker for as long as needed: all that is asked of it is answered from one build."""
        await self.turns.take(client, self.limits.queue_seconds)
        try:
            worker = await self._take_idle()
            try:
                yield worker
            finally:
                self._give_back(worker)
        finally:
            self.turns.release(client)

    async def cause_of_death(self, worker: Worker) -> str:
        """The problem that a worker's unforeseen end stands for."""
        code = await self.nursery.exit_code(worker.identity)
        # SIGSEGV, SIGBUS: the stack; SIGABRT: a refused allocation; SIGXCPU: the second clock.
        return {-11: "too-complex", -7: "too-complex", -6: "memory-limit", -24: "time-limit"}.get(
            code or 0, "worker-ended"
        )

    async def move_to(self, build: Build) -> None:
        """Replace the workers one by one by workers on another build; nobody waits."""
        self.build = build
        for old in [w for w in self._workers if w.build != build]:
            if old.closed or self._closing or self.build != build:
                continue
            before = self.current
            self._spawn()
            while self.current <= before and not self._closing and self.build == build:
                if self._failures > 3:
                    return  # the new build cannot be opened; what runs stays
                self._changed.clear()
                await self._changed.wait()
            self._dismiss(old)

    def close(self) -> None:
        """Stop replacing workers and let those that run end."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        for worker in list(self._workers):
            worker.kill("stopping")

    # What workers report.
    def on_ready(self, worker: Worker) -> None:
        """A worker has its store open."""
        self._failures, self.refusal = 0, ""
        self._first.set()
        self._changed.set()
        self._offer(worker)

    def on_lost(self, worker: Worker) -> None:
        """A worker's channel has closed."""
        self._workers.discard(worker)
        with contextlib.suppress(ValueError):
            self._idle.remove(worker)
        if worker.ready:
            reason = worker.condemned or ("retired" if worker.retiring else "died")
            self.kills[reason] = self.kills.get(reason, 0) + 1
        else:
            self._failures += 1
            self.refusal = worker.refusal or self.refusal
            if self.refusal:
                self._first.set()
        self._changed.set()
        self._keep(self._bury(worker))
        if not self._closing and len(self._workers) < self.size:
            self._respawn()

    async def _bury(self, worker: Worker) -> None:
        """Settle the answer of a worker that ended while it had one to give."""
        if worker.answer and not worker.answer.over:
            worker.answer.fail(wire.Failure(await self.cause_of_death(worker)))
        await self.nursery.exit_code(worker.identity)
        self.nursery.forget(worker.identity)

    def _respawn(self) -> None:
        if self._failures:
            delay = min(BACK_OFF, 0.1 * 2 ** min(self._failures, 6))
            asyncio.get_running_loop().call_later(delay, self._spawn)
        else:
            self._spawn()

    def _spawn(self) -> None:
        if self._closing:
            return
        identity, channel = self.nursery.spawn(
            self.build.store, self.limits.memory, network=self._network
        )
        worker = Worker(self, identity, self.build)
        self._workers.add(worker)
        self._keep(self._connect(worker, channel))

    async def _connect(self, worker: Worker, channel: socket.socket) -> None:
        channel.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=channel)

    def _keep(self, coroutine: Coroutine[None, None, None]) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_idle(self) -> Worker:
        while self._idle:
            worker = self._idle.popleft()
            if not worker.closed:
                return worker
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

    def _give_back(self, worker: Worker) -> None:
        answer, worker.answer = worker.answer, None
        if worker.closed or worker.condemned:
            return
        if answer and not answer.over:
            worker.kill("abandoned")
        elif worker.retiring:
            worker.retire()
        else:
            self._offer(worker)

    def _dismiss(self, worker: Worker) -> None:
        """End a worker now if it is idle, or after its answer."""
        if worker in self._idle:
            self._idle.remove(worker)
            worker.retire()
        else:
            worker.retiring = True
