"""The ontology's axioms as Datalog rules over classes (unary) and properties (binary).

| axiom | rule |
|---|---|
| propertyChainAxiom, subPropertyOf, inverseOf (both ways), transitive, symmetric | head ← body |
| subClassOf a named class, the named parts of an equivalent intersection | D(x) ← C(x) |
| subClassOf / equivalent to hasValue v | p(x, v) ← C(x) |
| subClassOf hasSelf | p(x, x) ← C(x) |
| equivalent to intersections, unions, hasValue, someValuesFrom | C(x) ← each way to meet it |

Domains and ranges are left out: they would give a wrong value the right type. Terms are N-Triples
tokens (`<…>` as bytes), so that facts go from a dump to a dump without being parsed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

import pyoxigraph as ox

from acuerdo import vocabulary
from acuerdo.errors import BadSource
from acuerdo.iri import AC

Token = bytes
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
TYPE = f"<{vocabulary.RDF}type>".encode()


class Atom(NamedTuple):
    """`predicate(subject, object)`, or `class(subject)` with no object; a variable is an int."""

    predicate: Token
    subject: int | Token
    object: int | Token | None = None


class Rule(NamedTuple):
    """The head follows where the whole body holds."""

    head: Atom
    body: tuple[Atom, ...]


def token(iri: str) -> Token:
    """An IRI as it stands in N-Quads."""
    return f"<{iri}>".encode()


_MATERIALISED = AC + "materialised"


class Axioms:
    """The triples of the TBox by subject and predicate, and the rules they say."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._values: defaultdict[tuple[object, str], list[Term]] = defaultdict(list)
        self._pairs: defaultdict[str, list[tuple[ox.NamedNode, Term]]] = defaultdict(list)
        for quad in quads:
            self._values[quad.subject, quad.predicate.value].append(quad.object)
            if isinstance(quad.subject, ox.NamedNode):
                self._pairs[quad.predicate.value].append((quad.subject, quad.object))

    def materialised(self) -> frozenset[Token]:
        """The classes and properties whose consequences are written."""
        return frozenset(token(s.value) for s, _ in self._pairs[_MATERIALISED])

    def rules(self) -> list[Rule]:
        """Every rule of the axioms, in a stable order."""
        found = {*self._of_properties(), *self._of_classes()}
        return sorted((r for r in found if r.head not in r.body), key=repr)

    # -- properties ---------------------------------------------------------------------------

    def _of_properties(self) -> Iterator[Rule]:
        for prop, chain in self._pairs[vocabulary.OWL + "propertyChainAxiom"]:
            links = [self._name(link) for link in self._list(chain)]
            body = tuple(Atom(link, i, i + 1) for i, link in enumerate(links))
            yield Rule(Atom(token(prop.value), 0, len(links)), body)
        for narrow, wide in self._pairs[vocabulary.RDFS + "subPropertyOf"]:
            yield Rule(Atom(self._name(wide), 0, 1), (Atom(token(narrow.value), 0, 1),))
        for prop, other in self._pairs[vocabulary.OWL + "inverseOf"]:
            one, two = token(prop.value), self._name(other)
            yield Rule(Atom(one, 0, 1), (Atom(two, 1, 0),))
            yield Rule(Atom(two, 0, 1), (Atom(one, 1, 0),))
        for prop, kind in self._pairs[vocabulary.RDF + "type"]:
            name = token(prop.value)
            if kind == ox.NamedNode(vocabulary.OWL + "TransitiveProperty"):
                yield Rule(Atom(name, 0, 2), (Atom(name, 0, 1), Atom(name, 1, 2)))
            if kind == ox.NamedNode(vocabulary.OWL + "SymmetricProperty"):
                yield Rule(Atom(name, 0, 1), (Atom(name, 1, 0),))

    # -- classes ------------------------------------------------------------------------------

    def _of_classes(self) -> Iterator[Rule]:
        for cls, above in self._pairs[vocabulary.RDFS + "subClassOf"]:
            yield from self._implied(token(cls.value), above)
        for cls, same in self._pairs[vocabulary.OWL + "equivalentClass"]:
            yield from self._implied(token(cls.value), same)
            for body in self._ways(same, 0, 1):
                yield Rule(Atom(token(cls.value), 0), body)

    def _implied(self, cls: Token, expression: Term) -> Iterator[Rule]:
        """What being in a class says of a thing, as far as it needs no new thing."""
        body = (Atom(cls, 0),)
        if isinstance(expression, ox.NamedNode):
            yield Rule(Atom(token(expression.value), 0), body)
            return
        for part in self._list(self._one(expression, "intersectionOf")):
            yield from self._implied(cls, part)
        value = self._one(expression, "hasValue")
        if isinstance(value, ox.NamedNode):
            yield Rule(Atom(self._property_of(expression), 0, token(value.value)), body)
        if self._one(expression, "hasSelf") is not None:
            yield Rule(Atom(self._property_of(expression), 0, 0), body)

    def _ways(self, expression: Term, subject: int, free: int) -> list[tuple[Atom, ...]]:
        """The bodies of which each puts `subject` into the class expression; `free` is the next variable."""
        if isinstance(expression, ox.NamedNode):
            return [(Atom(token(expression.value), subject),)]
        if (parts := self._one(expression, "intersectionOf")) is not None:
            return self._joined(self._list(parts), subject, free)
        if (members := self._one(expression, "unionOf")) is not None:
            return [w for member in self._list(members) for w in self._ways(member, subject, free)]
        prop = self._property_of(expression)
        value, some = self._one(expression, "hasValue"), self._one(expression, "someValuesFrom")
        if isinstance(value, ox.NamedNode):
            return [(Atom(prop, subject, token(value.value)),)]
        if some is None:
            return []  # what OWL 2 RL cannot use on this side (all values, cardinalities)
        step = Atom(prop, subject, free)
        return [(step, *way) for way in self._ways(some, free, free + 1)]

    def _joined(self, parts: list[Term], subject: int, free: int) -> list[tuple[Atom, ...]]:
        choices = []
        for part in parts:
            ways = self._ways(part, subject, free)
            free = 1 + max([free, *(v for way in ways for atom in way for v in _variables(atom))])
            choices.append(ways)
        return [tuple(atom for way in combined for atom in way) for combined in product(*choices)]

    # -- reading ------------------------------------------------------------------------------

    def _one(self, node: Term, name: str) -> Term | None:
        found = self._values.get((node, vocabulary.OWL + name))
        return found[0] if found else None

    def _property_of(self, restriction: Term) -> Token:
        found = self._one(restriction, "onProperty")
        if found is None:
            raise BadSource("ontology", f"a class expression without owl:onProperty: {restriction}")
        return self._name(found)

    def _name(self, term: Term) -> Token:
        if not isinstance(term, ox.NamedNode):
            raise BadSource("ontology", f"an axiom needs a named property here, not {term}")
        return token(term.value)

    def _list(self, head: Term | None) -> list[Term]:
        members: list[Term] = []
        seen = set()
        while head is not None and head != ox.NamedNode(vocabulary.RDF + "nil"):
            if head in seen:
                raise BadSource("ontology", "an RDF list runs in a circle")
            seen.add(head)
            members += self._values.get((head, vocabulary.RDF + "first"), [])[:1]
            rest = self._values.get((head, vocabulary.RDF + "rest"))
            head = rest[0] if rest else None
        return members


def _variables(atom: Atom) -> list[int]:
    return [part for part in (atom.subject, atom.object) if isinstance(part, int)]


def needed(rules: Iterable[Rule], heads: Iterable[Token]) -> list[Rule]:
    """The rules without which some head would not follow; the rest are left aside."""
    by_head: defaultdict[Token, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_head[rule.head.predicate].append(rule)
    kept: set[Rule] = set()
    todo, seen = list(heads), set(heads)
    while todo:
        for rule in by_head[todo.pop()]:
            kept.add(rule)
            for atom in rule.body:
                if atom.predicate not in seen:
                    seen.add(atom.predicate)
                    todo.append(atom.predicate)
    return sorted(kept, key=repr)
