"""What annotation tools export becomes articles; each made-up document here has the shape of a real export."""

import json
import zipfile
from pathlib import Path

import pytest

from acuerdo import read
from acuerdo.errors import BadSource
from acuerdo.read import Reading, metadata

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


def test_label_studio_text_is_the_one_in_which_words_agree(tmp_path):
    data = {
        "source": "Example News of the day",
        "body_of_it": TEXT,
        "note": "a much longer note " * 20,
        "published": "2020-01-01",
    }
    export = [{"id": 1, "data": data, "annotations": [annotation(*RESULTS)]}]
    for result in export[0]["annotations"][0]["result"]:
        if "to_name" in result:
            result["to_name"] = "ner"
    article, faults = one(dump(tmp_path / "ls.json", export))
    assert (article.text, faults) == (TEXT, [])


def test_label_studio_dialogues_are_joined(tmp_path):
    lines = [{"author": "A", "text": "We met Barr."}, {"author": "B", "text": "Ebrard left."}]
    value = {
        "start": "1",
        "end": "1",
        "startOffset": 0,
        "endOffset": 6,
        "text": "Ebrard",
        "paragraphlabels": ["PER"],
    }
    result = {
        "id": "p1",
        "from_name": "label",
        "to_name": "talk",
        "type": "paragraphlabels",
        "value": value,
    }
    article, faults = one(
        dump(
            tmp_path / "ls.json",
            [{"id": 1, "data": {"lines": lines}, "annotations": [annotation(result)]}],
        )
    )
    assert faults == []
    assert [m.text for e in article.entities for m in e.mentions] == ["Ebrard"]


def test_label_studio_html_is_counted_as_the_browser_does(tmp_path):
    page = "<html><body><p>William Barr &amp; <b>Ebrard</b></p></body></html>"
    value = {
        "start": "/p[1]/b[1]/text()[1]",
        "end": "/p[1]/b[1]/text()[1]",
        "startOffset": 0,
        "endOffset": 6,
        "globalOffsets": {"start": 15, "end": 21},
        "text": "Ebrard",
        "hypertextlabels": ["PER"],
    }
    result = {
        "id": "h1",
        "from_name": "ner",
        "to_name": "text",
        "type": "hypertextlabels",
        "value": value,
    }
    article, faults = one(
        dump(
            tmp_path / "ls.json",
            [{"id": 1, "data": {"text": page}, "annotations": [annotation(result)]}],
        )
    )
    assert faults == []
    assert (article.text, article.entities[0].mentions[0].start) == ("William Barr & Ebrard", 15)


def test_label_studio_of_annotation_lab_names_annotator_and_confidence(tmp_path):
    result = region("a", "William Barr", "PER")
    result["value"]["confidence"] = 0.75
    done = {"created_username": "ana", "honeypot": True, "result": [result]}
    article, faults = one(
        dump(
            tmp_path / "ls.json",
            [{"id": 1, "data": {"text": TEXT, "title": "x"}, "completions": [done]}],
        ),
        curated=True,
    )
    assert faults == []
    assert (article.entities[0].by, article.entities[0].confidence) == ("ana", 0.75)


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


# -- Prodigy and spaCy ---------------------------------------------------------------------------

SPANS_OF = {
    "prodigy": {"text": TEXT, "_input_hash": 5, "answer": "accept", "spans": [{"start": 0, "end": 12, "label": "PER"}, {"start": 13, "end": 16, "label": "Meet"}],
                "relations": [{"head": 2, "child": 0, "label": "Participant", "head_span": {"start": 13, "end": 16, "label": "Meet"}, "child_span": {"start": 0, "end": 12, "label": "PER"}}]},
    "spacy doc": {"text": TEXT, "ents": [{"start": 0, "end": 12, "label": "PERSON", "kb_id": "Q723917"}], "tokens": []},
    "spacy groups": {"text": TEXT, "ents": [], "spans": {"sc": [{"start": 0, "end": 12, "label": "PER", "kb_id": ""}]}},
    "spacy old": [TEXT, {"entities": [[0, 12, "PER"]]}],
    "entities triples": {"text": TEXT, "entities": [[0, 12, "PER"]]},
}  # fmt: skip


