"""What is invalid stays out in the smallest unit, with its reason; everything else is byte for byte as it was."""

import random
from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo import assets, mapping, read, resolve
from acuerdo.iri import AC, DEMO_BASE
from acuerdo.validate import Context, Sifted, Validator, article_shapes, sift, with_reasons
from acuerdo.validate.shapes import parse
from acuerdo.vocabulary import RDF

from .families import injured

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "shapes"
GRAPH = ox.NamedNode("https://example.org/graph/article/stage")
ONTOLOGY = [
    *sorted(assets.path("ontology").glob("*.ttl")),
    *sorted(assets.path("ontology").glob("vocab/*.ttl")),
]
E = "<https://example.org/"


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(article_shapes(), Context.read(ONTOLOGY, "https://example.org/"))


def lines(*names: str) -> bytes:
    triples = dict.fromkeys(t for name in ["stage.ttl", *names] for t in parse(EXAMPLES / name))
    quads = [ox.Quad(t.subject, t.predicate, t.object, GRAPH) for t in triples]
    text = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
    return b"".join(sorted(text.splitlines(keepends=True)))


def nodes(part: bytes) -> set[str]:
    """The subjects of the lines, without the base."""
    return {line.split(b" ")[0].decode()[len(E) : -1] for line in part.splitlines()}


def reasons(sifted: Sifted) -> dict[str, tuple]:
    return {
        f.shape.rpartition("#")[2]: (f.dropped, f.cause)
        for f in sifted.findings
        if f.severity == "violation"
    }


def test_a_valid_article_comes_back_as_the_same_bytes(validator: Validator) -> None:
    text = lines("claim/valid/claim.ttl")
    assert sift(text, validator) == Sifted(text, b"", ())


def test_a_bad_participation_goes_and_its_event_stays(validator: Validator) -> None:
    text = lines("participation/invalid/two-people.ttl")
    sifted = sift(text, validator)
    assert nodes(sifted.quarantined) == {"call-luis", "call"}
    assert (
        sifted.quarantined.count(b"<https://example.org/call> ") == 1
    )  # the triple that led there
    assert reasons(sifted) == {"Participation-participant": ("relation", None)}
    assert {"call", "call-ana"} <= nodes(sifted.kept)


def test_a_dropped_event_takes_its_participations_along_and_each_names_its_cause(
    validator: Validator,
) -> None:
    sifted = sift(lines("event/invalid/alleged-and-claimed-by-nobody.ttl"), validator)
    assert nodes(sifted.quarantined) == {"call", "call-ana", "call-luis"}
    by_focus = {f.focus.removeprefix(E[1:]): f for f in sifted.findings}
    assert by_focus["call"].dropped == "event"
    assert by_focus["call"].cause is None
    assert by_focus["call-ana"].cause == by_focus["call-luis"].cause == by_focus["call"].id


def test_the_fall_of_a_claim_takes_the_alleged_event_along(validator: Validator) -> None:
    text = lines("event/valid/alleged-and-claimed.ttl")
    unsaid = b"".join(ln for ln in text.splitlines(keepends=True) if b"#conveys>" not in ln)
    sifted = sift(unsaid, validator)
    assert nodes(sifted.quarantined) == {"claim", "call", "call-ana", "call-luis"}
    assert reasons(sifted)["Alleged"][1] is not None


def test_a_wrong_value_of_a_person_goes_alone(validator: Validator) -> None:
    sifted = sift(lines("entity/invalid/wikidata-page.ttl"), validator)
    assert sifted.quarantined.count(b"\n") == 1
    assert b"#wikidata>" in sifted.quarantined


def test_a_tenure_that_cannot_stay_takes_the_official_along_and_leaves_the_person(
    validator: Validator,
) -> None:
    def zoe(about: str) -> bytes:
        return f"{E}zoe> <{RDF}type> <{AC}{about}> {GRAPH} .\n".encode()

    tenure = lines("tenure/valid/tenure.ttl").replace(
        b"#holder> " + E.encode() + b"luis>", b"#holder> " + E.encode() + b"zoe>"
    )
    second_post = f"{E}tenure> <{AC}post> {E}minister> {GRAPH} .\n".encode()
    told = zoe("Person") + f"{E}zoe> <{AC}evidencedBy> {E}article#char=10,50> {GRAPH} .\n".encode()
    sifted = sift(tenure + told + zoe("Official") + second_post, validator)
    assert "tenure" in nodes(sifted.quarantined)
    assert zoe("Official") in sifted.quarantined
    assert zoe("Person") in sifted.kept


