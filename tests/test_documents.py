"""The generated reference: complete, the same each time, and what is committed is what is generated."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import rdflib
from click.testing import CliRunner

from acuerdo import assets
from acuerdo.cli import acuerdo
from acuerdo.iri import AC
from acuerdo.terms import documents, sources
from acuerdo.terms.model import Reference, reference

ROOT = Path(__file__).parents[1]
ONTOLOGY = assets.path("ontology")


@pytest.fixture(scope="module")
def read() -> Reference:
    return reference(sources.quads([ONTOLOGY]))


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return documents.documents([ONTOLOGY])


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("terms.md", "docs/reference/terms.md"),
        ("gates.md", "docs/reference/gates.md"),
        ("classes.svg", "docs/reference/classes.svg"),
        ("context.jsonld", "ontology/context.jsonld"),
    ],
)
def test_what_is_committed_is_what_is_generated(name: str, path: str, made: dict[str, str]) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == made[name], (
        "run `acuerdo ontology docs` and copy the files"
    )


def test_every_term_and_scheme_has_an_anchor(read: Reference, made: dict[str, str]) -> None:
    anchors = set(re.findall(r'id="([^"]+)"', made["index.html"]))
    assert {t.name for t in read.terms} | {s.name for s in read.schemes} <= anchors


def test_every_link_within_the_page_has_its_anchor(made: dict[str, str]) -> None:
    page = made["index.html"]
    links, anchors = (set(re.findall(p, page)) for p in (r'href="#([^"]+)"', r'id="([^"]+)"'))
    assert links - anchors - {"Concept"} == set()


def test_the_page_needs_no_network_and_no_script(made: dict[str, str]) -> None:
    assert "<script" not in made["index.html"]
    assert not re.search(r"(src|@import|url)\s*=?\s*[\"'(]http", made["index.html"])


def test_the_diagram_is_xml_and_shows_every_class_once(
    read: Reference, made: dict[str, str]
) -> None:
    texts = ET.fromstring(made["classes.svg"]).iter("{http://www.w3.org/2000/svg}text")
    shown = [t.text for t in texts if t.get("class") != "n"]
    assert sorted(map(str, shown)) == sorted(t.name for t in read.terms if t.kind == "class")


def test_the_context_gives_the_triples_of_the_ontology() -> None:
    context = json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))
    document = context | {
        "id": "https://example.org/m",
        "type": "Meeting",
        "venue": "https://example.org/palace",
        "notBefore": "2019-12-05",
        "count": 9,
        "label": "a meeting",
    }
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    meeting, ac = rdflib.URIRef("https://example.org/m"), rdflib.Namespace(AC)
    assert set(graph) == {
        (meeting, rdflib.RDF.type, ac.Meeting),
        (meeting, ac.venue, rdflib.URIRef("https://example.org/palace")),
        (meeting, ac.notBefore, rdflib.Literal("2019-12-05", datatype=rdflib.XSD.date)),
        (meeting, ac["count"], rdflib.Literal(9)),
        (meeting, rdflib.RDFS.label, rdflib.Literal("a meeting")),
    }


def test_the_command_writes_all_documents(tmp_path: Path, made: dict[str, str]) -> None:
    result = CliRunner().invoke(acuerdo, ["ontology", "docs", "-o", str(tmp_path / "out")])
    assert result.exit_code == 0
    written = {p.name: p.read_text(encoding="utf-8") for p in (tmp_path / "out").iterdir()}
    assert written == made
