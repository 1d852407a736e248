"""What a reader of a tool's format delivers: one document as one annotator left it, nothing decided yet.

Types, roles and attributes carry the tool's own labels, offsets the tool's own unit. Which layer is taken,
what an offset means, what a label means and when the article was published are later steps.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from acuerdo.model import Agent, Entity, Event, Mention, Relation, Scalar, Section
from acuerdo.report import Faults, escaped

OffsetUnit = Literal["code points", "UTF-16 units", "bytes"]
SECTION, EVIDENCE, SAME = "section", "evidence", "@same"
LABELS = (
    "@labels"  # an attribute with further labels, of which the label map takes the most telling
)
E = TypeVar("E", bound=Entity)
Layer = tuple[str, str, bool]  # document, name of the layer, whether it is curated
SECTION_KINDS = {"headline", "body", "caption", "byline", "furniture"}


class Draft(Struct, dict=True):
    """One document in the hand of one annotator.

    `unit` is what offsets count when no surface tells; with `sure` the format says so and nobody votes.
    `same` holds pairs of entity ids that name one referent, `side` what our own writer kept beside the tool's data.
    """

    document: str
    file: str
    text: str | None = None
    layer: str | None = None
    curated: bool = False
    unit: OffsetUnit = "code points"
    sure: bool = False
    metadata: dict[str, Any] = {}
    attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
    agents: dict[str, Agent] = {}
    sections: list[Section] = []
    entities: list[Entity] = []
    events: list[Event] = []
    relations: list[Relation] = []
    same: list[tuple[str, str]] = []
    evidence_used: set[str] = set()
    side: Any = None

    @cached_property
    def faults(self) -> Faults:
        """What is wrong with its annotations."""
        return Faults(self.file, self.document)

    def mention(
        self,
        start: Any,
        end: Any,
        text: Any,
        ident: str | None,
        more: tuple[tuple[int, int], ...] = (),
    ) -> Mention | None:
        """The span, or None and a fault when an offset is no whole number or is negative."""
        for name, value in (("start", start), ("end", end)):
            if type(value) is not int:
                sentence = f"{name} is {_kind(value)}, not a whole number."
                self.faults.note("OFFSET_TYPE", sentence, "Write offsets as whole numbers.", ident)
                return None
            if value < 0:
                self.faults.note(
                    "OFFSET_OUT_OF_RANGE", f"{name} is negative.", "Offsets count from 0.", ident
                )
                return None
        return Mention(start, end, text if isinstance(text, str) and text else None, None, more)


def _kind(value: object) -> str:
    if value is None:
        return "missing"
    return f"{type(value).__name__} {escaped(str(value))}"


def word(value: Any) -> str | None:
    """A string of a tool's file, None for what is something else: what comes from outside may be anything."""
    return value if isinstance(value, str) else None


def scalars(value: Any) -> Scalar | tuple[Scalar, ...] | None:
    """A value of a tool as the native format holds it: scalars stay, lists become tuples, objects JSON text."""
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, list):
        items = tuple(item for item in map(scalars, value) if item is not None)
        flat = tuple(i for item in items for i in (item if isinstance(item, tuple) else (item,)))
        return flat or None
    if isinstance(value, dict) and value:
        return msgspec.json.encode(value, order="sorted").decode()
    return None


def joined(
    old: Scalar | tuple[Scalar, ...] | None, new: Scalar | tuple[Scalar, ...]
) -> Scalar | tuple[Scalar, ...]:
    """Two values of one attribute as one tuple, none twice."""
    if old is None:
        return new
    before = old if isinstance(old, tuple) else (old,)
    after = new if isinstance(new, tuple) else (new,)
    together = tuple(dict.fromkeys((*before, *after)))
    return together if len(together) > 1 else together[0]


# -- conventions that hold in every format -----------------------------------------------------


def settle(draft: Draft) -> None:
    """Carry out what labels mean in every tool: one referent, sections, evidence."""
    _merge_same(draft)
    _take_sections(draft)
    _take_evidence(draft)


