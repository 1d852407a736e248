"""`acuerdo check`: what is wrong with articles, without building anything."""

from pathlib import Path
from typing import Any

import click

from acuerdo.cli.options import configured_base, inputs, say
from acuerdo.cli.reading import reading_of, tool_files

FORMATS = ("text", "json", "csv", "sarif")


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@inputs
@tool_files
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Text for people; JSON has all, CSV and SARIF the findings.",
)
@click.option("--lang", type=click.Choice(["en", "es"]), default="en", help="Language of findings.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    sources: tuple[Path, ...],
    form: str,
    lang: str,
    strict: bool,
    **given: Any,
) -> None:
    """Name what is wrong with the articles in SOURCES without building; 1 when something would stay out."""
    from acuerdo import read
    from acuerdo.build import checked

    reading = reading_of(given)
    reads = read.articles(list(sources), read.texts.index(list(given["texts"])), reading)
    stages = checked.stages(given["ontology"], configured_base(given["base"]), given["decisions"])
    found = checked.check(reads, stages)
    if form == "text":
        for line in checked.lines(found, lang):
            say(line)
        say(f"{found.articles} articles: {checked.summary(found)}")
    else:
        click.echo(checked.document(found, form, lang), nl=False)
    ctx.exit(checked.exit_code(found, strict))
