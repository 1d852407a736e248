"""What may join two articles, and what may not."""

import itertools
from pathlib import Path

import msgspec
import pytest

from acuerdo import resolve
from acuerdo.model import Article

ROOT = Path(__file__).parents[1]
DEMO = "https://w3id.org/acuerdo/demo/id/"


@pytest.fixture(scope="module")
def world() -> resolve.World:
    return resolve.load([ROOT / "ontology"])


def article(entities=(), events=(), relations=(), ident="a1", published="2017-02-08") -> Article:
    raw = {
        "acuerdo": 1, "id": ident, "published": published, "date_basis": "stated", "language": "en",
        "text": "x" * 50, "entities": list(entities), "events": list(events), "relations": list(relations),
    }  # fmt: skip
    return msgspec.convert(raw, Article)


def entity(ident: str, kind: str, name: str, **more) -> dict:
    return {"id": ident, "type": kind, "name": name, **more}


def codes(resolved: resolve.Resolved) -> list[str]:
    return [f.code for f in resolved.faults]


@pytest.mark.parametrize(
    "name", ["Miguel Osorio", "Miguel Ángel Osorio Chong", "Miguel Angel Osorio Chong"]
)
def test_all_names_of_a_registry_entry_are_one_person(name, world) -> None:
    found = resolve.resolve(article([entity("e", "Person", name)]), world)
    assert found.iris["e"] == DEMO + "person/miguel-angel-osorio-chong"


def test_a_name_the_registry_does_not_know_never_joins_two_articles(world) -> None:
    one, two = (
        resolve.resolve(article([entity("e", "Person", "Zoe Quill")], ident=ident), world)
        for ident in ("a1", "a2")
    )
    assert one.iris["e"] == DEMO + "article/a1/entity/e"
    assert two.iris["e"] == DEMO + "article/a2/entity/e"


def test_a_surname_is_the_one_person_of_the_article_who_bears_it(world) -> None:
    people = [entity("full", "Person", "William Barr"), entity("short", "Person", "Barr")]
    found = resolve.resolve(article(people), world)
    assert found.iris["short"] == found.iris["full"]


def test_a_surname_that_two_people_bear_stays_apart(world) -> None:
    people = [
        entity("a", "Person", "Ann Quill"), entity("b", "Person", "Bo Quill"), entity("s", "Person", "Quill"),
    ]  # fmt: skip
    found = resolve.resolve(article(people), world)
    assert len(set(found.iris.values())) == 3


@pytest.mark.parametrize(("full", "short", "one"), [
    ("Enrique Peña Nieto", "Peña", True), ("Miguel Ángel Osorio Chong", "Osorio", True),
    ("Miguel Ángel Osorio Chong", "Ángel", False), ("Miguel Ángel Osorio Chong", "Miguel", False),
    ("Ana Quill", "Ana", False),
])  # fmt: skip
def test_a_given_name_is_no_surname(full, short, one, world) -> None:
    people = [entity("full", "Person", f"{full}"), entity("short", "Person", short)]
    found = resolve.resolve(article(people), world)
    assert (found.iris["short"] == found.iris["full"]) is one


def test_last_names_of_different_length_are_one_person_in_any_order(world) -> None:
    names = ["Miguel Ángel Osorio Chong", "Osorio Chong", "Osorio", "Chong"]
    for order in itertools.permutations(enumerate(names)):
        people = [entity(f"e{i}", "Person", name) for i, name in order]
        assert len(set(resolve.resolve(article(people), world).iris.values())) == 1


def test_a_surname_with_another_wikidata_link_is_somebody_else(world) -> None:
    people = [
        entity("full", "Person", "Ann Quill", links=["wd:Q900000001"]),
        entity("short", "Person", "Quill", links=["wd:Q900000002"]),
    ]
    found = resolve.resolve(article(people), world)
    assert found.iris["short"] != found.iris["full"]


