"""The Reconciliation API over the things of a graph; the forms are those of the specification 0.2."""

import jsonschema
import msgspec
import pytest

from acuerdo import assets, vocabulary
from acuerdo.iri import Bases
from acuerdo.link.entity import ORGANIZATION, Mention
from acuerdo.link.reconcile import MOST, BadBatch, Reconciler
from link import reconciliation
from link.conftest import person

BASES = Bases("https://example.org/")


WORDS = vocabulary.load(assets.path("ontology"))


def known(slug: str, name: str, *roles: str, kind: str = "Person") -> Mention:
    return msgspec.structs.replace(
        person(name, *roles), subject=f"{BASES.id}person/{slug}", type_label=kind
    )


@pytest.fixture(scope="module")
def service():
    board = Mention(
        f"{BASES.id}agency/board",
        ORGANIZATION,
        "Harbour Board",
        ("Harbour Board",),
        type_label="Agency",
    )
    found = Reconciler(
        [
            known(
                "ines", "Inés Quirarte Belmonte", "Secretary of Foreign Affairs", kind="Official"
            ),
            known("ana-1", "Ana Duarte Salas"),
            known("ana-2", "Ana Duarte Salas"),
            board,
        ],
        BASES,
        WORDS,
    )
    yield found
    found.close()


def ask(service, text: str, **more) -> list[dict]:
    return service.answers({"q": {"query": text, **more}})["q"]["result"]


def conforms(value: object, schema: dict) -> None:
    """The message as it goes over the wire is as the specification wants it."""
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(msgspec.json.decode(msgspec.json.encode(value)), schema)


def test_the_manifest_is_as_the_specification_wants_it(service) -> None:
    found = service.manifest("http://localhost:7878")
    conforms(found, reconciliation.MANIFEST)
    assert found["batchSize"] == MOST
    assert {"Agency", "Organization", "Person", "Official"} <= {
        t["id"] for t in found["defaultTypes"]
    }


QUERIES = {
    "a name": {"query": "Ana Duarte Salas"},
    "all fields": {
        "query": "Inés Quirarte",
        "type": ["Person", "Agency"],
        "type_strict": "should",
        "limit": 3,
        "properties": [
            {"pid": "country", "v": ["MX", {"id": "country/us", "name": "US"}]},
            {"pid": "year", "v": 2017},
            {"pid": "unknown", "v": True},
        ],
    },
    "no name": {"properties": [{"pid": "post", "v": "Secretary of Foreign Affairs"}]},
    "nobody": {"query": "Zzyzx", "type": "Person"},
    "an id": {"query": "person/ana-2"},
}


def test_every_query_of_the_specification_is_answered_as_it_wants(service) -> None:
    conforms(QUERIES, reconciliation.QUERIES)
    found = service.answers(QUERIES)
    conforms(found, reconciliation.RESULTS)
    assert found.keys() == QUERIES.keys()
    for answer in found.values():
        scores = [c["score"] for c in answer["result"]]
        assert scores == sorted(scores, reverse=True)
        for candidate in answer["result"]:
            ids = [f["id"] for f in candidate["features"]]
            assert len(ids) == len(set(ids))


@pytest.mark.parametrize("part", ["entity", "type", "property"])
def test_suggestions_are_as_the_specification_wants_them(service, part) -> None:
    for prefix in ("", "a", "p", "quir", "person/ines"):
        conforms(service.suggest(part, prefix), reconciliation.SUGGESTED[part])


