"""`acuerdo demo`: the shipped examples, built and asked."""

from pathlib import Path

import click

from acuerdo.cli import options
from acuerdo.cli.options import say

# Three questions that the examples answer well, with the parameters they are asked with.
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("who-met-whom", {"since": "2019-12-01", "until": "2019-12-31"}),
    ("planned-events", {"since": "2017-01-01", "until": "2017-12-31"}),
    ("designations-in-force", {"on": "2025-09-03"}),
)
ROWS = 5


@click.command()
@options.kg
@click.option("--texts", type=click.Path(path_type=Path), help="Folder of the articles' texts.")
def command(kg: Path, texts: Path | None) -> None:
    """Build the shipped examples and answer three questions about them."""
    from acuerdo import assets
    from acuerdo.build import Options, build
    from acuerdo.cli.build import told
    from acuerdo.query import Solutions, formats, open_kg, question

    built = build(
        Options(sources=(assets.path("examples"),), kg=kg, texts=(texts,) if texts else ())
    )
    for line in told(built, kg):
        say(line)
    opened = open_kg(kg)
    for name, parameters in ASKED:
        asked = question.load(name)
        words = " ".join(f"--{key} {value}" for key, value in parameters.items())
        click.echo(f"\n{asked.title}\n$ acuerdo query {name} {words}\n")
        found = opened.query(name, **parameters)
        if isinstance(found, Solutions):
            click.echo(formats.table(found.columns, list(found)[:ROWS], opened.base).rstrip())
            if len(found) > ROWS:
                click.echo(f"… of {len(found)}")
