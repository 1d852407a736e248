"""Reads a query just far enough to refuse it kindly: length, depth, SERVICE, and what its answer depends on.

Safety does not rest on this: the kernel's fences hold for a query that was misread here. What it finds decides about a
helpful sentence, the dataset (FROM) and whether an answer may be kept (NOW, RAND …).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

TOKEN = re.compile(
    r"""
      (?P<iri><[^\x00-\x20<>"{}|^`\\]*(?:\\[uU][0-9A-Fa-f]+[^\x00-\x20<>"{}|^`\\]*)*>)
    | (?P<comment>\#[^\n\r]*)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
                 | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$]\w+)
    | (?P<prefixed>(?:[^\W\d_][\w.\-]*)?:(?:[\w:%.\-]|\\.)*)
    | (?P<tag>@[A-Za-z][A-Za-z0-9\-]*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<open>[({\[])
    | (?P<close>[)}\]])
    """,
    re.VERBOSE | re.DOTALL,
)
VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"})
_WORDS = re.compile(r"(?i)service|from|now|rand|uuid|bnode")
_BRACKETS = re.compile(r"[({\[]")


class Reading(NamedTuple):
    """What a query says about itself."""

    depth: int = 0
    deepest: int = 0  # offset of the bracket that goes deepest
    services: tuple[tuple[str, int], ...] = ()  # what follows each SERVICE, and its offset
    dataset: bool = False  # FROM is used
    volatile: bool = False


def read(query: str) -> Reading:
    """Depth, services, dataset clause and volatile functions of a query."""
    if not _WORDS.search(query) and len(_BRACKETS.findall(query)) < 20:
        return Reading()
    tokens = [token for token in TOKEN.finditer(query) if token.lastgroup != "comment"]
    words = {token.group().upper() for token in tokens if token.lastgroup == "word"}
    depth, deepest = _depth(tokens)
    volatile = not VOLATILE.isdisjoint(words)
    return Reading(depth, deepest, tuple(_services(tokens)), "FROM" in words, volatile)


def _depth(tokens: list[re.Match[str]]) -> tuple[int, int]:
    """How deep the brackets go, and where."""
    depth = top = deepest = 0
    for token in tokens:
        if token.lastgroup == "open":
            depth += 1
            if depth > top:
                top, deepest = depth, token.start()
        elif token.lastgroup == "close":
            depth -= 1
    return top, deepest


def _services(tokens: list[re.Match[str]]) -> Iterator[tuple[str, int]]:
    """The endpoint behind each SERVICE, empty where it is not written as a full IRI."""
    for i, token in enumerate(tokens):
        if token.lastgroup == "word" and token.group().upper() == "SERVICE":
            after = [t for t in tokens[i + 1 : i + 3] if t.group().upper() != "SILENT"]
            named = after and after[0].lastgroup == "iri"
            yield after[0].group()[1:-1] if named else "", token.start()


def place(query: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, from 1."""
    before = query[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def stray_service(query: str, allowed: tuple[str, ...]) -> int | None:
    """Offset of the first `service` that is not the keyword directly before a permitted endpoint.

    A federated query runs in a process that may open sockets, so here the reading must be complete: it looks at every
    occurrence of the letters, in strings and comments too, and what it cannot place is refused.
    """
    endpoint = "|".join(re.escape(iri) for iri in allowed) or "(?!)"
    fitting = re.compile(rf"(?i:service)\s*(?:(?i:silent)\s*)?<(?:{endpoint})>")
    at = 0
    while found := re.compile("(?i)service").search(query, at):
        match = fitting.match(query, found.start())
        if not match:
            return found.start()
        at = match.end()
    return None
