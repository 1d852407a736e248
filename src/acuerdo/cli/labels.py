"""`acuerdo labels`: what a tool's labels mean, a starter overlay, and configurations for tools."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acuerdo.cli.options import FOLDER, say
from acuerdo.cli.reading import reading_of, tool_files

if TYPE_CHECKING:
    from acuerdo.read.inventory import Entry


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@tool_files
@click.option(
    "--ontology",
    multiple=True,
    type=FOLDER,
    help="A folder of Turtle that adds to the shipped ontology.",
)
@click.option(
    "--config",
    type=click.Choice(["brat", "label-studio"]),
    help="Print that tool's configuration, made from the ontology.",
)
@click.option(
    "--starter",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write an overlay to fill in for the labels nobody knows.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    sources: tuple[Path, ...],
    config: str | None,
    starter: Path | None,
    form: str,
    **given: Any,
) -> None:
    """List every label in the SOURCES of an annotation tool: how often it stands there and what it means.

    Exits with 1 when there is a label that means nothing; map it in the ontology (ac:tag) or with --labels.
    """
    from acuerdo import report
    from acuerdo.errors import WrongUsage
    from acuerdo.read import inventory, tools

    reading = reading_of(given)
    if config is not None:
        _configuration(config, tools.labels(reading).vocabulary)
        return
    if not sources:
        raise WrongUsage("name files of an annotation tool, or --config brat|label-studio")
    entries, faults = inventory.inventory(list(sources), reading)
    for line in report.lines(faults):
        say(line)
    click.echo(_written(entries, form), nl=False)
    unknown = [entry for entry in entries if not entry.means]
    if starter is not None:
        starter.write_text(inventory.starter(entries), encoding="utf-8")
        say(f"{starter}: {len(unknown)} labels to map")
    say(f"{len(entries)} labels, {len(unknown)} unknown")
    ctx.exit(int(bool(unknown)) or report.exit_code(faults))


def _configuration(tool: str, known: Any) -> None:
    from acuerdo.export.annotations import configs

    click.echo(configs.brat(known) if tool == "brat" else configs.label_studio(known), nl=False)


def _written(entries: list["Entry"], form: str) -> str:
    rows = [
        (e.label.kind, e.label.label, e.count, e.means or "?", " ".join(e.nearest)) for e in entries
    ]
    heading = ("kind", "label", "count", "means", "nearest")
    if form == "json":
        return (
            json.dumps(
                [dict(zip(heading, row, strict=True)) for row in rows], ensure_ascii=False, indent=1
            )
            + "\n"
        )
    if form == "csv":
        import csv
        import io

        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([heading, *rows])
        return out.getvalue()
    return _table(
        [heading, *((k, _shown(label), str(n), m, near) for k, label, n, m, near in rows)]
    )


def _shown(label: str) -> str:
    from acuerdo.report import escaped

    return escaped(label)[1:-1]


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "".join(f"{line}\n" for line in lines)
