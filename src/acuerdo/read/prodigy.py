"""Prodigy JSON Lines, and spaCy's JSON in its several shapes: a text with spans by character offset.

Only what was accepted counts. Relations name their ends by span; a span is known by start, end and label.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from acuerdo.model import Agent, Entity, Relation
from acuerdo.read import json_text, spacy_training
from acuerdo.read.draft import SAME, Draft, Layer
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "prodigy"
_KEYS = ("spans", "ents", "entities")


def sniff_tree(tree: Any) -> bool:
    """A text with spans that have start, end and label; or `[text, {"entities": […]}]`, as spaCy was trained with."""
    if isinstance(tree, list):
        return (
            len(tree) == 2
            and isinstance(tree[0], str)
            and isinstance(tree[1], dict)
            and "entities" in tree[1]
        )
    if not isinstance(tree, dict):
        return False
    if ("annotations" in tree and "classes" in tree) or spacy_training.sniff_tree(tree):
        return True
    if not isinstance(tree.get("text"), str):
        return False
    if {"_input_hash", "_task_hash", "answer"} & tree.keys() or tree.keys() == {"text", "meta"}:
        return True
    return any(_are_spans(tree[key]) for key in _KEYS if key in tree)


def _are_spans(spans: Any) -> bool:
    if isinstance(spans, dict):
        return all(isinstance(group, list) for group in spans.values())
    if not isinstance(spans, list):
        return spans is None
    first = spans[0] if spans else {"start": 0, "end": 0}
    if isinstance(first, list):
        return len(first) >= 3 and type(first[0]) is int and type(first[1]) is int
    return isinstance(first, dict) and {"start", "end"} <= first.keys()


def read(source: Source) -> Iterator[Draft | Fault]:
    """The accepted documents of a file; what one annotator said of one text in several answers is one document."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    if not _repeats(data):
        yield from _each(data, source)
        return
    whole: dict[tuple[str, str | None, str | None], Draft] = {}
    for found in _each(data, source):
        if isinstance(found, Fault):
            yield found
            continue
        first = whole.setdefault((found.document, found.layer, found.text), found)
        if first is not found:
            _join(first, found)
    yield from whole.values()


def _join(first: Draft, other: Draft) -> None:
    """Add what a further answer says of the same text."""
    known = {e.id for e in first.entities}
    first.entities += [e for e in other.entities if e.id not in known]
    first.relations += [r for r in other.relations if r not in first.relations]
    first.same += other.same
    first.faults.extend(other.faults)


def _each(data: bytes, source: Source) -> Iterator[Draft | Fault]:
    number = 0
    for document in json_text.documents(data, source.name):
        if isinstance(document, Fault):
            yield document
            continue
        yield from document.faults
        for tree in _examples(document.tree):
            number += 1
            found = _draft(tree, source, number)
            if found is not None:
                yield found


class _Peek(Struct):
    annotator: Any = field(name="_annotator_id", default=None)
    session: Any = field(name="_session_id", default=None)
    input_hash: Any = field(name="_input_hash", default=None)
    id: Any = None
    doc_id: Any = None
    meta: Any = None
    answer: Any = "accept"


_PEEK = msgspec.json.Decoder(_Peek)


def _peeked(data: bytes) -> list[_Peek] | None:
    """What each line says of its document; None where the file is not in lines."""
    try:
        return [
            _PEEK.decode(line)
            for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
            if line.strip()
        ]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _repeats(data: bytes) -> bool:
    """Whether several accepted answers are about the same text, as binary questions make them."""
    if b'"_input_hash"' not in data:
        return False
    hashes = [str(line.input_hash) for line in _peeked(data) or () if line.answer == "accept"]
    return len(set(hashes)) < len(hashes)


def peek(source: Source) -> Iterator[Layer]:
    """Document and annotator of each line; nothing where no line names an annotator."""
    data = source.contents()
    if isinstance(data, Fault) or (b'"_annotator_id"' not in data and b'"_session_id"' not in data):
        return
    lines = _peeked(data)
    if lines is None:
        for draft in _each(data, source):
            if isinstance(draft, Draft):
                yield draft.document, draft.layer or "", False
        return
    for number, line in enumerate(lines, start=1):
        if line.answer == "accept":
            known = {"_input_hash": line.input_hash, "id": line.id, "doc_id": line.doc_id}
            tree = {name: value for name, value in known.items() if value is not None}
            by = next((v for v in (line.annotator, line.session) if isinstance(v, str) and v), "")
            yield _document(tree, from_object(line.meta), source, number), by, False


def _examples(tree: Any) -> Iterator[Any]:
    """One example a document; a table of classes and annotations holds many."""
    if isinstance(tree, dict) and isinstance(tree.get("annotations"), list) and "classes" in tree:
        yield from (pair for pair in tree["annotations"] if pair is not None)
    elif spacy_training.sniff_tree(tree):
        yield spacy_training.example(tree)
    else:
        yield tree


def _draft(tree: Any, source: Source, number: int) -> Draft | Fault | None:
    if (
        isinstance(tree, list)
        and len(tree) == 2
        and isinstance(tree[0], str)
        and isinstance(tree[1], dict)
    ):
        tree = {**tree[1], "text": tree[0]}
    text = tree.get("text") if isinstance(tree, dict) else None
    if not isinstance(text, str) or not isinstance(tree, dict):
        return Fault(
            "TEXT_MISSING",
            "the document has no text.",
            "Export it with its text.",
            file=source.name,
            line=number,
            dropped="article",
        )
    if tree.get("answer", "accept") != "accept":
        return None
    meta = tree.get("meta")
    metadata = {**from_object({k: v for k, v in tree.items() if k != "id"}), **from_object(meta)}
    by = next(
        (
            tree[k]
            for k in ("_annotator_id", "_session_id")
            if isinstance(tree.get(k), str) and tree[k]
        ),
        None,
    )
    draft = Draft(
        _document(tree, metadata, source, number),
        source.name,
        text=text,
        layer=by,
        metadata=metadata,
    )
    if by:
        draft.agents[by] = Agent("person", by)
    _Spans(draft, tree, by).read()
    if isinstance(tree.get("label"), str) and tree["label"]:
        # Categories of the whole text are not about a place in it.
        draft.attrs["x-category"] = tree["label"]
    return draft


