"""`acuerdo schema`: what a program or a model needs to write articles."""

import json

import click


@click.command()
@click.argument("what", type=click.Choice(["article", "llm"]))
def command(what: str) -> None:
    """Print a JSON Schema.

    `article` is the native article format. `llm` is for the structured output of a language model: made
    from the ontology, strict, with quotes in place of offsets.
    """
    from acuerdo import assets, model, vocabulary
    from acuerdo.export.annotations import llm

    if what == "article":
        schema = model.json_schema()
    else:
        schema = llm.schema(vocabulary.load(assets.path("ontology")))
    click.echo(json.dumps(schema, indent=2, ensure_ascii=False))
