"""The front's end of one worker's channel: what is asked, what has come back, and the clock."""

import asyncio
from typing import Protocol, cast

import msgspec

from acuerdo.serve import wire
from acuerdo.serve.builds import Build
from acuerdo.serve.sandbox import Enforcement
from acuerdo.serve.settings import Limits

BUFFER = 256 << 10  # bytes of an answer that wait in the front while a reader is slow
NEVER = float("inf")

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
        """The next piece."""
        self.parts.append(data)
        self.size += len(data)
        if self.size > self._hold_bytes:
            self._release()
        self._wake()

    def begun(self) -> None:
        """What came first is not all: from now on it is held for a moment only."""
        if self.size and self._timer is None and not self.held.done():
            self._timer = self._loop.call_later(self._hold_seconds, self._release)

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


class Owner(Protocol):
    """Whom a worker reports to."""

    limits: Limits

    def end_process(self, worker: "Worker") -> None:
        """Have it killed."""

    def on_ready(self, worker: "Worker") -> None:
        """It has its store open."""

    def on_lost(self, worker: "Worker") -> None:
        """Its channel has closed."""


class Worker(asyncio.Protocol):
    """The front's view of one worker process."""

    def __init__(self, owner: Owner, identity: int, build: Build) -> None:
        self._owner, self.identity, self.build = owner, identity, build
        self._frames = wire.Frames()
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None
        self._fires = 0.0
        self._deadline = NEVER
        self.answer: Answer | None = None
        self.ready = self.closed = self.retiring = False
        self.condemned = ""  # why the front had it killed
        self.enforced = Enforcement()
        self.refusal = ""
        self.up: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def ask(self, job: bytes, seconds: float) -> Answer:
        """Send an encoded job; the worker is killed when it has not answered in time."""
        limits = self._owner.limits
        answer = self.answer = Answer(limits.hold_bytes, limits.hold_seconds)
        if self.closed:
            answer.fail(wire.Failure("gone"))
            return answer
        self._deadline = asyncio.get_running_loop().time() + seconds
        if self._timer is None or self._fires > self._deadline:
            self._set_clock()
        self._transport.write(wire.frame(wire.JOB, job))
        return answer

    def extend(self, seconds: float) -> None:
        """Put the deadline off: the time went into waiting for the client."""
        self._deadline += seconds

    def kill(self, reason: str) -> None:
        """End the process; a query that is running fails for this reason."""
        if not self.condemned and not self.closed:
            self.condemned = reason
            self._owner.end_process(self)
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
        if answer and not answer.over:
            answer.begun()
            if answer.size > BUFFER and answer.held.done():
                self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The process has ended or was told to."""
        self.closed = True
        self._stop_clock()
        if not self.up.done():
            self.up.set_result(False)
        self._owner.on_lost(self)

    def _hear(self, kind: bytes, payload: bytes) -> None:
        answer = self.answer
        if kind == wire.UP:
            self.enforced = _ENFORCED.decode(payload)
            self.ready = True
            self.up.set_result(True)
            self._owner.on_ready(self)
        elif kind == wire.FAILED and not self.ready:
            self.refusal = _FAILURE.decode(payload).message
        elif answer is None or answer.over:
            return
        elif kind == wire.DATA:
            answer.add(payload)
        elif kind == wire.BEGIN:
            answer.beginning = _BEGINNING.decode(payload)
        elif kind == wire.END:
            self._deadline = NEVER
            ending = _ENDING.decode(payload)
            self.retiring |= ending.last
            answer.end(ending)
        elif kind == wire.FAILED:
            self._deadline = NEVER
            failure = _FAILURE.decode(payload)
            self.retiring |= failure.last
            answer.fail(failure)

    def _stop_clock(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _set_clock(self) -> None:
        self._stop_clock()
        self._fires = self._deadline
        self._timer = asyncio.get_running_loop().call_at(self._fires, self._expire)

    def _expire(self) -> None:
        """The clock runs on over quick queries, which then need no clock of their own."""
        self._timer = None
        if self._deadline <= asyncio.get_running_loop().time():
            self.kill("time-limit")
        elif self._deadline != NEVER:
            self._set_clock()
