"""acuerdo ontology: look at the ontology as a whole."""

from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say

ontology_option = click.option(
    "--ontology",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A further folder of Turtle: terms, vocabularies, registry. Repeatable.",
)


@click.group()
def command() -> None:
    """The ontology: does it hold together, and its reference pages."""


@command.command()
@ontology_option
@kg_option
@click.option("--reasoner/--no-reasoner", default=True, help="Ask HermiT as well (needs Java).")
@click.option(
    "--articles",
    default=20,
    show_default=True,
    type=click.IntRange(min=0),
    help="How many articles of the graph to hold against the ontology, one at a time.",
)
def check(folders: tuple[Path, ...], kg: Path, reasoner: bool, articles: int) -> None:
    """Quality gates and a reasoner over ontology, vocabularies, registry and the built graph.

    Each line on stdout is one offence; exit 1 if there is any.
    """
    from acuerdo.terms import check as checking

    offences = 0
    for line in checking.check(folders, kg, reasoner=reasoner, articles=articles, say=say):
        click.echo(line)
        offences += 1
    plural = "s" if offences > 1 else ""
    say("The ontology passes." if not offences else f"{offences} offence{plural}.")
    raise SystemExit(int(offences > 0))


@command.command()
@ontology_option
@click.option(
    "-o",
    "--output",
    default="ontology-docs",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write into.",
)
def docs(folders: tuple[Path, ...], output: Path) -> None:
    """The reference: index.html, classes.svg, terms.md, gates.md, context.jsonld."""
    from acuerdo import assets
    from acuerdo.terms import documents

    output.mkdir(parents=True, exist_ok=True)
    for name, text in documents.documents([assets.path("ontology"), *folders]).items():
        (output / name).write_text(text, encoding="utf-8")
        say(f"wrote {output / name}")
