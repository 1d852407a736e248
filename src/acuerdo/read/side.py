"""What our own writers keep beside a tool's annotations: what the article says and the tool has no place for.

Deleting or adding annotations in the tool does not break it: what names something that is gone is gone too.
"""

from typing import Any

import msgspec
from msgspec import Struct

from acuerdo.model import Agent, Entity, Event, Mention, Relation, Scalar, Section
from acuerdo.read.draft import Draft


class SideRelation(Struct, frozen=True, omit_defaults=True):
    """All of a relation; its evidence by the ids of the spans in the tool."""

    type: str
    source: str
    target: str
    id: str | None = None
    evidence: tuple[str, ...] = ()
    attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
    by: str | None = None
    at: str | None = None
    confidence: float | None = None


class Side(Struct, frozen=True, omit_defaults=True):
    """Sections, agents and attributes of the article; things without a span; arguments that name those."""

    sections: tuple[Section, ...] = ()
    agents: dict[str, Agent] = {}
    attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
    entities: tuple[Entity, ...] = ()
    events: tuple[Event, ...] = ()
    args: dict[str, dict[str, tuple[str, ...]]] = {}
    relations: tuple[SideRelation, ...] = ()


def decoded(given: Any) -> Side | None:
    """The side data of a tool's free field; None where it is not ours, or no longer."""
    try:
        if isinstance(given, str):
            return msgspec.json.decode(given.encode("utf-8"), type=Side)
        return msgspec.convert(given, Side) if isinstance(given, dict) else None
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


def join(draft: Draft, side: Side | None) -> None:
    """Put the side data back into a draft whose offsets are code points already."""
    if side is None:
        return
    spans = {e.id: e for e in draft.entities}
    events = {e.id: e for e in draft.events}
    placed = {*spans, *events}
    draft.sections += [s for s in side.sections if s.end <= len(draft.text or "")]
    draft.agents = {**side.agents, **draft.agents}
    draft.attrs = {**side.attrs, **draft.attrs}
    draft.entities += [e for e in side.entities if e.id not in placed]
    draft.events += [e for e in side.events if e.id not in placed]
    known = {*placed, *(e.id for e in (*side.entities, *side.events))}
    _join_arguments(draft, side, known)
    _join_relations(draft, side, {i: e.mentions for i, e in spans.items()}, placed, known)


def _join_arguments(draft: Draft, side: Side, known: set[str]) -> None:
    """Arguments are relations here, as every tool but one has them; the label map makes them arguments."""
    have = {e.id for e in (*draft.entities, *draft.events)}
    for ident, args in side.args.items():
        if ident in have:
            draft.relations += [
                Relation(role, ident, i) for role, ids in args.items() for i in ids if i in known
            ]


def _join_relations(
    draft: Draft,
    side: Side,
    spans: dict[str, tuple[Mention, ...]],
    placed: set[str],
    known: set[str],
) -> None:
    at_hand: dict[tuple[str, str, str], int] = {}
    for index, relation in enumerate(draft.relations):
        at_hand.setdefault((relation.type, relation.source, relation.target), index)
    for kept in side.relations:
        index_ = at_hand.get((kept.type, kept.source, kept.target))
        if index_ is None and (
            placed >= {kept.source, kept.target} or not known >= {kept.source, kept.target}
        ):
            continue  # somebody removed it in the tool
        evidence = tuple(m for i in kept.evidence for m in spans.get(i, ()))
        draft.evidence_used.update(kept.evidence)
        made = Relation(
            kept.type,
            kept.source,
            kept.target,
            kept.id,
            evidence,
            kept.attrs,
            kept.by,
            kept.at,
            kept.confidence,
        )
        if index_ is None:
            draft.relations.append(made)
        else:
            draft.relations[index_] = made
