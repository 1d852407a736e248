"""`acuerdo diff`: what one build says that another does not."""

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuerdo.cli.options import kg as kg_option

if TYPE_CHECKING:
    from acuerdo.build.difference import Change

COLUMNS = "sign article graph subject predicate object sentence".split()


@click.command()
@click.argument("old", default="previous")
@click.argument("new", default="current")
@kg_option
@click.option(
    "--all", "everything", is_flag=True, help="Also what was derived and what only keeps the books."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    help="[default: text on a terminal, csv otherwise]",
)
def command(old: str, new: str, kg: Path, form: str | None, *, everything: bool) -> None:
    """Facts that build NEW has and OLD has not (+), and the other way round (-), with their sentences.

    A build is named by the beginning of its digest, or as `current` or `previous`.
    """
    from acuerdo.build.difference import difference
    from acuerdo.store import Directory

    directory = Directory(kg)
    changes = difference(directory.named(old), directory.named(new), everything=everything)
    _write(changes, form or ("text" if sys.stdout.isatty() else "csv"))


def _write(changes: "Iterable[Change]", form: str) -> None:
    import json

    import msgspec

    if form == "csv":
        rows = csv.writer(sys.stdout, lineterminator="\n")
        rows.writerow(COLUMNS)
        for change in changes:
            rows.writerow([getattr(change, name) for name in COLUMNS])
    elif form == "json":
        for change in changes:
            click.echo(json.dumps(msgspec.to_builtins(change), ensure_ascii=False))
    else:
        article = None
        for change in changes:
            if change.article != article:
                article = change.article
                click.echo(article or change.graph)
            subject, predicate, thing = change.shown
            said = f"  “{change.sentence}”" if change.sentence else ""
            click.echo(f"{change.sign} {subject} · {predicate} · {thing}{said}")
