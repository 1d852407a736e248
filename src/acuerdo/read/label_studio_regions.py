"""The results of one Label Studio annotation: regions, what is said of them, relations between them."""

from collections.abc import Iterator
from typing import Any

import msgspec

from acuerdo.model import Entity, Mention, Relation, Scalar
from acuerdo.read.draft import SAME, Draft, joined, scalars
from acuerdo.read.html_text import text_of
from acuerdo.report import escaped

_LABELS = ("labels", "hypertextlabels", "paragraphlabels", "timeserieslabels")


class Regions:
    """The results of one annotation: regions, what is said about them, and relations between them."""

    def __init__(
        self,
        draft: Draft,
        annotation: dict[str, Any],
        paragraphs: list[int] | None,
        by: str | None,
    ) -> None:
        self.draft, self.paragraphs, self.by = draft, paragraphs, by
        results = annotation.get("result")
        self.results = results if isinstance(results, list) else []
        if results is not None and not isinstance(results, list):
            draft.faults.note("VALUE_INVALID", "result is not a list.", "Export as JSON.")
        at = annotation.get("updated_at") or annotation.get("created_at")
        self.at = at if isinstance(at, str) else None
        score = annotation.get("score")
        self.score = _confidence(score)
        self.entities: dict[str, Entity] = {}
        self.said: dict[str, dict[str, Any]] = {}
        self.relations: list[Relation] = []
        self.html = False

    def read(self) -> None:
        """Put all of it into the draft."""
        for index, result in enumerate(self.results):
            if not isinstance(result, dict):
                self.draft.faults.note(
                    "VALUE_INVALID",
                    "a result is a JSON object.",
                    "Export as JSON.",
                    f"result {index}",
                )
            elif result.get("type") == "relation" or ("from_id" in result and "to_id" in result):
                self._relation(result, index)
            else:
                self._region(result, index)
        self._say()
        self._put_together()

    # -- results ------------------------------------------------------------------------------

    def _region(self, result: dict[str, Any], index: int) -> None:
        value = result.get("value")
        kind = result.get("type")
        ident = str(result["id"]) if isinstance(result.get("id"), str | int) else f"r{index + 1}"
        if not isinstance(value, dict):
            self.draft.faults.note(
                "VALUE_INVALID", "the result has no value.", "Export as JSON.", ident
            )
            return
        labels = next(
            (
                value[k]
                for k in (kind, *_LABELS)
                if isinstance(k, str) and isinstance(value.get(k), list)
            ),
            None,
        )
        if kind in _LABELS or (
            labels is not None
            and "start" in value
            and kind not in ("choices", "taxonomy", "textarea")
        ):
            self._labelled(ident, labels or [], value, result)
        elif isinstance(kind, str) and kind:
            self._about(ident, kind, value, result)
        else:
            self.draft.faults.note(
                "VALUE_INVALID", "the result has no type.", "Export as JSON.", ident
            )

    def _labelled(
        self, ident: str, labels: list[Any], value: dict[str, Any], result: dict[str, Any]
    ) -> None:
        mention = self._mention(ident, value)
        if mention is None:
            return
        if not labels:
            self.draft.faults.note(
                "UNKNOWN_TYPE", "the region has no label.", "Give it a label, or delete it.", ident
            )
            return
        mention = _with_fragments(mention, meta_of(result).get("more"))
        confidence = self._confidence(result, value)
        meta = result.get("meta") if isinstance(result.get("meta"), dict) else {}
        for number, label in enumerate(labels):
            own = ident if number == 0 else f"{ident}-{number + 1}"
            if own in self.entities:
                self.draft.faults.note(
                    "DUPLICATE_ID",
                    f"the id {escaped(own)} stands twice; the first stays.",
                    "Give each region its own id.",
                    own,
                )
                continue
            self.entities[own] = Entity(
                own, str(label), mentions=(mention,), by=self.by, at=self.at, confidence=confidence
            )
            if meta:
                self.said.setdefault(own, {})["meta"] = meta

    def _confidence(self, result: dict[str, Any], value: dict[str, Any]) -> float | None:
        """The score of a region, else of the whole prediction; Annotation Lab has it in the value."""
        given = (result.get("score"), value.get("confidence"), value.get("score"))
        own = next((score for score in given if score is not None), None)
        return _confidence(own) if own is not None else self.score

    def _mention(self, ident: str, value: dict[str, Any]) -> Any:
        start, end, text = value.get("start"), value.get("end"), value.get("text")
        if isinstance(value.get("globalOffsets"), dict):
            start, end = value["globalOffsets"].get("start"), value["globalOffsets"].get("end")
            self._as_html()
        elif (
            self.paragraphs is not None
            and isinstance(start, str)
            and start.isascii()
            and start.isdigit()
            and int(start) < len(self.paragraphs)
        ):
            last = value.get("end")
            final = (
                int(last)
                if isinstance(last, str)
                and last.isascii()
                and last.isdigit()
                and int(last) < len(self.paragraphs)
                else int(start)
            )
            start, end = value.get("startOffset"), value.get("endOffset")
            if type(start) is int and type(end) is int:
                start, end = (
                    start + self.paragraphs[int(value["start"])],
                    end + self.paragraphs[final],
                )
        elif isinstance(start, str) and start.startswith("/"):
            self.draft.faults.note(
                "OFFSET_TYPE",
                "the region has XPath places and no globalOffsets.",
                "Export with a Label Studio of 2021 or later.",
                ident,
            )
            return None
        return self.draft.mention(start, end, text, ident)

    def _as_html(self) -> None:
        if not self.html and self.paragraphs is None and self.draft.text is not None:
            self.html = True
            self.draft.text = text_of(self.draft.text)

    def _about(self, ident: str, kind: str, value: dict[str, Any], result: dict[str, Any]) -> None:
        """A choice, number or text that shares the id of a region says something of it; else of the article."""
        name = result.get("from_name")
        said = value.get(kind, value.get("text"))
        found = scalars(_paths(said) if kind == "taxonomy" else said)
        if kind.endswith("labels") or (found is None and not {kind, "text"} & value.keys()):
            self.draft.faults.note(
                "VALUE_INVALID",
                f"a result of type {escaped(kind)} is about no span of the text.",
                "Only text is read; annotate images and sound elsewhere.",
                ident,
            )
            return
        if found is None:
            return
        if isinstance(found, tuple) and len(found) == 1:
            found = found[0]
        about = self.said.setdefault(ident, {})
        about[str(name or kind)] = joined(about.get(str(name or kind)), found)

    def _relation(self, result: dict[str, Any], index: int) -> None:
        source, target, direction = (
            result.get("from_id"),
            result.get("to_id"),
            result.get("direction", "right"),
        )
        labels = result.get("labels") if isinstance(result.get("labels"), list) else []
        ident = str(result["id"]) if isinstance(result.get("id"), str | int) else None
        if not isinstance(source, str | int) or not isinstance(target, str | int):
            self.draft.faults.note(
                "DANGLING_REFERENCE",
                "the relation lacks an end.",
                "Draw it again.",
                ident or f"relation {index}",
                "relation",
            )
            return
        ends = (str(target), str(source)) if direction == "left" else (str(source), str(target))
        if not labels:
            self.draft.faults.note(
                "UNKNOWN_TYPE",
                f"the relation from {escaped(ends[0])} to {escaped(ends[1])} has no label.",
                "Give it a label.",
                ident or f"relation {index}",
                "relation",
            )
        for label in labels or ():
            self.relations.append(Relation(str(label), *ends, ident, by=self.by, at=self.at))

    # -- together -----------------------------------------------------------------------------

    def _say(self) -> None:
        """Hang what was said about a region on it: links, names and values in their fields, the rest attributes."""
        for ident, said in self.said.items():
            entity = self.entities.get(ident)
            meta = said.pop("meta", None)
            if entity is None:
                self.draft.attrs.update(
                    {
                        f"x-{name}" if not name.startswith("x-") else name: v
                        for name, v in said.items()
                    }
                )
                continue
            fields: dict[str, Any] = dict(_own_meta(meta))
            attrs: dict[str, Scalar | tuple[Scalar, ...]] = {**fields.pop("attrs", {})}
            attrs |= said
            self.entities[ident] = msgspec.structs.replace(entity, **fields, attrs=attrs)

    def _put_together(self) -> None:
        draft = self.draft
        draft.entities = list(self.entities.values())
        draft.same = [(r.source, r.target) for r in self.relations if r.type == SAME]
        draft.relations = [r for r in self.relations if r.type != SAME]