def test_a_surname_that_a_person_decided_to_keep_apart_stays_apart(world) -> None:
    here = DEMO + "article/a1/entity/"
    decided = resolve.World(
        world.bases,
        world.vocabulary,
        world.registry,
        {},
        frozenset({(here + "short", here + "full")}),
    )
    people = [entity("full", "Person", "Ann Quill"), entity("short", "Person", "Quill")]
    found = resolve.resolve(article(people), decided)
    assert found.iris["short"] != found.iris["full"]


def test_a_tenure_that_is_only_alleged_is_not_the_one_that_others_attest(world) -> None:
    people = [
        entity("p", "Person", "X", ref="person/william-barr"),
        entity("o", "Post", "Y", ref="post/us-attorney-general"),
    ]
    tenure = {
        "id": "t",
        "type": "Tenure",
        "args": {"holder": ["p"], "post": ["o"]},
        "attrs": {"status": "alleged"},
    }
    found = resolve.resolve(article(people, [tenure], published="2019-12-05"), world)
    assert found.iris["t"] == DEMO + "article/a1/entity/t"


@pytest.mark.parametrize(
    "kind", ["OccurredEvent", "CancelledEvent", "EffectiveDesignation", "DesignatedOrganization", "PublicPost", "Attendance"]
)  # fmt: skip
def test_what_is_derived_is_not_annotated(kind, world) -> None:
    found = resolve.resolve(article([entity("e", kind, "X")]), world)
    assert codes(found) == ["UNKNOWN_TYPE"]
    assert "derived" in str(found.faults[0])
    assert found.iris == {}


@pytest.mark.parametrize(
    "kind", ["http://www.w3.org/ns/org#Post", "http://www.w3.org/2004/02/skos/core#Concept"]
)
def test_a_class_of_another_vocabulary_is_no_type_of_the_native_format(kind, world) -> None:
    assert codes(resolve.resolve(article([entity("e", kind, "X")]), world)) == ["UNKNOWN_TYPE"]


def test_a_label_that_tells_a_kind_gives_it_unless_the_annotation_does(world) -> None:
    span = [{"start": 0, "end": 3}]
    kinds = {
        "Extradite": ("kind", "extradition"), "Personnel.EndPosition.Fire": ("capacity", "former"),
        "Personnel:Elect": ("capacity", "elect"), "THREATEN": ("illocution", "threat"), "Treaty": ("kind", "treaty"),
    }  # fmt: skip
    for label, (name, notation) in kinds.items():
        found = resolve.resolve(
            article(events=[{"id": "e", "type": label, "mentions": span}]), world
        )
        assert found.article.events[0].attrs == {name: notation}
    own = {"id": "e", "type": "Extradite", "mentions": span, "attrs": {"kind": "transfer"}}
    assert resolve.resolve(article(events=[own]), world).article.events[0].attrs == {
        "kind": "transfer"
    }


def test_the_own_name_of_a_property_goes_before_a_tag_of_another(world) -> None:
    for label, name in {
        "title": "title",
        "Headline": "title",
        "P17": "jurisdiction",
        "destination": "destination",
    }.items():
        prop, turned = world.vocabulary.find_property(label)
        assert (prop.name, turned) == (name, False)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_people_plays_no_part_in_whose_surname_it_is(order, world) -> None:
    names = ["Quill", "Marsh Quill", "Ana Marsh Quill"]
    people = [entity(f"p{n}", "Person", names[n]) for n in order]
    found = resolve.resolve(article(people), world)
    assert set(found.iris.values()) == {DEMO + "article/a1/entity/p2"}


def test_a_surname_alone_never_reaches_the_registry(world) -> None:
    found = resolve.resolve(article([entity("e", "Person", "Barr")]), world)
    assert found.iris["e"].startswith(DEMO + "article/")


def test_a_truth_value_is_not_the_number_that_it_equals(world) -> None:
    number, truth = (
        resolve.resolve(article([entity("g", "Group", "miners", attrs={"count": value})]), world)
        for value in (1, True)
    )
    assert codes(number) == []
    assert codes(truth) == ["VALUE_INVALID"]