def test_a_person_loses_what_only_an_event_may_have_and_stays(validator: Validator) -> None:
    attended = f"{E}ana> <{AC}hasParticipant> {E}luis> {GRAPH} .\n".encode()
    told = f"{E}ana> <{AC}evidencedBy> {E}article#char=10,50> {GRAPH} .\n".encode()
    sifted = sift(lines("event/valid/event.ttl") + attended + told, validator)
    assert sifted.quarantined == attended
    assert reasons(sifted) == {"Happened-status": ("relation", None)}


def test_a_person_that_cannot_stay_takes_what_rests_on_it(validator: Validator) -> None:
    agency = f"{E}luis> <{RDF}type> <{AC}Agency> {GRAPH} .\n".encode()
    sifted = sift(lines("event/valid/event.ttl") + agency, validator)
    assert nodes(sifted.quarantined) == {"luis", "call", "call-luis"}
    assert reasons(sifted)["Person-only"] == ("annotation", None)
    assert reasons(sifted)["Participation-participant"][0] == "relation"
    assert nodes(sifted.kept) >= {"call", "call-ana"}


def test_evidence_without_a_passage_takes_the_relation_that_it_alone_supported(
    validator: Validator,
) -> None:
    relation = f"{E}ministry> <{AC}memberOf> {E}mexico> {GRAPH} .\n"
    evidence = (
        f"{E}why> <{RDF}type> <{AC}Evidence> {GRAPH} .\n"
        f"{E}why> <{AC}supports> {E}ministry> {GRAPH} .\n"
        f"{E}why> <{AC}supportsProperty> <{AC}memberOf> {GRAPH} .\n"
    )
    text = lines() + relation.encode() + evidence.encode()
    sifted = sift(text, validator)
    assert sifted.kept == lines()
    assert sifted.quarantined == (relation + evidence).encode()


def test_a_bad_article_stays_out_whole(validator: Validator) -> None:
    text = lines("article/invalid/no-date.ttl")
    sifted = sift(text, validator)
    assert (sifted.kept, sifted.quarantined) == (b"", text)


def test_a_passage_that_only_the_dropped_event_quoted_goes_with_it(validator: Validator) -> None:
    text = lines("event/invalid/alleged-and-claimed-by-nobody.ttl", "passage/valid/passage.ttl")
    own = text.replace(
        b"call> <https://w3id.org/acuerdo/ns#evidencedBy> <https://example.org/article#char=10,50>",
        b"call> <https://w3id.org/acuerdo/ns#evidencedBy> <https://example.org/article#char=60,90>",
    )
    sifted = sift(own, validator)
    assert "article#char=60,90" in nodes(sifted.quarantined)
    assert "article#char=10,50" in nodes(sifted.kept)


INVALID = sorted(EXAMPLES.glob("*/invalid/*.ttl"))


@pytest.mark.parametrize("path", INVALID, ids=lambda p: f"{p.parts[-3]}/{p.stem}")
def test_what_is_kept_is_valid_and_nothing_is_lost(path: Path, validator: Validator) -> None:
    text = lines(f"{path.parts[-3]}/invalid/{path.name}")
    sifted = sift(text, validator)
    kept, out = (part.splitlines(keepends=True) for part in (sifted.kept, sifted.quarantined))
    assert sorted(kept + out) == text.splitlines(keepends=True)
    again = sift(sifted.kept, validator)
    assert again.kept == sifted.kept
    assert all(f.severity != "violation" for f in again.findings)


