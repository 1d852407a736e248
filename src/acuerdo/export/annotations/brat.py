"""brat standoff: a `.txt`, an `.ann`, and notes of the type Acuerdo for what brat has no line for."""

import re

import msgspec

from acuerdo.export.annotations.placed import Link, Placed, Span, place
from acuerdo.model import Article, Entity, Event, Mention, Scalar

_OWN = re.compile(r"[TER][1-9]\d{0,8}")
_SIMPLE = re.compile(r"\S+")
_LINE_ENDS = re.compile(r"[\r\n]+")


def write(placed: Placed) -> dict[str, bytes]:
    """The two files of an article, by suffix."""
    text = placed.article.text or ""
    return {
        "txt": text.encode("utf-8"),
        "ann": "".join(f"{line}\n" for line in _Lines(placed, text).lines()).encode("utf-8"),
    }


class _Lines:
    def __init__(self, placed: Placed, text: str) -> None:
        self.placed, self.text = placed, text
        self.events = {s.id: s.thing for s in placed.spans if isinstance(s.thing, Event)}
        self.numbers = _numbers(placed, self.events)
        self.counts = {"A": 0, "N": 0, "#": 0, "R": 0}
        self.first: str | None = None

    def lines(self) -> list[str]:
        out = [self._span(span) for span in self.placed.spans]
        out += [self._event(ident) for ident in self.events]
        out += [self._relation(link) for link in self.placed.links if link.kind == "relation"]
        out += self._equivalences()
        for span in self.placed.spans:
            out += self._about(span)
        side = msgspec.json.encode(self.placed.side).decode()
        if side != "{}" and self.placed.spans:
            out.append(self._note(self.numbers[self.placed.spans[0].id], f'{{"article":{side}}}'))
        return out

    def _number(self, kind: str) -> int:
        self.counts[kind] += 1
        return self.counts[kind]

    def _span(self, span: Span) -> str:
        places = _fragments(span.mention, self.text)
        shown = " ".join(self.text[a:b] for a, b in places)
        return f"{self._text_bound(span.id)}\t{span.label} {';'.join(f'{a} {b}' for a, b in places)}\t{shown}"

    def _text_bound(self, ident: str) -> str:
        """The T line of a span; that of an event is its trigger's."""
        return self.numbers[f"{ident}\0trigger"] if ident in self.events else self.numbers[ident]

    def _event(self, ident: str) -> str:
        event = self.events[ident]
        roles: dict[str, int] = {}
        args = []
        for link in self.placed.links:
            if link.source == ident and link.kind in {"argument", "evidence"}:
                roles[link.label] = roles.get(link.label, 0) + 1
                count = roles[link.label]
                args.append(f"{link.label}{count if count > 1 else ''}:{self.numbers[link.target]}")
        return (
            f"{self.numbers[ident]}\t{' '.join([f'{event.type}:{self._text_bound(ident)}', *args])}"
        )

    def _relation(self, link: Link) -> str:
        return f"R{self._number('R')}\t{link.label} Arg1:{self.numbers[link.source]} Arg2:{self.numbers[link.target]}"

    def _equivalences(self) -> list[str]:
        groups: dict[str, list[str]] = {}
        for link in self.placed.links:
            if link.kind == "same" and link.source not in self.events:
                groups.setdefault(link.source, [self.numbers[link.source]]).append(
                    self.numbers[link.target]
                )
        return [f"*\tEquiv {' '.join(members)}" for members in groups.values()]

    # -- attributes, links, notes ---------------------------------------------------------------

    def _about(self, span: Span) -> list[str]:
        number = self.numbers[span.id]
        thing = span.thing
        note: dict[str, object] = {} if number == span.id else {"id": span.id}
        out = []
        if thing is not None:
            simple = {k: v for k, v in thing.attrs.items() if _is_simple(k, v)}
            if isinstance(thing.value, str) and _is_simple("value", thing.value):
                simple["value"] = thing.value
            out += [
                f"A{self._number('A')}\t{k} {number}{'' if v is True else f' {v}'}"
                for k, v in simple.items()
            ]
            out += [
                f"N{self._number('N')}\tReference {number} {link}\t{thing.name or self._words(span)}"
                for link in _references(thing)
            ]
            note |= _rest(thing, simple)
            more = [
                self._text_bound(link.target)
                for link in self.placed.links
                if link.kind == "same" and link.source == span.id and span.id in self.events
            ]
            if more:
                note["mentions"] = more
        if note:
            out.append(self._note(number, msgspec.json.encode(note).decode()))
        return out

    def _words(self, span: Span) -> str:
        return _LINE_ENDS.sub(" ", span.mention.text or "")

    def _note(self, number: str, words: str) -> str:
        return f"#{self._number('#')}\tAcuerdo {number}\t{words}"


