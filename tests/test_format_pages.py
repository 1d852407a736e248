"""Each format has a page, and what its page tells people to type works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from acuerdo import read
from acuerdo.read import detect

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "formats"
# Formats that share a page with another.
PAGE_OF = {"uima-xmi": "uima", "uima-json": "uima", "webannotation": "web-annotation", "spacy": "prodigy"}  # fmt: skip
NAMES = sorted({PAGE_OF.get(name, name) for name in detect.FORMATS})


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_how_to_export_what_maps_and_what_does_not(name):
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert "**Export**" in page
    assert re.search(r"^\|.*becomes \|$", page, re.MULTILINE)
    assert re.search(r"\*\*Not (read|in)|Not kept|Most of its labels", page)
    assert f"({name}.md)" in (PAGES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_round_trip_of_a_page_comes_back_without_a_fault(name, tmp_path):
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    (commands,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path, env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    back = commands.split("acuerdo convert ")[-1].split()[1]
    found = list(read.articles([tmp_path / back]))
    assert [str(f) for r in found for f in r.faults if f.dropped] == []
    assert found
    assert all(r.article and r.article.entities for r in found)
