"""Seventeen cases where SHACL engines differ: what must come of each, and who is wrong about which."""

from typing import NamedTuple

import pyoxigraph as ox
import pytest

from acuerdo.errors import WrongUsage
from acuerdo.validate.engines import Native, Oracle, Result

PREFIXES = """
@prefix : <http://e/> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
DECLARE = (
    ':o a owl:Ontology ; sh:declare [ sh:prefix "" ; sh:namespace "http://e/"^^xsd:anyURI ] . '
)
P = ":S a sh:NodeShape ; sh:targetClass :P ; "


class Edge(NamedTuple):
    """A shapes graph, data, how many results it must have, and whether pyshacl knows."""

    shapes: str
    data: str
    results: int
    pyshacl_errs: bool = False


EDGES = {
    "xpath-regex-class": Edge(
        P + 'sh:property [ sh:path :n ; sh:pattern "^\\\\p{Lu}" ] .',
        ':a a :P ; :n "Ángel" . :b a :P ; :n "ángel" .',
        1,
        pyshacl_errs=True,
    ),
    "pattern-with-flags": Edge(
        P + 'sh:property [ sh:path :n ; sh:pattern "^abc" ; sh:flags "i" ] .',
        ':a a :P ; :n "ABC" . :b a :P ; :n "x" .',
        1,
    ),
    "plain-string-is-xsd-string-in-a-list": Edge(
        P + 'sh:property [ sh:path :n ; sh:in ( "en" ) ] .', ':a a :P ; :n "en"^^xsd:string .', 0
    ),
    "plain-string-has-a-typed-value": Edge(
        P + 'sh:property [ sh:path :n ; sh:hasValue "x"^^xsd:string ] .', ':a a :P ; :n "x" .', 0
    ),
    "subclass-axiom-in-the-shapes-does-not-count": Edge(
        ":Q rdfs:subClassOf :P . :S a sh:NodeShape ; sh:targetClass :Z ; "
        "sh:property [ sh:path :n ; sh:class :P ] .",
        ":a a :Z ; :n :q . :q a :Q .",
        1,
    ),
    "subclass-axiom-in-the-data-counts": Edge(
        ":S a sh:NodeShape ; sh:targetClass :Z ; sh:property [ sh:path :n ; sh:class :P ] .",
        ":Q rdfs:subClassOf :P . :a a :Z ; :n :q . :q a :Q .",
        0,
    ),
    "impossible-date": Edge(
        P + "sh:property [ sh:path :n ; sh:datatype xsd:date ] .",
        ':a a :P ; :n "2024-02-30"^^xsd:date , "2024-02-28"^^xsd:date .',
        1,
    ),
    "ill-typed-integer": Edge(
        P + "sh:property [ sh:path :n ; sh:datatype xsd:integer ] .",
        ':a a :P ; :n "x1"^^xsd:integer .',
        1,
    ),
    "order-across-time-zones": Edge(
        P + "sh:property [ sh:path :s ; sh:lessThan :e ] .",
        ':a a :P ; :s "2024-01-01T10:00:00-06:00"^^xsd:dateTime ; :e "2024-01-01T15:00:00Z"^^xsd:dateTime . '
        ':b a :P ; :s "2024-01-01T10:00:00-06:00"^^xsd:dateTime ; :e "2024-01-01T17:00:00Z"^^xsd:dateTime .',
        1,
    ),
    "date-and-datetime-do-not-compare": Edge(
        P + "sh:property [ sh:path :s ; sh:lessThan :e ] .",
        ':a a :P ; :s "2024-01-01"^^xsd:date ; :e "2024-01-02T15:00:00Z"^^xsd:dateTime .',
        1,
        pyshacl_errs=True,
    ),
    "decimals-are-exact": Edge(
        P + "sh:property [ sh:path :n ; sh:maxInclusive 1.0 ] .",
        ":a a :P ; :n 1.00000000000000001 , 0.9999 .",
        1,
    ),
    "message-template": Edge(
        DECLARE + P + "sh:sparql [ sh:prefixes :o ; sh:message 'bad {?value} at {$this}' ; "
        "sh:select 'SELECT $this ?value { $this :n ?value FILTER(?value > 3) }' ] .",
        ":a a :P ; :n 5 , 1 .",
        1,
    ),
    "optional-and-prebinding": Edge(
        DECLARE + P + "sh:sparql [ sh:prefixes :o ; sh:select "
        "'SELECT $this { OPTIONAL { $this :n ?v } FILTER(!bound(?v)) }' ] .",
        ":a a :P . :b a :P ; :n 1 .",
        1,
    ),
    "aggregate": Edge(
        DECLARE + P + "sh:sparql [ sh:prefixes :o ; sh:select "
        "'SELECT $this (COUNT(DISTINCT ?v) AS ?value) { $this :n ?v } GROUP BY $this HAVING(COUNT(DISTINCT ?v) > 1)' ] .",
        ":a a :P ; :n 1 , 2 . :b a :P ; :n 1 .",
        1,
    ),
    "sparql-target": Edge(
        DECLARE + ":S a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:prefixes :o ; sh:select "
        "'SELECT ?this { ?this :n ?x FILTER(?x > 1) }' ] ; sh:property [ sh:path :m ; sh:minCount 1 ] .",
        ":a :n 5 . :b :n 1 .",
        1,
    ),
    "recursion-ends": Edge(
        P + "sh:property [ sh:path :k ; sh:node :S ] , [ sh:path :n ; sh:minCount 1 ] .",
        ":a a :P ; :n 1 ; :k :b . :b a :P ; :k :a ; :n 2 . :c a :P .",
        1,
        pyshacl_errs=True,
    ),
    "a-lone-warning": Edge(
        P + "sh:property [ sh:path :n ; sh:minCount 1 ; sh:severity sh:Warning ] .", ":a a :P .", 1
    ),
}


def ntriples(turtle: str) -> str:
    return ox.serialize(
        ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE), format=ox.RdfFormat.N_TRIPLES
    ).decode()


def results(engine: type[Native] | type[Oracle], edge: Edge) -> list[Result]:
    return engine(ntriples(edge.shapes)).check(ntriples(edge.data))


@pytest.mark.parametrize("name", EDGES)
def test_the_native_engine_is_right_at_the_edges(name: str) -> None:
    assert len(results(Native, EDGES[name])) == EDGES[name].results


@pytest.mark.parametrize("name", EDGES)
def test_the_oracle_is_right_but_where_it_is_known_to_err(name: str) -> None:
    edge = EDGES[name]
    try:
        right = len(results(Oracle, edge)) == edge.results
    except WrongUsage:
        right = False
    assert right != edge.pyshacl_errs


@pytest.mark.parametrize("engine", [Native, Oracle])
def test_a_message_template_is_filled_in(engine: type[Native] | type[Oracle]) -> None:
    (result,) = results(engine, EDGES["message-template"])
    assert result.messages == ("bad 5 at http://e/a",)


@pytest.mark.parametrize("engine", [Native, Oracle])
def test_a_lone_warning_is_told_as_one(engine: type[Native] | type[Oracle]) -> None:
    (result,) = results(engine, EDGES["a-lone-warning"])
    assert result.severity.endswith("#Warning")


COMPARE = """:S a sh:NodeShape ; sh:targetSubjectsOf :s ; sh:sparql [ sh:select
    "SELECT $this ?value { $this <http://e/s> ?value ; <http://e/e> ?end FILTER (CONDITION) }" ] ."""
DAYS = ':a :s "2024-01-01"^^xsd:date ; :e "2024-02-01"^^xsd:date .'


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("?value < ?end", {Native: 0, Oracle: 1}),
        ("STR(?value) < STR(?end)", {Native: 1, Oracle: 1}),
    ],
)
def test_days_are_compared_as_text_in_a_query(condition: str, found: dict) -> None:
    """The native engine cannot compare values of xsd:date in SPARQL, so no shape of ours asks it to."""
    edge = Edge(COMPARE.replace("CONDITION", condition), DAYS, 1)
    assert {engine: len(results(engine, edge)) for engine in found} == found
