"""The house itself: layout, set-up files, the wheel, the commands that documents promise."""

import contextlib
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from acuerdo.cli import COMMANDS, acuerdo

ROOT = Path(__file__).parents[1]
TOP = {
    "ontology", "shapes", "queries", "src", "tests", "examples", "benchmarks", "docs", "tools",
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "Makefile",
    "pyproject.toml", "requirements.lock",
}  # fmt: skip
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return listed.stdout.splitlines()


def test_nothing_else_stands_at_the_top() -> None:
    names = {name.partition("/")[0] for name in tracked()}
    assert {n for n in names if not n.startswith(".")} - TOP == set()


def test_the_lock_has_hashes_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[A-Za-z0-9_.-]+(?:\[[a-z,]+\])?==", lock, re.MULTILINE)
    assert len(pins) > 20
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "http" not in re.sub(r"^[a-z0-9_-]*http[a-z0-9_-]*==", "", lock, flags=re.MULTILINE)


def test_every_dependency_is_in_the_lock_and_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = list(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        named += extra
    named += project["dependency-groups"]["dev"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").casefold()
    why = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").casefold()
    names = {re.split(r"[<>=;\[ ]", one)[0].casefold() for one in named}
    pinned = {re.split(r"[=\[]", line)[0] for line in lock.splitlines() if "==" in line}
    assert {n for n in names if n.replace("_", "-") not in pinned} == set()
    assert {n for n in names if n.removeprefix("pytest-") not in why} == set()


def test_the_lock_pins_every_extra_that_a_package_asks_for() -> None:
    """Pip takes `coverage[toml]` for another project than `coverage`, and its newest release."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[([a-z0-9,-]+)\])?==", lock, re.MULTILINE)
    extras = {name: set(filter(None, listed.split(","))) for name, listed in pins}
    unpinned = set()
    for name in extras:
        with contextlib.suppress(metadata.PackageNotFoundError):
            for line in metadata.requires(name) or []:
                found = re.match(r"([A-Za-z0-9_.-]+)\[([a-z0-9,-]+)\]", line)
                if found and "extra ==" not in line and found[1] in extras:
                    missing = set(found[2].split(",")) - extras[found[1]]
                    unpinned |= {(name, found[1], one) for one in missing}
    assert unpinned == set()


def test_ci_runs_the_readmes_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_has_help_and_stands_in_the_documents(name) -> None:
    command = acuerdo.get_command(None, name)
    assert command is not None
    assert command.help
    assert any(f"acuerdo {name}" in path.read_text(encoding="utf-8") for path in DOCS)


def test_every_command_that_documents_name_exists() -> None:
    named = set()
    for path in DOCS:
        named |= set(
            re.findall(r"^(?:\$ )?acuerdo ([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        )
    assert named - set(COMMANDS) == set()


def test_help_imports_no_stage() -> None:
    code = "import sys; sys.argv=['acuerdo','--help']\ntry:\n from acuerdo.cli import main; main()\nexcept SystemExit: pass\nprint([m for m in ('pyoxigraph','msgspec','rdflib','rich') if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_an_unknown_command_suggests_the_nearest() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "acuerdo", "schem"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "did you mean 'schema'?" in done.stderr


@pytest.mark.slow
def test_the_wheel_carries_its_assets_and_runs_without_the_checkout(tmp_path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "a path with spaces"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(site)
    for folder in (
        "ontology/acuerdo.ttl",
        "shapes/meeting.ttl",
        "examples/briefs/ganseg-2019.json",
    ):
        assert f"acuerdo/{folder}" in names
    assert any(n.startswith("acuerdo/queries/") for n in names)
    code = "from acuerdo import assets; p = assets.path('ontology') / 'acuerdo.ttl'; assert p.is_file(); print(p)"
    env = {"PYTHONPATH": str(site), "LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "a path with spaces" in done.stdout
