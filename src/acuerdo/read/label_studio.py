"""Label Studio JSON: tasks with annotations (or completions, as they were called) and predictions.

Each annotation of a task is a layer: its annotator is who completed it, a prediction's is the model. Offsets
are JavaScript's (UTF-16 units). An event is a labelled region that relations lead from.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from acuerdo.model import Agent, Entity, Mention, Relation, Scalar
from acuerdo.read import json_text
from acuerdo.read.draft import SAME, Draft, joined, scalars
from acuerdo.read.html_text import text_of
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault, escaped

NAME = "label-studio"
MIN = "label-studio-min"
MIN_HINT = "it is Label Studio's JSON-MIN, which leaves out relations and ids; export as JSON"
_TEXT_KEYS = ("text", "html", "content", "body", "article", "document", "dialogue")
_LABELS = ("labels", "hypertextlabels", "paragraphlabels", "timeserieslabels")


def sniff_tree(tree: Any) -> str | None:
    """label-studio, or label-studio-min for the short form that has lost its relations."""
    if not isinstance(tree, dict):
        return None
    results = [tree.get(key) for key in ("annotations", "completions", "predictions")]
    if isinstance(tree.get("data"), dict) and any(isinstance(r, list) for r in results):
        return NAME
    if any(
        isinstance(r, list) and r and isinstance(r[0], dict) and "result" in r[0] for r in results
    ):
        return NAME
    if (
        {"annotation_id", "annotator", "lead_time"} & tree.keys()
        and "id" in tree
        and "entities" not in tree
    ):
        return MIN
    return None


def read(source: Source) -> Iterator[Draft | Fault]:
    """The layers of each task, one after another."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    for document in json_text.documents(data, source.name):
        if isinstance(document, Fault):
            yield document
            continue
        yield from document.faults
        yield from _task(document.tree, source)


def _task(task: Any, source: Source) -> Iterator[Draft | Fault]:
    if not isinstance(task, dict):
        yield Fault(
            "VALUE_INVALID",
            "a task is a JSON object.",
            "Export as JSON.",
            file=source.name,
            dropped="article",
        )
        return
    data = task.get("data") if isinstance(task.get("data"), dict) else task
    assert isinstance(data, dict)
    metadata = {**from_object(task.get("meta")), **from_object(data)}
    ident = _document(task, data, source)
    text, paragraphs = _text(task, data)
    if text is None:
        yield Fault(
            "TEXT_MISSING",
            "the task holds no text.",
            "Import tasks with their text, not with a link to it.",
            file=source.name,
            article=ident,
            dropped="article",
        )
        return
    layers = list(_layers(task))
    for layer, agent, kind, annotation in layers:
        draft = Draft(
            ident, source.name, text=text, layer=layer, unit="UTF-16 units", metadata=metadata
        )
        if agent:
            draft.agents[layer] = agent
        draft.curated, draft.side = kind == "ground truth", data.get("acuerdo")
        _Regions(draft, annotation, paragraphs, layer if agent else None).read()
        yield draft
    if not layers:
        yield Draft(ident, source.name, text=text, metadata=metadata)


def _document(task: dict[str, Any], data: dict[str, Any], source: Source) -> str:
    own = data.get("id")
    if isinstance(own, str) and own:
        return own
    inner = task.get("inner_id", "")
    ident = task.get("id", data.get("id", inner))
    return f"{source.stem}-{ident}" if ident not in (None, "") else source.stem


def _text(task: dict[str, Any], data: dict[str, Any]) -> tuple[str | None, list[int] | None]:
    """The annotated text, and where each paragraph of a dialogue starts.

    Results name the tag and not the key of the data, so the words of regions tell which text it is.
    """
    texts = [value for value in data.values() if isinstance(value, str) and value]
    dialogues = [value for value in data.values() if _is_dialogue(value)]
    used = data.get(_used_key(task))
    if isinstance(used, str) and used:
        return used, None
    if len(texts) > 1:
        preferred = [v for key in _TEXT_KEYS if isinstance(v := data.get(key), str) and v]
        places = _places(task)
        ranked = sorted(
            [*preferred, *texts], key=lambda t: (-_agreeing(t, places), -(t in preferred), -len(t))
        )
        if not dialogues or _agreeing(ranked[0], places):
            return ranked[0], None
    if dialogues:
        return _joined_dialogue(dialogues[0])
    return (texts[0], None) if texts else (None, None)


def _is_dialogue(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(p, dict) and isinstance(p.get("text"), str) for p in value)
    )


