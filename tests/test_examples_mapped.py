"""The examples mean what they should once they are mapped: no fault, no violation, no wrong fact."""

import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo import assets, read, resolve
from acuerdo.iri import AC, FIXED
from acuerdo.mapping import map_article
from acuerdo.validate import Context, Validator, article_shapes, sift

ONTOLOGY = assets.path("ontology")
PREFIXES = f"PREFIX ac: <{AC}> PREFIX st: <{FIXED}status/> PREFIX ch: <{FIXED}channel/> PREFIX d: <{FIXED}demo/id/> "
EXAMPLES = sorted(assets.path("examples").rglob("*.json"))


@pytest.fixture(scope="module")
def world() -> resolve.World:
    return resolve.load([ONTOLOGY])


@pytest.fixture(scope="module")
def validator(world: resolve.World) -> Validator:
    return Validator(
        article_shapes(), Context.read(sorted(ONTOLOGY.rglob("*.ttl")), world.bases.base)
    )


@pytest.fixture(scope="module")
def graphs(world: resolve.World) -> dict[str, tuple[bytes, list]]:
    """The quads and faults of every example, by the name of its file."""
    found = {}
    for one in read.articles([assets.path("examples")]):
        assert one.article is not None, one.faults
        resolved = resolve.resolve(one.article, world, one.file)
        faults = [fault for fault in (*one.faults, *resolved.faults) if fault.code != "NEW_REF"]
        found[Path(one.file).stem] = (map_article(resolved, world), faults)
    return found


@pytest.fixture(scope="module")
def store(graphs: dict[str, tuple[bytes, list]]) -> ox.Store:
    made = ox.Store()
    for quads, _ in graphs.values():
        made.load(quads, format=ox.RdfFormat.N_QUADS)
    for path in sorted((ONTOLOGY / "registry").glob("*.ttl")):
        made.load(
            path=path,
            base_iri=f"{FIXED}demo/",
            to_graph=ox.NamedNode(f"{FIXED}demo/graph/registry"),
        )
    return made


def rows(store: ox.Store, where: str, select: str = "?x") -> set:
    """The distinct answers, as the ends of IRIs after /id/ or the words of literals."""
    query = f"{PREFIXES} SELECT DISTINCT {select} WHERE {{ {where} }}"
    found = store.query(query, use_default_graph_as_union=True)
    ended = [tuple(value.value.rpartition("/id/")[2] for value in row) for row in found]
    return {row[0] if len(row) == 1 else row for row in ended}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_an_example_has_no_fault(path: Path, graphs: dict) -> None:
    assert [str(fault) for fault in graphs[path.stem][1]] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_an_example_breaks_no_shape(path: Path, graphs: dict, validator: Validator) -> None:
    sifted = sift(graphs[path.stem][0], validator)
    assert [f.shape for f in sifted.findings if f.severity == "violation"] == []
    assert sifted.quarantined == b""


def test_with_texts_every_span_is_checked_against_the_words(shared: Path) -> None:
    texts = {
        hashlib.sha256(p.read_bytes()).hexdigest(): p for p in (shared / "seeds").glob("*.txt")
    }
    checked = list(read.articles([assets.path("examples") / "seeds"], texts))
    assert [one.faults for one in checked] == [()] * 5
    assert all(one.article and one.article.text for one in checked)


OFFICIALS = {
    "seed-000": "donald-trump james-mattis roble-arturo-granados-gallardo",
    "seed-001": "claudia-sheinbaum donald-trump juan-ramon-de-la-fuente marco-rubio omar-garcia-harfuch",
    "seed-002": "alberto-elias-beltran jeff-sessions kirstjen-nielsen luis-videgaray miguel-angel-osorio-chong"
    " rex-tillerson",
    "seed-003": "alfonso-durazo andres-manuel-lopez-obrador christopher-landau donald-trump jose-rafael-ojeda"
    " luis-cresencio-sandoval marcelo-ebrard william-barr",
    "seed-004": "donald-trump enrique-pena-nieto harjit-sajjan james-mattis john-kelly miguel-angel-osorio-chong"
    " salvador-cienfuegos vidal-soberon",
}


@pytest.mark.parametrize("name", OFFICIALS)
def test_the_officials_of_a_real_article_are_those_it_names_in_a_post(
    name: str, store: ox.Store
) -> None:
    found = rows(store, f"GRAPH <{FIXED}demo/graph/article/{name}> {{ ?x a ac:Official }}")
    assert found == {f"person/{slug}" for slug in OFFICIALS[name].split()}


def test_nobody_of_the_page_furniture_appears(store: ox.Store) -> None:
    names = rows(store, "?node ac:mentionedAs ?x")
    assert not [name for name in names if "Biden" in name or "Austin" in name]


