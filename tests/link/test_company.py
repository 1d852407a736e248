"""Shared company in an event: who met somebody that is linked, with a post of the same house at that time."""

import msgspec
import pytest

from acuerdo.iri import Bases
from acuerdo.link import linker, sssom
from acuerdo.link.entity import Item, Position
from acuerdo.link.features import FEATURES, best_alignment, features
from acuerdo.link.names import name
from acuerdo.link.score import Decision, decide, weights
from link.conftest import person

BASES = Bases("https://example.org/")
AT = FEATURES.index("company")


def colleague(start: str, end: str, text: str = "Member of the House of Delegates") -> Item:
    return Item(
        "Q900000000050",
        "person",
        "Somebody Else",
        (name("Somebody Else"),),
        positions=(Position(text, start, end, "US"),),
    )


def company(index, *met: Item, years=(2017,)) -> float:
    item = index.by_qid("Q900000000004")
    mention = person("Jonah Kettering", years=years, countries=("US",))
    return features(mention, item, best_alignment([name(mention.label)], item), index, met)[AT]


def test_the_same_post_in_the_same_house_at_the_time_is_the_most(index) -> None:
    assert company(index, colleague("2015-01-01", "2019-01-01")) == 1.0
    other = colleague("2015-01-01", "2019-01-01", "Treasurer")
    assert 0 < company(index, other) < 1


@pytest.mark.parametrize(
    ("met", "years"),
    [
        ((), (2017,)),
        ((colleague("1990-01-01", "1994-01-01"),), (2017,)),
        ((colleague("2015", ""),), ()),
    ],
    ids=["nobody", "another time", "no date"],
)
def test_who_met_nobody_of_that_time_is_not_worse_for_it(index, met, years) -> None:
    assert company(index, *met, years=years) == 0.0
    assert weights()["person"].values[AT] >= 0


def test_an_item_is_no_company_to_itself(index) -> None:
    assert company(index, index.by_qid("Q900000000004")) == 0.0


def test_company_makes_an_item_likelier_and_a_reviewer_sees_it(index) -> None:
    mention = person("Jonah Kettering", countries=("US",))

    def found(*met: Item):
        ranked = decide(mention, index, company=met).ranked
        return next(s for s in ranked if s.item.qid == "Q900000000004")

    alone, together = found(), found(colleague("2015-01-01", "2019-01-01"))
    assert together.probability > alone.probability
    assert together.reasons["company"] == 1.0
    assert "company" not in alone.reasons


def test_company_alone_links_nobody(index) -> None:
    met = [colleague("2015-01-01", "2019-01-01")]
    bare = person("Inés Quirarte Belmonte", years=(), countries=())
    assert decide(bare, index, company=met).decision is not Decision.AUTO


def mentions() -> list:
    """A secretary whom the tool links, and a namesake whom she meets."""
    named = [
        ("kettering", person("Jonah Kettering", countries=("US",))),
        ("ribalta", person("Marco Ribalta", "Secretary of State", countries=("US",))),
    ]
    subjects = [f"{BASES.id}person/{slug}" for slug, _ in named]
    return [
        msgspec.structs.replace(m, subject=own, company=tuple(s for s in subjects if s != own))
        for own, (_, m) in zip(subjects, named, strict=True)
    ]


def test_a_run_takes_those_who_are_linked_as_company_in_whatever_order(index) -> None:
    done = linker.run(mentions(), index, (), BASES, "2026-01-31")
    rows = {r.pair: r for r in done.rows}
    assert rows["id:person/ribalta", "wd:Q900000000005"].sure
    assert "company" in rows["id:person/kettering", "wd:Q900000000003"].comment
    turned = linker.run(mentions()[::-1], index, (), BASES, "2026-01-31")
    assert {r.pair: r for r in turned.rows} == rows


def test_an_item_that_a_person_gave_to_one_thing_is_not_linked_to_another(index) -> None:
    given = sssom.Row(
        subject_id="id:person/another", object_id="wd:Q900000000005", reviewer_id="me:here"
    )
    done = linker.run(mentions(), index, [given], BASES, "2026-01-31")
    (row,) = [r for r in done.rows if r.subject_id == "id:person/ribalta"]
    assert row.open
    assert any("Q900000000005 would be linked to 2 things" in w for w in done.warnings)
