"""SPARQL 1.1 Protocol: from a request to a job, or to the problem that says what is wrong with it."""

from typing import NamedTuple
from urllib.parse import urlsplit

from acuerdo.serve import formats, lexer
from acuerdo.serve.exchange import Exchange, Pairs, parse_form
from acuerdo.serve.problem import Problem
from acuerdo.serve.settings import Limits, Settings
from acuerdo.serve.wire import Job

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"


class Request(NamedTuple):
    """A query that was read."""

    job: Job
    volatile: bool
    federated: bool


async def read_request(exchange: Exchange, settings: Settings) -> Request | None:
    """The request's query; None where there is none and the client asks for the service description."""
    parameters = exchange.parameters()
    if exchange.method == "POST":
        parameters += await _read_body(exchange, settings.limits)
    values = group(parameters)
    if "update" in values:
        if len(values["update"]) > 1:
            raise Problem("bad-request", "More than one update; and this endpoint is read-only.")
        raise Problem("read-only")
    queries = values.get("query", [])
    if len(queries) > 1:
        raise Problem("bad-request", "More than one query.")
    if not queries:
        if exchange.method == "POST":
            raise Problem("bad-request", "The form has no field `query`.")
        return None
    return understand(queries[0], values, exchange, settings)


def understand(
    query: str, values: dict[str, list[str]], exchange: Exchange, settings: Settings
) -> Request:
    """A job from a query's text and the request's other parameters; refuses early what would fail anyway."""
    limits = settings.limits
    if len(query) > limits.query_bytes or len(query.encode()) > limits.query_bytes:
        raise Problem(
            "query-too-long",
            f"It has {len(query.encode())} bytes; {limits.query_bytes} are allowed.",
        )
    if not query.strip():
        raise Problem("syntax", "The query is empty.", 1, 1)
    reading = lexer.read(query)
    if reading.depth > limits.depth:
        raise Problem(
            "too-deep",
            f"Its brackets are {reading.depth} deep; {limits.depth} are allowed.",
            *lexer.place(query, reading.deepest),
        )
    _check_services(query, reading, settings)
    default, named = values.get("default-graph-uri"), values.get("named-graph-uri")
    for iri in (default or []) + (named or []):
        check_iri(iri)
    protocol_dataset = default is not None or named is not None
    job = Job(
        query,
        solutions=chosen_format(exchange, values, "solutions"),
        boolean=chosen_format(exchange, values, "boolean"),
        graph=chosen_format(exchange, values, "graph"),
        default_graphs=default or [] if protocol_dataset else None,
        named_graphs=named or [] if protocol_dataset else None,
        union=not reading.dataset,
        rows=limits.rows,
        bytes=limits.bytes,
        seconds=limits.seconds,
        base=exchange.origin + exchange.path,
        encoding=formats.negotiate_coding(exchange.header(b"accept-encoding")),
    )
    return Request(job, reading.volatile, bool(reading.services))


def check_iri(text: str) -> None:
    """Refuse what is not an absolute IRI."""
    if not urlsplit(text).scheme or any(c in ' <>"{}|\\^`' or ord(c) < 33 for c in text):
        raise Problem("bad-request", f"{text[:200]!r} is not an absolute IRI.")


def _check_services(query: str, reading: lexer.Reading, settings: Settings) -> None:
    if not reading.services:
        return
    allowed = settings.services
    if not allowed:
        line, column = lexer.place(query, reading.services[0][1])
        raise Problem("federation-off", line=line, column=column)
    offsets = [offset for iri, offset in reading.services if iri not in allowed]
    stray = offsets[0] if offsets else lexer.stray_service(query, allowed)
    if stray is not None:
        names = ", ".join(f"<{iri}>" for iri in allowed)
        words = f"SERVICE may name, as a full IRI directly behind it, {names}; the word stands nowhere else."
        raise Problem("federation-off", words, *lexer.place(query, stray))


def chosen_format(exchange: Exchange, values: dict[str, list[str]], kind: str) -> str | None:
    """The format of this kind that the URL names or the client prefers; None where it takes none."""
    wanted = values.get("format")
    if wanted:
        name = formats.ALIASES.get(wanted[0], wanted[0])
        if not any(name in known for known in formats.KINDS.values()):
            raise Problem("bad-request", f"No format {wanted[0][:40]!r}.")
        return name if name in formats.KINDS[kind] else None
    return formats.negotiate(exchange.header(b"accept"), kind)


def group(parameters: Pairs) -> dict[str, list[str]]:
    """Values by parameter."""
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        values.setdefault(name, []).append(value)
    return values


async def _read_body(exchange: Exchange, limits: Limits) -> Pairs:
    """The parameters that a POST carries in its body."""
    media, _, rest = exchange.header(b"content-type").partition(";")
    media = media.strip().lower()
    if media not in (FORM, QUERY, UPDATE):
        raise Problem(
            "media-type",
            f"Send {QUERY} or {FORM}.",
            headers=((b"accept-post", f"{QUERY}, {FORM}".encode()),),
        )
    _check_charset(rest)
    # Percent-encoding makes a form up to three times as long as its query.
    limit = limits.query_bytes * (3 if media == FORM else 1) + 4096
    body = await exchange.body(limit, limits.body_seconds)
    if media == FORM:
        return parse_form(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("bad-request", "The body is not UTF-8.") from None
    return [("query" if media == QUERY else "update", text)]


def _check_charset(parameters: str) -> None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in ("utf-8", "utf8"):
            raise Problem("media-type", "The body must be UTF-8.")
