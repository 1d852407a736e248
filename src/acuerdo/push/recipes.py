"""Bulk loading by a store's own tools: the export that they take, and a script that says how."""

import tomllib
from pathlib import Path

import msgspec

from acuerdo.errors import WrongUsage


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file to export, commands that load it, commands that check it, and what to know."""

    export: str
    run: tuple[str, ...]
    check: tuple[str, ...]
    note: str


def named(name: str) -> Recipe:
    """The recipe for a store."""
    found = tomllib.loads(Path(__file__).with_name("recipes.toml").read_text("utf-8"))
    known = msgspec.convert(found, dict[str, Recipe])
    if name not in known:
        raise WrongUsage(f"no recipe for {name!r}; one of {', '.join(known)}")
    return known[name]


def script(recipe: Recipe, folder: Path, quads: int) -> str:
    """The recipe as a shell script for the export in `folder`."""
    path = folder.absolute() / recipe.export
    values = {"file": _quoted(path), "name": recipe.export, "folder": str(folder.absolute())}
    lines = ["#!/bin/sh", f"# Loads {quads:,} quads. {recipe.note.format(**values)}", "set -eu"]
    lines += [command.format(**values) for command in recipe.run]
    if recipe.check:
        lines += ["# What is there now:", *(command.format(**values) for command in recipe.check)]
    return "\n".join(lines) + "\n"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"
