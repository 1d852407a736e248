"""The context closure: what a shape must see of the shared things that one article names.

An article graph says "participant <person/…>" and no more; that this is a person stands in the registry, that
a person is an actor in the ontology. Validated without these, 650 articles give 16,000 false results;
with all of them, each article costs three times as much. So only the lines that the article's own IRIs need.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from acuerdo import assets
from acuerdo.iri import AC, DEMO_BASE
from acuerdo.validate.shapes import parse
from acuerdo.vocabulary import RDF, RDFS, SKOS

RDF_TYPE = ox.NamedNode(RDF + "type")
SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
LABEL = ox.NamedNode(RDFS + "label")
IN_SCHEME = ox.NamedNode(SKOS + "inScheme")
# What shapes ask of a thing that an article only points at.
CARRIED = frozenset(
    [RDF_TYPE, LABEL, IN_SCHEME, *(ox.NamedNode(AC + n) for n in ("holder", "post", "capacity"))]
)
# What is a term of the ontology, not a thing that an article names.
_META = re.compile(
    r"http://www\.w3\.org/(?:2002/07/owl|1999/02/22-rdf-syntax-ns|2000/01/rdf-schema)#"
)


class Context:
    """Ready N-Triples lines by the IRI that calls for them."""

    def __init__(self, triples: Iterable[ox.Triple] = ()) -> None:
        about: dict[object, list[ox.Triple]] = defaultdict(list)
        above: dict[object, set[object]] = defaultdict(set)
        terms: set[object] = set()
        for triple in triples:
            if isinstance(triple.subject, ox.NamedNode) and triple.predicate in CARRIED:
                about[triple.subject].append(triple)
            if triple.predicate == RDF_TYPE and _META.match(getattr(triple.object, "value", "")):
                terms.add(triple.subject)
            if triple.predicate == SUBCLASS and _both_named(triple):
                above[triple.subject].add(triple.object)
        chains = {cls: _chain(cls, above) for cls in list(above)}
        self._above = {_key(cls): _classes(chain) for cls, chain in chains.items()}
        self._lines: dict[bytes, frozenset[str]] = {}
        for cls, chain in chains.items():
            self._lines[_key(cls)] = chain
        for subject in about.keys() - terms:
            lines = {f"{triple} ." for triple in about[subject]}
            for triple in about[subject]:
                if triple.predicate == RDF_TYPE:
                    lines |= chains.get(triple.object, frozenset())
            self._lines[_key(subject)] = self._lines.get(_key(subject), frozenset()) | lines

    @classmethod
    def read(cls, paths: Iterable[Path], base: str) -> "Context":
        """The context of Turtle files (ontology, vocabularies, registry); relative IRIs get `base`."""
        return cls(triple for path in paths for triple in parse(path, base))

    @classmethod
    def shipped(cls, base: str = DEMO_BASE) -> "Context":
        """The context of the ontology, vocabularies and registry that acuerdo ships."""
        return cls.read(sorted(assets.path("ontology").rglob("*.ttl")), base)

    def __len__(self) -> int:
        return len(self._lines)

    def superclasses(self, cls: bytes) -> frozenset[bytes]:
        """All classes above one, itself included, as terms."""
        return self._above.get(cls, frozenset()) | {cls}

    def closure(self, lines: bytes) -> str:
        """The N-Triples lines that the terms of these N-Triples or N-Quads lines call for."""
        known = self._lines
        # Words of literals are looked up too, which is cheaper than telling them apart; one that is
        # written like a known IRI brings lines that are true anyway.
        named = filter(known.__contains__, lines.split())
        wanted: set[str] = set().union(*map(known.__getitem__, named))
        return "\n".join([*sorted(wanted), ""])


def _both_named(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode)


def _key(node: object) -> bytes:
    return str(node).encode()


def _chain(cls: object, above: dict[object, set[object]]) -> frozenset[str]:
    """The subclass axioms from a class up to the top."""
    lines: set[str] = set()
    todo = [cls]
    for below in todo:
        for parent in above.get(below, ()):
            lines.add(f"{below} {SUBCLASS} {parent} .")
            if parent not in todo:
                todo.append(parent)
    return frozenset(lines)


def _classes(chain: frozenset[str]) -> frozenset[bytes]:
    return frozenset(line.split(" ")[2].encode() for line in chain)
