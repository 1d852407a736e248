"""`acuerdo schema`: what a program needs to write articles in the native format."""

import json

import click


@click.command()
@click.argument("what", type=click.Choice(["article"]))
def command(what: str) -> None:
    """Print the JSON Schema of the native article format."""
    from acuerdo import model

    schemas = {"article": model.json_schema}
    click.echo(json.dumps(schemas[what](), indent=2, ensure_ascii=False))
