"""`acuerdo push`: the graph into another triplestore, checked there."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say

if TYPE_CHECKING:
    from acuerdo.push import Outcome
    from acuerdo.push.plan import Plan

_KINDS = click.Choice(["none", "basic", "digest", "bearer", "signed"])
_DEPTHS = click.Choice(["counts", "hashes", "full"])


@click.command()
@kg_option
@click.option(
    "--to",
    "name",
    metavar="PROFILE",
    help="oxigraph, fuseki, rdf4j, graphdb, virtuoso, blazegraph, qlever, stardog, neptune, gsp, update; or a .toml file.",
)
@click.argument("url", required=False)
@click.option(
    "--recipe",
    metavar="PROFILE",
    help="Write an export and a script for the store's own bulk loader into the folder OUTPUT, and push nothing.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("bulk"),
    show_default=True,
    help="The folder of --recipe.",
)
@click.option(
    "--query-url", metavar="URL", help="The query endpoint, where the profile cannot tell it."
)
@click.option(
    "--append", is_flag=True, help="Add to the graphs that are there; replace and delete none."
)
@click.option(
    "--verify",
    type=_DEPTHS,
    default="hashes",
    show_default=True,
    help="How to check: counts, sums by the store, or every row read back.",
)
@click.option("--yes", is_flag=True, help="Delete graphs there that are gone here, without asking.")
@click.option(
    "--dry-run", is_flag=True, help="Print what would be done, a graph a line; write nothing."
)
@click.option(
    "--auth",
    type=_KINDS,
    help="How the store knows us; secrets: ACUERDO_PUSH_PASSWORD, ACUERDO_PUSH_TOKEN, or the keyring.",
)
@click.option("--user", envvar="ACUERDO_PUSH_USER", show_envvar=True, help="The user name.")
@click.option(
    "--layer", "layers", multiple=True, metavar="LAYER", help="Only this layer; repeatable."
)
@click.option(
    "--article", "articles", multiple=True, metavar="ID", help="Only this article; repeatable."
)
@click.option(
    "--graph", "graphs", multiple=True, metavar="IRI", help="Only this graph; repeatable."
)
@click.option(
    "--allow-demo-base", is_flag=True, help="Push a graph built without a base of its own."
)
@click.option(
    "--journal",
    type=click.Path(path_type=Path),
    help="What was sent so far; by default in the graph directory.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=120.0,
    show_default=True,
    help="Seconds to wait for an answer.",
)
def command(
    *,
    kg: Path,
    name: str | None,
    url: str | None,
    recipe: str | None,
    output: Path,
    query_url: str | None,
    append: bool,
    verify: Literal["counts", "hashes", "full"],
    yes: bool,
    dry_run: bool,
    auth: Literal["none", "basic", "digest", "bearer", "signed"] | None,
    user: str | None,
    layers: tuple[str, ...],
    articles: tuple[str, ...],
    graphs: tuple[str, ...],
    allow_demo_base: bool,
    journal: Path | None,
    timeout: float,
) -> None:
    """Load the graph into the store at URL and prove that it arrived.

    Only graphs that differ are sent. An interrupted push goes on where it stopped.
    """
    from acuerdo import push
    from acuerdo.export.source import Selection, opened
    from acuerdo.push.auth import credentials

    if recipe is not None:
        _write_recipe(kg, recipe, output, allow_demo_base=allow_demo_base)
        return
    if name is None or url is None:
        raise click.UsageError("name the store with --to PROFILE URL, or ask for --recipe PROFILE")
    where = push.target(push.named(name), url, query_url)
    signed = credentials(auth, user, url, where.profile.auth)
    options = push.Options(
        append=append,
        verify=verify,
        dry_run=dry_run,
        allow_demo_base=allow_demo_base,
        confirm=lambda number: yes or _asked(number, url),
        progress=_progress,
        planned=_shown if dry_run else _said,
    )
    with opened(kg) as source, push.Remote(signed, timeout=timeout) as remote:
        selection = Selection(source, layers, articles, graphs)
        noted = journal or push.journal_path(kg, where)
        outcome = push.push(source, selection, where, remote, journal=noted, options=options)
    _report(outcome, url)


def _write_recipe(kg: Path, name: str, folder: Path, *, allow_demo_base: bool) -> None:
    from acuerdo.export import Selection, opened, to_file
    from acuerdo.export.formats import chosen
    from acuerdo.push import recipes, refuse_demo

    recipe = recipes.named(name)
    with opened(kg) as source:
        if not allow_demo_base:
            refuse_demo(source.base or "")
        folder.mkdir(parents=True, exist_ok=True)
        form, packed = chosen(recipe.export, None)
        path = folder / recipe.export
        done = to_file(source, Selection(source), path, form, packed=packed)
    script = folder / "load.sh"
    script.write_text(recipes.script(recipe, folder, done.quads), "utf-8")
    script.chmod(0o755)
    say(f"{done.quads:,} quads in {path}; read and run {script}")


def _asked(number: int, url: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return click.confirm(f"{number:,} graphs at {url} are gone here. Delete them there?", err=True)


def _progress(done: int, all_quads: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {all_quads:,} quads", nl=done >= all_quads, err=True)


def _shown(plan: "Plan") -> None:
    for line in plan.lines():
        click.echo(line)
    _said(plan)


def _said(plan: "Plan") -> None:
    say(f"Plan: {plan.summary()}.")


def _report(outcome: "Outcome", url: str) -> None:
    if outcome.plan is None:
        say(f"{url} holds this build already, as the last push proved; nothing to do.")
        return
    for words, number in sorted(outcome.verdict.rewritten.items()):
        say(f"Note: {number:,} literals have the same value there in another spelling: {words}")
    if outcome.verdict.graphs:
        say(
            f"Checked: {outcome.verdict.graphs:,} graphs, {outcome.verdict.quads:,} quads are there."
        )
    if outcome.deleted:
        say(f"Deleted: {outcome.deleted:,} graphs that are gone here.")
    if outcome.left:
        say(f"Left: {len(outcome.left):,} graphs there are gone here; --yes deletes them.")
        raise click.exceptions.Exit(1)
