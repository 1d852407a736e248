"""Facts indexed both ways, and forward chaining over them.

Chaining takes one fact at a time: it is joined with all facts that are already in, and what follows
waits its turn. A derivation is thus found at the latest when the last of its premises comes in; terms
are never made, so the facts are finite and it ends.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from acuerdo.infer.rules import Atom, Rule, Token

NONE: frozenset[Token | None] = frozenset()
EMPTY: dict[Any, Any] = {}


class Fact(NamedTuple):
    """`predicate(subject, object)`, or `class(subject)` with no object."""

    predicate: Token
    subject: Token
    object: Token | None = None


class Facts:
    """A set of facts found by predicate and either end."""

    def __init__(self) -> None:
        self.objects: defaultdict[Token, dict[Token, set[Token | None]]] = defaultdict(dict)
        self.subjects: defaultdict[Token, dict[Token | None, set[Token]]] = defaultdict(dict)

    def add(self, fact: Fact) -> bool:
        """Whether the fact is new."""
        known = self.objects[fact.predicate].setdefault(fact.subject, set())
        if fact.object in known:
            return False
        known.add(fact.object)
        self.subjects[fact.predicate].setdefault(fact.object, set()).add(fact.subject)
        return True

    def __contains__(self, fact: Fact) -> bool:
        by_subject = self.objects.get(fact.predicate)
        return by_subject is not None and fact.object in by_subject.get(fact.subject, NONE)

    def __iter__(self) -> Iterator[Fact]:
        for predicate, by_subject in self.objects.items():
            for subject, objects in by_subject.items():
                for object_ in objects:
                    yield Fact(predicate, subject, object_)


class Probe(NamedTuple):
    """How one premise is looked up when it is reached: its ends are bound, or bind a variable.

    `subject` and `object` are variables (their number) or terms; `None` as object marks a class.
    """

    predicate: Token
    subject: int | Token
    object: int | Token | None
    subject_bound: bool
    object_bound: bool


class Step(NamedTuple):
    """How a rule goes on from one of its premises: the others in an order that keeps them bound."""

    rule: Rule
    given: Atom
    rest: tuple[Probe, ...]
    size: int


Steps = Mapping[Token, tuple[Step, ...]]
# What each derived fact follows from: of several ways the shortest, told apart by their terms.
Trace = dict[Fact, tuple[Fact, ...]]
Binding = list[Token]


def steps(rules: Iterable[Rule]) -> Steps:
    """For each predicate, the ways in which a fact of it can set off a rule."""
    found: defaultdict[Token, list[Step]] = defaultdict(list)
    for rule in rules:
        ends = [end for atom in (rule.head, *rule.body) for end in atom[1:]]
        size = 1 + max((end for end in ends if isinstance(end, int)), default=0)
        for i, atom in enumerate(rule.body):
            others = [a for j, a in enumerate(rule.body) if j != i]
            found[atom.predicate].append(Step(rule, atom, _ordered(atom, others), size))
    return {predicate: tuple(ways) for predicate, ways in found.items()}


def _ordered(given: Atom, others: list[Atom]) -> tuple[Probe, ...]:
    bound, order = {given.subject, given.object}, []
    waiting = list(others)
    while waiting:
        best = max(waiting, key=lambda atom: sum(_is_bound(end, bound) for end in atom[1:]))
        waiting.remove(best)
        order.append(Probe(*best, _is_bound(best.subject, bound), _is_bound(best.object, bound)))
        bound |= {best.subject, best.object}
    return tuple(order)


def _is_bound(end: int | Token | None, bound: set[int | Token | None]) -> bool:
    return not isinstance(end, int) or end in bound


class Chaining:
    """Forward chaining of new facts over known ones; `known` is only read."""

    def __init__(self, ways: Steps, known: Facts, trace: Trace | None = None) -> None:
        self._ways, self._known, self._trace = ways, known, trace
        self._found: defaultdict[Fact, set[tuple[Fact, ...]]] = defaultdict(set)
        self.facts = Facts()

    def run(self, given: Iterable[Fact]) -> list[Fact]:
        """What follows beyond the given and the known facts, in the order it was found."""
        waiting: deque[Fact] = deque()
        derived: list[Fact] = []
        given = list(given)
        for fact in given:
            if fact not in self._known and self.facts.add(fact):
                waiting.append(fact)
                while waiting:
                    for following, rule, binding in self._consequences(waiting.popleft()):
                        if self._trace is not None:
                            premises = tuple(_filled(atom, binding) for atom in rule.body)
                            self._found[following].add(premises)
                        if following not in self._known and self.facts.add(following):
                            waiting.append(following)
                            derived.append(following)
        if self._trace is not None:
            self._trace.update(_shortest(self._found, set(given), self._known))
        return derived

    def _consequences(self, fact: Fact) -> Iterator[tuple[Fact, Rule, Binding]]:
        for step in self._ways.get(fact.predicate, ()):
            binding = [b""] * step.size
            if _binds(step.given, fact, binding):
                head = step.rule.head
                for _ in self._extend(step.rest, 0, binding):
                    yield _filled(head, binding), step.rule, binding

    def _extend(self, rest: tuple[Probe, ...], i: int, binding: Binding) -> Iterator[None]:
        """Each way to meet the premises from the i-th on; the binding holds it when it is yielded."""
        if i == len(rest):
            yield
            return
        probe = rest[i]
        for subject, object_ in self._matches(probe, binding):
            if isinstance(probe.subject, int):
                binding[probe.subject] = subject
            if isinstance(probe.object, int) and object_ is not None:
                binding[probe.object] = object_
            # One free variable at both ends must have got one value.
            if probe.subject == probe.object and subject != object_:
                continue
            yield from self._extend(rest, i + 1, binding)

    def _matches(self, probe: Probe, binding: Binding) -> Iterator[tuple[Token, Token | None]]:
        """The facts that may meet a premise, found from the side on which it is bound."""
        predicate = probe.predicate
        end = binding[probe.object] if isinstance(probe.object, int) else probe.object
        if probe.subject_bound:
            start = binding[probe.subject] if isinstance(probe.subject, int) else probe.subject
            for facts in (self.facts, self._known):
                found = facts.objects.get(predicate, EMPTY).get(start)
                if found is None:
                    continue
                if not probe.object_bound:
                    yield from [(start, value) for value in found]
                elif end in found:
                    yield start, end
            return
        for facts in (self.facts, self._known):
            if probe.object_bound:
                yield from [(s, end) for s in facts.subjects.get(predicate, EMPTY).get(end, ())]
            else:
                pairs = facts.objects.get(predicate, EMPTY).items()
                yield from [(s, o) for s, objects in pairs for o in objects]


def _binds(atom: Atom, fact: Fact, binding: Binding) -> bool:
    """Whether the fact is an instance of the atom; its variables are bound if so."""
    subject, object_ = atom.subject, atom.object
    if isinstance(subject, int):
        binding[subject] = fact.subject
    elif subject != fact.subject:
        return False
    if isinstance(object_, int) and fact.object is not None:
        if object_ == subject:
            return fact.subject == fact.object
        binding[object_] = fact.object
        return True
    return object_ == fact.object


def _filled(atom: Atom, binding: Binding) -> Fact:
    subject, object_ = atom.subject, atom.object
    return Fact(
        atom.predicate,
        binding[subject] if isinstance(subject, int) else subject,
        binding[object_] if isinstance(object_, int) else object_,
    )


def _shortest(
    found: Mapping[Fact, set[tuple[Fact, ...]]], given: set[Fact], known: Facts
) -> Iterator[tuple[Fact, tuple[Fact, ...]]]:
    """For each derived fact the way to it with the fewest steps, of several the first by its terms.

    The order in which facts were found plays no part, and no fact is among its own grounds.
    """
    left = {fact for fact in found if fact not in given and fact not in known}
    while left:
        level = []
        for fact in left:
            open_ways = (way for way in found[fact] if left.isdisjoint(way))
            best = min(open_ways, key=_terms_of, default=None)
            if best is not None:
                level.append((fact, best))
        if not level:
            return
        left -= {fact for fact, _ in level}
        yield from level


def _terms_of(way: tuple[Fact, ...]) -> tuple[int, list[tuple[Token, Token, Token]]]:
    return len(way), [(fact.predicate, fact.subject, fact.object or b"") for fact in way]
