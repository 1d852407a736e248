"""What is served beside SPARQL: questions, things, pages, dumps, and the description of it all."""

from typing import Any, Protocol

import msgspec

from acuerdo.serve import entity, exports, pages
from acuerdo.serve.answer import send_answer
from acuerdo.serve.exchange import Exchange
from acuerdo.serve.formats import best
from acuerdo.serve.openapi import document
from acuerdo.serve.pool import Pool
from acuerdo.serve.problem import Problem
from acuerdo.serve.questions import find, listed, question_job, shipped

JSON = ("json", ("application/json",))
HTML = ("html", ("text/html", "application/xhtml+xml"))
DATA_FORMATS = (
    ("turtle", "Turtle"),
    ("jsonld", "JSON-LD"),
    ("ntriples", "N-Triples"),
    ("rdfxml", "RDF/XML"),
)


class Served(Protocol):
    """What the site needs of the server."""

    pool: Pool

    @property
    def base(self) -> str:
        """The base of data IRIs."""


class Site:
    """Handlers for everything that a browser or a crawler meets."""

    def __init__(self, served: Served) -> None:
        self._served = served

    async def home(self, exchange: Exchange) -> None:
        """The page with the query form and the questions."""
        await self._page(exchange, "home.html", {"questions": shipped().values()})

    async def static(self, exchange: Exchange) -> None:
        """The style sheet."""
        if not await pages.send_static(exchange, exchange.path.removeprefix("/static/")):
            raise Problem("not-found")

    async def questions(self, exchange: Exchange) -> None:
        """All shipped questions as JSON."""
        if best(exchange.header(b"accept"), [JSON, HTML]) == "html":
            await self.home(exchange)
            return
        await self._json(exchange, {"questions": listed(exchange.origin)})

    async def question(self, exchange: Exchange) -> None:
        """The answer to a shipped question, or with `?form` the page that asks it."""
        found = find(exchange.path.removeprefix("/questions/").rstrip("/"))
        if exchange.scope["query_string"] == b"form":
            await self._page(exchange, "question.html", {"question": found})
            return
        pool = self._served.pool
        job = question_job(exchange, found, pool.limits, self._served.base)
        exchange.query_text = f"{found.name} {sorted(job.given.items())}"
        await send_answer(exchange, pool, job)

    async def thing(self, exchange: Exchange) -> None:
        """A name: 303 to its page or its data."""
        entity.named(exchange, self._served.base, "/id/")
        await entity.redirect(exchange)

    async def data(self, exchange: Exchange) -> None:
        """What the graph says about a thing, as RDF."""
        iri = entity.named(exchange, self._served.base, "/data/")
        await entity.send_data(exchange, self._served.pool, iri)

    async def page(self, exchange: Exchange) -> None:
        """What the graph says about a thing, as a page."""
        iri = entity.named(exchange, self._served.base, "/page/")
        content = await entity.page_content(exchange, self._served.pool, iri)
        raw = exchange.scope["raw_path"].decode("latin-1")
        own = {"data": raw.replace("/page/", "/data/", 1), "formats": DATA_FORMATS}
        await self._page(exchange, "entity.html", content | own)

    async def export(self, exchange: Exchange) -> None:
        """The dump of the build."""
        pool = self._served.pool
        name = exchange.path.removeprefix("/export/")
        await exports.send_file(exchange, pool.build, name, pool.limits)

    async def openapi(self, exchange: Exchange) -> None:
        """The description of all that is not SPARQL."""
        await self._json(exchange, document(exchange.origin, shipped().values()))

    async def _json(self, exchange: Exchange, content: Any) -> None:
        headers = [
            (b"content-type", b"application/json"),
            (b"vary", b"Accept"),
            (b"cache-control", b"no-cache"),
        ]
        await exchange.whole(200, headers, msgspec.json.encode(content))

    async def _page(self, exchange: Exchange, name: str, content: dict[str, Any]) -> None:
        places = pages.Places(self._served.base)
        shown = {"build": self._served.pool.build.digest, "place": places} | content
        await pages.send_page(exchange, name, shown)
