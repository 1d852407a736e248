"""PubAnnotation JSON: denotations, relations, attributes; projects as tracks; a list holds divisions."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from acuerdo.model import Agent, Entity, Mention, Relation, Scalar
from acuerdo.read import json_text
from acuerdo.read.draft import SAME, Draft, Layer, joined, scalars, word
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "pubannotation"
_BODY = ("denotations", "blocks")
_SAID = (*_BODY, "relations", "attributes", "modifications")


def sniff_tree(tree: Any) -> bool:
    """A text with denotations, blocks or tracks."""
    return (
        isinstance(tree, dict)
        and isinstance(tree.get("text"), str)
        and any(isinstance(tree.get(k), list) for k in ("denotations", "blocks", "tracks"))
    )


def read(source: Source) -> Iterator[Draft | Fault]:
    """The documents of a file; each track of a document is a layer."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    for number, document in enumerate(json_text.documents(data, source.name), start=1):
        if isinstance(document, Fault):
            yield document
            continue
        yield from document.faults
        yield from _document(document.tree, source, number)


def _document(tree: Any, source: Source, number: int) -> Iterator[Draft | Fault]:
    if not isinstance(tree, dict) or not isinstance(tree.get("text"), str):
        yield Fault(
            "TEXT_MISSING",
            "the document has no text.",
            "Export it with its text.",
            file=source.name,
            line=number,
            dropped="article",
        )
        return
    metadata = from_object(tree)
    ident = _ident(tree, source, number)
    for name, track in _layers(tree):
        draft = Draft(ident, source.name, text=tree["text"], layer=name, metadata=metadata)
        if name:
            draft.agents[name] = Agent("software", name)
        _Track(draft, track, name).read()
        yield draft


def peek(source: Source) -> Iterator[Layer]:
    """Document and layer of each track, without looking at the annotations."""
    data = source.contents()
    if isinstance(data, Fault):
        return
    for number, document in enumerate(json_text.documents(data, source.name), start=1):
        tree = document.tree if isinstance(document, json_text.Document) else None
        if isinstance(tree, dict) and isinstance(tree.get("text"), str):
            ident = _ident(tree, source, number)
            yield from ((ident, name or "", False) for name, _ in _layers(tree))


def _layers(tree: dict[str, Any]) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """The document itself and its tracks, with the project of each; one that says nothing is no layer."""
    tracks = tree.get("tracks")
    found = [tree] if any(k in tree for k in _BODY) or not isinstance(tracks, list) else []
    found += [t for t in tracks if isinstance(t, dict)] if isinstance(tracks, list) else []
    layers = [layer for layer in found if any(layer.get(k) for k in _SAID)] or found[:1]
    for position, track in enumerate(layers, start=1):
        named = word(track.get("project")) or None
        yield named or (None if len(layers) == 1 else f"track-{position}"), track


def _ident(tree: dict[str, Any], source: Source, number: int) -> str:
    db, ident, division = (
        tree.get("sourcedb"),
        tree.get("sourceid"),
        tree.get("divid", tree.get("div_id")),
    )
    if ident is None:
        given = tree.get("id")
        return (
            given
            if isinstance(given, str) and given
            else source.stem
            if number == 1
            else f"{source.stem}-{number}"
        )
    parts = [str(p) for p in (db, ident, division) if p not in (None, "")]
    return "-".join(parts)


class _Track:
    """The annotations of one project."""

    def __init__(self, draft: Draft, track: dict[str, Any], by: str | None) -> None:
        self.draft, self.track, self.by = draft, track, by

    def read(self) -> None:
        attrs = self._attributes()
        items = [item for key in _BODY for item in self._items(key)]
        taken = {str(item.get("id")) for item in items}
        free = (name for n in count(1) if (name := f"T{n}") not in taken)
        for item in items:
            self._denotation(item, free, attrs)
        for index, item in enumerate(self._items("relations"), start=1):
            self._relation(item, index, attrs)

    def _items(self, key: str) -> list[dict[str, Any]]:
        items = self.track.get(key)
        good = [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
        if isinstance(items, list) and len(good) != len(items):
            self.draft.faults.note(
                "VALUE_INVALID", f"an item of {key} is no object.", "Export it again."
            )
        return good

    def _attributes(self) -> dict[str, dict[str, Scalar | tuple[Scalar, ...]]]:
        found: dict[str, dict[str, Scalar | tuple[Scalar, ...]]] = {}
        for item in [*self._items("attributes"), *self._items("modifications")]:
            about, name, value = (
                item.get("subj", item.get("obj")),
                item.get("pred"),
                item.get("obj", True),
            )
            if "subj" not in item:
                about, value = item.get("obj"), True
            made = scalars(value)
            if isinstance(about, str) and isinstance(name, str) and made is not None:
                own = found.setdefault(about, {})
                own[name] = joined(own.get(name), made)
            else:
                self.draft.faults.note(
                    "VALUE_INVALID",
                    "an attribute lacks subj, pred or obj.",
                    "Export it again.",
                    str(item.get("id", "")) or None,
                )
        return found

    def _denotation(
        self,
        item: dict[str, Any],
        free: Iterator[str],
        attrs: dict[str, dict[str, Scalar | tuple[Scalar, ...]]],
    ) -> None:
        ident = str(item["id"]) if isinstance(item.get("id"), str | int) else next(free)
        mention = self._mention(item, ident)
        label = item.get("obj", item.get("category"))
        if mention is None:
            return
        if not isinstance(label, str) or not label:
            self.draft.faults.note(
                "UNKNOWN_TYPE", "the denotation has no obj.", "Give it a label.", ident
            )
            return
        self.draft.entities.append(
            Entity(ident, label, mentions=(mention,), attrs=attrs.get(ident, {}), by=self.by)
        )

    def _mention(self, item: dict[str, Any], ident: str) -> Mention | None:
        span = item.get("span")
        spans = [
            s if isinstance(s, dict) else {} for s in (span if isinstance(span, list) else [span])
        ] or [{}]
        more: list[tuple[int, int]] = []
        for further in spans[1:]:
            start, end = further.get("begin"), further.get("end")
            if type(start) is not int or type(end) is not int or start < 0:
                self.draft.faults.note(
                    "FRAGMENTS_INVALID",
                    "a fragment has no whole offsets.",
                    "Export it again.",
                    ident,
                )
                return None
            more.append((start, end))
        return self.draft.mention(
            spans[0].get("begin"), spans[0].get("end"), item.get("text"), ident, tuple(more)
        )

    def _relation(
        self,
        item: dict[str, Any],
        index: int,
        attrs: dict[str, dict[str, Scalar | tuple[Scalar, ...]]],
    ) -> None:
        ident = str(item["id"]) if isinstance(item.get("id"), str | int) else f"R{index}"
        source, target, label = item.get("subj"), item.get("obj"), word(item.get("pred"))
        if not isinstance(source, str) or not isinstance(target, str):
            self.draft.faults.note(
                "DANGLING_REFERENCE",
                "the relation lacks subj or obj.",
                "Export it again.",
                ident,
                "relation",
            )
        elif label in {SAME, "coreferenceOf"}:
            self.draft.same.append((target, source))
        else:
            self.draft.relations.append(
                Relation(str(label), source, target, ident, attrs=attrs.get(ident, {}), by=self.by)
            )
