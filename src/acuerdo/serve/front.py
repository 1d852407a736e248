"""The ASGI application: every request passes here, gets its headers, its log line and its count."""

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from acuerdo.errors import AcuerdoError
from acuerdo.serve import metrics, protocol
from acuerdo.serve.answer import answers, send_answer
from acuerdo.serve.builds import Build, published
from acuerdo.serve.description import dataset, serialise, service
from acuerdo.serve.exchange import Exchange, Headers, Receive, Scope, Send
from acuerdo.serve.formats import negotiate
from acuerdo.serve.graphstore import read_graph
from acuerdo.serve.journal import Journal
from acuerdo.serve.nursery import Nursery
from acuerdo.serve.pool import Pool
from acuerdo.serve.problem import Problem
from acuerdo.serve.reconcile import Reconcile
from acuerdo.serve.sandbox import Enforcement
from acuerdo.serve.settings import Settings
from acuerdo.serve.site import Site

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
PLAIN: Headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
RETRY_BUILD = 30.0  # seconds until a build that could not be opened is tried again


class Route(NamedTuple):
    """What answers at a path, or below it when the path ends in a slash."""

    path: str
    handler: Callable[[Exchange], Awaitable[None]]
    methods: tuple[str, ...] = ("GET", "HEAD", "OPTIONS")


