"""Imports run one way: a module imports what stands left of it, or the ground floor."""

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "acuerdo"
GROUND = ["errors", "report", "assets", "model", "dates", "iri", "vocabulary"]
ORDER = [
    *GROUND,
    *"read resolve mapping validate infer terms store link build query export push serve api cli".split(),
]
MODULES = sorted(
    p for p in SRC.rglob("*.py") if p.parent != SRC or p.stem not in {"__init__", "__main__"}
)


def stage(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("acuerdo"):
            parts = (node.module or "").split(".")
            names |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("acuerdo.")}
    return names & set(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_a_module_imports_only_what_stands_left_of_it(path: Path) -> None:
    here = stage(path)
    assert here in ORDER, f"{here} is no stage; name it in the design's order"
    later = {name for name in imported(path) if ORDER.index(name) > ORDER.index(here)}
    assert not later, f"{here} must not import {sorted(later)}"
