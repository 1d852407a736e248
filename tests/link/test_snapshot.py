"""Snapshots in their three forms, and what is wrong with them."""

import gzip
import json

import pytest

from acuerdo.errors import BadSource, GraphUnusable
from acuerdo.link.index import Candidates, items, opened
from acuerdo.link.names import name
from acuerdo.link.snapshot import Snapshot
from link.conftest import entity

WD, WDT = "http://www.wikidata.org/entity/", "http://www.wikidata.org/prop/direct/"


def held(snapshot: Snapshot) -> dict:
    return {item.qid: item for item in items(snapshot)}


def test_a_dump_gives_names_types_dates_and_posts(tmp_path) -> None:
    person = json.loads(entity("Q900000000001", "Ana Duarte", "Q5"))
    person["labels"]["es"] = {"language": "es", "value": "Ana Duarte Salas"}
    person["claims"]["P569"] = [
        {"mainsnak": {"datavalue": {"value": {"time": "+1960-00-00T00:00:00Z", "precision": 9}}}}
    ]
    person["claims"]["P39"] = [
        {
            "mainsnak": {"datavalue": {"value": {"id": "Q900000000002"}}},
            "qualifiers": {
                "P580": [
                    {"datavalue": {"value": {"time": "+2018-12-01T00:00:00Z", "precision": 11}}}
                ]
            },
        }
    ]
    path = tmp_path / "dump.json"
    post = entity("Q900000000002", "Mayor of Costa Brava", "Q900000000003")
    above = entity("Q900000000003", "mayor")
    root = json.loads(above)
    root["claims"]["P279"] = [{"mainsnak": {"datavalue": {"value": {"id": "Q4164871"}}}}]
    path.write_text("[\n" + ",\n".join([json.dumps(person), post, json.dumps(root)]) + "\n]\n")
    snapshot = Snapshot()
    snapshot.read(path)
    found = held(snapshot)
    assert snapshot.warnings == []
    one = found["Q900000000001"]
    assert (one.kind, one.birth, one.positions[0].text, one.positions[0].start) == (
        "person",
        "1960",
        "Mayor of Costa Brava",
        "2018-12-01",
    )
    assert found["Q900000000002"].kind == "post"
    assert {n.text for n in one.names} == {"Ana Duarte", "Ana Duarte Salas"}


def test_a_slice_as_ntriples_says_the_same(tmp_path) -> None:
    path = tmp_path / "slice.nt"
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    path.write_text(
        f'<{WD}Q900000000001> <{label}> "Ana Duarte"@en .\n'
        f"<{WD}Q900000000001> <{WDT}P31> <{WD}Q5> .\n"
        f"<{WD}Q900000000009> <http://www.w3.org/2002/07/owl#sameAs> <{WD}Q900000000001> .\n"
        "this is no triple\n"
    )
    snapshot = Snapshot()
    snapshot.read(path)
    assert held(snapshot)["Q900000000001"].kind == "person"
    assert snapshot.redirects == {"Q900000000009": "Q900000000001"}
    assert snapshot.warnings == [f"{path}:4: not understood, left out"]


def test_fictional_people_and_a_bare_number_as_label_are_left_out(tmp_path) -> None:
    path = tmp_path / "d.json"
    path.write_text(
        entity("Q900000000001", "Don Quimote", "Q15632617")
        + "\n"
        + entity("Q900000000002", "Q900000000002", "Q5")
    )
    snapshot = Snapshot()
    snapshot.read(path)
    found = held(snapshot)
    assert found["Q900000000001"].kind == "fictional thing"
    assert found["Q900000000002"].names == ()


