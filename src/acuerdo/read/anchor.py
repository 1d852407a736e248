"""Offsets of a tool put on the text: the unit is found, the words compared, nothing moved unasked.

Choosing what an offset counts (code points, UTF-16 units, bytes) is reading. Moving a span is repair: it
happens only on request, only to a place that cannot be another one, and is always listed.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate

import msgspec

from acuerdo.model import Mention
from acuerdo.read.draft import Draft, OffsetUnit, mentions_of
from acuerdo.report import escaped

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_SPACE = re.compile(r"\s+")


def anchor(draft: Draft, *, repair: bool = False) -> None:
    """Put all spans of the draft on code points of its text, each with the words that stand there.

    A span whose words differ stays as it is, for the common check to name and drop; with `repair` it
    moves where its words stand, when there is only one such place.
    """
    text = draft.text
    if text is None:
        return
    spans = _Spans(draft, text)
    unit = draft.unit if draft.sure else _voted(draft, text)
    table = _starts(text, unit)
    if table is None and not repair:
        _write(draft, lambda span: _as_it_stands(span, text))
        return
    for mention in mentions_of(draft):
        spans.place(mention, table)
    if repair and spans.differing:
        spans.repair()
    spans.write()


def _voted(draft: Draft, text: str) -> OffsetUnit:
    """The unit in which most spans show their own words; the format's unit where that is a draw."""
    candidates = _candidates(text)
    if len(candidates) == 1:
        return "code points"
    speaking = [m for m in mentions_of(draft) if m.text is not None]
    votes = {unit: _agreeing(speaking, text, _starts(text, unit)) for unit in candidates}
    preferred = draft.unit if draft.unit in votes else "code points"
    return max(candidates, key=lambda unit: (votes[unit], unit == preferred, unit == "code points"))


def _candidates(text: str) -> list[OffsetUnit]:
    if text.isascii():
        return ["code points"]
    return (
        ["code points", "UTF-16 units", "bytes"]
        if _ASTRAL.search(text)
        else ["code points", "bytes"]
    )


def _agreeing(spans: list[Mention], text: str, table: list[int] | None) -> int:
    count = 0
    for span in spans:
        placed = _converted(span, table)
        count += placed is not None and _same_words(_words(text, placed), span.text or "")
    return count


def _starts(text: str, unit: OffsetUnit) -> list[int] | None:
    """The offset in the unit at which each code point starts, and the end; None where both count alike."""
    if unit == "code points" or text.isascii():
        return None
    if unit == "bytes":
        widths = [
            1 if c < "\x80" else 2 if c < "\u0800" else 3 if c < "\U00010000" else 4 for c in text
        ]
    elif _ASTRAL.search(text):
        widths = [2 if c >= "\U00010000" else 1 for c in text]
    else:
        return None
    return list(accumulate(widths, initial=0))


def _converted(span: Mention, table: list[int] | None) -> Mention | None:
    """The span in code points; None where an offset lies inside a character or outside the text."""
    if table is None:
        return span
    flat = [span.start, span.end, *(o for pair in span.more for o in pair)]
    found = [bisect_left(table, offset) for offset in flat]
    if any(at >= len(table) or table[at] != offset for at, offset in zip(found, flat, strict=True)):
        return None
    more = tuple(zip(found[2::2], found[3::2], strict=True))
    return Mention(found[0], found[1], span.text, span.digest, more)


def _words(text: str, span: Mention) -> str:
    first = text[span.start : span.end]
    return " ".join([first, *(text[a:b] for a, b in span.more)]) if span.more else first


def _same_words(one: str, other: str) -> bool:
    return one == other or _SPACE.sub(" ", one).strip() == _SPACE.sub(" ", other).strip()


