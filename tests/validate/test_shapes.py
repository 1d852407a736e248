"""Every shape has an example of what it refuses and one of what it lets pass; both do what they say."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo import assets
from acuerdo.validate import Context, Validator, article_shapes
from acuerdo.validate.shapes import ShapesGraph, parse
from acuerdo.vocabulary import SH

EXAMPLES = Path(__file__).parents[1] / "shapes"
STAGE = parse(EXAMPLES / "stage.ttl")
ONTOLOGY = sorted(assets.path("ontology").glob("*.ttl")) + sorted(
    assets.path("ontology").glob("vocab/*.ttl")
)
ACSH = "https://w3id.org/acuerdo/shapes#"
GRAPH = ShapesGraph(article_shapes())


def cases(kind: str) -> list:
    return [
        pytest.param(path, id=f"{path.parts[-3]}/{path.stem}")
        for path in sorted(EXAMPLES.glob(f"*/{kind}/*.ttl"))
    ]


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(article_shapes(), Context.read(ONTOLOGY, "https://example.org/"))


def broken(path: Path, validator: Validator) -> set[str]:
    """The local names of the shapes that an example breaks, played on the stage."""
    triples = ox.serialize(dict.fromkeys([*STAGE, *parse(path)]), format=ox.RdfFormat.N_TRIPLES)
    report = validator.check(triples.decode() + validator.context.closure(triples))
    return {finding.shape.removeprefix(ACSH) for finding in report.findings}


@pytest.mark.parametrize("path", cases("valid"))
def test_a_valid_example_breaks_no_shape(path: Path, validator: Validator) -> None:
    assert broken(path, validator) == set()


@pytest.mark.parametrize("path", cases("invalid"))
def test_an_invalid_example_breaks_only_the_named_shape(path: Path, validator: Validator) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# violates: acsh:")
    assert broken(path, validator) == {first.removeprefix("# violates: acsh:")}


def local(node: object) -> str:
    assert isinstance(node, ox.NamedNode)
    return node.value.removeprefix(ACSH)


def is_target(shape: object) -> bool:
    kinds = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
    return any(GRAPH.objects(shape, kind) for kind in kinds)


def asked_shapes() -> set[str]:
    """The shapes that a report names: those with a target, if they hold a rule, and their property shapes."""
    rules = ("or", "not", "sparql", "and", "xone", "node", "closed")
    asked = set()
    for shape in filter(is_target, GRAPH.shapes()):
        asked |= {local(inner) for inner in GRAPH.objects(shape, "property")}
        if any(GRAPH.objects(shape, rule) for rule in rules):
            asked.add(local(shape))
    return asked


def test_every_shape_that_can_be_broken_has_an_invalid_example() -> None:
    named = {
        path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# violates: acsh:")
        for path in EXAMPLES.glob("*/invalid/*.ttl")
    }
    assert asked_shapes() - named == set()
    assert named - asked_shapes() == set()


def test_every_shape_file_has_a_valid_example() -> None:
    files = {path.stem for path in article_shapes()} - {"concept"}
    assert files - {p.parts[-3] for p in EXAMPLES.glob("*/valid/*.ttl")} == set()


@pytest.mark.parametrize("name", sorted(asked_shapes()))
def test_every_message_is_in_english_and_spanish(name: str) -> None:
    component = f"{SH}SPARQLConstraintComponent"
    assert set(GRAPH.messages(ACSH + name, component)) == {"en", "es"}


def used_schemes() -> list:
    ontology = [t for path in ONTOLOGY for t in parse(path)]
    wanted = {"https://w3id.org/acuerdo/ns#usesScheme", "https://w3id.org/acuerdo/ns#kindScheme"}
    return sorted({t.object.value for t in ontology if t.predicate.value in wanted})


@pytest.mark.parametrize("scheme", used_schemes())
def test_every_scheme_that_the_ontology_uses_is_asked_for_by_a_shape(scheme: str) -> None:
    holders = {
        shape
        for shape in GRAPH.shapes()
        for inner in GRAPH.objects(shape, "property")
        if ox.NamedNode(scheme) in GRAPH.objects(inner, "hasValue")
    }
    users = {v for s in GRAPH.shapes() for v in GRAPH.nested(s)}
    assert holders
    assert holders <= users


def test_every_shape_says_how_severe_it_is() -> None:
    silent = [n for n in asked_shapes() if not GRAPH.objects(ox.NamedNode(ACSH + n), "severity")]
    assert silent == []
