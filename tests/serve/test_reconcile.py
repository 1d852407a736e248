"""`/reconcile` over HTTP, as OpenRefine speaks to it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from acuerdo.build import Options, build
from serve.running import Server

BRIEFS = Path(__file__).parents[2] / "examples" / "briefs"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    kg = tmp_path_factory.mktemp("reconcile") / "kg"
    build(Options((BRIEFS / "rubio-2025.json",), kg, jobs=1))
    with Server(kg) as running:
        yield running


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
    assert client.post("/reconcile", data={"queries": "{"}).status_code == 400
    assert client.get("/reconcile/preview", params={"id": "person/nobody"}).status_code == 404
