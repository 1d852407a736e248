"""One thing twice in the graph: proposals, a person's answers, and builds that go both ways."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.build import Options, build
from acuerdo.cli import acuerdo
from acuerdo.iri import DEMO_BASE, Bases
from acuerdo.link import sssom, within
from acuerdo.link.review import Reviewer, Walk
from acuerdo.link.source import Graph
from acuerdo.store.directory import Directory
from link.conftest import ARTICLES

BASES = Bases(DEMO_BASE)
ME = Reviewer("me:here", "Me", "2026-02-28")


def dump(place: Path) -> bytes:
    return b"".join(Directory(place / "kg").current().lines())


def proposals(place: Path) -> set[tuple[str, str]]:
    rows = sssom.read(place / "decisions" / within.FILE, items=False).rows
    return {tuple(sorted(i.removeprefix("id:article/") for i in r.pair)) for r in rows}


def propose(place: Path):
    return CliRunner().invoke(
        acuerdo, ["link", "--kg", str(place / "kg"), "--within", "--now", "2026-01-31"]
    )


def test_a_person_under_two_names_and_a_meeting_told_twice_are_proposed(place) -> None:
    done = propose(place)
    assert done.exit_code == 0, done.output
    found = proposals(place)
    assert ("one/entity/m", "two/entity/m") in found
    assert ("one/entity/e", "two/entity/e") in found
    assert not any("three/entity/e" in pair or "three/entity/m" in pair for pair in found)


@pytest.mark.slow
def test_a_proposal_without_a_reviewer_changes_no_byte_of_the_graph(place) -> None:
    before = dump(place)
    propose(place)
    build(Options((place / "articles",), place / "kg", jobs=1))
    assert dump(place) == before


def test_what_a_person_joins_build_joins_and_taking_it_back_gives_the_same_bytes(place) -> None:
    before = dump(place)
    propose(place)
    graph = Graph(place / "kg")
    walk = Walk(place / "links", place / "decisions", graph.facts, graph.bases)
    while question := walk.next():
        if {question.row.subject_id[-1], question.row.object_id[-1]} == {"m"}:
            walk.accept(question, ME)
            break
        walk.skip(question)
    build(Options((place / "articles",), place / "kg", jobs=1))
    after = dump(place)
    gone = f"{graph.bases.id}article/two/entity/m".encode()
    assert b"<%s> <http://purl.org/dc/terms/isReplacedBy>" % gone in after
    assert not any(
        line.startswith(b"<%s> " % gone) and b"/graph/article/" in line
        for line in after.splitlines()
    )
    assert walk.undo()
    build(Options((place / "articles",), place / "kg", jobs=1))
    assert dump(place) == before


def join(place: Path, *ends: str) -> None:
    """A person's yes to the proposals of these local ids, as an editor would write it."""
    path = place / "decisions" / within.FILE
    found = sssom.read(path, items=False)
    rows = [
        sssom.changed(r, reviewer_id="me:here") if r.subject_id.endswith(ends) else r
        for r in found.rows
    ]
    sssom.write(path, rows, Graph(place / "kg").bases, found.header)


def test_a_meeting_told_twice_becomes_one_with_both_sentences_and_back(place) -> None:
    before = dump(place)
    propose(place)
    join(place, "/entity/e", "/event/e", "/e")
    build(Options((place / "articles",), place / "kg", jobs=1))
    facts = Graph(place / "kg").facts
    (one,) = [s for s in facts.types if s.endswith("article/one/entity/e")]
    assert facts.articles(one) == {f"{BASES.id}article/one", f"{BASES.id}article/two"}
    gone = one.replace("/one/", "/two/")
    assert gone not in facts.types
    assert f"<{gone}> <http://purl.org/dc/terms/isReplacedBy> <{one}>".encode() in dump(place)
    (place / "decisions" / within.FILE).unlink()
    build(Options((place / "articles",), place / "kg", jobs=1))
    assert dump(place) == before


