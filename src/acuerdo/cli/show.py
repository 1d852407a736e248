"""`acuerdo show`: one person, agency, place, event … with everything said of it and the sentences."""

from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option


@click.command()
@click.argument("name")
@kg_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "json"]),
    default="md",
    show_default=True,
    help="Markdown for people, JSON for programs.",
)
@click.option("--lang", type=click.Choice(["en", "es"]), default="en", help="Language of headings.")
def command(name: str, kg: Path, form: str, lang: str) -> None:
    """Show one thing: NAME is a name, the end of an IRI (person/william-barr), or an IRI.

    A name that several things bear lists them; each row has its sentence and article.
    """
    import msgspec

    from acuerdo.query import open_kg
    from acuerdo.query.show import lines, show

    opened = open_kg(kg)
    portrait = show(opened, name, lang)
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(portrait), indent=1).decode())
    else:
        click.echo("\n".join(lines(portrait, opened.base)))
