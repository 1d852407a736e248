"""The header of a `.rq` file, and how values get into its marked lines."""

import doctest
import random
import re

import pyoxigraph as ox
import pytest
import rdflib

from acuerdo import assets
from acuerdo.errors import BadQuery
from acuerdo.query import formats, names, questions, sparql, values
from acuerdo.query.question import Parameter, load, parse
from acuerdo.query.values import serialised, terms
from acuerdo.vocabulary.modules import KINDS_AT_MOST

ECHO = """# title: Echo
# description: What was given,
#              as it was given.
# param x: xsd:string = any text
# column x: string
SELECT ?x WHERE {
  VALUES ?x { "default" }  # param x
}
"""


@pytest.mark.parametrize("module", [formats, names, sparql, values])
def test_examples_in_docstrings_are_true(module) -> None:
    assert doctest.testmod(module).failed == 0


def no_names(parameter: Parameter, text: str) -> list[str]:
    raise AssertionError


def test_header_gives_title_description_parameters_and_columns() -> None:
    question = parse(ECHO, "echo")
    assert question.title == "Echo"
    assert question.description == "What was given, as it was given."
    assert question.parameters == (Parameter("x", "xsd:string", "any text", '"default"'),)
    assert [column.name for column in question.columns] == ["x"]


def test_a_file_without_header_is_a_question_without_parameters() -> None:
    assert parse("ASK { ?s ?p ?o }", "mine").parameters == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# param x: IRI = thing\nASK {}", "no line 'VALUES ?x"),
        ("ASK {\n VALUES ?x { 1 } # param x\n}", "q:2: the header lacks '# param x:"),
        ("# param y: IRI = thing\nASK {\n VALUES ?x { 1 } # param y\n}", "stands behind VALUES ?x"),
        ("ASK {\n VALUES ?m { UNDEF }  # months since until\n}", "which is no parameter"),
    ],
)
def test_header_and_marked_lines_must_agree(text: str, words: str) -> None:
    with pytest.raises(BadQuery, match=r".") as caught:
        parse(text, "q")
    assert words in str(caught.value)


def test_an_unknown_question_or_parameter_names_the_nearest() -> None:
    with pytest.raises(BadQuery, match="did you mean 'who-met-whom'"):
        load("who-met-who")
    with pytest.raises(BadQuery, match="did you mean 'since'"):
        load("who-met-whom").parameter("sinse")


def test_a_name_cannot_leave_the_folder_of_questions() -> None:
    with pytest.raises(BadQuery, match="no question"):
        load("../pyproject")


def random_strings(count: int) -> list[str]:
    rng = random.Random(20190827)
    pieces = [
        *"\"'\\{}<>#?$ \n\r\t.;|&^@_:uU0",
        "\\u0022",
        "\\\\u0022",
        "\\U00000022",
        '" } ?s ?p ?o #',
        "'''",
    ]
    pieces += [
        "\x00",
        "\x1f",
        "\x7f",
        "\x85",
        "\u2028",
        "é",
        "ñ",
        "فا",
        "🤝",
        "# param x",
        "\ufeff",
        "\uffff",
    ]
    return ["".join(rng.choices(pieces, k=rng.randint(0, 12))) for _ in range(count)]


RANGE = """# title: Range
# param since: xsd:date = first day
# param until: xsd:date = last day
SELECT ?month WHERE {
  VALUES ?since { UNDEF }  # param since
  VALUES ?until { UNDEF }  # param until
  VALUES ?month { UNDEF }  # months since until
}
"""


@pytest.mark.parametrize(
    ("days", "months"),
    [
        ({"since": "2019-12-24", "until": "2020-01-06"}, ["2019-12", "2020-01", "open"]),
        ({"since": "2020-02-29", "until": "2020-02-29"}, ["2020-02", "open"]),
        ({"since": "2020-02-29"}, []),
        ({"since": "2020-03-01", "until": "2020-02-01"}, []),
        ({"since": "1990-01-01", "until": "2020-01-01"}, []),
        ({"since": ["2020-01-01", "2020-02-01"], "until": "2020-03-01"}, []),
    ],
)
def test_a_range_of_days_names_its_months_where_they_are_few(days, months) -> None:
    question = parse(RANGE, "range")
    given = {name: terms(question.parameter(name), value, no_names) for name, value in days.items()}
    rows = ox.Store().query(question.fill(given))
    found = {row["month"].value.rpartition("/")[2] for row in rows if row["month"]}
    assert sorted(found) == months


