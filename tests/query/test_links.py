"""Questions about Wikidata links and facts, over a graph that has what no example has."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo.query import Kg

BASE = "https://example.org/news/"
ITEM = "http://www.wikidata.org/entity/Q90000000000"


@pytest.fixture(scope="module")
def kg() -> Kg:
    store = ox.Store()
    store.bulk_load(path=Path(__file__).parent / "links.trig", format=ox.RdfFormat.TRIG)
    return Kg(store, BASE)


def rows(kg: Kg, asked: str) -> list[tuple[str, ...]]:
    found = kg.query(asked)
    return [
        tuple(str(v or "").removeprefix(BASE + "id/").removeprefix(ITEM) for v in row)
        for row in found
    ]


def test_who_has_no_item_is_listed_with_the_number_of_articles(kg) -> None:
    assert rows(kg, "people-without-item") == [("person/eva", "Eva", "1")]


def test_one_item_of_two_people_is_a_conflict_told_from_both_sides(kg) -> None:
    assert [
        (r[0], r[2], r[3].removeprefix(BASE + "id/")) for r in rows(kg, "links-in-conflict")
    ] == [
        ("person/ana", "1", "person/ben"),
        ("person/ben", "1", "person/ana"),
    ]


def test_an_attested_post_is_compared_with_each_term_of_wikidata(kg) -> None:
    found = [(r[0], r[5], r[6], r[7]) for r in rows(kg, "posts-and-wikidata")]
    assert found == [
        ("person/ana", "2018", "2019-05", "yes"),
        ("person/ana", "2021-01-01", "", "no"),
        ("person/ben", "2018", "2019-05", "yes"),
        ("person/ben", "2021-01-01", "", "no"),
    ]
