"""Views for tools without RDF: nothing multiplied, nothing alleged shown as a fact."""

import csv
import json
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from acuerdo.build import Options, build
from acuerdo.cli.export import command
from acuerdo.errors import WrongUsage
from acuerdo.query import Kg, open_kg
from graph_directory import BASE
from peers import missing

ROOT = Path(__file__).parents[2]
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
UNSURE = "VALUES ?status { status:planned status:proposed status:cancelled status:alleged }"


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("views") / "kg"
    build(Options((ROOT / "examples" / "briefs",), folder, base=BASE))
    return folder


@pytest.fixture(scope="module")
def graph(kg: Path) -> Kg:
    return open_kg(kg)


def export(kg: Path, out: Path, *args: str) -> Path:
    result = CliRunner().invoke(command, ["--kg", str(kg), "-o", str(out), *args])
    assert result.exit_code == 0, (result.output, result.exception)
    return out


def values(graph: Kg, query: str) -> set[str]:
    return {row[0].value for row in graph.select(query)}  # type: ignore[union-attr]


def unsure(graph: Kg) -> set[str]:
    """Events of which nobody says that they happened."""
    happened = (
        "?e ac:status/^ac:status ?e VALUES ?s { status:occurred status:ongoing } ?e ac:status ?s"
    )
    every = values(graph, f"SELECT DISTINCT ?e {{ {UNSURE} ?e ac:status ?status }}")
    return every - values(graph, f"SELECT DISTINCT ?e {{ {happened} }}")


@pytest.mark.parametrize(
    ("table", "column", "pattern"),
    [
        ("officials", "person", "?x a ac:Official"),
        ("tenures", "tenure", "?x a ac:Tenure"),
        (
            "meetings",
            "meeting",
            "?c rdfs:subClassOf* ac:Consultation . ?x a ?c ; ac:evidencedBy ?y",
        ),
        ("agreements", "agreement", "?x a ac:Agreement ; ac:evidencedBy ?y"),
        ("claims", "claim", "?x a ac:Claim"),
        ("evidence", "thing", "?x ac:evidencedBy ?y"),
        ("participations", "event", "?x ac:hasParticipation ?y"),
    ],
)
def test_a_table_has_all_things_of_its_kind(
    kg: Path, graph: Kg, tmp_path: Path, table: str, column: str, pattern: str
) -> None:
    export(kg, tmp_path / "out", "--format", "csv")
    with (tmp_path / "out" / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row[column] for row in rows} == values(graph, f"SELECT DISTINCT ?x {{ {pattern} }}")
    assert len(rows) == len({tuple(row.values()) for row in rows})