@pytest.mark.parametrize(
    ("days", "months"),
    [
        ({"since": "2020-02-29"}, ["2020-02", "2021-07", "open"]),
        ({"until": "2020-02-01"}, ["2019-12", "2020-02", "open"]),
        ({"since": "2022-01-01"}, ["open"]),
        ({"since": ["2020-01-01", "2020-02-01"]}, []),
        ({}, []),
    ],
)
def test_a_range_open_at_one_end_names_the_months_of_the_calendar(days, months) -> None:
    question = parse(RANGE, "range")
    given = {name: terms(question.parameter(name), value, no_names) for name, value in days.items()}
    text = question.fill(given, lambda: ["2021-07", "open", "2019-12", "2020-02"])
    found = {
        row["month"].value.rpartition("/")[2] for row in ox.Store().query(text) if row["month"]
    }
    assert sorted(found) == months


def test_a_graph_without_a_calendar_is_read_whole() -> None:
    question = parse(RANGE, "range")
    given = {"since": terms(question.parameter("since"), "2020-01-01", no_names)}
    assert "month/" not in question.fill(given, list)


def test_a_calendar_of_too_many_months_is_not_named() -> None:
    question, since = parse(RANGE, "range"), "1900-01-01"
    given = {"since": terms(question.parameter("since"), since, no_names)}
    months = [f"{year}-{month:02d}" for year in range(1990, 2010) for month in range(1, 13)]
    assert "month/" not in question.fill(given, lambda: months)


def test_two_thousand_random_strings_stay_one_literal_each() -> None:
    question, store = parse(ECHO, "echo"), ox.Store()
    for text in random_strings(2000):
        filled = question.fill({"x": terms(question.parameters[0], text, no_names)})
        rows = list(store.query(filled))
        assert [row["x"].value for row in rows] == [text]


def test_random_strings_mean_the_same_to_another_engine() -> None:
    graph = rdflib.Graph()
    for text in random_strings(60):
        filled = parse(ECHO, "echo").fill({"x": [serialised(ox.Literal(text))]})
        assert [str(row[0]) for row in graph.query(filled)] == [text]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("xsd:date", "2017-02-30"),
        ("xsd:date", "2017"),
        ("xsd:date", '2017-01-01" } #'),
        ("xsd:integer", "1.5"),
        ("xsd:integer", "٣"),
        ("xsd:boolean", "yes"),
        ("xsd:decimal", "NaN"),
        ("xsd:anyURI", "https://example.org/a b"),
        ("xsd:string", "\ud800"),
        ("IRI", "person/x"),
        ("IRI", "https://example.org/> } #"),
        ("concept topic", "fen tanyl"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, value: str) -> None:
    with pytest.raises(BadQuery, match=r"--x: .* is not"):
        terms(Parameter("x", kind, "", "UNDEF"), value, no_names)


def test_several_values_mean_any_of_them() -> None:
    parameter = Parameter("topic", "concept topic", "", "UNDEF")
    assert terms(parameter, ["fentanyl", "https://example.org/t"], no_names) == [
        "<https://w3id.org/acuerdo/topic/fentanyl>",
        "<https://example.org/t>",
    ]


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_a_shipped_question_says_in_both_languages_what_it_gives(question) -> None:
    assert all((question.title, question.title_es, question.description, question.description_es))
    assert question.statuses
    assert question.tested_by == f"tests/queries/{question.name}.csv"
    projected = [v.value for v in ox.Store().query(question.text).variables]
    assert [column.name for column in question.columns] == projected


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_a_shipped_question_is_set_safe_and_wholly_ordered(question) -> None:
    text = question.text.upper()
    assert "SELECT DISTINCT" in text or "GROUP BY" in text
    assert "SUM(" not in text.replace(" ", "")
    assert "ORDER BY" in text
    assert "SELECT *" not in text


KINDS = re.compile(r"SELECT DISTINCT \?\w+ WHERE \{(?:[^{}]|\{[^{}]*\})*\}\s*LIMIT (\d+)")


def limited() -> list[tuple[str, str, int]]:
    found = ((q, match) for q in questions() for match in KINDS.finditer(q.text))
    return [(q.name, match[0], int(match[1])) for q, match in found]


def test_every_limit_inside_a_question_is_one_on_kinds() -> None:
    inside = {q.name for q in questions() if "LIMIT" in q.text}
    assert inside == {name for name, _, _ in limited()}


@pytest.mark.parametrize(("name", "text", "limit"), limited(), ids=lambda given: str(given)[:30])
def test_a_limit_on_kinds_cuts_nothing(name: str, text: str, limit: int) -> None:
    store = ox.Store()
    for path in assets.path("ontology").rglob("*.ttl"):
        store.load(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
    whole = text.removesuffix(f"LIMIT {limit}")
    found = list(store.query(whole, prefixes=sparql.PREFIXES))
    assert 0 < len(found) < limit == KINDS_AT_MOST