def _merge_same(draft: Draft) -> None:
    _merge_into_events(draft)
    if not draft.same:
        return
    leader = _leaders(draft)
    draft.entities = _merged(draft, draft.entities, leader)
    draft.events = [
        msgspec.structs.replace(e, args=_renamed_args(e.args, leader))
        for e in _merged(draft, draft.events, leader)
    ]
    draft.relations = [
        msgspec.structs.replace(
            r, source=leader.get(r.source, r.source), target=leader.get(r.target, r.target)
        )
        for r in draft.relations
    ]


def _merged(draft: Draft, items: list[E], leader: Mapping[str, str]) -> list[E]:
    """The items, those of one referent as one where its first stood."""
    groups: dict[str, list[E]] = {}
    for item in items:
        groups.setdefault(leader.get(item.id, item.id), []).append(item)
    return [_one_referent(draft, members) for members in groups.values()]


def _merge_into_events(draft: Draft) -> None:
    """What is the same as an event is another mention of it."""
    events = {e.id: e for e in draft.events}
    spans = {e.id: e for e in draft.entities}
    further = {}
    for one, other in draft.same:
        event, span = (one, other) if one in events else (other, one)
        if event in events and span in spans:
            events[event] = msgspec.structs.replace(
                events[event], mentions=(*events[event].mentions, *spans[span].mentions)
            )
            further[span] = event
    if further:
        draft.events = list(events.values())
        draft.entities = [e for e in draft.entities if e.id not in further]
        draft.same = [pair for pair in draft.same if not further.keys() & set(pair)]


def _leaders(draft: Draft) -> dict[str, str]:
    """Each thing that is in a pair → the first one of its referent, in the order of the file."""
    order = {e.id: i for i, e in enumerate((*draft.entities, *draft.events))}
    parent: dict[str, str] = {}

    def find(ident: str) -> str:
        while parent.setdefault(ident, ident) != ident:
            parent[ident] = parent[parent[ident]]
            ident = parent[ident]
        return ident

    for one, other in draft.same:
        if one not in order or other not in order:
            missing = other if one in order else one
            draft.faults.note(
                "DANGLING_REFERENCE",
                f"the coreference names {escaped(missing)}, which is not in the file or was dropped.",
                "Correct the id.",
                missing,
                "relation",
            )
            continue
        a, b = sorted((find(one), find(other)), key=lambda i: order[i])
        parent[b] = a
    return {ident: find(ident) for ident in parent}


def _one_referent(draft: Draft, members: list[E]) -> E:
    if len(members) == 1:
        return members[0]
    first = members[0]
    for other in members[1:]:
        if other.type != first.type:
            sentence = f"it is {escaped(first.type)} here and {escaped(other.type)} at {escaped(other.id)}; the first stays."
            draft.faults.note(
                "TYPE_CONFLICT",
                sentence,
                "Give all mentions of one thing the same label.",
                first.id,
            )
    attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
    for member in members:
        for key, value in member.attrs.items():
            attrs[key] = joined(attrs.get(key), value)
    kept = [m for m in members if m.type == first.type]
    whole = msgspec.structs.replace(
        first,
        name=next((m.name for m in members if m.name), None),
        ref=next((m.ref for m in members if m.ref), None),
        value=next((m.value for m in members if m.value is not None), None),
        links=tuple(dict.fromkeys(link for m in members for link in m.links)),
        mentions=tuple(dict.fromkeys(span for m in kept for span in m.mentions)),
        attrs=attrs,
    )
    if not isinstance(whole, Event):
        return whole
    args: dict[str, tuple[str, ...]] = {}
    events = [m for m in kept if isinstance(m, Event)]
    for role, ids in ((r, i) for m in events for r, i in m.args.items()):
        args[role] = tuple(dict.fromkeys((*args.get(role, ()), *ids)))
    evidence = tuple(dict.fromkeys(span for m in events for span in m.evidence))
    return msgspec.structs.replace(whole, args=args, evidence=evidence)


