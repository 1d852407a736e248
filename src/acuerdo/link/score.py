"""From figures to a probability, and from that to a decision.

The items of one mention and "none of them" share out one probability (a conditional logit), so two
namesakes halve it by themselves and an unknown namesake of a common name is allowed for. The weights were
learned by `benchmarks/linking/train.py` on a train split and stand in `weights.json`.
"""

import enum
import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from acuerdo.link.entity import PERSON, Item, Mention
from acuerdo.link.features import FEATURES, best_alignment, features, impossible
from acuerdo.link.index import Candidates
from acuerdo.link.names import Alignment, Name, name, title, worth

_SCORED = 12  # items whose context is looked at, after their names were
_FAR = 0.6  # behind the best name: no context makes up for that
ABSENT = "not among the candidates; not checked"
UNTYPED = "has no type that is known"


class Decision(enum.Enum):
    """What becomes of a mention: linked, shown to a person, or left without an item."""

    AUTO = "auto"
    REVIEW = "review"
    NIL = "nil"


class Weights(Struct, frozen=True):
    """The learned weights of one model, in the order of FEATURES, and its two thresholds."""

    values: tuple[float, ...]
    auto: float
    review: float


class Scored(Struct, frozen=True):
    """One item with its share of the probability and the figures behind it."""

    item: Item
    probability: float
    figures: tuple[float, ...]
    alignment: Alignment

    @property
    def reasons(self) -> dict[str, float]:
        """The figures that are not zero, by name."""
        named = zip(FEATURES, self.figures, strict=True)
        return {key: round(value, 3) for key, value in named if value and key != "item"}


class Outcome(Struct, frozen=True):
    """The decision about one mention, and the items it was made from, best first."""

    mention: Mention
    decision: Decision
    ranked: tuple[Scored, ...]
    note: str = ""


@lru_cache(maxsize=1)
def weights() -> dict[str, Weights]:
    """The shipped weights: one model for people, one for all other things."""
    stored = json.loads((Path(__file__).parent / "weights.json").read_text(encoding="utf-8"))
    return {
        kind: Weights(
            tuple(stored[kind]["weights"].get(f, 0.0) for f in FEATURES),
            stored[kind]["auto"],
            stored[kind]["review"],
        )
        for kind in ("person", "thing")
        if kind in stored
    }


def names_of(mention: Mention) -> list[Name]:
    """The names of a mention by part, each once; a surname alone only where nothing longer stands."""
    read = name if mention.kind == PERSON else title
    found = {(n.tokens, n.suffix): n for n in map(read, mention.names) if n.tokens}
    longest = max((len(n.tokens) for n in found.values()), default=0)
    return [
        n for n in found.values() if len(n.tokens) > 1 or longest == 1 or mention.kind != PERSON
    ]


def considered(
    mention: Mention,
    index: Candidates,
    without: frozenset[str] = frozenset(),
    company: Sequence[Item] = (),
) -> list[tuple[Item, Alignment, tuple[float, ...]]]:
    """The items that may be meant, with their figures: the names decide which are looked at closely."""
    names = names_of(mention)
    aligned = []
    for item in index.near(names, mention.kind):
        if item.qid not in without and not impossible(mention, item):
            alignment = best_alignment(names, item)
            aligned.append((-worth(alignment), item.number, item, alignment))
    aligned.sort(key=lambda row: row[:2])
    least = -aligned[0][0] - _FAR if aligned else 0.0
    near = [row for n, row in enumerate(aligned[:_SCORED]) if n < 3 or -row[0] >= least]
    return [(i, a, features(mention, i, a, index, company)) for _, _, i, a in near]


def shares(logits: Sequence[float]) -> list[float]:
    """The probability of each item, where "none of them" has logit 0."""
    top = max(0.0, *logits) if logits else 0.0
    powers = [math.exp(x - top) for x in logits]
    whole = sum(powers) + math.exp(-top)
    return [p / whole for p in powers]


def ranked(
    mention: Mention,
    index: Candidates,
    model: Weights | None = None,
    without: frozenset[str] = frozenset(),
    company: Sequence[Item] = (),
) -> list[Scored]:
    """The items that may be meant, best first; equal ones by their number; `without` some of them."""
    model = model or weights()["person" if mention.kind == PERSON else "thing"]
    rows = considered(mention, index, without, company)
    logits = [sum(map(float.__mul__, model.values, row[2])) for row in rows]
    found = [
        Scored(item, p, figures, alignment)
        for (item, alignment, figures), p in zip(rows, shares(logits), strict=True)
    ]
    return sorted(found, key=lambda s: (-round(s.probability, 12), s.item.number))


