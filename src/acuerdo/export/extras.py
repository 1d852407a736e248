"""What an export may add for tools of other schools: Web Annotation selectors, RDF 1.2 reifiers.

Both are made from one article graph at a time, and stand in it; the graph of the build has neither.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal

from acuerdo.export.nquads import Quad, terms, unescaped
from acuerdo.export.prefixes import PREFIXES
from acuerdo.export.sorting import in_order
from acuerdo.export.source import Source

Extra = Literal["annotations", "reifiers"]
Rows = dict[bytes, list[tuple[bytes, bytes]]]


def _name(prefix: str, local: str) -> bytes:
    return f"<{PREFIXES[prefix]}{local}>".encode()


_TYPE = _name("rdf", "type")
_REIFIES = _name("rdf", "reifies")
_EVIDENCED_BY = _name("ac", "evidencedBy")
_INTEGER = _name("xsd", "nonNegativeInteger")


def enriched(quads: Iterable[Quad], source: Source, extras: Iterable[Extra]) -> Iterator[Quad]:
    """The quads by graph, in byte order in each, article graphs with what the extras add."""
    makers = [_MAKERS[extra] for extra in extras]
    items = (b"%b\0%b" % (quad.graph, quad.triple) for quad in quads)
    pairs = (item.split(b"\0", 1) for item in in_order(items))
    for graph, group in groupby(pairs, key=lambda pair: pair[0]):
        triples: Iterable[bytes] = (triple for _, triple in group)
        if source.place(graph)[0] == "article":
            held = list(triples)
            rows = _by_subject(held)
            added = {b" ".join(row) for make in makers for row in make(rows)}
            triples = sorted(added.union(held))
        for triple in triples:
            yield Quad(triple, graph)


def _by_subject(triples: Iterable[bytes]) -> Rows:
    rows: Rows = defaultdict(list)
    for triple in triples:
        s, p, o = terms(triple)
        rows[s].append((p, o))
    return rows


def _values(rows: Rows, subject: bytes, predicate: bytes) -> list[bytes]:
    return [o for p, o in rows.get(subject, ()) if p == predicate]


def _beside(iri: bytes, part: str, of: bytes = b"") -> bytes:
    """An IRI that belongs to a passage: `<…#char=1,9&selector=position>`."""
    mark = hashlib.sha256(of).hexdigest()[:8] if of else ""
    return iri[:-1] + f"&{part}{mark}>".encode()


def annotations(rows: Rows) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Passages as oa:SpecificResource with selectors, evidence as oa:Annotation."""
    for passage in list(rows):
        if (_TYPE, _name("ac", "Passage")) not in rows[passage]:
            continue
        version = unescaped(passage).partition("#")[0]
        yield passage, _TYPE, _name("oa", "SpecificResource")
        yield passage, _name("oa", "hasSource"), f"<{version}>".encode()
        yield from _position(rows, passage)
        for words in _values(rows, passage, _name("ac", "words")):
            # Words that were cut select nothing.
            if "…".encode() not in words[-8:]:
                quote = _beside(passage, "selector=quote")
                yield passage, _name("oa", "hasSelector"), quote
                yield quote, _TYPE, _name("oa", "TextQuoteSelector")
                yield quote, _name("oa", "exact"), words
    for node in list(rows):
        for passage in _values(rows, node, _EVIDENCED_BY):
            annotation = _beside(passage, "annotation=", node)
            yield annotation, _TYPE, _name("oa", "Annotation")
            yield annotation, _name("oa", "motivatedBy"), _name("oa", "identifying")
            yield annotation, _name("oa", "hasBody"), node
            yield annotation, _name("oa", "hasTarget"), passage


def _position(rows: Rows, passage: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    position = _beside(passage, "selector=position")
    yield passage, _name("oa", "hasSelector"), position
    yield position, _TYPE, _name("oa", "TextPositionSelector")
    for ours, theirs in (("charStart", "start"), ("charEnd", "end")):
        for number in _values(rows, passage, _name("ac", ours)):
            digits = number.split(b'"')[1]
            yield position, _name("oa", theirs), b'"%b"^^%b' % (digits, _INTEGER)


def reifiers(rows: Rows) -> Iterator[tuple[bytes, bytes, bytes]]:
    """RDF 1.2: evidence as reifiers of the very triples that it supports."""
    for node in list(rows):
        stated = [(p, o) for p, o in rows[node] if p != _EVIDENCED_BY]
        for passage in _values(rows, node, _EVIDENCED_BY):
            reifier = _beside(passage, "reifier=", node)
            yield reifier, _EVIDENCED_BY, passage
            for p, o in stated:
                yield reifier, _REIFIES, b"<<( %b %b %b )>>" % (node, p, o)
    for evidence in list(rows):
        for node in _values(rows, evidence, _name("ac", "supports")):
            for p in _values(rows, evidence, _name("ac", "supportsProperty")):
                for o in _values(rows, node, p):
                    yield evidence, _REIFIES, b"<<( %b %b %b )>>" % (node, p, o)


_MAKERS = {"annotations": annotations, "reifiers": reifiers}
# Syntaxes that RDF 1.2 parsers read triple terms in; JSON-LD and RDF/XML of our parsers do not.
RDF12 = frozenset({"nq", "nt", "ttl", "trig"})
