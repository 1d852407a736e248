"""The HTTP shapes that GraphDB, Stardog, Amazon Neptune and QLever document, over a store in this process.

These are no recordings of live servers: addresses, statuses, bodies and ways to log in are those of the manuals.
What a manual does not promise (gzip for QLever, an update at a query address) is refused.
"""

from urllib.parse import parse_qs

from push.faulty import Answer, FaultyStore, Request


class Shaped(FaultyStore):
    """One kind of store: `prefix` stands before all its paths, `admits` says who may do what."""

    prefix = ""

    def __init__(self) -> None:
        super().__init__()
        self.union = True
        self.shapes: set[tuple[str, str]] = set()
        self.home = self.url + self.prefix

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        refused = self.admits(request)
        if refused is not None:
            return refused
        found = self.shaped(request)
        if found is None:
            return 404, {"Content-Type": "text/plain"}, b"no such address"
        self.shapes.add((request.method, request.path))
        return found

    @property
    def writes(self) -> list[Request]:
        return [r for r in self.requests if not r.body.startswith(b"query=") and r.method != "GET"]

    def admits(self, request: Request) -> Answer | None:
        """The refusal of who is not known; None lets the request pass."""
        raise NotImplementedError

    def shaped(self, request: Request) -> Answer | None:
        """The answer at a documented address; None where there is none."""
        raise NotImplementedError

    def form(self, request: Request, field: str) -> str | None:
        """A field of a form, as the SPARQL Protocol sends queries and updates."""
        if request.method != "POST" or "form-urlencoded" not in request.headers["Content-Type"]:
            return None
        return parse_qs(request.body.decode()).get(field, [None])[0]

    def asked(self, request: Request) -> Answer | None:
        query = self.form(request, "query")
        return self._query(query) if query is not None else None

    def updated(self, request: Request, status: int, body: bytes = b"") -> Answer | None:
        update = self.form(request, "update")
        if update is None:
            return None
        self.store.update(update)
        return status, {"Content-Type": "application/json"}, body

    def graph(self, request: Request, status: int) -> Answer:
        """The Graph Store Protocol; `status` for what went well and gives nothing."""
        found, headers, body = self._graph_store(request)
        return (status if found == 204 else found), headers, body


class GraphDB(Shaped):
    """The RDF4J protocol below /repositories, with Basic authentication where security is on."""

    prefix = "/repositories/kg"

    def admits(self, request: Request) -> Answer | None:
        if request.user is None:
            words = b"Full authentication is required to access this resource"
            return 401, {"WWW-Authenticate": 'Basic realm="GraphDB"'}, words
        return None if request.user == "admin:s3cret" else (401, {}, b"Bad credentials")

    def shaped(self, request: Request) -> Answer | None:
        if request.path == self.prefix:
            return self.asked(request)
        if request.path == f"{self.prefix}/statements" and request.method == "POST":
            return self.updated(request, 204) or self.quads(request, "application/n-quads", 204)
        if request.path == f"{self.prefix}/rdf-graphs/service" and "graph" in request.params:
            return self.graph(request, 204)
        return None

    def quads(self, request: Request, media_type: str, status: int) -> Answer | None:
        """A body of quads into the graphs that it names."""
        if request.headers["Content-Type"] != media_type:
            return 415, {}, b"Unsupported MIME type"
        request.params = {}
        return self.graph(request, status)


class Stardog(Shaped):
    """A database is the first part of the path; the Graph Store stands at its root."""

    prefix = "/kg"

    def admits(self, request: Request) -> Answer | None:
        if request.user == "admin:s3cret":
            return None
        body = b'{"message": "User could not be authenticated.", "code": "0A6AE2"}'
        return 401, {"WWW-Authenticate": 'BASIC realm="Stardog"'}, body

    def shaped(self, request: Request) -> Answer | None:
        if request.path == f"{self.prefix}/query":
            return self.asked(request)
        if request.path == f"{self.prefix}/update":
            return self.updated(request, 200)
        if request.path == self.prefix and "graph" in request.params:
            return self.graph(request, 201 if request.method in {"PUT", "POST"} else 200)
        return None


class Neptune(GraphDB):
    """/sparql for queries and updates, /sparql/gsp/ for graphs; requests are signed."""

    prefix = ""

    def admits(self, request: Request) -> Answer | None:
        signed = request.headers.get("Authorization", "")
        if signed.startswith("AWS4-HMAC-SHA256 Credential=") and "Signature=" in signed:
            return None
        words = (
            b'{"code": "AccessDeniedException", "detailedMessage": "Missing Authentication Token"}'
        )
        return 403, {"Content-Type": "application/json"}, words

    def shaped(self, request: Request) -> Answer | None:
        if request.path == "/sparql":
            return self.asked(request) or self.updated(request, 200, b'[{"type": "UpdateEvent"}]')
        if request.path != "/sparql/gsp/":
            return None
        if "graph" in request.params:
            return self.graph(request, 200)
        # The handler's parser leaves parameters without a value out: `?default`.
        return self.quads(request, "application/n-quads", 200) if request.method == "POST" else None


class QLever(Shaped):
    """One address for everything; a token for whatever writes."""

    def admits(self, request: Request) -> Answer | None:
        writes = request.method in {"PUT", "DELETE"} or "graph" in request.params
        if request.method == "GET" or request.headers.get("Authorization") == "Bearer s3cret":
            return None
        if not writes:
            return None
        body = b'{"exception": "The operation requires a valid access token.", "status": "ERROR"}'
        return 403, {"Content-Type": "application/json"}, body

    def shaped(self, request: Request) -> Answer | None:
        if "Content-Encoding" in request.headers:
            return 415, {}, b"no such encoding"
        if request.path not in {"", "/"}:
            return None
        if "graph" in request.params:
            return self.graph(request, 200)
        return self.asked(request)


STORES: dict[str, type[Shaped]] = {
    "graphdb": GraphDB,
    "stardog": Stardog,
    "neptune": Neptune,
    "qlever": QLever,
}