@pytest.mark.parametrize("shape", SPANS_OF)
def test_prodigy_and_spacy_in_every_shape(tmp_path, shape):
    article, faults = one(dump(tmp_path / "p.json", [SPANS_OF[shape]]))
    assert faults == []
    assert [(e.type, e.mentions[0].text) for e in article.entities] == [("Person", "William Barr")]
    if shape == "prodigy":
        assert article.events[0].args == {"participant": ("0-12-PER",)}
    if shape == "spacy doc":
        assert article.entities[0].links == ("wd:Q723917",)


def test_prodigy_keeps_only_what_was_accepted_and_tells_annotators_apart(tmp_path):
    base = SPANS_OF["prodigy"]
    lines = [
        base | {"_annotator_id": "db-ana"},
        base | {"_annotator_id": "db-ben", "spans": None, "relations": []},
        base | {"answer": "reject", "_input_hash": 6},
    ]
    path = dump(tmp_path / "p.jsonl", *lines, lines=True)
    assert codes(readings(path)) == ["LAYERS"]
    article, _ = one(path, annotator="db-ana")
    assert article.entities[0].by == "db-ana"


def test_docbin_is_read_without_spacy():
    # Made with spaCy 3.8.18: two documents, entities on tokens, spans in a group.
    found = readings(Path(__file__).parent / "formats" / "two.spacy")
    assert [f.code for r in found for f in r.faults] == []
    first, second = [r.article for r in found]
    assert (first.id, first.text) == ("two-1", "😀 " + TEXT)
    assert second.text == "Nobody came ."
    assert [(e.type, e.mentions[0].text, e.links) for e in first.entities] == [
        ("Person", "William Barr", ("wd:Q723917",)),
        ("Person", "Marcelo Ebrard", ()),
        ("Place", "Mexico City", ()),
        ("Country", "Mexico", ()),
    ]
    assert [(e.type, e.mentions[0].text) for e in first.events] == [("Meeting", "met")]


def test_prodigy_answers_about_one_text_are_one_document(tmp_path):
    base = {"text": TEXT, "_input_hash": 5, "_session_id": "s-ana"}
    lines = [base | {"spans": [{"start": a, "end": b, "label": k}], "answer": answer}
             for a, b, k, answer in ((0, 12, "PER", "accept"), (35, 46, "LOC", "accept"), (13, 16, "LOC", "reject"))]  # fmt: skip
    article, faults = one(dump(tmp_path / "p.jsonl", *lines, lines=True))
    assert faults == []
    assert [e.type for e in article.entities] == ["Person", "Place"]


# -- PubAnnotation, GATE -------------------------------------------------------------------------

PUB = {"text": TEXT, "sourcedb": "News", "sourceid": "12", "denotations": [
    {"id": "T1", "span": {"begin": 0, "end": 12}, "obj": "Person"}, {"id": "T2", "span": {"begin": 13, "end": 16}, "obj": "Meet"}],
    "relations": [{"id": "R1", "pred": "Participant", "subj": "T2", "obj": "T1"}], "attributes": [{"id": "A1", "pred": "Modality", "subj": "T2", "obj": "Future"}]}  # fmt: skip


def test_pubannotation_denotations_relations_attributes(tmp_path):
    article, faults = one(dump(tmp_path / "p.json", PUB))
    assert faults == []
    assert article.id == "News-12"
    assert article.events[0].args == {"participant": ("T1",)}
    assert article.events[0].attrs == {"status": "planned"}


def test_pubannotation_divisions_and_tracks(tmp_path):
    divisions = [PUB | {"divid": 0}, PUB | {"divid": 1}]
    assert [r.article.id for r in readings(dump(tmp_path / "d.json", divisions))] == [
        "News-12-0",
        "News-12-1",
    ]
    tracks = {
        "text": TEXT,
        "sourceid": "1",
        "tracks": [{"project": p, "denotations": PUB["denotations"]} for p in ("one", "two")],
    }
    path = dump(tmp_path / "t.json", tracks)
    assert codes(readings(path)) == ["LAYERS"]
    assert one(path, annotator="two")[0].agents["two"].kind == "software"