def test_what_an_event_loses_is_named_in_the_order_in_which_it_stands(world) -> None:
    names = [f"p{n}" for n in range(12)]
    people = [entity(name, "Persom", "Ana") for name in names]
    meeting = {"id": "m", "type": "Meeting", "args": {"participant": names}}
    faults = resolve.resolve(article(people, [meeting]), world).faults
    lost = [f.sentence for f in faults if f.code == "DANGLING_REFERENCE"]
    assert lost == [f"'participant' names '{name}', which was dropped." for name in names]


def test_a_title_that_many_states_have_joins_only_where_the_article_says_whose(world) -> None:
    post, mexico = entity("p", "Post", "Foreign Minister"), entity("m", "Country", "Mexico")
    bare = resolve.resolve(article([post, mexico]), world)
    assert bare.iris["p"].startswith(DEMO + "article/")
    told = [{"type": "postIn", "source": "p", "target": "m"}]
    placed = resolve.resolve(article([post, mexico], relations=told), world)
    assert placed.iris["p"] == DEMO + "post/mexico-secretary-of-foreign-affairs"


def test_a_title_of_another_state_stays_apart(world) -> None:
    post, other = entity("p", "Post", "Foreign Minister"), entity("c", "Country", "Colombia")
    told = [{"type": "postIn", "source": "p", "target": "c"}]
    found = resolve.resolve(article([post, other], relations=told), world)
    assert found.iris["p"].startswith(DEMO + "article/")


def test_a_wikidata_link_finds_the_entry_that_has_it_and_never_makes_an_iri(world) -> None:
    known = next(iter(world.registry.qids.items()))
    kind = world.vocabulary.classes[min(world.registry.types[known[0]])].name
    same = entity("e", kind, "Some other name", links=[f"wd:{known[1]}"])
    found = resolve.resolve(
        article([same, entity("n", "Person", "N. N.", links=["wd:Q999999999"])]), world
    )
    assert found.iris["e"] == known[0]
    assert found.iris["n"].startswith(DEMO + "article/")


def test_a_link_that_contradicts_the_registry_is_a_conflict(world) -> None:
    iri = next(iter(world.registry.qids))
    kind = world.vocabulary.classes[min(world.registry.types[iri])].name
    wrong = entity("e", kind, "X Y", ref=iri.removeprefix(DEMO), links=["wd:Q999999999"])
    assert "QID_CONFLICT" in codes(resolve.resolve(article([wrong]), world))


def test_a_new_shared_key_is_reported_once_and_joins(world) -> None:
    two = [entity("a", "Person", "Zoe Quill", ref="person/zoe-quill")]
    first = resolve.resolve(article(two, ident="a1"), world)
    second = resolve.resolve(article(two, ident="a2"), world)
    assert first.iris["a"] == second.iris["a"] == DEMO + "person/zoe-quill"
    assert codes(first) == ["NEW_REF"]


def test_disjoint_types_on_one_thing_are_a_conflict_and_the_second_stays_out(world) -> None:
    two = [
        entity("a", "Person", "Zoe", ref="person/zoe"),
        entity("b", "Agency", "Zoe", ref="person/zoe"),
    ]
    found = resolve.resolve(article(two), world)
    assert {"TYPE_CONFLICT", "REF_KIND"} & set(codes(found))
    assert "b" not in found.iris


def test_the_registrys_own_type_counts(world) -> None:
    wrong = entity("a", "Agency", "Barr", ref="person/william-barr")
    found = resolve.resolve(article([wrong]), world)
    assert "TYPE_CONFLICT" in codes(found)
    assert found.iris == {}


def test_a_decision_joins_what_a_person_said_is_one(world) -> None:
    same = {DEMO + "article/a2/entity/e": DEMO + "article/a1/entity/e"}
    decided = resolve.World(world.bases, world.vocabulary, world.registry, same)
    found = resolve.resolve(article([entity("e", "Person", "Zoe Quill")], ident="a2"), decided)
    assert found.iris["e"] == DEMO + "article/a1/entity/e"


