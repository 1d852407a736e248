"""OpenAPI 3.1 for everything that is not SPARQL."""

from collections.abc import Iterable
from typing import Any

from acuerdo import __version__
from acuerdo.query import Parameter, Question
from acuerdo.serve import formats

_TYPES: dict[str, dict[str, Any]] = {
    "xsd:date": {"type": "string", "format": "date"},
    "xsd:boolean": {"type": "string", "enum": ["true", "false"]},
    "xsd:integer": {"type": "string", "pattern": "^[+-]?[0-9]+$"},
    "xsd:decimal": {"type": "string", "pattern": "^[+-]?[0-9]+([.][0-9]+)?$"},
}
_PROBLEM = {
    "description": "What is wrong, in words (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SCHEMAS = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "line": {"type": "integer"},
            "column": {"type": "integer"},
        },
    },
    "Questions": {
        "type": "object",
        "required": ["questions"],
        "properties": {
            "questions": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "title", "href", "parameters", "columns"],
                    "properties": {"name": {"type": "string"}, "title": {"type": "string"}},
                },
            }
        },
    },
}


def document(origin: str, questions: Iterable[Question]) -> dict[str, Any]:
    """The description of this server."""
    paths: dict[str, Any] = {
        "/healthz": _get("The process runs.", {"text/plain": {}}),
        "/readyz": _get("Queries are answered.", {"text/plain": {}}, "503"),
        "/questions": _get(
            "The shipped questions.",
            {
                "application/json": {"schema": {"$ref": "#/components/schemas/Questions"}},
                "text/html": {},
            },
        ),
        "/.well-known/void": _get("The data set in VoID.", _types("graph"), "406"),
        "/export/{file}": _get(
            "The published build.",
            {"application/gzip": {}, "application/json": {}},
            "404",
            parameters=[
                _path("file", {"type": "string", "enum": ["graph.nq.gz", "manifest.json"]})
            ],
        ),
        "/graph-store": _get(
            "A graph, or the union of all.",
            _types("graph"),
            "400",
            "404",
            "406",
            "503",
            parameters=[
                _query("graph", {"type": "string"}, "The absolute IRI of a graph."),
                _query("default", {"type": "string"}, "The union of all graphs."),
            ],
        ),
    }
    for path, words, types in (
        ("/data/{thing}", "What the graph says about a thing.", _types("graph")),
        ("/page/{thing}", "The same as a page.", {"text/html": {}}),
    ):
        thing = _path("thing", {"type": "string"})
        paths[path] = _get(words, types, "400", "404", "406", "503", parameters=[thing])
    paths["/id/{thing}"] = _see_other()
    for question in questions:
        paths[f"/questions/{question.name}"] = _question(question)
    return {
        "openapi": "3.1.0",
        "info": {"title": "acuerdo", "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {"schemas": _SCHEMAS},
    }


def _get(
    words: str,
    content: dict[str, Any],
    *problems: str,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": {"description": words, "content": content}}
    responses |= dict.fromkeys(problems, _PROBLEM)
    operation: dict[str, Any] = {"summary": words, "responses": responses}
    if parameters:
        operation["parameters"] = parameters
    return {"get": operation}


def _see_other() -> dict[str, Any]:
    responses = {"303": {"description": "Where it is described."}, "404": _PROBLEM, "406": _PROBLEM}
    operation = {"summary": "A thing by its name.", "responses": responses}
    return {"get": operation | {"parameters": [_path("thing", {"type": "string"})]}}


def _question(question: Question) -> dict[str, Any]:
    names = [*formats.SOLUTIONS]
    parameters = [_parameter(p) for p in question.parameters]
    parameters.append(_query("format", {"type": "string", "enum": names}, "Format of the answer."))
    found = _get(question.title, _types("solutions"), "400", "406", "503", parameters=parameters)
    found["get"]["description"] = question.description
    return found


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = _TYPES.get(parameter.type, {"type": "string"})
    return _query(parameter.name, schema, f"{parameter.meaning} ({parameter.type})")


def _query(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


def _path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _types(kind: str) -> dict[str, Any]:
    return {form.types[0]: {} for form in formats.KINDS[kind].values()}
