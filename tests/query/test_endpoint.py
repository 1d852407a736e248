"""Questions to an endpoint elsewhere: busy, slow, wrong, or a page of HTML."""

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from acuerdo.errors import AcuerdoError, BadQuery, LimitReached, RemoteFailed, WrongUsage
from acuerdo.query import open_kg, question
from acuerdo.query.endpoint import Endpoint

ROWS = json.dumps(
    {
        "head": {"vars": ["x"]},
        "results": {"bindings": [{"x": {"type": "literal", "value": "1"}}]},
    }
).encode()
Reply = tuple[int, dict[str, str], bytes]
GOOD: Reply = (200, {"Content-Type": "application/sparql-results+json"}, ROWS)


class Fake(http.server.ThreadingHTTPServer):
    """Sends the replies in turn, the last one for ever; keeps what it was asked."""

    replies: list[Reply | float]
    asked: list[tuple[dict[str, str], str]]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Fake

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((dict(self.headers), parse_qs(body)["query"][0]))
        replies = self.server.replies
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, float):
            time.sleep(reply)
            return
        status, headers, content = reply
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


@pytest.fixture
def fake() -> Iterator[Fake]:
    server = Fake(("127.0.0.1", 0), Handler)
    server.replies, server.asked = [GOOD], []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


class Slept(list[float]):
    """Instead of sleeping."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def endpoint(server: Fake, **options: float) -> tuple[Endpoint, Slept]:
    slept = Slept()
    url = f"http://127.0.0.1:{server.server_port}/sparql"
    return Endpoint(url, sleep=slept, **options), slept


def test_a_query_is_posted_without_comments_and_with_our_name(fake: Fake) -> None:
    text = "# ASK about\n# which DELETE\nSELECT ?x WHERE { ?x a ac:Call } # INSERT"
    rows = endpoint(fake)[0].query(text)
    assert [row.x for row in rows] == ["1"]
    [(headers, sent)] = fake.asked
    assert headers["User-Agent"].startswith("acuerdo/")
    assert headers["Accept"].startswith("application/sparql-results+json")
    assert "#" not in sent.replace("ns#", "")
    assert sent.startswith("PREFIX ac: <https://w3id.org/acuerdo/ns#>")


@pytest.mark.parametrize(("cells", "meant"), [([], False), (["0"], False), (["1"], True)])
def test_a_store_that_answers_an_ask_with_rows_is_understood(
    fake: Fake, cells: list[str], meant: bool
) -> None:
    rows = [{"__ASK_RETVAL": {"type": "typed-literal", "value": cell}} for cell in cells]
    body = {"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": rows}}
    fake.replies = [(GOOD[0], GOOD[1], json.dumps(body).encode())]
    assert endpoint(fake)[0].query("ASK { ?s ?p ?o }") is meant


def test_an_answer_is_fetched_once_however_often_it_is_read(fake: Fake) -> None:
    rows = endpoint(fake)[0].query("SELECT ?x { ?x ?p ?o }")
    assert len(rows) == len(list(rows)) == 1
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        (
            {
                "Retry-After": "Mon, 05 Feb 2024 10:00:09 GMT",
                "Date": "Mon, 05 Feb 2024 10:00:00 GMT",
            },
            9.0,
        ),
        ({}, 1.0),
        ({"Retry-After": "soon"}, 1.0),
    ],
    ids=["seconds", "date", "nothing", "nonsense"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_endpoint_is_asked_again_when_it_says(
    fake: Fake, status: int, headers: dict[str, str], wait: float
) -> None:
    fake.replies = [(status, headers, b""), GOOD]
    asked, slept = endpoint(fake)
    rows = asked.query("SELECT ?x { ?x ?p ?o }")
    assert len(rows) == 1
    # BaseHTTPRequestHandler writes a Date of its own before ours.
    assert slept == [wait] or (wait == 9.0 and slept == [0.0])


def test_patience_ends(fake: Fake) -> None:
    fake.replies = [(429, {"Retry-After": "3600"}, b"")]
    with pytest.raises(RemoteFailed, match=r"stays busy .429.*come back in 3600 s"):
        endpoint(fake)[0].query("ASK { ?s ?p ?o }")
    fake.replies = [(503, {}, b"")]
    asked, slept = endpoint(fake, patience=10.0)
    with pytest.raises(RemoteFailed, match="stays busy"):
        asked.query("ASK { ?s ?p ?o }")
    assert slept == [1.0, 2.0, 4.0]


def test_silence_is_a_time_limit(fake: Fake) -> None:
    fake.replies = [1.5]
    with pytest.raises(LimitReached, match="no answer in 1 s"):
        endpoint(fake, timeout=1.0, patience=0.5)[0].query("ASK { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        ((400, {}, b"Parse error: <b>line 3</b>"), BadQuery, "Parse error"),
        ((401, {}, b""), RemoteFailed, "name and password (401)"),
        ((404, {}, b"nothing"), RemoteFailed, "(404), is the address right: nothing"),
        ((403, {}, b"<h1>no</h1> bots"), RemoteFailed, "403 Forbidden: no bots"),
        ((500, {}, b"boom"), RemoteFailed, "fails (500): boom"),
        ((200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>"), RemoteFailed, "text/html"),
        ((200, GOOD[1], ROWS[:-9]), RemoteFailed, "ends too early"),
        ((200, GOOD[1], b'{"error": "maxlag"}'), RemoteFailed, "maxlag"),
    ],
)
def test_what_is_no_answer_is_never_taken_for_one(
    fake: Fake, reply: Reply, error: type[AcuerdoError], words: str
) -> None:
    fake.replies = [reply]
    with pytest.raises(error) as caught:
        endpoint(fake)[0].query("SELECT ?x { ?x ?p ?o }")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_graphs_come_back_as_triples_and_broken_ones_do_not(fake: Fake) -> None:
    fake.replies = [(200, {"Content-Type": "text/turtle"}, b"<urn:a> <urn:b> <urn:c> .")]
    text = "CONSTRUCT WHERE { ?s ?p ?o }"
    assert list(endpoint(fake)[0].query(text)) == [("urn:a", "urn:b", "urn:c")]
    assert fake.asked[0][0]["Accept"] == "application/n-triples, text/turtle;q=0.9"
    fake.replies = [(200, {"Content-Type": "text/turtle"}, b"<urn:a> <urn:b> .")]
    with pytest.raises(RemoteFailed, match="broken graph"):
        endpoint(fake)[0].query(text)


def test_nobody_there_and_no_address_are_said_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(RemoteFailed, match="cannot be reached"):
        Endpoint(url).query("ASK { ?s ?p ?o }")
    for wrong in ("ftp://example.org/", "example.org", "http://me:secret@example.org/"):
        with pytest.raises(WrongUsage, match="not the http"):
            Endpoint(wrong)


def test_the_command_asks_an_endpoint(fake: Fake) -> None:
    url = f"http://127.0.0.1:{fake.server_port}/sparql"
    done = subprocess.run(
        [sys.executable, "-m", "acuerdo", "query", "--endpoint", url, "SELECT ?x { ?x ?p ?o }"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["x", "1"]


@pytest.fixture(scope="module")
def oxigraph(examples_directory: Path) -> Iterator[str]:
    program = shutil.which("oxigraph") or str(Path(sys.executable).parent / "oxigraph")
    if not os.access(program, os.X_OK):
        pytest.skip("the oxigraph server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    build = (examples_directory / "CURRENT").read_text().strip()
    store = examples_directory / "builds" / build / "store"
    args = ["serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [program, *args, "--union-default-graph"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/query"
    server.terminate()
    server.wait(10)


@pytest.mark.slow
@pytest.mark.parametrize("name", question.names())
def test_an_endpoint_answers_a_question_as_the_graph_does(
    name: str, oxigraph: str, examples_directory: Path
) -> None:
    here, there = open_kg(examples_directory).query(name), Endpoint(oxigraph).query(name)
    assert list(there) == list(here)


@pytest.mark.slow
def test_an_endpoint_knows_names(oxigraph: str) -> None:
    rows = Endpoint(oxigraph).query("who-said-what", speaker="Osorio Chong")
    assert {row.speakerLabel for row in rows} == {"Miguel Ángel Osorio Chong"}
