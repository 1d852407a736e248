"""What annotation tools export becomes articles; each made-up document here has the shape of a real export."""

import json
import zipfile
from pathlib import Path

import pytest

from acuerdo import read
from acuerdo.read import Reading

TEXT = "William Barr met Marcelo Ebrard in Mexico City on Thursday."
SPANS = {
    "barr": ("William Barr", 0),
    "ebrard": ("Marcelo Ebrard", 0),
    "met": ("met", 0),
    "city": ("Mexico City", 0),
}


def at(words: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def readings(path: Path, **options):
    options.setdefault("published", "2019-12-06")
    return list(read.articles([path], reading=Reading(**options)))


def one(path: Path, **options):
    found = readings(path, **options)
    articles = [r.article for r in found if r.article]
    assert len(articles) == 1, [str(f) for r in found for f in r.faults]
    return articles[0], [f for r in found for f in r.faults]


def codes(found) -> list[str]:
    return sorted(f.code for r in found for f in r.faults)


# -- brat --------------------------------------------------------------------------------------

ANN = """T1\tPerson 0 12\tWilliam Barr
T2\tMeet 13 16\tmet
T3\tPER 17 31\tMarcelo Ebrard
T4\tLOC 35 46\tMexico City
E1\tMeet:T2 Participant:T1 Participant2:T3 Place:T4
A1\tModality E1 Asserted
N1\tReference T1 Wikidata:Q723917\tWilliam Barr
#1\tAnnotatorNotes E1\tlook again
"""


def brat(folder: Path, ann: str = ANN, text: str = TEXT, name: str = "ganseg") -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
    path = folder / f"{name}.ann"
    path.write_text(ann, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("named", ["file", "folder"])
def test_brat_events_roles_attributes_and_links_survive(tmp_path, named):
    path = brat(tmp_path / "b")
    article, faults = one(path if named == "file" else path.parent)
    assert faults == []
    assert article.text == TEXT
    assert [(e.id, e.type, e.mentions[0].text) for e in article.entities] == [
        ("T1", "Person", "William Barr"),
        ("T3", "Person", "Marcelo Ebrard"),
        ("T4", "Place", "Mexico City"),
    ]
    assert article.entities[0].links == ("wd:Q723917",)
    (event,) = article.events
    assert (event.id, event.type, event.mentions[0].text) == ("E1", "Meeting", "met")
    assert event.args == {"participant": ("T1", "T3"), "venue": ("T4",)}
    assert event.attrs == {"status": "occurred", "x-note": "look again"}


def test_brat_spans_cut_at_a_line_end_are_one(tmp_path):
    text = "Marcelo\nEbrard spoke."
    article, faults = one(brat(tmp_path, "T1\tPerson 0 7;8 14\tMarcelo Ebrard\n", text))
    assert faults == []
    assert article.entities[0].mentions[0].more == ()
    assert article.entities[0].mentions[0].end == 14


def test_brat_discontinuous_spans_keep_their_fragments(tmp_path):
    text = "the Navy and Defence Secretary spoke"
    article, faults = one(brat(tmp_path, "T1\tPost 4 8;21 30\tNavy Secretary\n", text))
    assert faults == []
    assert article.entities[0].mentions[0].more == ((21, 30),)


def test_brat_equivalence_makes_one_referent(tmp_path):
    ann = "T1\tPerson 0 12\tWilliam Barr\nT2\tPerson 8 12\tBarr\n*\tEquiv T2 T1\n"
    article, _ = one(brat(tmp_path, ann))
    assert [(e.id, len(e.mentions)) for e in article.entities] == [("T1", 2)]


def test_brat_lines_that_are_wrong_stay_out_alone(tmp_path):
    ann = (
        ANN
        + "T9\tPerson x y\tBarr\nnonsense\nR1\tmemberOf Arg1:T1\nT10\tPerson 900 905\tBarr\nE2\tMeet:T77 Participant:T1\n"
    )
    found = readings(brat(tmp_path, ann))
    assert codes(found) == [
        "DANGLING_REFERENCE",
        "OFFSET_OUT_OF_RANGE",
        "OFFSET_TYPE",
        "VALUE_INVALID",
        "VALUE_INVALID",
    ]
    clean, _ = one(brat(tmp_path / "clean"))
    assert found[0].article.entities == clean.entities
    assert found[0].article.events == clean.events


def test_brat_without_its_text_is_named(tmp_path):
    path = brat(tmp_path)
    path.with_suffix(".txt").unlink()
    assert codes(readings(path)) == ["TEXT_MISSING"]


# -- Label Studio ------------------------------------------------------------------------------


def region(ident: str, words: str, label: str, text: str = TEXT, **more) -> dict:
    start, end = at(words, text)
    return {"id": ident, "from_name": "label", "to_name": "text", "type": "labels",
            "value": {"start": start, "end": end, "text": words, "labels": [label]}, **more}  # fmt: skip


def task(*annotations, text: str = TEXT, **data) -> dict:
    return {
        "id": 7,
        "data": {"text": text, **data},
        "annotations": list(annotations),
        "predictions": [],
    }


def annotation(*results, by: object = 3, **more) -> dict:
    return {"id": 1, "completed_by": by, "result": list(results), "was_cancelled": False, **more}


RESULTS = (
    region("r1", "William Barr", "PER"),
    region("r2", "met", "Meet"),
    region("r3", "Mexico City", "LOC"),
    {"from_id": "r2", "to_id": "r1", "type": "relation", "direction": "right", "labels": ["Participant"]},
    {"from_id": "r3", "to_id": "r2", "type": "relation", "direction": "left", "labels": ["Place"]},
    {"id": "r2", "from_name": "status", "to_name": "text", "type": "choices", "value": {"start": 13, "end": 16, "choices": ["planned"]}},
    {"id": "r1", "from_name": "wikidata", "to_name": "text", "type": "textarea", "value": {"start": 0, "end": 12, "text": ["Q723917"]}},
)  # fmt: skip


def dump(path: Path, *trees, lines: bool = False) -> Path:
    path.write_text(
        "\n".join(json.dumps(t) for t in trees) if lines else json.dumps(trees[0]), encoding="utf-8"
    )
    return path


def test_label_studio_regions_with_relations_are_events(tmp_path):
    article, faults = one(dump(tmp_path / "ls.json", [task(annotation(*RESULTS))]))
    assert faults == []
    assert [(e.id, e.type, e.links) for e in article.entities] == [
        ("r1", "Person", ("wd:Q723917",)),
        ("r3", "Place", ()),
    ]
    (event,) = article.events
    assert (event.type, event.args, event.attrs) == (
        "Meeting",
        {"participant": ("r1",), "venue": ("r3",)},
        {"status": "planned"},
    )
    assert event.by == "3"


def test_label_studio_offsets_are_javascript(tmp_path):
    text = "😀 " + TEXT
    results = [region("r1", "Mexico City", "LOC", text)]
    for result in results:
        result["value"]["start"] += 1
        result["value"]["end"] += 1
    article, faults = one(dump(tmp_path / "ls.json", [task(annotation(*results), text=text)]))
    assert faults == []
    assert article.entities[0].mentions[0].start == text.index("Mexico")


def test_label_studio_reads_old_completions_and_prediction(tmp_path):
    old = {"id": 1, "data": {"text": TEXT}, "completions": [{"id": 1, "result": [RESULTS[0]]}]}
    article, _ = one(dump(tmp_path / "old.json", [old]))
    assert article.entities[0].type == "Person"
    model = {
        "id": 1,
        "data": {"text": TEXT},
        "predictions": [
            {
                "model_version": "m1",
                "score": 0.5,
                "result": [{k: v for k, v in RESULTS[0].items() if k != "id"}],
            }
        ],
    }
    article, _ = one(dump(tmp_path / "model.json", [model]))
    assert (article.entities[0].by, article.entities[0].confidence) == ("m1", 0.5)
    assert article.agents["m1"].kind == "software"


def test_label_studio_annotators_are_layers_and_cancelled_ones_none(tmp_path):
    ana = annotation(region("a", "William Barr", "PER"), by={"id": 1, "email": "ana@example.org"})
    ben = annotation(region("b", "Mexico City", "LOC"), by=2)
    gone = {**annotation(by=3), "was_cancelled": True}
    path = dump(tmp_path / "ls.json", [task(ana, ben, gone)])
    assert codes(readings(path)) == ["LAYERS"]
    article, _ = one(path, annotator="2")
    assert [e.id for e in article.entities] == ["b"]
    assert codes(readings(path, annotator="nobody")) == ["LAYERS"]


def test_label_studio_short_form_is_refused_with_advice(tmp_path):
    short = [
        {
            "text": TEXT,
            "id": 1,
            "label": [{"start": 0, "end": 12, "text": "William Barr", "labels": ["PER"]}],
            "annotator": 1,
            "annotation_id": 1,
            "created_at": "2024-01-01",
            "lead_time": 2.0,
        }
    ]
    found = readings(dump(tmp_path / "min.json", short))
    assert codes(found) == ["FILE_UNREADABLE"]
    assert "export as JSON" in str(found[0].faults[0])


# -- doccano -----------------------------------------------------------------------------------

DOCCANO = {
    "triples": {"id": 1, "text": TEXT, "label": [[0, 12, "PER"], [35, 46, "LOC"]]},
    "labels": {"id": 1, "text": TEXT, "labels": [[0, 12, "PER"], [35, 46, "LOC"]]},
    "old data": {"id": 1, "data": TEXT, "label": [[0, 12, "PER"], [35, 46, "LOC"]]},
    "entities": {"id": 1, "text": TEXT, "relations": [], "entities": [
        {"id": 10, "start_offset": 0, "end_offset": 12, "label": "PER"}, {"id": 11, "start_offset": 35, "end_offset": 46, "label": "LOC"}]},
    "annotations": {"id": 1, "text": TEXT, "meta": {}, "annotation_approver": None, "annotations": [
        {"label": "PER", "start_offset": 0, "end_offset": 12, "user": 1}, {"label": "LOC", "start_offset": 35, "end_offset": 46, "user": 1}]},
}  # fmt: skip


@pytest.mark.parametrize("shape", DOCCANO)
def test_doccano_in_every_shape(tmp_path, shape):
    article, faults = one(
        dump(
            tmp_path / "ana.jsonl",
            DOCCANO[shape],
            DOCCANO[shape] | {"id": 2, "text": "", "data": ""},
            lines=True,
        )
    )
    assert [f.code for f in faults] == ["TEXT_MISSING"]
    assert [(e.type, e.mentions[0].text) for e in article.entities] == [
        ("Person", "William Barr"),
        ("Place", "Mexico City"),
    ]
    assert article.agents["ana"].kind == "person"


def test_doccano_relations_by_id(tmp_path):
    tree = DOCCANO["entities"] | {
        "relations": [{"id": 1, "from_id": 11, "to_id": 12, "type": "within"}]
    }
    tree["entities"] = [
        *tree["entities"],
        {"id": 12, "start_offset": 0, "end_offset": 7, "label": "Country"},
    ]
    article, faults = one(dump(tmp_path / "ana.jsonl", tree))
    assert faults == []
    assert [(r.type, r.source, r.target) for r in article.relations] == [("within", "11", "12")]


def test_doccano_zip_with_a_file_for_each_user_has_layers(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ana.jsonl", json.dumps(DOCCANO["entities"]))
        archive.writestr("ben.jsonl", json.dumps(DOCCANO["triples"]))
        archive.writestr("unknown.jsonl", "")
    assert codes(readings(path)) == ["LAYERS"]
    article, faults = one(path, annotator="ben")
    assert (article.id, [e.by for e in article.entities], faults) == (
        "export-1",
        ["ben", "ben"],
        [],
    )


def test_pretty_printed_objects_in_a_row_are_read(tmp_path):
    path = tmp_path / "pretty.jsonl"
    path.write_text(
        "\n".join(json.dumps(DOCCANO["entities"] | {"id": i}, indent=2) for i in (1, 2))
    )
    assert [r.article.id for r in readings(path)] == ["pretty-1", "pretty-2"]


# -- what formats do not say ---------------------------------------------------------------------


def test_without_a_date_there_is_no_article(tmp_path):
    assert codes(readings(brat(tmp_path), published=None)) == ["DATE_MISSING"]


def test_a_sidecar_table_gives_what_the_tool_does_not_say(tmp_path):
    brat(tmp_path)
    (tmp_path / "metadata.csv").write_text(
        "id,published,date_basis,publisher,title,url,language\nganseg,2019-12-05,stated,Example News,A title,https://example.org/1,en\n"
    )
    article, _ = one(tmp_path)
    assert (article.published, article.date_basis, article.publisher, article.language) == (
        "2019-12-05",
        "stated",
        "Example News",
        "en",
    )


def test_labels_nobody_knows_are_named_and_left_out(tmp_path):
    found = readings(brat(tmp_path, ANN + "T9\tSpaceship 0 7\tWilliam\nA2\tColour T1 red\n"))
    assert codes(found) == ["UNKNOWN_TYPE", "UNKNOWN_TYPE"]
    clean, _ = one(brat(tmp_path / "clean"))
    assert found[0].article.entities == clean.entities
