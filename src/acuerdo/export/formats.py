"""The formats of an export: their names, their suffixes, and who writes them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from acuerdo.errors import WrongUsage
from acuerdo.export import jsonld, rdfxml, turtle

Graphs = Iterable[tuple[bytes, Iterable[bytes]]]


@dataclass(frozen=True)
class Format:
    """A syntax of RDF; one that is no `dataset` syntax has no place for the names of graphs."""

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    dataset: bool


FORMATS = {
    found.name: found
    for found in (
        Format("nq", (".nq", ".nquads"), "application/n-quads", dataset=True),
        Format("trig", (".trig",), "application/trig", dataset=True),
        Format("jsonld", (".jsonld",), "application/ld+json", dataset=True),
        Format("nt", (".nt",), "application/n-triples", dataset=False),
        Format("ttl", (".ttl", ".turtle"), "text/turtle", dataset=False),
        Format("rdfxml", (".rdf", ".rdfxml", ".xml"), "application/rdf+xml", dataset=False),
    )
}
COMPRESSIONS = (".gz", ".zst")


def by_suffix(name: str) -> tuple[Format, str] | None:
    """Format and compression (`.gz`, `.zst` or nothing) that a file's name asks for."""
    suffixes = PurePath(name).suffixes
    packed = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSIONS else ""
    for found in FORMATS.values():
        if suffixes and suffixes[-1].lower() in found.suffixes:
            return found, packed
    return None


def chosen(name: str, wanted: str | None) -> tuple[Format, str]:
    """Format and compression of the file `name`; `wanted` (`ttl`, `nq.gz`) rules over its suffix."""
    asked = by_suffix(f"x.{wanted}") if wanted else None
    if wanted:
        stem, _, packed = wanted.partition(".")
        if stem not in FORMATS or (packed and "." + packed not in COMPRESSIONS):
            raise WrongUsage(f"no format {wanted!r}; one of {', '.join(FORMATS)}, with .gz or .zst")
        suffix = PurePath(name).suffix
        compression = "." + packed if packed else suffix if suffix in COMPRESSIONS else ""
        return FORMATS[stem], compression
    asked = by_suffix(name)
    if asked is None:
        raise WrongUsage(f"{name}: the name tells no format; add --format {'|'.join(FORMATS)}")
    return asked


def triples_written(
    form: Format, triples: Iterable[bytes], losses: rdfxml.Losses
) -> Iterator[bytes]:
    """A document of the triples (sorted, each once) in a format without graphs."""
    if form.name == "ttl":
        return turtle.turtle(triples)
    if form.name == "rdfxml":
        return rdfxml.rdfxml(triples, losses)
    return (triple + b" .\n" for triple in triples)


def graphs_written(form: Format, graphs: Graphs) -> Iterator[bytes]:
    """A document of named graphs, each with its triples sorted."""
    if form.name == "trig":
        return turtle.trig(graphs)
    if form.name == "jsonld":
        return jsonld.dataset(graphs)
    return (triple + b" " + graph + b" .\n" for graph, triples in graphs for triple in triples)
