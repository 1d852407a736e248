"""The same thing twice: one person under two names, one meeting told by two articles.

Everything found here is a proposal for a person; nothing is merged by it. People, organisations, posts and
places are compared by the scorer that also links to Wikidata, each thing of the graph being an item to the
others. Events and agreements are compared by what they are, when, who took part and where.
"""

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from acuerdo.iri import AC, Bases
from acuerdo.link import sssom
from acuerdo.link.entity import PERSON, Item, Mention, Position
from acuerdo.link.index import Candidates, write
from acuerdo.link.mentions import Facts
from acuerdo.link.names import name, title
from acuerdo.link.score import ranked
from acuerdo.link.sssom import Row
from acuerdo.vocabulary import Vocabulary

FILE = "proposals.sssom.tsv"
_LEAST = 0.1
_LIKELY = 0.5
_EVENTS = (AC + "Event", AC + "Agreement")


class Pair(Struct, frozen=True):
    """Two things that may be one, how likely, and why."""

    one: str
    other: str
    score: float
    why: str


def as_item(number: int, mention: Mention) -> Item:
    """A thing of the graph as an item; its number only orders."""
    read = name if mention.kind == PERSON else title
    first, last = (
        (f"{y}" for y in (mention.years[0], mention.years[-1])) if mention.years else ("", "")
    )
    return Item(
        f"Q{number}",
        mention.kind,
        mention.label,
        tuple(read(n) for n in mention.names),
        countries=mention.countries,
        positions=tuple(Position(r, first, last) for r in mention.roles),
    )


