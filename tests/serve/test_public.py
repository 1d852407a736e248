"""`serve --public`: a bounded part of an article's words, and no private person's name anywhere."""

import gzip
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

import graph_directory
from acuerdo.cli import acuerdo
from acuerdo.serve.public import derive
from acuerdo.serve.redact import CHAR_RANGE, fold, parse, text_of
from serve.running import Server

ROOT = Path(__file__).parents[2]
AC = "https://w3id.org/acuerdo/ns#"
BASE = "https://example.org/kg/"

TEXT = (
    "Raid in Ipiales\n\nMaría Lucía Quispe Rojas, 15, was hurt when police stormed a house in Ipiales on Monday. "
    "Quispe lay in hospital on Tuesday, said Defence Minister Iván Velásquez, who visited the town. "
    "Ana Quispe Torres, the governor, met Velásquez there. Nobody was charged, he added, and the police will explain "
    "what they did, why they did it, and who gave the order, to the parliament in Bogotá before the end of the month.\n"
)


def _span(words: str) -> dict[str, object]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "text": words}


def _article() -> dict[str, object]:
    return {
        "acuerdo": 1,
        "id": "raid",
        "published": "2024-05-14",
        "date_basis": "stated",
        "language": "en",
        "title": "Raid in Ipiales",
        "publisher": "test",
        "text": TEXT,
        "sections": [{"start": 0, "end": 15, "kind": "headline"}],
        "entities": [
            {
                "id": "maria-lucia-quispe-rojas",
                "type": "Person",
                "name": "María Lucía Quispe Rojas",
                "mentions": [
                    _span("María Lucía Quispe Rojas"),
                    _span("Quispe lay") | {"end": TEXT.index("Quispe lay") + 6, "text": "Quispe"},
                ],
                "attrs": {"private": True},
            },
            {
                "id": "minister",
                "type": "Person",
                "name": "Iván Velásquez",
                "mentions": [_span("Iván Velásquez")],
            },
            {
                "id": "governor",
                "type": "Person",
                "name": "Ana Quispe Torres",
                "mentions": [_span("Ana Quispe Torres")],
            },
        ],
        "events": [
            {
                "id": "meeting",
                "type": "Meeting",
                "mentions": [_span("met Velásquez")],
                "args": {"participant": ["minister", "governor"]},
                "attrs": {"status": "occurred"},
            },
            {
                "id": "raid",
                "type": "SecurityAction",
                "mentions": [_span("stormed a house")],
                "args": {"participant": ["maria-lucia-quispe-rojas"]},
                "attrs": {"status": "occurred"},
            },
        ],
        "relations": [],
    }


def _build(folder: Path, kg: Path) -> None:
    done = CliRunner().invoke(acuerdo, ["build", str(folder), "--kg", str(kg), "--base", BASE])
    assert done.exit_code in (0, 1), done.output


