"""The walk of `acuerdo link review` through the links, as it is typed."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.cli import acuerdo
from acuerdo.errors import BadSource
from acuerdo.iri import DEMO_BASE, Bases
from acuerdo.link import sssom
from acuerdo.link.review import Reviewer, Walk
from acuerdo.link.source import Graph

BASES = Bases(DEMO_BASE)
FIRST, SECOND = "id:article/one/entity/m", "id:article/two/entity/m"


def row(thing: str, number: int, **cells: str) -> sssom.Row:
    found = sssom.Row(
        subject_id=thing,
        subject_label="Evaristo Quiñones Lara",
        subject_category="ac:Person",
        object_id=f"wd:Q90000000{number:04}",
        object_label="Evaristo Q.",
        object_category="person|wd:Q5",
        confidence="0.5",
        mapping_tool=sssom.TOOL,
    )
    return sssom.changed(found, **cells)


@pytest.fixture
def path(place: Path) -> Path:
    path = place / "links" / sssom.FILE
    sssom.write(path, [row(FIRST, 1), row(FIRST, 2, confidence="0.4"), row(SECOND, 3)], BASES)
    return path


def walk(path: Path, typed: str):
    place = path.parent.parent
    args = ["link", "--kg", str(place / "kg"), "--now", "2026-03-01", "review"]
    return CliRunner().invoke(
        acuerdo,
        [*args, "--reviewer", "me:here", "--name", "Me"],
        input=typed,
        env={"COLUMNS": "300"},
    )


def answers(path: Path) -> dict[str, str]:
    rows = sssom.read(path).rows
    return {r.object_id[-1]: r.predicate_modifier or "yes" for r in rows if r.reviewed}


def test_yes_settles_a_thing_and_its_other_items_are_not_asked_about(path) -> None:
    done = walk(path, "y\nn\n")
    assert done.exit_code == 0
    assert answers(path) == {"1": "yes", "3": "Not"}
    assert "2 answers kept, 0 rows still open" in done.output
    assert {r.reviewer_label for r in sssom.read(path).rows if r.reviewed} == {"Me"}


def test_skip_and_undo_leave_the_file_as_it_was(path) -> None:
    before = path.read_bytes()
    done = walk(path, "s\ny\nu\nn\nu\nq\n")
    assert done.exit_code == 0
    assert path.read_bytes() == before
    assert "0 answers kept, 3 rows still open" in done.output


def test_undo_with_nothing_to_take_back_and_an_unknown_key_do_no_harm(path) -> None:
    done = walk(path, "u\nx\nn\nq\n")
    assert done.exit_code == 0
    assert answers(path) == {"1": "Not"}


def test_where_the_typing_ends_every_answer_is_kept(path) -> None:
    done = walk(path, "n\n")
    assert done.exit_code == 0
    assert "1 answers kept, 2 rows still open" in done.output
    assert answers(path) == {"1": "Not"}


def test_the_sentence_stands_beside_the_item_and_a_taken_item_is_said(path) -> None:
    old = sssom.read(path).rows
    taken = row("id:person/marco-rubio", 1, reviewer_id="me:here")
    sssom.write(path, [*old, taken], BASES)
    said = " ".join(walk(path, "q\n").output.split())
    assert "Evaristo Quiñones Lara" in said
    assert "received Marco Rubio" in said
    assert "https://www.wikidata.org/wiki/Q900000000001" in said
    assert "already the item of id:person/marco-rubio" in said


def test_what_is_changed_by_hand_during_the_walk_is_kept(path, place) -> None:
    graph = Graph(place / "kg")
    found = Walk(place / "links", place / "decisions", graph.facts, graph.bases)
    question = found.next()
    path.write_text(path.read_text().replace("Evaristo Q.", "Evaristo by hand"))
    found.accept(question, Reviewer("me:here", "Me", "2026-03-01"))
    assert path.read_text().count("Evaristo by hand") == 2
    assert answers(path) == {"1": "yes"}


def test_a_file_edited_with_an_error_is_told_with_its_line_and_left_alone(path) -> None:
    spoilt = path.read_text().replace("wd:Q900000000003", "wd:Queso")
    path.write_text(spoilt)
    done = walk(path, "y\n")
    assert isinstance(done.exception, BadSource)
    line = next(n for n, text in enumerate(spoilt.splitlines(), 1) if "Queso" in text)
    assert f"{sssom.FILE}:{line}: " in str(done.exception)
    assert path.read_text() == spoilt
