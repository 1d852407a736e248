"""Options that several commands share, and the words they have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
FOLDER = click.Path(path_type=Path, file_okay=False)

kg: Decorator = click.option(
    "--kg",
    "kg",
    type=click.Path(path_type=Path),
    default=Path("kg"),
    envvar="ACUERDO_KG",
    show_default=True,
    show_envvar=True,
    help="The graph directory.",
)

# What a run is made from, for the commands that read articles.
_INPUTS: tuple[Decorator, ...] = (
    click.option(
        "--texts",
        multiple=True,
        type=click.Path(path_type=Path),
        help="A folder of texts, attached to articles by their SHA-256. May be given again.",
    ),
    click.option(
        "--base",
        envvar="ACUERDO_BASE",
        show_envvar=True,
        help="The IRI under which id/ and graph/ are made.  [default: `base` in acuerdo.toml, else a demo base]",
    ),
    click.option(
        "--ontology",
        multiple=True,
        type=FOLDER,
        help="A folder of Turtle that adds to the shipped ontology (*.ttl, vocab/, registry/, shapes/).",
    ),
    click.option(
        "--decisions",
        type=FOLDER,
        help="Merges, splits, withdrawn ids.  [default: decisions/ beside the graph]",
    ),
    click.option("--strict", is_flag=True, help="Exit with 1 for warnings too."),
)


def inputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that reads articles, in this order."""
    for option in reversed(_INPUTS):
        command = option(command)
    return command


def say(words: str) -> None:
    """A line for the person at the terminal, on stderr; data alone goes to stdout."""
    click.echo(words, err=True)


def configured_base(given: str | None) -> str:
    """The base IRI: as given, else that of `acuerdo.toml` in this folder, else the demo base."""
    from acuerdo.errors import BadSource
    from acuerdo.iri import DEMO_BASE, is_base

    path = Path("acuerdo.toml")
    if given is not None or not path.is_file():
        return given or DEMO_BASE
    import tomllib

    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSource(path, f"not TOML ({error})") from error
    unknown = sorted(set(settings) - {"base"})
    if unknown:
        raise BadSource(path, f"unknown key '{unknown[0]}'; known: base")
    base = settings.get("base", DEMO_BASE)
    if not isinstance(base, str):
        raise BadSource(path, "base is a string")
    if not is_base(base):
        raise BadSource(path, f"base {base!r} is no http(s) IRI that ends in '/'")
    return base
