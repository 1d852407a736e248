"""What a name means in a graph: the things that bear it, exactly so or but for case and accents."""

import re
import unicodedata
from collections.abc import Callable, Iterable

import pyoxigraph as ox

from acuerdo.errors import BadQuery
from acuerdo.query.question import Parameter
from acuerdo.query.values import variants

Run = Callable[[str], ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean]

_TAIL = re.compile(r"[a-z]+(?:-[a-z]+)*/[^\s<>\"{}|\\^`]+")
_LANGUAGES = "SELECT DISTINCT ?tag WHERE { ?article a ac:Article ; ac:language ?tag }"
_BEARERS = """
SELECT DISTINCT ?thing WHERE {{
  VALUES ?name {{ {names} }}
  ?thing rdfs:label|skos:prefLabel|skos:altLabel|ac:mentionedAs ?name .
  {wanted}
}} ORDER BY ?thing"""
_ALL_NAMES = """
SELECT DISTINCT ?thing ?name WHERE {{
  ?thing rdfs:label|skos:prefLabel|skos:altLabel|ac:mentionedAs ?name .
  {wanted}
}} ORDER BY ?thing ?name"""


def meant(run: Run, base: str, parameter: Parameter, text: str) -> list[str]:
    """The one thing of the parameter's class that a name or the tail of an IRI means.

    Raises BadQuery that lists the choices where several things bear the name.
    """
    if _TAIL.fullmatch(text) and is_there(run, base + "id/" + text):
        return [base + "id/" + text]
    found = bearers(run, text, parameter.type)
    if len(found) == 1:
        return found
    if found:
        choices = ", ".join(iri.removeprefix(base + "id/") for iri in found[:8])
        raise BadQuery(
            f"{parameter.option}: '{text}' names {len(found)} things: {choices}; write one"
        )
    longer = ", ".join(f"'{name}'" for name in holding(run, text)[:8])
    hint = f"; did you mean {longer}?" if longer else ""
    raise BadQuery(f"{parameter.option}: nothing of {parameter.type} is named '{text}'{hint}")


def is_there(run: Run, iri: str) -> bool:
    """Whether the graph says anything about an IRI."""
    return bool(run(f"ASK {{ {ox.NamedNode(iri)} ?p ?o }}"))


def bearers(run: Run, name: str, kind: str = "") -> list[str]:
    """The things of a class (`ac:Person`; empty: of any) that bear a name, sorted.

    The name as it stands is looked up; only where nothing bears it, case and accents are let go.
    """
    wanted = f"?class rdfs:subClassOf* {kind} . ?thing a ?class ." if kind else "?thing a ?class ."
    tags = sorted({"en", "es"} | {row[0] for row in _texts(run(_LANGUAGES))})
    exact = _BEARERS.format(names=" ".join(variants(name, tags)), wanted=wanted)
    found = [row[0] for row in _texts(run(exact))]
    if found:
        return found
    folded = fold(name)
    pairs = _texts(run(_ALL_NAMES.format(wanted=wanted)))
    return sorted({row[0] for row in pairs if fold(row[1]) == folded})


def holding(run: Run, words: str) -> list[str]:
    """The names in the graph that hold all of these words: what somebody may mean who writes a surname alone."""
    wanted = set(fold(words).split())
    return [n for n in all_names(run) if wanted and wanted <= set(fold(n).split())]


def all_names(run: Run) -> list[str]:
    """Every name in the graph, once."""
    pairs = _texts(run(_ALL_NAMES.format(wanted="")))
    return sorted({row[1] for row in pairs})


def _texts(found: ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean) -> Iterable[list[str]]:
    assert isinstance(found, ox.QuerySolutions)
    for solution in found:
        yield [getattr(term, "value", "") for term in solution]


def fold(name: str) -> str:
    """A name without case, accents and runs of blanks.

    >>> fold("  Peña   NIETO") == fold("pena nieto")
    True
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