def test_twitter_is_not_social_media(store: ox.Store) -> None:
    assert rows(
        store, "?s ac:channel ch:twitter ; ac:speaker ?x . FILTER(STRSTARTS(STR(?x), STR(d:)))"
    ) == {
        "agency/secretariat-of-foreign-affairs",
        "person/andres-manuel-lopez-obrador",
        "person/donald-trump",
    }
    assert "person/claudia-sheinbaum" in rows(
        store, "?s ac:channel ch:social-media ; ac:speaker ?x"
    )


def test_two_bodies_of_high_level_stay_two(store: ox.Store) -> None:
    assert rows(store, "?a a ac:Agreement ; ac:strengthens ?x") == {
        "body/high-level-security-group"
    }
    assert "body/us-mexico-high-level-group-2025" in rows(
        store, "?a a ac:Agreement ; ac:establishes ?x"
    )


def test_two_attorneys_general_hold_two_posts(store: ox.Store) -> None:
    article = f"<{FIXED}demo/graph/article/seed-002>"
    pairs = rows(store, f"GRAPH {article} {{ ?t ac:holder ?x ; ac:post ?y }}", "?x ?y")
    assert ("person/alberto-elias-beltran", "post/mexico-attorney-general") in pairs
    assert ("person/jeff-sessions", "post/us-attorney-general") in pairs


def test_osorio_chong_is_one_person_in_one_post_under_many_names(store: ox.Store) -> None:
    names = rows(
        store,
        "<person> ac:mentionedAs ?x".replace("<person>", "d:person\\/miguel-angel-osorio-chong"),
    )
    assert {
        "Miguel Osorio",
        "Miguel Ángel Osorio Chong",
        "Miguel Angel Osorio Chong",
        "Osorio Chong",
    } <= names
    posts = rows(store, "?t ac:holder d:person\\/miguel-angel-osorio-chong ; ac:post ?x")
    assert posts == {"post/mexico-secretary-of-government"}


def test_the_planned_meeting_is_one_with_the_meeting_held(store: ox.Store) -> None:
    where = "GRAPH ?g { d:event\\/ipiales-meeting-2024 ac:status ?status } BIND(STRAFTER(STR(?status), 'status/') AS ?x)"
    assert rows(store, where) == {"planned", "occurred"}


def test_three_people_called_carlos_mendoza_stay_three(store: ox.Store) -> None:
    assert rows(store, "?x a ac:Person ; ac:mentionedAs 'Carlos Mendoza'") == {
        "person/carlos-mendoza-minister",
        "person/carlos-mendoza-prosecutor",
        "article/brief-frontera-operativo-2024/entity/witness",
    }


def test_what_only_a_speaker_says_is_alleged(store: ox.Store) -> None:
    alleged = rows(store, "?x ac:status st:alleged . FILTER(CONTAINS(STR(?x), 'seed-'))")
    assert {one.rpartition("/")[2] for one in alleged} == {
        "arrest",
        "transfer",
        "killing",
        "discussions",
        "violence",
        "overdoses",
        "praise",
    }
    claimed = rows(store, "?x ac:status st:alleged . ?claim ac:claimObject ?x")
    assert alleged <= claimed


def test_the_boat_has_four_claimed_destinations(store: ox.Store) -> None:
    boat = f"<{FIXED}demo/id/article/seed-001/entity/boat>"
    where = (
        f"?s ac:speaker ?who ; ac:conveys ?c . ?c ac:claimSubject {boat} ; ac:claimPredicate ac:destination ;"
        " ac:claimObject ?where"
    )
    assert rows(store, where, "?c ?who ?where") == {
        (
            "article/seed-001/entity/claim-trinidad",
            "person/marco-rubio",
            "country/trinidad-and-tobago",
        ),
        ("article/seed-001/entity/claim-caribbean", "person/marco-rubio", "place/caribbean"),
        ("article/seed-001/entity/claim-trump-us", "person/donald-trump", "country/united-states"),
        ("article/seed-001/entity/claim-rubio-us", "person/marco-rubio", "country/united-states"),
    }


def test_the_cancelled_summit_says_by_whom_and_why(store: ox.Store) -> None:
    where = "?x ac:status st:cancelled ; ac:cancelledBy ?who ; ac:becauseOf ?why"
    assert (
        "event/january-summit",
        "person/enrique-pena-nieto",
        "article/seed-004/entity/remark",
    ) in rows(store, where, "?x ?who ?why")


def test_who_led_the_delegation_is_proved_by_one_sentence(store: ox.Store) -> None:
    where = (
        f"GRAPH <{FIXED}demo/graph/article/seed-003> {{ ?p ac:role <{FIXED}role/delegation-lead> ; ac:participant ?x ;"
        " ac:evidencedBy ?s . ?s ac:charStart ?a }"
    )
    assert rows(store, where, "?x ?a") == {
        ("person/william-barr", "690"),
        ("person/christopher-landau", "690"),
    }
