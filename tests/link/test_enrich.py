"""Facts of Wikidata about linked people: from snapshots, and from a SPARQL endpoint over real HTTP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from acuerdo.build import Options, build
from acuerdo.cli import acuerdo
from acuerdo.errors import BadSource, RemoteFailed, WrongUsage
from acuerdo.iri import DEMO_BASE, Bases
from acuerdo.link import enrich, linker, sssom, stated
from acuerdo.link.graph import standing
from acuerdo.query import open_kg
from acuerdo.store.directory import Directory
from link.conftest import person

BASES = Bases("https://example.org/")
SLICE = """
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix p: <http://www.wikidata.org/prop/> .
@prefix ps: <http://www.wikidata.org/prop/statement/> .
@prefix pq: <http://www.wikidata.org/prop/qualifier/> .
@prefix psv: <http://www.wikidata.org/prop/statement/value/> .
@prefix pqv: <http://www.wikidata.org/prop/qualifier/value/> .
@prefix wikibase: <http://wikiba.se/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
wd:Q900000000007 p:P39 <urn:s> ; wdt:P569 "1962-06-24T00:00:00Z"^^xsd:dateTime ; wdt:P102 wd:Q900000000020 .
<urn:s> ps:P39 wd:Q900000000021 ; pq:P580 "2012-12-04T00:00:00Z"^^xsd:dateTime .
wd:Q900000000009 wdt:P569 "1962-01-01T00:00:00Z"^^xsd:dateTime ; p:P569 <urn:born> ; p:P39 <urn:t> , <urn:u> .
<urn:born> psv:P569 [ wikibase:timeValue "1962-01-01T00:00:00Z"^^xsd:dateTime ; wikibase:timePrecision 9 ] .
<urn:t> ps:P39 wd:Q900000000021 ; pq:P580 "2012-12-01T00:00:00Z"^^xsd:dateTime ; pq:P582 "2018-01-01T00:00:00Z"^^xsd:dateTime ;
  pqv:P580 [ wikibase:timePrecision 10 ] ; pqv:P582 [ wikibase:timePrecision 9 ] .
<urn:u> ps:P39 wd:Q900000000021 ; pq:P580 "1999-01-01T00:00:00Z"^^xsd:dateTime ; wikibase:rank wikibase:DeprecatedRank .
wd:Q900000000020 rdfs:label "Party of the Coast"@en , "Partido de la Costa"@es .
wd:Q900000000021 rdfs:label "Secretary of Foreign Affairs"@en .
"""


class Endpoint(BaseHTTPRequestHandler):
    """SPARQL 1.1 protocol over a small store: query by form, JSON results."""

    def log_message(self, *args: object) -> None:
        """Silent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(body)["query"][0]
        self.server.asked.append(query)
        if self.server.down:
            self.send_error(503)
            return
        found = self.server.store.query(query)
        data = found.serialize(format=ox.QueryResultsFormat.JSON)
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def endpoint() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.daemon_threads = True
    server.store, server.asked, server.down = ox.Store(), [], False
    server.store.load(SLICE, format=ox.RdfFormat.TURTLE)
    server.url = f"http://127.0.0.1:{server.server_port}/sparql"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def facts(lines: bytes) -> set[tuple[str, str, str]]:
    quads = ox.parse(lines, format=ox.RdfFormat.N_QUADS)
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in quads}


def short(lines: bytes) -> set[tuple[str, str]]:
    return {(p.rsplit("/", 1)[-1].rstrip(">"), o) for _, p, o in facts(lines)}


