"""`acuerdo questions`: what can be asked, with parameters."""

import json
import sys

import click


@click.command()
@click.option(
    "--lang", type=click.Choice(["en", "es"]), default="en", help="Language of the titles."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "md"]),
    help="[default: table on a terminal, else tab-separated lines]",
)
def command(lang: str, form: str | None) -> None:
    """List the shipped questions with their parameters."""
    from acuerdo.query import questions

    rows = []
    for question in questions():
        title = question.title_es if lang == "es" else question.title
        rows.append((question.name, title, " ".join(p.option for p in question.parameters)))
    if form == "json":
        click.echo(json.dumps([_described(q) for q in questions()], indent=1, ensure_ascii=False))
    elif form in {"md", "table"} or (form is None and sys.stdout.isatty()):
        from acuerdo.query import formats

        columns = ("question", "title", "parameters")
        drawn = formats.markdown if form == "md" else formats.table
        click.echo(drawn(columns, rows), nl=False)
    else:
        for row in rows:
            click.echo("\t".join(row))


def _described(question: "object") -> dict[str, object]:
    import msgspec

    described: dict[str, object] = msgspec.to_builtins(question)
    described.pop("text")
    return described
