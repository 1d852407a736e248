"""`acuerdo query`: a question, a file or a SPARQL text, answered as a table, CSV, JSON or RDF."""

import sys
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say

if TYPE_CHECKING:
    from acuerdo.query import Answer, Kg, Parameter, Question
    from acuerdo.query.endpoint import Endpoint

ASKED = "acuerdo.query.asked"
FLAGS = {"--fail", "-h", "--help"}
FORMATS = ["table", "csv", "tsv", "json", "md", "ttl", "nt", "jsonld"]


class Value(click.ParamType[str]):
    """A parameter's value, checked against the type that the question states."""

    def __init__(self, parameter: "Parameter") -> None:
        self.parameter, self.name = parameter, parameter.type.removeprefix("xsd:")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from acuerdo.errors import BadQuery
        from acuerdo.query.values import literal

        try:
            if self.parameter.type.startswith("xsd:"):
                literal(self.parameter, value)
        except BadQuery as error:
            self.fail(str(error).partition(": ")[2], param, ctx)
        return str(value)


class QueryCommand(click.Command):
    """A command whose options are its own and those of the question that it is asked."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = _question_among(args)
        ctx.meta[ASKED] = _read(named) if named is not None else None
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        asked: Question | None = ctx.meta.get(ASKED)
        return super().get_params(ctx) + [_option(p) for p in (asked.parameters if asked else ())]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        asked: Question | None = ctx.meta.get(ASKED)
        if asked is None or not asked.title:
            super().format_help_text(ctx, formatter)
            return
        for words in (f"{asked.title} / {asked.title_es}".rstrip(" /"), asked.description):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(words)
        with formatter.section("Columns"):
            formatter.write_dl([(column.name, column.type) for column in asked.columns])


def _option(parameter: "Parameter") -> click.Option:
    default = "" if parameter.optional else f"  [default: {parameter.default}]"
    return click.Option(
        [parameter.option, parameter.name],
        type=Value(parameter),
        multiple=parameter.type not in {"xsd:date", "xsd:integer", "xsd:decimal", "xsd:boolean"},
        help=parameter.meaning + default,
    )


def _question_among(args: list[str]) -> str | None:
    """The first argument that is neither an option nor an option's value."""
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            return next(rest, None)
        if arg == "-" or not arg.startswith("-"):
            return arg
        if arg not in FLAGS and "=" not in arg:
            next(rest, None)
    return None


def _read(asked: str) -> "Question":
    from acuerdo.query import question

    if asked == "-":
        return question.parse(sys.stdin.buffer.read().decode("utf-8-sig", "replace"), "-")
    if question.is_name(asked) and not Path(asked).is_file():
        return question.load(asked)
    return question.read(Path(asked)) if _is_path(asked) else question.parse(asked, "query")


def _is_path(asked: str) -> bool:
    return asked.endswith((".rq", ".sparql")) or ("{" not in asked)


@click.command(cls=QueryCommand)
@click.argument("question")
@kg_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Rows: table, csv, tsv, json, md; graphs: ttl, nt, jsonld.  [default: table on a terminal, "
    "csv otherwise; ttl for graphs]",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Ask as if only the articles published until this day were known.",
)
@click.option("--fail", is_flag=True, help="Exit with 1 when an ASK answers false.")
@click.option(
    "-o",
    "--output",
    type=click.File("wb", lazy=True),
    default="-",
    show_default=True,
    help="Write here.",
)
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of a graph here.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for one request to the endpoint.",
)
@click.option(
    "--default-graph",
    metavar="IRI",
    help="What stands for the union of the graphs at the endpoint (Fuseki: urn:x-arq:UnionGraph).",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    question: str,  # noqa: ARG001 - read before the options are, since it decides which there are
    kg: Path,
    form: str | None,
    as_of: datetime | None,
    fail: bool,
    output: IO[bytes],
    endpoint: str | None,
    timeout: float,
    default_graph: str | None,
    **parameters: str | tuple[str, ...],
) -> None:
    """Ask QUESTION: one of `acuerdo questions`, a .rq file, a SPARQL text, or - for standard input.

    A question's parameters are options; `acuerdo query QUESTION --help` lists them.
    """
    given = {name: value for name, value in parameters.items() if value not in {None, ()}}
    if endpoint is None:
        answer = _opened(kg, as_of).query(ctx.meta[ASKED], **given)
    elif as_of is not None:
        raise click.UsageError("--as-of asks the graph in --kg; an endpoint has no such day")
    else:
        answer = _far(endpoint, timeout, default_graph).query(ctx.meta[ASKED], **given)
    write(answer, output, form)
    if fail and answer is False:
        ctx.exit(1)


def _opened(kg: Path, as_of: datetime | None) -> "Kg":
    if as_of is not None:
        from acuerdo.query.asof import open_as_of

        return open_as_of(kg, as_of.date())
    from acuerdo.query import open_kg

    return open_kg(kg)


def _far(url: str, timeout: float, default_graph: str | None) -> "Endpoint":
    """The endpoint; what is odd about it is said before it is asked."""
    from acuerdo.query.endpoint import Endpoint

    far = Endpoint(url, timeout=timeout, default_graph=default_graph)
    if far.lacks_union():
        say(f"Warning: {url}: its default graph is not the union; see --default-graph")
    if far.engine:
        say(f"Warning: {url}: {far.engine} computes some queries wrongly; compare what matters")
    return far


def write(answer: "Answer", out: IO[bytes], form: str | None) -> None:
    """Write an answer in the form asked for, or in the one that suits it and where it goes."""
    if isinstance(answer, bool):
        said = "true" if answer else "false"
        text = f'{{"head": {{}}, "boolean": {said}}}' if form == "json" else said
        out.write(f"{text}\n".encode())
    else:
        answer.write(out, form or answer.suits(terminal=out.isatty()))
    out.flush()
