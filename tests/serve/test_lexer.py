"""Reading a query far enough to refuse it kindly."""

import pytest

from acuerdo.serve import lexer

CALLS = {
    "plain": "SELECT * { SERVICE <http://a/> { ?s ?p ?o } }",
    "case": "SELECT * { sErViCe <http://a/> { ?s ?p ?o } }",
    "no blank": "SELECT * { SERVICE<http://a/>{ ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <http://a/> { ?s ?p ?o } }",
    "comment": "SELECT * { SERVICE # <http://b/>\n <http://a/> { ?s ?p ?o } }",
    "exists": "ASK { ?s ?p ?o FILTER NOT EXISTS { SERVICE <http://a/> { ?s ?p ?o } } }",
}
INNOCENT = {
    "variable": "SELECT ?service { ?service ?p ?o }",
    "prefixed": "PREFIX ex: <http://e/> SELECT * { ex:SERVICE ?p ?o }",
    "prefix": "PREFIX service: <http://e/> SELECT * { ?s service:x ?o }",
    "string": 'SELECT * { ?s ?p "SERVICE <http://a/>" }',
    "long string": 'SELECT * { ?s ?p """a "SERVICE" <http://a/>""" }',
    "iri": "SELECT * { <http://e/SERVICE> ?p ?o }",
    "comment": "SELECT * { ?s ?p ?o } # SERVICE <http://a/>",
    "tag": 'SELECT * { ?s ?p "a"@service }',
}


@pytest.mark.parametrize("query", CALLS.values(), ids=CALLS)
def test_service_is_found_with_its_endpoint(query: str) -> None:
    assert [iri for iri, _ in lexer.read(query).services] == ["http://a/"]


@pytest.mark.parametrize("query", INNOCENT.values(), ids=INNOCENT)
def test_the_word_service_elsewhere_is_no_call(query: str) -> None:
    assert lexer.read(query).services == ()


def test_a_variable_endpoint_has_no_name() -> None:
    assert lexer.read("SELECT * { SERVICE ?x {} }").services == (("", 11),)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { SERVICE <http://a/> {} SERVICE <http://b/> {} }",
        "PREFIX n: <http://b/> ASK { SERVICE <http://a/> {} ?a ?b ?c FILTER(1<?b)SERVICEn:x#>\n{} }",
        "ASK { SERVICE <http://a/> {} SERVICE ?x {} }",
        "ASK { SERVICE <http://a/x> {} }",
        'ASK { SERVICE <http://a/> {} ?s ?p "service" }',
    ],
)
def test_a_federated_query_may_use_the_word_only_before_a_permitted_endpoint(query: str) -> None:
    assert lexer.stray_service(query, ("http://a/",)) is not None


def test_permitted_calls_pass() -> None:
    query = "ASK { SERVICE <http://a/service> {} SERVICE SILENT\n<http://b/> {} }"
    assert lexer.stray_service(query, ("http://a/service", "http://b/")) is None


def test_depth_counts_brackets_outside_strings_and_iris() -> None:
    query = "ASK { ?s ?p '(((((((' FILTER(" + "(" * 40 + "1" + ")" * 40 + ") }"
    assert lexer.read(query).depth == 42


def test_from_and_volatile_functions_are_noticed() -> None:
    assert lexer.read("ASK FROM <http://a/> {}").dataset
    assert not lexer.read("ASK { <http://a/from> ?from 'FROM' }").dataset
    assert lexer.read("SELECT (now() AS ?x) {}").volatile
    assert not lexer.read("SELECT ?now { ?now ?p 'NOW()' }").volatile


def test_a_place_is_line_and_column_from_one() -> None:
    assert lexer.place("ab\ncd", 0) == (1, 1)
    assert lexer.place("ab\ncd", 4) == (2, 2)
