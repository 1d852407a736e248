"""Which media types the endpoint speaks, and which one a client prefers."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple


class Format(NamedTuple):
    """A serialisation: the name in `?format=` and in our files, its media types (the first is sent)."""

    name: str
    types: tuple[str, ...]
    charset: bool = False

    @property
    def content_type(self) -> str:
        """The Content-Type header."""
        return self.types[0] + ("; charset=utf-8" if self.charset else "")


_JSON = Format("json", ("application/sparql-results+json", "application/json"))
_XML = Format("xml", ("application/sparql-results+xml", "application/xml", "text/xml"))
_CSV = Format("csv", ("text/csv",), charset=True)
_TSV = Format("tsv", ("text/tab-separated-values",), charset=True)

# The first of each is what a client without a preference gets.
SOLUTIONS = {f.name: f for f in (_JSON, _XML, _CSV, _TSV)}
BOOLEANS = {f.name: f for f in (_JSON, _XML, _CSV, _TSV)}
GRAPHS = {
    f.name: f
    for f in (
        Format("turtle", ("text/turtle", "application/x-turtle"), charset=True),
        Format("ntriples", ("application/n-triples", "text/plain")),
        Format("rdfxml", ("application/rdf+xml", "application/xml", "text/xml")),
        Format("jsonld", ("application/ld+json", "application/json")),
    )
}
DATASETS = {
    f.name: f
    for f in (
        Format("nquads", ("application/n-quads", "text/x-nquads")),
        Format("trig", ("application/trig",), charset=True),
        Format("jsonld", ("application/ld+json", "application/json")),
    )
}
KINDS: Mapping[str, Mapping[str, Format]] = {
    "solutions": SOLUTIONS,
    "boolean": BOOLEANS,
    "graph": GRAPHS,
    "dataset": DATASETS,
}
# Further words for `?format=`.
ALIASES = {
    "ttl": "turtle",
    "nt": "ntriples",
    "n-triples": "ntriples",
    "rdf": "rdfxml",
    "rdf-xml": "rdfxml",
    "json-ld": "jsonld",
    "nq": "nquads",
    "n-quads": "nquads",
    "srj": "json",
    "srx": "xml",
}


class Range(NamedTuple):
    """One media range of an Accept header."""

    kind: str
    subtype: str
    quality: float

    def fits(self, media: str) -> int:
        """0 no, 1 by `*/*`, 2 by `type/*`, 3 exactly."""
        kind, _, subtype = media.partition("/")
        if self.kind == "*":
            return 1
        if self.kind != kind:
            return 0
        return 2 if self.subtype == "*" else 3 * (self.subtype == subtype)


def parse_accept(header: str) -> tuple[Range, ...]:
    """The media ranges of an Accept header; what cannot be read is passed over."""
    ranges = []
    for part in header.split(",")[:64]:
        media, *parameters = (piece.strip() for piece in part.split(";"))
        kind, slash, subtype = media.lower().partition("/")
        if not slash or not kind or not subtype:
            continue
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                quality = _quality(value)
        ranges.append(Range(kind, subtype, quality))
    return tuple(ranges)


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return min(1.0, max(0.0, value)) if value == value else 0.0  # noqa: PLR0124 - NaN


@lru_cache(maxsize=1024)
def negotiate(accept: str, kind: str) -> str | None:
    """The name of the format of this kind that the client prefers, or None where it takes none of them.

    The most specific range decides about a media type; among equals our own order does.
    """
    return best(accept, ((f.name, f.types) for f in KINDS[kind].values()))


def best(accept: str, offers: Iterable[tuple[str, tuple[str, ...]]]) -> str | None:
    """The offer with the highest quality; the first one where the client says nothing."""
    offered = list(offers)
    ranges = parse_accept(accept) if accept.strip() else ()
    if not accept.strip():
        return offered[0][0]
    chosen, top = None, 0.0
    for name, types in offered:
        quality = _quality_of(types[0], ranges)
        for alias in types[1:]:  # asked for by name only: `text/*` does not mean XML
            quality = max([quality, *(r.quality for r in ranges if r.fits(alias) == 3)])
        if quality > top:
            chosen, top = name, quality
    return chosen


def _quality_of(media: str, ranges: tuple[Range, ...]) -> float:
    fits = [(r.fits(media), r.quality) for r in ranges]
    return max((f for f in fits if f[0]), default=(0, 0.0))[1]


@lru_cache(maxsize=256)
def negotiate_coding(header: str) -> str:
    """`zstd`, `gzip` or `identity`, as the Accept-Encoding header allows."""
    qualities: dict[str, float] = {}
    for part in header.split(",")[:32]:
        coding, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                quality = _quality(parameter[2:])
        qualities[coding] = quality
    other = qualities.get("*", 0.0)
    zstd, gzip = qualities.get("zstd", other), qualities.get("gzip", other)
    if max(zstd, gzip) <= 0:
        return "identity"
    return "zstd" if zstd >= gzip else "gzip"
