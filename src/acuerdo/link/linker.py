"""One run: the things of a graph against the candidates, and the rows that come of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from acuerdo import __version__
from acuerdo.iri import Bases
from acuerdo.link import sssom
from acuerdo.link.entity import Item, Mention
from acuerdo.link.features import best_alignment, impossible
from acuerdo.link.index import Candidates
from acuerdo.link.mentions import two_things_of_one_qid
from acuerdo.link.score import Decision, Outcome, Scored, decide, names_of
from acuerdo.link.sssom import Row


class Run(Struct, frozen=True):
    """What a run did: the outcome of each thing, the rows of the file after it, and what is to be told."""

    outcomes: tuple[Outcome, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many things are linked, in review, without an item."""
        found = Counter(o.decision.value for o in self.outcomes)
        return {d.value: found[d.value] for d in Decision}


def row(outcome: Outcome, scored: Scored, bases: Bases, day: str) -> Row:
    """The row of one candidate."""
    mention, item = outcome.mention, scored.item
    stated = bool(mention.qids) and outcome.decision is Decision.AUTO
    linked = sssom.STATED if stated else sssom.LINKED
    reasons = ", ".join(f"{k} {v:g}" for k, v in scored.reasons.items())
    return Row(
        subject_id=sssom.subject(mention.subject, bases),
        subject_label=mention.label,
        subject_category=f"ac:{mention.type_label}",
        object_id=f"wd:{item.qid}",
        object_label=item.label,
        object_category=category(item),
        mapping_justification=linked if outcome.decision is Decision.AUTO else sssom.PROPOSED,
        confidence=f"{min(scored.probability, 0.9999):.4f}" if not stated else "1",
        similarity_score=f"{min(max(scored.alignment.score, 0), 1):.4f}",
        match_string=" ".join(scored.alignment.matched),
        mapping_tool=sssom.TOOL,
        mapping_tool_version=__version__,
        mapping_date=day,
        comment="; ".join(part for part in (outcome.note, reasons) if part),
    )


def category(item: Item) -> str:
    """What was checked of an item beside its label: its kind and its types."""
    return "|".join([item.kind, *(f"wd:{t}" for t in item.types)]) if item.kind else ""


def run(
    found: Sequence[Mention],
    index: Candidates,
    old: Iterable[Row],
    bases: Bases,
    day: str,
    say: Callable[[int, int], None] | None = None,
) -> Run:
    """Decide about each thing; rows that a person reviewed stay as they are."""
    old = sssom.of_base(old, bases)
    warnings = [*_shared(found), *_checked(old, found, index, bases)]
    rejected = {
        # An item that was merged into another since is rejected under its new number too.
        (sssom.subject_iri(r.subject_id, bases), q)
        for r in old
        if r.rejected and r.predicate_id == sssom.EXACT
        for q in (sssom.qid(r.object_id), index.redirects.get(sssom.qid(r.object_id), ""))
    }
    outcomes = []
    for number, mention in enumerate(found, start=1):
        banned = frozenset(q for s, q in rejected if s == mention.subject)
        outcome = decide(mention, index, banned=banned)
        if mention.qids and outcome.note:
            warnings.append(f"{sssom.subject(mention.subject, bases)}: {outcome.note}")
        outcomes.append(outcome)
        if say:
            say(number, len(found))
    outcomes, more = _one_each(outcomes, bases)
    decided = {r.subject_id for r in old if r.reviewed and not r.rejected}
    new = [
        one
        for o in outcomes
        if o.decision is not Decision.NIL
        for s in o.ranked
        if (one := row(o, s, bases, day)).subject_id not in decided
    ]
    things = {sssom.subject(m.subject, bases) for m in found}

    def looked_at(one: Row) -> bool:
        # Of an item that is not among the candidates of this run, it has nothing to say.
        return one.subject_id in things and index.by_qid(sssom.qid(one.object_id)) is not None

    rows = [_completed(r, found, index, bases) for r in sssom.merged(old, new, looked_at)]
    return Run(tuple(outcomes), tuple(rows), (*warnings, *more))


def _shared(found: Sequence[Mention]) -> list[str]:
    return [
        f"{qid} is stated of {len(subjects)} things: {', '.join(subjects)}; none is linked by it"
        for qid, subjects in two_things_of_one_qid(found).items()
    ]


def _one_each(outcomes: list[Outcome], bases: Bases) -> tuple[list[Outcome], list[str]]:
    """One item is one thing: where two are linked to it, both go to a person."""
    takers: dict[str, list[str]] = {}
    for one in outcomes:
        if one.decision is Decision.AUTO:
            takers.setdefault(one.ranked[0].item.qid, []).append(one.mention.subject)
    crowded = {qid for qid, subjects in takers.items() if len(subjects) > 1}
    warnings = [
        f"{qid} would be linked to {len(takers[qid])} things, {', '.join(sssom.subject(s, bases) for s in takers[qid])}: review"
        for qid in sorted(crowded)
    ]
    kept = [
        Outcome(o.mention, Decision.REVIEW, o.ranked, "another thing has this item")
        if o.decision is Decision.AUTO and o.ranked[0].item.qid in crowded
        else o
        for o in outcomes
    ]
    return kept, warnings


def _checked(
    old: Iterable[Row], found: Sequence[Mention], index: Candidates, bases: Bases
) -> list[str]:
    """What is wrong with rows that a person wrote or confirmed: a moved item, another type, a thing gone."""
    known = {m.subject: m for m in found}
    warnings = []
    for one in old:
        if not one.reviewed or one.rejected:
            continue
        qid, mention = sssom.qid(one.object_id), known.get(sssom.subject_iri(one.subject_id, bases))
        item = index.by_qid(qid)
        if mention is None:
            warnings.append(f"{one.subject_id}: not in this graph; its row is kept")
        elif item is None:
            warnings.append(f"{one.subject_id}: {qid} is not among the candidates; not checked")
        elif item.qid != qid:
            warnings.append(f"{one.subject_id}: {qid} is now {item.qid}; correct the row")
        elif wrong := impossible(mention, item):
            warnings.append(f"{one.subject_id}: {qid} ({item.label}) {wrong}; correct the row")
    return warnings


def _completed(one: Row, found: Sequence[Mention], index: Candidates, bases: Bases) -> Row:
    """A row that a person wrote by hand gets the label and types that were checked."""
    if one.object_category or one.rejected:
        return one
    item = index.by_qid(sssom.qid(one.object_id))
    iri = sssom.subject_iri(one.subject_id, bases)
    mention = next((m for m in found if m.subject == iri), None)
    if item is None or mention is None or impossible(mention, item):
        return one
    agreed = best_alignment(names_of(mention), item).score > 0
    return sssom.changed(
        one,
        subject_label=one.subject_label or mention.label,
        subject_category=one.subject_category or f"ac:{mention.type_label}",
        object_label=one.object_label or item.label,
        object_category=category(item) if agreed or one.reviewed else "",
    )


def link_file(folder: Path) -> Path:
    """The file of the links."""
    return folder / sssom.FILE
