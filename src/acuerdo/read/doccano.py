"""doccano JSON Lines, in all the shapes it has had.

`label` or `labels` with `[start, end, label]`, `entities` with `start_offset` (and `relations`), or the old
`annotations` whose labels are numbers. Each user's export is a file: its stem names the layer.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import msgspec
from msgspec import Struct

from acuerdo.model import Agent, Entity, Relation
from acuerdo.read import json_text
from acuerdo.read.draft import SAME, Draft, Layer, scalars, word
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Folder, Source
from acuerdo.report import Fault, escaped

NAME = "doccano"
_USER = "username"  # of the first versions, which wrote all users into one file
_LOST = {"entities", "spans", "relations", "cats"}
_SHARED = {"all", "admin", "unknown", "export", "train", "test", "dev", "dataset", "data"}


def sniff_tree(tree: Any) -> bool:
    """Whether the object has one of the four shapes."""
    if not isinstance(tree, dict) or not isinstance(tree.get("text", tree.get("data")), str):
        return False
    named = not tree.keys().isdisjoint({"id", "doc_id"})
    for key in ("label", "labels"):
        spans = tree.get(key)
        if isinstance(spans, list) and (
            not spans
            or all(isinstance(s, list) and len(s) == 3 for s in spans)
            or (named and all(isinstance(s, str) for s in spans))
        ):
            return True
    if _USER in tree and isinstance(tree.get("entities"), list):
        return True
    return any(
        isinstance(items, list)
        and all(isinstance(i, dict) for i in items)
        and (not items or "start_offset" in items[0])
        for items in (tree.get("entities"), tree.get("annotations"))
        if items is not None
    )


def read(source: Source) -> Iterator[Draft | Fault]:
    """The documents of one user's export."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    layer = _layer(source)
    for number, document in enumerate(json_text.documents(data, source.name), start=1):
        if isinstance(document, Fault):
            yield document
            continue
        yield from document.faults
        yield _draft(document.tree, source, layer, number)


class _Ident(Struct):
    id: int | str | None = None
    doc_id: int | str | None = None
    username: str | None = None
    text: str | None = None
    data: str | None = None

    @property
    def tree(self) -> dict[str, Any]:
        """As much of the document as its name depends on."""
        ident = self.id if self.id is not None else self.doc_id
        return {"id": ident, "text": self.text if self.text is not None else self.data}


def peek(source: Source) -> Iterator[Layer]:
    """Document and layer of each line, without looking at the annotations."""
    _compare_texts(source.folder)
    layer = _layer(source)
    idents = _peeked(source)
    if idents is None:
        for draft in read(source):
            if isinstance(draft, Draft):
                yield draft.document, draft.layer or "", False
        return
    for number, ident in enumerate(idents, start=1):
        yield _document(ident.tree, source, number), ident.username or layer, False


def _peeked(source: Source) -> list[_Ident] | None:
    """What each line says of its document; None where the file is not in lines, or cannot be read."""
    data = source.contents()
    if isinstance(data, Fault):
        return []
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    try:
        return [_IDENT.decode(line) for line in lines if line.strip()]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _compare_texts(folder: Folder) -> None:
    """Find out, once, which documents of a folder's files have one number and several texts."""
    if "doccano" in folder.kept:
        return
    folder.kept["doccano"] = {}
    for source in folder:
        if source.suffix in {"json", "jsonl", "ndjson"}:
            for number, ident in enumerate(_peeked(source) or (), start=1):
                _document(ident.tree, source, number)


_IDENT = msgspec.json.Decoder(_Ident)


def _layer(source: Source) -> str:
    return source.stem.rpartition("/")[2].rpartition("!")[2]


def _draft(tree: Any, source: Source, layer: str, number: int) -> Draft | Fault:
    text = tree.get("text", tree.get("data")) if isinstance(tree, dict) else None
    if not isinstance(text, str):
        return Fault(
            "TEXT_MISSING",
            "the document has no text.",
            "Export as JSONL with the text.",
            file=source.name,
            line=number,
            dropped="article",
        )
    layer = word(tree.get(_USER)) or layer
    meta = tree.get("meta", tree.get("metadata"))
    metadata = {**from_object(meta), **from_object({k: v for k, v in tree.items() if k != "id"})}
    draft = Draft(
        _document(tree, source, number), source.name, text=text, layer=layer, metadata=metadata
    )
    if layer.casefold() not in _SHARED:
        draft.agents[layer] = Agent("person", layer)
    by = layer if layer in draft.agents else None
    _spans(draft, tree, by)
    _relations(draft, tree, by)
    return draft