def test_a_decision_keeps_apart_what_a_registry_name_would_join(world) -> None:
    apart = frozenset({(DEMO + "article/a1/entity/e", DEMO + "person/william-barr")})
    decided = resolve.World(world.bases, world.vocabulary, world.registry, {}, apart)
    found = resolve.resolve(article([entity("e", "Person", "William Barr")]), decided)
    assert found.iris["e"] == DEMO + "article/a1/entity/e"


HELD = {"id": "t", "type": "Tenure", "mentions": [{"start": 0, "end": 4}]}


def tenure(person: str, post: str, **more) -> dict:
    return {**HELD, "args": {"holder": [person], "post": [post]}, **more}


def test_one_person_in_one_post_is_one_tenure_whatever_the_title(world) -> None:
    made = set()
    for ident, name in (("a1", "Miguel Osorio"), ("a2", "Miguel Ángel Osorio Chong")):
        nodes = [
            entity("p", "Person", name),
            entity("o", "Post", "x", ref="post/mexico-secretary-of-government"),
        ]
        made.add(resolve.resolve(article(nodes, [tenure("p", "o")], ident=ident), world).iris["t"])
    assert len(made) == 1


def test_an_acting_tenure_is_another_than_the_substantive_one(world) -> None:
    nodes = [
        entity("p", "Person", "x", ref="person/zoe"),
        entity("o", "Post", "y", ref="post/new-post"),
    ]
    acting = resolve.resolve(
        article(nodes, [tenure("p", "o", attrs={"capacity": "acting"})]), world
    )
    assert acting.iris["t"] == DEMO + "tenure/zoe--new-post--acting"


def test_two_terms_of_one_president_are_told_apart_by_the_day(world) -> None:
    made = {}
    for day in ("2017-08-01", "2025-09-03"):
        nodes = [
            entity("p", "Person", "x", ref="person/donald-trump"),
            entity("o", "Post", "y", ref="post/us-president"),
        ]
        post = next((k for k in world.registry.terms if k[0].endswith("person/donald-trump")), None)
        assert post is not None
        nodes[1]["ref"] = post[1].removeprefix(DEMO)
        made[day] = resolve.resolve(article(nodes, [tenure("p", "o")], published=day), world).iris[
            "t"
        ]
    assert made["2017-08-01"] != made["2025-09-03"]


def test_what_is_annotated_without_a_known_actor_gets_a_tenure_below_the_article(world) -> None:
    nodes = [entity("p", "Person", "Zoe Quill"), entity("o", "Post", "Harbour Master")]
    found = resolve.resolve(article(nodes, [tenure("p", "o")]), world)
    assert found.iris["t"] == DEMO + "article/a1/entity/t"


def test_a_participant_with_several_posts_has_its_capacity_left_open_and_named(world) -> None:
    nodes = [
        entity("p", "Person", "Zoe Quill"),
        entity("o", "Post", "Mayor"),
        entity("n", "Post", "Judge"),
    ]
    meeting = {"id": "m", "type": "Meeting", "mentions": HELD["mentions"], "args": {"host": ["p"]}}
    events = [tenure("p", "o"), {**tenure("p", "n"), "id": "t2"}, meeting]
    found = resolve.resolve(article(nodes, events), world)
    assert [(f.code, f.annotation) for f in found.faults if f.level == "info"] == [
        ("CAPACITY_OPEN", "m")
    ]


def test_without_text_an_event_without_a_sentence_is_named_as_weak(world) -> None:
    known = article([], [{"id": "m", "type": "Meeting", "mentions": HELD["mentions"]}])
    without = msgspec.structs.replace(known, text=None, sha256="0" * 64)
    assert "WEAK_EVIDENCE" in codes(resolve.resolve(without, world))
    assert "WEAK_EVIDENCE" not in codes(resolve.resolve(known, world))