@pytest.mark.parametrize("unit", ["p", "j"])
def test_gate_says_what_its_offsets_count(tmp_path, unit):
    text = "😀 " + TEXT
    start = text.index("Mexico") + (unit == "j")
    sets = {"": {"name": "", "next_annid": 9, "annotations": [
        {"type": "Token", "start": 0, "end": 1, "id": 0, "features": {}},
        {"type": "Location", "start": start, "end": start + 11, "id": 1, "features": {"rule": "x", "inst": "http://www.wikidata.org/entity/Q1489"}}]}}  # fmt: skip
    tree = {"annotation_sets": sets, "text": text, "features": {}, "offset_type": unit, "name": ""}
    article, faults = one(dump(tmp_path / "doc.bdocjs", tree))
    assert faults == []
    assert [(e.type, e.mentions[0].text, e.links) for e in article.entities] == [
        ("Place", "Mexico City", ("wd:Q1489",))
    ]


# Two sets of annotations, and two that hold only what a tool makes of any text.
GATE = {"text": TEXT, "name": "doc", "features": {}, "annotation_sets": {
    name: {"name": name, "annotations": [{"type": kind, "start": 0, "end": 12, "id": 1, "features": {}}]}
    for name, kind in (("Key", "Person"), ("ben", "Person"), ("", "Token"), ("Original markups", "div"))}}  # fmt: skip


# -- UIMA ----------------------------------------------------------------------------------------

XMI = """<?xml version="1.0" encoding="UTF-8"?><xmi:XMI xmlns:cas="http:///uima/cas.ecore" xmlns:xmi="http://www.omg.org/XMI" xmlns:custom="http:///webanno/custom.ecore" xmlns:type4="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore" xmlns:type3="http:///de/tudarmstadt/ukp/dkpro/core/api/metadata/type.ecore" xmlns:type5="http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore" xmi:version="2.0">
<cas:NULL xmi:id="0"/>
<type3:DocumentMetaData xmi:id="1" sofa="12" begin="0" end="61" documentTitle="ganseg.txt" documentId="ganseg.txt" language="en"/>
<type5:Token xmi:id="19" sofa="12" begin="3" end="10"/>
<type4:NamedEntity xmi:id="20" sofa="12" begin="3" end="15" value="PER" identifier="http://www.wikidata.org/entity/Q723917"/>
<type4:NamedEntity xmi:id="21" sofa="12" begin="38" end="49" value="LOC"/>
<custom:Event xmi:id="70" sofa="12" begin="16" end="19" category="Contact.Meet" status="planned" participants="76 79"/>
<custom:EventParticipantsLink xmi:id="76" role="Participant" target="20"/>
<custom:EventParticipantsLink xmi:id="79" role="Place" target="21"/>
<custom:Agency xmi:id="80" sofa="12" begin="20" end="34"/>
<custom:Country xmi:id="81" sofa="12" begin="38" end="44"/>
<custom:Relation xmi:id="82" sofa="12" begin="38" end="44" Governor="80" Dependent="81" label="jurisdiction"/>
<cas:Sofa xmi:id="12" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString="&#128512; William Barr met Marcelo Ebrard in Mexico City on Thursday."/>
<cas:View sofa="12" members="1 19 20 21 70 76 79 80 81 82"/>
</xmi:XMI>
"""


def assert_is_the_uima_document(article) -> None:
    found = {e.mentions[0].text: e for e in article.entities}
    assert {w: e.type for w, e in found.items()} == {
        "William Barr": "Person",
        "Mexico City": "Place",
        "Marcelo Ebrard": "Agency",
        "Mexico": "Country",
    }
    assert found["William Barr"].links == ("wd:Q723917",)
    (event,) = article.events
    assert (event.type, event.mentions[0].text, event.attrs) == (
        "Meeting",
        "met",
        {"status": "planned"},
    )
    assert event.args == {
        "participant": (found["William Barr"].id,),
        "venue": (found["Mexico City"].id,),
    }
    assert [(r.type, r.source, r.target) for r in article.relations] == [
        ("jurisdiction", found["Marcelo Ebrard"].id, found["Mexico"].id)
    ]


def test_xmi_slots_are_roles_and_offsets_utf16(tmp_path):
    path = tmp_path / "a.xmi"
    path.write_text(XMI, encoding="utf-8")
    article, faults = one(path)
    assert faults == []
    assert (article.id, article.language) == ("ganseg", "en")
    assert_is_the_uima_document(article)


