"""The recipes for bulk loaders that are here, run."""

import os
import subprocess
from pathlib import Path

import pytest

from acuerdo.push import Target
from graph_directory import dump, make, meetings
from push.test_recipes import recipe
from stores.servers import Live, java_with_jena
from stores.test_conformance import expected, held

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.mark.parametrize("running", ["virtuoso"], indirect=True)
def test_the_recipe_for_virtuoso_loads_every_quad(live: Live, where: Target, kg: Path) -> None:
    make(kg, meetings(9))
    script = recipe(kg, "virtuoso", live.folder / "bulk")
    # The folder of the server is what its DirsAllowed names; its port is not the usual one.
    script.write_text(script.read_text().replace("isql-vt 1111", f"isql-vt {live.sql_port}"))
    ini = live.folder / "v.ini"
    assert str(live.folder) in ini.read_text()
    run = subprocess.run(["sh", script], capture_output=True, text=True, timeout=60, check=True)
    assert "NULL" in run.stdout
    assert held(live, where) == expected(kg)


def test_the_recipe_for_fuseki_loads_every_quad(tmp_path: Path) -> None:
    kg = make(tmp_path / "kg", meetings(9))
    script = recipe(kg, "fuseki", tmp_path / "bulk")
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("tdb2.tdbloader", "tdb2.tdbquery"):
        call = " ".join(f"'{part}'" for part in java_with_jena())
        (tools / tool).write_text(f'#!/bin/sh\nexec {call} {tool} "$@"\n')
        (tools / tool).chmod(0o755)
    env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    run = subprocess.run(
        ["sh", script],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert run.stdout.split()[-1] == str(len(dump(kg).splitlines()))
