"""JSON-LD, one node object a line, in the context that is generated from the ontology.

A term of the context carries the type that the ontology gives its property, so that a date reads as
`"notBefore": "2017-02-07"`; a value of another type than declared is written out in full.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from acuerdo import assets
from acuerdo.export.nquads import literal, terms, unescaped
from acuerdo.export.prefixes import PREFIXES, split

_RDF_TYPE = PREFIXES["rdf"] + "type"
_STRING = PREFIXES["xsd"] + "string"


class Context:
    """What the context calls an IRI, and what type it gives the values of a term."""

    def __init__(self, entries: dict[str, Any]) -> None:
        self.entries = entries
        self._prefixes = {
            value: name
            for name, value in entries.items()
            if isinstance(value, str) and value[-1:] in {"#", "/"}
        }
        self._terms: dict[str, str] = {}
        self._types: dict[str, str] = {}
        for name, entry in entries.items():
            target = entry["@id"] if isinstance(entry, dict) else entry
            if ":" in target and name not in self._prefixes.values():
                self._terms[self._expanded(target)] = name
                if isinstance(entry, dict):
                    self._types[name] = self._expanded(entry.get("@type", ""))

    def _expanded(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return f"{self.entries[prefix]}{local}" if prefix in self.entries else name

    def term(self, iri: str) -> str:
        """The shortest name of a property or class that expands to it again."""
        return self._terms.get(iri) or self.short(iri)

    def short(self, iri: str) -> str:
        """`prefix:name` where a prefix fits, for datatypes and the like."""
        parts = split(iri)
        prefix = self._prefixes.get(parts[0]) if parts else None
        return f"{prefix}:{parts[1]}" if parts and prefix else iri

    def value(self, term: str, o: bytes) -> Any:
        """An object as the context lets it be written under this term."""
        declared = self._types.get(term)
        if o[:1] == b"<":
            iri = unescaped(o)
            return iri if declared == "@id" else {"@id": iri}
        value, language, datatype = literal(o)
        if language:
            return {"@value": value, "@language": language}
        datatype = datatype or _STRING
        if datatype == (declared or _STRING):
            return value
        return (
            {"@value": value}
            if datatype == _STRING
            else {"@value": value, "@type": self.short(datatype)}
        )


def context() -> Context:
    """The context beside the ontology."""
    text = (assets.path("ontology") / "context.jsonld").read_text("utf-8")
    return Context(json.loads(text)["@context"])


def flat(triples: Iterable[bytes]) -> Iterator[bytes]:
    """A document whose nodes stand in the default graph."""
    names = context()
    yield _opening(names)
    yield from _separated(_nodes(names, triples))
    yield b"\n]}\n"


def dataset(graphs: Iterable[tuple[bytes, Iterable[bytes]]]) -> Iterator[bytes]:
    """A document of named graphs."""
    names = context()
    yield _opening(names)
    first = True
    for graph, triples in graphs:
        yield b"" if first else b","
        first = False
        yield b'\n{"id": ' + _json(unescaped(graph)) + b', "@graph": ['
        yield from _separated(_nodes(names, triples))
        yield b"\n]}"
    yield b"\n]}\n"


def _opening(names: Context) -> bytes:
    return b'{"@context": ' + _json(names.entries) + b',\n"@graph": ['


def _separated(items: Iterable[bytes]) -> Iterator[bytes]:
    for number, item in enumerate(items):
        yield (b",\n" if number else b"\n") + item


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _nodes(names: Context, triples: Iterable[bytes]) -> Iterator[bytes]:
    for subject, rows in groupby(map(terms, triples), key=lambda row: row[0]):
        node: dict[str, Any] = {"id": unescaped(subject)}
        for predicate, values in groupby(rows, key=lambda row: row[1]):
            name, objects = _property(names, unescaped(predicate), [row[2] for row in values])
            node[name] = objects[0] if len(objects) == 1 else objects
        yield _json(node)


def _property(names: Context, predicate: str, objects: list[bytes]) -> tuple[str, list[Any]]:
    if predicate == _RDF_TYPE and all(o[:1] == b"<" for o in objects):
        return "type", [names.term(unescaped(o)) for o in objects]
    term = names.term(predicate)
    return term, [names.value(term, o) for o in objects]