def json_cas() -> dict:
    sofa = {
        "%ID": 12,
        "%TYPE": "uima.cas.Sofa",
        "sofaNum": 1,
        "sofaID": "_InitialView",
        "mimeType": "text",
        "sofaString": "😀 " + TEXT,
    }
    ner = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"

    def span(ident, kind, begin, end, **features):
        return {"%ID": ident, "%TYPE": kind, "@sofa": 12, "begin": begin, "end": end, **features}

    return {"%TYPES": {}, "%FEATURE_STRUCTURES": [
        sofa,
        span(20, ner, 3, 15, value="PER", identifier="http://www.wikidata.org/entity/Q723917"),
        span(21, ner, 38, 49, value="LOC"),
        span(70, "custom.Event", 16, 19, category="Contact.Meet", status="planned", **{"@participants": 90}),
        {"%ID": 76, "%TYPE": "custom.EventParticipantsLink", "role": "Participant", "@target": 20},
        {"%ID": 79, "%TYPE": "custom.EventParticipantsLink", "role": "Place", "@target": 21},
        {"%ID": 90, "%TYPE": "custom.EventParticipantsLink[]", "%ELEMENTS": [76, 79]},
        span(80, "custom.Agency", 20, 34), span(81, "custom.Country", 38, 44),
        span(82, "custom.Relation", 38, 44, label="jurisdiction", **{"@Governor": 80, "@Dependent": 81})],
        "%VIEWS": {"_InitialView": {"%SOFA": 12, "%MEMBERS": [20, 21]}}}  # fmt: skip


def test_json_cas_says_the_same_as_xmi(tmp_path):
    article, faults = one(dump(tmp_path / "a.json", json_cas()))
    assert faults == []
    assert_is_the_uima_document(article)


def test_inception_project_export_has_layers_and_a_curated_one(tmp_path):
    path = tmp_path / "project.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exportedproject.json", "{}")
        archive.writestr("annotation/ganseg.txt/INITIAL_CAS.json", json.dumps(json_cas()))
        for place, user in (
            ("annotation", "ana"),
            ("annotation", "ben"),
            ("curation", "CURATION_USER"),
        ):
            inner = tmp_path / f"{user}.zip"
            with zipfile.ZipFile(inner, "w") as nested:
                nested.writestr(f"{user}.xmi", XMI)
                nested.writestr("TypeSystem.xml", "<typeSystemDescription/>")
            archive.write(inner, f"{place}/ganseg.txt/{user}.zip")
    assert codes(readings(path)) == ["LAYERS"]
    curated, faults = one(path, curated=True)
    assert (curated.id, faults) == ("ganseg", [])
    assert_is_the_uima_document(curated)
    assert one(path, annotator="ben")[0].entities[0].by == "ben"


def test_uima_chains_are_one_referent(tmp_path):
    links = '<custom:CoreferenceLink xmi:id="30" sofa="12" begin="3" end="15" next="31" referenceType="PER"/><custom:CoreferenceLink xmi:id="31" sofa="12" begin="11" end="15" referenceType="PER"/><custom:CoreferenceChain xmi:id="32" sofa="12" first="30"/>'
    path = tmp_path / "a.xmi"
    path.write_text(XMI.replace("<cas:View", links + "<cas:View"), encoding="utf-8")
    article, faults = one(path)
    assert faults == []
    assert [[m.text for m in e.mentions] for e in article.entities if e.id == "30"] == [
        ["William Barr", "Barr"]
    ]


# -- CASIE ---------------------------------------------------------------------------------------


def casie_span(words: str, **more) -> dict:
    start, end = at(words)
    return {"startOffset": start, "endOffset": end, "text": words, **more}


def casie_argument(index: str, words: str, kind: str, role: str, **more) -> dict:
    return casie_span(words, index=index, type=kind, role={"type": role}, **more)


BARR = {"external_reference": {"wikidataid": "Q723917", "dbpediaURI": "http://dbpedia.org/resource/William_Barr"}}  # fmt: skip
CASIE = {
    "cyberevent": {"hopper": [
        {"index": 0, "relation": "Same", "events": [
            {"index": "E1", "type": "Contact", "subtype": "Meet", "realis": "Actual", "nugget": casie_span("met", index="T9"),
             "argument": [casie_argument("T1", "William Barr", "Person", "Participant", **BARR), casie_argument("T3", "Mexico City", "Place", "Place")]},
            {"index": "E2", "type": "Contact", "subtype": "Meet", "realis": "Actual", "nugget": casie_span("in", index="T8"),
             "argument": [casie_argument("T1", "Barr", "Person", "Participant"), casie_argument("T2", "Marcelo Ebrard", "Person", "Participant")]}]}]},
    "sourcefile": "12.txt", "info": {"date": "2019_12_06", "title": "A title", "link": "https://example.org/1", "type": "text"}, "content": TEXT,
}  # fmt: skip


