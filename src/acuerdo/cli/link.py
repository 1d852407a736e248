"""`acuerdo link`: which item of Wikidata a thing of the graph is, and who decided so."""

import datetime as dt
from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path)

links_option = click.option(
    "--links", type=FOLDER, help="The folder of the links.  [default: links/ beside the graph]"
)
candidates_option = click.option(
    "--candidates",
    multiple=True,
    type=FILE,
    help="A snapshot of Wikidata: CSV tables, lines of a JSON dump, N-Triples. May be given again.",
)
now_option = click.option(
    "--now", metavar="DATE", help="The day that new rows bear.  [default: today]"
)


def day(now: str | None) -> str:
    """The day of a run as ISO date."""
    from acuerdo.errors import WrongUsage

    try:
        return (dt.date.fromisoformat(now) if now else dt.datetime.now(dt.UTC).date()).isoformat()
    except ValueError:
        raise WrongUsage(f"--now {now}: not a date; write 2026-01-31") from None


@click.group(invoke_without_command=True)
@kg_option
@links_option
@candidates_option
@now_option
@click.option(
    "--show", is_flag=True, help="Print one line a thing: decision, item, probability, figures."
)
@click.pass_context
def command(
    ctx: click.Context,
    kg: Path,
    links: Path | None,
    candidates: tuple[Path, ...],
    now: str | None,
    show: bool,
) -> None:
    """Find the Wikidata item of each person, agency, post and place of the graph.

    Sure links and open questions go to links/wikidata.sssom.tsv; `acuerdo link review` walks the open
    ones, `acuerdo build` writes what stands into the graph. What a person decided is never changed.
    """
    if ctx.invoked_subcommand is None:
        _link(kg, links, candidates, day(now), show)


def _link(
    kg: Path, links: Path | None, candidates: tuple[Path, ...], today: str, show: bool
) -> None:
    from acuerdo.errors import WrongUsage
    from acuerdo.link import index, linker, sssom
    from acuerdo.link.source import Graph, beside

    if not candidates:
        raise WrongUsage("nothing to link to; give snapshots with --candidates FILE")
    graph = Graph(kg)
    found, warnings = index.opened(candidates, graph.cache)
    path = linker.link_file(beside(kg, links, "links"))
    old = sssom.read(path)
    done = linker.run(graph.mentions(), found, old.rows, graph.bases, today)
    sssom.write(path, done.rows, graph.bases, old.header)
    for line in (*warnings, *done.warnings):
        say(f"Warning: {line}")
    if show:
        for outcome in done.outcomes:
            click.echo(_shown(outcome, graph.bases.id))
    counts = done.counts
    say(
        f"{sum(counts.values()):,} things: {counts['auto']:,} linked, {counts['review']:,} for review, "
        f"{counts['nil']:,} without an item. Written to {path}"
    )


def _shown(outcome: "object", base: str) -> str:
    from acuerdo.link.score import Decision, Outcome

    assert isinstance(outcome, Outcome)
    best = outcome.ranked[0] if outcome.ranked and outcome.decision is not Decision.NIL else None
    cells = [
        outcome.decision.value,
        outcome.mention.subject.removeprefix(base),
        outcome.mention.label,
    ]
    if best:
        reasons = " ".join(f"{k}={v:g}" for k, v in best.reasons.items())
        cells += [best.item.qid, best.item.label, f"{best.probability:.4f}", reasons]
    return "\t".join([*cells, outcome.note] if outcome.note else cells)