@pytest.mark.parametrize("path", INVALID[::4], ids=lambda p: f"{p.parts[-3]}/{p.stem}")
def test_the_order_of_the_lines_plays_no_part(path: Path, validator: Validator) -> None:
    text = lines(f"{path.parts[-3]}/invalid/{path.name}").splitlines(keepends=True)
    straight = sift(b"".join(text), validator)
    random.Random(3).shuffle(text)
    shuffled = sift(b"".join(text), validator)
    assert shuffled.findings == straight.findings
    assert sorted(shuffled.kept.splitlines()) == sorted(straight.kept.splitlines())
    assert shuffled.kept == b"".join(
        ln for ln in text if ln in set(straight.kept.splitlines(keepends=True))
    )


def test_lines_of_two_graphs_are_refused(validator: Validator) -> None:
    other = lines().replace(b"/stage>", b"/other>")
    with pytest.raises(ValueError, match="one named graph"):
        sift(lines() + other, validator)


def test_nothing_at_all_is_valid(validator: Validator) -> None:
    assert sift(b"", validator) == Sifted(b"", b"", ())


def test_what_stays_out_says_why_in_its_own_graph(validator: Validator) -> None:
    sifted = sift(lines("event/invalid/alleged-and-claimed-by-nobody.ttl"), validator)
    told = with_reasons(sifted.quarantined, sifted.findings)
    assert told == b"".join(sorted(told.splitlines(keepends=True)))
    quads = list(ox.parse(told, format=ox.RdfFormat.N_QUADS))
    assert {quad.graph_name for quad in quads} == {GRAPH}
    assert not any(isinstance(quad.object, ox.BlankNode) for quad in quads)
    graph = ox.Store()
    graph.extend(quads)
    rows = graph.query(
        "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX prov: <http://www.w3.org/ns/prov#> "
        "SELECT ?focus ?root WHERE { GRAPH ?g { ?why a sh:ValidationResult ; sh:focusNode ?focus . "
        "?focus a ?class . OPTIONAL { ?why prov:wasInfluencedBy/sh:focusNode ?root } } }"
    )
    call = ox.NamedNode("https://example.org/call")
    assert {row["focus"].value[len(E) - 1 :]: row["root"] for row in rows} == {
        "call": None,
        "call-ana": call,
        "call-luis": call,
    }


def test_nothing_out_needs_no_reason(validator: Validator) -> None:
    sifted = sift(lines("meeting/invalid/one-participant.ttl"), validator)
    assert sifted.findings
    assert with_reasons(sifted.quarantined, sifted.findings) == b""


@pytest.fixture(scope="module")
def articles() -> list[list[str]]:
    """The lines of the project's briefs."""
    world = resolve.load([ROOT / "ontology"])
    mapped = [
        mapping.map_article(resolve.resolve(one.article, world), world)
        for path in sorted(ROOT.glob("examples/briefs/*.json"))
        for one in read.articles([path])
    ]
    return [
        [line.rsplit(" ", 2)[0] + " .\n" for line in nquads.decode().splitlines()]
        for nquads in mapped
    ]


@pytest.mark.parametrize("seed", range(12))
def test_an_injured_article_is_parted_into_valid_and_the_rest(
    seed: int, articles: list[list[str]]
) -> None:
    print("seed", seed)
    chance = random.Random(seed)
    validator = Validator(article_shapes(), Context.shipped(DEMO_BASE))
    parted = 0
    for article in articles:
        triples = "".join(injured(article, chance)).encode()
        text = triples.replace(b" .\n", f" {GRAPH} .\n".encode())
        sifted = sift(text, validator)
        kept, out = (part.splitlines(keepends=True) for part in (sifted.kept, sifted.quarantined))
        assert sorted(kept + out) == text.splitlines(keepends=True)
        assert all(f.severity != "violation" for f in sift(sifted.kept, validator).findings)
        ids = {f.id for f in sifted.findings}
        assert all(f.cause is None or f.cause in ids for f in sifted.findings)
        lines = text.splitlines(keepends=True)
        chance.shuffle(lines)
        again = sift(b"".join(lines), validator)
        assert again.findings == sifted.findings
        assert set(again.kept.splitlines()) == set(sifted.kept.splitlines())
        parted += bool(kept and out)
    assert parted
