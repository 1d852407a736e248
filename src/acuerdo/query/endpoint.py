"""Questions to somebody else's SPARQL endpoint: asked politely, patiently, and only believed when whole.

SPARQLWrapper carries the request. It guesses the kind of a query by looking for words, in comments too, so
comments go before it sees the query, and the kind is set rather than guessed.
"""

import http.client
import json
import os
import re
import time
import urllib.error
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph as ox

from acuerdo import __version__
from acuerdo.errors import BadQuery, LimitReached, RemoteFailed, WrongUsage
from acuerdo.query import names, sparql, values
from acuerdo.query.kg import Answer, answer, chosen
from acuerdo.query.patience import BUSY, asked_to_wait, pauses, plain_words
from acuerdo.query.portable import WRONG_ON, portable, without_closures, without_if_exists
from acuerdo.query.question import Parameter, Question
from acuerdo.report import escaped

AGENT = f"acuerdo/{__version__} SPARQLWrapper/{version('SPARQLWrapper')}"
USER, PASSWORD, TOKEN = (f"ACUERDO_ENDPOINT_{name}" for name in ("USER", "PASSWORD", "TOKEN"))
# A servlet container speaks for RDF4J in `Server`; the path is what its protocol fixes.
_RDF4J = re.compile(r"/repositories/[^/]+/?$")
# Its servlet stands at /bigdata unless somebody moved it; it names itself in no header.
_BLAZEGRAPH = re.compile(r"/(?:bigdata|blazegraph)/")
# An empty graph may be nothing but a comment.
_COMMENTS = re.compile(rb"^#.*$", re.MULTILINE)
_STATUS = {
    "EndPointInternalError": "fails (500)",
    "EndPointNotFound": "knows nothing here (404), is the address right",
    "URITooLong": "takes no such long address (414)",
    "Unauthorized": f"wants a name and password (401); set {USER} and {PASSWORD}, or {TOKEN}",
}


