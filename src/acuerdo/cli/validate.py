"""`acuerdo validate`: what is wrong with a built graph, with anybody's data, or with the shapes themselves."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say

if TYPE_CHECKING:
    from acuerdo.validate import Report, Validator
    from acuerdo.validate.engines import EngineName

Format = Literal["text", "json", "csv", "sarif", "ttl", "nt"]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@kg_option
@click.option(
    "--shapes",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Shapes: files or folders of Turtle instead of those that acuerdo ships; repeatable.",
)
@click.option(
    "--engine",
    type=click.Choice(["shacl", "pyshacl"]),
    help="The SHACL engine; without it shacl where there is a wheel for it, else pyshacl.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "sarif", "ttl", "nt"]),
    default="text",
    show_default=True,
    help="ttl and nt are the standard sh:ValidationReport.",
)
@click.option("--lang", type=click.Choice(["en", "es"]), default="en", show_default=True)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="A report saved with --format json: only findings that it lacks are shown.",
)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--lint", is_flag=True, help="Look at the shapes instead of data.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    kg: Path,
    shapes: tuple[Path, ...],
    engine: "EngineName | None",
    form: Format,
    lang: str,
    baseline: Path | None,
    strict: bool,
    lint: bool,
) -> None:
    """Check RDF FILES, or without any the graph in --kg, against SHACL shapes.

    Exit 0 when nothing is in violation, 1 otherwise.

    \b
    acuerdo validate                                   each article of kg/, then all together
    acuerdo validate data.ttl --shapes shapes/         anybody's data, anybody's shapes
    acuerdo validate --format sarif > findings.sarif   for editors and code hosts
    """
    from acuerdo import api
    from acuerdo.validate import show

    if lint:
        ctx.exit(_lint(shapes))
    report, validator = api.validated(files, kg, shapes, engine)
    if validator.engine.name != (engine or "shacl"):
        say(
            "Note: the package shacl is not there; pyshacl took its place and is about 100 times slower."
        )
    if baseline is not None:
        report = show.new(report, show.baseline(baseline))
    _write(report, validator, files, form, lang)
    bad = {"violation", "warning"} if strict else {"violation"}
    ctx.exit(int(any(finding.severity in bad for finding in report.findings)))


def _write(
    report: "Report", validator: "Validator", files: tuple[Path, ...], form: Format, lang: str
) -> None:
    import pyoxigraph as ox

    from acuerdo.validate import rdf, sarif, show

    if form == "text":
        *lines, last = show.text(report, language=lang)
        for line in lines:
            click.echo(line)
        say(last)
    elif form == "json":
        click.echo(show.json(report), nl=False)
    elif form == "csv":
        click.echo(show.table(report, lang), nl=False)
    elif form == "sarif":
        whole = files[0] if len(files) == 1 else None
        click.echo(sarif.sarif(report, language=lang, data=whole), nl=False)
    else:
        syntax = ox.RdfFormat.TURTLE if form == "ttl" else ox.RdfFormat.N_TRIPLES
        click.echo(rdf.rdf(report, validator.shapes, syntax), nl=False)


def _lint(shapes: tuple[Path, ...]) -> int:
    """Print the problems of the shapes; the shipped ones are looked at where none are named."""
    from acuerdo import assets
    from acuerdo.validate.lint import lint
    from acuerdo.validate.shapes import ShapesGraph

    ontology = sorted(assets.path("ontology").rglob("*.ttl"))
    given = [list(shapes)] if shapes else [sorted(assets.path("shapes").rglob("*.ttl"))]
    problems = [problem for paths in given for problem in lint(ShapesGraph(paths), ontology)]
    for problem in problems:
        click.echo(str(problem))
    say(f"{len(problems)} problems" if problems else "no problem")
    return int(bool(problems))
