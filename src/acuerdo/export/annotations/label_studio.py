"""Label Studio tasks with predictions: what a person accepts, corrects and sends back as annotations.

Offsets are UTF-16 units, as the tool counts them. Values of a vocabulary are choices that can be changed
in the tool; all else that a region has no place for stands in its meta.
"""

from collections.abc import Callable, Iterator

import msgspec

from acuerdo import __version__
from acuerdo.export.annotations.placed import Link, Placed, Span
from acuerdo.model import Entity

MODEL = f"acuerdo {__version__}"
Json = dict[str, object]


def task(placed: Placed, is_choice: Callable[[str], bool]) -> Json:
    """The task of an article; `is_choice` says whether an attribute takes its values from a vocabulary."""
    article = placed.article
    units = _units(article.text or "")
    data: Json = {"text": article.text, "id": article.id}
    fields = ("title", "publisher", "published", "date_basis", "language", "url", "license")
    data |= {name: v for name in fields if (v := getattr(article, name)) is not None}
    side = msgspec.to_builtins(placed.side)
    if side:
        data["acuerdo"] = side
    result = [
        r for span in placed.spans for r in _region(span, units, article.text or "", is_choice)
    ]
    result += [_relation(link) for link in placed.links]
    return {"data": data, "predictions": [{"model_version": MODEL, "result": result}]}


def _units(text: str) -> Callable[[int], int]:
    """From code points to UTF-16 units."""
    if max(text, default="") < "\U00010000":
        return lambda offset: offset
    before = [0]
    for character in text:
        before.append(before[-1] + (2 if character >= "\U00010000" else 1))
    return before.__getitem__


def _region(
    span: Span, units: Callable[[int], int], text: str, is_choice: Callable[[str], bool]
) -> Iterator[Json]:
    mention, thing = span.mention, span.thing
    place: Json = {
        "start": units(mention.start),
        "end": units(mention.end),
        "text": text[mention.start : mention.end],
    }
    made: Json = {
        "id": span.id,
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {**place, "labels": [span.label]},
    }
    choices = (
        {k: v for k, v in thing.attrs.items() if isinstance(v, str) and is_choice(k)}
        if thing
        else {}
    )
    own = _own(thing, choices) if thing else {}
    if mention.more:
        own["more"] = [[units(a), units(b)] for a, b in mention.more]
    if own:
        made["meta"] = {"acuerdo": own}
    yield made
    for name, value in choices.items():
        yield {
            "id": span.id,
            "from_name": name,
            "to_name": "text",
            "type": "choices",
            "value": {**place, "choices": [value]},
        }
    for name, words in _texts(thing):
        yield {
            "id": span.id,
            "from_name": name,
            "to_name": "text",
            "type": "textarea",
            "value": {**place, "text": words},
        }


def _own(thing: Entity, choices: dict[str, str]) -> Json:
    own: Json = {
        k: v for k in ("name", "by", "at", "confidence") if (v := getattr(thing, k)) is not None
    }
    if thing.value is not None and not isinstance(thing.value, str):
        own["value"] = thing.value
    attrs = {k: v for k, v in thing.attrs.items() if k not in choices}
    if attrs:
        own["attrs"] = attrs
    return own


def _texts(thing: Entity | None) -> Iterator[tuple[str, list[str]]]:
    """What people write into a field of the region: its registry key, links and value."""
    if thing is None:
        return
    if thing.ref is not None:
        yield "ref", [thing.ref]
    if thing.links:
        yield "link", list(thing.links)
    if isinstance(thing.value, str):
        yield "value", [thing.value]


def _relation(link: Link) -> Json:
    return {
        "from_id": link.source,
        "to_id": link.target,
        "type": "relation",
        "direction": "right",
        "labels": [link.label],
    }