class Endpoint:
    """An endpoint that answers questions as an opened graph does; one request at a time.

    `timeout` is for one request, `patience` for all the waiting between tries. `sleep` is time.sleep but
    in tests. `default_graph` names what patterns outside GRAPH see, where that is not the union of the
    named graphs (Fuseki: `urn:x-arq:UnionGraph`). `engine` is what is known of the store behind it.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        patience: float = 120.0,
        default_graph: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.username:
            raise WrongUsage(f"{escaped(url, 200)}: not the http(s) address of an endpoint")
        self.url, self.timeout, self.patience, self._sleep = url, timeout, patience, sleep
        self._last: tuple[str, bytes] = ("", b"")
        self._base: str | None = None
        self._default_graph = default_graph
        self._dataset: list[tuple[str, str]] = []
        self.engine = "RDF4J" if _RDF4J.search(parts.path) else ""
        if _BLAZEGRAPH.search(parts.path):
            self.engine = "Blazegraph"
        self._closures: dict[str, list[str]] = {}

    def query(self, asked: str | Path | Question, /, **parameters: object) -> Answer:
        """The answer to a shipped question, a `.rq` file or a SPARQL text; raises RemoteFailed too."""
        wanted = chosen(asked)
        self.refuse_wrong(wanted)
        given = {
            name: values.terms(wanted.parameter(name), value, self.resolve)
            for name, value in parameters.items()
            if value is not None
        }
        return answer(wanted, wanted.fill(given), self.run, self._base or "")

    def refuse_wrong(self, asked: Question) -> None:
        """Raise RemoteFailed for a question that the engine there is known to answer wrongly."""
        if asked.name in WRONG_ON.get(self.engine, ()):
            raise RemoteFailed(
                f"{self.place}: {self.engine} is known to answer {asked.name} wrongly; "
                "ask the graph directory, or another store"
            )

    def resolve(self, parameter: Parameter, text: str) -> list[str]:
        """The IRIs that a name or the tail of an IRI means there."""
        return names.meant(self.run, self.base, parameter, text)

    @property
    def base(self) -> str:
        """The base of the graph there, as the IRI of one of its articles shows it."""
        if self._base is None:
            found = self.run("SELECT ?article WHERE { ?article a ac:Article } LIMIT 1")
            assert isinstance(found, ox.QuerySolutions)
            first = next((str(getattr(row[0], "value", "")) for row in found), "")
            self._base = first.partition("id/article/")[0]
        return self._base

    def run(self, text: str) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
        """What the endpoint answers to a SPARQL text; the same text again is not sent again."""
        kind = sparql.form(text)
        if self._last[0] != text:
            self._last = (text, self._asked(self._in_its_words(text), kind))
        body = self._last[1]
        if kind == "ASK":
            return ox.parse_query_results(_boolean(body), ox.QueryResultsFormat.JSON)
        if kind == "SELECT":
            return ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        loaded = ox.Store()
        try:
            loaded.load(body, ox.RdfFormat.TURTLE)
        except SyntaxError as error:
            raise RemoteFailed(f"{self.place}: sends a broken graph ({error})") from error
        return loaded.query("CONSTRUCT WHERE { ?s ?p ?o }")

    def run_anew(
        self, text: str, *, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
        """What it answers now, over the graphs of the protocol's dataset where some are named."""
        self._last = ("", b"")
        self._dataset = [
            *(("default-graph-uri", iri) for iri in default_graphs),
            *(("named-graph-uri", iri) for iri in named_graphs),
        ]
        try:
            return self.run(text)
        finally:
            self._dataset = []

    def lacks_union(self) -> bool:
        """Whether patterns outside GRAPH see no article there, though the named graphs hold some."""
        named = self.run("ASK { GRAPH ?g { ?a a ac:Article } }")
        return bool(named) and not bool(self.run("ASK { ?a a ac:Article }"))

    def _in_its_words(self, text: str) -> str:
        query = portable(text)
        if self.engine == "Virtuoso":
            query = without_closures(without_if_exists(query), self._members)
        return query

    def _members(self, path: str) -> list[str]:
        """The IRIs that a path finds, asked once an endpoint."""
        if path not in self._closures:
            body = self._asked(sparql.with_prefixes(path), "SELECT")
            found = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
            assert isinstance(found, ox.QuerySolutions)
            names = {str(row[0])[1:-1] for row in found}
            self._closures[path] = sorted(names)
        return self._closures[path]

    def _asked(self, text: str, kind: str | None) -> bytes:
        waited = 0.0
        for pause in pauses():
            try:
                return self._once(text, kind)
            except _BusyError as busy:
                wait = pause if busy.wait is None else busy.wait
                if waited + wait > self.patience:
                    raise self._given_up(busy, wait) from busy
            self._sleep(wait)
            waited += wait
        raise AssertionError  # pauses never end

    def _given_up(self, busy: "_BusyError", wait: float) -> LimitReached | RemoteFailed:
        if busy.timed_out:
            return LimitReached(
                f"{self.place}: no answer in {self.timeout:.0f} s, tried again in vain"
            )
        asked = f"; it asks to come back in {wait:.0f} s" if busy.wait is not None else ""
        return RemoteFailed(f"{self.place}: stays busy ({busy}){asked}")

    @property
    def place(self) -> str:
        """Its address without what may stand behind it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    def _once(self, text: str, kind: str | None) -> bytes:
        from SPARQLWrapper import SPARQLExceptions

        try:
            response = self._wrapper(text, kind).query().response
            body: bytes = response.read()
        except SPARQLExceptions.QueryBadFormed as error:
            raise BadQuery(f"{self.place}: {_own_words(error)}") from error
        except SPARQLExceptions.SPARQLWrapperException as error:
            status = _STATUS.get(type(error).__name__, "refuses")
            raise RemoteFailed(f"{self.place}: {status}: {_own_words(error)}") from error
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error) from error
        except TimeoutError as error:
            raise _BusyError("timed out", timed_out=True) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise _BusyError("timed out", timed_out=True) from error
            raise RemoteFailed(f"{self.place}: cannot be reached ({error.reason})") from error
        except (http.client.HTTPException, OSError) as error:
            raise _BusyError(f"broken off: {type(error).__name__}") from error
        if response.headers.get("Server", "").startswith("Virtuoso"):
            self.engine = "Virtuoso"
        whole = self._whole(body, kind, response.headers.get("Content-Type", "nothing"))
        return self._uncut(whole, kind, response.headers)

    def _wrapper(self, text: str, kind: str | None) -> Any:
        from SPARQLWrapper import JSON, N3, POST, SPARQLWrapper

        wrapper = SPARQLWrapper(self.url, agent=AGENT, defaultGraph=self._default_graph)
        for name, iri in self._dataset:
            wrapper.addParameter(name, iri)
        _sign(wrapper)
        wrapper.setQuery(text)
        wrapper.queryType = kind
        wrapper.setMethod(POST)
        wrapper.setOnlyConneg(True)
        wrapper.setTimeout(max(1, round(self.timeout)))
        if kind in {"SELECT", "ASK"}:
            wrapper.setReturnFormat(JSON)
        else:
            wrapper.setReturnFormat(N3)
            # N-Triples is Turtle, so one parser reads both; SPARQLWrapper would ask for N3 first.
            wrapper.addCustomHttpHeader("Accept", "application/n-triples, text/turtle;q=0.9")
        return wrapper

    def _refused(self, error: urllib.error.HTTPError) -> Exception:
        if error.code in BUSY:
            return _BusyError(
                f"{error.code} {error.reason}",
                wait=asked_to_wait(error.headers["Retry-After"], error.headers["Date"]),
            )
        words = _words(error.read(2000))
        return RemoteFailed(f"{self.place}: {error.code} {error.reason}: {words}")

    def _whole(self, body: bytes, kind: str | None, content_type: str) -> bytes:
        """The body, if it is all of an answer; a page of HTML or half a document is none."""
        if kind in {"SELECT", "ASK"}:
            try:
                found = json.loads(body)
                good = isinstance(found, dict) and ("results" in found or "boolean" in found)
            except ValueError:
                good = False
        else:
            said = b"".join(_COMMENTS.sub(b"", body).split())
            good = "html" not in content_type and (not said or said.endswith(b"."))
        if good:
            return body
        what = "an answer that ends too early" if "json" in content_type else content_type
        raise RemoteFailed(f"{self.place}: sends {what}, not SPARQL results: {_words(body[:2000])}")

    def _uncut(self, body: bytes, kind: str | None, headers: Mapping[str, str]) -> bytes:
        """The body, unless the endpoint says that it cut the rows; a part must not pass for the whole."""
        cap = headers.get("X-SPARQL-MaxRows", "")
        cut = headers.get("Acuerdo-Truncated", "").lower() == "true"
        if kind == "SELECT" and cap.isdigit():
            cut = cut or len(json.loads(body)["results"]["bindings"]) >= int(cap)
        if cut:
            raise LimitReached(f"{self.place}: gives only the first rows; ask for fewer")
        return body


def _boolean(body: bytes) -> bytes:
    """The answer to an ASK; Virtuoso 7 gives rows, of which one with a 1 means true and none false."""
    found = json.loads(body)
    if "boolean" in found:
        return body
    values = [cell["value"] for row in found["results"]["bindings"] for cell in row.values()]
    return b'{"head": {}, "boolean": %b}' % (b"true" if "1" in values else b"false")


def _sign(wrapper: Any) -> None:
    """Let the request say who asks, where the environment has a token, or a name and password."""
    token, user = os.environ.get(TOKEN), os.environ.get(USER)
    if token:
        wrapper.addCustomHttpHeader("Authorization", f"Bearer {token}")
    elif user:
        wrapper.setCredentials(user, os.environ.get(PASSWORD, ""))


class _BusyError(Exception):
    """Come back later: after `wait` seconds, where the endpoint says so."""

    def __init__(self, words: str, *, wait: float | None = None, timed_out: bool = False) -> None:
        super().__init__(words)
        self.wait, self.timed_out = wait, timed_out


def _own_words(error: Exception) -> str:
    """What the endpoint said, which SPARQLWrapper puts behind its own sentence."""
    said = error.args[0] if error.args else ""
    if isinstance(said, bytes):
        return _words(said)
    text = str(said)
    quoted = re.search(r"Response:\s*b(['\"])(.*)\1", text, re.DOTALL)
    return _words((quoted[2] if quoted else text).replace("\\n", " ").encode())


def _words(body: bytes) -> str:
    return plain_words(body.decode("utf-8", "replace"))