def _numbers(placed: Placed, events: dict[str, Event]) -> dict[str, str]:
    """Brat's ids; one that is brat's already is kept."""
    kept = {
        s.id
        for s in placed.spans
        if _OWN.fullmatch(s.id) and s.id[0] == ("E" if s.id in events else "T")
    }
    counts = {"T": 0, "E": 0}

    def new(kind: str) -> str:
        counts[kind] += 1
        while f"{kind}{counts[kind]}" in kept:
            counts[kind] += 1
        return f"{kind}{counts[kind]}"

    numbers: dict[str, str] = {}
    for span in placed.spans:
        if span.id in events:
            numbers[f"{span.id}\0trigger"] = new("T")
        numbers[span.id] = span.id if span.id in kept else new("E" if span.id in events else "T")
    return numbers


def _fragments(mention: Mention, text: str) -> list[tuple[int, int]]:
    """A span as brat takes it: cut where a line ends, for the line of an annotation has none."""
    places = []
    for start, end in ((mention.start, mention.end), *mention.more):
        at = start
        for found in _LINE_ENDS.finditer(text, start, end):
            if found.start() > at:
                places.append((at, found.start()))
            at = found.end()
        if end > at:
            places.append((at, end))
    return places or [(mention.start, mention.end)]


def _is_simple(key: str, value: Scalar | tuple[Scalar, ...]) -> bool:
    """Whether brat's line for attributes says it: one word, or nothing but that it holds."""
    return _SIMPLE.fullmatch(key) is not None and (
        value is True or (isinstance(value, str) and _SIMPLE.fullmatch(value) is not None)
    )


def _references(thing: Entity) -> list[str]:
    return [
        *([f"acuerdo:{thing.ref}"] if thing.ref else []),
        *(link for link in thing.links if _SIMPLE.fullmatch(link)),
    ]


def _rest(thing: Entity, simple: dict[str, Scalar | tuple[Scalar, ...]]) -> dict[str, object]:
    """What no line of brat's has said of a thing."""
    rest: dict[str, object] = {
        k: v for k in ("name", "by", "at", "confidence") if (v := getattr(thing, k)) is not None
    }
    if thing.value is not None and "value" not in simple:
        rest["value"] = thing.value
    attrs = {k: v for k, v in thing.attrs.items() if k not in simple}
    if attrs:
        rest["attrs"] = attrs
    return rest


def reduced(article: Article) -> Article:
    """What comes back from brat: line ends at the edges of a span, or alone between fragments, are not kept; without any span nothing is."""
    text = article.text or ""
    if not place(article).spans:
        # What has no line in brat is kept in notes, and a note stands on a span.
        return msgspec.structs.replace(
            article, sections=(), agents={}, attrs={}, entities=(), events=(), relations=()
        )

    def joined(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
        return tuple(dict.fromkeys(_joined(m, text) for m in mentions))

    return msgspec.structs.replace(
        article,
        entities=tuple(
            msgspec.structs.replace(e, mentions=joined(e.mentions)) for e in article.entities
        ),
        events=tuple(
            msgspec.structs.replace(e, mentions=joined(e.mentions), evidence=joined(e.evidence))
            for e in article.events
        ),
        relations=tuple(
            msgspec.structs.replace(r, evidence=joined(r.evidence)) for r in article.relations
        ),
    )


def _joined(mention: Mention, text: str) -> Mention:
    places: list[tuple[int, int]] = []
    for start, end in _fragments(mention, text):
        if places and not text[places[-1][1] : start].strip("\r\n"):
            places[-1] = (places[-1][0], end)
        else:
            places.append((start, end))
    words = " ".join(text[a:b] for a, b in places)
    return Mention(places[0][0], places[0][1], words, None, tuple(places[1:]))
