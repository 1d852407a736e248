"""What an export holds: the files with their sums, the graphs with their counts."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from acuerdo import __version__
from acuerdo.export.formats import Format
from acuerdo.export.nquads import Quad
from acuerdo.export.prefixes import PREFIXES
from acuerdo.export.source import Source


class Census:
    """Counts and sums of the graphs that pass; the sum of a graph is that of its sorted N-Quads."""

    def __init__(self) -> None:
        self._quads: dict[bytes, int] = {}
        self._sums: dict[bytes, Any] = {}

    def counting(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """The same quads, counted; those of one graph must come in byte order."""
        for quad in quads:
            graph = quad.graph
            if graph not in self._quads:
                self._quads[graph], self._sums[graph] = 0, hashlib.sha256()
            self._quads[graph] += 1
            self._sums[graph].update(b"%b %b .\n" % quad)
            yield quad

    @property
    def quads(self) -> int:
        """How many quads have passed."""
        return sum(self._quads.values())

    def __len__(self) -> int:
        return len(self._quads)

    def table(self) -> dict[str, dict[str, int | str]]:
        """IRI → quads and sha256, in the order of the IRIs."""
        return {
            graph[1:-1].decode(): {
                "quads": self._quads[graph],
                "sha256": self._sums[graph].hexdigest(),
            }
            for graph in sorted(self._quads)
        }


def manifest(
    source: Source, form: str, census: Census, files: dict[str, dict[str, int | str]]
) -> dict[str, object]:
    """The manifest as plain values; it names no time and no place, so the same graph gives the same one."""
    return {
        "acuerdo": __version__,
        "build": source.digest,
        "base": source.base,
        "format": form,
        "quads": census.quads,
        "files": dict(sorted(files.items())),
        "graphs": census.table(),
    }


_FORMATS = {
    "nq": "N-Quads",
    "nt": "N-Triples",
    "ttl": "Turtle",
    "trig": "TriG",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
}


def void(
    source: Source, form: Format, census: Census, files: dict[str, dict[str, int | str]]
) -> bytes:
    """A VoID and DCAT description of the export, in Turtle; file names are relative to it."""
    dataset = f"<{source.base or 'https://w3id.org/acuerdo/'}dataset>"
    lines = [f"@prefix {p}: <{PREFIXES[p]}> ." for p in ("dcat", "dcterms", "void", "xsd")]
    lines += [
        "",
        f"{dataset} a void:Dataset , dcat:Dataset ;",
        f'    dcterms:identifier "{source.digest}" ;',
        f"    void:triples {census.quads} ;",
        f"    void:feature <http://www.w3.org/ns/formats/{_FORMATS[form.name]}> ;",
        f"    void:vocabulary <{PREFIXES['ac']}> ;",
        "    void:dataDump "
        + " ,\n        ".join(f"<{quote(name)}>" for name in sorted(files))
        + " .",
    ]
    return ("\n".join(lines) + "\n").encode()
