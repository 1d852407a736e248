"""`acuerdo export`: the graph as files for other RDF tools."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say

if TYPE_CHECKING:
    from acuerdo.export import Exported, Extra

_VIEWS = frozenset({"csv", "parquet", "graphml", "ftm"})
_VIEW_SUFFIXES = {".graphml": "graphml", ".ftm": "ftm"}


class Size(click.ParamType[int]):
    """A number of bytes: `500000`, `100MB`, `2GB`."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The number of bytes."""
        found = re.fullmatch(r"(\d+)\s*([kMG]?)B?", str(value).strip(), re.IGNORECASE)
        if found is None or int(found[1]) == 0:
            self.fail(f"{value!r} is no size; write 500000, 100MB or 2GB", param, ctx)
        return int(found[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[found[2].lower()]


@click.command()
@kg_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    default="-",
    show_default=True,
    help="A file; a folder with --by, --max-size, csv and parquet; - is standard output.",
)
@click.option(
    "--format",
    "wanted",
    metavar="FORMAT",
    help="nq, nt, ttl, trig, jsonld or rdfxml, with .gz or .zst; graphml, ftm; csv, parquet (tables). "
    "Else by the suffix of the output.",
)
@click.option(
    "--by",
    type=click.Choice(["graph", "article", "layer"]),
    help="One file for each, in the folder OUTPUT.",
)
@click.option(
    "--max-size",
    type=Size(),
    help="Split into parts of at most this many bytes of N-Quads, at graph boundaries.",
)
@click.option(
    "--with",
    "extras",
    type=click.Choice(["annotations", "reifiers"]),
    multiple=True,
    help="Add Web Annotation selectors, or RDF 1.2 reifiers of what each passage supports; repeatable.",
)
@click.option(
    "--layer",
    "layers",
    multiple=True,
    metavar="LAYER",
    help="Only this layer (article, inferred, registry …); repeatable.",
)
@click.option(
    "--article",
    "articles",
    multiple=True,
    metavar="ID",
    help="Only this article and what follows from it; repeatable.",
)
@click.option(
    "--graph", "graphs", multiple=True, metavar="IRI", help="Only this graph; repeatable."
)
@click.option(
    "--manifest",
    "manifest_path",
    type=click.Path(path_type=Path),
    help="Write counts and SHA-256 here (a folder always has manifest.json).",
)
def command(
    *,
    kg: Path,
    output: Path,
    wanted: str | None,
    by: Literal["graph", "article", "layer"] | None,
    max_size: int | None,
    extras: "tuple[Extra, ...]",
    layers: tuple[str, ...],
    articles: tuple[str, ...],
    graphs: tuple[str, ...],
    manifest_path: Path | None,
) -> None:
    """Write the graph as N-Quads, N-Triples, Turtle, TriG, JSON-LD or RDF/XML.

    Formats without graphs (nt, ttl, rdfxml) write each triple once. Tables (csv, parquet), a network
    (graphml) and FollowTheMoney entities (ftm) are for tools that know no RDF.
    """
    from acuerdo.export import Selection, opened, to_directory, to_file
    from acuerdo.export.formats import chosen

    view = wanted or _VIEW_SUFFIXES.get(output.suffix)
    if view in _VIEWS:
        _view(kg, output, view)
        return
    with opened(kg) as source:
        selection = Selection(source, layers, articles, graphs)
        if by or max_size:
            form, packed = chosen("", wanted or "nq.gz")
            done = to_directory(
                source,
                selection,
                output,
                form,
                packed=packed,
                by=by,
                max_bytes=max_size,
                extras=extras,
            )
        else:
            form, packed = chosen(str(output), wanted or ("nq" if str(output) == "-" else None))
            done = to_file(
                source,
                selection,
                output,
                form,
                packed=packed,
                manifest_path=manifest_path,
                extras=extras,
            )
    _report(done, output)


def _report(done: "Exported", output: Path) -> None:
    for sentence in done.losses:
        say(f"Warning: {sentence}")
    if str(output) != "-":
        files = f"{done.files:,} files"
        say(f"{done.quads:,} quads of {done.graphs:,} graphs written to {output} ({files})")


def _view(kg: Path, output: Path, name: str) -> None:
    """Write a view of the store: tables into a folder, the others as a file."""
    from acuerdo.export import files
    from acuerdo.export.views import ftm, graphml, tables
    from acuerdo.query import open_kg

    if name in {"csv", "parquet"}:
        if str(output) == "-":
            raise click.UsageError(f"{name} are several tables; name a folder with -o")
        counts = tables.write(open_kg(kg), output, name)
        say(f"{len(counts)} tables, {sum(counts.values()):,} rows written to {output}")
        return
    pieces = {"ftm": ftm.pieces, "graphml": graphml.pieces}[name](open_kg(kg))
    with files.opened(output) as out:
        files.write(out, "", pieces)
