"""Asking a query once for all nodes gives what asking for each gives; unsafe queries are asked for each."""

import random
from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo.validate import Validator
from acuerdo.validate.queries import asked_predicates, is_safe, split
from acuerdo.validate.shapes import ShapesGraph, graph_shapes
from acuerdo.validate.whole import predicates, together

AC = "https://w3id.org/acuerdo/ns#"
E = "PREFIX : <http://e/> SELECT ?this ?value WHERE "


@pytest.mark.parametrize(
    "where",
    [
        "{ ?this :p ?value }",
        "{ ?this :p ?value FILTER (?value > 3) }",
        "{ ?this :p+ ?this }",
        "{ { ?this :p ?value } UNION { ?value :q ?this } }",
        "{ ?this :p ?value FILTER NOT EXISTS { ?this :q ?value } }",
        "{ ?this :p ?x . ?x :q ?value FILTER (?value != ?this && STRLEN(STR(?x)) > 2) }",
    ],
)
def test_a_pattern_that_binds_its_node_is_safe(where: str) -> None:
    assert is_safe(E + where)


@pytest.mark.parametrize(
    "where",
    [
        "{ OPTIONAL { ?this :p ?value } }",
        "{ ?this :p ?x OPTIONAL { ?this :q ?value } }",
        "{ ?this :p ?x MINUS { ?this :q ?value } }",
        "{ ?x :p ?value }",
        "{ { ?this :p ?value } UNION { ?x :q ?value } }",
        "{ ?this :p ?value { SELECT ?value { ?y :q ?value } LIMIT 1 } }",
        "{ ?this :p ?value } LIMIT 1",
        "{ ?this :p ?x BIND (?x + 1 AS ?value) }",
        "{ ?this :p ?x . { ?x :q ?value FILTER (?value != ?this) } }",
        "{ ?this :p ?value FILTER (!BOUND(?z)) }",
        "{ VALUES ?this { :a } ?this :p ?value }",
        "{ GRAPH ?g { ?this :p ?value } }",
        "{ ?this :p ?value . SERVICE <http://e/> { ?value :q ?x } }",
    ],
)
def test_a_pattern_that_the_standard_would_bind_first_is_not_safe(where: str) -> None:
    assert not is_safe(E + where)


def test_an_aggregate_is_not_safe() -> None:
    query = "PREFIX : <http://e/> SELECT ?this (COUNT(?x) AS ?value) { ?this :p ?x } GROUP BY ?this"
    assert not is_safe(query)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("{ ?this :p/:q* ?value FILTER NOT EXISTS { ?value ^:r|:s ?x } }", {"p", "q", "r", "s"}),
        ("{ ?this a :C }", {"http://www.w3.org/1999/02/22-rdf-syntax-ns#type"}),
        ("{ OPTIONAL { ?this :p ?value } { SELECT ?x { ?x :q ?y } } }", {"p", "q"}),
        ("{ ?this ?any ?value }", None),
        ("{ ?this :p ?value FILTER NOT EXISTS { ?value ?any ?x } }", None),
        ("{ ?this !:p ?value }", None),
        ("{ ?this (:p|!:q)+ ?value }", None),
    ],
)
def test_the_predicates_of_a_query_are_known_or_may_be_any(where: str, names: set | None) -> None:
    found = asked_predicates(E + where)
    assert found == (None if names is None else {n if ":" in n else f"http://e/{n}" for n in names})


def random_graph(seed: int) -> bytes:
    """A small graph with shared items, shared posts, circles and quarrels."""
    chance = random.Random(seed)
    date = '"2017-0{}-01"^^<http://www.w3.org/2001/XMLSchema#date>'.format
    lines = set()

    def say(subject: str, name: str, value: str) -> None:
        lines.add(f"<http://e/{subject}> <{AC}{name}> {value} .\n")

    for _ in range(40):
        one, other = (f"n{chance.randrange(9)}" for _ in range(2))
        say(one, "wikidata", f'"http://www.wikidata.org/entity/Q{chance.randrange(1, 9)}"')
        for name in ("partOfOrganization", "within", "precedes", "subEventOf"):
            if chance.random() < 0.4:
                say(one, name, f"<http://e/{other}>")
        tenure = f"t{chance.randrange(12)}"
        say(tenure, "holder", f"<http://e/{other}>")
        say(tenure, "post", f"<http://e/post{chance.randrange(3)}>")
        say(tenure, "capacity", "<https://w3id.org/acuerdo/capacity/substantive>")
        say(tenure, chance.choice(["attestedOn", "begin", "end"]), date(chance.randrange(1, 9)))
        status = chance.choice(["occurred", "cancelled", "planned"])
        say(f"e{chance.randrange(9)}", "status", f"<https://w3id.org/acuerdo/status/{status}>")
    return "".join(sorted(lines)).encode()


