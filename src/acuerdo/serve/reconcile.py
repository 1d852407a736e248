"""`/reconcile`: the Reconciliation API 0.2, for OpenRefine and its kin.

The things of the build are read into memory at the first request, in a thread of its own, and again when another
build is served; those of a store elsewhere are read again after some minutes. One batch is worked on at a time.
"""

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from acuerdo.errors import AcuerdoError
from acuerdo.serve.builds import Build
from acuerdo.serve.exchange import Exchange, parse_form
from acuerdo.serve.pool import Pool
from acuerdo.serve.problem import Problem

if TYPE_CHECKING:
    from acuerdo.link.reconcile import Reconciler

_BODY = 2_000_000
_SECONDS = 20.0
_FRESH = 600.0  # seconds for which what was read elsewhere is used


class Served(Protocol):
    """What the service needs of the server."""

    pool: Pool

    @property
    def kg(self) -> Path:
        """The graph directory."""


class Reconcile:
    """Handlers of the service."""

    def __init__(self, served: Served) -> None:
        self._served, self._turn = served, asyncio.Lock()
        self._ready: tuple[str, Reconciler] | None = None

    async def _reconciler(self) -> "Reconciler":
        """The things of the build that is served now; only with the turn."""
        build = self._served.pool.build
        digest = build.digest if build.settled else f"{build.digest} {time.monotonic() // _FRESH}"
        if self._ready is None or self._ready[0] != digest:
            try:
                loaded = await asyncio.to_thread(self._load, build)
            except AcuerdoError as error:
                raise Problem("remote", str(error).partition(": ")[2]) from error
            old, self._ready = self._ready, (digest, loaded)
            if old:
                old[1].close()
        return self._ready[1]

    def _load(self, build: Build) -> "Reconciler":
        # Most servers are never asked: what linking needs is loaded for the first who does.
        from acuerdo.link.reconcile import Reconciler
        from acuerdo.link.source import Graph

        if build.endpoint:
            from acuerdo import assets, vocabulary
            from acuerdo.iri import Bases
            from acuerdo.link.source import mentions_in
            from acuerdo.serve.things import quads

            known = vocabulary.load(assets.path("ontology"))
            return Reconciler(mentions_in(quads(build), known), Bases(build.base), known)
        graph = Graph(self._served.kg, build.digest)
        return Reconciler(graph.mentions(), graph.bases, graph.vocabulary)

    async def root(self, exchange: Exchange) -> None:
        """The manifest, or the answers to `queries`."""
        from acuerdo.link.reconcile import BadBatch

        pairs = dict(exchange.parameters())
        if exchange.method == "POST":
            pairs |= dict(parse_form(await exchange.body(_BODY, _SECONDS)))
        async with self._turn:
            service = await self._reconciler()
            if "queries" not in pairs:
                await _json(exchange, service.manifest(exchange.origin))
                return
            try:
                found = await asyncio.to_thread(service.answers, json.loads(pairs["queries"]))
            except (BadBatch, json.JSONDecodeError, RecursionError) as error:
                raise Problem("bad-request", str(error)[:200]) from None
        await _json(exchange, found)

    async def below(self, exchange: Exchange) -> None:
        """Suggestions and previews."""
        part = exchange.path.removeprefix("/reconcile/").rstrip("/")
        given = dict(exchange.parameters())
        async with self._turn:
            service = await self._reconciler()
        if part in {"suggest/entity", "suggest/type", "suggest/property"}:
            cursor = given.get("cursor") or "0"
            if not cursor.isdecimal():
                raise Problem("bad-request", "The cursor is no number of suggestions to skip.")
            kind = part.removeprefix("suggest/")
            await _json(exchange, service.suggest(kind, given.get("prefix", ""), int(cursor)))
            return
        if part == "view" and service.knows(given.get("id", "")):
            # A client sends the identifier as one encoded part, which no path could tell from its own slashes.
            place = (b"location", b"/id/" + given["id"].encode())
            await exchange.whole(303, [place, (b"cache-control", b"no-cache")])
            return
        page = service.preview(given.get("id", "")) if part == "preview" else None
        if page is None:
            raise Problem("not-found")
        await exchange.whole(200, [(b"content-type", b"text/html; charset=utf-8")], page.encode())


async def _json(exchange: Exchange, content: object) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-cache")]
    await exchange.whole(200, headers, msgspec.json.encode(content))
