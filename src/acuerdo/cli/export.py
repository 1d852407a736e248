"""`acuerdo export`: the graph as files for other RDF tools."""

import re
from pathlib import Path
from typing import Literal

import click

from acuerdo.cli.options import kg as kg_option
from acuerdo.cli.options import say


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
    help="A file; a folder with --by or --max-size; - is standard output.",
)
@click.option(
    "--format",
    "wanted",
    metavar="FORMAT",
    help="nq, nt, ttl, trig, jsonld or rdfxml, with .gz or .zst; else by the suffix of the output.",
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
    layers: tuple[str, ...],
    articles: tuple[str, ...],
    graphs: tuple[str, ...],
    manifest_path: Path | None,
) -> None:
    """Write the graph as N-Quads, N-Triples, Turtle, TriG, JSON-LD or RDF/XML.

    Formats without graphs (nt, ttl, rdfxml) write each triple once.
    """
    from acuerdo.export import Selection, opened, to_directory, to_file
    from acuerdo.export.formats import chosen

    with opened(kg) as source:
        selection = Selection(source, layers, articles, graphs)
        if by or max_size:
            form, packed = chosen("", wanted or "nq.gz")
            done = to_directory(
                source, selection, output, form, packed=packed, by=by, max_bytes=max_size
            )
        else:
            form, packed = chosen(str(output), wanted or ("nq" if str(output) == "-" else None))
            done = to_file(
                source, selection, output, form, packed=packed, manifest_path=manifest_path
            )
    for sentence in done.losses:
        say(f"Warning: {sentence}")
    if str(output) != "-":
        say(
            f"{done.quads:,} quads of {done.graphs:,} graphs written to {output} ({done.files:,} files)"
        )
