"""The JSON Schema that a language model's structured output has to follow: quotes, never offsets.

Made from the ontology, slim, and strict as hosted models want it: every field required, no other allowed.
"""

from acuerdo.export.annotations.profile import Kind, kinds
from acuerdo.vocabulary import Vocabulary

Json = dict[str, object]
_STRING: Json = {"type": "string"}


def schema(known: Vocabulary) -> Json:
    """The schema (2020-12) of what a model says about one article."""
    all_kinds = kinds(known)
    entities = [k for k in all_kinds if not k.event]
    relations = sorted({name for k in entities for name in k.args})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What an article says, with the words that say it",
        **_object(
            entities=_list(_entity([k.name for k in entities])),
            dates=_list(
                _object(
                    id=_id("d1"),
                    quote=_quote("The words of the date, exactly as in the text."),
                    value={
                        "type": "string",
                        "description": "EDTF: 2019-12-05, 2019-11, 2017-02~, ../2017-12-14; never a day that the text does not give.",
                    },
                )
            ),
            events=_list({"anyOf": [_event(kind) for kind in all_kinds if kind.event]}),
            relations=_list(
                _object(
                    type={"type": "string", "enum": relations},
                    source=_id("e1"),
                    target=_id("e2"),
                    evidence=_quote("The sentence that says so, exactly as in the text."),
                )
            ),
        ),
    }


def _object(**properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _id(example: str) -> Json:
    return {"type": "string", "description": f"A local id such as {example}."}


def _quote(words: str) -> Json:
    return {"type": "string", "minLength": 1, "description": words}


def _entity(names: list[str]) -> Json:
    quotes = {
        "type": "array",
        "items": _quote("The words that name it, exactly as in the text."),
        "minItems": 1,
    }
    return _object(
        id=_id("e1"), type={"type": "string", "enum": names}, name=_STRING, quotes=quotes
    )


def _event(kind: Kind) -> Json:
    args = _object(role={"type": "string", "enum": sorted(kind.args)}, id=_id("e1"))
    values = [
        _object(
            name={"type": "string", "const": name}, value={"type": "string", "enum": list(allowed)}
        )
        for name, allowed in kind.attrs.items()
    ]
    attrs = _list({"anyOf": values}) if values else {"type": "array", "maxItems": 0}
    return _object(
        id=_id("v1"), type={"type": "string", "const": kind.name}, quote=_quote("The word or words that tell the event, exactly as in the text."),
        evidence=_list(_quote("A whole sentence that tells it, exactly as in the text.")), args=_list(args), attrs=attrs,
    )  # fmt: skip
