"""Links as data: what people decided stays, what they mistyped is told with its line."""

import subprocess
from pathlib import Path

import pytest

from acuerdo.errors import BadSource
from acuerdo.iri import Bases
from acuerdo.link import linker, sssom, stated
from acuerdo.link.graph import GRAPH, standing
from link.conftest import entity, person
from peers import missing

BASES = Bases("https://example.org/")
ROOT = Path(__file__).parents[2]


def mention(name: str, slug: str, *roles: str, **more):
    import msgspec

    return msgspec.structs.replace(person(name, *roles, **more), subject=f"{BASES.id}person/{slug}")


@pytest.fixture
def found():
    return [
        mention("Inés Quirarte", "ines", "Secretary of Foreign Affairs"),
        mention("Ana Duarte Salas", "ana"),
        mention("Nobody Whatsoever", "nobody"),
    ]


@pytest.fixture
def path(tmp_path, found, index):
    done = linker.run(found, index, (), BASES, "2026-01-31")
    file = tmp_path / "links" / sssom.FILE
    sssom.write(file, done.rows, BASES)
    return file


def graph(path, **how) -> list[str]:
    """The lines of the graph of the links."""
    found = stated(path.parent, BASES, **how).graphs.get(BASES.graph + GRAPH, b"")
    return found.decode().splitlines()


def again(path, found, index, day="2026-02-28"):
    old = sssom.read(path)
    done = linker.run(found, index, old.rows, BASES, day)
    sssom.write(path, done.rows, BASES, old.header)
    return done


def edited(path, **cells) -> None:
    """A person's change of the row of the item Q900000000010."""
    old = sssom.read(path)
    rows = [sssom.changed(r, **cells) if r.object_id == "wd:Q900000000010" else r for r in old.rows]
    sssom.write(path, rows, BASES, old.header)


def test_a_file_is_read_as_it_was_written(path) -> None:
    before = path.read_bytes()
    old = sssom.read(path)
    sssom.write(path, old.rows, BASES, old.header)
    assert path.read_bytes() == before


def test_a_second_run_changes_no_byte(path, found, index) -> None:
    before = path.read_bytes()
    again(path, found, index)
    assert path.read_bytes() == before


def test_a_reviewed_row_outlives_every_run(path, found, index) -> None:
    edited(
        path, reviewer_id="orcid:0000-0002-1825-0097", review_date="2026-02-01", comment="the mayor"
    )
    again(path, found, index)
    rows = [r for r in sssom.read(path).rows if r.subject_id == "id:person/ana"]
    assert [(r.object_id, r.comment) for r in rows] == [("wd:Q900000000010", "the mayor")]


def test_a_rejection_is_remembered_and_not_proposed_again(path, found, index) -> None:
    edited(path, reviewer_id="me:here", predicate_modifier="Not")
    done = again(path, found, index)
    rows = {r.object_id: r for r in done.rows if r.subject_id == "id:person/ana"}
    assert rows["wd:Q900000000010"].rejected
    assert rows["wd:Q900000000011"].open


def test_columns_that_are_not_ours_are_kept(path, found, index) -> None:
    text = path.read_text().splitlines()
    at = next(n for n, line in enumerate(text) if line.startswith("subject_id"))
    text[at] += "\tsemantic_similarity_measure"
    text[at + 1] += "\tby eye"
    path.write_text("\n".join(text) + "\n")
    edited(path, reviewer_id="me:here")
    again(path, found, index)
    assert "by eye" in path.read_text()


def test_a_subject_and_an_item_are_the_same_however_a_person_writes_them(
    path, found, index
) -> None:
    text = path.read_text()
    text = text.replace("id:person/ana", "person/ana").replace("wd:Q900000000010", "Q900000000010")
    text = text.replace("wd:Q900000000011", "http://www.wikidata.org/entity/Q900000000011")
    path.write_text(text.replace("id:person/ines", f"{BASES.id}person/ines"))
    before = {r.pair for r in linker.run(found, index, (), BASES, "2026-01-31").rows}
    assert {r.pair for r in again(path, found, index).rows} == before


