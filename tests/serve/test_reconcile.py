"""`/reconcile` over HTTP, as OpenRefine speaks to it."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from acuerdo.build import Options, build
from link import reconciliation
from link.test_reconcile import conforms
from serve.running import Server

BRIEFS = Path(__file__).parents[2] / "examples" / "briefs"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    kg = tmp_path_factory.mktemp("reconcile") / "kg"
    build(Options((BRIEFS / "rubio-2025.json",), kg, jobs=1))
    with Server(kg, "--cors", "*") as running:
        yield running


def thing_view(manifest: dict, key: str) -> str:
    """The page of a thing by the template of the manifest, its id encoded as one part of an address."""
    return manifest["view"]["url"].replace("{{id}}", quote(key, safe=""))


@pytest.mark.slow
def test_every_message_over_http_is_as_the_specification_wants_it(examples) -> None:
    client = examples.http
    manifest = client.get("/reconcile")
    conforms(manifest.json(), reconciliation.MANIFEST)
    queries = {"a": {"query": "Marco Rubio", "type": "Person"}, "b": {"query": "Zzyzx"}}
    conforms(queries, reconciliation.QUERIES)
    answer = client.post("/reconcile", data={"queries": json.dumps(queries)})
    conforms(answer.json(), reconciliation.RESULTS)
    assert answer.json()["a"]["result"]
    answers = [manifest, answer]
    for part, where in manifest.json()["suggest"].items():
        url = where["service_url"] + where["service_path"]
        got = client.get(url, params={"prefix": "a", "cursor": 0})
        conforms(got.json(), reconciliation.SUGGESTED[part])
        answers.append(got)
    page = manifest.json()["preview"]["url"].replace("{{id}}", quote("person/marco-rubio", safe=""))
    answers.append(client.get(page))
    # Browsers of another origin may read each of them, when the server is told so.
    assert {a.headers["access-control-allow-origin"] for a in answers} == {"*"}
    assert {a.status_code for a in answers} == {200}
    assert client.get("/reconcile/suggest/type?cursor=x").status_code == 400


@pytest.mark.slow
def test_openrefine_reads_the_manifest_asks_a_batch_and_opens_a_preview(examples) -> None:
    client = examples.http
    manifest = client.get("/reconcile").json()
    assert "0.2" in manifest["versions"]
    thing = client.get("/reconcile/suggest/entity", params={"prefix": "a"}).json()["result"][0]
    queries = json.dumps({"q0": {"query": thing["name"], "type": thing["notable"][0]["id"]}})
    posted = client.post("/reconcile", data={"queries": queries}).json()
    assert posted["q0"]["result"][0]["name"] == thing["name"]
    assert posted == client.get("/reconcile", params={"queries": queries}).json()
    page = client.get("/reconcile/preview", params={"id": thing["id"]})
    assert page.headers["content-type"].startswith("text/html")
    shown = client.get(thing_view(manifest, thing["id"]), follow_redirects=True)
    assert shown.status_code == 200
    assert client.post("/reconcile", data={"queries": "{"}).status_code == 400
    assert client.get("/reconcile/preview", params={"id": "person/nobody"}).status_code == 404
