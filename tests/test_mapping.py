"""From the example articles to quads: every fact has its sentence, and the same article the same bytes."""

import random
from pathlib import Path

import msgspec
import pyoxigraph as ox
import pytest

from acuerdo import mapping, read, resolve
from acuerdo.iri import AC
from acuerdo.model import Article

ROOT = Path(__file__).parents[1]
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
EXAMPLES = sorted((ROOT / "examples").glob("*/*.json"))


@pytest.fixture(scope="module")
def world() -> resolve.World:
    return resolve.load([ROOT / "ontology"])


def articles() -> list[Article]:
    return [r.article for path in EXAMPLES for r in read.articles([path]) if r.article]


def found(nquads: bytes, query: str) -> list[str]:
    store = ox.Store()
    store.bulk_load(nquads, format=ox.RdfFormat.N_QUADS)
    return [str(row["n"]) for row in store.query(query)]


def mapped(article: Article, world: resolve.World) -> bytes:
    return mapping.map_article(resolve.resolve(article, world), world)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_an_example_is_read_and_resolved_without_error(path, world) -> None:
    for one in read.articles([path]):
        assert one.article is not None
        faults = [*one.faults, *resolve.resolve(one.article, world).faults]
        assert [f for f in faults if f.level == "error"] == []


@pytest.mark.parametrize("article", articles(), ids=lambda a: a.id)
def test_a_graph_holds_no_blank_node_and_names_one_graph(article, world) -> None:
    quads = list(ox.parse(mapped(article, world), format=ox.RdfFormat.N_QUADS))
    assert quads
    assert not any(isinstance(t, ox.BlankNode) for q in quads for t in (q.subject, q.object))
    assert len({q.graph_name for q in quads}) == 1


@pytest.mark.parametrize("article", articles(), ids=lambda a: a.id)
def test_the_bytes_are_those_that_oxigraph_writes(article, world) -> None:
    store = ox.Store()
    data = mapped(article, world)
    store.bulk_load(data, format=ox.RdfFormat.N_QUADS)
    again = store.dump(format=ox.RdfFormat.N_QUADS)
    assert sorted(again.splitlines()) == data.splitlines()


@pytest.mark.parametrize("article", articles(), ids=lambda a: a.id)
def test_every_event_and_participation_has_its_passage(article, world) -> None:
    without = found(
        mapped(article, world),
        f"SELECT ?n {{ GRAPH ?g {{ ?n a ?c FILTER (?c IN (<{AC}Meeting>, <{AC}Call>, <{AC}Visit>, "
        f"<{AC}Tenure>, <{AC}Participation>, <{AC}Statement>, <{AC}Claim>, <{AC}Agreement>)) "
        f"FILTER NOT EXISTS {{ ?n <{AC}evidencedBy> ?p . ?p <{AC}passageOf> ?a }} }} }}",
    )
    assert without == []


@pytest.mark.parametrize("article", articles(), ids=lambda a: a.id)
def test_what_is_told_with_a_status_stands_in_a_month(article, world) -> None:
    nowhere = found(
        mapped(article, world),
        f"SELECT ?n {{ GRAPH ?g {{ ?n <{AC}status> ?s FILTER NOT EXISTS {{ ?n <{AC}inMonth> ?m }} }} }}",
    )
    assert nowhere == []


def test_an_event_without_a_date_stands_in_the_open_month_alone(world) -> None:
    event = {"id": "e1", "type": "Meeting", "mentions": [{"start": 0, "end": 3}]}
    given = {
        "acuerdo": 1,
        "date_basis": "stated",
        "id": "a",
        "published": "2020-01-01",
        "language": "en",
        "text": "They met.",
    }
    article = msgspec.convert(
        {**given, "events": [{**event, "attrs": {"status": "occurred"}}]}, Article
    )
    lines = mapped(article, world).decode().splitlines()
    months = [line for line in lines if "/entity/e1>" in line and f"<{AC}inMonth>" in line]
    assert [line.split()[2] for line in months] == ["<https://w3id.org/acuerdo/month/open>"]


