"""Each quality gate lets the shipped files pass and names exactly the offenders of its example."""

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from acuerdo import assets
from acuerdo.errors import BadSource
from acuerdo.terms import gates, sources

EXAMPLES = Path(__file__).parent / "quality"
GATES = gates.gates("ontology") + gates.gates("graph")
PREFIXES = {
    "ac": "https://w3id.org/acuerdo/ns#",
    "ex": "https://example.org/ns#",
    "status": "https://w3id.org/acuerdo/status/",
}


def example(name: str) -> Path:
    found = list(EXAMPLES.glob(f"{name}.*"))
    assert len(found) == 1, f"tests/quality needs one offending example for {name}"
    return found[0]


def full(name: str) -> str:
    if name.startswith("<"):
        return name[1:-1]
    prefix, local = name.split(":", 1)
    return PREFIXES[prefix] + local


@pytest.fixture(scope="module")
def shipped() -> ox.Store:
    return sources.store(sources.quads([assets.path("ontology")]))


@pytest.mark.parametrize("gate", gates.gates("ontology"), ids=lambda g: g.name)
def test_the_shipped_ontology_passes(gate: gates.Gate, shipped: ox.Store) -> None:
    assert [str(offence) for offence in gates.offences(gate, shipped)] == []


@pytest.mark.parametrize("gate", GATES, ids=lambda g: g.name)
def test_a_gate_names_the_offenders_of_its_example_and_nobody_else(gate: gates.Gate) -> None:
    path = example(gate.name)
    named = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# offenders: ").split()
    store = ox.Store()
    trig = path.suffix == ".trig"
    store.load(path=str(path), format=ox.RdfFormat.TRIG if trig else ox.RdfFormat.TURTLE)
    assert {o.offender for o in gates.offences(gate, store)} == {full(name) for name in named}


@pytest.mark.parametrize("gate", GATES, ids=lambda g: g.name)
def test_a_gate_gives_the_same_rows_in_rdflib(gate: gates.Gate) -> None:
    path = example(gate.name)
    store, dataset = ox.Store(), rdflib.Dataset()
    trig = path.suffix == ".trig"
    store.load(path=str(path), format=ox.RdfFormat.TRIG if trig else ox.RdfFormat.TURTLE)
    dataset.parse(path, format="trig")
    rows = {str(row[0]) for row in dataset.query(gate.query)}  # type: ignore[index]
    assert rows == {o.offender for o in gates.offences(gate, store)}


def test_every_example_belongs_to_a_gate() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == {gate.name for gate in GATES}


def test_a_gate_without_a_header_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nameless.rq").write_text("SELECT ?s WHERE { ?s ?p ?o }", encoding="utf-8")
    with pytest.raises(BadSource, match="a gate needs the header"):
        gates.gates("ontology", tmp_path)


def test_an_offence_is_one_line_with_gate_offender_and_rule() -> None:
    offence = gates.Offence("label-twice", "A term has one label.", "ex:A", "thing")
    assert str(offence) == "label-twice: ex:A (thing): A term has one label."