def test_a_rejection_without_a_reviewer_is_remembered_too(path, found, index) -> None:
    edited(path, predicate_modifier="Not")
    done = again(path, found, index)
    rows = {r.object_id: r for r in done.rows if r.subject_id == "id:person/ana"}
    assert rows["wd:Q900000000010"].rejected
    assert not rows["wd:Q900000000010"].open
    assert not any("Q900000000010" in line for line in graph(path))


def test_what_a_person_or_another_tool_wrote_is_kept_and_stated_only_with_a_reviewer(
    path, found, index
) -> None:
    old = sssom.read(path)
    cells = {"object_id": "wd:Q900000000005", "mapping_justification": sssom.LINKED}
    by_hand = sssom.Row(subject_id="id:person/nobody", mapping_tool="another", **cells)
    sssom.write(path, [*old.rows, by_hand], BASES, old.header)
    rows = {r.pair: r for r in again(path, found, index).rows}
    assert rows[by_hand.pair].mapping_tool == "another"
    assert rows[by_hand.pair].open
    assert not any("person/nobody" in line for line in graph(path))


def test_links_of_items_that_this_run_has_no_candidates_for_stay(path, found, tmp_path) -> None:
    from acuerdo.link.index import opened

    before = path.read_bytes()
    (tmp_path / "other.csv").write_text("qid,name\nQ900000000777,Somebody Else\n")
    other, _ = opened([tmp_path / "other.csv"], tmp_path)
    again(path, found, other)
    other.close()
    assert path.read_bytes() == before


def test_a_rejected_item_that_was_moved_since_stays_rejected(path, found, tables, tmp_path) -> None:
    from acuerdo.link.index import opened

    edited(path, predicate_modifier="Not", reviewer_id="me:here")
    text = path.read_text().replace("wd:Q900000000010", "wd:Q900000000910")
    path.write_text(text)
    wd, same = "http://www.wikidata.org/entity/", "http://www.w3.org/2002/07/owl#sameAs"
    (tmp_path / "moved.nt").write_text(f"<{wd}Q900000000910> <{same}> <{wd}Q900000000010> .\n")
    moved, _ = opened([*tables, tmp_path / "moved.nt"], tmp_path)
    done = again(path, found, moved)
    moved.close()
    ana = {r.object_id: r for r in done.rows if r.subject_id == "id:person/ana"}
    assert set(ana) == {"wd:Q900000000910", "wd:Q900000000011"}


def test_a_confirmed_item_of_another_type_or_name_is_told(path, found, tables, tmp_path) -> None:
    from acuerdo.link.index import opened

    (tmp_path / "pill.json").write_text(
        entity("Q900000000800", "Ana Duarte Salas", "Q900000000801")
    )
    other, _ = opened([*tables, tmp_path / "pill.json"], tmp_path)
    rows = [
        sssom.Row(subject_id="id:person/ana", object_id="wd:Q900000000800", reviewer_id="me:here"),
        sssom.Row(subject_id="id:person/ines", object_id="wd:Q900000000005", reviewer_id="me:here"),
    ]
    done = linker.run(found, other, rows, BASES, "2026-01-31")
    other.close()
    told = [w for w in done.warnings if w.startswith(("id:person/ana", "id:person/ines"))]
    assert ["is no human but of type Q900000000801" in w for w in told] == [True, False]
    assert "is called Marco Ribalta" in told[1]
    kept, doubtful = standing(done.rows)
    assert "id:person/ana" not in {r.subject_id for r in kept}
    assert "id:person/ana" in {t.row.subject_id for t in doubtful}


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("wd:Q900000000010", "Q5x", "is no item"),
        ("skos:exactMatch", "skos:sameish", "not one of"),
        ("id:person/ana", "Ana Duarte", "neither an IRI"),
        ("0.", "zero.", "is no number from 0 to 1"),
        ("0.", "7.", "is no number from 0 to 1"),
        ("0.", "1e-", "is no number from 0 to 1"),
        ("id:person/ana", "article/a b", "neither an IRI"),
        ("id:person/ana", "https://example.org/a b", "neither an IRI"),
        ("semapv:LexicalMatching", "by eye", "the justification 'by eye' is none"),
        ("2026-01-31", "yesterday", "the mapping_date 'yesterday' is no day"),
        ("2026-01-31", "20260131", "is no day"),
        ("subject_id\t", "subject\t", "lacks the column subject_id"),
    ],
)
def test_a_mistyped_row_is_told_with_its_line_and_nothing_is_lost(path, old, new, word) -> None:
    text = path.read_text()
    head, row = text[: text.index("id:person/ana")], text[text.index("id:person/ana") :]
    spoilt = (
        head.replace(old, new) + row if old == "subject_id\t" else head + row.replace(old, new, 1)
    )
    path.write_text(spoilt)
    with pytest.raises(BadSource, match=rf"{path.name}:\d+: .*{word}"):
        sssom.read(path)
    assert path.read_text() == spoilt


