"""Claims of one article that cannot both be true, and claims by which a speaker changes an earlier one.

Two claims contradict each other when they have the same subject and polarity, the same predicate, that
predicate is single-valued, and their objects differ and neither place lies within the other: an island
against its own sea is no contradiction. Two different literal values contradict too. A claim revises
another when it contradicts it and the same speaker made it on a later day.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from msgspec import Struct

from acuerdo.infer.context import WITHIN, Context
from acuerdo.infer.facts import Fact, Facts
from acuerdo.infer.rules import Token, token
from acuerdo.iri import AC

CONTRADICTS, REVISED_BY = token(AC + "contradicts"), token(AC + "revisedBy")
SUBJECT, PREDICATE = token(AC + "claimSubject"), token(AC + "claimPredicate")
OBJECT, VALUE = token(AC + "claimObject"), token(AC + "claimValue")
POLARITY, CONVEYS, SPEAKER = token(AC + "polarity"), token(AC + "conveys"), token(AC + "speaker")
NOT_BEFORE, NOT_AFTER = token(AC + "notBefore"), token(AC + "notAfter")
USED = frozenset(
    {SUBJECT, PREDICATE, OBJECT, VALUE, POLARITY, CONVEYS, SPEAKER, NOT_BEFORE, NOT_AFTER}
)

Values = Mapping[Token, Mapping[Token, set[Token]]]


class _Claim(Struct, frozen=True):
    node: Token
    says: Token
    statements: frozenset[Token]


def conflicts(values: Values, places: Facts, context: Context) -> Iterator[Fact]:
    """The `contradicts` (both ways) and `revisedBy` of the claims in an article's triples."""
    for group in _comparable(values, context).values():
        for one, two in combinations(group, 2):
            if one.says != two.says and not _nested(one.says, two.says, places, context):
                yield Fact(CONTRADICTS, one.node, two.node)
                yield Fact(CONTRADICTS, two.node, one.node)
                yield from _revisions(one, two, values)


def premises(conflict: Fact, values: Values) -> tuple[Fact, ...]:
    """What two claims in conflict say, statement by statement."""
    wanted = [SUBJECT, PREDICATE, OBJECT, VALUE, POLARITY]
    return tuple(
        Fact(predicate, claim, thing)
        for claim in (conflict.subject, conflict.object)
        if claim is not None
        for predicate in wanted
        for thing in sorted(_all(values, predicate, claim))
    )


def _comparable(values: Values, context: Context) -> dict[tuple[Token, ...], list[_Claim]]:
    """The claims about one subject, predicate and polarity, in the order of their IRIs."""
    statements: defaultdict[Token, set[Token]] = defaultdict(set)
    for statement, claims in values.get(CONVEYS, {}).items():
        for claim in claims:
            statements[claim].add(statement)
    groups: defaultdict[tuple[Token, ...], list[_Claim]] = defaultdict(list)
    for claim in sorted(values.get(PREDICATE, {})):
        for predicate in sorted(values[PREDICATE][claim] & context.single_valued):
            for subject in sorted(_all(values, SUBJECT, claim)):
                says = _all(values, OBJECT, claim) | _all(values, VALUE, claim)
                for polarity in sorted(_all(values, POLARITY, claim)):
                    groups[subject, predicate, polarity] += [
                        _Claim(claim, thing, frozenset(statements[claim])) for thing in sorted(says)
                    ]
    return groups


def _all(values: Values, predicate: Token, subject: Token) -> set[Token]:
    return values.get(predicate, {}).get(subject, set())


def _nested(one: Token, two: Token, places: Facts, context: Context) -> bool:
    return any(
        Fact(WITHIN, a, b) in facts
        for facts in (places, context.known)
        for a, b in ((one, two), (two, one))
    )


def _revisions(one: _Claim, two: _Claim, values: Values) -> Iterator[Fact]:
    for first, second in ((one, two), (two, one)):
        if any(
            _all(values, SPEAKER, a) & _all(values, SPEAKER, b) and _before(a, b, values)
            for a in first.statements
            for b in second.statements
        ):
            yield Fact(REVISED_BY, first.node, second.node)


def _before(earlier: Token, later: Token, values: Values) -> bool:
    # Day literals of four-digit years compare as they are written.
    last, first = _all(values, NOT_AFTER, earlier), _all(values, NOT_BEFORE, later)
    return bool(last) and bool(first) and max(last) < min(first)