def test_a_message_with_a_fault_is_not_as_the_specification_wants_it(service) -> None:
    found = service.manifest("http://localhost:7878")
    for wrong in (
        {k: v for k, v in found.items() if k != "identifierSpace"},
        {**found, "versions": ["0.1"]},
        {**found, "view": {"url": "http://localhost/id/"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            conforms(wrong, reconciliation.MANIFEST)
    with pytest.raises(jsonschema.ValidationError):
        conforms({"q": {"limit": 3}}, reconciliation.QUERIES)
    with pytest.raises(jsonschema.ValidationError):
        conforms({"q": {"result": [{"id": "x"}]}}, reconciliation.RESULTS)


def test_an_identifier_finds_its_thing_and_nothing_else_as_surely(service) -> None:
    for asked in ("person/ana-2", f"{BASES.id}person/ana-2"):
        first, *others = ask(service, asked)
        assert (first["id"], first["match"], first["score"]) == ("person/ana-2", True, 100)
        assert not any(c["match"] for c in others)


def test_who_held_a_post_is_found_without_a_name_and_is_never_a_match(service) -> None:
    post = [{"pid": "post", "v": "Secretary of Foreign Affairs"}]
    (found,) = service.answers({"q": {"properties": post}})["q"]["result"]
    assert (found["id"], found["match"]) == ("person/ines", False)
    elsewhere = [*post, {"pid": "country", "v": "CA"}]
    assert service.answers({"q": {"properties": elsewhere}})["q"]["result"] == []


def test_a_broader_type_finds_what_is_of_a_narrower_one(service) -> None:
    for kind in ("Person", "Official", ["Official", "Agency"]):
        assert [c["id"] for c in ask(service, "Ines Quirarte", type=kind)] == ["person/ines"]
    both = {"type": ["Person", "Official"], "type_strict": "all"}
    assert ask(service, "Ana Duarte Salas", **both) == []
    assert ask(service, "Harbour Board", type="Person", type_strict="should")


def test_a_cursor_skips_suggestions_that_were_seen(service) -> None:
    first = service.suggest("entity", "ana")["result"]
    assert [e["id"] for e in first] == ["person/ana-1", "person/ana-2"]
    assert service.suggest("entity", "ana", 1)["result"] == first[1:]


def test_a_match_needs_more_than_a_name(service) -> None:
    bare = ask(service, "Ines Quirarte")
    assert (bare[0]["id"], bare[0]["match"]) == ("person/ines", False)
    told = ask(
        service,
        "Ines Quirarte",
        properties=[
            {"pid": "country", "v": "MX"},
            {"pid": "post", "v": "Secretary of Foreign Affairs"},
            {"pid": "year", "v": 2017},
        ],
    )
    assert (told[0]["id"], told[0]["match"]) == ("person/ines", True)


def test_namesakes_come_both_and_neither_is_a_match(service) -> None:
    found = ask(service, "Ana Duarte Salas", properties=[{"pid": "country", "v": "MX"}])
    assert [c["id"] for c in found[:2]] == ["person/ana-1", "person/ana-2"]
    assert not any(c["match"] for c in found)


def test_each_candidate_has_id_name_score_types_and_features(service) -> None:
    for found in ask(service, "Harbour Board"):
        assert isinstance(found["id"], str)
        assert isinstance(found["name"], str)
        assert 0 <= found["score"] <= 100
        assert all(isinstance(t["id"], str) for t in found["type"])
        assert {f["id"] for f in found["features"]} >= {"exact", "score", "country_same"}
        assert all(isinstance(f["value"], float) for f in found["features"])


def test_a_type_and_a_limit_are_kept_to(service) -> None:
    assert ask(service, "Harbour Board", type="Person") == []
    assert ask(service, "Harbour Board", type="Spaceship") == []
    assert [c["id"] for c in ask(service, "Harbour Board", type=["Agency"])] == ["agency/board"]
    assert len(ask(service, "Ana Duarte Salas", limit=1)) == 1


@pytest.mark.parametrize(
    "batch",
    [
        [],
        {},
        "x",
        {"q": "name"},
        {"q": {"query": 7}},
        {"q": {"query": "a", "limit": "many"}},
        {"q": {"query": "a", "type": 3}},
        {"q": {"query": "a", "type_strict": "maybe"}},
        {"q": {}},
        {"q": {"properties": []}},
        {"q": {"query": "a", "properties": {"pid": "x"}}},
        {str(n): {"query": "a"} for n in range(MOST + 1)},
    ],
    ids=str,
)
def test_a_batch_that_is_none_is_refused_in_one_line(service, batch) -> None:
    with pytest.raises(BadBatch) as error:
        service.answers(batch)
    assert "\n" not in str(error.value)


def test_suggestions_begin_with_what_was_typed(service) -> None:
    assert [e["id"] for e in service.suggest("entity", "quir")["result"]] == ["person/ines"]
    assert [t["id"] for t in service.suggest("type", "per")["result"]] == ["Person"]
    assert [p["id"] for p in service.suggest("property", "coun")["result"]] == ["country"]


def test_a_preview_escapes_what_it_shows(service) -> None:
    odd = Reconciler([known("x", "<b>Ana</b> Duarte")], BASES, WORDS)
    page = odd.preview("person/x")
    odd.close()
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert service.preview("person/nobody") is None
