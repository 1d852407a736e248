"""What is answered beside queries: graphs, descriptions, health, and who may ask."""

import time
from pathlib import Path

import pytest
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import Namespace

from serve.running import Server

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
A = "http://example.org/graph/a"


def test_a_graph_is_read_whole(server: Server) -> None:
    answer = server.http.get(
        "/graph-store", params={"graph": A}, headers={"accept": "application/n-triples"}
    )
    assert answer.text.count("\n") == 10_000
    head = server.http.head("/graph-store", params={"graph": A})
    assert (head.status_code, head.content) == (200, b"")


def test_the_default_graph_is_the_union_without_repetition(server: Server) -> None:
    answer = server.http.get("/graph-store?default", headers={"accept": "application/n-triples"})
    assert answer.text.count("\n") == 10_000


def test_an_unknown_graph_is_404(server: Server) -> None:
    answer = server.http.get("/graph-store", params={"graph": "http://example.org/graph/none"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such graph.")


@pytest.mark.parametrize(
    "query", ["", "?default&graph=" + A, "?graph=a", "?graph=a%3Eb%3A", f"?graph={A}&graph={A}"]
)
def test_a_graph_must_be_named_once_and_wholly(server: Server, query: str) -> None:
    assert server.http.get("/graph-store" + query).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_a_graph_is_not_written(server: Server, method: str) -> None:
    answer = server.http.request(
        method, "/graph-store", params={"graph": A}, content=b"<a:a> <a:b> <a:c> ."
    )
    assert answer.status_code == 403
    assert "read-only" in answer.json()["title"]


def test_the_service_describes_itself_truly(server: Server) -> None:
    endpoint = URIRef(f"http://{server.host}:{server.port}/sparql")
    for accept, parser in (("text/turtle", "turtle"), ("application/ld+json", "json-ld")):
        answer = server.http.get("/sparql", headers={"accept": accept})
        graph = Graph().parse(data=answer.text, format=parser)
        assert (endpoint, RDF.type, SD.Service) in graph
        assert (endpoint, SD.feature, SD.UnionDefaultGraph) in graph
        assert (endpoint, SD.feature, SD.BasicFederatedQuery) not in graph
        assert len(set(graph.objects(endpoint, SD.resultFormat))) == 8


def test_void_names_endpoint_and_base(server: Server) -> None:
    graph = Graph().parse(data=server.http.get("/.well-known/void").text, format="turtle")
    endpoints = {str(o) for o in graph.objects(None, VOID.sparqlEndpoint)}
    assert endpoints == {f"http://{server.host}:{server.port}/sparql"}
    assert {str(o) for o in graph.objects(None, VOID.uriSpace)} == {"https://example.org/kg/"}


def test_health_and_readiness_are_told_apart(server: Server) -> None:
    assert server.http.get("/healthz").text == "ok\n"
    ready = server.http.get("/readyz")
    assert (ready.text, ready.headers["acuerdo-build"]) == ("ready\n", "first")


def _metric(text: str, name: str) -> float:
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def test_metrics_count_outcomes_and_durations(server: Server) -> None:
    before = server.http.get("/metrics").text
    server.query("ASK {}")
    server.query("ASK {")
    after = server.http.get("/metrics").text
    for outcome in ("ok", "syntax"):
        name = f'acuerdo_requests_total{{endpoint="sparql",outcome="{outcome}"}}'
        assert _metric(after, name) == _metric(before, name) + 1
        assert f'acuerdo_request_seconds_bucket{{outcome="{outcome}",le="+Inf"}}' in after
    assert _metric(after, "acuerdo_workers_ready") >= 2
    assert _metric(after, "acuerdo_workers_resident_bytes") > 1_000_000
    assert 'acuerdo_build_info{digest="first"} 1' in after


def test_metrics_are_not_for_those_behind_a_proxy(server: Server) -> None:
    answer = server.http.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]:80"]
)
def test_a_name_that_is_not_ours_is_refused(server: Server, host: str) -> None:
    assert server.http.get("/healthz", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:80", "127.0.0.1", "[::1]:7878", "LOCALHOST"])
def test_the_names_of_loopback_are_ours(server: Server, host: str) -> None:
    assert server.http.get("/healthz", headers={"host": host}).status_code == 200


def test_without_choice_no_other_site_may_read(server: Server) -> None:
    answer = server.http.get("/sparql?query=ASK%7B%7D", headers={"origin": "https://a.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_chosen_site_may_read_and_ask_first(kg: Path) -> None:
    with Server(kg, "--cors", "https://a.example") as server:
        ask = {"origin": "https://a.example", "access-control-request-method": "POST"}
        answer = server.http.options("/sparql", headers=ask)
        assert answer.headers["access-control-allow-origin"] == "https://a.example"
        assert "POST" in answer.headers["access-control-allow-methods"]
        other = server.query("ASK {").request
        other.headers["origin"] = "https://b.example"
        refused = server.http.send(other)
        assert "access-control-allow-origin" not in refused.headers
        other.headers["origin"] = "https://a.example"
        allowed = server.http.send(other)
        assert allowed.headers["access-control-allow-origin"] == "https://a.example"
        assert "Origin" in allowed.headers["vary"]


def test_the_log_has_outcome_and_hash_and_no_query(kg: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with Server(kg, log=log) as server:
        server.query("ASK { <http://example.org/secret-name> ?p ?o }")
        server.query("ASK {")
    lines = [line for line in log.read_text().splitlines() if '"endpoint":"sparql"' in line]
    assert ['"outcome":"ok"' in lines[0], '"outcome":"syntax"' in lines[1]] == [True, True]
    assert '"client":"127.0.0.0"' in lines[0]
    assert '"query":"' in lines[0]
    assert "secret" not in log.read_text()


def test_a_slow_query_is_told_by_hash(kg: Path) -> None:
    with Server(kg, "--slow", "0.2", "--timeout", "0.5") as server:
        server.query(
            "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?b ?f . FILTER(?c > ?f) }", timeout=20
        )
    assert any(line.startswith("slow ") for line in "".join(server.words).splitlines())
    assert "SELECT" not in "".join(server.words)


def test_a_taken_port_is_named_with_what_to_do(server: Server, kg: Path) -> None:
    with pytest.raises(RuntimeError, match="--port 0"):
        Server(kg, "--port", str(server.port))


def test_a_graph_directory_without_a_build_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="acuerdo build"):
        Server(tmp_path)


def test_a_running_answer_is_finished_before_the_server_stops(kg: Path) -> None:
    server = Server(kg)
    with server.http.stream("GET", "/sparql", params={"query": "SELECT * { ?s ?p ?o }"}) as answer:
        pieces = answer.iter_bytes()
        size = len(next(pieces))
        server.process.terminate()
        time.sleep(0.2)
        size += sum(len(piece) for piece in pieces)
    assert size > 2_000_000
    assert server.process.wait(timeout=20) == 0
    server.close()


def test_the_same_question_is_answered_without_work_and_equally(server: Server) -> None:
    query = "SELECT ?o { <http://example.org/s77> ?p ?o } ORDER BY ?o"
    first = server.query(query)
    before = _metric(server.http.get("/metrics").text, "acuerdo_kept_hits{")
    again = server.query(query)
    assert _metric(server.http.get("/metrics").text, "acuerdo_kept_hits{") == before + 1
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
