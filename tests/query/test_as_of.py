"""A graph as it would have been on a day: nothing of what came later is known."""

from datetime import date
from pathlib import Path

import pytest

from acuerdo.build import Options, build
from acuerdo.query import open_kg
from acuerdo.query.asof import open_as_of

ROOT = Path(__file__).parents[2]
STATUS = """PREFIX ac: <https://w3id.org/acuerdo/ns#> SELECT DISTINCT ?status WHERE {
  GRAPH ?current { ?event ac:currentStatus ?status } FILTER (STRENDS(STR(?current), "/graph/current"))
  FILTER (STRENDS(STR(?event), "/event/ipiales-meeting-2024")) }"""
ARTICLES = """PREFIX ac: <https://w3id.org/acuerdo/ns#> SELECT DISTINCT ?article WHERE { ?article a ac:Article }"""


@pytest.fixture(scope="module")
def kg(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("as-of") / "kg"
    build(Options(sources=(ROOT / "examples",), kg=folder, jobs=1))
    return folder


def test_only_articles_published_until_the_day_are_known(kg) -> None:
    known = {row[0] for row in open_as_of(kg, date(2017, 2, 28)).query(ARTICLES)}
    assert {iri.rsplit("/", 1)[1] for iri in known} == {"brief-llamada-2017", "seed-004"}


def test_what_was_planned_then_is_planned_although_it_took_place_later(kg) -> None:
    before = [row[0] for row in open_as_of(kg, date(2024, 5, 23)).query(STATUS)]
    after = [row[0] for row in open_kg(kg).query(STATUS)]
    assert [iri.rsplit("/", 1)[1] for iri in before] == ["planned"]
    assert [iri.rsplit("/", 1)[1] for iri in after] == ["occurred"]


def test_after_the_last_article_the_questions_answer_as_on_the_graph_itself(kg) -> None:
    late, whole = open_as_of(kg, date(2100, 1, 1)), open_kg(kg)
    for name in ("who-met-whom", "cancelled-events", "claims-in-conflict"):
        assert [tuple(row) for row in late.query(name)] == [tuple(row) for row in whole.query(name)]


def test_before_the_first_article_nothing_happened(kg) -> None:
    assert list(open_as_of(kg, date(1999, 1, 1)).query("who-met-whom")) == []
