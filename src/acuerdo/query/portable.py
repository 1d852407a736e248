"""Queries in the words that every store understands: the same question, around the known holes of engines.

A shipped question is SPARQL 1.1, and conformant engines take it as it is. Two widespread ones do not:
Virtuoso 7 loses rows where `VALUES ?x { UNDEF }` stands (a join with nothing given, so it may as well be
left out), and Blazegraph 2 fails on a SUBSTR of two arguments around an aggregate.
"""

import re
from collections.abc import Callable

from acuerdo.query import sparql

_NOTHING_GIVEN = re.compile(r"\bVALUES\s+\?\w+\s*\{\s*UNDEF\s*\}", re.IGNORECASE)
_TO_THE_END = re.compile(
    r"\bSUBSTR\s*\(\s*(MIN|MAX|SAMPLE)\s*\(\s*(\?\w+)\s*\)\s*,\s*(\d+)\s*\)", re.IGNORECASE
)
# Shipped questions to which an engine gives other rows than every other, with no word of an error.
# The conformance test C15 fails when another one joins them.
WRONG_ON = {
    "Virtuoso": frozenset(
        "agencies-at-an-event articles claims-by-speaker claims-denied claims-in-conflict contacts "
        "countries-in-contact countries-of-contacts deaths-and-arrests events-without-date "
        "participants-by-side single-sources timeline what-an-actor-took-part-in who-called-whom "
        "who-holds-posts-in who-negotiated".split()
    ),
    # Seen in the comparison of all questions; which pattern is to blame was not found out.
    "Blazegraph": frozenset("claims-in-conflict deaths-and-arrests".split()),
    # NOT EXISTS over a graph of its own with a filter on an outer variable.
    "RDF4J": frozenset("claims-of-one-speaker single-sources what-an-article-contributes".split()),
}
# Longer than any literal that a graph of ours holds.
_LONG = 1_000_000


def portable(text: str) -> str:
    """The query without comments and with its prefixes, around what known engines get wrong.

    >>> portable("SELECT (SUBSTR(MIN(?x), 11) AS ?y) { VALUES ?p { UNDEF } ?s ?p ?x }")
    'SELECT (SUBSTR(MIN(?x), 11, 1000000) AS ?y) {  ?s ?p ?x }'
    """
    plain = sparql.with_prefixes(sparql.without_comments(text))
    plain = _NOTHING_GIVEN.sub("", plain)
    return _TO_THE_END.sub(rf"SUBSTR(\1(\2), \3, {_LONG})", plain)


_PATH = r"(?P<x%s>\?\w+)\s+(?P<path%s>[\w-]+:[\w-]+\*\s+[\w-]+:[\w-]+)"
_GROUP = rf"\{{\s*{_PATH}\s*\.?\s*\}}"
_TESTED = re.compile(rf"\bFILTER\s+(NOT\s+)?EXISTS\s*{_GROUP % ('', '')}", re.IGNORECASE)
_EITHER = re.compile(
    rf"(?<!UNION )(?<!UNION){_GROUP % (1, 1)}\s*UNION\s*{_GROUP % (2, 2)}(?!\s*UNION)", re.IGNORECASE
)
_JOINED = re.compile(rf"{_PATH % ('', '')}\s*(?:\.|(?=\}}))")
_DECLARED = re.compile(r"^\s*PREFIX\s+[\w-]*:\s*<[^>]*>", re.IGNORECASE | re.MULTILINE)
_BRACED = re.compile(r"<[^<>\s]*>|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_BRACE = re.compile(r"(\bGRAPH\s+\S+\s*)?\{|\}", re.IGNORECASE)
Members = Callable[[str], list[str]]


def without_closures(text: str, members: Members) -> str:
    """The query with `?x p* C` as `VALUES ?x`, for engines that join such paths wrongly.

    `members` gives the IRIs that a query for the path alone finds. Patterns inside a GRAPH stay. Where
    the path is tested for existence, or stands on both sides of a UNION, there is one list too.
    """
    prologue = "\n".join((line.strip() for line in _DECLARED.findall(text)))

    def listed(variable: str, *paths: str) -> list[str]:
        asked = [f"{prologue}\nSELECT {variable} WHERE {{ {variable} {path} }}" for path in paths]
        return [f"<{name}>" for name in sorted({n for query in asked for n in members(query)})]

    def tested(found: re.Match[str]) -> str:
        names = listed(found["x"], found["path"])
        if not names:  # some engines take no empty list
            return f"FILTER ({'true' if found[1] else 'false'})"
        return f"FILTER ({found['x']} {found[1] or ''}IN ({', '.join(names)}))"

    def either(found: re.Match[str]) -> str:
        if found["x1"] != found["x2"]:
            return found[0]
        names = listed(found["x1"], found["path1"], found["path2"])
        return f"VALUES {found['x1']} {{ {' '.join(names)} }}"

    def joined(found: re.Match[str]) -> str:
        return f"VALUES {found['x']} {{ {' '.join(listed(found['x'], found['path']))} }}"

    for pattern, listing in ((_TESTED, tested), (_EITHER, either), (_JOINED, joined)):
        text = _outside_graphs(pattern, listing, text)
    return text


def _outside_graphs(
    pattern: re.Pattern[str], listing: Callable[[re.Match[str]], str], text: str
) -> str:
    """The text with what matches replaced, unless a group that is open there is that of a GRAPH."""
    hidden = _BRACED.sub(lambda found: " " * len(found[0]), text)

    def replaced(found: re.Match[str]) -> str:
        return found[0] if _within_graph(hidden[: found.start()]) else listing(found)

    return pattern.sub(replaced, text)


def _within_graph(before: str) -> bool:
    """Whether one of the groups that are open behind `before` is that of a GRAPH."""
    open_groups: list[bool] = []
    for brace in _BRACE.finditer(before):
        if brace[0] == "}":
            open_groups.pop()
        else:
            open_groups.append(brace[1] is not None)
    return any(open_groups)
