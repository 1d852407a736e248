"""Sends a worker's answer: whole while it is small, streamed when it is not, and never a broken one that looks whole."""

import asyncio
import hashlib
from functools import lru_cache

from acuerdo.serve import formats
from acuerdo.serve.channel import Answer, Worker
from acuerdo.serve.exchange import Exchange, Headers
from acuerdo.serve.kept import Kept
from acuerdo.serve.pool import Pool
from acuerdo.serve.problem import Problem
from acuerdo.serve.settings import Limits
from acuerdo.serve.turns import QueueFull
from acuerdo.serve.wire import Beginning, Failure, Job, encode_job

VARY = (b"vary", b"Accept, Accept-Encoding")
INNOCENT = frozenset({"gone", "worker-ended"})
LOOK_AFTER = 0.05  # seconds until we look whether the client is still there


@lru_cache(maxsize=64)  # asked for before the work and after it
def entity_tag(digest: str, job: bytes) -> bytes:
    """A weak tag over all that decides an answer: the build and the encoded job."""
    return b'W/"' + hashlib.sha256(digest.encode() + job).hexdigest()[:32].encode() + b'"'


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
    encoded = encode_job(job)
    storable = storable and pool.build.settled
    if storable and await _send_known(exchange, pool, encoded):
        return
    try:
        try:
            await _attempt(exchange, pool, encoded, storable=storable, missing=missing)
        except Problem as problem:
            # Its worker ended by no fault of the query (retired, or killed from outside): once more.
            if problem.reason not in INNOCENT or exchange.status:
                raise
            await _attempt(exchange, pool, encoded, storable=storable, missing=missing)
    except QueueFull:
        raise Problem("busy") from None


async def answers(pool: Pool) -> bool:
    """Whether the store gives an answer to the smallest query; true where no worker is free to ask."""
    job = encode_job(Job("ASK {}", seconds=pool.limits.seconds))
    try:
        async with pool.lease("probe") as worker:
            answer = worker.ask(job, pool.limits.seconds)
            await answer.held
            while not answer.over:
                await answer.more()
            return answer.failure is None
    except QueueFull:
        return True


async def _send_known(exchange: Exchange, pool: Pool, job: bytes) -> bool:
    """Answer what the client has already, or what we have."""
    tag = entity_tag(pool.build.digest, job)
    known = exchange.header(b"if-none-match")
    if known and matches(known, tag):
        await exchange.whole(304, [(b"etag", tag), VARY])
        return True
    kept = pool.kept.get(tag)
    if kept is None:
        return False
    exchange.rows = kept.rows
    await exchange.whole(200, list(kept.headers), kept.body)
    return True


async def _attempt(
    exchange: Exchange, pool: Pool, job: bytes, *, storable: bool, missing: str
) -> None:
    worker = await pool.take(exchange.client)
    watch = Watch(exchange, worker)
    try:
        answer = worker.ask(job, pool.limits.seconds)
        await answer.held
        if answer.failure:
            raise failure_problem(answer.failure)
        assert answer.beginning is not None
        tag = entity_tag(worker.build.digest, job) if storable else b""
        headers = _headers(answer.beginning, worker.build.digest, tag)
        if not answer.ending:
            watch.start()
            await _stream(exchange, worker, answer, headers, pool.limits)
        elif missing and not answer.ending.rows:
            raise Problem("not-found", missing)
        else:
            await _send_whole(exchange, pool, answer, headers, tag)
    finally:
        watch.stop()
        pool.give_back(exchange.client, worker)


@lru_cache(maxsize=64)
def _fixed_headers(
    kind: str, name: str, encoding: str, digest: str
) -> tuple[tuple[bytes, bytes], ...]:
    content = formats.KINDS[kind][name].content_type
    coded = [(b"content-encoding", encoding.encode())] if encoding != "identity" else []
    return (
        (b"content-type", content.encode()),
        VARY,
        (b"acuerdo-build", digest.encode()),
        *coded,
    )


def _headers(beginning: Beginning, digest: str, tag: bytes) -> Headers:
    fixed = _fixed_headers(beginning.kind, beginning.format, beginning.encoding, digest)
    if not tag:
        return [*fixed, (b"cache-control", b"no-store")]
    # It may be kept, and must be asked about.
    return [*fixed, (b"etag", tag), (b"cache-control", b"no-cache")]


async def _send_whole(
    exchange: Exchange, pool: Pool, answer: Answer, headers: Headers, tag: bytes
) -> None:
    assert answer.ending is not None
    body = answer.take()
    if answer.ending.truncated:
        headers = [h for h in headers if h[0] not in (b"etag", b"cache-control")]
        headers += [(b"acuerdo-truncated", b"true"), (b"cache-control", b"no-store")]
    elif tag:
        pool.kept.put(tag, Kept(tuple(headers), body, answer.ending.rows))
    exchange.rows = answer.ending.rows
    await exchange.whole(200, headers, body)


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
    """Ends the work on a query whose client has left; most answers come before that is worth a task."""

    def __init__(self, exchange: Exchange, worker: Worker) -> None:
        self._exchange, self._worker = exchange, worker
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(LOOK_AFTER, self.start)

    def start(self) -> None:
        """Look from now on."""
        self._timer.cancel()
        self._task = self._task or asyncio.get_running_loop().create_task(self._look())

    def stop(self) -> None:
        """The work is done."""
        self._timer.cancel()
        if self._task:
            self._task.cancel()

    async def _look(self) -> None:
        await self._exchange.until_left()
        self._worker.kill("client-left")
