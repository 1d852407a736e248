"""Why the graph says something: who asserts it with which sentence, or from what it was inferred."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
from msgspec import Struct

from acuerdo import infer
from acuerdo.errors import BadQuery
from acuerdo.infer.explain import Ground, Step, explain, fact
from acuerdo.iri import AC, FIXED, Bases, is_iri
from acuerdo.query import names
from acuerdo.query.kg import Kg
from acuerdo.vocabulary import PREFIXES, RDF

_ARTICLE, _INFERRED = "/graph/article/", "/graph/inferred/"
_PASSAGES = """
SELECT DISTINCT ?passage ?words ?start WHERE {{
  GRAPH <{graph}> {{
    {{ <{subject}> ac:evidencedBy ?passage }}
    UNION
    {{ ?evidence ac:supports <{subject}> ; ac:supportsProperty <{predicate}> ; ac:quotedFrom ?passage }}
    ?passage ac:charStart ?start .
    OPTIONAL {{ ?passage ac:words ?words }}   # texts may not be at hand
  }}
}} ORDER BY ?start ?passage"""


class Line(Struct, frozen=True):
    """One statement of an answer to "why?", with the passages of its article that support it."""

    depth: int
    statement: tuple[str, str, str]
    ground: Ground
    graph: str
    passages: tuple[tuple[str, str], ...]


def why(kg: Kg, folders: Sequence[Path], subject: str, predicate: str, object_: str) -> list[Line]:
    """The lines of the answer, one article after the other.

    Raises BadQuery where a name is unknown or no graph says what was asked.
    """
    s, p, o = _thing(kg, subject), _property(predicate), _thing(kg, object_)
    found = kg.store.quads_for_pattern(ox.NamedNode(s), ox.NamedNode(p), ox.NamedNode(o))
    graphs = sorted(str(quad.graph_name.value) for quad in found)  # type: ignore[union-attr]
    if not graphs:
        raise BadQuery(f"no graph says: {s} {p} {o}")
    lines: list[Line] = []
    context = None
    for graph in graphs:
        if _INFERRED in graph:
            context = context or infer.load(folders, Bases(kg.base))
            lines += _inferred(kg, graph.replace(_INFERRED, _ARTICLE), (s, p, o), context)
        else:
            ground: Ground = "article" if _ARTICLE in graph else "registry"
            lines.append(_line(kg, graph, Step(0, s, p, o, ground)))
    return lines


def _inferred(
    kg: Kg, graph: str, wanted: tuple[str, str, str], context: infer.Context
) -> Iterator[Line]:
    quads = kg.store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
    asserted = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    steps = explain(fact(*wanted), asserted, context)
    if not steps:
        raise BadQuery(
            f"{graph}: does not follow by the ontology at hand; was the graph built with --ontology?"
        )
    for step in steps:
        yield _line(kg, graph, step)


def _line(kg: Kg, graph: str, step: Step) -> Line:
    passages: tuple[tuple[str, str], ...] = ()
    if step.ground == "article" and is_iri(step.subject):
        rows = kg.run(_PASSAGES.format(graph=graph, subject=step.subject, predicate=step.predicate))
        assert isinstance(rows, ox.QuerySolutions)
        passages = tuple((row[0].value, getattr(row[1], "value", "")) for row in rows)
    return Line(
        step.depth, (step.subject, step.predicate, step.object), step.ground, graph, passages
    )


def _thing(kg: Kg, text: str) -> str:
    """An IRI, a prefixed name, the tail of an IRI, or a name that one thing bears."""
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    if is_iri(text):
        return text
    for iri in (kg.base + "id/" + text, FIXED + text, AC + text):
        if is_iri(iri) and names.is_there(kg.run, iri):
            return iri
    found = names.bearers(kg.run, text)
    if len(found) == 1:
        return found[0]
    if found:
        raise BadQuery(f"'{text}' names {len(found)} things: {', '.join(found[:8])}; write one")
    raise BadQuery(f"nothing in the graph is named '{text}'")


def _property(text: str) -> str:
    if text in {"a", "type", "rdf:type"}:
        return RDF + "type"
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    return text if is_iri(text) else AC + text
