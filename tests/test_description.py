"""Each build says what it is: sizes and sums of graphs in the graph, those of files beside them."""

import gzip
import hashlib
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner

from acuerdo.build.description import described
from acuerdo.cli import acuerdo
from acuerdo.store.directory import GraphCount

ROOT = Path(__file__).parents[1]
BASE = "https://example.org/kg/"
VOID, SPDX = "http://rdfs.org/ns/void#", "http://spdx.org/rdf/terms#"


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kg = tmp_path_factory.mktemp("described") / "kg"
    source = ROOT / "examples" / "briefs" / "ganseg-2019.json"
    result = CliRunner().invoke(acuerdo, ["build", str(source), "--kg", str(kg), "--base", BASE])
    assert result.exit_code == 0, result.output
    return kg / "builds" / (kg / "CURRENT").read_text(encoding="ascii").strip()


@pytest.fixture(scope="module")
def quads(build: Path) -> list[ox.Quad]:
    data = gzip.decompress((build / "graph.nq.gz").read_bytes())
    return list(ox.parse(data, format=ox.RdfFormat.N_QUADS))


def said(quads: list[ox.Quad], predicate: str) -> dict[str, str]:
    return {
        str(q.subject.value): str(q.object.value)  # type: ignore[union-attr]
        for q in quads
        if q.predicate.value == predicate
    }


def test_the_size_of_every_other_graph_is_told_and_right(quads: list[ox.Quad]) -> None:
    sizes = Counter(str(q.graph_name.value) for q in quads)  # type: ignore[union-attr]
    told = said(quads, VOID + "triples")
    single = {g: n for g, n in sizes.items() if g.removeprefix(BASE + "graph/").count("/") == 0}
    del single[BASE + "graph/provenance"]
    assert {g: int(told[g]) for g in single} == single
    for layer in ("article", "inferred"):
        total = sum(n for g, n in sizes.items() if f"/graph/{layer}/" in g)
        assert int(told[f"{BASE}id/dataset/{layer}"]) == total


def test_the_sums_of_graphs_are_those_of_their_sorted_lines(
    build: Path, quads: list[ox.Quad]
) -> None:
    sums = said(quads, SPDX + "checksumValue")
    lines = gzip.decompress((build / "graph.nq.gz").read_bytes()).splitlines(keepends=True)
    for layer in ("registry", "vocab", "ontology", "calendar"):
        graph = f"{BASE}graph/{layer}"
        own = b"".join(line for line in lines if line.endswith(f"<{graph}> .\n".encode()))
        assert sums[f"{graph}#sha256"] == hashlib.sha256(own).hexdigest()


def test_the_file_beside_has_size_and_sum_of_the_unpacked_dump(build: Path) -> None:
    graph = rdflib.Graph().parse(build / "dataset.ttl")
    dump = rdflib.URIRef(BASE + "id/dataset/graph.nq.gz")
    size = graph.value(dump, rdflib.DCAT.byteSize)
    checksum = graph.value(
        graph.value(dump, rdflib.URIRef(SPDX + "checksum")), rdflib.URIRef(SPDX + "checksumValue")
    )
    data = gzip.decompress((build / "graph.nq.gz").read_bytes())
    assert int(str(size)) == len(data)
    assert str(checksum) == hashlib.sha256(data).hexdigest()


def test_links_to_wikidata_are_a_linkset() -> None:
    lines = described(BASE, {f"{BASE}graph/links/wikidata": GraphCount(7, "ab" * 32)})
    quads = list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))
    assert said(quads, VOID + "linkPredicate") == {
        f"{BASE}graph/links/wikidata": "https://schema.org/sameAs"
    }
    assert said(quads, VOID + "triples")[f"{BASE}graph/links/wikidata"] == "7"


def test_the_description_does_not_describe_itself() -> None:
    lines = described(BASE, {f"{BASE}graph/provenance": GraphCount(9, "cd" * 32)})
    assert f"<{BASE}graph/provenance> <{VOID}".encode() not in lines