@pytest.mark.parametrize("article", articles(), ids=lambda a: a.id)
def test_the_order_of_annotations_plays_no_part(article, world) -> None:
    seed = 7
    print("seed", seed)
    shuffled = {k: list(getattr(article, k)) for k in ("entities", "events", "relations")}
    random.Random(seed).shuffle(shuffled["entities"])
    random.Random(seed).shuffle(shuffled["events"])
    other = msgspec.structs.replace(article, **{k: tuple(v) for k, v in shuffled.items()})
    assert mapped(other, world) == mapped(article, world)


@pytest.mark.parametrize("article", articles(), ids=lambda a: a.id)
def test_the_lines_are_sorted_as_bytes_and_each_stands_once(article, world) -> None:
    events = tuple(
        msgspec.structs.replace(e, args={k: (*ids, *ids) for k, ids in e.args.items()})
        for e in article.events
    )
    lines = mapped(msgspec.structs.replace(article, events=events), world).splitlines()
    assert lines == sorted(set(lines))
    assert lines == mapped(article, world).splitlines()


def test_the_calendar_has_first_and_last_day_of_each_month_in_use() -> None:
    quads = mapping.calendar({"2016-02", "open"}, "https://example.org/graph/calendar")
    assert b'firstDay> "2016-02-01"' in quads
    assert b'lastDay> "2016-02-29"' in quads
    assert quads.count(b"ns#Month>") == 2


def test_annotators_and_their_times_stand_in_the_provenance_graph(world) -> None:
    article = msgspec.convert(
        {
            "acuerdo": 1, "id": "a1", "published": "2024-03-06", "date_basis": "stated", "language": "en",
            "text": "Ana spoke.",
            "agents": {"ana": {"kind": "person", "iri": "https://orcid.org/0000-0001"}, "gaz": {"kind": "software"}},
            "entities": [
                {"id": "e1", "type": "Person", "by": "ana", "at": "2024-03-07T10:00:00Z",
                 "mentions": [{"start": 0, "end": 3}]},
            ],
        },
        Article,
    )  # fmt: skip
    quads = mapping.provenance(resolve.resolve(article, world), world).decode()
    assert "<https://orcid.org/0000-0001>" in quads
    assert 'generatedAtTime> "2024-03-07T10:00:00Z"' in quads
    assert "article/a1/agent/gaz>" in quads
    assert all(line.endswith("graph/provenance> .") for line in quads.splitlines())


def _small(published: str, **attrs) -> Article:
    span = [{"start": 0, "end": 3}]
    raw = {
        "acuerdo": 1, "id": "a1", "published": published, "date_basis": "external", "language": "en",
        "text": "Ana spoke.",
        "entities": [
            {"id": "p", "type": "Person", "name": "Ana Ruiz", "mentions": span},
            {"id": "o", "type": "Post", "name": "Mayor", "mentions": span},
            {"id": "q", "type": "Country", "name": "Ruritania", "mentions": span},
        ],
        "events": [
            {"id": "t", "type": "Tenure", "mentions": span, "args": {"holder": ["p"], "post": ["o"]}, "attrs": attrs},
            {"id": "m", "type": "Meeting", "mentions": span, "args": {"participant": ["p"], "subject": ["q"]}},
        ],
        "relations": [{"type": "postIn", "source": "o", "target": "q"}],
    }  # fmt: skip
    return msgspec.convert(raw, Article)


def test_a_post_is_attested_on_the_day_of_the_article(world) -> None:
    quads = mapped(_small("2024-03-06"), world)
    assert b'entity/t> <https://w3id.org/acuerdo/ns#attestedOn> "2024-03-06"' in quads