def _joined_dialogue(paragraphs: list[dict[str, str]]) -> tuple[str, list[int]]:
    starts, text = [], ""
    for paragraph in paragraphs:
        starts.append(len(text))
        text += paragraph["text"] + "\n"
    return text, starts


def _places(task: dict[str, Any]) -> list[tuple[int, str]]:
    """Start and words of the first regions."""
    values = (
        r.get("value") for results in _all_results(task) for r in results if isinstance(r, dict)
    )
    found = ((v.get("start"), v.get("text")) for v in values if isinstance(v, dict))
    return [(s, t) for s, t in found if type(s) is int and isinstance(t, str) and t][:20]


def _agreeing(text: str, places: list[tuple[int, str]]) -> int:
    """How many regions have their words in the text; those at their place count more."""
    return sum(2 if text.startswith(words, start) else words in text for start, words in places)


def _used_key(task: dict[str, Any]) -> str:
    """The key that results say they annotate; `to_name` is the tag's name, most often also the key."""
    for results in _all_results(task):
        for result in results:
            name = result.get("to_name") if isinstance(result, dict) else None
            if isinstance(name, str):
                return name
    return ""


def _all_results(task: dict[str, Any]) -> Iterator[list[Any]]:
    for key in ("annotations", "completions", "predictions"):
        for annotation in _list(task.get(key)):
            if isinstance(annotation, dict) and isinstance(annotation.get("result"), list):
                yield annotation["result"]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _layers(task: dict[str, Any]) -> Iterator[tuple[str, Agent | None, str, dict[str, Any]]]:
    """Each annotation that counts, with the name of its layer; predictions only where nobody annotated."""
    persons = [
        a
        for key in ("annotations", "completions")
        for a in _list(task.get(key))
        if isinstance(a, dict) and not a.get("was_cancelled")
    ]
    names: dict[str, int] = {}
    for annotation in persons:
        agent = _person(annotation.get("completed_by", annotation.get("created_username")))
        yield (
            _numbered(agent.name or "annotator" if agent else "annotator", names),
            agent,
            "ground truth"
            if True in (annotation.get("ground_truth"), annotation.get("honeypot"))
            else "",
            annotation,
        )
    if persons:
        return
    for prediction in _list(task.get("predictions")):
        if isinstance(prediction, dict):
            model = prediction.get("model_version")
            name = model if isinstance(model, str) and model else "model"
            # What we wrote ourselves says of each region who made it; it is nobody's prediction.
            agent = None if name.startswith("acuerdo ") else Agent("software", name)
            yield _numbered(name, names), agent, "", prediction


def _numbered(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def _person(given: Any) -> Agent | None:
    if isinstance(given, dict):
        full = " ".join(str(given[k]) for k in ("first_name", "last_name") if given.get(k))
        name = given.get("email") or given.get("username") or full or given.get("id")
        return Agent("person", str(name)) if name not in (None, "") else None
    return Agent("person", str(given)) if isinstance(given, str | int) and given != "" else None


class _Regions:
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
        at = annotation.get("updated_at") or annotation.get("created_at")
        self.at = at if isinstance(at, str) else None
        score = annotation.get("score")
        self.score = _confidence(score)
        self.entities: dict[str, Entity] = {}
        self.said: dict[str, dict[str, Any]] = {}
        self.relations: list[Relation] = []
        self.html = False

    def read(self) -> None:
        for index, result in enumerate(self.results):
            if not isinstance(result, dict):
                self.draft.fault(
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
            self.draft.fault("VALUE_INVALID", "the result has no value.", "Export as JSON.", ident)
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
            self.draft.fault("VALUE_INVALID", "the result has no type.", "Export as JSON.", ident)

    def _labelled(
        self, ident: str, labels: list[Any], value: dict[str, Any], result: dict[str, Any]
    ) -> None:
        mention = self._mention(ident, value)
        if mention is None:
            return
        if not labels:
            self.draft.fault(
                "UNKNOWN_TYPE", "the region has no label.", "Give it a label, or delete it.", ident
            )
            return
        mention = _with_fragments(mention, meta_of(result).get("more"))
        confidence = self._confidence(result, value)
        meta = result.get("meta") if isinstance(result.get("meta"), dict) else {}
        for number, label in enumerate(labels):
            own = ident if number == 0 else f"{ident}-{number + 1}"
            if own in self.entities:
                self.draft.fault(
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
            self.draft.fault(
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
            self.draft.fault(
                "DANGLING_REFERENCE",
                "the relation lacks an end.",
                "Draw it again.",
                ident or f"relation {index}",
                "relation",
            )
            return
        ends = (str(target), str(source)) if direction == "left" else (str(source), str(target))
        if not labels:
            self.draft.fault(
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
