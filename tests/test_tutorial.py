"""The tutorial does what it says: its files are written, its commands run, and what they print is what it shows.

`ACUERDO_EXPECT=write pytest tests/test_tutorial.py` puts what comes now into the page.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(r"```(text (?P<file>\S+)|console)\n(?P<body>.*?)```", re.DOTALL)


def commands(body: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what is shown below it."""
    parts = re.split(r"^\$ (.*)\n", body, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def printed(command: str, place: Path, programs: Path) -> str:
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "100"}
    env |= {"PYTHONPATH": str(ROOT / "src"), "ACUERDO_KG": str(place / "kg")}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=place,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")]
    return "\n".join(line for line in lines if not line.startswith("Warning: IRIs stand")) + "\n"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """`acuerdo` and `python` as the page calls them."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, rest in (("acuerdo", "-m acuerdo"), ("python", "")):
        path = folder / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {rest} "$@"\n')
        path.chmod(0o755)
    return folder


def test_the_tutorial_runs_as_it_is_written(tmp_path: Path, programs: Path) -> None:
    tool = ROOT / "tools"
    if not tool.is_dir():
        pytest.skip("tools/ is not part of a wheel")
    place = tmp_path / "tutorial"
    place.mkdir()
    for name in ("annotate.py", "marked_text.py"):
        shutil.copy(tool / name, place / name)
    page = PAGE.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(page):
        if block["file"]:
            (place / block["file"]).write_text(block["body"], encoding="utf-8")
            continue
        for command, shown in commands(block["body"]):
            found = printed(command, place, programs)
            if os.environ.get("ACUERDO_EXPECT") == "write":
                text = PAGE.read_text(encoding="utf-8")
                PAGE.write_text(
                    text.replace(f"$ {command}\n{shown}", f"$ {command}\n{found}"), "utf-8"
                )
            else:
                assert found == shown, command
    assert len(_BLOCK.findall(page)) > 8