def _renamed_args(
    args: Mapping[str, tuple[str, ...]], renamed: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    return {
        role: tuple(dict.fromkeys(renamed.get(i, i) for i in ids)) for role, ids in args.items()
    }


def _take_sections(draft: Draft) -> None:
    """Spans labelled `Section` with an attribute `kind` are sections of the text, not things in it."""
    rest = []
    for entity in draft.entities:
        if entity.type.casefold() != SECTION:
            rest.append(entity)
            continue
        kind = str(next((v for k, v in entity.attrs.items() if k.casefold() == "kind"), ""))
        if kind.casefold() in SECTION_KINDS:
            draft.sections += [Section(m.start, m.end, kind.casefold()) for m in entity.mentions]  # type: ignore[arg-type]
        else:
            draft.faults.note(
                "VALUE_INVALID",
                f"{escaped(kind)} is no kind of section.",
                f"Write one of {', '.join(sorted(SECTION_KINDS))}.",
                entity.id,
            )
    draft.entities = rest


def _take_evidence(draft: Draft) -> None:
    """Spans labelled `Evidence` that an event or relation names as its evidence become that evidence.

    An event whose trigger is the evidence itself has no trigger of its own.
    """
    spans = {e.id: e.mentions for e in draft.entities if e.type.casefold() == EVIDENCE}
    if not spans:
        return
    given: dict[str, list[Mention]] = {}
    used = set()
    rest = []
    for relation in draft.relations:
        if relation.type.casefold() == EVIDENCE and relation.target in spans:
            used.add(relation.target)
            given.setdefault(relation.source, []).extend(spans[relation.target])
        else:
            rest.append(relation)
    things = {e.id for e in (*draft.entities, *draft.events)}
    draft.relations = [
        msgspec.structs.replace(r, evidence=(*r.evidence, *given[r.id]))
        if r.id in given and r.id not in things
        else r
        for r in rest
    ]
    named = {i for e in draft.events for ids in e.args.values() for i in ids}
    for ident in spans:
        if ident not in named and ident not in used and ident not in draft.evidence_used:
            draft.faults.note(
                "DANGLING_REFERENCE",
                "no event or relation names this evidence.",
                "Link it with the role 'evidence'.",
                ident,
            )
    draft.events = [_with_evidence(event, spans, given.get(event.id, [])) for event in draft.events]
    draft.entities = [e for e in draft.entities if e.id not in spans]
    # In most tools an event is a span like another, and known for one by its evidence.
    found = [e for e in draft.entities if e.id in given]
    draft.events += [_with_evidence(as_event(e), spans, given[e.id]) for e in found]
    draft.entities = [e for e in draft.entities if e.id not in given]


def as_event(entity: Entity) -> Event:
    """The same annotation as one that can have arguments."""
    return Event(**{name: getattr(entity, name) for name in Entity.__struct_fields__})


def _with_evidence(
    event: Event, spans: Mapping[str, tuple[Mention, ...]], more: list[Mention]
) -> Event:
    found = list(more)
    args = {}
    for role, ids in event.args.items():
        kept = ids
        if role.casefold() == EVIDENCE:
            found += [m for i in ids for m in spans.get(i, ())]
            kept = tuple(i for i in ids if i not in spans)
        if kept:
            args[role] = kept
    if not found:
        return event
    places = {(m.start, m.end, m.more) for m in found}
    mentions = tuple(m for m in event.mentions if (m.start, m.end, m.more) not in places)
    evidence = tuple(dict.fromkeys((*event.evidence, *found)))
    return msgspec.structs.replace(event, args=args, mentions=mentions, evidence=evidence)


def mentions_of(draft: Draft) -> Iterator[Mention]:
    """Every span of the draft, in the order of the file."""
    for entity in (*draft.entities, *draft.events):
        yield from entity.mentions
    for event in draft.events:
        yield from event.evidence
    for relation in draft.relations:
        yield from relation.evidence


def rename(draft: Draft, names: Mapping[str, str]) -> None:
    """Give annotations the ids that they had before our writer numbered them."""
    if not names:
        return

    def new(ident: str) -> str:
        return names.get(ident, ident)

    replace = msgspec.structs.replace
    draft.entities = [replace(e, id=new(e.id)) for e in draft.entities]
    draft.events = [
        replace(e, id=new(e.id), args={r: tuple(map(new, ids)) for r, ids in e.args.items()})
        for e in draft.events
    ]
    draft.relations = [
        replace(r, id=new(r.id) if r.id else None, source=new(r.source), target=new(r.target))
        for r in draft.relations
    ]
    draft.same = [(new(a), new(b)) for a, b in draft.same]