def _document(tree: dict[str, Any], source: Source, number: int) -> str:
    ident = tree.get("id", tree.get("doc_id"))
    own = str(ident) if isinstance(ident, str | int) and ident != "" else str(number)
    if isinstance(ident, str) and ident:
        return own
    stem = source.stem.rpartition("/")[2]
    if len(source.folder.files) < 2:
        return f"{stem}-{own}".lstrip("-")
    # The files of several users stand in one folder or archive and number the same documents alike; other
    # texts under the same number are other documents, each called after the first file that has it.
    folder = source.path.rpartition("/")[0] or PurePath(source.folder.name).stem
    kept: dict[str, dict[int, str]] = source.folder.kept.setdefault("doccano", {})
    texts = kept.setdefault(f"{folder}-{own}", {})
    first = texts.setdefault(hash(tree.get("text", tree.get("data"))), stem)
    return f"{folder if len(texts) == 1 else first}-{own}".lstrip("-")


def _spans(draft: Draft, tree: dict[str, Any], by: str | None) -> None:
    for key in ("entities", "label", "labels", "annotations"):
        items = tree.get(key)
        if not isinstance(items, list):
            if key == "entities" and items is not None:
                _no_list(draft, key)
            continue
        for index, item in enumerate(items):
            if isinstance(item, list) and len(item) == 3:
                _triple(draft, item, f"s{index + 1}", by)
            elif isinstance(item, dict):
                _object(draft, item, index, by)
            elif not isinstance(item, str) or item in _LOST:
                draft.faults.note(
                    "VALUE_INVALID",
                    f"{key}[{index}] is no span.",
                    "Export spans, not categories; some versions of doccano lose them: export with a newer one.",
                    f"s{index + 1}",
                )
            else:
                # Categories of the whole document are not about a place in it.
                draft.attrs["x-category"] = (*_tuple(draft.attrs.get("x-category")), item)


def _no_list(draft: Draft, key: str) -> None:
    draft.faults.note("VALUE_INVALID", f"{key} is not a list.", "Export as JSONL again.", None)


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _triple(draft: Draft, item: list[Any], ident: str, by: str | None) -> None:
    mention = draft.mention(item[0], item[1], None, ident)
    if mention:
        draft.entities.append(Entity(ident, str(item[2]), mentions=(mention,), by=by))


def _object(draft: Draft, item: dict[str, Any], index: int, by: str | None) -> None:
    given = item.get("id")
    ident = str(given) if isinstance(given, str | int) else f"s{index + 1}"
    mention = draft.mention(
        item.get("start_offset", item.get("start")),
        item.get("end_offset", item.get("end")),
        item.get("text"),
        ident,
    )
    label = item.get("label", item.get("label_text"))
    if not isinstance(label, str | int):
        draft.faults.note("UNKNOWN_TYPE", "the span has no label.", "Give it a label.", ident)
    elif mention:
        prob = scalars(item["prob"]) if "prob" in item else None
        attrs = {"x-prob": prob} if prob is not None else {}
        draft.entities.append(Entity(ident, str(label), mentions=(mention,), by=by, attrs=attrs))


def _relations(draft: Draft, tree: dict[str, Any], by: str | None) -> None:
    items = tree.get("relations")
    if items is not None and not isinstance(items, list):
        _no_list(draft, "relations")
    for index, item in enumerate(items if isinstance(items, list) else []):
        ident = (
            str(item["id"])
            if isinstance(item, dict) and isinstance(item.get("id"), str | int)
            else f"r{index + 1}"
        )
        ends = (item.get("from_id"), item.get("to_id")) if isinstance(item, dict) else (None, None)
        if not all(isinstance(end, str | int) for end in ends):
            draft.faults.note(
                "DANGLING_REFERENCE",
                f"relation {escaped(ident)} lacks an end.",
                "Draw it again.",
                ident,
                "relation",
            )
        elif item.get("type") == SAME:
            draft.same.append((str(ends[0]), str(ends[1])))
        else:
            label = item.get("type", item.get("label"))
            draft.relations.append(
                Relation(
                    str(label) if label is not None else "",
                    str(ends[0]),
                    str(ends[1]),
                    f"r{ident}" if ident.isdigit() else ident,
                    by=by,
                )
            )