def test_an_endpoint_gives_positions_with_dates_birth_and_party(endpoint) -> None:
    ask = enrich.sparql(endpoint.url, "acuerdo-test")
    found = enrich.of_endpoint(["Q900000000007", "Q900000000008"], ask, endpoint.url)
    lines = enrich.nquads(found, BASES, "2026-01-31")
    assert {
        ("P569", '"1962-06-24"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("P102", "<http://www.wikidata.org/entity/Q900000000020>"),
        ("P580", '"2012-12-04"^^<http://www.w3.org/2001/XMLSchema#date>'),
    } <= short(lines)
    assert [k.qid for k in found] == ["Q900000000007"]


def test_a_date_is_no_more_precise_than_wikidata_knows_it_and_deprecated_terms_are_left_out(
    endpoint,
) -> None:
    ask = enrich.sparql(endpoint.url, "acuerdo-test")
    (known,) = enrich.of_endpoint(["Q900000000009"], ask, endpoint.url)
    assert known.birth == "1962"
    assert [(p.start, p.end) for p in known.positions] == [("2012-12", "2018")]


def test_two_hundred_items_a_query_without_hints_or_services(endpoint) -> None:
    ask = enrich.sparql(endpoint.url, "acuerdo-test")
    enrich.of_endpoint([f"Q9000000{n:05}" for n in range(450)], ask, "x")
    assert [q.count("wd:Q9") for q in endpoint.asked] == [200, 200, 50]
    assert not any(word in endpoint.asked[0] for word in ("SERVICE", "bd:", "hint:", "mwapi"))


def test_an_endpoint_that_is_down_is_one_line(endpoint) -> None:
    endpoint.down, waits = True, []
    ask = enrich.sparql(endpoint.url, "acuerdo-test", sleep=waits.append)
    with pytest.raises(RemoteFailed, match="503") as error:
        enrich.of_endpoint(["Q900000000007"], ask, "x")
    assert "\n" not in str(error.value)
    assert len(waits) == len(endpoint.asked) - 1 > 2


def test_a_snapshot_gives_the_same_shape_and_the_same_bytes_twice(index) -> None:
    known = enrich.of_item(index.by_qid("Q900000000007"), lambda _: "")
    lines = enrich.nquads([known], BASES, "2026-01-31")
    assert lines == enrich.nquads([known], BASES, "2026-01-31")
    assert ("P582", '"2018-12-01"^^<http://www.w3.org/2001/XMLSchema#date>') in short(lines)
    assert all(b"<https://example.org/graph/wikidata> ." in line for line in lines.splitlines())


def test_a_year_alone_stays_a_year() -> None:
    known = enrich.Known("Q900000000001", "1985", (), (), "")
    assert b'"1985"^^<http://www.w3.org/2001/XMLSchema#gYear>' in enrich.nquads(
        [known], BASES, "2026-01-31"
    )


def test_only_people_with_a_standing_link_are_asked_about(index) -> None:
    import msgspec

    named = [
        msgspec.structs.replace(
            person("Inés Quirarte", "Secretary of Foreign Affairs"),
            subject=f"{BASES.id}person/ines",
        ),
        msgspec.structs.replace(person("Ana Duarte Salas"), subject=f"{BASES.id}person/ana"),
    ]
    done = linker.run(named, index, (), BASES, "2026-01-31")
    assert enrich.people(standing(done.rows)[0]) == ["Q900000000007"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("no quads at all", "not N-Quads"),
        ("<urn:a> <urn:b> <urn:c> <https://other.org/graph/wikidata> .", "not of the graph"),
    ],
)
def test_a_fact_file_changed_by_hand_is_refused_with_its_line(tmp_path, text, word) -> None:
    (tmp_path / enrich.FILE).write_text(text + "\n")
    with pytest.raises(BadSource, match=f":1: {word}"):
        enrich.read(tmp_path, BASES)


def test_no_folder_and_an_empty_folder_state_nothing(tmp_path) -> None:
    assert stated(None, BASES).graphs == {}
    assert stated(tmp_path, BASES).graphs == {}
    sssom.write(tmp_path / sssom.FILE, (), BASES)
    assert stated(tmp_path, BASES).graphs == {}


