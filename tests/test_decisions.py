"""Decisions are data: a reviewed row joins or keeps apart, a proposal changes nothing."""

from pathlib import Path

import pytest

from acuerdo.errors import BadSource
from acuerdo.iri import Bases
from acuerdo.resolve import decisions

BASES = Bases("https://example.org/kg/")
HEADER = "#curie_map:\n#  skos: http://www.w3.org/2004/02/skos/core#\nsubject_id\tpredicate_id\tpredicate_modifier\tobject_id\tmapping_justification\treviewer_id\tmapping_date\n"


def row(one: str, other: str, modifier: str = "", reviewer: str = "ana") -> str:
    return f"{one}\tskos:exactMatch\t{modifier}\t{other}\tsemapv:ManualMappingCuration\t{reviewer}\t2026-01-02\n"


def load(folder: Path, *rows: str) -> decisions.Decisions:
    (folder / "people.sssom.tsv").write_text(HEADER + "".join(rows), encoding="utf-8")
    return decisions.load(folder, BASES)


def test_a_reviewed_row_joins_two_things_under_the_shared_iri(tmp_path) -> None:
    found = load(tmp_path, row("article/a1/entity/e1", "person/zoe"))
    assert found.same == {BASES.id + "article/a1/entity/e1": BASES.id + "person/zoe"}


def test_joining_is_transitive_and_does_not_depend_on_the_order_of_rows(tmp_path) -> None:
    rows = [
        row("article/a1/entity/e", "article/a2/entity/e"),
        row("article/a2/entity/e", "article/a3/entity/e"),
    ]
    assert load(tmp_path, *rows) == load(tmp_path, *reversed(rows))
    assert set(load(tmp_path, *rows).same.values()) == {BASES.id + "article/a1/entity/e"}


def test_a_proposal_changes_nothing(tmp_path) -> None:
    assert load(tmp_path, row("person/a", "person/b", reviewer="")) == decisions.Decisions()


def test_a_rejection_keeps_apart_in_both_directions(tmp_path) -> None:
    one, other = BASES.id + "person/a", BASES.id + "person/b"
    assert load(tmp_path, row("person/a", "person/b", "Not")).apart == {(one, other), (other, one)}


def test_a_pair_kept_apart_that_others_join_by_a_detour_is_refused(tmp_path) -> None:
    with pytest.raises(BadSource, match="others join them") as error:
        load(
            tmp_path,
            row("person/a", "person/b"),
            row("person/b", "person/c"),
            row("person/a", "person/c", "Not"),
        )
    assert "\n" not in str(error.value)


def test_a_pair_decided_both_ways_is_refused(tmp_path) -> None:
    with pytest.raises(BadSource, match="to be one and to be two"):
        load(tmp_path, row("person/a", "person/b"), row("person/a", "person/b", "Not"))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEADER + row("article/a b", "person/b"), 4, "neither an IRI"),
        ("subject_id\tobject_id\n", 1, "predicate_id"),
        (HEADER + "a\tb\tc\td\te\tf\tg\th\n", 4, "cells"),
        (HEADER + row("not an iri", "person/b"), 4, "neither an IRI"),
    ],
    ids=["a space", "no column", "too many cells", "no iri"],
)
def test_an_error_by_hand_is_one_line_with_file_and_line(text, line, words, tmp_path) -> None:
    (tmp_path / "x.sssom.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(BadSource, match=words) as caught:
        decisions.load(tmp_path, BASES)
    assert caught.value.line == line


def test_withdrawn_ids_are_read_and_a_missing_folder_decides_nothing(tmp_path) -> None:
    (tmp_path / "withdrawn.txt").write_text(
        "old-1  # asked for\n\n# note\nold-2\n", encoding="utf-8"
    )
    assert decisions.load(tmp_path, BASES).withdrawn == {"old-1", "old-2"}
    assert decisions.load(tmp_path / "none", BASES) == decisions.Decisions()


def test_a_byte_order_mark_hides_no_withdrawn_id(tmp_path) -> None:
    (tmp_path / "withdrawn.txt").write_text("a1\n", encoding="utf-8-sig")
    assert decisions.load(tmp_path, BASES).withdrawn == {"a1"}


def test_withdrawn_ids_in_another_encoding_are_refused_with_their_file(tmp_path) -> None:
    (tmp_path / "withdrawn.txt").write_bytes(b"caf\xe9\n")
    with pytest.raises(BadSource, match=r"withdrawn\.txt: byte 3 is not UTF-8"):
        decisions.load(tmp_path, BASES)
