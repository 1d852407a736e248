"""Turtle and TriG, written from sorted N-Triples as they come: no model in memory."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from acuerdo.export.nquads import terms
from acuerdo.export.prefixes import PREFIXES, curie

_INTEGER = re.compile(rb'"(-?(?:0|[1-9][0-9]*))"\^\^<http://www\.w3\.org/2001/XMLSchema#integer>')
_TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def header() -> bytes:
    """The prefixes, all of them: what follows is not known yet."""
    return b"".join(f"@prefix {p}: <{PREFIXES[p]}> .\n".encode() for p in sorted(PREFIXES))


@lru_cache(maxsize=1 << 16)
def _iri(token: bytes) -> bytes:
    short = curie(token[1:-1].decode())
    return short.encode() if short else token


def _object(token: bytes) -> bytes:
    if token[:1] == b"<":
        return _iri(token)
    integer = _INTEGER.fullmatch(token)
    if integer:
        return integer[1]
    quoted, mark, datatype = token.rpartition(b'"^^')
    return quoted + mark + _iri(datatype) if mark and datatype[-1:] == b">" else token


def block(triples: Iterable[bytes], indent: bytes = b"") -> Iterator[bytes]:
    """The triples as Turtle, a paragraph a subject; they come sorted, so each subject comes once."""
    subject = predicate = b""
    for triple in triples:
        s, p, o = terms(triple)
        if s != subject:
            if subject:
                yield b" .\n"
            yield b"\n" + indent + _iri(s) + b" "
        elif p != predicate:
            yield b" ;\n" + indent + b"    "
        else:
            yield b", " + _object(o)
            continue
        yield (b"a" if p == _TYPE else _iri(p)) + b" " + _object(o)
        subject, predicate = s, p
    if subject:
        yield b" .\n"


def turtle(triples: Iterable[bytes]) -> Iterator[bytes]:
    """A Turtle document."""
    yield header()
    yield from block(triples)


def trig(graphs: Iterable[tuple[bytes, Iterable[bytes]]]) -> Iterator[bytes]:
    """A TriG document, a block a graph."""
    yield header()
    for graph, triples in graphs:
        yield b"\n" + _iri(graph) + b" {"
        yield from block(triples, b"  ")
        yield b"}\n"
