"""`acuerdo serve --endpoint`: the same server in front of a store that somebody else runs."""

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import httpx
import pytest

from acuerdo.build import Options, build
from push.conftest import free_port, wait_for
from serve.running import Server

BRIEF = Path(__file__).parents[2] / "examples" / "briefs" / "rubio-2025.json"
BASE = "https://example.org/kg/"
SLOW = """SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (CONCAT(STR(?a), STR(?f)) = STR(?i)) }"""


class Store:
    """An Oxigraph server that can die and come back at its address."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        call = ["oxigraph", "serve", "--location", str(self.folder), "--union-default-graph"]
        call += ["--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(call, stderr=subprocess.DEVNULL)
        wait_for(f"{self.url}/query?query=ASK%7B%7D")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


class Pair(NamedTuple):
    """The same graph served from its directory and from a store elsewhere."""

    here: Server
    there: Server
    store: Store


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    kg = tmp_path_factory.mktemp("elsewhere") / "kg"
    build(Options((BRIEF,), kg, base=BASE, jobs=1))
    store = Store(tmp_path_factory.mktemp("oxigraph"))
    dump = (kg / "builds" / (kg / "CURRENT").read_text().strip() / "graph.nq.gz").read_bytes()
    quads = {"Content-Type": "application/n-quads"}
    httpx.post(
        f"{store.url}/store", content=gzip.decompress(dump), headers=quads
    ).raise_for_status()
    options = ["--timeout", "3", "--max-rows", "500"]
    try:
        with (
            Server(kg, *options) as here,
            Server(kg, *options, "--endpoint", f"{store.url}/query") as there,
        ):
            yield Pair(here, there, store)
    finally:
        store.kill()


@pytest.mark.parametrize(
    "path",
    [
        "/questions/claims-by-speaker?format=csv",
        "/questions/contacts?country=Mexico&format=csv",
        "/questions/who-said-what?speaker=Marco+Rubio&format=json",
        "/data/person/marco-rubio?format=ntriples",
        "/page/person/marco-rubio",
        "/reconcile?queries=" + json.dumps({"q": {"query": "Marco Rubio"}}),
        "/questions/contacts?since=yesterday",
        "/questions/contacts?country=Atlantis",
        "/questions/no-such",
        "/data/person/nobody",
    ],
)
def test_questions_pages_and_reconciliation_are_those_of_the_directory(
    pair: Pair, path: str
) -> None:
    here, there = (server.http.get(path) for server in (pair.here, pair.there))
    assert there.status_code == here.status_code
    assert sorted(_without_build(there).splitlines()) == sorted(_without_build(here).splitlines())


def _without_build(answer: httpx.Response) -> str:
    """The text without what names the build or the server's own address."""
    lines = answer.text.replace(str(answer.url.port), "PORT").splitlines()
    return "\n".join(line for line in lines if "<footer>" not in line)


def test_it_is_guarded_like_a_store_of_ones_own(pair: Pair) -> None:
    wrong = pair.there.query("SELECT ?x {\n  ?x a ")
    assert (wrong.status_code, wrong.json()["line"]) == (400, 2)
    assert pair.there.query("SELECT * { SERVICE <urn:x> { ?s ?p ?o } }").status_code == 403
    updated = pair.there.http.post("/sparql", data={"update": "CLEAR ALL"})
    assert (updated.status_code, updated.json()["type"].rpartition("/")[2]) == (403, "read-only")
    cut = pair.there.query("SELECT * { ?s ?p ?o }")
    assert cut.headers["acuerdo-truncated"] == "true"
    assert len(cut.json()["results"]["bindings"]) == 500


def test_a_query_that_takes_too_long_is_ended_and_the_next_one_is_answered(pair: Pair) -> None:
    began = time.monotonic()
    late = pair.there.query(SLOW)
    assert time.monotonic() - began < 8
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (503, "time-limit")
    assert pair.there.query("ASK { ?s ?p ?o }").json()["boolean"] is True


