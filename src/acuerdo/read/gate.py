"""GATE's bdocjs: annotation sets over a text, the one format that says what its offsets count.

Each named set is a layer. Relations and events are annotations or features that name others by id.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from acuerdo.model import Agent, Entity, Event, Scalar
from acuerdo.read import json_text
from acuerdo.read.draft import Draft, Layer, OffsetUnit, scalars, word
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "gate"
_TECHNICAL = {
    "Token",
    "SpaceToken",
    "Sentence",
    "Split",
    "Lookup",
    "paragraph",
    "Paragraph",
    "Unknown",
    "DEFAULT_TOKEN",
    "Document",
}
_LINKS = {"inst", "uri", "URI", "wikidata", "dbpedia"}
_MARKUP = "Original markups"
_SETS = {"", "Key", _MARKUP}


def sniff_tree(tree: Any) -> bool:
    """A text with annotation sets."""
    return isinstance(tree, dict) and "annotation_sets" in tree and "text" in tree


def read(source: Source) -> Iterator[Draft | Fault]:
    """The layers of a document, one an annotation set that holds more than markup."""
    return json_text.each(source, _document)


class _Annotation(Struct):
    type: Any = None


class _Set(Struct):
    annotations: list[_Annotation] = []


class _Peek(Struct):
    text: str
    annotation_sets: dict[str, _Set]
    name: Any = None
    features: Any = None


def peek(source: Source) -> Iterator[Layer]:
    """Document and layer of each set, from the types of its annotations alone."""
    data = source.contents()
    if isinstance(data, Fault):
        return
    try:
        found = msgspec.json.decode(data, type=_Peek)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        for draft in read(source):
            if isinstance(draft, Draft):
                yield draft.document, draft.layer or "", draft.curated
        return
    sets = {n: [a.type for a in s.annotations] for n, s in found.annotation_sets.items()}
    telling = [n for n, types in sets.items() if n != _MARKUP and _tells(types)]
    for name in telling or [""]:
        yield _named(found.name, found.features, source), name, False


def _document(document: json_text.Document, source: Source) -> Iterator[Draft | Fault]:
    tree = document.tree
    sets = tree.get("annotation_sets") if isinstance(tree, dict) else None
    if not isinstance(sets, dict) or not isinstance(tree.get("text"), str):
        yield Fault(
            "TEXT_MISSING",
            "the document has no text or no annotation sets.",
            "Save it as bdocjs.",
            file=source.name,
            dropped="article",
        )
        return
    unit: OffsetUnit = "UTF-16 units" if tree.get("offset_type") == "j" else "code points"
    features = tree.get("features")
    named = _named(tree.get("name"), features, source)
    telling = {
        n: s for n, s in sets.items() if isinstance(s, dict) and n != _MARKUP and _telling(s)
    }
    for set_name, annotations in telling.items() or [("", {})]:
        draft = Draft(
            named,
            source.name,
            text=tree["text"],
            layer=set_name or None,
            unit=unit,
            sure=True,
            metadata=from_object(features),
        )
        if set_name and set_name not in _SETS:
            draft.agents[set_name] = Agent("person", set_name)
        _annotations(draft, annotations, set_name if set_name in draft.agents else None)
        yield draft


def _named(name: Any, features: Any, source: Source) -> str:
    given = name or (features.get("gate.SourceURL") if isinstance(features, dict) else None)
    return given if isinstance(given, str) and given else source.stem


def _telling(annotations: dict[str, Any]) -> bool:
    items = annotations.get("annotations")
    found = [a.get("type") for a in items if isinstance(a, dict)] if isinstance(items, list) else []
    return _tells(found)


def _tells(types: Iterable[Any]) -> bool:
    return any(word(kind) not in _TECHNICAL for kind in types)


def _annotations(draft: Draft, annotations: dict[str, Any], by: str | None) -> None:
    items = annotations.get("annotations")
    known = (
        [a for a in items if isinstance(a, dict) and word(a.get("type")) not in _TECHNICAL]
        if isinstance(items, list)
        else []
    )
    ids = {a.get("id") for a in known if type(a.get("id")) is int}
    _coreference(draft, known, ids)
    for index, item in enumerate(known):
        ident = str(item.get("id", f"a{index + 1}"))
        mention = draft.mention(item.get("start"), item.get("end"), None, ident)
        if mention is None:
            continue
        if not isinstance(item.get("type"), str):
            draft.faults.note("UNKNOWN_TYPE", "the annotation has no type.", "Give it one.", ident)
            continue
        features = item.get("features")
        attrs, args, links = _features(features if isinstance(features, dict) else {}, ids)
        if args:
            draft.events.append(
                Event(
                    ident,
                    item["type"],
                    mentions=(mention,),
                    attrs=attrs,
                    links=links,
                    args=args,
                    by=by,
                )
            )
        else:
            draft.entities.append(
                Entity(ident, item["type"], mentions=(mention,), attrs=attrs, links=links, by=by)
            )


def _coreference(draft: Draft, known: list[dict[str, Any]], ids: set[Any]) -> None:
    """GATE's matches: a list with the ids of all annotations that name one thing, in each of them."""
    for item in known:
        features = item.get("features")
        matches = features.get("matches") if isinstance(features, dict) else None
        same = (
            [m for m in matches if type(m) is int and m in ids] if isinstance(matches, list) else []
        )
        if same and item.get("id") in ids and item["id"] != min(same):
            draft.same.append((str(min(same)), str(item["id"])))


def _features(
    features: dict[str, Any], ids: set[Any]
) -> tuple[dict[str, Scalar | tuple[Scalar, ...]], dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Attributes, arguments (lists of ids, or objects role → ids) and links of an annotation."""
    attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
    args: dict[str, tuple[str, ...]] = {}
    links: list[str] = []
    for name, value in features.items():
        members = value if isinstance(value, list) else []
        if members and name != "matches" and all(type(m) is int and m in ids for m in members):
            args[name] = tuple(map(str, members))
        elif name in _LINKS and isinstance(value, str):
            links.append(value)
        elif name != "matches" and not name.startswith("rule"):
            # The rules by which a grammar found it are the tool's own affair.
            made = scalars(value)
            if made is not None:
                attrs[name] = made
    return attrs, args, tuple(links)