class _Spans:
    """The spans of one draft on their way to code points; equal spans are one."""

    def __init__(self, draft: Draft, text: str) -> None:
        self.draft, self.text = draft, text
        self.placed: dict[Mention, Mention] = {}
        self.differing: list[Mention] = []
        self.moves: dict[Mention, int] = {}
        self.owners: dict[Mention, str] = {}

    def place(self, span: Mention, table: list[int] | None) -> None:
        if span in self.placed:
            return
        found = _converted(span, table)
        if found is None or not found.start < found.end <= len(self.text):
            self.placed[span] = span
            if span.text is not None:
                self.differing.append(span)
            return
        words = _words(self.text, found)
        if span.text is None or _same_words(words, span.text):
            found = Mention(found.start, found.end, words, span.digest, found.more)
        else:
            self.differing.append(span)
        self.placed[span] = found

    # -- repair -------------------------------------------------------------------------------

    def repair(self) -> None:
        """Move what has one possible place: its words stand once, or where neighbours moved to."""
        shift: int | None = None
        left = []
        only = self._only_places()
        for span in sorted(self.differing, key=lambda m: (m.start, m.end)):
            place = only.get(span)
            if place is not None:
                shift = place - self.placed[span].start
                self._move(span, place)
                self.moves[span] = shift
            elif shift is None or not self._follow(span, shift):
                left.append(span)
        # What stands before a sure place may follow that one instead: once more, from the end.
        for span in sorted((*left, *self.moves), key=lambda m: (m.start, m.end), reverse=True):
            if span in self.moves:
                shift = self.moves[span]
            elif shift is not None:
                self._follow(span, shift)

    def _only_places(self) -> dict[Mention, int]:
        """Where the words of a span stand once, as far as most places keep the order that the spans had.

        Words that stand once may still be other ones: those of the span went with a piece of the text.
        """
        only = {s: place for s in self.differing if (place := self._only_place(s)) is not None}
        agreeing = [
            (s.start, p.start) for s, p in self.placed.items() if p is not s and s not in only
        ]
        places = sorted([(s.start, place) for s, place in only.items()] + agreeing)
        kept = {places[n] for n in _in_order([new for _, new in places])}
        if 2 * len(kept) <= len(places):
            return only
        return {s: place for s, place in only.items() if (s.start, place) in kept}

    def _only_place(self, span: Mention) -> int | None:
        words = span.text or ""
        if span.more:
            return None
        first = self.text.find(words)
        if first < 0 or self.text.find(words, first + 1) >= 0:
            return None
        return first

    def _follow(self, span: Mention, shift: int) -> bool:
        start = self.placed[span].start + shift
        words = span.text or ""
        if span.more or start < 0 or self.text[start : start + len(words)] != words:
            return False
        self._move(span, start)
        return True

    def _move(self, span: Mention, start: int) -> None:
        old = self.placed[span]
        new = Mention(start, start + len(span.text or ""), span.text, span.digest)
        self.placed[span] = new
        sentence = (
            f"moved from [{old.start},{old.end}) {escaped(_words(self.text, old))} "
            f"to [{new.start},{new.end}) {escaped(span.text or '')}."
        )
        self.draft.faults.note(
            "SPAN_MOVED",
            sentence,
            "Look at it: the text was edited after it was annotated.",
            self._owner(span),
            None,
            start=new.start,
            end=new.end,
        )

    def _owner(self, span: Mention) -> str | None:
        if not self.owners:
            for event in self.draft.events:
                self.owners |= dict.fromkeys(event.evidence, event.id)
            for item in (*self.draft.events, *self.draft.entities):
                self.owners |= dict.fromkeys(item.mentions, item.id)
        return self.owners.get(span)

    # -- back into the draft ------------------------------------------------------------------

    def write(self) -> None:
        _write(self.draft, self.placed.__getitem__)


def _in_order(places: list[int]) -> set[int]:
    """Which places, by their index, are the longest run that goes up as they come."""
    tails: list[int] = []  # the smallest place at which a run of each length can end
    lengths = []
    for place in places:
        at = bisect_right(tails, place)
        tails[at : at + 1] = [place]
        lengths.append(at)
    kept, sought = set(), len(tails) - 1
    for index in reversed(range(len(places))):
        if lengths[index] == sought:
            kept.add(index)
            sought -= 1
    return kept


def _as_it_stands(span: Mention, text: str) -> Mention:
    """A span that counts code points already, with the words that stand there; as it is where they differ."""
    start, end, surface = span.start, span.end, span.text
    if not start < end <= len(text):
        return span
    words = text[start:end] if not span.more else _words(text, span)
    if words == surface:
        return span
    if surface is None or _same_words(words, surface):
        return Mention(start, end, words, span.digest, span.more)
    return span


def _write(draft: Draft, placed: Callable[[Mention], Mention]) -> None:
    """Put each span's place into the draft."""
    replace = msgspec.structs.replace

    def at(spans: tuple[Mention, ...]) -> tuple[Mention, ...]:
        return tuple(map(placed, spans))

    draft.entities = [
        replace(e, mentions=at(e.mentions)) if e.mentions else e for e in draft.entities
    ]
    draft.events = [
        replace(e, mentions=at(e.mentions), evidence=at(e.evidence)) for e in draft.events
    ]
    draft.relations = [
        replace(r, evidence=at(r.evidence)) if r.evidence else r for r in draft.relations
    ]
