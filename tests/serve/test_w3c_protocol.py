"""The 34 SPARQL 1.1 Protocol cases of the W3C, read from their manifest.

The query side passes as written. The good updates meet the documented refusal and change nothing.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rdflib import Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from serve.running import Server, publish

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")

QUERIES = """query_post_form query_dataset_default_graphs_get query_dataset_default_graphs_post
query_dataset_named_graphs_post query_dataset_named_graphs_get query_dataset_full query_multiple_dataset query_get
query_content_type_select query_content_type_ask query_content_type_describe query_content_type_construct
query_post_direct bad_query_method bad_multiple_queries bad_query_wrong_media_type bad_query_missing_form_type
bad_query_missing_direct_type bad_query_non_utf8 bad_query_syntax""".split()
UPDATES = """update_dataset_default_graph update_dataset_default_graphs update_dataset_named_graphs update_dataset_full
update_post_form update_post_direct update_base_uri""".split()
BAD_UPDATES = """bad_update_get bad_multiple_updates bad_update_wrong_media_type bad_update_missing_form_type
bad_update_non_utf8 bad_update_syntax bad_update_dataset_conflict""".split()
TYPES = {
    "boolean": ("application/sparql-results+xml", "application/sparql-results+json"),
    "tabular": (
        "application/sparql-results+xml",
        "application/sparql-results+json",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("text/turtle", "application/rdf+xml", "application/n-triples"),
}


class Suite:
    """The manifest and a server on all its data."""

    def __init__(self, folder: Path, tmp: Path) -> None:
        self.manifest = Graph().parse(folder / "manifest.ttl", publicID=folder.as_uri() + "/")
        quads = set()
        for data in self.manifest.objects(None, UT.graphData):
            label = self.manifest.value(data, RDFS.label)
            lines = Path(
                str(self.manifest.value(data, UT.graph)).removeprefix("file://")
            ).read_text()
            quads |= {
                line.rstrip(" .") + f" <{label}> .\n" for line in lines.splitlines() if line.strip()
            }
        publish(tmp / "kg", "w3c", "".join(sorted(quads)).encode())
        self.server = Server(tmp / "kg")

    def requests(self, name: str) -> list[Node]:
        """The requests of one case, in order."""
        found = [s for s in self.manifest.subjects(MF.action) if str(s).endswith("#" + name)]
        action = self.manifest.value(found[0], MF.action)
        return list(Collection(self.manifest, self.manifest.value(action, HT.requests)))

    def send(self, request: Node) -> httpx.Response:
        """Send one as it is written; nothing is added but `Accept: */*`."""
        value = self.manifest.value
        path = str(value(request, HT.absolutePath))
        method = str(value(request, HT.methodName))
        headers = (
            {
                str(value(h, HT.fieldName)): str(value(h, HT.fieldValue))
                for h in Collection(self.manifest, value(request, HT.headers))
            }
            if value(request, HT.headers)
            else {}
        )
        body = value(request, HT.body)
        content = b""
        if body is not None:
            content = str(value(body, CNT.chars)).encode(str(value(body, CNT.characterEncoding)))
        sent = self.server.http.build_request(method, path, headers=headers, content=content)
        return self.server.http.send(sent)


@pytest.fixture(scope="module")
def suite(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    running = Suite(shared / "w3c" / "sparql11" / "protocol", tmp_path_factory.mktemp("w3c"))
    yield running
    running.server.close()


def _expected(suite: Suite, request: Node) -> Any:
    return suite.manifest.value(request, HT.resp)


def _status_fits(suite: Suite, response: Node, status: int) -> bool:
    classes = {str(s)[-3] for s in suite.manifest.objects(response, MF.expectedStatus)}
    return str(status)[0] in classes


@pytest.mark.parametrize("name", QUERIES + BAD_UPDATES)
def test_case_passes_as_written(suite: Suite, name: str) -> None:
    for request in suite.requests(name):
        answer = suite.send(request)
        expected = _expected(suite, request)
        assert _status_fits(suite, expected, answer.status_code), answer.text
        boolean = suite.manifest.value(expected, MF.expectedBoolean)
        if boolean is not None:
            assert answer.json()["boolean"] is boolean.toPython()
        form = suite.manifest.value(expected, MF.expectedFormat)
        if form is not None:
            assert answer.headers["content-type"].split(";")[0] in TYPES[str(form)]


@pytest.mark.parametrize("name", UPDATES)
def test_a_good_update_is_refused_in_words_and_changes_nothing(suite: Suite, name: str) -> None:
    count = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    before = suite.server.query(count).json()
    update, *queries = suite.requests(name)
    answer = suite.send(update)
    assert answer.status_code == 403
    assert "read-only" in answer.json()["title"]
    for query in queries:
        assert suite.send(query).json()["boolean"] is False
    assert suite.server.query(count).json() == before