def test_one_pair_twice_is_a_fault(path) -> None:
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[-1]]) + "\n")
    with pytest.raises(BadSource, match="says again"):
        sssom.read(path)


CHECK = """
import sys
from sssom.parsers import parse_sssom_table
from sssom.validators import validate
parsed = parse_sssom_table(sys.argv[1])
reports = validate(parsed, fail_on_error=False)
print(len(parsed.df))
print(*(r.message for report in reports.values() for r in report.results), sep="\\n")
"""


def judged(path: Path) -> tuple[int, str]:
    """How many rows sssom-py reads, and what it finds wrong with them."""
    python = ROOT / ".stores" / "sssom" / "bin" / "python"
    if not python.is_file():
        missing("sssom")
    done = subprocess.run(
        [python, "-c", CHECK, path], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows, _, faults = done.stdout.partition("\n")
    return int(rows), faults.strip()


@pytest.mark.slow
def test_sssom_py_reads_the_file_and_finds_no_fault(path) -> None:
    edited(path, reviewer_id="orcid:0000-0002-1825-0097", review_date="2026-02-01")
    assert judged(path) == (len(sssom.read(path).rows), "")


@pytest.mark.slow
def test_sssom_py_finds_a_fault_where_there_is_one(path) -> None:
    path.write_text(path.read_text().replace("semapv:Lexical", "wd:Lexical"))
    assert judged(path)[1] != ""


def test_the_graph_states_what_is_linked_and_no_question(path) -> None:
    lines = graph(path)
    stated = [line for line in lines if "schema.org/sameAs> <" in line and "annotated" not in line]
    assert [line.split()[0] for line in stated] == [f"<{BASES.id}person/ines>"]
    assert lines == sorted(lines)
    assert all(line.endswith("<https://example.org/graph/links/wikidata> .") for line in lines)


def test_owl_same_as_stands_beside_the_link_only_when_asked_for_and_reviewed(path) -> None:
    edited(path, reviewer_id="me:here")
    plain, asked = set(graph(path)), set(graph(path, same_as=True))
    assert not any("<http://www.w3.org/2002/07/owl#sameAs>" in line for line in plain)
    more = {" ".join(line.split()[:3]) for line in asked - plain}
    (node,) = {m.split()[0] for m in more if "/mapping/" in m}
    same = "<http://www.w3.org/2002/07/owl#sameAs>"
    assert plain < asked
    assert more == {
        f"<{BASES.id}person/ana> {same} <http://www.wikidata.org/entity/Q900000000010>",
        f"{node} <http://www.w3.org/2002/07/owl#annotatedProperty> {same}",
    }


def test_one_item_on_two_people_is_stated_of_neither(path) -> None:
    rows = [r for r in sssom.read(path).rows if r.subject_id == "id:person/ines"]
    twice = [rows[0], sssom.changed(rows[0], subject_id="id:person/other")]
    kept, warnings = standing(twice)
    assert kept == []
    assert "neither is stated" in str(warnings[0])


def test_a_row_that_was_never_checked_is_not_stated(path, found, index) -> None:
    rows = [
        sssom.Row(
            subject_id="id:person/nobody", object_id="wd:Q900000000005", reviewer_id="me:here"
        )
    ]
    kept, warnings = standing(rows)
    assert kept == []
    assert "was not checked" in str(warnings[0])
    checked = linker.run(found, index, rows, BASES, "2026-02-28")
    assert [
        r.object_label for r in standing(checked.rows)[0] if r.subject_id == "id:person/nobody"
    ] == ["Marco Ribalta"]
