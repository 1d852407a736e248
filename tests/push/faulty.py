"""A store over HTTP that can be told to misbehave: in memory, on loopback, with a record of all requests."""

import base64
import gzip
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

Answer = tuple[int, dict[str, str], bytes]
# A fault sees each request before the store does; it answers in its place, or lets it pass with None.
Fault = Callable[["Request"], Answer | None]


class Request:
    """What was asked."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.method, self.path = handler.command, parts.path
        self.params = parse_qs(parts.query)
        self.headers = handler.headers
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.size = len(raw)
        packed = handler.headers.get("Content-Encoding") == "gzip"
        self.body = gzip.decompress(raw) if packed else raw

    @property
    def writes(self) -> bool:
        """Whether it would change the store."""
        return self.method in {"PUT", "DELETE"} or (
            self.method == "POST" and self.path in {"/store", "/update"}
        )

    @property
    def user(self) -> str | None:
        """`name:password` of Basic authentication."""
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(value).decode() if kind == "Basic" else None


class FaultyStore:
    """An Oxigraph store in this process, behind the same addresses as the server has."""

    def __init__(self) -> None:
        self.store = ox.Store()
        self.requests: list[Request] = []
        self.fault: Fault = lambda _: None
        self.date: str | None = None
        self.row_cap: int | None = None
        self.union = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.writes]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        refused = self.fault(request)
        if refused is not None:
            return refused
        if request.path == "/query":
            return self._query(parse_qs(request.body.decode())["query"][0])
        if request.path == "/update":
            self.store.update(parse_qs(request.body.decode())["update"][0])
            return 204, {}, b""
        if request.path == "/store":
            return self._graph_store(request)
        return 404, {"Content-Type": "text/html"}, b"<html><body><h1>Not Found</h1></body></html>"

    def _query(self, query: str) -> Answer:
        try:
            rows: Any = self.store.query(query, use_default_graph_as_union=self.union)
        except SyntaxError as error:
            return 400, {"Content-Type": "text/plain"}, str(error).encode()
        if isinstance(rows, ox.QueryTriples):
            return 200, {"Content-Type": "application/n-triples"}, _ntriples(rows)
        found: bytes = rows.serialize(format=ox.QueryResultsFormat.JSON)
        if self.row_cap is not None:
            document = json.loads(found)
            del document["results"]["bindings"][self.row_cap :]
            found = json.dumps(document).encode()
        return 200, {"Content-Type": "application/sparql-results+json"}, found

    def _graph_store(self, request: Request) -> Answer:
        named = request.params.get("graph")
        graph = ox.NamedNode(named[0]) if named else None
        if request.method == "GET":
            quads = self.store.quads_for_pattern(None, None, None, graph)
            return (
                200,
                {"Content-Type": "application/n-triples"},
                _ntriples(q.triple for q in quads),
            )
        if request.method in {"PUT", "DELETE"}:
            self.store.remove_graph(graph)
        if request.method == "DELETE":
            return 204, {}, b""
        form = ox.RdfFormat.N_TRIPLES if graph else ox.RdfFormat.N_QUADS
        try:
            if graph:
                self.store.load(request.body, form, to_graph=graph)
            else:
                self.store.load(request.body, form)
        except SyntaxError as error:
            return 400, {"Content-Type": "text/plain"}, str(error).encode()
        return 204, {}, b""


def _ntriples(triples: Any) -> bytes:
    return "".join(f"{triple} .\n" for triple in triples).encode()


def _handler(store: FaultyStore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answered(self) -> None:
            status, headers, body = store.answer(Request(self))
            if status == 0:  # hang up without a word
                self.close_connection = True
                self.connection.close()
                return
            self.send_response_only(status)
            self.send_header("Date", store.date or self.date_time_string())
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answered  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def problem(status: int, words: str = "", **headers: str) -> Answer:
    """An answer that is no good."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "text/plain", **named}, words.encode()


def results(rows: list[dict[str, Any]], names: list[str]) -> Answer:
    """SPARQL results in JSON."""
    body = json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()
    return 200, {"Content-Type": "application/sparql-results+json"}, body
