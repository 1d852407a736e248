"""The table of what each format carries, in docs/formats/README.md, is made by looking."""

import json
import re
from pathlib import Path

import pytest

import test_readers as samples
from acuerdo import read
from acuerdo.export.annotations.convert import FORMATS, convert
from acuerdo.model import Agent, Article, Entity, Event, Mention, Relation, Section
from acuerdo.read import Reading, detect
from acuerdo.read.tools import labels

PAGE = Path(__file__).parents[1] / "docs" / "formats" / "README.md"
TEXT = samples.TEXT


def span(words: str) -> Mention:
    start = TEXT.index(words)
    return Mention(start, start + len(words), words)


# An article that says everything the native format can.
EVERYTHING = Article(
    1, "all", "2019-12-06", "stated", "en", title="A title", text=TEXT, attrs={"author": "A. Writer"}, sections=(Section(0, 7, "headline"),), agents={"ana": Agent("person", "Ana")},
    entities=(
        Entity("barr", "Person", name="W. Barr", ref="person/william-barr", links=("wd:Q723917",), mentions=(span("William Barr"), span("Barr")), by="ana", confidence=0.5),
        Entity("two", "Agency", attrs={"kind": "ministry"}, mentions=(Mention(17, 24, "Marcelo City", None, ((42, 46),)),)),
        Entity("city", "Place", mentions=(span("Mexico City"),)),
        Entity("country", "Country", mentions=(span("Mexico"),)),
        Entity("day", "Date", value="2019-12-05", mentions=(span("Thursday"),)),
        Entity("nowhere", "Person", name="Somebody unnamed"),
    ),
    events=(
        Event("talks", "Meeting", attrs={"status": "occurred"}, mentions=(span("met"),), args={"participant": ("barr",), "venue": ("city",), "time": ("day",)}, evidence=(span(TEXT),)),
        Event("said", "Statement", mentions=(span("on Thursday"),), args={"followUpOf": ("talks",)}),
    ),
    relations=(Relation("within", "city", "country", evidence=(span("in Mexico City"),)),),
)  # fmt: skip

FEATURES = {
    "entities": lambda a: any(e.mentions for e in a.entities),
    "one thing, many mentions": lambda a: any(len(e.mentions) > 1 for e in a.entities),
    "discontinuous spans": lambda a: any(m.more for e in a.entities for m in e.mentions),
    "things without words": lambda a: any(not e.mentions for e in a.entities),
    "relations": lambda a: bool(a.relations),
    "events with roles": lambda a: any(e.args for e in a.events),
    "events as arguments": lambda a: any(
        {e.id for e in a.events} & {i for ids in e.args.values() for i in ids} for e in a.events
    ),
    "evidence": lambda a: any(e.evidence for e in a.events),
    "attributes": lambda a: any(e.attrs for e in (*a.entities, *a.events)),
    "values of dates": lambda a: any(e.value is not None for e in a.entities),
    "links": lambda a: any(e.links for e in a.entities),
    "registry keys": lambda a: any(e.ref for e in a.entities),
    "annotator": lambda a: any(e.by for e in a.entities),
    "confidence": lambda a: any(e.confidence is not None for e in a.entities),
    "sections": lambda a: bool(a.sections),
    "date, title": lambda a: a.published == "2019-12-06" and a.title == "A title",
}


def through(to: str, folder: Path) -> Article:
    convert([("x", EVERYTHING)], folder / to, to, labels(Reading()).vocabulary)
    (one,) = read.articles([folder / to])
    return one.article