def test_an_empty_list_of_dates_is_no_date(world) -> None:
    raw = msgspec.to_builtins(_small("2024-03-06"))
    raw["events"][0]["args"]["time"] = []
    assert mapped(msgspec.convert(raw, Article), world) == mapped(_small("2024-03-06"), world)


def test_without_a_day_of_publication_its_bounds_are_those_of_the_attestation(world) -> None:
    quads = mapped(_small("2024-03~"), world)
    assert b"attestedOn" not in quads
    assert b'entity/t> <https://w3id.org/acuerdo/ns#notAfter> "2024-03-31"' in quads


def test_the_holder_of_a_public_post_is_an_official(world) -> None:
    assert b"entity/p> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/acuerdo/ns#Official>" in mapped(_small("2024-03-06"), world)  # fmt: skip


@pytest.mark.parametrize("capacity", ["former", "elect"])
def test_a_post_that_was_left_or_not_yet_entered_makes_no_official(capacity, world) -> None:
    quads = mapped(_small("2024-03-06", capacity=capacity), world)
    assert b"ns#Official>" not in quads
    assert b"attestedOn" not in quads


@pytest.mark.parametrize("capacity", ["substantive", "acting", None])
@pytest.mark.parametrize(
    "status", ["alleged", "planned", "proposed", "hypothetical", "cancelled", "revoked"]
)
def test_a_post_that_is_only_alleged_or_planned_makes_no_official(status, capacity, world) -> None:
    attrs = {"status": [status]} | ({"capacity": capacity} if capacity else {})
    found = resolve.resolve(_small("2024-03-06", **attrs), world)
    quads = mapping.map_article(found, world)
    assert b"ns#Official>" not in quads
    assert b"attestedOn" not in quads
    assert b"inCapacityOf" not in quads
    assert b"ns#capacity>" not in quads
    assert (capacity is None) == ("CAPACITY_OPEN" not in {f.code for f in found.faults})


@pytest.mark.parametrize("status", ["occurred", "ongoing"])
def test_a_post_that_is_told_as_a_fact_makes_an_official(status, world) -> None:
    assert b"ns#Official>" in mapped(_small("2024-03-06", status=status), world)


@pytest.mark.parametrize("key", ["end", "endDate", "P582", "date"])
def test_a_post_that_is_said_to_have_ended_is_not_attested_on_the_day_of_the_article(
    key, world
) -> None:
    assert b"attestedOn" not in mapped(_small("2024-03-06", **{key: "2015-01-01"}), world)


@pytest.mark.parametrize(("begin", "held"), [("2019-01-01", True), ("2024-09-01", False)])
def test_somebody_in_a_post_since_a_day_is_in_it_on_the_day_of_the_article(
    begin, held, world
) -> None:
    assert (b"attestedOn" in mapped(_small("2024-03-06", begin=begin), world)) is held


def _people(*entities, **more) -> Article:
    raw = {
        "acuerdo": 1, "id": "a1", "published": "2024-03-06", "date_basis": "stated", "language": "en",
        "text": "Ana Ruiz Mora spoke. Ruiz left.", "entities": list(entities), **more,
    }  # fmt: skip
    return msgspec.convert(raw, Article)


ANA = {
    "id": "ana",
    "type": "Person",
    "mentions": [{"start": 0, "end": 13, "text": "Ana Ruiz Mora"}],
}
RUIZ = {
    "id": "ruiz",
    "type": "Person",
    "name": "Ruiz",
    "mentions": [{"start": 21, "end": 25, "text": "Ruiz"}],
}


def test_one_person_has_one_label_and_is_mentioned_by_all_names(world) -> None:
    for entities in ((ANA, RUIZ), (RUIZ, ANA)):
        quads = mapped(_people(*entities), world).decode()
        assert 'label> "Ana Ruiz Mora"' in quads
        assert 'label> "Ruiz"' not in quads
        assert 'mentionedAs> "Ruiz"' in quads