def test_casie_shares_what_an_index_names_and_joins_the_events_of_a_hopper(tmp_path):
    article, faults = one(dump(tmp_path / "a.json", CASIE), published=None)
    assert faults == []
    assert (article.id, article.published, article.title, article.url) == (
        "12",
        "2019-12-06",
        "A title",
        "https://example.org/1",
    )
    barr = article.entities[0]
    assert (barr.type, [m.text for m in barr.mentions]) == ("Person", ["William Barr", "Barr"])
    assert barr.links == ("wd:Q723917", "http://dbpedia.org/resource/William_Barr")
    (event,) = article.events
    assert (event.type, [m.text for m in event.mentions]) == ("Meeting", ["met", "in"])
    assert event.args == {"participant": ("T1", "T2"), "venue": ("T3",)}
    assert event.attrs == {"status": "occurred"}


# -- Web Annotation, NIF, NAF, CoNLL -------------------------------------------------------------


def web(ident: str, words: str, *bodies, **more) -> dict:
    start, end = at(words)
    selector = [
        {"type": "TextQuoteSelector", "exact": words},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": ident,
        "type": "Annotation",
        "body": list(bodies),
        "target": {"source": "https://example.org/1", "selector": selector},
        **more,
    }


TAG = {"type": "TextualBody", "purpose": "tagging"}


def test_web_annotations_with_the_text_beside(tmp_path):
    annotations = [
        web(
            "#a1",
            "William Barr",
            TAG | {"value": "Person"},
            {
                "type": "SpecificResource",
                "purpose": "identifying",
                "source": "http://www.wikidata.org/entity/Q723917",
            },
        ),
        web("#a2", "met", TAG | {"value": "Meeting"}),
        {
            "@context": "http://www.w3.org/ns/anno.jsonld",
            "id": "#r1",
            "type": "Annotation",
            "motivation": "linking",
            "body": [TAG | {"value": "participant"}],
            "target": [{"id": "#a2"}, {"id": "#a1"}],
        },
    ]
    path = dump(tmp_path / "doc.json", annotations)
    assert codes(readings(path)) == ["TEXT_MISSING"]
    (tmp_path / "doc.txt").write_text(TEXT)
    article, faults = one(path)
    assert faults == []
    assert article.entities[0].links == ("wd:Q723917",)
    assert article.events[0].args == {"participant": ("a1",)}


def test_hypothesis_rows_and_quotes_without_position(tmp_path):
    row = {"id": "xyz", "user": "acct:ana@hypothes.is", "uri": "https://example.org/1", "text": "", "tags": ["Person"], "created": "2024-01-01T00:00:00Z",
           "target": [{"source": "https://example.org/1", "selector": [{"type": "RangeSelector", "startContainer": "/p", "startOffset": 1}, {"type": "TextQuoteSelector", "exact": "Marcelo Ebrard", "prefix": "met ", "suffix": " in"}]}]}  # fmt: skip
    (tmp_path / "doc.txt").write_text(TEXT)
    article, faults = one(dump(tmp_path / "doc.json", {"total": 1, "rows": [row]}))
    assert faults == []
    assert [(e.type, e.mentions[0].text, e.by) for e in article.entities] == [
        ("Person", "Marcelo Ebrard", "acct:ana@hypothes.is")
    ]


NIF = f"""@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix itsrdf: <http://www.w3.org/2005/11/its/rdf#> .
@prefix dbo: <http://dbpedia.org/ontology/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<http://example.org/1#char=0,{len(TEXT)}> a nif:Context , nif:RFC5147String ; nif:isString "{TEXT}"@en .
<http://example.org/1#char=0,12> a nif:Phrase ; nif:anchorOf "William Barr" ; nif:beginIndex "0"^^xsd:nonNegativeInteger ; nif:endIndex "12"^^xsd:nonNegativeInteger ;
  nif:referenceContext <http://example.org/1#char=0,{len(TEXT)}> ; itsrdf:taIdentRef <http://www.wikidata.org/entity/Q723917> ; itsrdf:taClassRef dbo:Person ; itsrdf:taConfidence 0.75 .
<http://example.org/1#char=35,46> a nif:Phrase ; nif:anchorOf "Mexico City" ; nif:beginIndex 35 ; nif:endIndex 46 ;
  nif:referenceContext <http://example.org/1#char=0,{len(TEXT)}> ; itsrdf:taIdentRef <http://aksw.org/notInWiki/Mexico_City> ; itsrdf:taClassRef dbo:Place .
<http://example.org/1#char=13,16> a nif:Word ; nif:anchorOf "met" ; nif:beginIndex 13 ; nif:endIndex 16 ; nif:referenceContext <http://example.org/1#char=0,{len(TEXT)}> .
"""


