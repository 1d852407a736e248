"""The queries of docs/how-to/wikidata.md, sent over HTTP to an Oxigraph server that holds a slice of Wikidata's shape."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
import rdflib

from acuerdo.store.directory import Directory

PAGE = (Path(__file__).parents[2] / "docs/how-to/wikidata.md").read_text(encoding="utf-8")
QUERIES = dict(
    re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?```sparql\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
)
ALONE = {name: query for name, query in QUERIES.items() if "SERVICE" not in query}
FEDERATED = {name: query for name, query in QUERIES.items() if "SERVICE" in query}
WD = "http://www.wikidata.org/entity/"
# Names and dates are invented, but for the numbers that the registry states with their sources.
SLICE = """
PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX p: <http://www.wikidata.org/prop/>
PREFIX ps: <http://www.wikidata.org/prop/statement/>
PREFIX pq: <http://www.wikidata.org/prop/qualifier/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT DATA {
  wd:Q324546 wdt:P31 wd:Q5 ; rdfs:label "Marco Rubio"@en , "Marco Rubio"@es ;
    wdt:P569 "1901-02-03T00:00:00Z"^^xsd:dateTime ; p:P39 <urn:s1> .
  <urn:s1> ps:P39 wd:Q14213 ; pq:P580 "2025-01-21T00:00:00Z"^^xsd:dateTime .
  wd:Q14213 rdfs:label "United States Secretary of State"@en , "Secretario de Estado"@es .
  wd:Q900000000061 wdt:P31 wd:Q15632617 ; rdfs:label "Nobody Real"@en ; p:P39 <urn:s2> .
  <urn:s2> ps:P39 wd:Q14213 .
  wd:Q900000000062 wdt:P31 wd:Q5 ; rdfs:label "Held Another"@en ; p:P39 <urn:s3> ;
    wdt:P569 "1902-02-03T00:00:00Z"^^xsd:dateTime .
  <urn:s3> ps:P39 wd:Q900000000063 .
}
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory) -> Iterator[str]:
    program = shutil.which("oxigraph", path=Path(sys.executable).parent) or shutil.which("oxigraph")
    assert program, "the oxigraph server is not installed"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("slice")
    call = [program, "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 30
        while True:
            try:
                httpx.post(f"{url}/update", data={"update": SLICE}).raise_for_status()
                break
            except httpx.TransportError:
                assert time.monotonic() < until
                time.sleep(0.05)
        yield f"{url}/query"
        server.kill()


@pytest.fixture(scope="module")
def graph(built) -> list[ox.Quad]:
    lines = b"".join(Directory(built / "kg").current().lines())
    return list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))


def local(query: str, endpoint: str) -> str:
    """The query with the local server in the place of the public one."""
    return re.sub(r"SERVICE <[^>]+>", f"SERVICE <{endpoint}>", query)


def by_oxigraph(quads: list[ox.Quad], query: str) -> list[tuple[str, ...]]:
    store = ox.Store()
    store.extend(quads)
    found = store.query(query, use_default_graph_as_union=True)
    return [tuple(term.value if term else "" for term in row) for row in found]


def by_rdflib(quads: list[ox.Quad], query: str) -> list[tuple[str, ...]]:
    store = rdflib.Graph()
    triples = {ox.Triple(q.subject, q.predicate, q.object) for q in quads}
    store.parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")
    # It writes the same moment in its own way.
    said = (tuple(str(term) if term else "" for term in row) for row in store.query(query))
    return [tuple(text.replace("+00:00", "Z") for text in row) for row in said]


def test_the_page_has_queries_of_both_kinds_for_both_services() -> None:
    assert len(ALONE) >= 1
    assert len(FEDERATED) >= 2
    assert all("VALUES" in q for q in QUERIES.values())
    assert not re.search(r"bd:|hint:|mwapi|wikibase:label", "".join(QUERIES.values()))
    for service in re.findall(r"^\| [^|]+ \| `(https://[^`]+)` \|$", PAGE, re.MULTILINE):
        assert any(f"SERVICE <{service}>" in query for query in FEDERATED.values())


def test_who_held_a_post_is_asked_of_the_endpoint_alone(endpoint, tmp_path) -> None:
    (query,) = ALONE.values()
    path = tmp_path / "posts.rq"
    path.write_text(query)
    done = subprocess.run(
        [sys.executable, "-m", "acuerdo", "query", path, "--endpoint", endpoint, "--format", "csv"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "post,person,name,start,end",
        f"{WD}Q14213,{WD}Q324546,Marco Rubio,2025-01-21T00:00:00Z,",
    ]


EXPECTED = {
    "Born when, beside what an article says": [(f"{WD}Q324546", "1901-02-03T00:00:00Z")],
    "Posts with their dates from QLever": [
        (f"{WD}Q324546", "United States Secretary of State", "2025-01-21T00:00:00Z")
    ],
}


@pytest.mark.parametrize("engine", [by_oxigraph, by_rdflib])
@pytest.mark.parametrize("name", sorted(FEDERATED))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_federated_query_joins_our_people_with_what_the_slice_says(
    endpoint, graph, name, engine
) -> None:
    found = engine(graph, local(FEDERATED[name], endpoint))
    assert [row[1:] for row in found] == EXPECTED[name]
    assert all(row[0].endswith("/person/marco-rubio") for row in found)
