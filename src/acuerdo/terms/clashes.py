"""Why triples are inconsistent, in words: things that are in two classes which exclude each other.

A reasoner says no more than that there is a contradiction. Nearly all are of one kind: a thing is,
or is used as, two things that nothing can be at once. Types are gathered with domains and ranges,
and each of the two is traced back to the statements that are asserted.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

import pyoxigraph as ox
from msgspec import Struct

from acuerdo import vocabulary
from acuerdo.infer.context import facts_of
from acuerdo.infer.facts import Chaining, Fact, Facts, Trace, steps
from acuerdo.infer.rules import Atom, Axioms, Rule, Token, token


class Clash(Struct, frozen=True):
    """A thing in two classes that exclude each other, and the statements that put it there."""

    thing: str
    classes: tuple[str, str]
    because: tuple[str, ...]

    def __str__(self) -> str:
        """One sentence."""
        one, two = (_name(cls) for cls in self.classes)
        return (
            f"{self.thing} is both {one} and {two}, which nothing can be: {'; '.join(self.because)}"
        )


def clashes(quads: Iterable[ox.Quad]) -> list[Clash]:
    """The contradictions of disjoint classes in triples that hold axioms and facts, by thing."""
    triples = list(quads)
    rules = [*Axioms(triples).rules(), *_typing(triples)]
    atoms = [atom for rule in rules for atom in (rule.head, *rule.body)]
    binary = frozenset(a.predicate for a in atoms if a.object is not None)
    classes = frozenset(a.predicate for a in atoms if a.object is None)
    trace: Trace = {}
    chaining = Chaining(steps(rules), Facts(), trace)
    chaining.run(sorted(set(facts_of(triples, binary, classes)), key=repr))
    words = _words_of(triples)
    found: dict[str, Clash] = {}
    for one, two in sorted(_disjoint(triples)):
        both = (
            chaining.facts.objects.get(one, {}).keys() & chaining.facts.objects.get(two, {}).keys()
        )
        for thing in sorted(both):
            facts = [Fact(one, thing), Fact(two, thing)]
            because = dict.fromkeys(w for fact in facts for w in _premises(fact, trace, words))
            # Subclasses clash with each other's superclasses too: the first pair says enough.
            found.setdefault(
                _bare(thing), Clash(_bare(thing), (_bare(one), _bare(two)), tuple(because))
            )
    return [found[thing] for thing in sorted(found)]


def _typing(triples: list[ox.Quad]) -> Iterator[Rule]:
    """Domains and ranges as rules: harmless here, where nothing is written."""
    for quad in triples:
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            use = (Atom(token(quad.subject.value), 0, 1),)
            if quad.predicate.value == vocabulary.RDFS + "domain":
                yield Rule(Atom(token(quad.object.value), 0), use)
            if quad.predicate.value == vocabulary.RDFS + "range":
                yield Rule(Atom(token(quad.object.value), 1), use)


def _disjoint(triples: list[ox.Quad]) -> set[tuple[Token, Token]]:
    pairs: set[tuple[Token, Token]] = set()
    lists: dict[str, dict[object, object]] = {"first": {}, "rest": {}}
    for quad in triples:
        name = quad.predicate.value.removeprefix(vocabulary.RDF)
        if name in lists:
            lists[name][quad.subject] = quad.object
    for quad in triples:
        named = isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode)
        if named and quad.predicate.value == vocabulary.OWL + "disjointWith":
            pairs.add(_pair(quad.subject, quad.object))
        if quad.predicate.value == vocabulary.OWL + "members":
            members: list[object] = []
            node: object = quad.object
            while node in lists["first"]:
                members.append(lists["first"].pop(node))
                node = lists["rest"].get(node)
            pairs |= {_pair(a, b) for a, b in combinations(members, 2)}
    return pairs


def _pair(one: object, two: object) -> tuple[Token, Token]:
    a, b = sorted(str(term).encode() for term in (one, two))
    return a, b


def _premises(fact: Fact, trace: Trace, words: dict[Token, str]) -> Iterator[str]:
    """The asserted statements from which a fact follows, as words."""
    todo, seen = [fact], set()
    while todo:
        fact = todo.pop(0)
        if fact in seen:
            continue
        seen.add(fact)
        if fact in trace:
            todo += trace[fact]
        elif fact.object is None:
            yield f"{_say(fact.subject, words)} a {_name(_bare(fact.predicate))}"
        else:
            ends = _say(fact.subject, words), _say(fact.object, words)
            yield f"{ends[0]} {_name(_bare(fact.predicate))} {ends[1]}"


def _words_of(triples: list[ox.Quad]) -> dict[Token, str]:
    """A label of each thing, for sentences."""
    labels = {vocabulary.RDFS + "label", vocabulary.SKOS + "prefLabel"}
    found: dict[Token, str] = {}
    for quad in triples:
        value = quad.object
        if quad.predicate.value in labels and isinstance(value, ox.Literal):
            found.setdefault(str(quad.subject).encode(), value.value)
    return found


def _say(term: Token, words: dict[Token, str]) -> str:
    return f"'{words[term]}'" if term in words else _bare(term)


def _bare(term: Token) -> str:
    return term.decode()[1:-1] if term.startswith(b"<") else term.decode()


def _name(iri: str) -> str:
    return iri.replace("#", "/").rsplit("/", 1)[-1]
