"""IRIs as people read them: the prefixes of exports, and how an IRI is shortened with them."""

import re
from functools import lru_cache

PREFIXES = {
    "ac": "https://w3id.org/acuerdo/ns#",
    "acsh": "https://w3id.org/acuerdo/shapes#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
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