def _document(tree: dict[str, Any], metadata: dict[str, Any], source: Source, number: int) -> str:
    stem = source.stem.rpartition("/")[2]
    if metadata.get("id"):
        return str(metadata["id"])
    given = tree.get("id", tree.get("doc_id", tree.get("_input_hash", number)))
    if isinstance(given, str) and given:
        return given
    return f"{stem}-{given if isinstance(given, int) else number}".replace("--", "-")


def _span_id(start: Any, end: Any, label: Any) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", f"{start}-{end}-{label}")


class _Spans:
    """The spans and relations of one example."""

    def __init__(self, draft: Draft, tree: dict[str, Any], by: str | None) -> None:
        self.draft, self.tree, self.by = draft, tree, by
        self.by_place: dict[tuple[Any, Any], str] = {}
        self.ids: set[str] = set()

    def read(self) -> None:
        for key in _KEYS:
            spans = self.tree.get(key)
            groups = spans if isinstance(spans, dict) else {"": spans}
            for group in groups.values():
                for span in group if isinstance(group, list) else ():
                    self._span(span)
        for index, relation in enumerate(
            self.tree["relations"] if isinstance(self.tree.get("relations"), list) else ()
        ):
            self._relation(relation, index)
        self._choice()

    def _span(self, span: Any) -> None:
        draft = self.draft
        if isinstance(span, list) and len(span) >= 3:
            span = {"start": span[0], "end": span[1], "label": span[2]}
        if not isinstance(span, dict):
            draft.faults.note(
                "VALUE_INVALID",
                "a span is an object with start, end and label.",
                "Export it again.",
            )
            return
        label = span.get("label", span.get("label_"))
        # Spans without a label are matches of a pattern or places of a choice, and say nothing.
        ident = _span_id(span.get("start"), span.get("end"), label)
        mention = draft.mention(span.get("start"), span.get("end"), span.get("text"), ident)
        if mention is None:
            return
        if not isinstance(label, str) or not label:
            draft.faults.note("UNKNOWN_TYPE", "the span has no label.", "Give it a label.", ident)
            return
        links = tuple(
            str(span[k])
            for k in ("kb_id", "kb_id_", "ent_kb_id")
            if isinstance(span.get(k), str) and span[k]
        )
        place = (span.get("start"), span.get("end"))
        if ident in self.ids:
            return
        self.ids.add(ident)
        self.by_place.setdefault(place, ident)
        score = span.get("score")
        confidence = (
            float(score)
            if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1
            else None
        )
        draft.entities.append(
            Entity(
                ident, label, links=links, mentions=(mention,), by=self.by, confidence=confidence
            )
        )

    def _relation(self, relation: Any, index: int) -> None:
        ends = (
            [self._end(relation, side) for side in ("head", "child")]
            if isinstance(relation, dict)
            else [None, None]
        )
        label = relation.get("label") if isinstance(relation, dict) else None
        if ends[0] is None or ends[1] is None:
            self.draft.faults.note(
                "DANGLING_REFERENCE",
                "the relation names a span that is not in the example.",
                "Draw it again.",
                f"relation {index + 1}",
                "relation",
            )
        elif label == SAME:
            self.draft.same.append((ends[0], ends[1]))
        else:
            self.draft.relations.append(Relation(str(label), ends[0], ends[1], by=self.by))

    def _end(self, relation: dict[str, Any], side: str) -> str | None:
        """The span that the relation leads from or to; a token alone is the shortest span around it."""
        span = relation.get(f"{side}_span")
        if isinstance(span, dict):
            return self._known(span.get("start"), span.get("end"), span.get("label"))
        tokens = self.tree.get("tokens")
        index = relation.get(side)
        if not isinstance(tokens, list) or type(index) is not int or not 0 <= index < len(tokens):
            return None
        token = tokens[index]
        if not isinstance(token, dict):
            return None
        start, end = token.get("start"), token.get("end")
        if type(start) is not int or type(end) is not int:
            return None
        around = [(b - a, i) for (a, b), i in self.by_place.items() if a <= start and end <= b]
        return min(around)[1] if around else None

    def _known(self, start: Any, end: Any, label: Any) -> str | None:
        ident = _span_id(start, end, label)
        if ident in self.ids:
            return ident
        try:
            return self.by_place.get((start, end))
        except TypeError:
            return None

    def _choice(self) -> None:
        """In a view with choices the accepted one is what the span is linked to."""
        accepted = self.tree.get("accept")
        if (
            not isinstance(accepted, list)
            or not accepted
            or not all(isinstance(a, str) for a in accepted)
        ):
            return
        if len(self.draft.entities) == 1:
            only = self.draft.entities[0]
            self.draft.entities[0] = Entity(
                only.id,
                only.type,
                links=(*only.links, *(a for a in accepted if not a.startswith("NIL"))),
                mentions=only.mentions,
                by=only.by,
                confidence=only.confidence,
            )
        else:
            self.draft.attrs["x-accept"] = tuple(accepted)
