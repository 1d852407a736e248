"""One run: the things of a graph against the candidates, and the rows that come of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from acuerdo import __version__
from acuerdo.iri import Bases
from acuerdo.link import sssom
from acuerdo.link.entity import Item, Mention
from acuerdo.link.features import best_alignment, impossible
from acuerdo.link.index import Candidates
from acuerdo.link.mentions import two_things_of_one_qid
from acuerdo.link.score import ABSENT, UNTYPED, Decision, Outcome, Scored, decide, names_of
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
    found: Sequence[Mention], index: Candidates, old: Iterable[Row], bases: Bases, day: str
) -> Run:
    """Decide about each thing; rows that a person reviewed stay as they are."""
    old = sssom.of_base(old, bases)
    things = {sssom.subject(m.subject, bases): m for m in found}
    confirmed = [r for r in old if r.reviewed and not r.rejected]
    settled = {r.subject_id: r for r in confirmed if r.predicate_id in sssom.IDENTITY}
    taken = {s: item for s, r in settled.items() if (item := index.by_qid(sssom.qid(r.object_id)))}
    outcomes, crowded = _decided(things, index, _refused(old, index), taken)
    new = [
        row(o, s, bases, day)
        for subject, o in outcomes.items()
        if o.decision is not Decision.NIL and subject not in settled
        for s in o.ranked
    ]

    def looked_at(one: Row) -> bool:
        # Of an item that is not among the candidates of this run, it has nothing to say.
        return one.subject_id in things and index.by_qid(sssom.qid(one.object_id)) is not None

    rows = [_completed(r, things, index) for r in sssom.merged(old, new, looked_at)]
    warnings = (
        *_shared(found, bases),
        *_checked(confirmed, things, index),
        *_unchecked(outcomes),
        *crowded,
    )
    return Run(tuple(outcomes.values()), tuple(rows), warnings)


def _refused(old: Iterable[Row], index: Candidates) -> dict[str, frozenset[str]]:
    """The items that were rejected for each thing; one that was moved since, under both numbers."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in old:
        if one.rejected and one.predicate_id in sssom.IDENTITY:
            qid = sssom.qid(one.object_id)
            found[one.subject_id] |= {qid, index.redirects.get(qid, qid)}
    return {subject: frozenset(qids) for subject, qids in found.items()}


def _decided(
    things: Mapping[str, Mention],
    index: Candidates,
    refused: Mapping[str, frozenset[str]],
    taken: Mapping[str, Item],
) -> tuple[dict[str, Outcome], list[str]]:
    """The outcome of each thing, and a line for each item that two things would have.

    Twice: first each by itself, then those who met somebody that is linked, with these as company. The second
    round looks at the links of the first alone, so no order of things plays a part.
    """
    none: frozenset[str] = frozenset()
    alone = {s: decide(m, index, banned=refused.get(s, none)) for s, m in things.items()}
    outcomes, _ = _one_each(alone, taken)
    linked = {
        o.mention.subject: taken.get(s) or o.ranked[0].item
        for s, o in outcomes.items()
        if s in taken or o.decision is Decision.AUTO
    }
    for subject, mention in things.items():
        met = {linked[other].number: linked[other] for other in mention.company if other in linked}
        if met:
            company = [met[number] for number in sorted(met)]
            banned = refused.get(subject, none)
            alone[subject] = decide(mention, index, banned=banned, company=company)
    return _one_each(alone, taken)


def _shared(found: Sequence[Mention], bases: Bases) -> list[str]:
    return [
        f"{qid} is stated of {len(subjects)} things: {', '.join(sssom.subject(s, bases) for s in subjects)}; none is linked by it"
        for qid, subjects in two_things_of_one_qid(found).items()
    ]


def _one_each(
    outcomes: Mapping[str, Outcome], taken: Mapping[str, Item]
) -> tuple[dict[str, Outcome], list[str]]:
    """One item is one thing: where two would have it, or a person gave it to another, a person decides."""
    takers: defaultdict[str, set[str]] = defaultdict(set)
    for subject, item in taken.items():
        takers[item.qid].add(subject)
    for subject, one in outcomes.items():
        if one.decision is Decision.AUTO and subject not in taken:
            takers[one.ranked[0].item.qid].add(subject)
    crowded = {qid: sorted(subjects) for qid, subjects in takers.items() if len(subjects) > 1}
    warnings = [
        f"{qid} would be linked to {len(crowded[qid])} things, {', '.join(crowded[qid])}: review"
        for qid in sorted(crowded)
    ]
    kept = {
        s: Outcome(o.mention, Decision.REVIEW, o.ranked, "another thing has this item")
        if o.decision is Decision.AUTO and s not in taken and o.ranked[0].item.qid in crowded
        else o
        for s, o in outcomes.items()
    }
    return kept, warnings


def _unchecked(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """What is wrong with items that the registry or an annotator states."""
    absent = []
    for subject, one in outcomes.items():
        if not one.mention.qids or not one.note:
            continue
        if one.note == ABSENT:
            absent.append(f"{one.mention.qids[0]} of {subject}")
        else:
            yield f"{subject}: {one.note}"
    if absent:
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        yield f"stated, but not among the candidates and so not checked: {', '.join(absent[:3])}{more}"


def _checked(
    confirmed: Iterable[Row], things: Mapping[str, Mention], index: Candidates
) -> Iterator[str]:
    """What is wrong with rows that a person wrote or confirmed: a moved item, another type, a thing gone."""
    for one in confirmed:
        qid, mention = sssom.qid(one.object_id), things.get(one.subject_id)
        item = index.by_qid(qid)
        if mention is None:
            yield f"{one.subject_id}: not in this graph; its row is kept"
        elif item is None:
            yield f"{one.subject_id}: {qid} is not among the candidates; not checked"
        elif item.qid != qid:
            yield f"{one.subject_id}: {qid} is now {item.qid}; correct the row"
        elif wrong := impossible(mention, item) or ("" if item.kind else UNTYPED):
            yield f"{one.subject_id}: {qid} ({item.label}) {wrong}; correct the row"
        elif best_alignment(names_of(mention), item).score <= 0:
            yield f"{one.subject_id}: {qid} is called {item.label}, not {mention.label}; is it meant?"


def _completed(one: Row, things: Mapping[str, Mention], index: Candidates) -> Row:
    """A row that a person wrote by hand gets the label and types that were checked."""
    if one.object_category or one.rejected:
        return one
    item, mention = index.by_qid(sssom.qid(one.object_id)), things.get(one.subject_id)
    if item is None or mention is None or impossible(mention, item):
        return one
    return sssom.changed(
        one,
        subject_label=one.subject_label or mention.label,
        subject_category=one.subject_category or f"ac:{mention.type_label}",
        object_label=one.object_label or item.label,
        object_category=category(item),
    )


def link_file(folder: Path) -> Path:
    """The file of the links."""
    return folder / sssom.FILE
