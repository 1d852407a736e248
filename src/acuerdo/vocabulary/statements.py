"""The triples of an ontology as text, found by subject and predicate."""

from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox

from acuerdo.vocabulary.names import RDF, RDFS


class Statements:
    """What an ontology says. Whether a text is an IRI, its place and its colon tell."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        self._objects: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._pairs: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for triple in triples:
            subject, predicate = _text(triple.subject), _text(triple.predicate)
            self._objects[subject, predicate].append(_text(triple.object))
            self._pairs[predicate].append((subject, _text(triple.object)))

    def objects(self, subject: str, predicate: str) -> list[str]:
        """What a subject has under a predicate, in the order of the files."""
        return self._objects.get((subject, predicate), [])

    def one(self, subject: str, predicate: str) -> str | None:
        """The first of its objects."""
        found = self._objects.get((subject, predicate))
        return found[0] if found else None

    def pairs(self, predicate: str) -> list[tuple[str, str]]:
        """Subject and object of each statement with the predicate."""
        return self._pairs.get(predicate, [])

    def typed(self, kind: str) -> list[str]:
        """The IRIs of a type, sorted."""
        return sorted({s for s, o in self.pairs(RDF + "type") if o == kind and ":" in s})

    def members(self, head: str | None) -> list[str]:
        """The members of an RDF list."""
        members = []
        while head is not None and head != RDF + "nil":
            members.append(self.one(head, RDF + "first") or "")
            head = self.one(head, RDF + "rest")
        return members

    def superclasses(self) -> dict[str, frozenset[str]]:
        """All named superclasses of each class that has one, itself included."""
        direct: defaultdict[str, set[str]] = defaultdict(set)
        for child, parent in self.pairs(RDFS + "subClassOf"):
            if ":" in child and ":" in parent:
                direct[child].add(parent)
        closed: dict[str, frozenset[str]] = {}
        for start in list(direct):
            seen, todo = {start}, [start]
            while todo:
                for parent in direct.get(todo.pop(), ()):
                    if parent not in seen:
                        seen.add(parent)
                        todo.append(parent)
            closed[start] = frozenset(seen)
        return closed

    def nearest_first(self, cls: str) -> list[str]:
        """The class and its superclasses, breadth first, so that the nearest statement wins."""
        order, level = [cls], [cls]
        while level:
            level = sorted(
                {
                    parent
                    for child in level
                    for parent in self.objects(child, RDFS + "subClassOf")
                    if ":" in parent and parent not in order
                }
            )
            order += level
        return order


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """IRIs and literals by value; a blank node gets a label without a colon, so that it is no IRI."""
    if isinstance(term, ox.BlankNode):
        return f"_{term.value}"
    return str(term.value) if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