def test_a_meeting_of_people_who_are_likely_the_same_is_proposed_too(place) -> None:
    """Nobody in it is known to the registry: the minister and his guest have local names in both articles."""
    for one in ARTICLES[:2]:
        local = json.loads(json.dumps(one))
        del local["entities"][1]["ref"]
        local["text"] = local["text"].replace("Marco Rubio", "Mirko Ruvio")
        (place / "articles" / f"{one['id']}.json").write_text(json.dumps(local), encoding="utf-8")
    build(Options((place / "articles",), place / "kg", jobs=1))
    propose(place)
    assert {("one/entity/m", "two/entity/m"), ("one/entity/e", "two/entity/e")} <= proposals(place)


def test_only_events_that_overlap_are_compared_however_many_an_actor_has(monkeypatch) -> None:
    from datetime import date, timedelta

    from acuerdo.link.mentions import Facts

    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(400)]
    known = {
        f"e{n:03}": within.Happening(
            f"e{n:03}", frozenset("M"), frozenset(), day, day, frozenset("p"), frozenset()
        )
        for n, day in enumerate([*days, days[7]])
    }
    monkeypatch.setattr(within, "_happening", lambda f, v, s, a: known[s])
    compared = []
    monkeypatch.setattr(within, "compare", lambda a, b: compared.append((a.iri, b.iri)))
    facts = Facts(())
    for iri in known:
        facts.types[iri].add("M")
    assert list(within.events(facts, None)) == []
    assert compared == [("e007", "e400")]


def test_what_was_joined_once_is_still_proposed_to_a_third(place) -> None:
    third = {**ARTICLES[1], "id": "four", "title": "Visit told by four"}
    (place / "articles" / "four.json").write_text(json.dumps(third), encoding="utf-8")
    propose(place)
    join(place, "/entity/m")
    build(Options((place / "articles",), place / "kg", jobs=1))
    propose(place)
    pairs = {p for p in proposals(place) if p[0].endswith("/m")}
    assert any("four/entity/m" in pair for pair in pairs)


def test_a_pair_that_a_person_keeps_apart_is_not_proposed_again(place) -> None:
    propose(place)
    graph = Graph(place / "kg")
    walk = Walk(place / "links", place / "decisions", graph.facts, graph.bases)
    left = walk.left()
    while question := walk.next():
        walk.reject(question, ME)
    assert left > 0
    before = (place / "decisions" / within.FILE).read_bytes()
    propose(place)
    assert (place / "decisions" / within.FILE).read_bytes() == before
    assert Walk(place / "links", place / "decisions", graph.facts, graph.bases).left() == 0


def test_the_walk_shows_sentences_and_keeps_each_answer_when_it_is_given(place) -> None:
    propose(place)
    path = place / "decisions" / within.FILE
    rows = len(sssom.read(path, items=False).rows)
    args = [
        "link",
        "--kg",
        str(place / "kg"),
        "--now",
        "2026-03-01",
        "review",
        "--reviewer",
        "me:here",
    ]
    done = CliRunner().invoke(acuerdo, args, input="y\nu\nn\nq\n")
    assert done.exit_code == 0, done.output
    assert "Evaristo" in done.output
    assert "received Marco Rubio" in " ".join(done.output.split())
    decided = [r for r in sssom.read(path, items=False).rows if r.reviewed]
    assert [(r.predicate_modifier, r.reviewer_id, r.review_date) for r in decided] == [
        ("Not", "me:here", "2026-03-01")
    ]
    assert len(sssom.read(path, items=False).rows) == rows


def test_a_reviewer_without_an_id_is_asked_for_one(place) -> None:
    done = CliRunner().invoke(acuerdo, ["link", "--kg", str(place / "kg"), "review"])
    assert done.exit_code == 2
    assert "--reviewer" in done.output


def test_events_of_other_days_kinds_places_or_people_are_not_proposed() -> None:
    from datetime import date

    one = within.Happening(
        "a",
        frozenset({"Meeting"}),
        frozenset({"k"}),
        date(2025, 3, 4),
        date(2025, 3, 4),
        frozenset("pq"),
        frozenset("x"),
    )
    import msgspec

    same = msgspec.structs.replace(one, iri="b")
    assert within.compare(one, same) is not None
    for change in (
        {"first": date(2025, 3, 9), "last": date(2025, 3, 9)},
        {"classes": frozenset({"Call"})},
        {"kinds": frozenset({"other"})},
        {"people": frozenset("rs")},
        {"places": frozenset("y")},
    ):
        assert within.compare(one, msgspec.structs.replace(same, **change)) is None