def test_a_snapshot_cut_in_the_middle_keeps_what_came_before(tmp_path) -> None:
    lines = [entity(f"Q9000000{n:05}", f"Somebody {n}", "Q5") for n in range(1, 400)]
    whole = gzip.compress("\n".join(lines).encode(), mtime=0)
    path = tmp_path / "dump.json.gz"
    path.write_bytes(whole[: len(whole) // 2])
    snapshot = Snapshot()
    snapshot.read(path)
    assert 50 < len(snapshot.items) < 400
    assert "ends too early" in snapshot.warnings[0]


@pytest.mark.parametrize(
    ("cut", "word"),
    [
        (b"qid,name\nQ900000000001,Ana\nQ900000000002,Ram\xc3", "middle of a character"),
        (b'qid,name\nQ900000000001,Ana\nQ900000000002,"Ram', ""),
        (
            b"qid,label,birth,death,countries\nQ900000000001,Ana,,,MX\nQ900000000002,Ra",
            "not understood",
        ),
        (b'qid,name\nQ900000000001,Ana\nQ900000000002,"' + b"x" * 200_000, "field larger"),
    ],
    ids=["letter", "quote", "row", "never closed"],
)
def test_a_table_cut_in_the_middle_keeps_what_came_before(tmp_path, cut, word) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(cut)
    snapshot = Snapshot()
    snapshot.read(path)
    assert "Q900000000001" in snapshot.items
    assert len(snapshot.warnings) == bool(word)
    assert all(word in w and "\n" not in w for w in snapshot.warnings)


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("form", ["json", "array", "nt"])
def test_a_dump_or_slice_cut_anywhere_keeps_what_came_before(tmp_path, form, keep) -> None:
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    if form == "nt":
        lines = [f'<{WD}Q9000000{n:05}> <{label}> "Señor {n}"@es .' for n in range(1, 99)]
        whole = "\n".join(lines)
    else:
        lines = [entity(f"Q9000000{n:05}", f"Señor {n}", "Q5") for n in range(1, 99)]
        whole = "\n".join(lines) if form == "json" else "[\n" + ",\n".join(lines) + "\n]\n"
    data = whole.encode()
    path = tmp_path / "cut"
    path.write_bytes(data[: int(len(data) * keep)])
    snapshot = Snapshot()
    snapshot.read(path)
    assert len(snapshot.items) >= int(97 * keep)
    assert snapshot.warnings
    assert all(str(path) in w and "\n" not in w for w in snapshot.warnings)


def test_what_is_wrong_with_a_snapshot_is_said_again_when_its_index_is_used_again(tmp_path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("qid,name\nQ900000000001,Ana\nQ0,Nobody\n")
    first, told = opened([path], tmp_path)
    second, again = opened([path], tmp_path)
    first.close()
    second.close()
    assert told == again == [f"{path}:3: not understood, left out"]


def test_the_column_of_the_qid_stands_anywhere_and_packing_shows_in_the_bytes(tmp_path) -> None:
    import bz2

    text = '"label","birth","death","countries","qid"\nAna Duarte,1960,,MX,Q900000000001\n'
    for pack in (bytes, gzip.compress, bz2.compress):
        path = tmp_path / "people.data"
        path.write_bytes(pack(text.encode()))
        snapshot = Snapshot()
        snapshot.read(path)
        assert held(snapshot)["Q900000000001"].birth == "1960"


def test_an_answer_saved_over_many_lines_and_one_with_empty_lists_are_read(tmp_path) -> None:
    one = json.loads(entity("Q900000000001", "Ana Duarte", "Q5"))
    one |= {"aliases": [], "descriptions": []}
    bare = {"id": "Q900000000002", "labels": [], "claims": []}
    path = tmp_path / "Q900000000001.json"
    path.write_text(json.dumps({"entities": {o["id"]: o for o in (one, bare)}}, indent=2))
    snapshot = Snapshot()
    snapshot.read(path)
    assert snapshot.warnings == []
    assert held(snapshot)["Q900000000001"].kind == "person"


def test_a_former_post_counts_where_the_present_one_is_preferred(tmp_path) -> None:
    def post(qid: str, rank: str) -> dict:
        return {"mainsnak": {"datavalue": {"value": {"id": qid}}}, "rank": rank}

    posts = [post("Q900000000002", "normal"), post("Q900000000003", "preferred")]
    posts.append(post("Q900000000004", "deprecated"))
    path = tmp_path / "d.json"
    path.write_text(entity("Q900000000001", "Ana Duarte", "Q5", P39=posts))
    snapshot = Snapshot()
    snapshot.read(path)
    held_posts = {p.qid for p in held(snapshot)["Q900000000001"].positions}
    assert held_posts == {"Q900000000002", "Q900000000003"}


def test_the_statements_of_a_slice_give_tenures_with_their_dates(tmp_path) -> None:
    p, day = "http://www.wikidata.org/prop/", "http://www.w3.org/2001/XMLSchema#dateTime"
    path = tmp_path / "slice.nt"
    path.write_text(
        f'<urn:s> <{p}qualifier/P580> "2012-12-04T00:00:00Z"^^<{day}> .\n'
        f"<{WD}Q900000000001> <{p}P39> <urn:s> .\n"
        f"<urn:s> <{p}statement/P39> <{WD}Q900000000002> .\n"
        f"<{WD}Q900000000001> <{WDT}P39> <{WD}Q900000000002> .\n"
    )
    snapshot = Snapshot()
    snapshot.read(path)
    (tenure,) = held(snapshot)["Q900000000001"].positions
    assert (tenure.qid, tenure.start, tenure.end) == ("Q900000000002", "2012-12-04", "")


def test_an_item_that_was_moved_twice_is_found_and_one_moved_in_a_circle_does_no_harm(
    tmp_path,
) -> None:
    same = "http://www.w3.org/2002/07/owl#sameAs"
    path = tmp_path / "slice.nt"
    moves = [(1, 2), (2, 3), (7, 8), (8, 7)]
    path.write_text(
        f'<{WD}Q900000000003> <http://www.w3.org/2000/01/rdf-schema#label> "Ana Duarte"@es .\n'
        + "".join(f"<{WD}Q90000000000{a}> <{same}> <{WD}Q90000000000{b}> .\n" for a, b in moves)
    )
    found, _ = opened([path], tmp_path)
    assert [found.by_qid(f"Q90000000000{n}").qid[-1] for n in (1, 2, 3)] == ["3", "3", "3"]
    assert found.by_qid("Q900000000007") is None
    found.close()


@pytest.mark.parametrize("text", ["name,age\nAna,3\n", "hello\n", "qid,shoe\nQ1,44\n", ""])
def test_a_file_that_is_no_snapshot_is_refused_in_one_line(tmp_path, text) -> None:
    path = tmp_path / "odd"
    path.write_text(text)
    with pytest.raises(BadSource) as error:
        Snapshot().read(path)
    assert "\n" not in str(error.value)


def test_a_row_with_a_broken_qid_is_told_with_its_line(tmp_path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("qid,name\nQ900000000001,Ana\nQ0,Nobody\nX5,Nobody\n")
    snapshot = Snapshot()
    snapshot.read(path)
    assert list(snapshot.items) == ["Q900000000001"]
    assert snapshot.warnings == [f"{path}:3: not understood, left out and 1 more"]


def test_a_token_is_found_with_two_letters_swapped(index) -> None:
    assert index.near([name("Aurelio Zraate")], "person")[0].qid == "Q900000000001"


def test_a_damaged_index_is_made_again_and_said_when_opened_by_itself(tables, tmp_path) -> None:
    first, _ = opened(tables, tmp_path)
    size = first.size
    first.close()
    path = next(tmp_path.glob("*.sqlite"))
    path.write_bytes(b"not a database, but long enough to be looked at" * 10)
    with pytest.raises(GraphUnusable):
        Candidates(path)
    assert opened(tables, tmp_path)[0].size == size


@pytest.mark.slow
def test_a_hundred_thousand_items_are_indexed_in_half_a_minute(tmp_path) -> None:
    import random
    import time

    rng = random.Random(5)
    syllables = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve xi yo zu".split()
    words = ["".join(rng.choices(syllables, k=3)).title() for _ in range(6000)]
    rows = (f"Q9{n:011},{' '.join(rng.choices(words, k=3))},,,MX\n" for n in range(100_000))
    path = tmp_path / "people.csv"
    path.write_text("qid,label,birth,death,countries\n" + "".join(rows))
    started = time.process_time()
    found, _ = opened([path], tmp_path)
    assert found.size == 100_000
    assert time.process_time() - started < 30
