"""How the parts of a Web Annotation are found: its targets, selectors, types and IRIs."""

import re
from typing import Any


def as_list(value: Any) -> list[Any]:
    """JSON-LD's one or many as many."""
    return value if isinstance(value, list) else [] if value is None else [value]


def types(tree: dict[str, Any]) -> set[str]:
    """The types of a resource without their prefixes."""
    return {
        str(t).removeprefix("oa:").removeprefix("as:")
        for t in as_list(tree.get("type", tree.get("@type")))
    }


def iri(value: Any) -> str | None:
    """The IRI of a resource that is given by name or as an object."""
    if isinstance(value, dict):
        value = value.get("id", value.get("@id"))
    return value if isinstance(value, str) and value else None


def targets(annotation: dict[str, Any]) -> list[Any]:
    """What an annotation is about."""
    return as_list(annotation.get("target", annotation.get("hasTarget")))


def selectors(annotation: dict[str, Any]) -> list[dict[str, Any]]:
    """The selectors of all targets, those that refine others included."""
    found: list[dict[str, Any]] = []
    todo = [
        s
        for t in targets(annotation)
        if isinstance(t, dict)
        for s in as_list(t.get("selector", t.get("hasSelector")))
    ]
    while todo and len(found) < 100:
        selector = todo.pop(0)
        if isinstance(selector, dict):
            found.append(selector)
            todo += as_list(selector.get("refinedBy")) + as_list(selector.get("items"))
    return found


def short(iri_: str | None) -> str | None:
    """The last part of an annotation's IRI, which is its id in the article."""
    if iri_ is None:
        return None
    return re.split(r"[/#]", iri_.rstrip("/#"))[-1].removeprefix("urn:uuid:") or iri_


def ident(node: dict[str, Any]) -> str | None:
    """The id of an annotation."""
    return short(iri(node))
