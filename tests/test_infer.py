"""What follows from an article: the expected facts, nothing else, and the same as other engines say."""

import random
from itertools import pairwise, permutations
from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
import rdflib

from acuerdo import assets, infer, mapping, read, resolve, vocabulary
from acuerdo.errors import BadSource, LimitReached
from acuerdo.infer import rules, sparql
from acuerdo.infer.facts import Chaining, Fact, Facts, Trace, steps
from acuerdo.iri import AC, Bases
from acuerdo.terms import sources

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*/*.json"))
BASES = Bases()
GRAPH = f"<{BASES.graph}article/a>"
PREFIXES = f"""
@prefix ac: <{AC}> .
@prefix : <{BASES.id}article/a/entity/> .
@prefix id: <{BASES.id}> .
@prefix capacity: <https://w3id.org/acuerdo/capacity/> .
@prefix role: <https://w3id.org/acuerdo/role/> .
@prefix status: <https://w3id.org/acuerdo/status/> .
@prefix topic: <https://w3id.org/acuerdo/topic/> .
@prefix polarity: <https://w3id.org/acuerdo/polarity/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
MEETING = r"""
id:article\/a a ac:Article .
<#p> a ac:Passage ; ac:passageOf id:article\/a .
:m a ac:Meeting ; ac:status status:STATUS ; ac:venue id:place\/sre-headquarters ; ac:topic topic:fentanyl ;
   ac:hasParticipation :m1 , :m2 ; ac:evidencedBy <#p> .
:m1 a ac:Participation ; ac:participant id:person\/marcelo-ebrard ; ac:role role:host ; ac:inCapacityOf :t .
:m2 a ac:Participation ; ac:participant id:person\/william-barr ; ac:role role:invitee .
:t a ac:Tenure ; ac:capacity capacity:substantive ; ac:holder id:person\/marcelo-ebrard ; ac:post id:post\/mexico-secretary-of-foreign-affairs .
:deal a ac:Agreement ; ac:reachedAt :m .
:says a ac:Statement ; ac:speaker id:person\/marcelo-ebrard ; ac:conveys :claim .
:claim a ac:Claim .
"""
PAST = {"hasParticipant", "participatedIn", "involves", "takesPlaceIn", "negotiatedBy"}


@pytest.fixture(scope="module")
def context() -> infer.Context:
    return infer.load([assets.path("ontology")], BASES)


@pytest.fixture(scope="module")
def world() -> resolve.World:
    return resolve.load([assets.path("ontology")])


def article(turtle: str) -> bytes:
    """N-Quads of an article graph from Turtle."""
    triples = ox.parse(
        PREFIXES + turtle, format=ox.RdfFormat.TURTLE, base_iri=BASES.id + "article/a"
    )
    lines = {f"{t.triple!s} {GRAPH} .\n".encode() for t in triples}
    return b"".join(sorted(lines))


def short(data: bytes) -> set[tuple[str, str, str]]:
    """The triples of N-Quads by the last part of each name."""
    quads = ox.parse(data, format=ox.RdfFormat.N_QUADS)
    return {tuple(_last(t) for t in (q.subject, q.predicate, q.object)) for q in quads}  # type: ignore[misc]


def _last(term: object) -> str:
    return str(getattr(term, "value", term)).replace("#", "/").rsplit("/", 1)[-1]


def inferred(turtle: str, context: infer.Context) -> set[tuple[str, str, str]]:
    return short(infer.infer_article(article(turtle), context))


def test_what_must_follow_follows(context: infer.Context) -> None:
    facts = inferred(MEETING.replace("STATUS", "occurred"), context)
    assert {
        ("marcelo-ebrard", "type", "Official"),
        ("t", "type", "PublicTenure"),
        ("m", "type", "OccurredEvent"),
        ("m", "hasParticipant", "marcelo-ebrard"),
        ("marcelo-ebrard", "participatedIn", "m"),
        ("m1", "onBehalfOf", "secretariat-of-foreign-affairs"),
        ("m1", "onBehalfOf", "mexico"),
        ("m", "involves", "mexico"),
        ("m", "takesPlaceIn", "mexico-city"),
        ("m", "takesPlaceIn", "mexico"),
        ("deal", "negotiatedBy", "marcelo-ebrard"),
        ("m", "topic", "organized-crime"),
        ("claim", "claimedBy", "marcelo-ebrard"),
        ("m", "reportedIn", "a"),
    } <= facts


def test_someone_only_invited_did_not_take_part(context: infer.Context) -> None:
    facts = inferred(MEETING.replace("STATUS", "occurred"), context)
    assert not any("william-barr" in fact for fact in facts)


@pytest.mark.parametrize(
    "status",
    sorted(vocabulary.load(assets.path("ontology")).notations("https://w3id.org/acuerdo/status")),
)
def test_only_what_occurred_or_goes_on_has_participants(
    status: str, context: infer.Context
) -> None:
    facts = inferred(MEETING.replace("STATUS", status), context)
    found = {predicate for _, predicate, _ in facts} & PAST
    assert found == (PAST if status in {"occurred", "ongoing"} else set())


@pytest.mark.parametrize(
    ("status", "listed"), [("occurred", True), ("under-review", False), ("revoked", False)]
)
def test_only_a_designation_in_force_makes_a_designated_organization(
    status: str, listed: bool, context: infer.Context
) -> None:
    turtle = f"""
    :d a ac:Designation ; ac:designates :cartel ; ac:status status:{status} .
    :cartel a ac:CriminalOrganization .
    """
    facts = inferred(turtle, context)
    assert (("cartel", "type", "DesignatedOrganization") in facts) is listed
    assert (("d", "type", "EffectiveDesignation") in facts) is listed


@pytest.mark.parametrize(
    ("capacity", "official"),
    [("substantive", True), ("acting", True), ("former", False), ("elect", False)],
)
def test_a_post_left_or_not_yet_entered_makes_no_official(
    capacity: str, official: bool, context: infer.Context
) -> None:
    turtle = rf"""
    :t a ac:Tenure ; ac:holder :someone ; ac:post id:post\/us-senator-for-florida ; ac:capacity capacity:{capacity} .
    :someone a ac:Person .
    """
    facts = inferred(turtle, context)
    assert ("t", "type", "PublicTenure") in facts
    assert (("someone", "type", "Official") in facts) is official


def test_what_serves_other_rules_only_is_not_written(context: infer.Context) -> None:
    facts = inferred(MEETING.replace("STATUS", "occurred"), context)
    names = {p for _, p, _ in facts} | {o for _, p, o in facts if p == "type"}
    assert not names & {
        "happened",
        "attended",
        "visiting",
        "Attendance",
        "Occurrence",
        "Entity",
        "role",
    }


def test_inverses_and_wide_classes_stand_where_one_looks_for_them(context: infer.Context) -> None:
    facts = inferred(MEETING.replace("STATUS", "occurred"), context)
    assert {
        ("marcelo-ebrard", "hasTenure", "t"),
        ("m1", "inEvent", "m"),
        ("m", "producedAgreement", "deal"),
        ("m", "type", "Event"),
        ("m", "type", "Consultation"),
    } <= facts


def test_what_follows_from_the_registry_alone_stands_in_a_graph_of_its_own(
    context: infer.Context,
) -> None:
    quads = infer.infer_known(context, BASES.graph + "inferred")
    agency = f"<{BASES.id}agency/us-department-of-state> <{vocabulary.RDF}type>"
    assert f"{agency} <{AC}Organization> <{BASES.graph}inferred> .\n".encode() in quads
    assert f"{agency} <{AC}Agency>".encode() not in quads


@pytest.mark.parametrize(
    ("status", "there"), [("occurred", True), ("planned", False), ("cancelled", False)]
)
def test_a_visit_takes_place_at_its_destination_and_a_transfer_does_not(
    status: str, there: bool, context: infer.Context
) -> None:
    for kind, at in (("Visit", there), ("SecurityAction", False)):
        facts = inferred(
            f":v a ac:{kind} ; ac:status status:{status} ; ac:destination :lima .", context
        )
        assert (("v", "takesPlaceIn", "lima") in facts) is at


def test_a_plan_and_a_later_report_do_not_meet(context: infer.Context) -> None:
    plan = infer.infer_article(article(MEETING.replace("STATUS", "planned")), context)
    assert not {p for _, p, _ in short(plan)} & PAST


def test_a_status_only_in_the_registry_does_not_count(context: infer.Context) -> None:
    facts = inferred(":m a ac:Meeting ; ac:hasParticipation :p . :p ac:participant :x .", context)
    assert not {p for _, p, _ in facts} & PAST
    assert ("m", "type", "OccurredEvent") not in facts


def test_nothing_asserted_is_inferred_again(context: infer.Context) -> None:
    asserted = article(
        MEETING.replace("STATUS", "occurred") + "\n:m ac:topic topic:organized-crime ."
    )
    again = set(
        infer.infer_article(asserted, context).replace(b"/inferred/", b"/article/").splitlines()
    )
    assert again & set(asserted.splitlines()) == set()


def test_the_graph_of_inferences_bears_the_key_of_the_article(context: infer.Context) -> None:
    data = infer.infer_article(article(MEETING.replace("STATUS", "occurred")), context)
    graphs = {q.graph_name.value for q in ox.parse(data, format=ox.RdfFormat.N_QUADS)}  # type: ignore[union-attr]
    assert graphs == {BASES.graph + "inferred/a"}


def test_quads_of_another_graph_are_refused(context: infer.Context) -> None:
    with pytest.raises(BadSource, match="not the graph of an article"):
        infer.infer_article(b"<a:a> <a:b> <a:c> <a:g> .\n", context)


def test_an_empty_article_has_no_consequences(context: infer.Context) -> None:
    assert infer.infer_article(b"", context) == b""


def test_the_order_of_the_quads_does_not_matter(context: infer.Context) -> None:
    asserted = article(MEETING.replace("STATUS", "occurred"))
    lines = asserted.splitlines(keepends=True)
    random.Random(7).shuffle(lines)
    assert infer.infer_article(b"".join(lines), context) == infer.infer_article(asserted, context)


# -- claims -------------------------------------------------------------------------------------

CLAIMS = r"""
:boat a ac:Entity .
:s1 a ac:Statement ; ac:speaker id:person\/marco-rubio ; ac:conveys :c1 ;
    ac:notBefore "2025-09-02"^^xsd:date ; ac:notAfter "2025-09-02"^^xsd:date .
:s2 a ac:Statement ; ac:speaker id:person\/donald-trump ; ac:conveys :c2 .
:s3 a ac:Statement ; ac:speaker id:person\/marco-rubio ; ac:conveys :c3 ;
    ac:notBefore "2025-09-03"^^xsd:date ; ac:notAfter "2025-09-03"^^xsd:date .
:s4 a ac:Statement ; ac:speaker id:person\/marco-rubio ; ac:conveys :c4 .
:c1 ac:claimSubject :boat ; ac:claimPredicate ac:destination ; ac:claimObject :island ; ac:polarity polarity:affirmed .
:c2 ac:claimSubject :boat ; ac:claimPredicate ac:destination ; ac:claimObject id:country\/united-states ; ac:polarity polarity:affirmed .
:c3 ac:claimSubject :boat ; ac:claimPredicate ac:destination ; ac:claimObject id:place\/florida ; ac:polarity polarity:affirmed .
:c4 ac:claimSubject :boat ; ac:claimPredicate ac:destination ; ac:claimObject id:place\/caribbean ; ac:polarity polarity:affirmed .
:c5 ac:claimSubject :boat ; ac:claimPredicate ac:destination ; ac:claimObject id:country\/cuba ; ac:polarity polarity:denied .
:c6 ac:claimSubject :other ; ac:claimPredicate ac:destination ; ac:claimObject id:country\/cuba ; ac:polarity polarity:affirmed .
:c7 ac:claimSubject :boat ; ac:claimPredicate ac:topic ; ac:claimObject id:country\/cuba ; ac:polarity polarity:affirmed .
:island ac:within id:place\/caribbean .
"""


def test_claims_that_cannot_both_be_true_contradict_each_other(context: infer.Context) -> None:
    facts = inferred(CLAIMS, context)
    pairs = {(s, o) for s, p, o in facts if p == "contradicts"}
    # The island lies in the Caribbean, Florida in the United States: no contradiction.
    one_way = {("c1", "c2"), ("c1", "c3"), ("c2", "c4"), ("c3", "c4")}
    assert pairs == one_way | {(b, a) for a, b in one_way}


def test_the_same_speaker_on_a_later_day_revises_the_claim(context: infer.Context) -> None:
    assert {(s, o) for s, p, o in inferred(CLAIMS, context) if p == "revisedBy"} == {("c1", "c3")}


def test_different_values_contradict_each_other(context: infer.Context) -> None:
    turtle = """
    :a ac:claimSubject :x ; ac:claimPredicate ac:origin ; ac:claimValue "ten people" ; ac:polarity polarity:affirmed .
    :b ac:claimSubject :x ; ac:claimPredicate ac:origin ; ac:claimValue "11" ; ac:polarity polarity:affirmed .
    """
    assert ("a", "contradicts", "b") in inferred(turtle, context)


# -- other engines ------------------------------------------------------------------------------


def graphs(world: resolve.World) -> dict[str, bytes]:
    read_ones = [r.article for path in EXAMPLES for r in read.articles([path]) if r.article]
    return {a.id: mapping.map_article(resolve.resolve(a, world), world) for a in read_ones}


def written(store: ox.Store, context: infer.Context) -> set[tuple[str, str, str]]:
    """The triples of the default graph that rules write."""
    names = {name.decode()[1:-1] for name in context.written}
    return {
        (q.subject.value, q.predicate.value, q.object.value)  # type: ignore[union-attr]
        for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        if names & {q.predicate.value, str(getattr(q.object, "value", ""))}
    }


def test_sparql_in_oxigraph_derives_the_same_from_the_examples(world, context) -> None:
    base = sources.quads([assets.path("ontology")])
    alone = sources.store(base)
    sparql.close(alone, context.rules)
    for name, data in graphs(world).items():
        store = sources.store(base)
        asserted = {q.triple for q in ox.parse(data, format=ox.RdfFormat.N_QUADS)}
        store.extend(ox.Quad(*triple) for triple in asserted)
        before = written(store, context) | written(alone, context)
        sparql.close(store, context.rules)
        ours = ox.parse(infer.infer_article(data, context), format=ox.RdfFormat.N_QUADS)
        found = {(q.subject.value, q.predicate.value, q.object.value) for q in ours}  # type: ignore[union-attr]
        claims = {f for f in found if f[1].endswith(("contradicts", "revisedBy"))}
        assert found - claims == written(store, context) - before, name


@pytest.mark.slow
def test_owlrl_derives_the_same_where_both_have_the_rule(context: infer.Context) -> None:
    asserted = article(MEETING.replace("STATUS", "occurred"))
    graph = rdflib.Graph()
    graph.parse(assets.path("ontology") / "acuerdo.ttl")
    for name in ("agencies", "posts", "places"):
        graph.parse(assets.path("ontology") / "registry" / f"{name}.ttl", publicID=BASES.base)
    graph.parse(assets.path("ontology") / "vocab" / "topic.ttl")
    graph.parse(assets.path("ontology") / "vocab" / "role.ttl")
    local = f"{BASES.id}article/a/entity/"
    # OWL 2 RL has no hasSelf: its two facts are given.
    given = f"<{local}m> <{AC}happened> <{local}m> .\n<{local}m1> <{AC}attended> <{local}m1> .\n"
    graph.parse(data=given, format="nt")
    triples = b"\n".join(line.rsplit(b" ", 2)[0] + b" ." for line in asserted.splitlines())
    graph.parse(data=triples, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    missing = {
        fact
        for fact in ox.parse(infer.infer_article(asserted, context), format=ox.RdfFormat.N_QUADS)
        if (
            rdflib.URIRef(fact.subject.value),
            rdflib.URIRef(fact.predicate.value),
            rdflib.URIRef(fact.object.value),
        )  # type: ignore[union-attr]
        not in graph
    }
    assert missing == set()
    properties = {AC + name for name in PAST | {"onBehalfOf", "claimedBy", "reportedIn", "topic"}}
    theirs = {tuple(str(t) for t in triple) for triple in graph if str(triple[1]) in properties}
    ours = {
        (q.subject.value, q.predicate.value, q.object.value)  # type: ignore[union-attr]
        for data in (asserted, infer.infer_article(asserted, context))
        for q in ox.parse(data, format=ox.RdfFormat.N_QUADS)
    }
    about_article = {t for t in theirs if t[0].startswith(local) or t[2].startswith(local)}
    assert about_article <= ours


# -- rules --------------------------------------------------------------------------------------


def test_a_chain_that_grows_for_ever_ends_in_one_line() -> None:
    growing = rules.Rule(
        rules.Atom(b"<x:p>", 0, 2), (rules.Atom(b"<x:p>", 0, 1), rules.Atom(b"<x:p>", 1, 2))
    )
    store = ox.Store()
    nodes = [ox.NamedNode(f"x:{i}") for i in range(100)]
    store.extend(ox.Quad(a, ox.NamedNode("x:p"), b) for a, b in pairwise(nodes))
    with pytest.raises(LimitReached, match="still grow after 3 rounds"):
        sparql.close(store, [growing], rounds=3)
    assert sparql.close(store, [growing]) <= sparql.ROUNDS


def test_a_list_that_runs_in_a_circle_is_one_line() -> None:
    text = f"""<x:p> <{vocabulary.OWL}propertyChainAxiom> _:l .
    _:l <{vocabulary.RDF}first> <x:q> ; <{vocabulary.RDF}rest> _:l ."""
    with pytest.raises(BadSource, match="circle"):
        rules.Axioms(ox.parse(text, format=ox.RdfFormat.TURTLE)).rules()


def test_of_several_ways_to_a_fact_the_shortest_is_told_and_the_order_plays_no_part() -> None:
    """`goal` follows from `a` and `b` at once, and by way of `c`; both short ways are there in any order."""
    atom = rules.Atom
    made = [
        rules.Rule(atom(b"<x:goal>", 0), (atom(b"<x:b>", 0),)),
        rules.Rule(atom(b"<x:goal>", 0), (atom(b"<x:a>", 0),)),
        rules.Rule(atom(b"<x:c>", 0), (atom(b"<x:0>", 0),)),
        rules.Rule(atom(b"<x:goal>", 0), (atom(b"<x:c>", 0),)),
    ]
    given = [Fact(name, b"<x:i>") for name in (b"<x:0>", b"<x:b>", b"<x:a>")]
    for some in permutations(made):
        for facts in permutations(given):
            trace: Trace = {}
            Chaining(steps(some), Facts(), trace).run(facts)
            assert trace[Fact(b"<x:goal>", b"<x:i>")] == (Fact(b"<x:a>", b"<x:i>"),)


def test_domains_and_ranges_give_no_types(context: infer.Context) -> None:
    assert inferred(":x ac:participant :y .", context) == set()
