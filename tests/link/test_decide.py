"""Decisions: sure links, questions, and things without an item."""

import random

import msgspec
import pytest

from acuerdo.link.entity import Position
from acuerdo.link.index import opened
from acuerdo.link.score import Decision, decide
from link.conftest import PEOPLE, entity, person


def _claim(qid: str) -> list[dict]:
    return [{"mainsnak": {"datavalue": {"value": {"id": qid}}}}]


def best(outcome) -> str:
    return outcome.ranked[0].item.qid if outcome.decision is not Decision.NIL else ""


def test_a_dropped_second_surname_is_linked_when_the_post_agrees(index) -> None:
    found = decide(person("Ines Quirarte", "Secretary of Foreign Affairs"), index)
    assert (found.decision, best(found)) == (Decision.AUTO, "Q900000000007")


def test_a_father_whose_tenure_ended_is_not_taken_for_his_son(index) -> None:
    found = decide(person("Aurelio Zárate Montes"), index)
    assert (found.decision, best(found)) != (Decision.AUTO, "Q900000000002")
    held = decide(person("Aurelio Zárate Montes", "Governor of Costa Brava", years=(2003,)), index)
    assert (held.decision, best(held)) == (Decision.AUTO, "Q900000000001")
    son = decide(person("Aurelio Zárate Montes Jr.", "Chairman of the Harbour Board"), index)
    assert best(son) == "Q900000000002"


def test_namesakes_without_a_post_are_a_question_with_both(index) -> None:
    found = decide(person("Jonah Kettering", countries=("US",)), index)
    assert found.decision is not Decision.AUTO
    told = decide(
        person("Jonah Kettering", "Secretary of Homeland Security", countries=("US",)), index
    )
    assert best(told) == "Q900000000003"


def test_a_tie_is_never_linked_and_stands_in_the_order_of_the_numbers(index) -> None:
    found = decide(person("Ana Duarte Salas"), index)
    assert found.decision is Decision.REVIEW
    assert [s.item.qid for s in found.ranked[:2]] == ["Q900000000010", "Q900000000011"]
    assert found.ranked[0].probability == pytest.approx(found.ranked[1].probability)


def test_marco_and_mario_are_two_names(index) -> None:
    found = decide(person("Marco Ribalta", "Secretary of State", countries=("US",)), index)
    assert (found.decision, best(found)) == (Decision.AUTO, "Q900000000005")
    other = decide(person("Mateo Ribalta", "Secretary of State", countries=("US",)), index)
    assert other.decision is not Decision.AUTO


def test_the_dead_and_children_are_not_meant(index) -> None:
    for name in ("Tadeo Villagrán", "Nadia Olmstead"):
        found = decide(person(name, countries=()), index)
        assert found.decision is Decision.NIL
        assert all(s.item.label != name for s in found.ranked)


def test_what_is_fictional_or_no_human_is_neither_linked_nor_shown_nor_in_the_way(
    tables, tmp_path
) -> None:
    name = "Inés Quirarte Belmonte"
    lines = [
        entity("Q900000000701", name, "Q900000000799"),  # a dietary supplement, say
        entity("Q900000000702", name, "Q15632617"),
        entity("Q900000000703", name, "Q5", "Q95074"),
        entity("Q900000000704", name, "Q900000000705"),
        entity("Q900000000705", "character", P279=_claim("Q95074")),
    ]
    (tmp_path / "more.json").write_text("\n".join(lines))
    more, _ = opened([*tables, tmp_path / "more.json"], tmp_path)
    found = decide(person(name, "Secretary of Foreign Affairs"), more)
    assert (found.decision, best(found)) == (Decision.AUTO, "Q900000000007")
    for number, word in ((701, "no human"), (702, "fictional"), (703, "fictional"), (704, "fict")):
        stated = decide(person(name, qids=(f"Q900000000{number}",)), more)
        assert stated.decision is Decision.NIL
        assert word in stated.note
    more.close()


def test_an_item_without_any_type_is_only_shown(tables, tmp_path) -> None:
    (tmp_path / "more.csv").write_text("qid,name\nQ900000000706,Fidelia Monterroso Paz\n")
    more, _ = opened([*tables, tmp_path / "more.csv"], tmp_path)
    found = decide(person("Fidelia Monterroso Paz", "Governor"), more)
    assert (found.decision, best(found)) == (Decision.REVIEW, "Q900000000706")
    more.close()


def test_a_person_is_not_linked_by_name_alone(index) -> None:
    found = decide(person("Inés Quirarte Belmonte", years=(), countries=()), index)
    assert found.decision is not Decision.AUTO


