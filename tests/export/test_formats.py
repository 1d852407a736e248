"""Each format says the same graph, read back by parsers that are not ours."""

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from click.testing import CliRunner

from acuerdo.cli.export import command
from graph_directory import AC, BASE, EDGES, RDFS_LABEL, dump, make, meetings
from peers import missing

DATASETS = {"nq": "nquads", "trig": "trig", "jsonld": "json-ld"}
FLAT = {"nt": "nt", "ttl": "turtle", "rdfxml": "xml"}
SUFFIX = {"rdfxml": "rdf"}
# XML has no bell: that edge is tested on its own.
BELL = "\\u0007"


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    edges = [line for line in EDGES if BELL not in line]
    return make(tmp_path_factory.mktemp("formats") / "kg", meetings(9) + edges)


def export(kg: Path, *args: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(command, ["--kg", str(kg), *map(str, args)])
    assert result.exit_code == code, (result.output, result.exception)
    return result.stderr


def oxi(data: bytes, form: pyoxigraph.RdfFormat = pyoxigraph.RdfFormat.N_QUADS) -> set[str]:
    return {str(quad) for quad in pyoxigraph.parse(data, format=form)}


def triples(data: bytes, form: pyoxigraph.RdfFormat = pyoxigraph.RdfFormat.N_QUADS) -> set[str]:
    return {str(quad.triple) for quad in pyoxigraph.parse(data, format=form)}


def rdflib_rows(data: bytes, form: str) -> set[tuple[str, ...]]:
    found = rdflib.Dataset(default_union=True)
    rdflib.NORMALIZE_LITERALS = False
    try:
        found.parse(data=data, format=form)
        return {tuple(term.n3() for term in row) for row in found.triples((None, None, None))}
    finally:
        rdflib.NORMALIZE_LITERALS = True


@pytest.mark.parametrize("form", DATASETS)
def test_a_dataset_format_holds_every_quad(kg: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"g.{form}"
    export(kg, "-o", out)
    syntax = pyoxigraph.RdfFormat.from_extension(form)
    assert oxi(out.read_bytes(), syntax) == oxi(dump(kg))


@pytest.mark.parametrize("form", FLAT)
def test_a_format_without_graphs_holds_each_triple_once(
    kg: Path, tmp_path: Path, form: str
) -> None:
    out = tmp_path / f"g.{SUFFIX.get(form, form)}"
    export(kg, "-o", out)
    syntax = pyoxigraph.RdfFormat.from_extension(SUFFIX.get(form, form))
    listed = [str(quad) for quad in pyoxigraph.parse(out.read_bytes(), format=syntax)]
    assert set(listed) == triples(dump(kg))
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("form", [*DATASETS, *FLAT])
def test_rdflib_reads_the_same_triples(kg: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"g.{SUFFIX.get(form, form)}"
    export(kg, "-o", out)
    syntax = (DATASETS | FLAT)[form]
    assert rdflib_rows(out.read_bytes(), syntax) == rdflib_rows(dump(kg), "nquads")


@pytest.mark.parametrize("form", ["nq", "trig", "jsonld", "nt", "ttl", "rdfxml"])
def test_standard_output_and_file_have_the_same_bytes(kg: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"g.{SUFFIX.get(form, form)}"
    export(kg, "-o", out)
    run = CliRunner().invoke(command, ["--kg", str(kg), "-o", "-", "--format", form])
    assert run.stdout_bytes == out.read_bytes()


def test_whole_n_quads_are_the_dump_itself(kg: Path, tmp_path: Path) -> None:
    export(kg, "-o", tmp_path / "g.nq")
    assert (tmp_path / "g.nq").read_bytes() == dump(kg)


@pytest.mark.parametrize("packed", ["gz", "zst"])
def test_packed_exports_are_the_same_each_time_and_unpack(
    kg: Path, tmp_path: Path, packed: str
) -> None:
    zstandard = pytest.importorskip("zstandard")
    unpack = {
        "gz": gzip.decompress,
        "zst": lambda b: zstandard.ZstdDecompressor().decompressobj().decompress(b),
    }
    for name in "ab":
        export(kg, "-o", tmp_path / f"{name}.nq.{packed}")
    first, second = ((tmp_path / f"{name}.nq.{packed}").read_bytes() for name in "ab")
    assert first == second
    assert unpack[packed](first) == dump(kg)


def test_a_character_that_xml_cannot_hold_is_replaced_and_said(tmp_path: Path) -> None:
    kg = make(tmp_path / "kg", [line for line in EDGES if BELL in line])
    words = export(kg, "-o", tmp_path / "g.rdf")
    assert "1 literals hold characters that XML cannot" in words
    [row] = pyoxigraph.parse((tmp_path / "g.rdf").read_bytes(), pyoxigraph.RdfFormat.RDF_XML)
    assert row.object == pyoxigraph.Literal("\ufffdbell")


def test_a_property_that_rdf_xml_cannot_write_is_left_out_and_said(tmp_path: Path) -> None:
    graph = f"<{BASE}graph/registry>"
    kg = make(
        tmp_path / "kg",
        [f'<urn:a> <https://example.org/p/1> "x" {graph} .', f'<urn:a> <{AC}p> "y" {graph} .'],
    )
    words = export(kg, "-o", tmp_path / "g.rdf")
    assert "1 triples left out" in words
    assert "https://example.org/p/1" in words
    rows = list(pyoxigraph.parse((tmp_path / "g.rdf").read_bytes(), pyoxigraph.RdfFormat.RDF_XML))
    assert [row.object.value for row in rows] == ["y"]


def test_json_ld_is_written_in_the_words_of_the_ontology(kg: Path, tmp_path: Path) -> None:
    export(kg, "-o", tmp_path / "g.jsonld", "--graph", f"{BASE}graph/registry")
    document = json.loads((tmp_path / "g.jsonld").read_bytes())
    assert document["@context"]["notBefore"] == {"@id": "ac:notBefore", "@type": "xsd:date"}
    [graph] = document["@graph"]
    assert graph["id"] == f"{BASE}graph/registry"
    assert [node["type"] for node in graph["@graph"]] == ["Person"] * 7
    assert graph["@graph"][0]["label"] == "Peña 0"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "syntax"),
    [("nq", "nquads"), ("nt", "ntriples"), ("ttl", "turtle"), ("trig", "trig"), ("rdf", "rdfxml")],
)
def test_raptor_reads_the_same_triples(kg: Path, tmp_path: Path, form: str, syntax: str) -> None:
    rapper = shutil.which("rapper")
    if rapper is None:
        missing("rapper")
    out = tmp_path / f"g.{form}"
    export(kg, "-o", out)
    call = [rapper, "-q", "-i", syntax, "-o", "ntriples", str(out), "urn:base"]
    run = subprocess.run(call, capture_output=True, timeout=60, check=True)
    nt = pyoxigraph.RdfFormat.N_TRIPLES
    assert oxi(run.stdout, nt) == triples(dump(kg))


def test_a_label_in_two_graphs_is_one_row_of_the_flat_union(tmp_path: Path) -> None:
    line = f'<urn:a> {RDFS_LABEL} "a" '
    kg = make(tmp_path / "kg", [f"{line}<{BASE}graph/registry> .", f"{line}<{BASE}graph/vocab> ."])
    export(kg, "-o", tmp_path / "g.nt")
    assert (tmp_path / "g.nt").read_text() == line + ".\n"
