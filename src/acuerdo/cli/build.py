"""`acuerdo build`: articles in, a published graph out."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acuerdo.cli.options import FOLDER, configured_base, inputs, say
from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.reading import reading_of, tool_files

if TYPE_CHECKING:
    from acuerdo.build.run import Built, Progress

_NAMED = 20
_WORDS = {"read": "Reading", "map": "Mapping and validating", "load": "Loading"}


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@kg_option
@inputs
@tool_files
@click.option("--links", type=FOLDER, help="Reviewed links.  [default: links/ beside the graph]")
@click.option(
    "--same-as",
    is_flag=True,
    help="State links that a person reviewed as owl:sameAs too; a reasoner then merges all facts.",
)
@click.option(
    "--keep-invalid",
    is_flag=True,
    help="Leave in what breaks a shape; it is reported all the same.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    help="Processes that map and validate.  [default: one a core]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to tell what was done.",
)
@click.pass_context
def command(ctx: click.Context, /, *, form: str, strict: bool, **given: Any) -> None:
    """Make the graph of the articles in SOURCES (files and folders) and publish it.

    Only what changed since the last build is worked through again. Exits with 1 when something of an
    article stayed out; the rest is published.
    """
    from acuerdo.build import Options, build

    reading = reading_of(given)
    given["base"] = configured_base(given["base"])
    with _progress() as progress:
        built = build(Options(**given, reading=reading), progress)
    if form == "json":
        click.echo(_json(built))
    else:
        for line in told(built, given["kg"]):
            say(line)
    ctx.exit(_code(built, strict=strict))


def _code(built: "Built", *, strict: bool) -> int:
    from acuerdo import report

    warned = strict and any(finding.severity == "warning" for finding in built.findings)
    return report.exit_code(built.faults, strict) or int(warned)


def told(built: "Built", kg: Path) -> Iterator[str]:
    """What was wrong, what changed, and what the graph is now."""
    from acuerdo import report
    from acuerdo.iri import DEMO_BASE
    from acuerdo.validate import Report, show

    told = [fault for fault in built.faults if fault.level != "info"]
    yield from report.lines(told)
    findings = tuple(f for f in built.findings if f.severity != "info")
    if findings:
        yield from show.text(Report(findings, ""))
    notes = len(built.faults) - len(told) + len(built.findings) - len(findings)
    if notes:
        yield f"{notes} notes stand in {built.build.folder / 'report.json'}"
    stayed_out = _stayed_out(built)
    if stayed_out:
        yield f"Stayed out: {stayed_out}"
    yield from _changes(built)
    if built.build.manifest().base == DEMO_BASE:
        yield f"Warning: IRIs stand under {DEMO_BASE}, which is for trying out; say --base IRI"
    graph = f"{built.quads:,} quads of {built.articles:,} articles"
    if built.new:
        yield f"{kg}: {graph}; build {built.build.digest[:12]} is current"
    elif any(fault.code == "NO_DOCUMENTS" for fault in built.faults):
        yield f"{kg}: nothing was read, build {built.build.digest[:12]} stays: {graph}"
    else:
        yield f"{kg}: nothing to do, build {built.build.digest[:12]} holds this already: {graph}"


def _stayed_out(built: "Built") -> str:
    """How many of which unit."""
    from collections import Counter

    dropped = [fault.dropped for fault in built.faults] + [f.dropped for f in built.findings]
    counts: Counter[str | None] = Counter(dropped)
    units = ("file", "article", "event", "relation", "annotation")
    return ", ".join(f"{counts[u]} {u}{'s' * (counts[u] > 1)}" for u in units if counts[u])


def _changes(built: "Built") -> Iterator[str]:
    named = {
        "New": built.added,
        "Changed": built.changed,
        "Superseded by another text": built.superseded,
        "Gone": built.gone,
        "Withdrawn": built.withdrawn,
    }
    for word, ids in named.items():
        if ids:
            shown = [escaped[1:-1] for escaped in map(_escaped, ids[:_NAMED])]
            more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
            yield f"{word}: {', '.join(shown)}{more}"


def _escaped(text: str) -> str:
    from acuerdo.report import escaped

    return escaped(text)


def _json(built: "Built") -> str:
    import json

    import msgspec

    value = msgspec.to_builtins(
        {name: getattr(built, name) for name in built.__struct_fields__ if name != "build"}
    )
    value["digest"] = built.build.digest
    value["faults"] = [{"level": f.level, **msgspec.to_builtins(f)} for f in built.faults]
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


@contextmanager
def _progress() -> "Iterator[Progress | None]":
    """A line that moves, on a terminal only."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(_WORDS.get(stage, stage), total=total or None)
            bar.update(tasks[stage], completed=done, total=total or None)

        yield show
