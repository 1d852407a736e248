"""Recipes for bulk loaders: a file and a script that a person can read, and that runs where the tool is."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.cli.push import command
from acuerdo.errors import WrongUsage
from acuerdo.push.profiles import shipped
from acuerdo.push.recipes import named
from graph_directory import dump, make, meetings


@pytest.fixture
def kg(tmp_path: Path) -> Path:
    return make(tmp_path / "kg", meetings(9))


def recipe(kg: Path, name: str, folder: Path) -> Path:
    result = CliRunner().invoke(command, ["--kg", str(kg), "--recipe", name, "-o", str(folder)])
    assert result.exit_code == 0, result.exception
    return folder / "load.sh"


@pytest.mark.parametrize("name", sorted(set(shipped()) - {"gsp", "update"}))
def test_each_store_has_a_recipe_whose_script_is_a_shell_script(
    kg: Path, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "bulk load"
    script = recipe(kg, name, folder)
    assert (folder / named(name).export).is_file()
    subprocess.run(["sh", "-n", script], check=True)
    for placeholder in ("{file}", "{name}", "{folder}", "{{"):
        assert placeholder not in script.read_text()


def test_the_recipe_for_oxigraph_loads_every_quad(kg: Path, tmp_path: Path) -> None:
    script = recipe(kg, "oxigraph", tmp_path / "bulk load")
    run = subprocess.run(
        ["sh", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.split() == ["n", str(len(dump(kg).splitlines()))]


def test_the_demo_base_gets_no_recipe(tmp_path: Path) -> None:
    demo = "https://w3id.org/acuerdo/demo/"
    kg = make(tmp_path / "kg", meetings(1, demo), demo)
    call = ["--kg", str(kg), "--recipe", "oxigraph", "-o", str(tmp_path / "bulk")]
    assert isinstance(CliRunner().invoke(command, call).exception, WrongUsage)
    assert not (tmp_path / "bulk").exists()


def test_an_unknown_recipe_lists_the_known(kg: Path) -> None:
    found = CliRunner().invoke(command, ["--kg", str(kg), "--recipe", "mongo"]).exception
    assert "virtuoso" in str(found)


def test_without_store_and_recipe_the_command_says_what_it_needs(kg: Path) -> None:
    assert CliRunner().invoke(command, ["--kg", str(kg)]).exit_code == 2
