"""`/id/…`: what a name stands for, as data and as a page.

A name is not a document: `/id/X` answers 303 and leads to `/page/X` (HTML) or `/data/X` (RDF), whichever the client prefers.
"""

import re
from collections import defaultdict
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from acuerdo.iri import AC, is_iri
from acuerdo.serve import formats
from acuerdo.serve.answer import failure_problem, send_answer
from acuerdo.serve.channel import Worker
from acuerdo.serve.exchange import Exchange
from acuerdo.serve.pool import Pool
from acuerdo.serve.problem import Problem
from acuerdo.serve.protocol import chosen_format, group
from acuerdo.serve.turns import QueueFull
from acuerdo.serve.wire import Job, encode_job

HTML = ("html", ("text/html", "application/xhtml+xml"))
FACTS, MENTIONS, SENTENCES = 1000, 300, 100  # shown on a page; the data have them all
_UNRESERVED = re.compile(r"%([0-9A-Fa-f]{2})")
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"

# What a document about a thing holds: its statements, the names of what they point to, its sentences.
DATA = """CONSTRUCT {{ {iri} ?p ?o . ?o rdfs:label ?label . ?e ?ep ?eo }} WHERE {{
  {{ {iri} ?p ?o OPTIONAL {{ ?o rdfs:label ?label }} }}
  UNION {{ {iri} ac:evidencedBy ?e . ?e ?ep ?eo }}
}}"""
# A passage is named by a fragment, which a client does not send: the document is about all of the text's passages.
PASSAGES = """CONSTRUCT {{ ?e ?ep ?eo }} WHERE {{
  {article} ^ac:passageOf ?e FILTER (STRSTARTS(STR(?e), {prefix}))
  ?e ?ep ?eo
}}"""
STATEMENTS = """SELECT DISTINCT ?p ?name ?o ?label ?g WHERE {{
  GRAPH ?g {{ {iri} ?p ?o }}
  OPTIONAL {{ ?p skos:prefLabel ?name FILTER (LANG(?name) = "en") }}
  OPTIONAL {{ ?o rdfs:label ?label }}
}} ORDER BY ?p ?o ?g LIMIT {limit}"""
POINTING = """SELECT DISTINCT ?s ?label ?p ?name WHERE {{
  ?s ?p {iri}
  OPTIONAL {{ ?p skos:prefLabel ?name FILTER (LANG(?name) = "en") }}
  OPTIONAL {{ ?s rdfs:label ?label }}
}} ORDER BY ?p ?s LIMIT {limit}"""
QUOTED = """SELECT DISTINCT ?e ?article ?title ?start ?end ?words ?digest WHERE {{
  {iri} ac:evidencedBy ?e . ?e ac:passageOf ?article ; ac:charStart ?start ; ac:charEnd ?end
  OPTIONAL {{ ?article ac:title ?title }}
  OPTIONAL {{ ?e ac:words ?words }}
  OPTIONAL {{ ?e ac:spanDigest ?digest }}
}} ORDER BY ?article ?start LIMIT {limit}"""


class Value(NamedTuple):
    """A term as a page shows it."""

    kind: str
    text: str
    label: str = ""
    language: str = ""
    datatype: str = ""


class Sentence(NamedTuple):
    """Where an article says so; `words` only when the graph has them."""

    e: str
    article: str
    start: str
    end: str
    title: str = ""
    words: str = ""
    digest: str = ""


class Fact(NamedTuple):
    """A property with its values, and the graphs that say so."""

    iri: str
    name: str
    values: list[tuple[Value, list[str]]]


def named(exchange: Exchange, base: str, prefix: str) -> str:
    """The IRI below the base that a path stands for; raises Problem for what is none."""
    raw: bytes = exchange.scope.get("raw_path") or quote(exchange.path).encode()
    tail = raw.decode("latin-1")[len(prefix) :]
    iri = base + "id/" + _UNRESERVED.sub(_unescape, tail)
    if not tail or not is_iri(iri):
        raise Problem("not-found", "That is no name of ours.")
    return iri


def _unescape(match: re.Match[str]) -> str:
    """An escaped character that needs no escape stands for itself."""
    char = chr(int(match[1], 16))
    return char if re.fullmatch(r"[A-Za-z0-9._~-]", char) else match[0].upper()