def things(found: Sequence[Mention], facts: Facts) -> Iterator[Pair]:
    """Pairs of people, organisations, posts and places, each once, that may be one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "within.sqlite"
        write(path, (as_item(n, m) for n, m in enumerate(found, start=1)), {}, {}, "within")
        index = Candidates(path)
        best: dict[tuple[int, int], Pair] = {}
        for number, mention in enumerate(found, start=1):
            own = frozenset({f"Q{number}"})
            for scored in ranked(mention, index, without=own):
                other = int(scored.item.qid[1:])
                pair = (min(number, other), max(number, other))
                reasons = ", ".join(f"{k} {v:g}" for k, v in scored.reasons.items())
                if scored.probability >= _LEAST and scored.probability > _score(best.get(pair)):
                    one, two = (found[n - 1].subject for n in pair)
                    best[pair] = Pair(one, two, scored.probability, reasons)
        index.close()
    for pair in _same_item(found):
        best[pair] = Pair(
            found[pair[0] - 1].subject, found[pair[1] - 1].subject, 0.99, "one Wikidata item"
        )
    yield from (p for _, p in sorted(best.items()) if not _known_apart(p, facts))


def _score(pair: Pair | None) -> float:
    return pair.score if pair else 0.0


def _same_item(found: Sequence[Mention]) -> Iterator[tuple[int, int]]:
    by_qid: defaultdict[str, list[int]] = defaultdict(list)
    for number, mention in enumerate(found, start=1):
        for qid in mention.qids:
            by_qid[qid].append(number)
    for numbers in by_qid.values():
        yield from itertools.combinations(numbers, 2)


def _known_apart(pair: Pair, facts: Facts) -> bool:
    """Two entries of the registry, or two referents of one article, were told apart already."""
    registered = all(
        any(g.endswith("/graph/registry") for g in facts.graphs[s]) for s in (pair.one, pair.other)
    )
    return registered or bool(facts.articles(pair.one) & facts.articles(pair.other))


class Happening(Struct, frozen=True):
    """An event or agreement as far as it tells whether another is the same."""

    iri: str
    classes: frozenset[str]
    kinds: frozenset[str]
    first: date
    last: date
    people: frozenset[str]
    places: frozenset[str]


def _days(facts: Facts, subject: str) -> tuple[date, date] | None:
    """The strict bounds of a thing, open ends as far as dates go; None where it has no date at all."""
    first, last = facts.about(subject, "notBefore"), facts.about(subject, "notAfter")
    try:
        bounds = (
            min(map(date.fromisoformat, first), default=date.min),
            max(map(date.fromisoformat, last), default=date.max),
        )
    except ValueError:
        return None
    return bounds if first or last else None


def _happening(
    facts: Facts, vocabulary: Vocabulary, subject: str, stands: Mapping[str, str]
) -> Happening | None:
    ancestors = {
        a
        for t in facts.types[subject]
        if t in vocabulary.classes
        for a in vocabulary.classes[t].ancestors
    }
    days = _days(facts, subject)
    if days is None or not ancestors & set(_EVENTS):
        return None
    people = {
        p for n in facts.about(subject, "hasParticipation") for p in facts.about(n, "participant")
    } | facts.about(subject, "party")
    places = facts.about(subject, "venue")
    around = {w for p in places for w in facts.about(p, "within")}
    return Happening(
        subject,
        frozenset(facts.types[subject] & vocabulary.classes.keys()),
        frozenset(facts.about(subject, "kind")),
        *days,
        frozenset(stands.get(p, p) for p in people),
        frozenset(stands.get(p, p) for p in places | around),
    )


def events(facts: Facts, vocabulary: Vocabulary, alike: Iterable[Pair] = ()) -> Iterator[Pair]:
    """Pairs of events or agreements of different articles that may be one.

    Two actors that are likely one (`alike`) count as one here: both questions are put to the same person.
    """
    stands = _groups(p for p in alike if p.score >= _LIKELY)
    known = [h for s in sorted(facts.types) if (h := _happening(facts, vocabulary, s, stands))]
    known.sort(key=lambda h: (h.first, h.iri))
    seen: set[tuple[int, int]] = set()
    still: defaultdict[str, list[int]] = defaultdict(list)  # by actor, those that may not be over
    for number, one in enumerate(known):
        for person in sorted(one.people):
            still[person] = [n for n in still[person] if known[n].last >= one.first]
            seen.update((n, number) for n in still[person])
            still[person].append(number)
    for a, b in sorted(seen, key=lambda p: (known[p[0]].iri, known[p[1]].iri)):
        pair = compare(known[a], known[b])
        if pair and not _known_apart(pair, facts):
            yield pair


def _groups(pairs: Iterable[Pair]) -> dict[str, str]:
    """Each thing of a chain of pairs with the least of them."""
    stands: dict[str, str] = {}

    def root(thing: str) -> str:
        while thing in stands:
            thing = stands[thing]
        return thing

    for pair in pairs:
        one, other = sorted((root(pair.one), root(pair.other)))
        if one != other:
            stands[other] = one
    return {thing: root(thing) for thing in stands}


def compare(one: Happening, other: Happening) -> Pair | None:
    """Whether two happenings may be one: of one class and kind, at one time, with one of each two actors.

    The score orders the proposals; it is a share of what agrees, not a probability.
    """
    if not one.classes & other.classes or (
        one.kinds and other.kinds and not one.kinds & other.kinds
    ):
        return None
    days = (min(one.last, other.last) - max(one.first, other.first)).days
    if days < 0 or (one.places and other.places and not one.places & other.places):
        return None
    both = one.people & other.people
    share = len(both) / min(len(one.people), len(other.people))
    if share < 0.5:
        return None
    exact = one.last - one.first == other.last - other.first and days <= 1
    place = bool(one.places & other.places)
    score = 0.3 + 0.3 * share + 0.2 * exact + 0.1 * place + 0.1 * bool(one.kinds & other.kinds)
    why = f"{len(both)} of {min(len(one.people), len(other.people))} actors, {'same day' if exact else 'dates overlap'}"
    return Pair(one.iri, other.iri, min(score, 0.99), why + (", same place" if place else ""))


def rows(
    pairs: Iterable[Pair],
    labels: Facts,
    bases: Bases,
    day: str,
    decided: Container[tuple[str, str]],
) -> list[Row]:
    """The proposals as rows: what only an article knows is the subject, what is shared the object."""
    found = []
    for pair in pairs:
        local, shared = sorted(
            (pair.one, pair.other), key=lambda s: (not s.startswith(bases.id + "article/"), s)
        )
        ends = (sssom.subject(local, bases), sssom.subject(shared, bases))
        if ends in decided or ends[::-1] in decided:
            continue
        found.append(
            Row(
                subject_id=ends[0],
                subject_label=_label(labels, local),
                object_id=ends[1],
                object_label=_label(labels, shared),
                mapping_justification=sssom.PROPOSED,
                confidence=f"{min(pair.score, 0.9999):.4f}",
                mapping_tool="acuerdo link --within",
                mapping_date=day,
                comment=pair.why,
            )
        )
    return found


def _label(facts: Facts, subject: str) -> str:
    names = facts.names(subject)
    return names[0] if names else ""
