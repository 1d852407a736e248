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


_PATH = re.compile(r"(\?\w+)\s+([\w-]+:[\w-]+)\*\s+([\w-]+:[\w-]+)\s*\.")
# The same with the classes above given by VALUES, as our own questions have it.
_TOPS = re.compile(
    r"VALUES\s+(\?\w+)\s*\{([^{}]*)\}\s*(\?\w+)\s+([\w-]+:[\w-]+)\*\s+\1\s*\."
)
_BRACED = re.compile(r"<[^<>\s]*>|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
Members = Callable[[str], list[str]]


def without_closures(text: str, members: Members) -> str:
    """The query with `?x p* C` of its outermost group as `VALUES ?x`, for engines that join such paths wrongly.

    `members` gives the IRIs that a query for the path alone finds. Patterns inside a GRAPH stay.
    """

    def below(found: re.Match[str]) -> str:
        _, tops, variable, path = found.groups()
        names = {
            name
            for top in tops.split()
            for name in members(f"SELECT ?x WHERE {{ ?x {path}* {top} }}")
        }
        return f"VALUES {variable} {{ {' '.join(f'<{name}>' for name in sorted(names))} }}"

    text = _TOPS.sub(below, text)
    hidden = _BRACED.sub(lambda found: " " * len(found[0]), text)

    def given(found: re.Match[str]) -> str:
        before = hidden[: found.start()]
        if before.count("{") - before.count("}") != 1:
            return found[0]
        variable, path, top = found.groups()
        names = members(f"SELECT ?x WHERE {{ ?x {path}* {top} }}")
        return f"VALUES {variable} {{ {' '.join(f'<{name}>' for name in names)} }}"

    return _PATH.sub(given, text)
