"""What can go wrong for a client, each with its status and its words (RFC 9457)."""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

BASE = "https://w3id.org/acuerdo/problem/"


class Kind(NamedTuple):
    """A sort of problem."""

    status: int
    title: str
    detail: str = ""


PROBLEMS: dict[str, Kind] = {
    "bad-request": Kind(400, "The request cannot be understood"),
    "syntax": Kind(400, "The query is not SPARQL 1.1"),
    "too-deep": Kind(400, "The query is nested too deeply"),
    "too-complex": Kind(
        400,
        "The query is too complex",
        "The engine's stack ended while reading it: nest less, or shorten long chains.",
    ),
    "evaluation": Kind(400, "The query cannot be evaluated"),
    "parameter": Kind(400, "A parameter does not fit the question"),
    "federation-off": Kind(
        403,
        "Federation is off",
        "This server does not call other endpoints; leave SERVICE out of the query.",
    ),
    "read-only": Kind(
        403,
        "This endpoint is read-only",
        "Updates are refused; the graph changes when a new build is published.",
    ),
    "forbidden": Kind(403, "Not for you"),
    "not-found": Kind(404, "Not found"),
    "method": Kind(405, "Method not allowed"),
    "not-acceptable": Kind(406, "No format that you accept"),
    "body-timeout": Kind(408, "The request's body did not arrive in time"),
    "query-too-long": Kind(413, "The query is too long"),
    "url-too-long": Kind(414, "The URL is too long", "Send the query by POST."),
    "media-type": Kind(415, "The body's media type is not understood"),
    "wrong-host": Kind(421, "This server does not answer to that name"),
    "internal": Kind(500, "The query met a defect of the server"),
    "worker-ended": Kind(500, "The process that worked on the query ended"),
    "store": Kind(500, "The store cannot be read"),
    "remote": Kind(502, "The other endpoint did not give a usable answer"),
    "remote-limit": Kind(503, "The store behind this server passed a limit of its own"),
    "unreachable": Kind(503, "The store behind this server does not answer"),
    "answer-too-large": Kind(
        503,
        "The answer is too large",
        "It passes the limit on bytes: ask for less, or use LIMIT and OFFSET.",
    ),
    "not-representable": Kind(
        406,
        "A value cannot be written in XML",
        "The answer holds control characters: ask for JSON, Turtle or CSV.",
    ),
    "busy": Kind(503, "All workers are busy", "Try again in a moment."),
    "memory-limit": Kind(
        503,
        "The query passed the memory limit",
        "Sort or group less at once, or restrict the pattern first.",
    ),
    "time-limit": Kind(
        503,
        "The query passed the time limit",
        "Restrict the pattern, or ask for a part of it with LIMIT.",
    ),
    "stopping": Kind(503, "The server is stopping or has no graph yet"),
}
# Another try can help these; the others fail again.
PASSING = {"busy": 1, "stopping": 5, "worker-ended": 1, "gone": 1, "unreachable": 5}


@dataclass(eq=False)  # an exception is told apart by identity, and Python writes to it
class Problem(Exception):
    """A problem to be told to the client."""

    reason: str
    detail: str = ""
    line: int | None = None
    column: int | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def kind(self) -> Kind:
        """Its status and words."""
        return PROBLEMS.get(self.reason) or PROBLEMS["worker-ended"]

    def body(self) -> bytes:
        """`application/problem+json`."""
        kind = self.kind
        content: dict[str, object] = {
            "type": BASE + (self.reason if self.reason in PROBLEMS else "worker-ended"),
            "title": kind.title,
            "status": kind.status,
        }
        if detail := self.detail or kind.detail:
            content["detail"] = detail
        if self.line is not None:
            content |= {"line": self.line, "column": self.column}
        return msgspec.json.encode(content)

    def all_headers(self) -> list[tuple[bytes, bytes]]:
        """Content type and, where another try can help, when."""
        headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
        if self.reason in PASSING:
            headers.append((b"retry-after", str(PASSING[self.reason]).encode()))
        return headers + list(self.headers)
