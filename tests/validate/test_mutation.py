"""A valid graph, broken in each way that a shape forbids: that shape says so, and nobody far from the break."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from acuerdo.vocabulary import RDFS, SH

from .families import ACSH, FAMILIES, Family
from .mutation import MUTATORS, TYPE, Broken, Graph, component

# Parameters that break nothing by themselves: they say where, who, how and in which words.
SILENT = {
    *"path targetClass targetNode targetSubjectsOf targetObjectsOf severity message property prefixes".split(),
    *"flags qualifiedValueShape order name".split(),
}


def graph_of(text: str) -> Graph:
    return frozenset(
        (str(q.subject), str(q.predicate), str(q.object))
        for q in ox.parse(text.encode(), format=ox.RdfFormat.N_TRIPLES)
    )


def text_of(graph: Graph) -> str:
    return "".join(f"{s} {p} {o} .\n" for s, p, o in sorted(graph))


def mutations() -> Iterator:
    """Every parameter of every shape that is asked, with a mutator or without."""
    for family in FAMILIES:
        for name in sorted(family.asked()):
            shape = ox.NamedNode(ACSH + name)
            for predicate, values in sorted(family.shapes.about(shape)):
                parameter = predicate.removeprefix(SH)
                if predicate.startswith(SH) and parameter not in SILENT:
                    for value in values:
                        yield pytest.param(
                            family, shape, parameter, value, id=f"{family.name}/{name}/{parameter}"
                        )


def foci(family: Family, shape: ox.NamedNode) -> Iterator[tuple[Graph, str]]:
    """Valid graphs, each with a node that the shape is asked about."""
    shapes = family.shapes
    owners = [shape, *shapes.around(shape)]
    for path in family.paths("valid"):
        text = family.graph(path)
        whole = text + family.validator.context.closure(text.encode())
        above = graph_of(whole)
        for owner in owners:
            classes = {str(c) for c in shapes.objects(owner, "targetClass")}
            sources = {str(p) for p in shapes.objects(owner, "targetSubjectsOf")}
            kinds = classes | below(above, classes)
            pointed = {str(p) for p in shapes.objects(owner, "targetObjectsOf")}
            for s, p, o in sorted(graph_of(text)):
                if (p == TYPE and o in kinds) or p in sources:
                    yield graph_of(text), s
                if p in pointed:
                    yield graph_of(text), o


def below(graph: Graph, classes: set[str]) -> set[str]:
    found = set(classes)
    while more := {s for s, p, o in graph if p == f"<{RDFS}subClassOf>" and o in found} - found:
        found |= more
    return found


def findings(family: Family, graph: Graph) -> set[tuple[str, str, str]]:
    text = text_of(graph)
    whole = text + family.validator.context.closure(text.encode())
    return {(f.focus, f.shape, f.component) for f in family.validator.check(whole).findings}


@pytest.mark.parametrize(("family", "shape", "parameter", "value"), list(mutations()))
def test_a_broken_rule_is_told_by_its_shape(
    family: Family, shape: ox.NamedNode, parameter: str, value: object
) -> None:
    assert parameter in MUTATORS, f"no mutator breaks sh:{parameter}"
    valid, changed, focus = next(
        (graph, changed, focus)
        for graph, focus in foci(family, shape)
        if (changed := MUTATORS[parameter](Broken(family.shapes, graph, focus, shape), value))
        != graph
    )
    touched = {focus} | {term for triple in valid ^ changed for term in (triple[0], triple[2])}
    near = touched | {s for s, _, o in valid if o in touched}
    found = findings(family, changed)
    assert (focus[1:-1], shape.value, component(parameter)) in found
    assert {f"<{node}>" for node, _, _ in found} <= near
