"""The options for files of annotation tools, of every command that reads articles."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from acuerdo.read import Reading

FILE = click.Path(path_type=Path, dir_okay=False)


class FormatName(click.ParamType[str]):
    """The name of a format; the readers are looked at only when one is given."""

    name = "format"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name, when there is such a format."""
        from acuerdo.read import detect

        if value not in detect.NAMES:
            self.fail(f"no format '{value}'; known: {', '.join(detect.NAMES)}", param, ctx)
        return str(value)


_OPTIONS = (
    click.option(
        "--from",
        "form_",
        type=FormatName(),
        metavar="FORMAT",
        help="The format of the files.  [default: found by their content]",
    ),
    click.option("--published", metavar="DATE", help="When articles that say nothing were published."),
    click.option("--language", metavar="TAG", help="The language of articles that name none."),
    click.option(
        "--metadata",
        type=FILE,
        help="A CSV with id, published, publisher, title, url, language …  [default: metadata.csv in the folder]",
    ),
    click.option(
        "--labels",
        type=FILE,
        help="What the tool's labels mean: a TOML overlay or an SSSOM table.",
    ),
    click.option("--annotator", help="Of several annotators' layers, take this one's."),
    click.option("--curated", is_flag=True, help="Of several layers, take the curated one."),
    click.option(
        "--repair",
        is_flag=True,
        help="Move spans whose words stand elsewhere, where there is only one such place; each is named.",
    ),
)  # fmt: skip


def tool_files(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that reads an annotation tool's files, in this order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def reading_of(given: dict[str, Any]) -> "Reading":
    """How files are read, taken out of the options of a command; a label map that is wrong ends the run here."""
    from acuerdo.errors import WrongUsage
    from acuerdo.read import Reading, metadata, tools

    reading = Reading(
        format=given.pop("form_"),
        published=given.pop("published"),
        language=given.pop("language"),
        metadata=given.pop("metadata"),
        label_map=given.pop("labels"),
        annotator=given.pop("annotator"),
        curated=given.pop("curated"),
        repair=given.pop("repair"),
        ontology=tuple(given.get("ontology") or ()),
    )
    if reading.annotator is not None and reading.curated:
        raise WrongUsage("--annotator and --curated name two layers; give one")
    if reading.label_map is not None:
        tools.labels(reading)
    if reading.metadata is not None:
        metadata.table(reading.metadata)
    return reading
