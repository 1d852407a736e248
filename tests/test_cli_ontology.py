"""`acuerdo ontology check` from the command line: what passes, what does not, and how it says so."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from acuerdo import assets, infer, mapping, read, resolve
from acuerdo.cli import acuerdo
from acuerdo.errors import BadSource
from acuerdo.iri import Bases
from acuerdo.terms import gates, sources

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*/*.json"))
HEADER = """@prefix ac: <https://w3id.org/acuerdo/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/courts#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
<https://example.org/courts> a owl:Ontology ;
    dcterms:title "Courts"@en ; dcterms:description "Courts."@en ; dcterms:creator "A user" ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ;
    owl:versionIRI <https://example.org/courts/1> ; owl:versionInfo "1" ;
    vann:preferredNamespacePrefix "ex" ; vann:preferredNamespaceUri "https://example.org/courts#" .
"""
TRIAL = """ex:Trial a owl:Class ; rdfs:subClassOf ac:Event ;
    rdfs:label "trial"@en , "juicio"@es ;
    skos:definition "An event in which a court hears a case."@en ,
                    "Un acontecimiento en el que un tribunal conoce de un caso."@es ;
    skos:example "The trial of a smuggler."@en ;
    dcterms:source <https://example.org/courts> ; rdfs:isDefinedBy <https://example.org/courts> .
"""


def check(*arguments: str):
    return CliRunner().invoke(acuerdo, ["ontology", "check", "--no-reasoner", *arguments])


def test_the_shipped_ontology_passes(tmp_path: Path) -> None:
    result = check("--kg", str(tmp_path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "The ontology passes." in result.stderr


def test_a_domain_module_in_turtle_passes_beside_ours(tmp_path: Path) -> None:
    (tmp_path / "courts.ttl").write_text(HEADER + TRIAL, encoding="utf-8")
    result = check("--ontology", str(tmp_path), "--kg", str(tmp_path / "none"))
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_missing_label_is_one_line_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "courts.ttl"
    path.write_text(HEADER + TRIAL.replace(', "juicio"@es', ""), encoding="utf-8")
    result = check("--ontology", str(tmp_path), "--kg", str(tmp_path / "none"))
    line = HEADER.count("\n") + 1
    assert result.exit_code == 1
    assert result.stdout == (
        f"{path}:{line}: term-without-label: https://example.org/courts#Trial (es): "
        "Every term has a label in English and Spanish.\n"
    )


def test_a_label_on_two_classes_is_told_with_both(tmp_path: Path) -> None:
    (tmp_path / "courts.ttl").write_text(
        HEADER + TRIAL.replace("rdfs:subClassOf", 'ac:tag "Contact.Meet" ; rdfs:subClassOf'),
        encoding="utf-8",
    )
    result = check("--ontology", str(tmp_path), "--kg", str(tmp_path / "none"))
    told = [line.split(": ")[1:3] for line in result.stdout.splitlines()]
    assert ["tag-of-two-classes", "https://example.org/courts#Trial (Contact.Meet)"] in told
    assert any("ns#Meeting" in line for line in result.stdout.splitlines())


def test_a_turtle_error_is_one_line_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "courts.ttl").write_text(
        "@prefix ex: <https://example.org/> .\nex:a ex:b\n", encoding="utf-8"
    )
    result = check("--ontology", str(tmp_path), "--kg", str(tmp_path / "none"))
    assert isinstance(result.exception, BadSource)
    assert str(result.exception).startswith(f"{tmp_path / 'courts.ttl'}:3:")


@pytest.fixture(scope="module")
def built() -> ox.Store:
    """The examples mapped and inferred, in the graphs of a build."""
    folder, bases = assets.path("ontology"), Bases()
    world, context = resolve.load([folder]), infer.load([folder], bases)
    store = ox.Store()
    for quad in sources.quads([folder]):
        named = isinstance(quad.subject, ox.NamedNode) and isinstance(
            quad.object, ox.NamedNode | ox.Literal
        )
        if named:
            layer = "registry" if str(quad.subject.value).startswith(bases.id) else "ontology"  # type: ignore[union-attr]
            store.add(ox.Quad(*quad.triple, ox.NamedNode(f"{bases.graph}{layer}")))
    for path in EXAMPLES:
        for one in read.articles([path]):
            assert one.article is not None
            asserted = mapping.map_article(resolve.resolve(one.article, world), world)
            for data in (asserted, infer.infer_article(asserted, context)):
                store.load(data, format=ox.RdfFormat.N_QUADS)
    return store


@pytest.mark.parametrize("gate", gates.gates("graph"), ids=lambda g: g.name)
def test_the_graph_of_the_examples_passes(gate: gates.Gate, built: ox.Store) -> None:
    assert [str(offence) for offence in gates.offences(gate, built)] == []


def test_less_is_inferred_than_asserted(built: ox.Store) -> None:
    sizes = {"article": 0, "inferred": 0}
    for name in built.named_graphs():
        layer = str(name.value).rsplit("/", 2)[-2]
        if layer in sizes:
            sizes[layer] += sum(1 for _ in built.quads_for_pattern(None, None, None, name))
    assert 0 < sizes["inferred"] <= sizes["article"]
