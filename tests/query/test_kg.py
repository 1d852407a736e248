"""Questions over a small graph that was made by hand: what counts, what does not, and how answers look."""

import datetime as dt
import io
from pathlib import Path

import pytest

from acuerdo.errors import BadQuery, GraphUnusable, WrongUsage
from acuerdo.query import Kg, Solutions, Triples, open_kg

ANA, BO = (f"https://example.org/news/id/person/{name}" for name in ("ana-ruiz", "bo-lind"))


def test_nobody_met_the_one_who_was_only_invited(small: Kg) -> None:
    rows = small.query("who-met-whom")
    assert [(row.one, row.other, row.date) for row in rows] == [(ANA, BO, "2024-01-09")]
    assert rows[0]["sentence"] == "Ana Ruiz received Bo Lind."


def test_a_range_keeps_what_may_lie_in_it(small: Kg) -> None:
    assert len(small.query("who-met-whom", since="2024-01-09", until=dt.date(2024, 1, 9))) == 1
    assert len(small.query("who-met-whom", since="2024-01-10")) == 0


def test_a_thing_may_be_named_by_iri_tail_name_or_name_without_accents(small: Kg) -> None:
    for name in (ANA, "person/ana-ruiz", "Ana Ruiz", "A. Ruiz", "ana ruíz"):
        assert len(small.query("who-met-whom", person=name)) == 1


def test_a_name_of_two_people_lists_the_choices(small: Kg) -> None:
    with pytest.raises(BadQuery, match="person/eva-roth, person/eva-roth-2"):
        small.query("who-met-whom", person="Eva Roth")
    with pytest.raises(BadQuery, match="nothing of ac:Person is named 'Minister'"):
        small.query("who-met-whom", person="Minister")


def test_a_wordless_passage_shows_its_offsets(small: Kg) -> None:
    assert [row.sentence for row in small.query("planned-events")] == ["characters 0–20"]


def test_a_side_is_the_country_of_the_post(small: Kg) -> None:
    rows = small.query("participants-by-side")
    assert [(row.participantLabel, row.sideLabel, row.role) for row in rows] == [
        ("Bo Lind", "", "participant"),
        ("Ana Ruiz", "Atlantis", "host"),
    ]


def test_a_post_is_held_on_the_day_it_is_attested(small: Kg) -> None:
    assert [row.personLabel for row in small.query("who-held-post", on="2024-01-10")] == [
        "Ana Ruiz"
    ]
    assert len(small.query("who-held-post", on="2024-01-11")) == 0


def test_rows_are_plain_values_by_place_and_name(small: Kg) -> None:
    text = """SELECT ("x" AS ?s) (1 AS ?i) (2.5 AS ?d) (true AS ?b) ("2024-01-09"^^xsd:date AS ?day)
              ("2024-01-09T10:00:00Z"^^xsd:dateTime AS ?t) ("bad"^^xsd:date AS ?bad) ?none WHERE {}"""
    row = small.query(text)[0]
    assert list(row)[:4] == ["x", 1, 2.5, True]
    assert row.day == dt.date(2024, 1, 9)
    assert row.t == dt.datetime(2024, 1, 9, 10, tzinfo=dt.UTC)
    assert (row["bad"], row.none) == ("bad", None)
    assert row.as_dict()["i"] == 1
    with pytest.raises(AttributeError, match="no column 'x'"):
        assert row.x


def test_the_union_is_asked_unless_the_query_names_graphs(small: Kg) -> None:
    everything = small.query("SELECT DISTINCT ?s WHERE { ?s ac:language ?l }")
    assert len(everything) == 2
    one = "SELECT ?s FROM <https://example.org/news/graph/article/plan> WHERE { ?s ac:language ?l }"
    assert len(small.query(one)) == 1


def test_ask_is_a_bool_and_construct_a_graph_without_repeats(small: Kg) -> None:
    assert small.query("ASK { ?x a ac:Meeting }") is True
    assert small.query("ASK { ?x a ac:Call }") is False
    graph = small.query("CONSTRUCT { ?x a ac:Meeting } WHERE { ?x a ac:Meeting }")
    assert isinstance(graph, Triples)
    assert len(graph) == 1
    assert "@prefix ac:" in str(graph)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT ?x WHERE {\n  ?x ?y }", "query:2:10: not SPARQL near '?x ?y }'"),
        ("SELECT ?x WHERE { ?x foo:bar ?y }", "query:1:29: no such prefix"),
        ("DELETE WHERE { ?s ?p ?o }", "no SELECT, ASK"),
        ("ASK { FILTER(" + "(" * 6000 + "1" + ")" * 6000 + ") }", "nested more than"),
    ],
)
def test_what_is_no_query_says_where(small: Kg, text: str, words: str) -> None:
    with pytest.raises(BadQuery) as caught:
        small.query(text)
    assert words in str(caught.value)


def written(answer: Solutions | Triples, form: str) -> str:
    out = io.BytesIO()
    answer.write(out, form)
    return out.getvalue().decode()


def test_markup_in_a_sentence_stays_text(small: Kg) -> None:
    rows = small.query("SELECT ?words WHERE { ?p ac:words ?words } ORDER BY DESC(?words)")
    assert 'Lind thanked &lt;b&gt;her&lt;/b&gt; \\| "much".' in written(rows, "md")
    assert "<b>" not in rows._repr_html_()
    assert "<b>her</b>" in written(rows, "csv")


def test_only_web_links_become_links(small: Kg) -> None:
    page = small.query(
        "SELECT (<javascript:alert(1)> AS ?a) (<https://example.org/x> AS ?b) {}"
    )._repr_html_()
    assert page.count("<a ") == 1
    assert 'href="https://example.org/x"' in page


def test_a_table_shows_labels_and_nothing_that_steers_a_terminal(small: Kg) -> None:
    text = 'SELECT ?x ("A\u001b[31m" AS ?xLabel) WHERE { VALUES ?x { <urn:x> } }'
    shown = written(small.query(text), "table")
    assert "urn:x" not in shown
    assert "A\\x1b[31m" in shown
    assert shown.endswith("1 row\n")


def test_rows_become_data_frames(small: Kg) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    rows = small.query("who-held-post")
    assert isinstance(rows.to_pandas(), pandas.DataFrame)
    assert list(rows.to_pandas().personLabel) == ["Ana Ruiz"]
    frame = rows.to_polars()
    assert isinstance(frame, polars.DataFrame)
    assert frame["attestedOn"].to_list() == [dt.date(2024, 1, 10)]


def test_reading_rows_twice_or_after_writing_gives_them_again(small: Kg) -> None:
    rows = small.query("SELECT ?s WHERE { ?s a ac:Meeting }")
    first = written(rows, "csv")
    assert len(list(rows)) == len(list(rows)) == 2
    assert written(rows, "csv") == first


def test_a_directory_without_a_graph_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="no graph here"):
        open_kg(tmp_path)


def test_a_pointer_to_nothing_is_a_graph_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("00000000\n")
    with pytest.raises(GraphUnusable, match="00000000, which is gone"):
        open_kg(tmp_path)


def test_the_months_are_those_of_all_that_is_dated(examples_directory) -> None:
    kg = open_kg(examples_directory)
    months = kg.months()
    dated = kg.select("SELECT DISTINCT ?month WHERE { ?thing ac:inMonth ?month }")
    assert {row["month"].value.rpartition("/")[2] for row in dated} == set(months)
    assert len(months) == len(set(months)) > 1
