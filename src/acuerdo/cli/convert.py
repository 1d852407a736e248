"""`acuerdo convert`: articles from one annotation format into another."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acuerdo.cli.options import say
from acuerdo.cli.reading import reading_of, tool_files

if TYPE_CHECKING:
    from acuerdo.model import Article
    from acuerdo.report import Fault

FORMATS = ("native", "brat", "label-studio", "doccano", "webannotation", "nif", "uima-xmi")


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.option("--to", type=click.Choice(FORMATS), required=True, help="The format of OUTPUT.")
@click.option(
    "--texts",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder of texts, attached to articles by their SHA-256. May be given again.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@tool_files
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    sources: tuple[Path, ...],
    output: Path,
    to: str,
    texts: tuple[Path, ...],
    strict: bool,
    **given: Any,
) -> None:
    """Write the articles of SOURCES to OUTPUT for an annotation tool, or in the native format.

    OUTPUT is a new folder, or one file where the format has such files (.jsonl, .json, .ttl). What a format
    cannot carry is listed in docs/formats/.
    """
    from acuerdo import read, report
    from acuerdo.export.annotations.convert import convert
    from acuerdo.read import tools

    reading = reading_of(given)
    faults: list[Fault] = []
    reads = read.articles(list(sources), read.texts.index(list(texts)), reading)
    done = convert(_good(reads, faults), output, to, tools.labels(reading).vocabulary)
    faults += done.faults
    for line in report.lines(faults):
        say(line)
    say(f"{output}: {done.articles} articles as {to}")
    ctx.exit(report.exit_code(faults, strict))


def _good(reads: Iterator[Any], faults: list["Fault"]) -> Iterator[tuple[str, "Article"]]:
    for one in reads:
        faults += one.faults
        if one.article is not None:
            yield one.file, one.article