async def redirect(exchange: Exchange) -> None:
    """303 to the page or the data about the thing."""
    offers = [*((name, form.types) for name, form in formats.GRAPHS.items()), HTML]
    chosen = formats.best(exchange.header(b"accept"), offers)
    if chosen is None:
        raise Problem(
            "not-acceptable", "It is described in HTML, Turtle, N-Triples, RDF/XML, JSON-LD."
        )
    tail = (exchange.scope.get("raw_path") or b"").decode("latin-1")[len("/id/") :]
    place = f"/page/{tail}" if chosen == "html" else f"/data/{tail}?format={chosen}"
    headers = [(b"location", place.encode()), (b"vary", b"Accept"), (b"cache-control", b"no-cache")]
    await exchange.whole(303, headers)


async def send_data(exchange: Exchange, pool: Pool, iri: str) -> None:
    """The document about a thing as RDF."""
    limits = pool.limits
    job = Job(
        description(iri),
        graph=chosen_format(exchange, group(exchange.parameters()), "graph"),
        rows=limits.rows,
        bytes=limits.bytes,
        seconds=limits.seconds,
        encoding=formats.negotiate_coding(exchange.header(b"accept-encoding")),
        tidy=True,
    )
    await send_answer(exchange, pool, job, missing="The graph says nothing about it.")


def description(iri: str) -> str:
    """The query for the document about a thing."""
    article, version, _ = iri.rpartition("/v/")
    if version:
        prefix = msgspec.json.encode(iri + "#").decode()
        return PASSAGES.format(article=f"<{article}>", prefix=prefix)
    return DATA.format(iri=f"<{iri}>")


async def page_content(exchange: Exchange, pool: Pool, iri: str) -> dict[str, Any]:
    """What the page about a thing shows, all of it from one build; raises Problem."""
    term = f"<{iri}>"
    try:
        async with pool.lease(exchange.client) as worker:
            statements = await rows(worker, pool, STATEMENTS.format(iri=term, limit=FACTS))
            pointing = await rows(worker, pool, POINTING.format(iri=term, limit=MENTIONS))
            quoted = await rows(worker, pool, QUOTED.format(iri=term, limit=SENTENCES))
            digest = worker.build.digest
    except QueueFull:
        raise Problem("busy") from None
    if not statements and not pointing:
        raise Problem("not-found", "The graph says nothing about it.")
    facts = _facts(statements)
    return {
        "iri": iri,
        "title": _title(facts, iri),
        "facts": [f for f in facts if f.iri != AC + "evidencedBy"],
        "pointing": sorted(
            ((_value(r, "s"), _value(r, "p")) for r in pointing), key=lambda pair: pair[::-1]
        ),
        "sentences": [
            Sentence(**{name: cell["value"] for name, cell in row.items()}) for row in quoted
        ],
        "complete": len(statements) < FACTS and len(pointing) < MENTIONS,
        "build": digest,
    }


async def rows(worker: Worker, pool: Pool, query: str) -> list[dict[str, Any]]:
    """The bindings of a query of ours."""
    limits = pool.limits
    job = Job(query, rows=limits.rows, bytes=limits.hold_bytes * 8, seconds=limits.seconds)
    answer, parts = worker.ask(encode_job(job), limits.seconds), []
    while not answer.over or answer.parts:
        await answer.more()
        parts.append(answer.take())
        worker.drained()
    if answer.failure:
        raise failure_problem(answer.failure)
    found: list[dict[str, Any]] = msgspec.json.decode(b"".join(parts))["results"]["bindings"]
    return found


def _value(row: dict[str, Any], name: str) -> Value:
    cell = row[name]
    label = row.get("label") if name in ("o", "s") else row.get("name")
    return Value(
        cell["type"],
        cell["value"],
        label["value"] if label else "",
        cell.get("xml:lang", ""),
        cell.get("datatype", ""),
    )


def _facts(statements: list[dict[str, Any]]) -> list[Fact]:
    grouped: dict[tuple[str, str], dict[Value, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in statements:
        key = (row["p"]["value"], row["name"]["value"] if "name" in row else "")
        grouped[key][_value(row, "o")].add(row["g"]["value"])
    return [
        # Stores order literals each in its own way.
        Fact(iri, name, [(value, sorted(graphs)) for value, graphs in sorted(values.items())])
        for (iri, name), values in grouped.items()
    ]


def _title(facts: list[Fact], iri: str) -> str:
    for wanted in (_RDFS + "label", AC + "title"):
        for fact in facts:
            if fact.iri == wanted:
                return fact.values[0][0].text
    return iri.rsplit("/", 1)[-1]
