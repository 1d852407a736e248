"""acuerdo explain: why the graph says something."""

from pathlib import Path

import click

from acuerdo.cli.options import kg as kg_option

ontology_option = click.option(
    "--ontology",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The further folder of Turtle that the graph was built with. Repeatable.",
)


@click.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
@ontology_option
@kg_option
def command(
    subject: str, predicate: str, object_: str, folders: tuple[Path, ...], kg: Path
) -> None:
    """Why does the graph say this? The premises of an inferred statement, each with its sentence.

    A thing is an IRI, a prefixed name, the tail of an IRI (person/william-barr) or a name that one
    thing bears; a property is a name of the ontology (hasParticipant) or "a".
    """
    from acuerdo import assets
    from acuerdo.query.kg import open_kg
    from acuerdo.query.why import why

    graph = open_kg(kg)
    every = [assets.path("ontology"), *folders]
    for line in why(graph, every, subject, predicate, object_):
        shown = " ".join(_short(term, graph.base) for term in line.statement)
        where = "" if line.ground == "registry" else f" in {line.graph.rsplit('/', 1)[-1]}"
        click.echo(f"{'  ' * line.depth}{shown}  [{line.ground}{where}]")
        for passage, words in line.passages:
            said = f" {words}" if words else ""
            click.echo(f"{'  ' * line.depth}    {_short(passage, graph.base)}{said}")


def _short(term: str, base: str) -> str:
    from acuerdo.vocabulary import PREFIXES

    if term.startswith(base + "id/"):
        return term.removeprefix(base + "id/")
    for prefix, space in PREFIXES.items():
        if term.startswith(space):
            return f"{prefix}:{term.removeprefix(space)}"
    return term
