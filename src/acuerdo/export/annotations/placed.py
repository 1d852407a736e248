"""An article as spans and links between them, which is all that annotation tools know.

Whatever has no span, and whatever a link cannot say, goes into the side data that our readers put back.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec import Struct

from acuerdo.model import Article, Entity, Event, Mention, Relation
from acuerdo.read.side import Side, SideRelation

EVIDENCE_LABEL, SAME_LABEL, EVIDENCE_ROLE = "Evidence", "@same", "evidence"
LinkKind = Literal["argument", "relation", "same", "evidence"]


class Span(Struct):
    """A stretch of text with a label; `thing` on the first span of what it belongs to."""

    id: str
    label: str
    mention: Mention
    thing: Entity | None = None


class Link(Struct, frozen=True):
    """A labelled arrow between two spans."""

    kind: LinkKind
    label: str
    source: str
    target: str


class Placed(Struct):
    """The spans and links of an article, and what stands beside them."""

    article: Article
    spans: list[Span]
    links: list[Link]
    side: Side


def normal(article: Article) -> Article:
    """The article in the one way in which it comes back: it says the same.

    Mentions carry their words, a trigger that is its own evidence is evidence alone, and a bare relation
    that leads from an event is an argument of it.
    """
    text = article.text or ""
    entities = tuple(
        msgspec.structs.replace(e, mentions=_with_words(e.mentions, text)) for e in article.entities
    )
    events = {e.id: _normal_event(e, text) for e in article.events}
    relations = []
    for relation in article.relations:
        made = msgspec.structs.replace(relation, evidence=_with_words(relation.evidence, text))
        event = events.get(made.source)
        if event is None or made.evidence or made.attrs or made.confidence is not None:
            relations.append(made)
        else:
            ids = (*event.args.get(made.type, ()), made.target)
            events[event.id] = msgspec.structs.replace(
                event, args={**event.args, made.type: tuple(dict.fromkeys(ids))}
            )
    return msgspec.structs.replace(
        article,
        sha256=None,
        entities=entities,
        events=tuple(events.values()),
        relations=tuple(relations),
    )


def _normal_event(event: Event, text: str) -> Event:
    evidence = tuple(dict.fromkeys(_with_words(event.evidence, text)))
    mentions = tuple(m for m in _with_words(event.mentions, text) if m not in evidence)
    return msgspec.structs.replace(event, mentions=mentions, evidence=evidence)


def _with_words(mentions: tuple[Mention, ...], text: str) -> tuple[Mention, ...]:
    return tuple(
        Mention(
            m.start,
            m.end,
            " ".join([text[m.start : m.end], *(text[a:b] for a, b in m.more)]),
            None,
            m.more,
        )
        for m in mentions
    )


def place(article: Article) -> Placed:
    """The spans and links of an article in its normal form."""
    article = normal(article)
    return _Placing(article).run()


class _Placing:
    def __init__(self, article: Article) -> None:
        self.article = article
        self.spans: list[Span] = []
        self.links: list[Link] = []
        self.taken = {e.id for e in (*article.entities, *article.events)}
        self.placed: set[str] = set()
        self.evidence: dict[Mention, str] = {}

    def run(self) -> Placed:
        article = self.article
        entities = tuple(e for e in article.entities if not self._thing(e, e.mentions))
        events = tuple(
            e for e in article.events if not self._thing(e, e.mentions or e.evidence[:1])
        )
        unplaced_args = {e.id: self._event_links(e) for e in article.events if e.id in self.placed}
        side = Side(
            sections=article.sections, agents=article.agents, attrs=article.attrs, entities=entities, events=events,
            args={i: a for i, a in unplaced_args.items() if a}, relations=tuple(self._relations()),
        )  # fmt: skip
        return Placed(article, self.spans, self.links, side)

    def _thing(self, thing: Entity, mentions: tuple[Mention, ...]) -> bool:
        """Place a thing on its mentions; False where it has none."""
        if not mentions:
            return False
        self.placed.add(thing.id)
        self.spans.append(Span(thing.id, thing.type, mentions[0], thing))
        for mention in mentions[1:]:
            ident = self._new(f"{thing.id}~", 2)
            self.spans.append(Span(ident, thing.type, mention))
            self.links.append(Link("same", SAME_LABEL, thing.id, ident))
        return True

    def _new(self, stem: str, number: int) -> str:
        while f"{stem}{number}" in self.taken:
            number += 1
        self.taken.add(f"{stem}{number}")
        return f"{stem}{number}"

    def _evidence_span(self, mention: Mention) -> str:
        if mention not in self.evidence:
            ident = self.evidence[mention] = self._new("evidence-", 1)
            self.spans.append(Span(ident, EVIDENCE_LABEL, mention))
        return self.evidence[mention]

    def _event_links(self, event: Event) -> dict[str, tuple[str, ...]]:
        """Link an event to its arguments and evidence; returned are arguments that have no span."""
        for mention in event.evidence:
            self.links.append(
                Link("evidence", EVIDENCE_ROLE, event.id, self._evidence_span(mention))
            )
        rest: dict[str, tuple[str, ...]] = {}
        for role, ids in event.args.items():
            self.links += [Link("argument", role, event.id, i) for i in ids if i in self.placed]
            missing = tuple(i for i in ids if i not in self.placed)
            if missing:
                rest[role] = missing
        return rest

    def _relations(self) -> Iterator[SideRelation]:
        for relation in self.article.relations:
            if {relation.source, relation.target} <= self.placed:
                self.links.append(Link("relation", relation.type, relation.source, relation.target))
            yield self._side_relation(relation)

    def _side_relation(self, r: Relation) -> SideRelation:
        evidence = tuple(self._evidence_span(m) for m in r.evidence)
        return SideRelation(
            r.type, r.source, r.target, r.id, evidence, r.attrs, r.by, r.at, r.confidence
        )