def decide(
    mention: Mention,
    index: Candidates,
    model: Weights | None = None,
    banned: frozenset[str] = frozenset(),
    company: Sequence[Item] = (),
) -> Outcome:
    """Link, review or leave: never by chance, never on a tie, never against a type.

    `banned` items were refused by a person for this mention; their share of the probability is not
    given to the others, for a refusal says nothing in favour of a namesake.
    """
    model = model or weights()["person" if mention.kind == PERSON else "thing"]
    everybody = ranked(mention, index, model, company=company)
    found = [s for s in everybody if s.item.qid not in banned]
    if mention.qids:
        return _stated(mention, found, index, banned)
    best = found[0] if found else None
    if best is None or best.probability < model.review:
        return Outcome(mention, Decision.NIL, tuple(found[:3]))
    sure = best.probability >= model.auto and best.item.kind == mention.kind and _safe(best)
    tied = len(found) > 1 and math.isclose(found[1].probability, best.probability, rel_tol=1e-9)
    if sure and not tied:
        return Outcome(mention, Decision.AUTO, (best,))
    shown = tuple(s for s in found[:5] if s.probability >= model.review and _worth_a_look(s))
    return Outcome(mention, Decision.REVIEW if shown else Decision.NIL, shown or tuple(found[:3]))


def _worth_a_look(scored: Scored) -> bool:
    """A person is not troubled with items that share one word of several, such as a surname."""
    a = scored.alignment
    if scored.item.kind != PERSON and (a.conflict or a.initials):
        return False
    return len(a.matched) > 1 or not a.extra_mention + a.head + a.tail


def _safe(best: Scored) -> bool:
    """Whether no figure alone forbids to link without a person, however likely the item is."""
    said = best.reasons
    if best.item.kind != PERSON:
        return not said.get("country_other") and not said.get("slips")
    # Father and son: a suffix that only one name has takes more than a tenure at the time.
    if said.get("suffix_one") and not said.get("role_at"):
        return False
    # Two surnames in another order are another family's.
    if any(said.get(f) for f in ("other_name", "conflict", "suffix_differs", "reordered")):
        return False
    return bool(said.get("role")) or _supported(said, best.alignment)


def _supported(said: dict[str, float], a: Alignment) -> bool:
    """Whether enough speaks for a person of whose post nothing is known.

    That somebody was in office at the time is enough for a whole name, not for one of which a part was left
    out; and no country makes up for a first name or a first surname that is missing.
    """
    if a.skips or a.head or (a.initials and len(a.matched) - a.initials < 2):
        return False
    return bool(said.get("country_same") or (said.get("active") and _whole(a)))


def _whole(a: Alignment) -> bool:
    """Whether nothing was left out of either name, or three parts of it agree all the same."""
    left_out = a.tail or a.head or a.inner or a.initials or a.slips or a.extra_mention
    return not left_out or len(a.matched) >= 3


def _stated(
    mention: Mention, found: Sequence[Scored], index: Candidates, banned: frozenset[str]
) -> Outcome:
    """A QID that the graph states is taken when the item has such a name and type, else said to be wrong."""
    if len(mention.qids) > 1:
        return Outcome(
            mention, Decision.REVIEW, tuple(found[:5]), f"has two QIDs: {', '.join(mention.qids)}"
        )
    stated = mention.qids[0]
    item = index.by_qid(stated)
    if item is None:
        return Outcome(mention, Decision.NIL, (), ABSENT)
    if banned & {stated, item.qid}:
        return Outcome(mention, Decision.NIL, (), f"{stated} is stated, but a person rejected it")
    wrong = impossible(mention, item) or ("" if item.kind else UNTYPED)
    if wrong:
        return Outcome(mention, Decision.NIL, (), f"{stated} ({item.label}) {wrong}")
    alignment = best_alignment(names_of(mention), item)
    if alignment.score < 0.8 or alignment.conflict:
        return Outcome(
            mention, Decision.NIL, (), f"{stated} is called {item.label}, not {mention.label}"
        )
    figures = features(mention, item, alignment, index)
    note = f"{stated} is now {item.qid}" if item.qid != stated else ""
    return Outcome(mention, Decision.AUTO, (Scored(item, 1.0, figures, alignment),), note)