def test_what_is_not_given_is_empty_and_matches_no_other_name(kg: Path, tmp_path: Path) -> None:
    export(kg, tmp_path / "out", "--format", "csv")
    for table, thing, name in [
        ("meetings", "venue", "venueName"),
        ("agreements", "party", "partyName"),
        ("tenures", "post", "postName"),
        ("claims", "speaker", "speakerName"),
    ]:
        with (tmp_path / "out" / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                assert row[thing] or not row[name], (table, row)


def test_parquet_holds_the_rows_of_csv(kg: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    export(kg, tmp_path / "c", "--format", "csv")
    export(kg, tmp_path / "p", "--format", "parquet")
    for path in sorted((tmp_path / "c").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = len(list(csv.DictReader(file)))
        assert parquet.read_table(tmp_path / "p" / f"{path.stem}.parquet").num_rows == rows


def test_tables_need_a_folder(kg: Path) -> None:
    result = CliRunner().invoke(command, ["--kg", str(kg), "--format", "csv"])
    assert result.exit_code == 2


def test_the_network_has_no_loose_edge_and_nothing_that_did_not_happen(
    kg: Path, graph: Kg, tmp_path: Path
) -> None:
    root = ET.parse(export(kg, tmp_path / "g.graphml")).getroot()
    nodes = {node.get("id") for node in root.iter(f"{GRAPHML}node")}
    edges = list(root.iter(f"{GRAPHML}edge"))
    assert len(edges) > 20
    assert {edge.get("source") for edge in edges} | {edge.get("target") for edge in edges} <= nodes
    assert unsure(graph)
    assert not nodes & unsure(graph)
    dialogue = f"{BASE}id/event/strategic-high-level-dialogue-2017"
    guests = {edge.get("source") for edge in edges if edge.get("target") == dialogue}
    assert f"{BASE}id/person/luis-videgaray" in guests


def ftm(kg: Path, tmp_path: Path) -> list[dict[str, object]]:
    path = export(kg, tmp_path / "g.ftm")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_follow_the_money_gets_people_with_posts_and_no_claims(
    kg: Path, graph: Kg, tmp_path: Path
) -> None:
    entities = ftm(kg, tmp_path)
    ids = [entity["id"] for entity in entities]
    assert len(ids) == len(set(ids))
    schemata = {entity["schema"] for entity in entities}
    assert schemata >= {"Person", "Position", "Occupancy", "Event", "Article", "PublicBody"}
    words = json.dumps(entities, ensure_ascii=False)
    for iri in unsure(graph):
        assert f'"{iri.rpartition("/")[2]}"' not in words


CHECK = """
import json, sys
from followthemoney import model
for line in sys.stdin:
    data = json.loads(line)
    schema = model.get(data["schema"])
    schema.validate(data)
    proxy = model.get_proxy(data, cleaned=False)
    for name, values in data["properties"].items():
        assert sorted(proxy.get(name)) == sorted(values), (data, name, proxy.get(name))
"""


@pytest.mark.slow
def test_follow_the_money_itself_accepts_every_entity(kg: Path, tmp_path: Path) -> None:
    python = ROOT / ".stores" / "ftm" / "bin" / "python"
    if not python.is_file():
        missing("followthemoney")
    data = export(kg, tmp_path / "g.ftm").read_bytes()
    run = subprocess.run(
        [python, "-c", CHECK], input=data, capture_output=True, timeout=100, check=False
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]


def quads(path: Path) -> set[ox.Quad]:
    return set(ox.parse(path.read_bytes(), ox.RdfFormat.N_QUADS))


OA = "http://www.w3.org/ns/oa#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def test_annotations_select_the_characters_of_their_passages(kg: Path, tmp_path: Path) -> None:
    store = ox.Store()
    plain = quads(export(kg, tmp_path / "plain.nq"))
    rich = quads(export(kg, tmp_path / "rich.nq", "--with", "annotations"))
    store.extend(rich)
    assert plain < rich
    query = """
    PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX ac: <https://w3id.org/acuerdo/ns#>
    SELECT ?passage ?start ?end ?from ?to WHERE { GRAPH ?g {
      ?annotation a oa:Annotation ; oa:hasBody ?node ; oa:hasTarget ?passage .
      ?node ac:evidencedBy ?passage .
      ?passage oa:hasSelector ?selector ; ac:charStart ?from ; ac:charEnd ?to .
      ?selector a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end } }"""
    rows = [[term.value for term in row] for row in store.query(query)]  # type: ignore[union-attr]
    evidenced = {q for q in plain if q.predicate.value.endswith("evidencedBy")}
    evidenced = {q for q in evidenced if "/graph/article/" in q.graph_name.value}
    assert len(rows) == len(evidenced)
    assert all(start == begins and end == ends for _, start, end, begins, ends in rows)


def test_reifiers_reify_what_their_graph_asserts(kg: Path, tmp_path: Path) -> None:
    plain = quads(export(kg, tmp_path / "plain.nq"))
    rich = quads(export(kg, tmp_path / "rich.nq", "--with", "reifiers"))
    assert plain < rich
    reified = [q for q in rich if q.predicate.value == RDF + "reifies"]
    assert len(reified) > 500
    for quad in reified:
        assert isinstance(quad.object, ox.Triple)
        assert ox.Quad(*quad.object, quad.graph_name) in plain


def test_reifiers_are_read_back_from_turtle_of_rdf_1_2(kg: Path, tmp_path: Path) -> None:
    flat = ox.parse(
        export(kg, tmp_path / "g.ttl", "--with", "reifiers").read_bytes(), ox.RdfFormat.TURTLE
    )
    rich = quads(export(kg, tmp_path / "rich.nq", "--with", "reifiers"))
    assert {q.triple for q in flat} == {q.triple for q in rich}


def test_a_format_without_rdf_1_2_refuses_reifiers(kg: Path, tmp_path: Path) -> None:
    call = ["--kg", str(kg), "-o", str(tmp_path / "g.jsonld"), "--with", "reifiers"]
    found = CliRunner().invoke(command, call).exception
    assert isinstance(found, WrongUsage)
    assert not list(tmp_path.iterdir())
