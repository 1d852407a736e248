"""`acuerdo questions`: what can be asked, with parameters."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from acuerdo.query import Question


@click.command()
@click.option(
    "--lang", type=click.Choice(["en", "es"]), default="en", help="Language of the titles."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "tsv", "json", "md"]),
    help="md and json have columns and descriptions too.  [default: table on a terminal, else tsv]",
)
def command(lang: str, form: str | None) -> None:
    """List the shipped questions with their parameters."""
    from acuerdo.query import catalogue, formats, questions

    found = questions()
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    if form == "json":
        import json

        listed = [_described(question) for question in found]
        click.echo(json.dumps(listed, indent=1, ensure_ascii=False))
    elif form == "md":
        click.echo(catalogue.page(found), nl=False)
    elif form == "table":
        rows = [_row(question, lang) for question in found]
        click.echo(formats.table(("question", "title", "parameters"), rows), nl=False)
    else:
        for question in found:
            click.echo("\t".join(_row(question, lang)))


def _row(question: "Question", lang: str) -> tuple[str, str, str]:
    title = question.title_es if lang == "es" else question.title
    return question.name, title, " ".join(p.option for p in question.parameters)


def _described(question: "Question") -> dict[str, object]:
    import msgspec

    described: dict[str, object] = msgspec.to_builtins(question)
    described.pop("text")
    return described
