"""The five functions of `import acuerdo`, as their docstrings show them."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import acuerdo
from acuerdo import api

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


@pytest.mark.parametrize("name", ["build", "open_kg", "query", "validate", "export"])
def test_a_function_does_what_its_docstring_shows(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    if name != "build" and not (place / "kg").exists():
        acuerdo.build("examples/briefs")
    examples = doctest.DocTestFinder().find(getattr(api, name), name, globs={})
    assert any(test.examples for test in examples)
    runner = doctest.DocTestRunner()
    for test in examples:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_the_five_names_are_functions_however_they_are_imported() -> None:
    code = """
import acuerdo
import acuerdo.export, acuerdo.validate, acuerdo.build
from acuerdo.query import Kg
from acuerdo import query
assert all(callable(getattr(acuerdo, name)) for name in acuerdo.__all__)
try:
    query("no-such-question", kg="nowhere")
except acuerdo.errors.WrongUsage as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    assert "no graph here" in done.stdout


def test_import_acuerdo_imports_nothing_else() -> None:
    code = "import sys; import acuerdo; print([m for m in sys.modules if m.startswith('acuerdo.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    assert done.stdout == "[]\n"
    with pytest.raises(AttributeError, match="no attribute 'bild'"):
        acuerdo.bild  # noqa: B018
