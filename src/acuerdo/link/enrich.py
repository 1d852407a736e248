"""Facts of Wikidata about linked people: positions with dates, birth, party, in a graph of their own.

The graph `/graph/wikidata` has Wikidata's own shape (`p:P39`, `ps:P39`, `pq:P580` …), so a question runs on it
as on any Wikidata endpoint, and nothing in it can be taken for what an article attests. It can be dropped.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pyoxigraph as ox
from msgspec import Struct

from acuerdo.errors import BadSource, RemoteFailed
from acuerdo.iri import WIKIDATA, Bases
from acuerdo.link.entity import PERSON, Item, Position
from acuerdo.link.web import PATIENCE, TRIES, Cache, Manners, retry_after
from acuerdo.vocabulary import DCTERMS, PROV, RDF, RDFS, XSD

FILE = "wikidata-facts.nq"
GRAPH = "wikidata"
BATCH = 200  # items in one VALUES
_P = "http://www.wikidata.org/prop/"
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")

# Plain SPARQL 1.1: it runs on WDQS, QLever, qEndpoint and any store that holds a slice of the same shape.
QUERY = """PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX p: <http://www.wikidata.org/prop/>
PREFIX ps: <http://www.wikidata.org/prop/statement/>
PREFIX psv: <http://www.wikidata.org/prop/statement/value/>
PREFIX pq: <http://www.wikidata.org/prop/qualifier/>
PREFIX pqv: <http://www.wikidata.org/prop/qualifier/value/>
PREFIX wikibase: <http://wikiba.se/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?item ?what ?value ?label ?start ?startPrecision ?end ?endPrecision ?precision WHERE {
  VALUES ?item { %s }
  { ?item p:P39 ?statement . ?statement ps:P39 ?value . BIND ("position" AS ?what)
    FILTER NOT EXISTS { ?statement wikibase:rank wikibase:DeprecatedRank }
    OPTIONAL { ?statement pq:P580 ?start
      OPTIONAL { ?statement pqv:P580 ?first . ?first wikibase:timePrecision ?startPrecision } }
    OPTIONAL { ?statement pq:P582 ?end
      OPTIONAL { ?statement pqv:P582 ?last . ?last wikibase:timePrecision ?endPrecision } } }
  UNION { ?item wdt:P569 ?value . BIND ("birth" AS ?what)
    OPTIONAL { ?item p:P569 ?born . ?born psv:P569 ?day .
      ?day wikibase:timeValue ?value ; wikibase:timePrecision ?precision } }
  UNION { ?item wdt:P102 ?value . BIND ("party" AS ?what) }
  OPTIONAL { ?value rdfs:label ?label . FILTER (LANG(?label) = "en") }
}
ORDER BY ?item ?what ?value ?start
"""
_ENDS = ("start", "end")
_LENGTHS = {"9": 4, "10": 7}  # characters of an ISO date that a precision of Wikidata leaves


class Known(Struct, frozen=True):
    """What Wikidata says of one item, and where that was read."""

    qid: str
    birth: str
    parties: tuple[tuple[str, str], ...]  # QID and label
    positions: tuple[Position, ...]
    source: str


def of_item(item: Item, labels: Callable[[str], str]) -> Known:
    """The facts of a candidate of a snapshot."""
    parties = tuple((party, labels(party)) for party in item.parties)
    return Known(item.qid, item.birth, parties, item.positions, item.source)


def of_endpoint(
    qids: Sequence[str], ask: Callable[[str], Iterable[dict[str, str]]], source: str
) -> list[Known]:
    """The facts that a SPARQL endpoint has; `ask` answers one query with rows of plain values."""
    found = []
    for at in range(0, len(qids), BATCH):
        batch = qids[at : at + BATCH]
        rows = list(ask(QUERY % " ".join(f"wd:{q}" for q in batch)))
        for qid in batch:
            mine = [r for r in rows if r.get("item") == WIKIDATA + qid]
            if mine:
                found.append(_of_rows(qid, mine, source))
    return found


def _of_rows(qid: str, rows: Sequence[dict[str, str]], source: str) -> Known:
    positions, parties, birth = {}, {}, ""
    for row in rows:
        value = row.get("value", "").removeprefix(WIKIDATA)
        if row.get("what") == "position":
            day = {k: _known_part(row.get(k, ""), row.get(f"{k}Precision")) for k in _ENDS}
            found = Position(row.get("label", ""), day["start"], day["end"], "", value)
            positions[found.qid, found.start, found.end] = found
        elif row.get("what") == "party":
            parties[value] = row.get("label", "")
        elif row.get("what") == "birth":
            birth = _known_part(value, row.get("precision"))
    return Known(qid, birth, tuple(sorted(parties.items())), tuple(positions.values()), source)


def _known_part(time: str, precision: str | None) -> str:
    """A moment of Wikidata cut to what is known of it: one known to the year is written as its first of January."""
    return time.lstrip("+")[: _LENGTHS.get(precision or "", 10)]


def sparql(
    endpoint: str, agent: str, timeout: int = 60, sleep: Callable[[float], None] = time.sleep
) -> Callable[[str], list[dict[str, str]]]:
    """Ask an endpoint through SPARQLWrapper, which knows no refusals: 429 and 503 are waited out here.

    Raises RemoteFailed with the endpoint's own word.
    """
    from SPARQLWrapper import JSON, POST, SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

    def once(query: str) -> list[dict[str, str]]:
        wrapper = SPARQLWrapper(endpoint, agent=agent)
        wrapper.setMethod(POST)
        wrapper.setReturnFormat(JSON)
        wrapper.setTimeout(timeout)
        wrapper.setQuery(query)
        answer: Any = wrapper.queryAndConvert()
        return [{k: v["value"] for k, v in row.items()} for row in answer["results"]["bindings"]]

    def ask(query: str) -> list[dict[str, str]]:
        for attempt in range(TRIES):
            try:
                return once(query)
            except HTTPError as error:
                error.close()
                wait = retry_after(error.headers.get("Retry-After"), time.time()) or 2.0**attempt
                if error.code not in {429, 503} or wait > PATIENCE or attempt + 1 == TRIES:
                    raise RemoteFailed(
                        f"{endpoint}: status {error.code}; run again later"
                    ) from None
                sleep(wait)
            except (SPARQLWrapperException, OSError, ValueError, KeyError, TypeError) as error:
                words = " ".join(str(error).split())[:200]
                raise RemoteFailed(f"{endpoint}: {type(error).__name__}: {words}") from None
        raise AssertionError("the last try answers or raises")

    return ask


def kept(
    ask: Callable[[str], list[dict[str, str]]], endpoint: str, cache: Cache, manners: Manners
) -> Callable[[str], list[dict[str, str]]]:
    """The same, but what was answered before is not asked again; offline nothing is asked at all."""
    since = 0.0 if manners.offline else manners.now() - manners.keep

    def answer(query: str) -> list[dict[str, str]]:
        key = f"{endpoint} {query}"
        known = cache.get("answer", key, since)
        if known is not None:
            return list(known["rows"])
        if manners.offline:
            raise RemoteFailed(f"{endpoint}: not in the cache and --offline was said")
        rows = ask(query)
        cache.put("answer", key, manners.now(), {"rows": rows})
        return rows

    return answer


def _date(day: str) -> str | None:
    """A date as precise as it is stated, as a literal."""
    if not _DATE.fullmatch(day):
        return None
    if len(day) == 10 and day.endswith("-00"):
        day = day[:-3]
    if len(day) == 7 and day.endswith("-00"):
        day = day[:-3]
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(day)]
    return f'"{day}"^^<{XSD}{kind}>'


def _literal(text: str) -> str:
    return str(ox.Literal(text, language="en"))


def nquads(found: Iterable[Known], bases: Bases, day: str) -> bytes:
    """The facts as sorted N-Quads of `/graph/wikidata`, each statement with an IRI of its own."""
    graph = f"{bases.graph}{GRAPH}"
    lines = set()
    for known in found:
        for subject, predicate, term in _triples(known, bases):
            lines.add(f"<{subject}> <{predicate}> {term} <{graph}> .\n")
        if known.source:
            source = str(ox.Literal(known.source))
            lines.add(f"<{graph}> <{DCTERMS}source> {source} <{graph}> .\n")
    if lines:
        lines.add(f'<{graph}> <{PROV}generatedAtTime> "{day}"^^<{XSD}date> <{graph}> .\n')
    return "".join(sorted(lines, key=str.encode)).encode()


def _triples(known: Known, bases: Bases) -> Iterable[tuple[str, str, str]]:
    item = WIKIDATA + known.qid
    birth = _date(known.birth)
    if birth:
        yield item, f"{_P}direct/P569", birth
    for party, label in known.parties:
        yield item, f"{_P}direct/P102", f"<{WIKIDATA}{party}>"
        if label:
            yield WIKIDATA + party, RDFS + "label", _literal(label)
    for position in known.positions:
        said = "|".join((position.qid or position.text, position.start, position.end))
        key = hashlib.sha256(said.encode()).hexdigest()[:12]
        statement = f"{bases.id}wikidata/{known.qid}/position/{key}"
        yield item, f"{_P}P39", f"<{statement}>"
        yield statement, RDF + "type", "<http://wikiba.se/ontology#Statement>"
        if position.qid:
            yield statement, f"{_P}statement/P39", f"<{WIKIDATA}{position.qid}>"
        if position.text:
            yield statement, RDFS + "label", _literal(position.text)
        for name, when in (("P580", position.start), ("P582", position.end)):
            term = _date(when)
            if term:
                yield statement, f"{_P}qualifier/{name}", term


def people(rows: Iterable[Any]) -> list[str]:
    """The QIDs of the people among standing links."""
    from acuerdo.link.sssom import qid

    found = {qid(r.object_id) for r in rows if r.object_category.split("|")[0] == PERSON}
    return sorted(found, key=lambda q: int(q[1:]))


def read(folder: Path, bases: Bases) -> bytes:
    """The facts of a folder of links as they go into the graph; raises BadSource with the line.

    Quads of another base or graph are refused: only `acuerdo link enrich` writes this file.
    """
    path = folder / FILE
    if not path.is_file():
        return b""
    graph = f"{bases.graph}{GRAPH}"
    lines = path.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        try:
            quads = list(ox.parse(line, format=ox.RdfFormat.N_QUADS))
        except SyntaxError as error:
            raise BadSource(path, f"not N-Quads ({error})", number) from None
        if any(getattr(q.graph_name, "value", "") != graph for q in quads):
            raise BadSource(
                path, f"not of the graph {graph}; run `acuerdo link enrich` again", number
            )
    return b"".join(sorted(set(lines)))
