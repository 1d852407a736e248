"""A reasoner agrees with the ontology, its registry and the examples, and mistakes are told in words."""

from pathlib import Path

import msgspec
import pyoxigraph as ox
import pytest

from acuerdo import assets, infer, mapping, read, resolve, vocabulary
from acuerdo.errors import BadSource, LimitReached
from acuerdo.infer.facts import steps
from acuerdo.iri import AC, Bases
from acuerdo.terms import consistency, reason, sources
from acuerdo.terms.clashes import clashes

ROOT = Path(__file__).parents[1]
INCONSISTENT = sorted((ROOT / "tests" / "ontology" / "inconsistent").glob("*.ttl"))
ONTOLOGY = assets.path("ontology")
needs_java = pytest.mark.skipif(reason.java() is None, reason="no Java for HermiT")


@pytest.fixture(scope="module")
def quads() -> list[ox.Quad]:
    return sources.quads([ONTOLOGY])


@pytest.fixture(scope="module")
def known(quads) -> consistency.Background:
    return consistency.background(quads)


@pytest.mark.slow
@needs_java
def test_the_ontology_is_consistent_and_every_class_can_have_members(quads) -> None:
    verdict = reason.ask(filter(consistency.useful, quads))
    assert verdict.consistent
    assert verdict.unsatisfiable == ()


@needs_java
@pytest.mark.parametrize("path", INCONSISTENT, ids=lambda p: p.stem)
def test_the_reasoner_finds_an_inconsistent_example(path: Path, known) -> None:
    quads = vocabulary.parse(path)
    assert not reason.consistent([*known.axioms, *known.named_by(quads), *quads])


@pytest.mark.parametrize("path", INCONSISTENT, ids=lambda p: p.stem)
def test_a_contradiction_is_told_in_words_without_java(path: Path, known, monkeypatch) -> None:
    monkeypatch.setattr(reason, "java", lambda: None)
    expected = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# says: ")
    found = consistency.contradictions(vocabulary.parse(path), known)
    assert [expected in str(clash) for clash in found] == [True]


def test_a_contradiction_names_the_statements_behind_it(known) -> None:
    path = ROOT / "tests" / "ontology" / "inconsistent" / "occurred-and-cancelled.ttl"
    quads = vocabulary.parse(path)
    (clash,) = clashes([*known.axioms, *quads])
    summit = "https://example.org/summit"
    status = "https://w3id.org/acuerdo/status/"
    assert set(clash.because) == {
        f"{summit} a Meeting",
        f"{summit} status {status}occurred",
        f"{summit} status {status}cancelled",
    }


@needs_java
def test_a_class_that_can_have_no_member_is_found(known) -> None:
    text = """@prefix ac: <https://w3id.org/acuerdo/ns#> .
    @prefix ex: <https://example.org/> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    ex:TalkingPlace a owl:Class ; rdfs:subClassOf ac:Person , ac:Place .
    """
    extra = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    assert reason.ask([*known.axioms, *extra]).unsatisfiable == (
        "https://example.org/TalkingPlace",
    )


@needs_java
def test_alignments_agree_with_what_prov_and_foaf_keep_apart(known) -> None:
    foreign = vocabulary.parse(ROOT / "tests" / "ontology" / "foreign-disjointness.ttl")
    event = "<x:meeting> a ac:Meeting ; ac:status <https://w3id.org/acuerdo/status/occurred> . "
    prefixes = (
        "PREFIX ac: <https://w3id.org/acuerdo/ns#> PREFIX prov: <http://www.w3.org/ns/prov#> "
    )
    for more, agrees in (("", True), ("<x:meeting> a prov:Entity .", False)):
        article = ox.parse(prefixes + event + more, format=ox.RdfFormat.TURTLE)
        assert reason.consistent([*known.axioms, *foreign, *article]) is agrees


@needs_java
def test_owl_that_is_no_dl_is_one_line(known) -> None:
    text = """@prefix ac: <https://w3id.org/acuerdo/ns#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    ac:hasParticipant a owl:FunctionalProperty .
    """
    extra = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    with pytest.raises(BadSource, match=r"no OWL 2 DL: .*hasParticipant"):
        reason.consistent([*known.axioms, *extra])


@needs_java
def test_a_reasoner_that_takes_too_long_is_stopped(known) -> None:
    with pytest.raises(LimitReached, match=r"within 0\.01 seconds"):
        reason.consistent(known.axioms, seconds=0.01)


def test_dates_do_not_reach_the_reasoner() -> None:
    text = """@prefix ac: <https://w3id.org/acuerdo/ns#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <x:t> ac:begin "2017-01-20"^^xsd:date ; ac:durationText "four years" .
    ac:begin ac:lexicalType xsd:date .
    """
    kept = list(reason.reasonable_triples(ox.parse(text, format=ox.RdfFormat.TURTLE)))
    assert [triple.object for triple in kept] == [ox.Literal("four years")]


def examples() -> list[Path]:
    return sorted((ROOT / "examples").glob("*/*.json"))


@pytest.fixture(scope="module")
def world() -> resolve.World:
    return resolve.load([ONTOLOGY])


@pytest.mark.parametrize("path", examples(), ids=lambda p: p.stem)
def test_no_example_puts_a_thing_into_two_disjoint_classes(path: Path, world, known) -> None:
    for one in read.articles([path]):
        assert one.article is not None
        data = mapping.map_article(resolve.resolve(one.article, world), world)
        quads = list(ox.parse(data, format=ox.RdfFormat.N_QUADS))
        assert [str(c) for c in clashes([*known.axioms, *known.named_by(quads), *quads])] == []


@pytest.mark.slow
@needs_java
@pytest.mark.parametrize("path", examples(), ids=lambda p: p.stem)
def test_an_example_agrees_with_the_ontology(path: Path, world, known) -> None:
    for one in read.articles([path]):
        assert one.article is not None
        data = mapping.map_article(resolve.resolve(one.article, world), world)
        assert consistency.contradictions(ox.parse(data, format=ox.RdfFormat.N_QUADS), known) == []


@pytest.fixture(scope="module")
def context() -> infer.Context:
    return infer.load([ONTOLOGY], Bases())


def graph_of(path: Path, world: resolve.World) -> list[ox.Quad]:
    (one,) = read.articles([path])
    assert one.article is not None
    data = mapping.map_article(resolve.resolve(one.article, world), world)
    return list(ox.parse(data, format=ox.RdfFormat.N_QUADS))


@pytest.mark.slow
@needs_java
@pytest.mark.parametrize("path", examples()[::6], ids=lambda p: p.stem)
def test_the_rules_derive_what_the_reasoner_derives(path: Path, world, known, context) -> None:
    assert consistency.differences(graph_of(path, world), known, context) == ([], [])


@pytest.mark.slow
@needs_java
def test_a_rule_that_is_missing_is_noticed(world, known, context) -> None:
    kept = [rule for rule in context.rules if not rule.head.predicate.endswith(b"#onBehalfOf>")]
    poorer = msgspec.structs.replace(context, ways=steps(kept))
    ours, theirs = consistency.differences(graph_of(examples()[0], world), known, poorer)
    assert ours == []
    assert {triple[1] for triple in theirs} == {AC + "onBehalfOf", AC + "involves"}