@pytest.mark.parametrize(
    "index", ['"x"', "-35", "9" * 4400, "1.5", "true", "<http://example.org/>"]
)
def test_a_nif_index_that_is_no_offset_costs_its_string_alone(index, tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(NIF.replace("nif:beginIndex 35", f"nif:beginIndex {index}"), encoding="utf-8")
    article, faults = one(path)
    assert [f.annotation for f in faults if f.code == "OFFSET_TYPE"] == ["35-46"]
    assert {e.mentions[0].text for e in article.entities} == {"William Barr"}


def test_a_statement_about_a_statement_names_no_string_in_nif(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(NIF, encoding="utf-8")
    plain = one(path)
    path.write_text(
        f"{NIF}<http://example.org/1#char=13,16> nif:isString <<( nif:a nif:b nif:c )>> .\n",
        encoding="utf-8",
    )
    assert one(path) == plain


def test_nif_links_classes_and_nil(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(NIF)
    article, faults = one(path)
    assert faults == []
    assert (article.id, article.language) == ("http://example.org/1", "en")
    assert [(e.type, e.links, e.confidence) for e in article.entities] == [
        ("Person", ("wd:Q723917",), 0.75),
        ("Place", (), None),
    ]


NAF = """<?xml version="1.0" encoding="UTF-8"?>
<NAF xml:lang="en" version="v3"><nafHeader><fileDesc creationtime="2019-12-06T10:00:00" title="A title"/><public publicId="ganseg" uri="http://example.org/1"/></nafHeader>
<raw><![CDATA[William Barr met in Mexico City on Thursday.]]></raw>
<text>{}</text>
<terms>{}</terms>
<entities><entity id="e1" type="PERSON"><references><span><target id="t1"/><target id="t2"/></span></references><externalReferences><externalRef resource="spotlight" reference="http://dbpedia.org/resource/William_Barr" confidence="0.9"/></externalReferences></entity>
<entity id="e2" type="LOCATION"><references><span><target id="t5"/><target id="t6"/></span></references></entity></entities>
<timeExpressions><timex3 id="tx1" type="DATE" value="2019-12-05"><span><target id="w8"/></span></timex3></timeExpressions>
<srl><predicate id="pr1"><externalReferences><externalRef resource="ESO" reference="Meeting"/></externalReferences><span><target id="t3"/></span><role id="r1" semRole="Participant"><span><target id="t1"/><target id="t2"/></span></role></predicate></srl>
</NAF>"""


def naf(shift: int = 0) -> str:
    text, at_, words = "William Barr met in Mexico City on Thursday.", 0, []
    for number, word in enumerate(text[:-1].split(), start=1):
        at_ = text.index(word, at_)
        words.append(
            f'<wf id="w{number}" sent="1" offset="{at_ + shift}" length="{len(word)}">{word}</wf>'
        )
    terms = "".join(f'<term id="t{n}"><span><target id="w{n}"/></span></term>' for n in range(1, 9))
    return NAF.format("".join(words), terms)


def test_naf_layers_over_terms_and_words(tmp_path):
    path = tmp_path / "a.naf"
    path.write_text(naf())
    article, faults = one(path, published=None)
    assert faults == []
    assert (article.id, article.published) == ("ganseg", "2019-12-06")
    assert [(e.type, e.mentions[0].text, e.value) for e in article.entities] == [
        ("Person", "William Barr", None),
        ("Place", "Mexico City", None),
        ("Date", "Thursday", "2019-12-05"),
    ]
    assert article.entities[0].links == ("http://dbpedia.org/resource/William_Barr",)
    assert article.events[0].args == {"participant": ("e1",)}


def test_naf_whose_words_are_off_by_one_is_noticed_and_repaired_on_request(tmp_path):
    path = tmp_path / "a.naf"
    path.write_text(naf(shift=1))
    assert "SURFACE_MISMATCH" in codes(readings(path))
    article, faults = one(path, repair=True)
    assert {f.code for f in faults} == {"SPAN_MOVED"}
    assert [e.mentions[0].text for e in article.entities] == [
        "William Barr",
        "Mexico City",
        "Thursday",
    ]


def test_conll_text_is_put_together_from_tokens(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text(
        "-DOCSTART- -X- O O\n\nWilliam NNP B-NP B-PER\nBarr NNP I-NP I-PER\nmet VBD B-VP O\nin IN B-PP O\nMexico NNP B-NP B-LOC\nCity NNP I-NP I-LOC\n\nHe PRP B-NP O\nleft VBD B-VP O\n"
    )
    article, faults = one(path)
    assert faults == []
    assert article.text == "William Barr met in Mexico City\nHe left"
    assert [(e.type, e.mentions[0].text) for e in article.entities] == [
        ("Person", "William Barr"),
        ("Place", "Mexico City"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"<GateDocument/>", "bdocjs"), (b"#FORMAT=WebAnno TSV 3.3\n", "UIMA CAS"), (b"<CAS version='2'/>", "XMI")],
    ids=["gate xml", "webanno tsv", "xcas"],
)  # fmt: skip
def test_formats_that_lose_too_much_are_refused_with_advice(tmp_path, data, words):
    path = tmp_path / "a.xml"
    path.write_bytes(data)
    found = readings(path)
    assert codes(found) == ["FILE_UNREADABLE"]
    assert words in str(found[0].faults[0])


def test_brat_folders_that_hold_one_text_are_annotators(tmp_path):
    for user, ann in (("ana", ANN), ("ben", "T1\tPerson 0 12\tWilliam Barr\n")):
        brat(tmp_path / user, ann)
    brat(tmp_path / "other", ANN, text=TEXT + " More.", name="another")
    found = readings(tmp_path)
    assert codes(found) == ["LAYERS"]
    assert [r.article.id for r in found if r.article] == ["other/another"]
    (ben,) = [
        r.article
        for r in readings(tmp_path, annotator="ben")
        if r.article and r.article.id == "ganseg"
    ]
    assert (len(ben.entities), ben.agents["ben"].kind) == (1, "person")


@pytest.mark.parametrize(
    "form", ["doccano", "prodigy", "uima-xmi", "uima-json", "gate", "pubannotation"]
)
def test_layers_are_seen_beforehand_as_they_are_read(form, tmp_path):
    from acuerdo.read import detect, sources

    trees = {
        "doccano": DOCCANO["entities"],
        "prodigy": SPANS_OF["prodigy"] | {"_session_id": "s-ana"},
        "uima-json": json_cas(),
        "gate": GATE,
        "pubannotation": PUB
        | {"project": "p", "tracks": [{}, {"denotations": PUB["denotations"]}]},
    }
    for user in ("ana", "ben"):
        path = tmp_path / f"{user}.{'xmi' if form == 'uima-xmi' else 'json'}"
        path.write_text(XMI if form == "uima-xmi" else json.dumps(trees[form]))
    ((_, folder),) = sources.folders([tmp_path])
    known = detect.FORMATS[form]
    for source in folder:
        read_ = [(d.document, d.layer or "", d.curated) for d in known.read(source)]
        assert list(known.layers(source)) == read_


@pytest.mark.parametrize(
    ("second", "crosses"),
    [("T2\tPerson 8 16\tBarr met\n", True), ("T2\tPlace 8 16\tBarr met\n", False), ("T2\tPerson 8 12\tBarr\n", False), ("T2\tPerson 12 16\t met\n", False)],
    ids=["one type", "two types", "nested", "beside"],
)  # fmt: skip
def test_spans_of_one_type_that_cross_are_a_warning(tmp_path, second, crosses):
    found = readings(brat(tmp_path, "T1\tPerson 0 12\tWilliam Barr\n" + second))
    assert codes(found) == ["SPANS_CROSS"] * crosses
    assert len(found[0].article.entities) == 2


def test_a_quotation_mark_that_is_never_closed_ends_the_table(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text('id,title\na,"A meeting\nb,Another\n')
    with pytest.raises(BadSource, match=r"table\.csv:\d: unexpected end of data"):
        metadata.table(table)