@pytest.mark.parametrize("seed", range(12))
def test_asking_for_all_nodes_at_once_equals_the_standard_evaluation(seed: int) -> None:
    print("seed", seed)
    validator = Validator(graph_shapes())
    graph = random_graph(seed)
    at_once = together(graph, validator)
    one_by_one = validator.check(graph.decode()).findings
    assert at_once == one_by_one
    assert any(f.component.endswith("#SPARQLConstraintComponent") for f in at_once)


def test_the_queries_of_the_shipped_shapes_are_all_safe_and_name_their_predicates() -> None:
    shapes = ShapesGraph(graph_shapes())
    asked, rest = split(shapes)
    assert len(asked) == sum(t.predicate.value.endswith("#sparql") for t in shapes.triples)
    assert not any(t.predicate.value.endswith("#sparql") for t in rest)
    named = predicates(shapes)
    assert named is not None
    assert f"<{AC}attestedOn>".encode() in named
    assert f"<{AC}evidencedBy>".encode() not in named


@pytest.mark.parametrize(
    ("rule", "typed"),
    [
        ("sh:targetClass :C ; sh:nodeKind sh:IRI", True),
        ("sh:targetNode :a ; sh:class :C", True),
        ("a <http://www.w3.org/2000/01/rdf-schema#Class> ; sh:nodeKind sh:IRI", True),
        ("sh:targetSubjectsOf :p ; sh:nodeKind sh:IRI", False),
    ],
)
def test_types_are_kept_where_the_shapes_ask_for_them(
    rule: str, typed: bool, tmp_path: Path
) -> None:
    head = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e/> . :S a sh:NodeShape ; "
    )
    (tmp_path / "s.ttl").write_text(f"{head}{rule} .")
    named = predicates(ShapesGraph([tmp_path / "s.ttl"]))
    assert named is not None
    assert (b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>" in named) == typed


def test_a_closed_shape_looks_at_every_predicate(tmp_path: Path) -> None:
    head = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e/> . :S a sh:NodeShape ; "
    )
    (tmp_path / "s.ttl").write_text(f"{head} sh:targetNode :a ; sh:closed true .")
    assert predicates(ShapesGraph([tmp_path / "s.ttl"])) is None


UNSAFE = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e/> .
:S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:sparql [ sh:message "m"@en , "m"@es ;
    sh:select "SELECT $this WHERE { OPTIONAL { $this <http://e/q> ?v } FILTER (!BOUND(?v)) }" ] .
:T a sh:NodeShape ; sh:targetClass :C ; sh:targetNode :z ; sh:sparql [
    sh:select "SELECT $this ?value WHERE { $this <http://e/p> ?value }" ] .
"""


def test_an_unsafe_query_is_left_to_the_engine(tmp_path: Path) -> None:
    (tmp_path / "s.ttl").write_text(UNSAFE)
    validator = Validator([tmp_path / "s.ttl"])
    data = "@prefix : <http://e/> . :a :p 1 . :b :p 2 ; :q 3 . :c a :D ; :p 4 . :D <http://www.w3.org/2000/01/rdf-schema#subClassOf> :C . :z :p 9 ."
    graph = ox.serialize(ox.parse(data, format=ox.RdfFormat.TURTLE), format=ox.RdfFormat.N_TRIPLES)
    asked, _ = split(validator.shapes)
    assert [query.shape.value for query in asked] == ["http://e/T"]
    assert together(graph, validator) == validator.check(graph.decode()).findings
    assert {(f.shape[-1], f.focus[-1]) for f in together(graph, validator)} == {
        ("S", "a"),
        ("S", "c"),
        ("S", "z"),
        ("T", "c"),
        ("T", "z"),
    }
