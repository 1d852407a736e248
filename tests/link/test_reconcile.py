"""The Reconciliation API over the things of a graph; the forms are those of the specification 0.2."""

import msgspec
import pytest

from acuerdo.iri import Bases
from acuerdo.link.entity import ORGANIZATION, Mention
from acuerdo.link.reconcile import MOST, BadBatch, Reconciler
from link.conftest import person

BASES = Bases("https://example.org/")


def known(slug: str, name: str, *roles: str) -> Mention:
    return msgspec.structs.replace(person(name, *roles), subject=f"{BASES.id}person/{slug}")


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
            known("ines", "Inés Quirarte Belmonte", "Secretary of Foreign Affairs"),
            known("ana-1", "Ana Duarte Salas"),
            known("ana-2", "Ana Duarte Salas"),
            board,
        ],
        BASES,
    )
    yield found
    found.close()


def ask(service, text: str, **more) -> list[dict]:
    return service.answers({"q": {"query": text, **more}})["q"]["result"]


def test_the_manifest_has_what_the_specification_requires(service) -> None:
    found = service.manifest("http://localhost:7878")
    assert {"versions", "name", "identifierSpace", "schemaSpace"} <= found.keys()
    assert "0.2" in found["versions"]
    assert all("{{id}}" in found[part]["url"] for part in ("view", "preview"))
    assert {t["id"] for t in found["defaultTypes"]} == {"Agency", "Person"}


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
    odd = Reconciler([known("x", "<b>Ana</b> Duarte")], BASES)
    page = odd.preview("person/x")
    odd.close()
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert service.preview("person/nobody") is None
