"""What `acuerdo build` states of the folder of links, and what it says of the rest."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.build import Options, build
from acuerdo.cli import acuerdo
from acuerdo.errors import BadSource
from acuerdo.iri import DEMO_BASE, Bases
from acuerdo.link import sssom
from acuerdo.store.directory import Directory

BASES = Bases(DEMO_BASE)
ME = {"reviewer_id": "me:here", "review_date": "2026-02-01"}
SAME_AS, SCHEMA = "<http://www.w3.org/2002/07/owl#sameAs>", "<https://schema.org/sameAs>"


def row(thing: str, number: int, **cells: str) -> sssom.Row:
    return sssom.Row(
        subject_id=f"id:{thing}",
        subject_category="ac:Person",
        object_id=f"wd:Q90000000{number:04}",
        object_label="Somebody",
        object_category="person|wd:Q5",
        **cells,
    )


def link(place: Path, *rows: sssom.Row) -> None:
    sssom.write(place / "links" / sssom.FILE, rows, BASES)


def made(place: Path, **options):
    return build(Options((place / "articles",), place / "kg", jobs=1, **options))


def links(place: Path) -> set[tuple[str, str, str]]:
    lines = b"".join(Directory(place / "kg").current().lines()).decode().splitlines()
    found = (line.split(" ", 2) for line in lines if "/graph/links/wikidata>" in line)
    return {
        (s.removeprefix(f"<{BASES.id}"), p, o.split("entity/")[-1].split(">")[0])
        for s, p, o in found
        if p in {SAME_AS, SCHEMA}
    }


def told(built) -> list[str]:
    return [str(f) for f in built.faults if f.code == "LINK_NOT_STATED"]


def test_owl_same_as_is_an_option_of_the_build_and_part_of_its_digest(place) -> None:
    linked = {"mapping_tool": sssom.TOOL, "mapping_justification": sssom.LINKED}
    link(place, row("article/one/entity/m", 1, **ME), row("article/two/entity/m", 2, **linked))
    plain = made(place)
    assert {p for _, p, _ in links(place)} == {SCHEMA}
    done = CliRunner().invoke(
        acuerdo, ["build", str(place / "articles"), "--kg", str(place / "kg"), "--same-as"]
    )
    assert done.exit_code == 0, done.output
    asked = Directory(place / "kg").current()
    assert asked.digest != plain.build.digest
    assert asked.manifest().options["same_as"] is True
    assert {s for s, p, _ in links(place) if p == SAME_AS} == {"article/one/entity/m>"}
    assert {s for s, p, _ in links(place) if p == SCHEMA} == {
        "article/one/entity/m>",
        "article/two/entity/m>",
    }
    assert made(place).build.digest == plain.build.digest


def test_a_changed_link_maps_no_article_again(place) -> None:
    link(place, row("article/one/entity/m", 1, **ME))
    first = made(place)
    shards = {p.name for p in (place / "kg" / "cache" / "shards").iterdir()}
    link(place, row("article/one/entity/m", 2, **ME))
    second = made(place)
    assert second.build.digest != first.build.digest
    assert links(place) == {("article/one/entity/m>", SCHEMA, "Q900000000002")}
    assert {p.name for p in (place / "kg" / "cache" / "shards").iterdir()} == shards


def test_one_item_on_two_people_and_one_never_checked_are_told_and_not_stated(place) -> None:
    unchecked = sssom.Row(subject_id="id:person/marco-rubio", object_id="wd:Q900000000005", **ME)
    link(
        place, row("article/one/entity/m", 1, **ME), row("article/two/entity/m", 1, **ME), unchecked
    )
    lines = told(made(place))
    assert links(place) == set()
    assert len(lines) == 3
    assert sum("neither is stated" in line for line in lines) == 2
    assert any("was not checked" in line and "marco-rubio" in line for line in lines)
    assert all("\n" not in line and sssom.FILE in line for line in lines)


def test_the_link_of_a_person_who_was_joined_to_another_is_the_others(place) -> None:
    link(place, row("article/two/entity/m", 1, **ME))
    before = made(place)
    joined = sssom.Row(
        subject_id="id:article/two/entity/m", object_id="id:article/one/entity/m", **ME
    )
    sssom.write(place / "decisions" / "mine.sssom.tsv", [joined], BASES)
    made(place)
    assert links(place) == {("article/one/entity/m>", SCHEMA, "Q900000000001")}
    (place / "decisions" / "mine.sssom.tsv").unlink()
    assert made(place).build.digest == before.build.digest
    assert links(place) == {("article/two/entity/m>", SCHEMA, "Q900000000001")}


def test_two_links_that_a_join_makes_contradict_each_other_are_both_held_back(place) -> None:
    link(place, row("article/one/entity/m", 1, **ME), row("article/two/entity/m", 2, **ME))
    joined = sssom.Row(
        subject_id="id:article/two/entity/m", object_id="id:article/one/entity/m", **ME
    )
    sssom.write(place / "decisions" / "mine.sssom.tsv", [joined], BASES)
    assert len(told(made(place))) == 2
    assert links(place) == set()


def test_the_link_of_a_withdrawn_article_goes_with_it(place) -> None:
    link(place, row("article/one/entity/m", 1, **ME), row("article/two/entity/m", 2, **ME))
    (place / "decisions").mkdir()
    (place / "decisions" / "withdrawn.txt").write_text("two\n")
    lines = told(made(place))
    assert [line for line in lines if "is not in this graph" in line] == lines
    assert {s for s, _, _ in links(place)} == {"article/one/entity/m>"}
    assert "article/two/entity/m" in (place / "links" / sssom.FILE).read_text()


@pytest.mark.parametrize("text", ["not a table", "subject_id\tpredicate_id\tobject_id\nx y\tz\tQ"])
def test_a_broken_file_of_links_stops_the_build_in_one_line_and_the_graph_stays(
    place, text
) -> None:
    first = made(place)
    (place / "links").mkdir()
    (place / "links" / sssom.FILE).write_text(text)
    with pytest.raises(BadSource, match=rf"{sssom.FILE}:\d+: ") as error:
        made(place)
    assert error.value.exit_code == 3
    assert "\n" not in str(error.value)
    assert Directory(place / "kg").current().digest == first.build.digest
