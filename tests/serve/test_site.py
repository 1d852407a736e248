"""Questions, things, pages, dumps: what a browser or a crawler meets."""

import csv
import gzip
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph, URIRef

from acuerdo.serve.pages import Places, outside
from serve.running import Server, publish

BASE = "https://example.org/kg/"
AC = "https://w3id.org/acuerdo/ns#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
ANA = f"{BASE}id/person/ana-maria"
# Text that tries to leave its place in HTML.
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}",
    "</td></tr></table><h1>gone",
    "<!--",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "]]><script>alert(1)</script>",
]


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _graph() -> bytes:
    graph, article = f"<{BASE}graph/article/a1>", f"{BASE}id/article/a1"
    passage = f"<{article}/v/0123abcd#char=10,40>"
    lines = [
        f'<{ANA}> <{LABEL}> "Ana María" {graph}',
        f'<{ANA}> <{LABEL}> "Ana María" <{BASE}graph/registry>',
        f"<{ANA}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{AC}Person> {graph}",
        f"<{ANA}> <{AC}evidencedBy> {passage} {graph}",
        f"<{ANA}> <{AC}seeAlso> <javascript:alert(1)> {graph}",
        f"<{ANA}> <{AC}seeAlso> <https://other.example/x> {graph}",
        f"{passage} <{AC}passageOf> <{article}> {graph}",
        f'{passage} <{AC}charStart> "10"^^<http://www.w3.org/2001/XMLSchema#integer> {graph}',
        f'{passage} <{AC}charEnd> "40"^^<http://www.w3.org/2001/XMLSchema#integer> {graph}',
        f"{passage} <{AC}words> {_literal(PAYLOADS[0])} {graph}",
        f"<{article}> <{AC}title> {_literal(PAYLOADS[2])} {graph}",
        f"<{BASE}id/event/talk> <{AC}participant> <{ANA}> {graph}",
    ]
    for i, payload in enumerate(PAYLOADS):
        hostile = f"<{BASE}id/event/hostile-{i}>"
        lines += [
            f"{hostile} <{LABEL}> {_literal(payload)} {graph}",
            f"{hostile} <{AC}note> {_literal(payload)}@en {graph}",
            f"<{ANA}> <{AC}mentionedIn> {hostile} {graph}",
        ]
    return "".join(line + " .\n" for line in lines).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = publish(tmp_path_factory.mktemp("site") / "kg", "abc123", _graph(), base=BASE)
    (folder / "graph.nq.gz").write_bytes(gzip.compress(_graph()))
    with Server(folder.parents[1]) as running:
        yield running


@pytest.mark.parametrize(
    ("accept", "place"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "/page/person/ana-maria"),
        ("text/turtle", "/data/person/ana-maria?format=turtle"),
        ("application/ld+json", "/data/person/ana-maria?format=jsonld"),
        ("application/n-triples", "/data/person/ana-maria?format=ntriples"),
        ("application/rdf+xml, text/html;q=0.5", "/data/person/ana-maria?format=rdfxml"),
        ("*/*", "/data/person/ana-maria?format=turtle"),
    ],
)
def test_a_name_leads_to_what_the_client_prefers(site: Server, accept: str, place: str) -> None:
    answer = site.http.get("/id/person/ana-maria", headers={"accept": accept})
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert answer.headers["vary"] == "Accept"
    assert site.http.get(place).status_code == 200


@pytest.mark.parametrize(
    ("name", "parser"),
    [("turtle", "turtle"), ("jsonld", "json-ld"), ("ntriples", "nt"), ("rdfxml", "xml")],
)
def test_data_about_a_thing_have_each_statement_once_and_its_sentence(
    site: Server, name: str, parser: str
) -> None:
    text = site.http.get(f"/data/person/ana-maria?format={name}").text
    graph = Graph().parse(data=text, format=parser)
    assert len(list(graph.triples((URIRef(ANA), URIRef(LABEL), None)))) == 1
    passage = URIRef(f"{BASE}id/article/a1/v/0123abcd#char=10,40")
    assert (passage, URIRef(AC + "passageOf"), URIRef(f"{BASE}id/article/a1")) in graph
    if name == "ntriples":
        assert len(text.splitlines()) == len(set(text.splitlines())) == len(graph)


def test_a_passage_is_found_by_its_document(site: Server) -> None:
    graph = Graph().parse(data=site.http.get("/data/article/a1/v/0123abcd?format=turtle").text)
    assert {str(s) for s in graph.subjects()} == {f"{BASE}id/article/a1/v/0123abcd#char=10,40"}


@pytest.mark.parametrize(
    "path",
    [
        "/page/person/nobody",
        "/data/person/nobody",
        "/page/%3Cb%3E",
        "/data/%00",
        "/page/",
        "/data/a%20b",
    ],
)
def test_what_the_graph_does_not_know_is_404(site: Server, path: str) -> None:
    answer = site.http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


