"""IRIs as people read them: the prefixes of exports, and how an IRI is shortened with them."""

import re
from functools import lru_cache

from acuerdo import vocabulary

# Those of the house, and those of the descriptions that exports add.
PREFIXES = {
    **vocabulary.PREFIXES,
    "dcat": "http://www.w3.org/ns/dcat#",
    "oa": "http://www.w3.org/ns/oa#",
    "void": "http://rdfs.org/ns/void#",
}
_BY_NAMESPACE = {namespace: prefix for prefix, namespace in PREFIXES.items()}
# Names that need no escape in Turtle, SPARQL, XML and JSON-LD alike.
_SPLIT = re.compile(r"(.*[#/])([A-Za-z_][A-Za-z0-9_-]*)", re.DOTALL)


def split(iri: str) -> tuple[str, str] | None:
    """Namespace and local name, where the local name is a plain one."""
    found = _SPLIT.fullmatch(iri)
    return (found[1], found[2]) if found else None


@lru_cache(maxsize=1 << 16)
def curie(iri: str) -> str | None:
    """`prefix:name`, or None where no prefix fits."""
    parts = split(iri)
    prefix = _BY_NAMESPACE.get(parts[0]) if parts else None
    return f"{prefix}:{parts[1]}" if parts and prefix else None
