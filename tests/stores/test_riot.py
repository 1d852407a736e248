"""Jena's riot reads every format to the same triples."""

import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from acuerdo.cli.export import command
from graph_directory import EDGES, dump, make, meetings
from stores.servers import java_with_jena

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.mark.parametrize("form", ["nq", "trig", "jsonld", "nt", "ttl", "rdf"])
def test_riot_reads_the_same_triples(tmp_path: Path, form: str) -> None:
    # XML has no bell, and Jena's own writer of N-Quads no raw one.
    kg = make(tmp_path / "kg", [*meetings(9), *(e for e in EDGES if "\\u0007" not in e)])
    out = tmp_path / f"g.{form}"
    done = CliRunner().invoke(command, ["--kg", str(kg), "-o", str(out)])
    assert done.exit_code == 0, done.exception
    call = [*java_with_jena(), "riotcmd.riot", "--nocheck", "--output=nq", str(out)]
    run = subprocess.run(call, capture_output=True, timeout=100, check=False)
    assert b"ERROR" not in run.stderr, run.stderr[:500]
    read = ox.parse(run.stdout, ox.RdfFormat.N_QUADS)
    sent = ox.parse(dump(kg), ox.RdfFormat.N_QUADS)
    if form in {"nq", "trig", "jsonld"}:
        assert {str(q) for q in read} == {str(q) for q in sent}
    else:
        assert {str(q.triple) for q in read} == {str(q.triple) for q in sent}