def test_a_name_without_its_second_surname_needs_more_than_somebody_in_office(index) -> None:
    short, whole = "Berenice Oropeza", "Berenice Oropeza Linares"
    assert decide(person(short, countries=()), index).decision is Decision.REVIEW
    for found in (
        decide(person(whole, countries=()), index),
        decide(person(short, countries=("MX",)), index),
        decide(person(short, "Harbour Master", countries=()), index),
    ):
        assert (found.decision, best(found)) == (Decision.AUTO, "Q900000000012")


@pytest.mark.parametrize(
    ("short", "alone"),
    [
        ("Berenice Oropeza", Decision.AUTO),  # without her mother's surname, as newspapers do
        ("Berenice Linares", Decision.REVIEW),  # without her father's: another family
        ("B. Oropeza Linares", Decision.AUTO),
        ("B. Oropeza", Decision.REVIEW),
        ("Oropeza Linares", Decision.REVIEW),
        ("Berenice Linares Oropeza", Decision.REVIEW),
        ("Berenice Oropeza Quintana", Decision.REVIEW),
    ],
)
def test_which_part_of_a_spanish_name_may_be_missing(index, short, alone) -> None:
    found = decide(person(short), index)
    assert found.decision is alone
    held = decide(person(short, "Harbour Master"), index)
    other_family = short in {"Berenice Linares Oropeza", "Berenice Oropeza Quintana"}
    assert held.decision is (Decision.REVIEW if other_family else Decision.AUTO)


def test_somebody_who_is_not_in_the_snapshot_has_no_item(index) -> None:
    assert decide(person("Fidelia Monterroso Paz"), index).decision is Decision.NIL


def test_a_refused_item_is_not_proposed_again_and_helps_nobody_else(index) -> None:
    mention = person("Ana Duarte Salas")
    before = {s.item.qid: s.probability for s in decide(mention, index).ranked}
    found = decide(mention, index, banned=frozenset({"Q900000000010"}))
    assert "Q900000000010" not in {s.item.qid for s in found.ranked}
    assert found.ranked[0].probability == before["Q900000000011"]


@pytest.mark.parametrize(
    ("qids", "decision", "word"),
    [
        (("Q900000000007",), Decision.AUTO, ""),
        (("Q900000000005",), Decision.NIL, "is called Marco Ribalta"),
        (("Q900000000008",), Decision.NIL, "died in 1960"),
        (("Q900000000099",), Decision.NIL, "not among the candidates"),
        (("Q900000000007", "Q900000000005"), Decision.REVIEW, "two QIDs"),
    ],
)
def test_a_stated_item_is_taken_only_when_its_name_and_type_agree(
    index, qids, decision, word
) -> None:
    found = decide(person("Inés Quirarte", qids=qids), index)
    assert found.decision is decision
    assert word in found.note


def test_neither_the_order_of_the_snapshot_nor_of_the_questions_decides(
    tables, index, tmp_path
) -> None:
    seed = 11
    print("seed", seed)
    lines = PEOPLE.splitlines()
    body = lines[1:]
    random.Random(seed).shuffle(body)
    mixed = tmp_path / "people.csv"
    mixed.write_text("\n".join([lines[0], *body]) + "\n", encoding="utf-8")
    other, _ = opened([mixed, *(t for t in tables if t.name != "people.csv")], tmp_path)
    mentions = [person(line.split(",")[1], "Secretary of State") for line in body]
    one = {m.label: decide(m, index) for m in mentions}
    two = {m.label: decide(m, other) for m in reversed(mentions)}
    for label, outcome in one.items():
        ranked = [(s.item.qid, s.probability) for s in outcome.ranked]
        assert ranked == [(s.item.qid, s.probability) for s in two[label].ranked]


def test_a_tenure_is_only_ever_a_plus(index) -> None:
    from acuerdo.link.features import FEATURES
    from acuerdo.link.score import weights

    learned = dict(zip(FEATURES, weights()["person"].values, strict=True))
    assert min(learned[f] for f in ("active", "role", "role_at")) >= 0
    item = index.by_qid("Q900000000010")
    ended = msgspec.structs.replace(item, positions=(Position("Mayor", "1990", "1992"),))
    from acuerdo.link.features import best_alignment, features
    from acuerdo.link.names import name

    mention = person("Ana Duarte Salas")
    figures = [
        dict(
            zip(
                FEATURES,
                features(mention, i, best_alignment([name(mention.label)], i), index),
                strict=True,
            )
        )
        for i in (item, ended)
    ]
    assert figures[0] == figures[1]