def test_the_dataset_that_a_client_names_reaches_the_store(pair: Pair) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    graph = {"query": count, "default-graph-uri": f"{BASE}graph/registry"}
    answers = [
        server.http.get("/sparql", params=graph).json() for server in (pair.here, pair.there)
    ]
    assert answers[0] == answers[1]
    assert answers[1] != pair.there.query(count).json()


def test_what_may_have_changed_since_is_neither_tagged_nor_kept(pair: Pair) -> None:
    first = pair.there.query("SELECT (COUNT(*) AS ?n) { ?s <urn:added> ?o }")
    assert "etag" not in first.headers
    added = "INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:added> <urn:o> } }"
    httpx.post(f"{pair.store.url}/update", data={"update": added}).raise_for_status()
    assert pair.there.query("SELECT ?o { ?s <urn:added> ?o }").json()["results"]["bindings"]


def test_there_is_no_dump_and_none_is_promised(pair: Pair) -> None:
    assert pair.there.http.get("/export/graph.nq.gz").status_code == 404
    assert "dataDump" not in pair.there.http.get("/.well-known/void").text


@pytest.mark.slow
def test_a_store_that_dies_is_told_and_one_that_comes_back_is_used(pair: Pair) -> None:
    pair.store.kill()
    try:
        failed = pair.there.query("ASK { ?s ?p ?o }")
        assert (failed.status_code, failed.json()["type"].rpartition("/")[2]) == (502, "remote")
        assert str(pair.store.port) not in failed.text
        assert _ready_within(pair.there, 20, 503)
    finally:
        pair.store.start()
    assert pair.there.query("ASK { ?s ?p ?o }").status_code == 200
    assert _ready_within(pair.there, 20, 200)
    assert pair.there.http.get("/healthz").status_code == 200


def _ready_within(server: Server, seconds: float, status: int) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.http.get("/readyz").status_code == status:
            return True
        time.sleep(0.3)
    return False


class Capped(BaseHTTPRequestHandler):
    """An endpoint that wants a token, gives only the first row, and says so as Virtuoso does."""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.headers.get("Authorization") == "Bearer open-sesame"
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("X-SPARQL-MaxRows", "1")
        self.end_headers()
        if b"ASK" in asked:
            self.wfile.write(b'{"head": {}, "boolean": true}')
        else:
            self.wfile.write(b'{"head": {"vars": ["s"]}, "results": {"bindings": [{}]}}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def capped() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Capped)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/sparql"
    server.shutdown()
    server.server_close()


def test_rows_that_the_store_cut_do_not_pass_for_all(
    capped: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACUERDO_ENDPOINT_TOKEN", "open-sesame")
    with Server(tmp_path, "--endpoint", capped, "--base", BASE) as server:
        cut = server.query("SELECT ?s { ?s ?p ?o }")
        assert (cut.status_code, cut.json()["type"].rpartition("/")[2]) == (503, "remote-limit")
        assert "first rows" in cut.json()["detail"]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--endpoint", "http://127.0.0.1:9/sparql"], 7, "cannot be reached"),
        (["--endpoint", "ftp://example.org/"], 2, "not the http(s) address"),
        (["--endpoint", "http://127.0.0.1:9/sparql", "--public"], 2, "--public"),
    ],
)
def test_an_endpoint_that_cannot_be_served_is_told_before_anything_listens(
    options: list[str], code: int, words: str
) -> None:
    call = [sys.executable, "-m", "acuerdo", "serve", "--port", "0", *options]
    run = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == code
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_an_endpoint_that_wants_a_password_says_how_to_give_it(capped: str) -> None:
    call = [sys.executable, "-m", "acuerdo", "serve", "--port", "0", "--endpoint", capped]
    run = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 7
    assert "ACUERDO_ENDPOINT_TOKEN" in run.stderr
