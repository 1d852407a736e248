"""Label Studio JSON: tasks with annotations (or completions, as they were called) and predictions.

Each annotation of a task is a layer: its annotator is who completed it, a prediction's is the model. Offsets
are JavaScript's (UTF-16 units). An event is a labelled region that relations lead from.
"""

import re
from collections.abc import Iterator
from typing import Any

from acuerdo.model import Agent
from acuerdo.read import json_text
from acuerdo.read.draft import Draft
from acuerdo.read.label_studio_regions import Regions
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "label-studio"
MIN = "label-studio-min"
MIN_HINT = "it is Label Studio's JSON-MIN, which leaves out relations and ids; export as JSON"
_LINK = re.compile(r"(?:https?|s3|gs|azure-blob|file)://\S+|/?data/\S+|data:\S+", re.IGNORECASE)
_TEXT_KEYS = ("text", "html", "content", "body", "article", "document", "dialogue")


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
    # The oldest has neither: only regions that lost what held them.
    lists = [v for v in tree.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    if any({"start", "end", "labels"} <= v[0].keys() for v in lists):
        return MIN
    return None


def read(source: Source) -> Iterator[Draft | Fault]:
    """The layers of each task, one after another."""
    return json_text.each(source, _task)


def _task(document: json_text.Document, source: Source) -> Iterator[Draft | Fault]:
    task = document.tree
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
        linked = any(isinstance(v, str) and _LINK.fullmatch(v.strip()) for v in data.values())
        yield Fault(
            "TEXT_MISSING",
            f"the task holds {'a link to a file and ' if linked else ''}no text.",
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
        Regions(draft, annotation, paragraphs, layer if agent else None).read()
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
    places = _places(task)
    texts = [
        value
        for value in data.values()
        if isinstance(value, str) and value and not _is_link(value, places)
    ]
    dialogues = [value for value in data.values() if _is_dialogue(value)]
    used = next((v for name in _used_keys(task) if (v := data.get(name)) in texts), None)
    if used is not None:
        return used, None
    if len(texts) > 1:
        preferred = [v for key in _TEXT_KEYS if (v := data.get(key)) in texts]
        ranked = sorted(
            [*preferred, *texts], key=lambda t: (-_agreeing(t, places), -(t in preferred), -len(t))
        )
        if not dialogues or _agreeing(ranked[0], places):
            return ranked[0], None
    if dialogues:
        return _joined_dialogue(dialogues[0])
    return (texts[0], None) if texts else (None, None)


def _is_link(value: str, places: list[tuple[int, str]]) -> bool:
    """Whether a field leads to a file (an image, a sound, a text elsewhere) and no region quotes it."""
    return _LINK.fullmatch(value.strip()) is not None and not _agreeing(value, places)


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


def _used_keys(task: dict[str, Any]) -> Iterator[str]:
    """The keys that results say they annotate; `to_name` is the tag's name, most often also the key."""
    for results in _all_results(task):
        for result in results:
            name = result.get("to_name") if isinstance(result, dict) else None
            if isinstance(name, str):
                yield name


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