def test_the_confidence_of_an_entity_stands_on_its_evidence(world) -> None:
    quads = mapped(_people({**ANA, "confidence": 0.3}), world).decode()
    assert "evidence/ana> <https://w3id.org/acuerdo/ns#supports> <https://w3id.org/acuerdo/demo/id/article/a1/entity/ana>" in quads  # fmt: skip
    assert 'ns#confidence> "0.3"' in quads


def test_somebody_called_an_official_is_a_person_too(world) -> None:
    quads = mapped(_people({**ANA, "type": "Politician"}), world)
    assert b"ns#Official>" in quads
    assert b"ns#Person>" in quads


def test_what_only_a_relation_names_has_the_passage_of_its_other_end(world) -> None:
    article = _people(
        {"id": "p", "type": "Post", "mentions": [{"start": 0, "end": 3}]},
        {"id": "c", "type": "Country", "ref": "country/mexico"},
        relations=[{"type": "postIn", "source": "p", "target": "c"}],
    )
    assert b"country/mexico> <https://w3id.org/acuerdo/ns#evidencedBy>" in mapped(article, world)


def test_a_time_without_an_annotator_and_an_annotator_without_a_record_are_kept(world) -> None:
    article = _people({**ANA, "at": "2024-03-07T10:00:00Z"}, {**RUIZ, "by": "zoe"})
    quads = mapping.provenance(resolve.resolve(article, world), world).decode()
    assert 'generatedAtTime> "2024-03-07T10:00:00Z"' in quads
    assert 'agent/zoe> <http://www.w3.org/2000/01/rdf-schema#label> "zoe"' in quads


def test_the_own_name_of_a_role_goes_before_a_tag_of_a_property(world) -> None:
    assert b"participation/article/a1/entity/q> <https://w3id.org/acuerdo/ns#role> <https://w3id.org/acuerdo/role/subject>" in mapped(_small("2024-03-06"), world)  # fmt: skip


def test_the_only_tenure_of_a_participant_is_the_capacity_it_acts_in(world) -> None:
    assert b"participation/article/a1/entity/p> <https://w3id.org/acuerdo/ns#inCapacityOf> <https://w3id.org/acuerdo/demo/id/article/a1/entity/t>" in mapped(_small("2024-03-06"), world)  # fmt: skip


def test_an_entity_without_a_mention_has_the_passage_of_what_names_it(world) -> None:
    """A count or a post that no words name still stands on the sentence of its event."""
    (article,) = [a for a in articles() if a.id == "brief-ganseg-2019"]
    store = ox.Store()
    store.bulk_load(mapped(article, world), format=ox.RdfFormat.N_QUADS)
    killing, family = (
        {
            q.object
            for q in store.quads_for_pattern(None, ox.NamedNode(AC + "evidencedBy"), None)
            if q.subject.value.endswith(tail)
        }
        for tail in ("event/sonora-killings", "entity/family")
    )
    assert family == killing != set()


def test_an_article_may_say_which_article_it_corrects(world) -> None:
    (article,) = [a for a in articles() if a.id == "brief-ganseg-2019"]
    attrs = {**article.attrs, "correctionOf": "brief-llamada-2017"}
    data = mapped(msgspec.structs.replace(article, attrs=attrs), world)
    assert b'<https://w3id.org/acuerdo/ns#correctionOf> "brief-llamada-2017"' in data


def test_a_relation_whose_label_names_a_class_is_a_node_of_its_own(world) -> None:
    raw = msgspec.to_builtins(_small("2024-03-06"))
    raw["events"] = []
    raw["relations"] = [*raw["relations"], {"type": "per:title", "source": "p", "target": "o"}]
    quads = mapped(msgspec.convert(raw, Article), world)
    node = b"entity/per%3Atitle.p.o> <https://w3id.org/acuerdo/ns#"
    for statement in (
        b"holder> <https://w3id.org/acuerdo/demo/id/article/a1/entity/p>",
        b"evidencedBy>",
    ):
        assert node + statement in quads
    assert b"ns#Official>" in quads
