"""What speaks for and against an item, as named figures that a reviewer can read.

Absence is no evidence: an item without a tenure, a country or a birth date is not worse for it, for the
snapshots end years before the articles do.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from acuerdo.link.entity import PERSON, Item, Mention, Position
from acuerdo.link.index import Candidates
from acuerdo.link.names import PARTICLES, Alignment, Name, align, fold, name, worth

FEATURES = (
    "item exact score given surname extra_mention tail_one tail_more inner head conflict initials slips "
    "other_name reordered suffix_same suffix_one suffix_differs rarity single country_same country_other active "
    "role role_at role_other age_odd company"
).split()
_ADULT, _OLDEST = 18, 105
_OVERLAP = 0.5
# The weights were learned on as many; a smaller snapshot does not make its names commoner.
POPULATION = 20_000


@lru_cache(maxsize=65536)
def words(text: str) -> frozenset[str]:
    """The words of a post that identify it."""
    return frozenset(fold(text)) - PARTICLES


def overlap(one: str, other: str) -> float:
    """Dice's coefficient of the words of two posts."""
    a, b = words(one), words(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


@lru_cache(maxsize=65536)
def year(day: str) -> int | None:
    """The year of an ISO date however precise; None where there is none."""
    return int(day[:4]) if day[:4].isdigit() else None


def impossible(mention: Mention, item: Item) -> str:
    """Why the item cannot be meant whatever its name; empty where it can."""
    if item.kind and item.kind != mention.kind:
        return f"is a {item.kind}"
    if mention.kind == PERSON and item.types and not item.kind:
        # A person is an instance of human (Q5) itself; what is something else is nobody.
        return f"is no human but of type {', '.join(item.types[:3])}"
    if mention.kind != PERSON or not mention.years:
        return ""
    born, died = year(item.birth), year(item.death)
    if died is not None and min(mention.years) > died + 1:
        return f"died in {died}"
    if born is not None and max(mention.years) < born + _ADULT:
        return f"was born in {born}"
    return f"was born in {born}" if born is not None and min(mention.years) > born + _OLDEST else ""


def _active(position: Position, years: Sequence[int]) -> bool:
    start, end = year(position.start), year(position.end)
    if start is None:
        return False
    # A tenure without an end may have ended since: it counts for a term of office at most.
    last = end if end is not None else start + 8
    return any(start - 1 <= y <= last + 1 for y in years)


def _role(mention: Mention, item: Item, index: Candidates) -> tuple[float, float, float, float]:
    active = float(any(_active(p, mention.years) for p in item.positions))
    best = at = 0.0
    for position in item.positions:
        match = max((overlap(r, position.text) for r in mention.roles), default=0.0)
        if match < _OVERLAP:
            continue
        holders = max(index.holders(" ".join(fold(position.text))), 1)
        telling = match * math.log(max(index.size, POPULATION) / holders) / 10
        best = max(best, telling)
        if _active(position, mention.years):
            at = max(at, telling)
    other = float(bool(mention.roles) and bool(item.positions) and best == 0)
    return active, best, at, other


def _country(mention: Mention, item: Item, index: Candidates) -> tuple[float, float]:
    ours = {index.codes.get(c, c) for c in mention.countries}
    theirs = {index.codes.get(c, c) for c in item.countries}
    if not ours or not theirs:
        return 0.0, 0.0
    return float(bool(ours & theirs)), float(not ours & theirs)


def _company(mention: Mention, item: Item, company: Sequence[Item]) -> float:
    """How much the posts of an item at the time are those of people who are linked already in the same events."""
    mine = [p for p in item.positions if _active(p, mention.years)]
    best = 0.0
    for other in company:
        for theirs in other.positions if mine and other.qid != item.qid else ():
            if not _active(theirs, mention.years):
                continue
            for post in mine:
                same = bool(post.jurisdiction) and post.jurisdiction == theirs.jurisdiction
                best = max(best, 0.5 * same + 0.5 * overlap(post.text, theirs.text))
    return best


def _age_odd(mention: Mention, item: Item) -> float:
    born = year(item.birth)
    if born is None or not mention.years or mention.kind != PERSON:
        return 0.0
    return float(not 25 <= min(mention.years) - born <= 85)


def best_alignment(names: Sequence[Name], item: Item) -> Alignment:
    """The best of all the names of a mention against all those of an item."""
    found, most = None, -math.inf
    for one in names:
        for other in item.names:
            alignment = align(one, other)
            value = worth(alignment)
            if value > most:
                found, most = alignment, value
    return found or align(name("?"), name("!"))


def features(
    mention: Mention, item: Item, a: Alignment, index: Candidates, company: Sequence[Item] = ()
) -> tuple[float, ...]:
    """The figures of one item, in the order of FEATURES; `company` are the items of those it met."""
    rare = (
        sum(math.log(max(index.size, POPULATION) / max(index.frequency(t), 1)) for t in a.matched)
        / 10
    )
    same, other = _country(mention, item, index)
    active, role, role_at, role_other = _role(mention, item, index)
    return (
        1.0,
        float(a.exact),
        a.score,
        a.given,
        a.surname,
        float(a.extra_mention),
        float(a.tail == 1),
        float(max(0, a.tail - 1)),
        float(a.inner),
        float(a.head),
        float(a.conflict),
        float(a.initials),
        float(len(a.slips)),
        # Marco and Mario are two names; Mraco is a slip of the pen.
        float(sum(index.frequency(t) > 0 for t in a.slips)),
        float(a.reordered),
        float(a.suffix == 1),
        float(a.suffix == -1),
        float(a.suffix == -2),
        rare * a.score,
        float(len(a.matched) == 1),
        same,
        other,
        active,
        role,
        role_at,
        role_other,
        _age_odd(mention, item),
        _company(mention, item, company),
    )