def all_that_prodigy_says() -> dict:
    tree = json.loads(json.dumps(samples.SPANS_OF["prodigy"]))
    tree["spans"][0] |= {"kb_id": "Q723917", "score": 0.5}
    tree["spans"] += [
        {"start": 35, "end": 46, "label": "LOC"},
        {"start": 35, "end": 41, "label": "Country"},
    ]
    tree["relations"].append(
        {"head_span": tree["spans"][2], "child_span": tree["spans"][3], "label": "within"}
    )
    said = {"start": 47, "end": 58, "label": "Statement"}
    tree["spans"] += [said, {"start": 8, "end": 12, "label": "PER"}]
    tree["relations"] += [
        {"head_span": said, "child_span": tree["spans"][1], "label": "followUpOf"},
        {"head_span": tree["spans"][0], "child_span": tree["spans"][5], "label": "@same"},
    ]
    tree["spans"].append({"start": 0, "end": 58, "label": "Evidence"})
    tree["relations"].append(
        {"head_span": tree["spans"][1], "child_span": tree["spans"][6], "label": "evidence"}
    )
    return tree | {"_annotator_id": "ana", "meta": {"published": "2019-12-06", "title": "A title"}}


def all_that_pubannotation_says() -> dict:
    tree = json.loads(json.dumps(samples.PUB)) | {"published": "2019-12-06", "title": "A title"}
    tree["denotations"] += [
        {"id": "T3", "span": {"begin": 35, "end": 46}, "obj": "LOC"}, {"id": "T4", "span": {"begin": 35, "end": 41}, "obj": "Country"},
        {"id": "T5", "span": [{"begin": 17, "end": 24}, {"begin": 42, "end": 46}], "obj": "ORG"}, {"id": "T6", "span": {"begin": 47, "end": 58}, "obj": "Statement"},
        {"id": "T7", "span": {"begin": 8, "end": 12}, "obj": "Person"}, {"id": "T8", "span": {"begin": 50, "end": 58}, "obj": "Date"}, {"id": "T9", "span": {"begin": 0, "end": 58}, "obj": "Evidence"}]  # fmt: skip
    tree["relations"] += [
        {"id": f"R{n}", "pred": p, "subj": s, "obj": o}
        for n, (p, s, o) in enumerate(
            [
                ("within", "T3", "T4"),
                ("followUpOf", "T6", "T2"),
                ("@same", "T1", "T7"),
                ("evidence", "T2", "T9"),
            ],
            start=5,
        )
    ]
    tree["attributes"] += [
        {"pred": "value", "subj": "T8", "obj": "2019-12-05"},
        {"pred": "link", "subj": "T1", "obj": "wd:Q723917"},
        {"pred": "ref", "subj": "T1", "obj": "person/william-barr"},
        {"pred": "confidence", "subj": "T1", "obj": 0.5},
    ]
    return tree | {"project": "ana"}


def all_that_gate_says() -> dict:
    def a(ident, label, start, end, **features):
        return {"type": label, "start": start, "end": end, "id": ident, "features": features}

    found = [a(1, "Person", 0, 12, link="wd:Q723917", ref="person/william-barr", confidence=0.5), a(2, "Meet", 13, 16, Participant=[1], status="planned", evidence=[7]), a(3, "LOC", 35, 46, within=[4]), a(4, "Country", 35, 41),
             a(5, "Statement", 47, 58, followUpOf=[2]), a(6, "Date", 50, 58, value="2019-12-05"), a(7, "Evidence", 0, 58), a(8, "Section", 0, 7, kind="headline"), a(9, "Person", 8, 12, matches=[1, 9])]  # fmt: skip
    return {
        "text": TEXT,
        "annotation_sets": {"ana": {"annotations": found}},
        "offset_type": "p",
        "features": {"published": "2019-12-06", "title": "A title"},
    }


def all_that_naf_says() -> str:
    whole = '<span><target id="t1"/><target id="t2"/></span></references>'
    second = '<predicate id="pr2"><externalReferences><externalRef resource="ESO" reference="Meeting"/></externalReferences><span><target id="t8"/></span></predicate></srl>'
    link = '<temporalRelations><tlink id="tl1" from="pr1" to="pr2" relType="BEFORE"/></temporalRelations></NAF>'
    text = samples.naf().replace(
        whole, whole.replace("</references>", '<span><target id="t2"/></span></references>'), 1
    )
    return text.replace("</srl>", second).replace("</NAF>", link)


