"""JSON-LD, one node object a line, in the context of the ontology.

A term of the context carries the type that the ontology gives its property, so that a date reads as
`"notBefore": "2017-02-07"`; a value of another type than declared is written out in full.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from acuerdo.export.nquads import literal, terms, unescaped
from acuerdo.export.prefixes import PREFIXES, curie

_XSD = PREFIXES["xsd"]
_RDF_TYPE = PREFIXES["rdf"] + "type"
_STRING = _XSD + "string"
Context = dict[str, Any]


def context() -> Context:
    """The context of the export: the prefixes."""
    return dict(PREFIXES)


def flat(triples: Iterable[bytes]) -> Iterator[bytes]:
    """A document whose nodes stand in the default graph."""
    yield _opening()
    yield from _separated(_nodes(triples))
    yield b"\n]}\n"


def dataset(graphs: Iterable[tuple[bytes, Iterable[bytes]]]) -> Iterator[bytes]:
    """A document of named graphs."""
    yield _opening()
    first = True
    for graph, triples in graphs:
        yield b"" if first else b","
        first = False
        yield b'\n{"@id": ' + _json(unescaped(graph)) + b', "@graph": ['
        yield from _separated(_nodes(triples))
        yield b"\n]}"
    yield b"\n]}\n"


def _opening() -> bytes:
    return b'{"@context": ' + _json(context()) + b',\n"@graph": ['


def _separated(items: Iterable[bytes]) -> Iterator[bytes]:
    for number, item in enumerate(items):
        yield (b",\n" if number else b"\n") + item


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _nodes(triples: Iterable[bytes]) -> Iterator[bytes]:
    for subject, rows in groupby(map(terms, triples), key=lambda row: row[0]):
        node: dict[str, Any] = {"@id": unescaped(subject)}
        for predicate, values in groupby(rows, key=lambda row: row[1]):
            name, objects = _property(unescaped(predicate), [row[2] for row in values])
            node[name] = objects[0] if len(objects) == 1 else objects
        yield _json(node)


def _property(predicate: str, objects: list[bytes]) -> tuple[str, list[Any]]:
    if predicate == _RDF_TYPE and all(o[:1] == b"<" for o in objects):
        return "@type", [_short(unescaped(o)) for o in objects]
    return _short(predicate), [_value(o) for o in objects]


def _short(iri: str) -> str:
    return curie(iri) or iri


def _value(o: bytes) -> Any:
    if o[:1] == b"<":
        return {"@id": unescaped(o)}
    value, language, datatype = literal(o)
    if language:
        return {"@value": value, "@language": language}
    if datatype and datatype != _STRING:
        return {"@value": value, "@type": _short(datatype)}
    return value