class Front:
    """One server: its pools of workers and what it answers."""

    def __init__(self, settings: Settings, nursery: Nursery) -> None:
        self.settings, self.nursery = settings, nursery
        self.journal = Journal(
            access_log=settings.access_log,
            slow_seconds=settings.slow_seconds,
            slow_text=settings.slow_text,
        )
        build = settings.elsewhere or published(settings.kg)
        limits = settings.limits
        self.pool = Pool(nursery, limits, build)
        self.pools = {"plain": self.pool}
        if settings.services:
            self.pools["federated"] = Pool(nursery, limits, build, network=True)
        site = Site(self)
        reconcile = Reconcile(self)
        self.routes = [
            Route("/sparql", self.sparql, ("GET", "HEAD", "POST", "OPTIONS")),
            Route("/query", self.sparql, ("GET", "HEAD", "POST", "OPTIONS")),
            Route("/graph-store", self.graph_store),
            Route("/.well-known/void", self.void),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
            Route("/", site.home),
            Route("/static/", site.static),
            Route("/questions", site.questions),
            Route("/questions/", site.question),
            Route("/id/", site.thing),
            Route("/data/", site.data),
            Route("/page/", site.page),
            Route("/export/", site.export),
            Route("/openapi.json", site.openapi),
            Route("/reconcile", reconcile.root, ("GET", "HEAD", "POST", "OPTIONS")),
            Route("/reconcile/", reconcile.below),
        ]
        self._exact = {route.path: route for route in self.routes}
        self._below = [r for r in self.routes if r.path.endswith("/") and r.path != "/"]
        self._watcher: asyncio.Task[None] | None = None
        self._reached = True
        self._derived_from = published(settings.source).digest if settings.source else ""

    @property
    def build(self) -> Build:
        """The newest build."""
        return self.pool.build

    @property
    def kg(self) -> Path:
        """The graph directory."""
        return self.settings.kg

    @property
    def base(self) -> str:
        """The base of data IRIs."""
        return self.settings.base or self.build.base

    def enforced(self) -> Enforcement:
        """What the kernel keeps, as the first worker found it."""
        return self.pool.enforced or Enforcement()

    async def start(self) -> bool:
        """Start the workers; true when the first ones are ready."""
        self.nursery.attach(asyncio.get_running_loop())
        ready = all([await pool.start() for pool in self.pools.values()])
        watch = self._probe() if self.settings.elsewhere else self._watch()
        self._watcher = asyncio.create_task(watch)
        return ready

    def stop(self) -> None:
        """End the workers."""
        if self._watcher:
            self._watcher.cancel()
        for pool in self.pools.values():
            pool.close()
        self.nursery.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send, self._client(scope), SECURITY)
        exchange.besides = self._cors(exchange)
        try:
            await self._answer(exchange)
        except Problem as problem:
            await _tell(exchange, problem)
        except Exception:
            logger.exception("a defect met at %s", exchange.endpoint)
            await _tell(exchange, Problem("internal"))
        self.journal.note(exchange, self.build.digest)

    async def _answer(self, exchange: Exchange) -> None:
        route = self._route(exchange)
        if exchange.method == "OPTIONS":
            await self._options(exchange, route)
        else:
            await route.handler(exchange)

    # Endpoints.
    async def sparql(self, exchange: Exchange) -> None:
        """Queries, and the service description where there is none."""
        request = await protocol.read_request(exchange, self.settings)
        if request is None:
            await self._describe(exchange)
            return
        exchange.query_text = request.job.query
        pool = self.pools["federated" if request.federated else "plain"]
        await send_answer(exchange, pool, request.job, storable=not request.volatile)

    async def graph_store(self, exchange: Exchange) -> None:
        """The reading half of the Graph Store Protocol."""
        await read_graph(exchange, self.pool)

    async def void(self, exchange: Exchange) -> None:
        """The data set in VoID."""
        name = _graph_format(exchange)
        body = serialise(dataset(exchange.origin, self.base, self.build), name)
        await exchange.document("graph", name, body)

    async def healthz(self, exchange: Exchange) -> None:
        """The process runs."""
        await exchange.whole(200, PLAIN, b"ok\n")

    async def readyz(self, exchange: Exchange) -> None:
        """Queries will be answered."""
        if not all(pool.ready for pool in self.pools.values()):
            raise Problem("stopping")
        if not self._reached:
            raise Problem("unreachable")
        await exchange.whole(
            200, [*PLAIN, (b"acuerdo-build", self.build.digest.encode())], b"ready\n"
        )

    async def metrics(self, exchange: Exchange) -> None:
        """Numbers for Prometheus, for this machine unless told otherwise."""
        local = exchange.scope.get("client") is None or (
            ip_address(exchange.scope["client"][0]).is_loopback
            and b"x-forwarded-for" not in exchange.headers
        )
        if not (local or self.settings.open_metrics):
            raise Problem("forbidden", "Metrics are for the server's own machine.")
        headers = [(b"content-type", metrics.CONTENT_TYPE), (b"cache-control", b"no-store")]
        await exchange.whole(200, headers, metrics.render(self.journal, self.pools))

    async def _describe(self, exchange: Exchange) -> None:
        name = _graph_format(exchange)
        endpoint = exchange.origin + "/sparql"
        body = serialise(service(endpoint, federated=bool(self.settings.services)), name)
        await exchange.document("graph", name, body)

    # The way of every request.
    def _route(self, exchange: Exchange) -> Route:
        length = len(exchange.scope.get("raw_path") or b"") + len(exchange.scope["query_string"])
        if length > self.settings.limits.url_bytes:
            raise Problem("url-too-long")
        self._check_host(exchange)
        path = exchange.path
        route = self._exact.get(path.rstrip("/") or "/") or next(
            (r for r in self._below if path.startswith(r.path) and path != r.path), None
        )
        if route is None:
            raise Problem("not-found", "Queries go to /sparql.")
        exchange.endpoint = route.path.strip("/").split("/")[-1] or "home"
        if exchange.method not in route.methods:
            raise self._refused_method(exchange, route)
        return route

    def _refused_method(self, exchange: Exchange, route: Route) -> Problem:
        writes = route.path == "/graph-store" and exchange.method in (
            "PUT",
            "POST",
            "DELETE",
            "PATCH",
        )
        if writes:
            return Problem("read-only")
        allow = (b"allow", ", ".join(route.methods).encode())
        return Problem("method", f"Here {', '.join(route.methods)} are answered.", headers=(allow,))

    def _check_host(self, exchange: Exchange) -> None:
        """Refuse names that are not ours: a page elsewhere could have its own name point here."""
        own = self.settings.hosts
        if not own and self.settings.host not in ("127.0.0.1", "::1", "localhost"):
            return
        if b"host" not in exchange.headers:  # HTTP/1.0; a browser always sends one
            return
        name, _, port = exchange.header(b"host").lower().rpartition(":")
        if not name or not port.isdigit():
            name = exchange.header(b"host").lower()
        if name not in own and name not in LOOPBACK:
            raise Problem("wrong-host", "Name it with --allow-host when it is right.")

    async def _options(self, exchange: Exchange, route: Route) -> None:
        headers: Headers = [(b"allow", ", ".join(route.methods).encode())]
        if "POST" in route.methods:
            headers.append((b"accept-post", f"{protocol.QUERY}, {protocol.FORM}".encode()))
        if exchange.headers.get(b"access-control-request-method") and self._cors(exchange):
            headers += [
                (b"access-control-allow-methods", ", ".join(route.methods).encode()),
                (b"access-control-allow-headers", b"accept, content-type, if-none-match"),
                (b"access-control-max-age", b"86400"),
            ]
        await exchange.whole(204, headers)

    def _cors(self, exchange: Exchange) -> Headers:
        """What lets a page of another site read the answer, if that was chosen."""
        if not self.settings.cors:
            return []
        exposed = (
            b"access-control-expose-headers",
            b"acuerdo-build, acuerdo-truncated, etag, retry-after",
        )
        if "*" in self.settings.cors:
            return [(b"access-control-allow-origin", b"*"), exposed]
        origin = exchange.headers.get(b"origin", b"")
        vary = (b"vary", b"Origin")
        if origin.decode("latin-1") in self.settings.cors:
            return [(b"access-control-allow-origin", origin), exposed, vary]
        return [vary]

    def _client(self, scope: Scope) -> str:
        """The address that takes turns: the last one that a trusted proxy names, else the peer's."""
        peer: str = scope["client"][0] if scope.get("client") else "local"
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

    async def _derive(self) -> None:
        """With --public: derive what another build lets the public read, once."""
        source = self.settings.source
        if source and (digest := published(source).digest) != self._derived_from:
            if await _derived(source, self.settings.excerpt_percent):
                self._derived_from = digest
            else:
                await asyncio.sleep(RETRY_BUILD)

    async def _probe(self) -> None:
        """Look from time to time whether the store elsewhere still answers."""
        while True:
            await asyncio.sleep(self.settings.probe_seconds)
            reached = await answers(self.pool)
            if reached != self._reached:
                logger.warning("the store %s", "answers again" if reached else "does not answer")
            self._reached = reached

    async def _watch(self) -> None:
        """Move to a new build when the pointer changes."""
        bad, until = "", 0.0
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.settings.watch_seconds)
            with suppress(AcuerdoError):
                await self._derive()
                build = published(self.settings.kg)
                if build == self.build or (build.digest == bad and loop.time() < until):
                    continue
                if all([await pool.move_to(build) for pool in self.pools.values()]):
                    logger.info("serving build %s", build.digest)
                else:
                    bad, until = build.digest, loop.time() + RETRY_BUILD
                    logger.warning("build %s cannot be opened: %s", bad, self.pool.refusal)


async def _tell(exchange: Exchange, problem: Problem) -> None:
    """Send a problem, or end the connection where an answer has begun."""
    exchange.outcome = problem.reason
    if exchange.status:
        exchange.abort()
    elif not exchange.disconnected:
        await exchange.whole(problem.kind.status, problem.all_headers(), problem.body())


async def _derived(source: Path, percent: float) -> bool:
    """Have the public build made by a process of its own; it says on standard error what is wrong."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "acuerdo.serve.public", str(source), f"{percent:g}", stdin=DEVNULL
    )
    return await process.wait() == 0


def _graph_format(exchange: Exchange) -> str:
    name = negotiate(exchange.header(b"accept"), "graph")
    if name is None:
        raise Problem(
            "not-acceptable",
            "text/turtle, application/ld+json, application/rdf+xml, application/n-triples",
        )
    return name