def linked(place: Path, *qids: str) -> None:
    """Links that a person confirmed, for the ministers of the articles."""
    rows = [
        sssom.Row(
            subject_id=f"id:article/{key}/entity/m",
            subject_category="ac:Person",
            object_id=f"wd:{qid}",
            object_label="Somebody",
            object_category="person|wd:Q5",
            reviewer_id="me:here",
        )
        for key, qid in zip(("one", "three"), qids, strict=False)
    ]
    post = {"subject_id": "id:article/one/entity/o", "subject_category": "ac:Post"}
    cells = {"object_id": "wd:Q900000000021", "object_category": "post|wd:Q4164871", **post}
    rows.append(sssom.changed(rows[0], **cells))
    sssom.write(place / "links" / sssom.FILE, rows, Bases(DEMO_BASE))


def run(place: Path, *args: str):
    done = CliRunner().invoke(
        acuerdo, ["link", "--kg", str(place / "kg"), "--now", "2026-01-31", "enrich", *args]
    )
    assert done.exit_code == 0, done.output
    return done.output


def in_wikidata(place: Path) -> set[tuple[str, str]]:
    build(Options((place / "articles",), place / "kg", jobs=1))
    lines = b"".join(Directory(place / "kg").current().lines()).splitlines(keepends=True)
    return short(b"".join(line for line in lines if b"/graph/wikidata> ." in line))


def test_enrich_takes_facts_from_an_endpoint_and_build_gives_them_a_graph_of_their_own(
    place, endpoint
) -> None:
    linked(place, "Q900000000007", "Q900000000008")
    assert in_wikidata(place) == set()
    said = run(place, "--endpoint", endpoint.url, "--contact", "me@example.org")
    assert "Facts about 1 of 2 linked people" in said
    found = in_wikidata(place)
    assert ("P102", "<http://www.wikidata.org/entity/Q900000000020>") in found
    assert {o for p, o in found if p == "source"} == {f'"{endpoint.url}"'}
    (row,) = open_kg(place / "kg").query("posts-and-wikidata")
    asked = [str(getattr(row[c], "value", row[c])) for c in ("begin", "attestedOn", "within")]
    assert asked == ["2012-12-04", "2025-03-04", "yes"]
    (place / "links" / enrich.FILE).unlink()
    assert in_wikidata(place) == set()


def test_enrich_takes_facts_from_snapshots_and_a_second_run_changes_no_byte(place, tables) -> None:
    linked(place, "Q900000000007")
    given = [x for t in tables for x in ("--candidates", str(t))]
    run(place, *given)
    before = (place / "links" / enrich.FILE).read_bytes()
    run(place, *given)
    assert (place / "links" / enrich.FILE).read_bytes() == before
    assert ("P582", '"2018-12-01"^^<http://www.w3.org/2001/XMLSchema#date>') in in_wikidata(place)


def test_enrich_asks_an_endpoint_once_and_offline_not_at_all(place, endpoint) -> None:
    linked(place, "Q900000000007")
    given = ("--endpoint", endpoint.url)
    args = ["link", "--kg", str(place / "kg"), "enrich", *given, "--offline"]
    refused = CliRunner().invoke(acuerdo, args)
    assert isinstance(refused.exception, RemoteFailed)
    assert "not in the cache" in str(refused.exception)
    assert not (place / "links" / enrich.FILE).exists()
    run(place, *given)
    before = (place / "links" / enrich.FILE).read_bytes()
    endpoint.down = True
    run(place, *given)
    run(place, *given, "--offline")
    assert len(endpoint.asked) == 1
    assert (place / "links" / enrich.FILE).read_bytes() == before


def test_a_public_endpoint_is_not_asked_without_a_contact(place) -> None:
    linked(place, "Q900000000007")
    args = ["link", "--kg", str(place / "kg"), "enrich", "--endpoint", "https://example.org/sparql"]
    refused = CliRunner().invoke(acuerdo, args)
    assert isinstance(refused.exception, WrongUsage)
    assert "--contact" in str(refused.exception)
