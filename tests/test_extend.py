"""To add a class, edit Turtle; no Python."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from acuerdo import mapping, resolve
from acuerdo.build import Options, build
from acuerdo.errors import BadSource
from acuerdo.model import Article
from acuerdo.query import open_kg
from acuerdo.terms import check as checking
from acuerdo.vocabulary.modules import KINDS_AT_MOST

ROOT = Path(__file__).parents[1]
MODULE = """
@prefix ac: <https://w3id.org/acuerdo/ns#> . @prefix ex: <https://example.org/law#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Extradition a owl:Class ; rdfs:subClassOf ac:SecurityAction ; ac:tag "Justice.Extradite" ; rdfs:label "extradition"@en .
ex:court a owl:ObjectProperty ; rdfs:domain ex:Extradition ; rdfs:range ac:Organization ; rdfs:label "court"@en .
ex:docket a owl:DatatypeProperty ; rdfs:domain ex:Extradition ; rdfs:range xsd:string ; rdfs:label "docket"@en .
ex:extradited a skos:Concept ; skos:inScheme <https://w3id.org/acuerdo/role> ; skos:notation "extradited" ;
  ac:roleOf ex:Extradition ; ac:tag "Person" .
ac:Meeting ac:tag "Sitdown" .
"""


@pytest.fixture
def module(tmp_path) -> Path:
    folder = tmp_path / "law"
    folder.mkdir()
    (folder / "law.ttl").write_text(MODULE, encoding="utf-8")
    return folder


def article(**event) -> Article:
    span = [{"start": 0, "end": 3}]
    raw = {
        "acuerdo": 1, "id": "a1", "published": "2024-03-06", "date_basis": "stated", "language": "en", "text": "Ana went.",
        "entities": [
            {"id": "p", "type": "Person", "name": "Ana Ruiz", "mentions": span},
            {"id": "c", "type": "Organization", "name": "High Court", "mentions": span},
        ],
        "events": [{"id": "x", "mentions": span, **event}],
    }  # fmt: skip
    return msgspec.convert(raw, Article)


def test_a_class_added_in_turtle_is_mapped_with_its_roles_properties_and_tags(module) -> None:
    world = resolve.load([ROOT / "ontology", module])
    event = article(
        type="justice:extradite", args={"Person": ["p"], "court": ["c"]}, attrs={"docket": "17-A", "status": "planned"}
    )  # fmt: skip
    found = resolve.resolve(event, world)
    assert [f.code for f in found.faults if f.level == "error"] == []
    quads = mapping.map_article(found, world).decode()
    for piece in (
        "law#Extradition>",
        "law#court>",
        'law#docket> "17-A"',
        "law#extradited>",
        "status/planned>",
    ):
        assert piece in quads


def test_a_module_may_add_a_label_to_one_of_our_terms(module) -> None:
    world = resolve.load([ROOT / "ontology", module])
    assert world.vocabulary.find_class("sit-down").name == "Meeting"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ac:Meeting rdfs:subClassOf ex:Party .", "says subClassOf of Meeting"),
        ("ac:status ac:usesScheme ex:scheme .", "says usesScheme of status"),
        (
            "<https://w3id.org/acuerdo/status/occurred> skos:notation 'x' .",
            "says notation of occurred",
        ),
    ],
)
def test_a_module_that_redefines_our_terms_is_refused_with_its_line(line, words, module) -> None:
    (module / "bad.ttl").write_text(
        MODULE.split("ex:Extradition", 1)[0] + line + "\n", encoding="utf-8"
    )
    with pytest.raises(BadSource, match=words) as caught:
        resolve.load([ROOT / "ontology", module])
    assert caught.value.line == 5


def test_a_turtle_error_is_one_line_with_file_line_and_column(module) -> None:
    (module / "bad.ttl").write_text(
        "@prefix ex: <https://example.org/> .\nex:a ex:b .\n", encoding="utf-8"
    )
    with pytest.raises(BadSource) as caught:
        resolve.load([ROOT / "ontology", module])
    assert str(caught.value).startswith(f"{module / 'bad.ttl'}:2:")
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_before_turtle_changes_nothing(module) -> None:
    plain = resolve.load([ROOT / "ontology", module]).vocabulary.classes.keys()
    (module / "law.ttl").write_text(MODULE, encoding="utf-8-sig")
    assert resolve.load([ROOT / "ontology", module]).vocabulary.classes.keys() == plain


def test_one_label_on_two_classes_is_refused(module) -> None:
    clash = "\nex:Handover a owl:Class ; rdfs:subClassOf ac:Visit ; ac:tag 'Justice.Extradite' .\n"
    (module / "law.ttl").write_text(MODULE + clash, encoding="utf-8")
    with pytest.raises(BadSource, match="stands on two classes") as caught:
        resolve.load([ROOT / "ontology", module])
    assert str(caught.value).startswith(f"{module / 'law.ttl'}:5: ")


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("ex:Handover a owl:Class ; rdfs:subClassOf ac:Visit .", "Handover has no label"),
        (
            """ex:a a owl:ObjectProperty ; rdfs:label 'a' ; owl:propertyChainAxiom ( ex:b ex:b ) .