def _names(text: str) -> list[str]:
    """What of a text would name the private person."""
    folded = fold(re.sub(r"%([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), text))
    return re.findall(r"maria lucia|lucia quispe|quispe rojas|quispe lay", folded)


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    (folder / "articles").mkdir()
    (folder / "articles" / "raid.json").write_text(json.dumps(_article()))
    _build(folder / "articles", folder / "kg")
    whole = graph_directory.dump(folder / "kg").decode()
    assert _names(whole)  # else the tests below would show nothing
    return folder / "kg"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "access.log"


@pytest.fixture(scope="module")
def server(kg: Path, log: Path) -> Iterator[Server]:
    with Server(kg, "--public", "--slow", "0", log=log) as running:
        yield running


@pytest.mark.parametrize(
    "accept",
    ["application/json", "text/csv", "text/tab-separated-values", "application/sparql-results+xml"],
)
def test_no_query_finds_a_private_name(server: Server, accept: str) -> None:
    text = server.query("SELECT * { GRAPH ?g { ?s ?p ?o } }", accept).text
    assert "Velásquez" in text
    assert "Ana Quispe Torres" in text
    assert _names(text) == []


def test_the_person_is_there_without_a_name(server: Server) -> None:
    rows = server.query("SELECT ?s ?label { ?s ac:private true ; rdfs:label ?label }").json()
    [row] = rows["results"]["bindings"]
    assert row["label"]["value"] == "name withheld"
    assert re.search(r"/withheld-[0-9a-f]{12}$", row["s"]["value"])
    path = "/page/" + row["s"]["value"].removeprefix(BASE + "id/")
    page = server.http.get(path)
    assert page.status_code == 200
    assert _names(page.text) == []


@pytest.mark.parametrize(
    "path",
    [
        "/export/graph.nq.gz",
        "/export/manifest.json",
        "/graph-store?default",
        f"/graph-store?graph={BASE}graph/article/raid",
        "/page/article/raid",
        "/data/article/raid?format=jsonld",
        "/questions/who-met-whom?format=csv",
        "/reconcile/suggest/entity?prefix=mar",
        "/reconcile/suggest/entity?prefix=quisp",
        "/metrics",
        "/.well-known/void",
    ],
)
def test_no_other_output_names_a_private_person(server: Server, path: str) -> None:
    answer = server.http.get(path)
    assert answer.status_code == 200
    data = answer.content
    text = (gzip.decompress(data) if path.endswith(".gz") else data).decode()
    assert text
    assert _names(text) == []


def test_what_is_asked_by_name_is_not_found_and_not_logged(server: Server, log: Path) -> None:
    for path in ("/page/article/raid/entity/maria-lucia-quispe-rojas", "/id/person/quispe-rojas"):
        assert server.http.get(path, follow_redirects=True).status_code == 404
    server.http.get("/questions/who-met-whom?person=Lucía+Quispe+Rojas")
    server.query('ASK { ?s ?p "María Lucía Quispe Rojas" }')
    assert _names(log.read_text() + "".join(server.words)) == []


def test_a_slow_query_may_not_be_told_in_public(kg: Path) -> None:
    with pytest.raises(RuntimeError, match="--slow-text"):
        Server(kg, "--public", "--slow-text")


def _shown(dump: str) -> tuple[dict[str, list[tuple[int, int]]], Counter[str], Counter[str]]:
    """Ranges of sentences, words of quotes and words of titles that a dump shows, by article."""
    ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
    quotes: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for line in dump.splitlines():
        said = parse(line)
        article = re.search(r"/article/([^/#>]+)", said.subject + said.graph)
        if said.predicate == AC + "words":
            found = CHAR_RANGE.search(said.subject)
            assert found
            ranges[article[1]].append((int(found[1]), int(found[2])))  # type: ignore[index]
        elif said.predicate == AC + "quote":
            quotes[article[1]] += len((text_of(said.object) or "").split())  # type: ignore[index]
        elif said.predicate == AC + "title":
            titles[article[1]] += len((text_of(said.object) or "").split())  # type: ignore[index]
    return ranges, quotes, titles


@pytest.mark.parametrize("percent", [0.0, 5.0, 15.0, 40.0])
def test_at_most_the_budget_of_each_text_is_shown(tmp_path: Path, percent: float) -> None:
    _build(ROOT / "examples" / "briefs", tmp_path / "kg")
    build = derive(tmp_path / "kg", percent)
    dump = gzip.decompress((build.folder / "graph.nq.gz").read_bytes()).decode()
    ranges, quotes, titles = _shown(dump)
    seen = 0
    for path in sorted((ROOT / "examples" / "briefs").glob("*.json")):
        article = json.loads(path.read_text(encoding="utf-8"))
        characters = {i for start, end in ranges[article["id"]] for i in range(start, end)}
        sentences = "".join(c if i in characters else " " for i, c in enumerate(article["text"]))
        words = len(sentences.split()) + quotes[article["id"]] + titles[article["id"]]
        total = len(article["text"].split())
        assert words <= total * percent / 100 * 1.25, (article["id"], words, total)
        length = sum(map(len, [sentences.replace(" ", "")]))
        assert length <= len(article["text"]) * percent / 100
        seen += words
    assert (seen > 0) == (percent > 0)


def test_what_is_not_shown_keeps_its_place_and_digest(server: Server) -> None:
    query = """SELECT ?e { ?e a ac:Passage ; ac:charStart ?a ; ac:charEnd ?b ; ac:spanDigest ?d
               FILTER NOT EXISTS { ?e ac:words ?w } }"""
    assert server.query(query).json()["results"]["bindings"]


def test_deriving_twice_gives_the_same_bytes_and_the_store_holds_the_dump(kg: Path) -> None:
    first = derive(kg, 15)
    before = (first.folder / "graph.nq.gz").read_bytes()
    import shutil

    shutil.rmtree(first.folder)
    again = derive(kg, 15)
    assert (again.folder / "graph.nq.gz").read_bytes() == before
    stored = {str(q) + " .\n" for q in ox.Store.read_only(again.store)}
    dumped = {
        str(q) + " .\n" for q in ox.parse(gzip.decompress(before), format=ox.RdfFormat.N_QUADS)
    }
    assert stored == dumped


def test_a_new_build_is_derived_before_it_is_shown(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    first = _article()
    (articles / "raid.json").write_text(json.dumps(first))
    _build(articles, tmp_path / "kg")
    with Server(tmp_path / "kg", "--public") as server:
        (articles / "second.json").write_text(json.dumps(first | {"id": "raid-again"}))
        _build(articles, tmp_path / "kg")
        deadline = time.monotonic() + 20
        ask = f"ASK {{ <{BASE}id/article/raid-again> ?p ?o }}"
        while not server.query(ask).json()["boolean"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        text = server.query("SELECT * { ?s ?p ?o }", "text/csv").text
        assert _names(text) == []
