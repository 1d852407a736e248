"""The ASGI application: every request passes here, gets its headers, its log line and its count."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from typing import Any

from acuerdo.serve import protocol
from acuerdo.serve.answer import send_answer
from acuerdo.serve.builds import Build, published
from acuerdo.serve.exchange import Exchange, Headers, Receive, Scope, Send
from acuerdo.serve.nursery import Nursery
from acuerdo.serve.pool import Pool
from acuerdo.serve.problem import Problem
from acuerdo.serve.sandbox import Enforcement
from acuerdo.serve.settings import Settings

logger = logging.getLogger("acuerdo.serve")
SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (b"server", b"acuerdo"),
]
Handler = Callable[[Exchange], Awaitable[None]]


class Front:
    """One server: its pools of workers and what it answers."""

    def __init__(self, settings: Settings, nursery: Nursery) -> None:
        self.settings, self.nursery = settings, nursery
        build = published(settings.kg)
        self.pool = Pool(nursery, settings.limits, build)
        self.federated = (
            Pool(nursery, settings.limits, build, network=True) if settings.services else None
        )
        self.handlers: dict[str, Handler] = {
            "/sparql": self.sparql,
            "/query": self.sparql,
            "/healthz": self.healthz,
            "/readyz": self.readyz,
        }
        self.stopping = False
        self._watcher: asyncio.Task[None] | None = None

    @property
    def build(self) -> Build:
        """The newest build."""
        return self.pool.build

    @property
    def pools(self) -> list[Pool]:
        """All classes of workers."""
        return [self.pool] + ([self.federated] if self.federated else [])

    def enforced(self) -> Enforcement:
        """What the kernel keeps, as the first worker found it."""
        return self.pool.enforced or Enforcement()

    async def start(self) -> bool:
        """Start the workers; true when the first ones are ready."""
        self.nursery.attach(asyncio.get_running_loop())
        ready = all([await pool.start() for pool in self.pools])
        self._watcher = asyncio.create_task(self._watch())
        return ready

    def stop(self) -> None:
        """End the workers."""
        if self._watcher:
            self._watcher.cancel()
        for pool in self.pools:
            pool.close()
        self.nursery.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, self._with_headers(send), self._client(scope))
        try:
            self._check(exchange)
            await self._handler(exchange)(exchange)
        except Problem as problem:
            if not exchange.disconnected:
                exchange.outcome = problem.reason
                await exchange.whole(problem.kind.status, problem.all_headers(), problem.body())
        self._note(exchange)

    # Endpoints.
    async def sparql(self, exchange: Exchange) -> None:
        """Queries."""
        if exchange.method == "OPTIONS":
            await self._options(exchange, protocol.ALLOW)
            return
        request = await protocol.read_request(exchange, self.settings)
        if request is None:
            raise Problem("bad-request", "The parameter `query` is missing.")
        exchange.query_hash = hashlib.sha256(request.job.query.encode()).hexdigest()[:16]
        pool = self.federated if request.federated and self.federated else self.pool
        await send_answer(
            exchange, pool, request.job, self.settings.limits, storable=not request.volatile
        )

    async def healthz(self, exchange: Exchange) -> None:
        """The process runs."""
        await exchange.whole(
            200, [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")], b"ok\n"
        )

    async def readyz(self, exchange: Exchange) -> None:
        """Queries will be answered."""
        if self.stopping or not all(pool.ready for pool in self.pools):
            raise Problem("stopping")
        headers = [
            (b"content-type", b"text/plain"),
            (b"cache-control", b"no-store"),
            (b"acuerdo-build", self.build.digest.encode()),
        ]
        await exchange.whole(200, headers, b"ready\n")

    # The way of every request.
    def _handler(self, exchange: Exchange) -> Handler:
        handler = self.handlers.get(exchange.path.rstrip("/") or "/")
        if handler is None:
            raise Problem("not-found", f"Nothing at {exchange.path[:200]}; queries go to /sparql.")
        return handler

    def _check(self, exchange: Exchange) -> None:
        length = len(exchange.scope.get("raw_path") or b"") + len(exchange.scope["query_string"])
        if length > self.settings.limits.url_bytes:
            raise Problem("url-too-long")

    async def _options(self, exchange: Exchange, allow: bytes) -> None:
        headers = [
            (b"allow", allow),
            (b"accept-post", f"{protocol.QUERY}, {protocol.FORM}".encode()),
        ]
        await exchange.whole(204, headers)

    def _client(self, scope: Scope) -> str:
        """The address that takes turns: the last one that a trusted proxy names, else the peer's."""
        peer = scope["client"][0] if scope.get("client") else "local"
        if not self.settings.proxies:
            return peer
        named = b",".join(v for n, v in scope["headers"] if n == b"x-forwarded-for").decode(
            "latin-1"
        )
        hops = [peer, *(hop.strip() for hop in reversed(named.split(",")) if hop.strip())]
        for hop in hops:
            try:
                address = ip_address(hop)
            except ValueError:
                return peer
            if not any(address in network for network in self.settings.proxies):
                return hop
        return hops[-1]

    def _with_headers(self, send: Send) -> Send:
        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] += [h for h in SECURITY if h[0] not in own]
            await send(message)

        return with_headers

    def _note(self, exchange: Exchange) -> None:
        """Leave a trace of the request."""

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _watch(self) -> None:
        """Move to a new build when the pointer changes."""
        while True:
            await asyncio.sleep(self.settings.watch_seconds)
            try:
                build = published(self.settings.kg)
            except Exception as error:  # noqa: BLE001
                logger.warning("%s", error)
                continue
            if build != self.build:
                logger.info("moving to build %s", build.digest)
                for pool in self.pools:
                    await pool.move_to(build)
