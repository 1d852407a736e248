"""Sends a worker's answer: whole while it is small, streamed when it is not, and never a broken one that looks whole."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from acuerdo.serve import formats
from acuerdo.serve.channel import Answer, Worker
from acuerdo.serve.exchange import Exchange, Headers
from acuerdo.serve.pool import Pool
from acuerdo.serve.problem import Problem
from acuerdo.serve.settings import Limits
from acuerdo.serve.turns import QueueFull
from acuerdo.serve.wire import Beginning, Failure, Job

VARY = (b"vary", b"Accept, Accept-Encoding")
INNOCENT = frozenset({"gone", "worker-ended"})
LOOK_AFTER = 0.05  # seconds until we look whether the client is still there


def entity_tag(digest: str, job: Job) -> bytes:
    """A weak tag over all that decides an answer."""
    parts = (
        digest,
        job.query,
        job.solutions,
        job.boolean,
        job.graph,
        job.default_graphs,
        job.named_graphs,
        job.rows,
        job.encoding,
        job.base,
        job.question,
        job.given,
    )
    return b'W/"' + hashlib.sha256(repr(parts).encode()).hexdigest()[:32].encode() + b'"'


def matches(header: str, tag: bytes) -> bool:
    """Whether If-None-Match names this tag (weak comparison)."""
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in tags or tag.decode().removeprefix("W/") in tags


def failure_problem(failure: Failure) -> Problem:
    """The problem for a worker's failure."""
    if failure.reason == "not-acceptable":
        offers = ", ".join(f.types[0] for f in formats.KINDS[failure.message].values())
        return Problem("not-acceptable", f"This answer can be sent as {offers}.")
    if failure.reason == "store":
        return Problem("store")
    return Problem(failure.reason, failure.message, failure.line, failure.column)


async def send_answer(
    exchange: Exchange, pool: Pool, job: Job, *, storable: bool = True, missing: str = ""
) -> None:
    """Evaluate a job and send what comes of it; raises Problem while nothing was sent.

    With `missing` an empty answer is a 404 in these words.
    """
    tag = entity_tag(pool.build.digest, job)
    if storable and (known := exchange.header(b"if-none-match")) and matches(known, tag):
        await exchange.whole(304, [(b"etag", tag), VARY])
        return
    try:
        for attempt in ("first", "last"):
            async with pool.lease(exchange.client) as worker:
                try:
                    await _run(
                        exchange, worker, job, pool.limits, storable=storable, missing=missing
                    )
                except Problem as problem:
                    # Its worker ended by no fault of the query (retired, or killed from outside).
                    if attempt == "last" or problem.reason not in INNOCENT or exchange.status:
                        raise
                else:
                    return
    except QueueFull:
        raise Problem("busy") from None


async def _run(
    exchange: Exchange, worker: Worker, job: Job, limits: Limits, *, storable: bool, missing: str
) -> None:
    async with watched(exchange, worker) as watch:
        answer = worker.ask(job, limits.seconds)
        await answer.held
        if answer.failure:
            raise failure_problem(answer.failure)
        assert answer.beginning is not None
        headers = _headers(answer.beginning, worker, job, storable=storable)
        if not answer.ending:
            watch.start()
            await _stream(exchange, worker, answer, headers, limits)
        elif missing and not answer.ending.rows:
            raise Problem("not-found", missing)
        else:
            await _send_whole(exchange, answer, headers)


def _headers(beginning: Beginning, worker: Worker, job: Job, *, storable: bool) -> Headers:
    content = formats.KINDS[beginning.kind][beginning.format].content_type
    headers: Headers = [(b"content-type", content.encode()), VARY]
    if beginning.encoding != "identity":
        headers.append((b"content-encoding", beginning.encoding.encode()))
    headers.append((b"acuerdo-build", worker.build.digest.encode()))
    if storable:
        headers.append((b"etag", entity_tag(worker.build.digest, job)))
        headers.append((b"cache-control", b"no-cache"))  # may be kept, must be asked about
    else:
        headers.append((b"cache-control", b"no-store"))
    return headers


async def _send_whole(exchange: Exchange, answer: Answer, headers: Headers) -> None:
    assert answer.ending is not None
    if answer.ending.truncated:
        headers = [h for h in headers if h[0] not in (b"etag", b"cache-control")]
        headers += [(b"acuerdo-truncated", b"true"), (b"cache-control", b"no-store")]
    exchange.rows = answer.ending.rows
    await exchange.whole(200, headers, answer.take())


async def _stream(
    exchange: Exchange, worker: Worker, answer: Answer, headers: Headers, limits: Limits
) -> None:
    """Pass pieces on as they come. Whatever goes wrong from here on resets the connection."""
    await exchange.begin(200, headers)
    if exchange.method == "HEAD":
        await exchange.finish()
        return
    waited = 0.0
    while True:
        await answer.more()
        data = answer.take()
        worker.drained()
        try:
            if data:
                stalled = await exchange.piece(data, limits)
                worker.extend(stalled)
                waited += stalled
        except (TimeoutError, OSError):
            _abort(exchange, "slow-reader")
            return
        if waited > limits.write_grace + exchange.sent / limits.write_rate:
            _abort(exchange, "slow-reader")
            return
        if answer.over and not answer.parts:
            break
    if answer.failure or answer.ending is None or answer.ending.truncated:
        _abort(exchange, answer.failure.reason if answer.failure else "row-limit")
        return
    exchange.rows = answer.ending.rows
    await exchange.finish()


def _abort(exchange: Exchange, outcome: str) -> None:
    exchange.outcome = outcome
    exchange.abort()


class Watch:
    """Ends the work on a query whose client has left."""

    def __init__(self, exchange: Exchange, worker: Worker) -> None:
        self._exchange, self._worker = exchange, worker
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look from now on."""
        self._task = self._task or asyncio.get_running_loop().create_task(self._look())

    def stop(self) -> None:
        """The work is done."""
        if self._task:
            self._task.cancel()

    async def _look(self) -> None:
        await self._exchange.until_left()
        self._worker.kill("client-left")


@asynccontextmanager
async def watched(exchange: Exchange, worker: Worker) -> AsyncIterator[Watch]:
    """Watch the client while a worker works for it; most answers come before that is worth a task."""
    watch = Watch(exchange, worker)
    timer = asyncio.get_running_loop().call_later(LOOK_AFTER, watch.start)
    try:
        yield watch
    finally:
        timer.cancel()
        watch.stop()
