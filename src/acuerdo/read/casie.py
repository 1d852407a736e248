"""CASIE's JSON of cyber-attack news: nuggets with arguments, grouped into hoppers of one event each.

An argument's index names what fills it: where several events share one, they share the thing. Offsets are
characters, and in some files of the corpus off, so the words of each span are kept for comparison.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from acuerdo.model import Entity, Event, Scalar
from acuerdo.read import json_text
from acuerdo.read.draft import Draft, word
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "casie"
_LINKS = ("wikidataid", "dbpediaURI")


def sniff_tree(tree: Any) -> bool:
    """Whether the object is a text with cyber events."""
    return isinstance(tree, dict) and "cyberevent" in tree and "content" in tree


def read(source: Source) -> Iterator[Draft | Fault]:
    """The documents of a file."""
    return json_text.each(source, _document)


def _document(document: json_text.Document, source: Source) -> Iterator[Draft | Fault]:
    tree = document.tree
    if not isinstance(tree, dict) or not isinstance(tree.get("content"), str):
        yield Fault(
            "TEXT_MISSING",
            "the document has no content.",
            "Keep the text with the annotations.",
            file=source.name,
            line=document.line,
            dropped="article",
        )
        return
    yield _Document(tree, source).draft


def _metadata(tree: dict[str, Any]) -> dict[str, Any]:
    info = tree.get("info") if isinstance(tree.get("info"), dict) else {}
    assert isinstance(info, dict)
    date, link = word(info.get("date")), word(info.get("link"))
    said = {"published": date.replace("_", "-") if date else None, "url": link}
    return {**from_object(info), **from_object(said)}


class _Document:
    """The events of one document, and what takes part in them."""

    def __init__(self, tree: dict[str, Any], source: Source) -> None:
        named = word(tree.get("sourcefile"))
        self.draft = Draft(
            PurePath(named).stem if named else source.stem,
            source.name,
            text=tree["content"],
            metadata=_metadata(tree),
        )
        self.things: dict[str, Entity] = {}
        events = tree.get("cyberevent")
        for hopper in _objects(events.get("hopper")) if isinstance(events, dict) else ():
            told = [
                ident for event in _objects(hopper.get("events")) if (ident := self._event(event))
            ]
            if hopper.get("relation", "Same") == "Same":
                self.draft.same += [(told[0], other) for other in told[1:]]
        self.draft.entities = list(self.things.values())

    def _event(self, event: dict[str, Any]) -> str | None:
        nugget = event.get("nugget")
        nugget = nugget if isinstance(nugget, dict) else {}
        ident = str(event.get("index", nugget.get("index", f"E{len(self.draft.events) + 1}")))
        mention = self.draft.mention(
            nugget.get("startOffset"), nugget.get("endOffset"), nugget.get("text"), ident
        )
        labels = [v for k in ("type", "subtype") if (v := word(event.get(k)))]
        if mention is None:
            return None
        if not labels:
            self.draft.faults.note(
                "UNKNOWN_TYPE", "the event has no type.", "Give it one.", ident, "event"
            )
            return None
        attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
        if realis := word(event.get("realis")):
            attrs["realis"] = realis
        args: dict[str, list[str]] = {}
        for argument in _objects(event.get("argument")):
            role = argument.get("role")
            label = word(role.get("type") if isinstance(role, dict) else role)
            filler = self._thing(argument)
            if filler and label:
                args.setdefault(label, []).append(filler)
            elif filler:
                self.draft.faults.note(
                    "UNKNOWN_TYPE", "the argument has no role.", "Give it one.", filler, "relation"
                )
        made = {role: tuple(dict.fromkeys(ids)) for role, ids in args.items()}
        self.draft.events.append(
            Event(ident, ".".join(labels), mentions=(mention,), attrs=attrs, args=made)
        )
        return ident

    def _thing(self, argument: dict[str, Any]) -> str | None:
        """What fills an argument; a further argument of the same index is one more mention of it."""
        ident = str(argument.get("index", f"A{len(self.things) + 1}"))
        mention = self.draft.mention(
            argument.get("startOffset"), argument.get("endOffset"), argument.get("text"), ident
        )
        label = word(argument.get("type"))
        if mention is None:
            return None
        if not label:
            self.draft.faults.note(
                "UNKNOWN_TYPE", "the argument has no type.", "Give it one.", ident
            )
            return None
        reference = argument.get("external_reference")
        given = reference if isinstance(reference, dict) else {}
        links = tuple(v for k in _LINKS if (v := word(given.get(k))))
        before = self.things.get(ident)
        self.things[ident] = Entity(
            ident,
            before.type if before else label,
            links=tuple(dict.fromkeys((*(before.links if before else ()), *links))),
            mentions=tuple(dict.fromkeys((*(before.mentions if before else ()), mention))),
        )
        return ident


def _objects(items: Any) -> list[dict[str, Any]]:
    return [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
