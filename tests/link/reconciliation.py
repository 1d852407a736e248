"""What the Reconciliation API 0.2 says of each message, as JSON Schema.

Written for this project from the words of the specification (Community Group final report of 2023-04-10,
https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/), not copied from its own
schemas, and a little stricter than the text: identifiers and names are not empty, and no message of ours
has a field that the specification does not name.
"""

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "minLength": 1}
TEMPLATE: Schema = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}


def message(required: str, **fields: Schema) -> Schema:
    """An object of these fields and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": required.split(),
        "additionalProperties": False,
    }


def listed(item: Schema, **more: object) -> Schema:
    return {"type": "array", "items": item, **more}


TYPE = message(
    "id name",
    id=TEXT,
    name=TEXT,
    description={"type": "string"},
    broader=listed(message("id name", id=TEXT, name=TEXT)),
)
SUGGESTER = message("service_url service_path", service_url=TEXT, service_path=TEXT)
MANIFEST = message(
    "versions name identifierSpace schemaSpace",
    versions=listed(TEXT, contains={"const": "0.2"}),
    name=TEXT,
    identifierSpace={"type": "string", "format": "uri", "pattern": "^https?://"},
    schemaSpace={"type": "string", "format": "uri", "pattern": "^https?://"},
    defaultTypes=listed(TYPE, uniqueItems=True),
    documentation={"type": "string", "pattern": "^https?://"},
    logo={"type": "string", "pattern": "^https?://"},
    serviceVersion=TEXT,
    view=message("url", url=TEMPLATE),
    feature_view=message("url", url=TEMPLATE),
    preview=message(
        "url width height",
        url=TEMPLATE,
        width={"type": "integer", "minimum": 1},
        height={"type": "integer", "minimum": 1},
    ),
    suggest=message("", entity=SUGGESTER, property=SUGGESTER, type=SUGGESTER),
    batchSize={"type": "integer", "minimum": 1},
)
VALUE: Schema = {
    "anyOf": [
        {"type": ["string", "number", "boolean"]},
        message("id", id=TEXT, name={"type": "string"}),
    ]
}
QUERY: Schema = {
    **message(
        "",
        query=TEXT,
        type={"anyOf": [TEXT, listed(TEXT)]},
        limit={"type": "number", "minimum": 1},
        properties=listed(message("pid v", pid=TEXT, v={"anyOf": [VALUE, listed(VALUE)]})),
        type_strict={"enum": ["any", "all", "should"]},
    ),
    # A query has a text, or at least one property to look for.
    "anyOf": [
        {"required": ["query"]},
        {"required": ["properties"], "properties": {"properties": {"minItems": 1}}},
    ],
}
QUERIES: Schema = {"type": "object", "additionalProperties": QUERY, "minProperties": 1}
CANDIDATE = message(
    "id name score type match",
    id=TEXT,
    name=TEXT,
    description={"type": "string"},
    type=listed(TYPE),
    score={"type": "number"},
    match={"type": "boolean"},
    features=listed(message("id value", id=TEXT, value={"type": ["number", "boolean"]})),
)
RESULTS: Schema = {
    "type": "object",
    "additionalProperties": message("result", result=listed(CANDIDATE)),
}
SUGGESTED = {
    "entity": message(
        "result",
        result=listed(
            message(
                "id name",
                id=TEXT,
                name=TEXT,
                description={"type": "string"},
                notable=listed({"anyOf": [TEXT, TYPE]}),
            )
        ),
    ),
    "property": message(
        "result",
        result=listed(message("id name", id=TEXT, name=TEXT, description={"type": "string"})),
    ),
    "type": message("result", result=listed(TYPE)),
}
