"""The clients of docs/how-to/clients.md, as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from peers import missing
from serve.running import Server, publish

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "clients.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^## (\S+)\n.*?^```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
NAMES = ["Ana María", "Bei", "Çelik", "Ölmez", "Иван"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    kg = tmp_path_factory.mktemp("clients") / "kg"
    ac, kind = "https://w3id.org/acuerdo/ns#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    lines = []
    for i, name in enumerate(NAMES):
        lines.append(
            f"<https://example.org/kg/id/person/p{i}> <{kind}> <{ac}Person> <https://example.org/kg/graph/g> .\n"
        )
        lines.append(
            f'<https://example.org/kg/id/person/p{i}> <{label}> "{name}" <https://example.org/kg/graph/g> .\n'
        )
    publish(kg, "people", "".join(lines).encode())
    with Server(kg) as running:
        yield running


def _block(name: str, server: Server) -> str:
    return BLOCKS[name].replace("localhost:7878", f"localhost:{server.port}")


def _run(command: list[str], **options: object) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"}, **options,  # type: ignore[call-overload]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


@pytest.mark.parametrize("name", ["SPARQLWrapper", "rdflib", "pandas"])
def test_python_clients_print_the_names(server: Server, name: str) -> None:
    pytest.importorskip(name)
    assert _run([sys.executable, "-c", _block(name, server)]).split("\n")[:-1] == NAMES


def test_curl_gets_the_names_as_csv(server: Server) -> None:
    if not shutil.which("curl"):
        pytest.skip("no curl on this machine")
    rows = _run(["sh", "-c", _block("curl", server)]).splitlines()
    assert [row.split(",")[1] for row in rows] == ["name", *NAMES]


@pytest.mark.slow
def test_comunica_prints_the_names(server: Server, tmp_path: Path) -> None:
    modules = ROOT / ".stores" / "comunica" / "node_modules"
    if not shutil.which("node") or not (modules / "@comunica" / "query-sparql").is_dir():
        missing("Comunica")
    (tmp_path / "node_modules").symlink_to(modules)
    script = tmp_path / "ask.mjs"
    script.write_text(_block("Comunica", server), encoding="utf-8")
    assert _run(["node", str(script)]).split("\n")[:-1] == NAMES
