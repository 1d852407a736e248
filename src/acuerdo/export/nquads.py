"""Lines of canonical N-Quads, taken apart without building objects.

The dump of a build has one quad a line, no blank nodes and nothing in the default graph, so one regular
expression reads all of it; whatever else stands in a line is a damaged dump, and is said with its number.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from acuerdo.errors import GraphUnusable

_IRI = rb'<[^\x00-\x20<>"{}|^`]*>'
_LITERAL = rb'"[^"\\\n\r]*(?:\\.[^"\\\n\r]*)*"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^' + _IRI + rb")?"
_TRIPLE = rb"(" + _IRI + rb") (" + _IRI + rb") (" + _IRI + rb"|" + _LITERAL + rb")"
QUAD = re.compile(rb"(" + _TRIPLE + rb") (" + _IRI + rb") \.\n?", re.DOTALL)
# A triple of RDF 1.2 may have a triple as its object; the dump has none, an export may add some.
_TRIPLE_TERM = rb"<<\( " + _IRI + rb" " + _IRI + rb" (?:" + _IRI + rb"|" + _LITERAL + rb") \)>>"
TRIPLE = re.compile(
    rb"("
    + _IRI
    + rb") ("
    + _IRI
    + rb") ("
    + _IRI
    + rb"|"
    + _LITERAL
    + rb"|"
    + _TRIPLE_TERM
    + rb")",
    re.DOTALL,
)
LITERAL = re.compile(rb'(".*")(?:@([A-Za-z0-9-]+)|\^\^(<[^>]*>))?', re.DOTALL)


class Quad(NamedTuple):
    """A triple as one piece of N-Triples (without its full stop) and the graph that holds it, as `<IRI>`."""

    triple: bytes
    graph: bytes


def quads(lines: Iterable[bytes]) -> Iterator[Quad]:
    """The quads of a dump, in its order; raises GraphUnusable with the number of a line that is none."""
    match = QUAD.fullmatch
    for number, line in enumerate(lines, start=1):
        found = match(line)
        if found is None:
            raise GraphUnusable(f"graph.nq.gz: line {number} is no quad of IRIs and literals")
        yield Quad(found[1], found[5])


def terms(triple: bytes) -> tuple[bytes, bytes, bytes]:
    """Subject, predicate and object of a triple that `quads` gave."""
    found = TRIPLE.fullmatch(triple)
    assert found is not None, triple
    return found[1], found[2], found[3]


def once(triples: Iterable[bytes]) -> Iterator[bytes]:
    """Each triple of a sorted run once: the set that a bag of graphs stands for."""
    last: bytes | None = None
    for triple in triples:
        if triple != last:
            yield triple
            last = triple


_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CONTROLS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def unescaped(token: bytes) -> str:
    """The characters that an N-Triples IRI or quoted string stands for, without its delimiters."""
    text = token[1:-1].decode()
    if "\\" not in text:
        return text
    return _ESCAPE.sub(
        lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _CONTROLS.get(m[3], m[3]), text
    )


class Literal(NamedTuple):
    """The parts of a literal: its words, and a language or a datatype IRI (neither: xsd:string)."""

    value: str
    language: str | None
    datatype: str | None


def literal(token: bytes) -> Literal:
    """The parts of a literal token."""
    found = LITERAL.fullmatch(token)
    assert found is not None, token
    return Literal(
        unescaped(found[1]),
        found[2].decode() if found[2] else None,
        unescaped(found[3]) if found[3] else None,
    )
