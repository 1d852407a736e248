"""Questions are put around what engines get wrong, and mean the same."""

import pyoxigraph as ox
import pytest

from acuerdo.query import Kg, Solutions, questions
from acuerdo.query.portable import WRONG_ON, portable, without_closures, without_if_exists
from acuerdo.query.question import Question


@pytest.mark.parametrize("asked", questions(), ids=lambda q: q.name)
def test_a_shipped_question_has_the_same_rows_in_portable_words(small: Kg, asked: Question) -> None:
    def members(path: str) -> list[str]:
        found = small.run(path)
        assert isinstance(found, ox.QuerySolutions)
        return sorted({str(row[0])[1:-1] for row in found})

    plain = small.query(asked)
    text = without_closures(without_if_exists(portable(asked.fill({}))), members)
    assert "UNDEF" not in text
    other = small.query(text)
    assert isinstance(plain, Solutions)
    assert isinstance(other, Solutions)
    assert list(other) == list(plain)


def test_a_path_inside_a_graph_stays() -> None:
    text = "SELECT ?x { GRAPH ?g { ?x rdfs:subClassOf* ac:Event . } }"
    assert without_closures(text, lambda _: []) == text


def test_classes_given_by_values_are_put_in_one_by_one() -> None:
    text = "SELECT ?x { { SELECT ?x { VALUES ?top { ac:A ac:B } ?x rdfs:subClassOf* ?top . } } }"
    found = without_closures(text, lambda path: ["urn:" + path.split(":")[-1][0]])
    assert found == "SELECT ?x { { SELECT ?x { VALUES ?x { <urn:A> <urn:B> } } } }"


def test_a_brace_in_a_string_does_not_count() -> None:
    text = 'SELECT ?x { ?s ac:title "{" . ?x rdfs:subClassOf* ac:Event . }'
    assert "VALUES ?x { <urn:a> }" in without_closures(text, lambda _: ["urn:a"])


def test_questions_known_to_be_wrong_somewhere_exist() -> None:
    known = {q.name for q in questions()}
    assert all(wrong <= known for wrong in WRONG_ON.values())


def test_a_path_that_is_tested_becomes_a_list() -> None:
    text = "SELECT ?x { ?x a ?c FILTER NOT EXISTS { ?c rdfs:subClassOf* ac:Event } }"
    assert "FILTER (?c NOT IN (<urn:a>, <urn:b>))" in without_closures(
        text, lambda _: ["urn:b", "urn:a"]
    )
    assert "FILTER (true)" in without_closures(text, lambda _: [])


def test_two_paths_of_a_union_become_one_list() -> None:
    text = "SELECT ?x { { ?x rdfs:subClassOf* ac:Visit } UNION { ?x rdfs:subClassOf* ac:Call } ?y a ?x }"
    assert without_closures(text, lambda query: [query.split(":")[-1][:-2]]) == (
        "SELECT ?x { VALUES ?x { <Call> <Visit> } ?y a ?x }"
    )
    apart = text.replace("{ ?x rdfs:subClassOf* ac:Call }", "{ ?z rdfs:subClassOf* ac:Call }")
    assert "UNION { VALUES ?z" in without_closures(apart, lambda _: ["urn:a"])
    longer = text.replace("SELECT ?x { {", "SELECT ?x { { ?x a owl:Class } UNION\n {")
    assert without_closures(longer, lambda _: ["urn:a"]).count("UNION") == 2


def test_a_path_to_a_variable_is_listed_where_its_value_is_given() -> None:
    text = "SELECT ?x { %s ?x ac:topic ?t FILTER (!BOUND(?a) || EXISTS { ?t skos:broader* ?a }) }"
    one = without_closures(
        text % "VALUES ?a { <urn:trade> }", lambda query: [query.split("<")[1][:9]]
    )
    assert "|| (?t IN (<urn:trade>)))" in one
    for open_end in (text % "", text % "VALUES ?a { <urn:a> <urn:b> }"):
        assert without_closures(open_end, lambda _: ["urn:a"]) == open_end
