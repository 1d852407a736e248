"""`acuerdo link`: which item of Wikidata a thing of the graph is, and who decided so."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say

if TYPE_CHECKING:
    from acuerdo.link.review import Question
    from acuerdo.link.score import Outcome

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
    "--online", is_flag=True, help="Also search Wikidata; answers are cached in kg/cache/."
)
@click.option("--offline", is_flag=True, help="With --online: only what the cache holds.")
@click.option(
    "--contact",
    default="",
    envvar="ACUERDO_CONTACT",
    show_envvar=True,
    help="With --online: the mail address or page that Wikimedia may write to.",
)
@click.option("--api", metavar="URL", help="With --online: the action API.  [default: Wikidata's]")
@click.option(
    "--within", is_flag=True, help="Look for one thing under two names in the graph itself."
)
@click.option(
    "--decisions", type=FOLDER, help="With --within.  [default: decisions/ beside the graph]"
)
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
    within: bool,
    decisions: Path | None,
    online: bool,
    offline: bool,
    contact: str,
    api: str | None,
) -> None:
    """Find the Wikidata item of each person, agency, post and place of the graph.

    Sure links and open questions go to links/wikidata.sssom.tsv; `acuerdo link review` walks the open
    ones, `acuerdo build` writes what stands into the graph. What a person decided is never changed.
    """
    ctx.obj = {"kg": kg, "links": links, "decisions": decisions, "day": day(now)}
    if within:
        _within(kg, decisions, day(now))
    elif ctx.invoked_subcommand is None:
        asked = (contact, offline, api) if online or offline else None
        _link(kg, links, candidates, day(now), show, asked)


def _link(
    kg: Path,
    links: Path | None,
    candidates: tuple[Path, ...],
    today: str,
    show: bool,
    online: tuple[str, bool, str | None] | None,
) -> None:
    from acuerdo.errors import WrongUsage
    from acuerdo.link import linker, sssom
    from acuerdo.link.source import Graph, beside, gathered, web

    if not candidates and online is None:
        raise WrongUsage("nothing to link to; give snapshots with --candidates FILE, or --online")
    graph = Graph(kg)
    mentions = graph.linkable()
    path = linker.link_file(beside(kg, links, "links"))
    old = sssom.read(path)
    client = web(graph.cache, online[0], offline=online[1]) if online else None
    found, warnings = gathered(graph, mentions, candidates, client, online[2] if online else None)
    done = linker.run(mentions, found, old.rows, graph.bases, today)
    sssom.write(path, done.rows, graph.bases, old.header)
    for line in (*warnings, *done.warnings):
        say(f"Warning: {line}")
    if show:
        for outcome in done.outcomes:
            click.echo(_shown(outcome, graph.bases.id))
    counts = done.counts
    asked = f" {client.requests:,} requests." if client else ""
    say(
        f"{sum(counts.values()):,} things: {counts['auto']:,} linked, {counts['review']:,} for review, "
        f"{counts['nil']:,} without an item. Written to {path}.{asked}"
    )


def _shown(outcome: "Outcome", base: str) -> str:
    from acuerdo.link.score import Decision

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


def _within(kg: Path, decisions: Path | None, today: str) -> None:
    from acuerdo.link import sssom, within
    from acuerdo.link.source import Graph, beside

    graph = Graph(kg)
    path = beside(kg, decisions, "decisions") / within.FILE
    old = sssom.read(path, items=False)
    decided = {r.pair for r in old.rows if r.reviewed or r.rejected}
    alike = list(within.things(graph.mentions(), graph.facts))
    pairs = [*alike, *within.events(graph.facts, graph.vocabulary, alike)]
    new = within.rows(pairs, graph.facts, graph.bases, today, decided)
    rows = sssom.merged(old.rows, new, lambda _: True)
    if rows or old.rows:
        sssom.write(path, rows, graph.bases, old.header)
    say(f"{len(new):,} pairs that may be one; decide with `acuerdo link review`. Written to {path}")


@command.command()
@click.option(
    "--reviewer",
    envvar="ACUERDO_REVIEWER",
    show_envvar=True,
    required=True,
    metavar="ID",
    help="Who decides: a CURIE such as orcid:0000-0002-1825-0097.",
)
@click.option("--name", default="", help="The reviewer's name, for readers.")
@click.pass_obj
def review(given: dict[str, Path | str | None], reviewer: str, name: str) -> None:
    """Walk the open rows of links and proposals: y they are one, n they are two, s skip, u undo, q quit.

    Every answer is written at once. `acuerdo build` applies it.
    """
    from acuerdo.errors import WrongUsage
    from acuerdo.link.review import Reviewer, Walk
    from acuerdo.link.source import Graph, beside

    if ":" not in reviewer or " " in reviewer:
        raise WrongUsage(f"--reviewer {reviewer}: write a CURIE such as orcid:0000-0002-1825-0097")
    kg = Path(str(given["kg"]))
    folders = [
        beside(kg, Path(str(given[f])) if given[f] else None, f) for f in ("links", "decisions")
    ]
    graph = Graph(kg)
    walk = Walk(folders[0], folders[1], graph.facts, graph.bases)
    who = Reviewer(reviewer, name, str(given["day"]))
    answered = 0
    while question := walk.next():
        _show(question, walk.left())
        try:
            key = click.prompt(
                "One? y/n/s/u/q", type=click.Choice(list("ynsuq")), show_choices=False, err=True
            )
        except click.Abort:  # the end of what was typed; every answer is kept already
            say("")
            break
        if key == "q":
            break
        if key == "u":
            answered -= walk.undo()
        elif key == "s":
            walk.skip(question)
        else:
            (walk.accept if key == "y" else walk.reject)(question, who)
            answered += 1
    say(f"{answered} answers kept, {walk.left()} rows still open.")


def _show(question: "Question", left: int) -> None:
    """Both sides next to each other where the terminal is wide enough, else one below the other."""
    import shutil
    import textwrap
    from itertools import zip_longest

    row = question.row
    width = max(30, shutil.get_terminal_size((100, 24)).columns // 2 - 2)
    sides = [
        [line for part in (head, *lines) for line in textwrap.wrap(part, width) or [""]]
        for head, lines in (
            (f"{row.subject_label}  ({row.subject_id})", question.left),
            (f"{row.object_label}  ({row.object_id})", question.right),
        )
    ]
    say(f"\n{left} open")
    for one, other in zip_longest(*sides, fillvalue=""):
        say(f"{one:<{width}} │ {other}".rstrip())


@command.command()
@candidates_option
@click.option(
    "--endpoint", metavar="URL", help="A SPARQL endpoint that holds Wikidata, or a slice."
)
@click.option(
    "--contact",
    default="",
    envvar="ACUERDO_CONTACT",
    show_envvar=True,
    help="With --endpoint: the mail address or page that its keepers may write to.",
)
@click.option("--offline", is_flag=True, help="With --endpoint: only what the cache holds.")
@click.pass_obj
def enrich(
    given: dict[str, Path | str | None],
    candidates: tuple[Path, ...],
    endpoint: str | None,
    contact: str,
    offline: bool,
) -> None:
    """Take positions with dates, birth and party of linked people into links/wikidata-facts.nq.

    The next `acuerdo build` writes them into /graph/wikidata, which can be dropped by itself.
    """
    from acuerdo.errors import WrongUsage
    from acuerdo.link import enrich, linker, sssom
    from acuerdo.link.graph import standing
    from acuerdo.link.source import beside, facts_at, facts_in, of_base

    if bool(candidates) == bool(endpoint):
        raise WrongUsage("say where the facts come from: --candidates FILE, or --endpoint URL")
    kg = Path(str(given["kg"]))
    folder = beside(kg, Path(str(given["links"])) if given["links"] else None, "links")
    rows, warnings = standing(sssom.read(linker.link_file(folder)).rows)
    for line in warnings:
        say(f"Warning: {line}")
    wanted = enrich.people(rows)
    found = (
        facts_at(kg, wanted, endpoint, contact, offline=offline)
        if endpoint
        else facts_in(kg, wanted, candidates)
    )
    lines = enrich.nquads(found, of_base(kg), str(given["day"]))
    sssom.replace(folder / enrich.FILE, lines)
    say(
        f"Facts about {len(found):,} of {len(wanted):,} linked people. Written to {folder / enrich.FILE}"
    )
