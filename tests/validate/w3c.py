"""The cases of the W3C data-shapes test suite: one file each (one of them no manifest lists)."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlparse

import rdflib
from rdflib.namespace import RDF

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")


class Case(NamedTuple):
    """One validation and what must come of it: `components` is None where a failure is expected."""

    name: str
    data: Path
    shapes: Path
    conforms: bool
    components: Counter | None


def cases(root: Path) -> Iterator[Case]:
    """All cases of the suite in the order of their paths."""
    for path in sorted(root.rglob("*.ttl")):
        if "sht:Validate" in path.read_text(encoding="utf-8"):
            yield from _cases(path, root)


def _cases(path: Path, root: Path) -> Iterator[Case]:
    graph = rdflib.Graph().parse(path, publicID=path.as_uri(), format="turtle")
    for entry in sorted(graph.subjects(RDF.type, SHT.Validate)):
        action = graph.value(entry, MF.action)
        result = graph.value(entry, MF.result)
        failing = result == SHT.Failure
        found = Counter(
            str(graph.value(r, SH.sourceConstraintComponent))
            for r in graph.objects(result, SH.result)
        )
        yield Case(
            str(path.relative_to(root).with_suffix("")),
            _path(graph.value(action, SHT.dataGraph)),
            _path(graph.value(action, SHT.shapesGraph)),
            not failing and bool(graph.value(result, SH.conforms)),
            None if failing else found,
        )


def _path(iri: rdflib.term.Node) -> Path:
    return Path(unquote(urlparse(str(iri)).path))