def meta_of(result: dict[str, Any]) -> dict[str, Any]:
    """What our writer keeps in a region's meta."""
    meta = result.get("meta")
    own = meta.get("acuerdo") if isinstance(meta, dict) else None
    return own if isinstance(own, dict) else {}


def _with_fragments(mention: Mention, more: Any) -> Mention:
    """The further fragments of a span, which the tool does not know; its words are then not the region's."""
    pairs = (
        [p for p in more if isinstance(p, list) and len(p) == 2] if isinstance(more, list) else []
    )
    good = tuple((a, b) for a, b in pairs if type(a) is int and type(b) is int and a >= 0)
    if not good or len(good) != len(more):
        return mention
    return Mention(mention.start, mention.end, None, None, good)


def _paths(said: Any) -> Any:
    """A taxonomy's choice is a path; its last step is the value."""
    if isinstance(said, list):
        return [path[-1] if isinstance(path, list) and path else path for path in said]
    return said


def _own_meta(meta: Any) -> Iterator[tuple[str, Any]]:
    """The fields that our writer keeps in a region's meta; a person's note there becomes `x-note`."""
    if not isinstance(meta, dict):
        return
    own = meta.get("acuerdo")
    attrs: dict[str, Any] = {}
    if isinstance(own, dict):
        for key, value in own.items():
            if key == "attrs" and isinstance(value, dict):
                attrs |= {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
            elif key == "links" and isinstance(value, list):
                yield key, tuple(str(v) for v in value)
            elif (
                (key in {"name", "ref", "by", "at"} and isinstance(value, str))
                or (key == "value" and isinstance(value, str | int | float))
                or (key == "confidence" and _confidence(value) is not None)
            ):
                yield key, value
    note = scalars(meta.get("text"))
    if note is not None:
        attrs["x-note"] = note[0] if isinstance(note, tuple) and len(note) == 1 else note
    if attrs:
        yield "attrs", attrs


def _confidence(score: Any) -> float | None:
    if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1:
        return float(score)
    return None
