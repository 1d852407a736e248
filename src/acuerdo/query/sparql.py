"""SPARQL as text: what is a comment, which prefixes are missing, what kind of query it is."""

import re

# Strings and IRIs come first, so that a `#` inside one opens no comment.
_PIECE = re.compile(
    r"""(?P<iri><[^\s<>"{}|\\^`]*>)"""
    r"""|(?P<string>'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\""""
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')"""
    r"""|(?P<comment>\#[^\n\r]*)""",
    re.DOTALL,
)
_PREFIX = re.compile(r"\bPREFIX\s+([\w.-]*):\s*<>", re.IGNORECASE)
_FORM = re.compile(r"(?<![:\w?$-])(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)
_FROM = re.compile(r"(?<![:\w?$-])FROM\b", re.IGNORECASE)
_USED = re.compile(r"(?<![\w?$:-])([A-Za-z][\w-]*):")

# What a query may use without declaring it.
PREFIXES = {
    "ac": "https://w3id.org/acuerdo/ns#",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "role": "https://w3id.org/acuerdo/role/",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "status": "https://w3id.org/acuerdo/status/",
    "topic": "https://w3id.org/acuerdo/topic/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def without_comments(text: str) -> str:
    """The query without its comments, each line in its place."""
    return _PIECE.sub(lambda m: m[0] if m["comment"] is None else "", text)


def bare(text: str) -> str:
    """The query without comments, strings and IRIs: what is left is keywords, names and variables."""
    return _PIECE.sub(lambda m: "<>" if m["iri"] else '""' if m["string"] else "", text)


def form(text: str) -> str | None:
    r"""SELECT, ASK, CONSTRUCT or DESCRIBE; None for what is none of them (an update, say).

    >>> form("# ASK nobody\nPREFIX ask: <urn:ask#> SELECT ?x { ?x a ask:Ask }")
    'SELECT'
    """
    found = _FORM.search(_PREFIX.sub("", bare(text)))
    return found[1].upper() if found else None


def names_graphs(text: str) -> bool:
    """Whether the query says itself, by FROM, which graphs it asks."""
    return _FROM.search(_PREFIX.sub("", bare(text))) is not None


def with_prefixes(text: str) -> str:
    """The query with the well-known prefixes that it uses and does not declare, in front."""
    plain = bare(text)
    declared = set(_PREFIX.findall(plain))
    used = dict.fromkeys(name for name in _USED.findall(plain) if name in PREFIXES)
    missing = [name for name in used if name not in declared]
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in missing) + text


def depth(text: str) -> int:
    """How deep parentheses, braces and brackets are nested.

    >>> depth("ASK { FILTER ((1 = 1)) }")
    3
    """
    deepest = level = 0
    for char in bare(text):
        if char in "({[":
            level += 1
            deepest = max(deepest, level)
        elif char in ")}]":
            level -= 1
    return deepest
