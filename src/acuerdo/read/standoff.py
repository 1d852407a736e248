"""The lines of a brat annotation file, read one by one and then put together."""

import re
from collections.abc import Container
from typing import Any, TypeVar

import msgspec

from acuerdo.model import Entity, Event, Mention, Relation, Scalar
from acuerdo.read.draft import Draft, joined, rename
from acuerdo.report import escaped

T = TypeVar("T", Entity, Event, Relation)
NOTE = "Acuerdo"  # the type of notes in which our writer keeps what brat has no line for
_NUMBERED = re.compile(r"(.*[^\d])\d+$")
_OFFSET = re.compile(r"-?\d{1,12}", re.ASCII)


class Standoff:
    """One annotation file, line by line, then put together."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.spans: dict[str, tuple[str, Mention]] = {}
        self.events: dict[str, tuple[str, str, list[tuple[str, str]]]] = {}
        self.relations: list[tuple[str, str, list[tuple[str, str]]]] = []
        self.attrs: dict[str, dict[str, Scalar | tuple[Scalar, ...]]] = {}
        self.links: dict[str, list[str]] = {}
        self.notes: dict[str, dict[str, Any]] = {}
        self.same: list[list[str]] = []
        self.said: list[tuple[str, str, int]] = []  # of which annotation, by which line
        self.kinds = {
            "T": self._span,
            "E": self._event,
            "R": self._relation,
            "A": self._attribute,
            "M": self._attribute,
            "N": self._link,
            "#": self._note,
            "*": self._equivalence,
        }

    def read(self, lines: str) -> None:
        """Put all lines into the draft."""
        # Only a line feed ends a line: a surface may hold other separators that splitlines would cut at.
        for number, line in enumerate(lines.split("\n"), start=1):
            if line.strip():
                self._line(line.rstrip("\r"), number)
        self._put_together()

    def _line(self, line: str, number: int) -> None:
        read = self.kinds.get(line[:1])
        ident, _, rest = line.partition("\t")
        if read is None or not rest:
            hint = (
                "Fields are separated by a tab."
                if read
                else "Lines begin with T, E, R, A, M, N, * or #."
            )
            self._fault(
                "VALUE_INVALID",
                f"the line {escaped(line)} is not brat standoff.",
                hint,
                ident.strip() or None,
                number,
            )
        else:
            read(ident.strip(), rest, number)

    def _fault(
        self, code: str, sentence: str, hint: str, ident: str | None, line: int | None = None
    ) -> None:
        self.draft.faults.note(code, sentence, hint, ident, line=line)

    def _stands_twice(self, ident: str, before: Container[str], number: int) -> bool:
        if ident not in before:
            return False
        self._fault(
            "DUPLICATE_ID",
            f"the id {escaped(ident)} stands twice; the first stays.",
            "Give each annotation its own id.",
            ident,
            number,
        )
        return True

    # -- lines --------------------------------------------------------------------------------

    def _span(self, ident: str, rest: str, number: int) -> None:
        head, _, surface = rest.partition("\t")
        label, _, places = head.partition(" ")
        pairs = [place.split() for place in places.split(";")]
        flat = [offset for pair in pairs for offset in pair]
        if not all(len(pair) == 2 for pair in pairs) or not all(_OFFSET.fullmatch(o) for o in flat):
            self._fault(
                "OFFSET_TYPE",
                f"{escaped(places)} is no span.",
                "Write offsets as 0 4 or 0 4;9 15.",
                ident,
                number,
            )
            return
        if self._stands_twice(ident, self.spans, number):
            return
        numbers = [(int(a), int(b)) for a, b in pairs]
        mention = self.draft.mention(*numbers[0], surface, ident, tuple(numbers[1:]))
        if mention and any(a < 0 or b < 0 for a, b in numbers):
            self._fault(
                "FRAGMENTS_INVALID",
                "a fragment has a negative offset.",
                "Offsets count from 0.",
                ident,
                number,
            )
        elif mention:
            self.spans[ident] = (label, self._joined_fragments(mention))

    def _joined_fragments(self, mention: Mention) -> Mention:
        """Brat cuts a span at a line end into fragments; where only white space lies between, it is one span."""
        text, start, end, more = (
            self.draft.text or "",
            mention.start,
            mention.end,
            list[tuple[int, int]](),
        )
        for a, b in mention.more:
            if not more and a >= end and not text[end:a].strip("\r\n"):
                end = b
            else:
                more.append((a, b))
        if end == mention.end:
            return mention
        return Mention(start, end, mention.text, None, tuple(more))

    def _event(self, ident: str, rest: str, number: int) -> None:
        head, *args = rest.split()
        label, colon, trigger = head.partition(":")
        if self._stands_twice(ident, self.events, number):
            return
        self.events[ident] = (label, trigger if colon else "", self._pairs(ident, args, number))

    def _pairs(self, ident: str, args: list[str], number: int) -> list[tuple[str, str]]:
        pairs = []
        for arg in args:
            role, colon, target = arg.rpartition(":")
            if colon and role and target:
                pairs.append((role, target))
            else:
                self._fault(
                    "VALUE_INVALID",
                    f"{escaped(arg)} is no argument.",
                    "Write arguments as Role:T1.",
                    ident,
                    number,
                )
        return pairs

    def _relation(self, ident: str, rest: str, number: int) -> None:
        label, *args = rest.split()
        pairs = self._pairs(ident, args, number)
        if len(pairs) != 2:
            self._fault(
                "VALUE_INVALID",
                f"the relation has {len(pairs)} arguments.",
                "Write R1, a tab, Label Arg1:T1 Arg2:T2.",
                ident,
                number,
            )
            return
        self.relations.append((ident, label, pairs))

    def _attribute(self, ident: str, rest: str, number: int) -> None:
        parts = rest.replace("\t", " ").split(" ", 2)
        if len(parts) < 2:
            self._fault(
                "VALUE_INVALID",
                "the attribute names no annotation.",
                "Write A1, a tab, Label T1 Value.",
                ident,
                number,
            )
            return
        self.said.append((parts[1], ident, number))
        value: Scalar = parts[2].strip() if len(parts) > 2 and parts[2].strip() else True
        own = self.attrs.setdefault(parts[1], {})
        own[parts[0]] = joined(own.get(parts[0]), value)

    def _link(self, ident: str, rest: str, number: int) -> None:
        parts = rest.partition("\t")[0].split(" ", 2)
        if len(parts) < 3 or not parts[2].strip():
            self._fault(
                "VALUE_INVALID",
                "the reference names no annotation or no entry.",
                "Write N1, a tab, Reference T1 Wikidata:Q96.",
                ident,
                number,
            )
            return
        self.said.append((parts[1], ident, number))
        self.links.setdefault(parts[1], []).append(parts[2].strip())

    def _note(self, _ident: str, rest: str, _number: int) -> None:
        head, _, tail = rest.partition("\t")
        kind, _, target = head.strip().partition(" ")
        if kind == NOTE:
            try:
                kept = msgspec.json.decode(tail.encode("utf-8", "surrogatepass"))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
                kept = None
            if isinstance(kept, dict):
                self.draft.side = kept.pop("article", self.draft.side)
                self.notes.setdefault(target, {}).update(kept)
                return
        if target and tail.strip():
            own = self.attrs.setdefault(target, {})
            own["x-note"] = joined(own.get("x-note"), tail.strip())

    def _equivalence(self, _ident: str, rest: str, number: int) -> None:
        _, *members = rest.split()
        if len(members) < 2:
            self._fault(
                "VALUE_INVALID",
                "the equivalence names fewer than two spans.",
                "Write *, a tab, Equiv T1 T2.",
                None,
                number,
            )
            return
        self.same.append(members)

    # -- together -----------------------------------------------------------------------------

    def _put_together(self) -> None:
        self._said_of_nothing()
        draft, triggers = self.draft, self._triggers()
        further = {t for ident in self.events for t in self._further(ident)}
        draft.entities = [
            self._kept(ident, self._entity(ident, label, mention))
            for ident, (label, mention) in self.spans.items()
            if ident not in triggers and ident not in further
        ]
        draft.events = [
            self._kept(ident, event)
            for ident, (label, trigger, args) in self.events.items()
            if (event := self._made_event(ident, label, trigger, args, triggers))
        ]
        draft.relations = [
            self._kept(ident, self._made_relation(ident, label, pairs, triggers))
            for ident, label, pairs in self.relations
        ]
        draft.same = [(members[0], other) for members in self.same for other in members[1:]]
        own = ((ident, note.get("id")) for ident, note in self.notes.items())
        rename(draft, {ident: name for ident, name in own if isinstance(name, str)})

    def _said_of_nothing(self) -> None:
        """Name what is said of an annotation that is not there."""
        known = {*self.spans, *self.events, *(ident for ident, _, _ in self.relations)}
        for target, ident, number in self.said:
            if target not in known:
                self._fault(
                    "DANGLING_REFERENCE",
                    f"it is said of {escaped(target)}, which is not in the file or was dropped.",
                    "Correct the id.",
                    ident,
                    number,
                )

    def _triggers(self) -> dict[str, str]:
        """The event of each trigger, the first of several; what is said of the trigger becomes the event's."""
        triggers: dict[str, str] = {}
        for ident, (_, trigger, _) in self.events.items():
            triggers.setdefault(trigger, ident)
        for trigger, ident in triggers.items():
            self.attrs[ident] = {**self.attrs.pop(trigger, {}), **self.attrs.get(ident, {})}
        return triggers

    def _entity(self, ident: str, label: str, mention: Mention) -> Entity:
        links = tuple(self.links.get(ident, ()))
        return Entity(ident, label, links=links, mentions=(mention,), attrs=self._attrs(ident))

    def _made_relation(
        self, ident: str, label: str, pairs: list[tuple[str, str]], triggers: dict[str, str]
    ) -> Relation:
        named = {role.casefold() for role, _ in pairs} == {"arg1", "arg2"}
        (_, one), (_, other) = sorted(pairs, key=lambda pair: pair[0]) if named else pairs
        ends = triggers.get(one, one), triggers.get(other, other)
        return Relation(label, *ends, ident, attrs=self._attrs(ident))

    def _attrs(self, ident: str) -> dict[str, Scalar | tuple[Scalar, ...]]:
        return self.attrs.get(ident, {})

    def _made_event(
        self,
        ident: str,
        label: str,
        trigger: str,
        pairs: list[tuple[str, str]],
        triggers: dict[str, str],
    ) -> Event | None:
        mentions: tuple[Mention, ...] = ()
        if trigger:
            if trigger not in self.spans:
                self.draft.faults.note(
                    "DANGLING_REFERENCE",
                    f"its trigger {escaped(trigger)} is not in the file or was dropped.",
                    "Correct the id.",
                    ident,
                    "event",
                )
                return None
            mentions = (
                self.spans[trigger][1],
                *(self.spans[t][1] for t in self._further(ident) if t in self.spans),
            )
        roles = {role for role, _ in pairs}
        args: dict[str, list[str]] = {}
        for role, target in pairs:
            args.setdefault(self._base_role(role, roles), []).append(triggers.get(target, target))
        attrs = self._attrs(ident)
        links = tuple(self.links.get(ident, self.links.get(trigger, ())))
        return Event(
            ident,
            label,
            mentions=mentions,
            attrs=attrs,
            links=links,
            args={r: tuple(dict.fromkeys(i)) for r, i in args.items()},
        )

    def _further(self, ident: str) -> list[str]:
        """The spans beside its trigger on which our writer found an event mentioned."""
        given = self.notes.get(ident, {}).get("mentions")
        return [t for t in given if isinstance(t, str)] if isinstance(given, list) else []

    def _base_role(self, role: str, roles: set[str]) -> str:
        """`Entity2` is a second `Entity` where that role stands too; else its digit is part of its name."""
        found = _NUMBERED.match(role)
        return found[1] if found and found[1] in roles else role

    def _kept(self, ident: str, item: T) -> T:
        """The annotation with what our own writer noted beside it."""
        note = self.notes.get(ident)
        if not note:
            return item
        fields = {
            k: v
            for k, v in note.items()
            if k in {"name", "ref", "value", "by", "at", "confidence"} and hasattr(item, k)
        }
        if isinstance(note.get("attrs"), dict):
            fields["attrs"] = {
                **item.attrs,
                **{k: tuple(v) if isinstance(v, list) else v for k, v in note["attrs"].items()},
            }
        try:
            return msgspec.convert(
                msgspec.to_builtins(msgspec.structs.replace(item, **fields)), type(item)
            )
        except (msgspec.ValidationError, TypeError):
            self.draft.faults.note(
                "VALUE_INVALID",
                "the note that acuerdo wrote was changed and is left out.",
                "Restore it, or delete it.",
                ident,
            )
            return item