class Links(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_shows_facts_sentence_and_what_points_here(site: Server) -> None:
    page = Links(site.http.get("/page/person/ana-maria").text)
    for shown in ("Ana María", "said in", "characters 10–40", "What points to it", "talk"):
        assert shown in page.text
    assert "/page/article/a1" in page.targets
    assert "https://other.example/x" in page.targets


@pytest.mark.parametrize(
    "path", ["/page/person/ana-maria", *(f"/page/event/hostile-{i}" for i in range(len(PAYLOADS)))]
)
def test_hostile_text_stays_text(site: Server, path: str) -> None:
    answer = site.http.get(path)
    page = Links(answer.text)
    assert page.tags.isdisjoint({"script", "img", "svg", "iframe", "object"})
    assert page.handlers == []
    assert all(re.match(r"(https?://|/(?!/))", target) for target in page.targets)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    if "hostile" in path:
        payload = PAYLOADS[int(path.rsplit("-", 1)[1])]
        assert payload in page.text


def test_only_http_is_linked() -> None:
    for iri in (
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "urn:x:y",
        "http://[bad",
    ):
        assert outside(iri) == ""
    places = Places(BASE)
    assert places(BASE + 'id/a"b') == "/page/a%22b"
    assert places("https://other.example/") == "https://other.example/"
    assert places(BASE + "id/article/a#char=1,2") == "/page/article/a#char%3D1%2C2"


def test_a_question_runs_with_typed_parameters(site: Server) -> None:
    answer = site.http.get(
        "/questions/who-met-whom", params={"since": "2017-01-01", "format": "csv"}
    )
    assert answer.status_code == 200
    header = next(csv.reader(io.StringIO(answer.text)))
    listed = {q["name"]: q for q in site.http.get("/questions").json()["questions"]}
    assert header == [column["name"] for column in listed["who-met-whom"]["columns"]]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/questions/who-met-whom?since=tomorrow", 400, "is not a day"),
        ("/questions/who-met-whom?sinse=2017-01-01", 400, "it takes: since"),
        ("/questions/who-met-whom?person=Nobody+Nowhere", 400, "is named 'Nobody Nowhere'"),
        ("/questions/who-met-who", 404, "did you mean 'who-met-whom'"),
        ("/questions/../secrets", 404, ""),
        ("/questions/who-met-whom?format=pdf", 400, "No format"),
    ],
)
def test_a_question_asked_wrongly_says_what_is_wrong(
    site: Server, path: str, status: int, words: str
) -> None:
    answer = site.http.get(path)
    assert answer.status_code == status
    assert words in answer.json().get("detail", "")


def test_each_question_has_a_form_and_shows_its_query(site: Server) -> None:
    for question in site.http.get("/questions").json()["questions"]:
        page = Links(site.http.get(f"/questions/{question['name']}?form").text)
        assert question["title"] in page.text
        assert "SELECT" in page.text
        empty = {p["name"]: "" for p in question["parameters"]} | {"format": "csv"}
        assert site.http.get(f"/questions/{question['name']}", params=empty).status_code == 200


@pytest.mark.slow
def test_no_text_in_a_parameter_leaves_its_place(site: Server) -> None:
    """2,000 strings: an answer or a problem, never a defect, never another row."""
    parameters = [
        (q["name"], p["name"], p["type"])
        for q in site.http.get("/questions").json()["questions"]
        for p in q["parameters"]
    ]

    @settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(parameters), st.one_of(st.text(max_size=60), st.sampled_from(INJECTIONS))
    )
    def attempt(parameter: tuple[str, str, str], text: str) -> None:
        name, key, kind = parameter
        answer = site.http.get(f"/questions/{name}", params={key: text, "format": "csv"})
        assert answer.status_code in (200, 400, 414), answer.text
        if answer.status_code == 200 and text and kind.startswith("ac:"):
            # This graph has no events: a name that is let through must not find any.
            assert answer.text.count("\n") == 1

    attempt()


INJECTIONS = [
    '" } ?s ?p ?o #',
    "x' } UNION { ?s ?p ?o } #",
    "> } ?s ?p ?o . { <http://a",
    "\\u0022 } ?s ?p ?o #",
    "http://a> } ?s ?p ?o { <http://b",
    '2017-01-01"^^xsd:date } ?s ?p ?o',
    "UNDEF",
    "person/x> } SERVICE <http://127.0.0.1/> { ?s ?p ?o",
]


def test_the_dump_is_streamed_with_its_tag(site: Server) -> None:
    answer = site.http.get("/export/graph.nq.gz", headers={"accept-encoding": "identity"})
    assert gzip.decompress(answer.content) == _graph()
    again = site.http.get("/export/graph.nq.gz", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert site.http.get("/export/manifest.json").json() == {"base": BASE}
    assert site.http.get("/export/..%2F..%2FCURRENT").status_code == 404
    assert site.http.get("/export/report.json").status_code == 404


def test_home_and_style_are_small_and_ask_nobody_else(site: Server) -> None:
    page = site.http.get("/", headers={"accept": "text/html"})
    assert len(page.content) < 30_000
    targets = Links(page.text).targets
    assert all(target.startswith("/") for target in targets)
    assert {site.http.get(t).status_code for t in targets if t != "/sparql"} == {200}


def test_a_query_from_the_form_is_answered(site: Server) -> None:
    query = re.search(r"<textarea[^>]*>(.*?)</textarea>", site.http.get("/").text, re.DOTALL)
    assert query
    answer = site.http.get("/sparql", params={"query": query[1], "format": "json"})
    assert answer.status_code == 200


def test_openapi_lists_every_question_and_its_parameters(site: Server) -> None:
    described = site.http.get("/openapi.json").json()
    for question in site.http.get("/questions").json()["questions"]:
        operation = described["paths"][f"/questions/{question['name']}"]["get"]
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert names == {p["name"] for p in question["parameters"]} | {"format"}


@pytest.mark.slow
def test_the_server_keeps_what_openapi_promises(site: Server, tmp_path: Path) -> None:
    import subprocess
    import sys

    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"http://{site.host}:{site.port}/openapi.json",
        "--max-examples", "40", "--phases", "examples,coverage,fuzzing", "--checks",
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--request-timeout", "20", "--no-color", "--generation-database", "none",
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