def other(name: str, folder: Path) -> Article:
    """A document of a format that is read only."""
    trees = {
        "casie": lambda: samples.CASIE,
        "prodigy": all_that_prodigy_says,
        "pubannotation": all_that_pubannotation_says,
        "gate": all_that_gate_says,
    }
    path = folder / f"{name}.json"
    if name in trees:
        path.write_text(json.dumps(trees[name]()))
    elif name == "uima-json":
        path = folder / "uima" / "annotation" / "doc.txt" / "ana.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(uima_with_everything()))
        path = folder / "uima"
    elif name == "naf":
        path = folder / "a.naf"
        path.write_text(all_that_naf_says())
    elif name == "spacy":
        path = Path(__file__).parent / "formats" / "two.spacy"
    else:
        path = folder / "a.conll"
        path.write_text(
            "# published = 2019-12-06\n# title = A title\n\nWilliam B-PER\nBarr I-PER\nmet O\n"
        )
    reads = list(read.articles([path], reading=Reading(published="2020-01-01")))
    faults = [str(f) for r in reads for f in r.faults]
    assert faults == [], faults
    return reads[0].article


def uima_with_everything() -> dict:
    tree = samples.json_cas()
    more = [
        {"%ID": 100, "%TYPE": "custom.CoreferenceLink", "@sofa": 12, "begin": 3, "end": 15, "referenceType": "PER", "@next": 101},
        {"%ID": 101, "%TYPE": "custom.CoreferenceLink", "@sofa": 12, "begin": 11, "end": 15, "referenceType": "PER"},
        {"%ID": 102, "%TYPE": "custom.Date", "@sofa": 12, "begin": 53, "end": 61, "value": "2019-12-05"},
        {"%ID": 103, "%TYPE": "custom.Statement", "@sofa": 12, "begin": 50, "end": 61, "@followUpOf": 70},
        {"%ID": 104, "%TYPE": "custom.Evidence", "@sofa": 12, "begin": 3, "end": 61},
        {"%ID": 105, "%TYPE": "custom.Relation", "@sofa": 12, "begin": 3, "end": 61, "@Governor": 70, "@Dependent": 104, "label": "evidence"},
        {"%ID": 106, "%TYPE": "custom.Section", "@sofa": 12, "begin": 3, "end": 10, "kind": "headline"},
        {"%ID": 107, "%TYPE": "custom.Person", "@sofa": 12, "begin": 20, "end": 34, "ref": "person/marcelo-ebrard", "confidence": 0.5},
        {"%ID": 108, "%TYPE": "custom.ArticleMetadata", "@sofa": 12, "begin": 0, "end": 61, "published": "2019-12-06", "title": "A title"},
    ]  # fmt: skip
    tree["%FEATURE_STRUCTURES"] += more
    return tree


def table(folder: Path) -> str:
    names = ["native", *(n for n in detect.FORMATS)]
    rows = {
        name: through(name, folder) if name in FORMATS else other(name, folder) for name in names
    }
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for feature, has in FEATURES.items():
        lines.append(
            f"| {feature} | {' | '.join('yes' if has(rows[name]) else '–' for name in names)} |"
        )
    written = ["yes" if name in FORMATS else "–" for name in names]
    return "\n".join([*lines, f"| written by `acuerdo convert` | {' | '.join(written)} |"])


def test_the_table_of_formats_is_what_readers_and_writers_do(tmp_path):
    found = re.search(
        r"tests/test_format_table\.py -->\n(.*?)\n?<!-- end of table -->",
        PAGE.read_text(),
        re.DOTALL,
    )
    assert found[1].strip() == table(tmp_path), "put this table into docs/formats/README.md"


@pytest.mark.parametrize("name", FEATURES)
def test_the_article_that_says_everything_does(name):
    assert FEATURES[name](EVERYTHING)
