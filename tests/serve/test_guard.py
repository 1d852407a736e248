"""The fences around workers, tried on the running server."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from serve.running import Server

ALL = "SELECT * { ?s ?p ?o }"


def _listener() -> tuple[socket.socket, list[bytes]]:
    """A listener on loopback that notes who connects."""
    listener, seen = socket.create_server(("127.0.0.1", 0)), []

    def accept() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            seen.append(peer.recv(200))
            peer.close()

    threading.Thread(target=accept, daemon=True).start()
    return listener, seen


def _drain(raw: socket.socket) -> None:
    while raw.recv(65536):
        pass


def test_the_fork_server_has_one_thread_and_no_store(server: Server) -> None:
    forker = server.descendants()[0]
    assert [t.name for t in Path(f"/proc/{forker}/task").iterdir()] == [str(forker)]
    opened = [str(f.readlink()) for f in Path(f"/proc/{forker}/fd").iterdir()]
    assert not [name for name in opened if "store" in name]


def test_workers_hold_no_socket_but_their_channel(server: Server) -> None:
    for pid in server.descendants()[1:]:
        opened = [str(f.readlink()) for f in Path(f"/proc/{pid}/fd").iterdir()]
        assert len([name for name in opened if name.startswith("socket:")]) == 1


def test_a_call_that_the_lexer_misreads_reaches_no_socket(server: Server) -> None:
    listener, seen = _listener()
    port = listener.getsockname()[1]
    query = f"PREFIX n: <http://127.0.0.1:{port}/> SELECT * {{ ?b ?c ?d FILTER(1<?b||1=1)SERVICEn:x#>\n{{ ?s ?p ?o }} }}"
    answer = server.post(query)
    listener.close()
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (403, "federation-off")
    assert seen == []


def test_service_is_refused_with_its_place(server: Server) -> None:
    problem = server.post("ASK {\n  SERVICE <http://127.0.0.1:1/> {} }").json()
    assert (problem["status"], problem["line"], problem["column"]) == (403, 2, 3)


HOSTILE = {
    "parentheses": ("SELECT * { FILTER" + "(" * 5000 + "1" + ")" * 5000 + " }", {400}),
    "negations": ("SELECT * { FILTER(" + "!" * 20_000 + "true) }", {400}),
    "order by": ("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?a", {503}),
    "doubling": (
        "SELECT * { BIND('0123456789' AS ?v0) "
        + " ".join(f"BIND(CONCAT(?v{i},?v{i}) AS ?v{i + 1})" for i in range(30))
        + " }",
        {503},
    ),
    "join": ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?g) }", {503}),
    "planning": (
        "SELECT * { ?s "
        + "/".join(f"<http://example.org/p{i % 10}>" for i in range(1000))
        + " ?o }",
        {400, 503},
    ),
}


@pytest.mark.parametrize(("query", "statuses"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_gets_a_problem_in_time_and_the_next_query_an_answer(
    server: Server, query: str, statuses: set[int]
) -> None:
    start = time.monotonic()
    answer = server.post(query)
    assert time.monotonic() - start < 2 + 1
    assert answer.status_code in statuses
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert server.query("ASK {}").json()["boolean"] is True
    assert server.process.poll() is None


def _all_workers(server: Server, *, gone: int = 0) -> set[int]:
    """The processes below the server once none is missing: fork server, workers, a reserve and a spare."""
    complete = 1 + max(2, os.cpu_count() or 2) + 2
    deadline = time.monotonic() + 5
    while len(found := set(server.descendants())) != complete or gone in found:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_a_worker_killed_from_outside_is_replaced_and_costs_no_query(server: Server) -> None:
    before = _all_workers(server)
    killed = max(before)
    os.kill(killed, 9)
    assert [server.query("ASK {}").status_code for _ in range(5)] == [200] * 5
    assert _all_workers(server, gone=killed) - before


def test_an_answer_that_fails_late_is_reset_and_never_ends_well(kg: Path) -> None:
    with (
        Server(kg, "--max-bytes", "1500000") as server,
        socket.create_connection((server.host, server.port)) as raw,
    ):
        raw.sendall(b"GET /sparql?query=SELECT+*+%7B%3Fs+%3Fp+%3Fo%7D HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            _drain(raw)


def test_a_small_row_limit_cuts_a_valid_document_and_says_so(kg: Path) -> None:
    with Server(kg, "--max-rows", "10") as server:
        cut = server.query(ALL)
        assert len(cut.json()["results"]["bindings"]) == 10
        assert cut.headers["acuerdo-truncated"] == "true"
        assert "etag" not in cut.headers
        whole = server.query(ALL + " LIMIT 10")
        assert "acuerdo-truncated" not in whole.headers
        graph = server.query("CONSTRUCT WHERE { ?s ?p ?o }", accept="application/n-triples")
        assert graph.text.count("\n") == 10
        assert graph.headers["acuerdo-truncated"] == "true"


def test_nothing_is_left_behind_when_the_server_stops(kg: Path) -> None:
    server = Server(kg)
    below = server.descendants()
    assert len(below) >= 4
    assert server.close() == 0
    assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]


def test_nothing_is_left_behind_when_the_server_is_killed(kg: Path) -> None:
    server = Server(kg)
    below = server.descendants()
    server.process.kill()
    deadline = time.monotonic() + 5
    while [
        p
        for p in below
        if Path(f"/proc/{p}/cmdline").exists() and Path(f"/proc/{p}/cmdline").read_bytes()
    ]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    server.close()
