"""Options that several commands share, and the words they have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

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


def say(words: str) -> None:
    """A line for the person at the terminal, on stderr; data alone goes to stdout."""
    click.echo(words, err=True)