ex:b a owl:ObjectProperty ; rdfs:label 'b' ; owl:propertyChainAxiom ( ex:a ex:court ) .""",
            "the chain of a leads back to a through b",
        ),
        ("<https://example.org/law> owl:imports <https://example.org/other> .", "is not fetched"),
    ],
)
def test_what_a_module_must_not_say_is_one_line_with_its_place(added, words, module) -> None:
    (module / "law.ttl").write_text(MODULE + added + "\n", encoding="utf-8")
    line = len(MODULE.splitlines()) + 1
    with pytest.raises(BadSource, match=words) as caught:
        resolve.load([ROOT / "ontology", module])
    assert str(caught.value).startswith(f"{module / 'law.ttl'}:{line}: ")


def test_more_kinds_of_events_than_questions_read_are_refused(module) -> None:
    kinds = [
        f"ex:Kind{n} a owl:Class ; rdfs:subClassOf ac:Visit ; rdfs:label 'kind {n}' .\n"
        for n in range(KINDS_AT_MOST)
    ]
    (module / "law.ttl").write_text(MODULE + "".join(kinds), encoding="utf-8")
    with pytest.raises(BadSource, match="kinds of events; questions read fewer than 500") as caught:
        resolve.load([ROOT / "ontology", module])
    assert str(caught.value).startswith(f"{module / 'law.ttl'}:")


def test_a_module_may_import_ours_and_what_stands_beside_it_and_may_declare_foreign_terms(
    module,
) -> None:
    (module / "law.ttl").write_text(
        MODULE
        + "<https://example.org/law> a owl:Ontology ; owl:imports <https://w3id.org/acuerdo/ns> , <https://example.org/more> .\n"
        + "<https://schema.org/Court> a owl:Class .\n",
        encoding="utf-8",
    )
    (module / "more.ttl").write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n<https://example.org/more> a owl:Ontology .\n",
        encoding="utf-8",
    )
    assert resolve.load([ROOT / "ontology", module]).vocabulary.find_class("Extradition")


SHAPE = """
@prefix ac: <https://w3id.org/acuerdo/ns#> . @prefix ex: <https://example.org/law#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
ex:Extradition-court a sh:PropertyShape ; sh:path ex:court ; sh:maxCount 1 ;
  sh:message "An extradition has at most 1 court."@en , "Una extradición tiene como máximo 1 tribunal."@es .
ex:ExtraditionShape a sh:NodeShape ; sh:targetClass ex:Extradition ; sh:property ex:Extradition-court .
"""
QUESTION = """
PREFIX ac: <https://w3id.org/acuerdo/ns#>
PREFIX ex: <https://example.org/law#>
SELECT DISTINCT ?person ?docket ?words WHERE {
  GRAPH ?article {
    ?event a ex:Extradition ; ex:docket ?docket ; ac:hasParticipation ?part ; ac:evidencedBy ?passage .
    ?part ac:participant ?person ; ac:role ex:extradited .
    ?passage ac:words ?words .
  }
  ?person ac:participatedIn ?event .
}
"""


def test_a_class_added_in_turtle_maps_validates_infers_and_answers(module, tmp_path) -> None:
    (module / "shapes").mkdir()
    (module / "shapes" / "extradition.ttl").write_text(SHAPE, encoding="utf-8")
    role = "ex:extradited skos:broader <https://w3id.org/acuerdo/role/participant> .\n"
    (module / "law.ttl").write_text(MODULE + role, encoding="utf-8")
    event = {
        "type": "Extradition",
        "args": {"extradited": ["p"], "court": ["c"]},
        "attrs": {"docket": "17-A", "status": "occurred"},
    }
    good = msgspec.to_builtins(article(**event))
    other = {
        "id": "d",
        "type": "Organization",
        "name": "Low Court",
        "mentions": [{"start": 0, "end": 3}],
    }
    bad = {**good, "id": "a2", "entities": [*good["entities"], other]}
    bad["events"] = [{**bad["events"][0], "args": {"extradited": ["p"], "court": ["c", "d"]}}]
    lines = "\n".join(json.dumps(a) for a in (good, bad))
    (tmp_path / "law.jsonl").write_text(lines, encoding="utf-8")
    built = build(
        Options(sources=(tmp_path / "law.jsonl",), kg=tmp_path / "kg", ontology=(module,), jobs=1)
    )
    assert [
        (f.article, f.shape.rpartition("#")[2])
        for f in built.findings
        if f.severity == "violation" and f.cause is None
    ] == [("a2", "Extradition-court")]
    rows = [tuple(row) for row in open_kg(tmp_path / "kg").query(QUESTION)]
    assert rows == [("https://w3id.org/acuerdo/demo/id/article/a1/entity/p", "17-A", "Ana went.")]


def test_the_module_of_the_handbook_passes_every_gate_and_maps(tmp_path) -> None:
    """What `docs/how-to/ontology.md` shows is what a stranger copies."""
    text = (ROOT / "docs" / "how-to" / "ontology.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```turtle (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for name, turtle in blocks:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(turtle, encoding="utf-8")
    courts = tmp_path / "courts"
    assert list(checking.check([courts], tmp_path / "kg", reasoner=False)) == []
    event = {
        "type": "Justice:Trial-Hearing",
        "args": {"Defendant": ["p"]},
        "attrs": {"docket": ["1", "2"], "status": "planned"},
    }
    source = tmp_path / "trial.json"
    source.write_bytes(msgspec.json.encode(article(**event)))
    built = build(Options(sources=(source,), kg=tmp_path / "kg", ontology=(courts,), jobs=1))
    assert "Hearing-docket" in {f.shape.rpartition("#")[2] for f in built.findings}
