"""SPARQL 1.1 Protocol beyond the W3C's cases: formats, tags, codings, problems."""

import csv
import gzip
import io

import pytest
import zstandard
from rdflib import Graph

from serve.running import Server

SELECT = "SELECT ?s ?o { ?s <http://example.org/p1> ?o } ORDER BY ?s LIMIT 3"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 50"


@pytest.mark.parametrize(
    ("accept", "sent"),
    [
        ("*/*", "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.5, text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("text/csv, */*;q=0.1", "text/csv; charset=utf-8"),
        ("text/*", "text/csv; charset=utf-8"),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "application/sparql-results+xml"),
    ],
)
def test_select_is_sent_in_the_preferred_format(server: Server, accept: str, sent: str) -> None:
    assert server.query(SELECT, accept).headers["content-type"] == sent


@pytest.mark.parametrize(
    ("accept", "parser"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
    ],
)
def test_graphs_parse_in_every_format_and_hold_the_same(
    server: Server, accept: str, parser: str
) -> None:
    answer = server.query(CONSTRUCT + " # " + accept, accept)
    assert answer.headers["content-type"].startswith(accept)
    assert len(Graph().parse(data=answer.content, format=parser)) == 50


def test_the_four_result_formats_hold_the_same_rows(server: Server) -> None:
    rows = [
        (b["s"]["value"], b["o"]["value"])
        for b in server.query(SELECT).json()["results"]["bindings"]
    ]
    text = server.query(SELECT, "text/csv").text
    assert [tuple(r) for r in csv.reader(io.StringIO(text))][1:] == rows
    tsv = server.query(SELECT, "text/tab-separated-values").text.splitlines()[1:]
    assert tsv == [f'<{s}>\t"{o}"' for s, o in rows]
    assert server.query(SELECT, "application/sparql-results+xml").text.count("<result>") == 3


def test_a_format_can_be_named_in_the_url(server: Server) -> None:
    answer = server.http.get("/sparql", params={"query": SELECT, "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    bad = server.http.get("/sparql", params={"query": SELECT, "format": "pdf"})
    assert (bad.status_code, bad.json()["detail"]) == (400, "No format 'pdf'.")


def test_what_the_client_cannot_take_is_406_with_what_there_is(server: Server) -> None:
    answer = server.query(SELECT, "image/png")
    assert answer.status_code == 406
    assert "text/csv" in answer.json()["detail"]
    assert server.query(CONSTRUCT, "text/csv").status_code == 406


def test_the_default_graph_is_the_union_and_from_narrows_it(server: Server) -> None:
    count = "SELECT (COUNT(*) AS ?n) %s { ?s ?p ?o }"
    values = [
        server.query(count % clause).json()["results"]["bindings"][0]["n"]["value"]
        for clause in ("", "FROM <http://example.org/graph/a>", "FROM <http://example.org/none>")
    ]
    assert values == ["20000", "10000", "0"]


def test_construct_has_each_triple_once(server: Server) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    assert server.query(query, "application/n-triples").text.count("\n") == 10_000


def test_a_syntax_error_has_line_and_column(server: Server) -> None:
    answer = server.post("SELECT ?s\nWHERE { ?s ?p }")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["line"], problem["column"]) == (400, 2, 16)
    assert len(problem["detail"]) < 300


def test_an_undeclared_prefix_is_named_as_the_cause(server: Server) -> None:
    assert "prefix" in server.post("ASK { ?s foo:bar 1 }").json()["detail"]


def test_the_same_question_again_is_304(server: Server) -> None:
    first = server.query(SELECT)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["vary"] == "Accept, Accept-Encoding"
    again = server.http.get(
        "/sparql",
        params={"query": SELECT},
        headers={"accept": "application/json", "if-none-match": tag},
    )
    assert (again.status_code, again.content) == (304, b"")
    other = server.http.get(
        "/sparql", params={"query": SELECT}, headers={"accept": "text/csv", "if-none-match": tag}
    )
    assert other.status_code == 200


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_differs_from_call_to_call_has_no_tag(server: Server, function: str) -> None:
    answer = server.query(f"SELECT ({function} AS ?x) {{}}")
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_answers_are_compressed_as_the_client_allows(server: Server) -> None:
    query = "SELECT * { ?s ?p ?o } LIMIT 2000"
    plain = server.http.get(
        "/sparql", params={"query": query}, headers={"accept-encoding": "identity"}
    )
    for coding, decode in (("gzip", gzip.decompress), ("zstd", _unzstd)):
        with server.http.stream(
            "GET", "/sparql", params={"query": query}, headers={"accept-encoding": coding}
        ) as answer:
            assert answer.headers.get("content-encoding") == coding, answer.read()
            assert decode(b"".join(answer.iter_raw())) == plain.content
    small = server.http.get(
        "/sparql", params={"query": "ASK {}"}, headers={"accept-encoding": "gzip"}
    )
    assert "content-encoding" not in small.headers


def _unzstd(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def test_a_streamed_answer_is_complete_in_each_coding(server: Server) -> None:
    query = "SELECT * { ?s ?p ?o }"
    for coding in ("identity", "gzip", "zstd"):
        headers = {"accept": "text/csv", "accept-encoding": coding}
        answer = server.http.get("/sparql", params={"query": query}, headers=headers)
        assert answer.text.count("\r\n") == 20_001


def test_head_has_the_headers_of_get_and_no_body(server: Server) -> None:
    got = server.http.get("/sparql", params={"query": SELECT})
    head = server.http.head("/sparql", params={"query": SELECT})
    ignored = {"date"}
    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in got.headers.items() if k not in ignored
    }


def test_options_says_what_is_allowed(server: Server) -> None:
    answer = server.http.options("/sparql")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


def test_a_method_that_is_not_allowed_is_405_with_what_is(server: Server) -> None:
    answer = server.http.delete("/sparql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


@pytest.mark.parametrize("body", [b"update=CLEAR+ALL", b"query=ASK%7B%7D&update=CLEAR+ALL"])
def test_an_update_in_a_form_is_refused(server: Server, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = server.http.post("/sparql", content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (403, "read-only")


def test_long_queries_and_urls_are_refused(server: Server) -> None:
    assert server.post("ASK {} #" + "x" * 300_000).status_code == 413
    assert server.query("ASK {} #" + "x" * 9_000).status_code == 414


@pytest.mark.parametrize(
    "url",
    [
        "/sparql?query=%FF",
        "/sparql?query=ASK%7B%7D&default-graph-uri=not+an+iri",
        "/sparql?query=",
        "/sparql?x=1&query=+",
    ],
)
def test_a_request_that_cannot_be_understood_is_400(server: Server, url: str) -> None:
    answer = server.http.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_a_value_that_xml_cannot_carry_is_refused_in_xml_only(server: Server) -> None:
    query = r'SELECT ("a\u0001b" AS ?x) {}'
    assert server.query(query, "application/sparql-results+xml").status_code == 406
    assert server.query(query).json()["results"]["bindings"][0]["x"]["value"] == "a\x01b"


def test_every_answer_carries_the_security_headers(server: Server) -> None:
    for answer in (server.query("ASK {}"), server.query("ASK {"), server.http.get("/nowhere")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
