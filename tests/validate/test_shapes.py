"""Every shape has an example of what it refuses and one of what it lets pass; both do what they say."""

import importlib.util
from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo import assets
from acuerdo.validate.shapes import parse
from acuerdo.vocabulary import SH

from .families import ACSH, FAMILIES, ONTOLOGY, Family, violated

families = pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
AC = "https://w3id.org/acuerdo/ns#"
# Of an event that occurred and was cancelled it is also true that its statuses are two.
ALSO = {"Both-ways": {"Told-often-status"}}


def examples(kind: str) -> list:
    return [
        pytest.param(family, path, id=f"{family.name}/{path.parts[-3]}/{path.stem}")
        for family in FAMILIES
        for path in family.paths(kind)
    ]


@pytest.mark.parametrize(("family", "path"), examples("valid"))
def test_a_valid_example_breaks_no_shape(family: Family, path: Path) -> None:
    assert family.broken(family.graph(path)) == set()


@pytest.mark.parametrize(("family", "path"), examples("invalid"))
def test_an_invalid_example_breaks_only_the_named_shape(family: Family, path: Path) -> None:
    name = violated(path)
    assert family.broken(family.graph(path)) == {name} | ALSO.get(name, set())


@families
def test_every_shape_that_can_be_broken_has_an_invalid_example(family: Family) -> None:
    named = {violated(path) for path in family.paths("invalid")}
    assert family.asked() - named == set()
    assert named - family.asked() == set()


@families
def test_every_shape_file_has_a_valid_example(family: Family) -> None:
    files = {path.stem for path in family.files} - {"concept"}
    assert files - {path.parts[-3] for path in family.paths("valid")} == set()


@pytest.mark.parametrize(
    ("family", "name"),
    [pytest.param(f, name, id=f"{f.name}/{name}") for f in FAMILIES for name in sorted(f.asked())],
)
def test_a_shape_speaks_english_and_spanish_and_says_how_severe_it_is(
    family: Family, name: str
) -> None:
    messages = family.shapes.messages(ACSH + name, SH + "SPARQLConstraintComponent")
    assert {language: len(texts) for language, texts in messages.items()} == {"en": 1, "es": 1}
    assert len(family.shapes.objects(ox.NamedNode(ACSH + name), "severity")) == 1


def used_schemes() -> list:
    ontology = [triple for path in ONTOLOGY for triple in parse(path)]
    wanted = {AC + "usesScheme", AC + "kindScheme"}
    return sorted({t.object.value for t in ontology if t.predicate.value in wanted})


@pytest.mark.parametrize("scheme", used_schemes())
def test_every_scheme_that_the_ontology_uses_is_asked_for_by_a_shape(scheme: str) -> None:
    shapes = FAMILIES[0].shapes
    holders = {
        shape
        for shape in shapes.shapes()
        for inner in shapes.objects(shape, "property")
        if ox.NamedNode(scheme) in shapes.objects(inner, "hasValue")
    }
    assert holders
    assert holders <= {inner for shape in shapes.shapes() for inner in shapes.nested(shape)}


def test_every_acyclic_property_has_a_shape_that_finds_circles() -> None:
    ontology = [triple for path in ONTOLOGY for triple in parse(path)]
    acyclic = {
        t.subject.value.removeprefix(AC)
        for t in ontology
        if t.predicate.value == AC + "acyclic" and isinstance(t.object, ox.Literal)
        if t.object.value == "true"
    }
    assert acyclic
    assert {f"Circle-{name}" for name in acyclic} <= FAMILIES[1].asked()


def test_ontology_vocabularies_and_registry_break_no_shape() -> None:
    files = sorted(assets.path("ontology").rglob("*.ttl"))
    graph = "".join(f"{t} .\n" for path in files for t in parse(path, "https://example.org/"))
    found = FAMILIES[2].validator.check(graph).findings
    assert [f for f in found if f.severity != "info"] == []


def test_the_page_of_the_shapes_is_the_generated_one() -> None:
    root = Path(__file__).parents[2]
    spec = importlib.util.spec_from_file_location("shapes_page", root / "tools" / "shapes_page.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    page = (root / "docs" / "reference" / "shapes.md").read_text(encoding="utf-8")
    assert page == tool.page(), "run `python tools/shapes_page.py > docs/reference/shapes.md`"
    assert all(f"`{name}`" in page for family in FAMILIES for name in family.asked())
