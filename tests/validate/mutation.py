"""Ways to break a valid graph: one for each SHACL component that the shapes use.

A graph is a set of triples in N-Triples terms. A mutator takes the graph, a focus node, a property or node
shape and the value of the component's parameter, and returns the graph with that one constraint broken.
"""

from collections.abc import Callable

import pyoxigraph as ox

from acuerdo.iri import AC
from acuerdo.validate.shapes import ShapesGraph
from acuerdo.vocabulary import RDF, SH, XSD

Triple = tuple[str, str, str]
Graph = frozenset[Triple]
TYPE = f"<{RDF}type>"
ODD = "<https://example.org/odd>"


class Broken:
    """One constraint of one shape at one focus node, and the graph to be broken."""

    def __init__(self, shapes: ShapesGraph, graph: Graph, focus: str, shape: object) -> None:
        self.shapes, self.graph, self.focus, self.shape = shapes, graph, focus, shape
        path = shapes.objects(shape, "path")
        self.steps = steps(shapes, path[0]) if path else []

    def values(self) -> list[str]:
        """The value nodes of the path, sorted."""
        nodes = {self.focus}
        for names, inverse in self.steps:
            nodes = {
                (s if inverse else o)
                for s, p, o in self.graph
                if p in names and (o if inverse else s) in nodes
            }
        return sorted(nodes)

    def without(self) -> Graph:
        """The graph without the last step to any value."""
        names, inverse = self.steps[-1]
        before = Broken.__new__(Broken)
        before.graph, before.focus, before.steps = self.graph, self.focus, self.steps[:-1]
        nodes = set(before.values())
        return frozenset(
            t for t in self.graph if not (t[1] in names and (t[2] if inverse else t[0]) in nodes)
        )

    def having(self, *values: str) -> Graph:
        """The graph with these values instead, for a path of one step."""
        assert len(self.steps) == 1, "a path of several steps has no values of its own"
        names, inverse = self.steps[0]
        name = min(names)
        return self.without() | {
            (v, name, self.focus) if inverse else (self.focus, name, v) for v in values
        }


def steps(shapes: ShapesGraph, path: object) -> list[tuple[frozenset[str], bool]]:
    """A path as (predicates, inverse) steps; raises for the kinds that no mutator knows."""
    if isinstance(path, ox.NamedNode):
        return [(frozenset([str(path)]), False)]
    members = shapes.list_items(path)
    if members:
        return [step for member in members for step in steps(shapes, member)]
    inverse = shapes.objects(path, "inversePath")
    if inverse:
        return [(names, not turned) for names, turned in reversed(steps(shapes, inverse[0]))]
    alternatives = shapes.objects(path, "alternativePath")
    if alternatives:
        named = [steps(shapes, member) for member in shapes.list_items(alternatives[0])]
        assert all(len(one) == 1 and not one[0][1] for one in named)
        return [(frozenset().union(*(one[0][0] for one in named)), False)]
    repeated = shapes.objects(path, "zeroOrMorePath")
    assert repeated, f"no mutator knows the path {path}"
    return []  # zero steps are enough to be at the focus node


def literal(text: str, datatype: str = "string") -> str:
    return str(ox.Literal(text, datatype=ox.NamedNode(XSD + datatype)))


def number(term: object) -> int:
    return int(float(getattr(term, "value", "0")))


def fresh(b: Broken, count: int) -> list[str]:
    """Values that the other constraints of the path accept, as far as one value of it does."""
    given = b.values() or [ODD]
    made = [given[0]]
    while len(made) < count:
        made.append(given[len(made)] if len(made) < len(given) else _other(given[0], len(made)))
    return made


def _other(term: str, n: int) -> str:
    if term.startswith('"'):
        lexical, quote, tail = term[1:].rpartition('"')
        return f'"{lexical}{n}{quote}{tail}' if "^^" not in tail else _typed(lexical, tail, n)
    return f"{term[:-1]}-{n}>"


def _typed(lexical: str, tail: str, n: int) -> str:
    if tail.endswith("#date>"):
        return f'"20{10 + n}-01-01"{tail}'
    return f'"{n}"{tail}' if "anyURI" not in tail else f'"{lexical}{n}"{tail}'


def min_count(b: Broken, limit: object) -> Graph:
    if number(limit) <= 1 or len(b.steps) > 1:
        return b.without()
    return b.having(*fresh(b, number(limit) - 1))


def max_count(b: Broken, limit: object) -> Graph:
    return b.having(*fresh(b, number(limit) + 1))


def value(*terms: str) -> Callable[[Broken, object], Graph]:
    return lambda b, _: b.having(*terms)


def less_than(b: Broken, other: object) -> Graph:
    later, earlier = literal("2030-01-01", "date"), literal("2010-01-01", "date")
    if "char" in str(other):
        later, earlier = literal("90", "integer"), literal("10", "integer")
    rest = frozenset(t for t in b.having(later) if (t[0], t[1]) != (b.focus, str(other)))
    return rest | {(b.focus, str(other), earlier)}


def beyond(sign: int) -> Callable[[Broken, object], Graph]:
    def mutate(b: Broken, limit: object) -> Graph:
        datatype = str(getattr(limit, "datatype", ""))[1:-1].rpartition("#")[2]
        kinds = b.shapes.objects(b.shape, "datatype")
        wanted = str(kinds[0])[1:-1].rpartition("#")[2] if kinds else datatype
        return b.having(literal(str(number(limit) + sign), wanted))

    return mutate


def too_long(b: Broken, limit: object) -> Graph:
    return b.having(literal("x" * (number(limit) + 1)))


def not_in_the_list(b: Broken, _: object) -> Graph:
    return b.having(ODD)


def has_value(b: Broken, term: object) -> Graph:
    return frozenset(t for t in b.graph if not (t[0] == b.focus and t[2] == str(term)))


def wrong_kind(b: Broken, kind: object) -> Graph:
    return b.having(ODD if str(kind).endswith("#Literal>") else literal("odd"))


def unique_lang(b: Broken, _: object) -> Graph:
    return b.without() | {(b.focus, *_pair(b, text)) for text in ('"one"@en', '"two"@en')}


def _pair(b: Broken, term: str) -> tuple[str, str]:
    return min(b.steps[0][0]), term


def no_qualified(b: Broken, _: object) -> Graph:
    return b.without()


def any_of(b: Broken, head: object) -> Graph:
    """Break every member of `sh:or`."""
    if b.steps:
        return b.having(ODD)
    graph = b.graph
    for member in b.shapes.list_items(head):
        graph = broken(Broken(b.shapes, graph, b.focus, member))
    return graph


def broken(b: Broken) -> Graph:
    """The graph with one constraint of a shape broken; as it is where the shape cannot be met anyway."""
    for name, mutate in MUTATORS.items():
        for parameter in b.shapes.objects(b.shape, name):
            if name in {"class", "nodeKind"} and not b.steps:
                continue  # the focus node is what it is
            return mutate(b, parameter)
    return b.graph


def negated(b: Broken, inner: object) -> Graph:
    """Meet the shape that `sh:not` forbids."""
    if b.steps:
        return _with_value(b, inner)
    graph = b.graph
    for cls in b.shapes.objects(inner, "class"):
        graph |= {(b.focus, TYPE, str(cls))}
    for shape in b.shapes.objects(inner, "property"):
        graph = _met(Broken(b.shapes, graph, b.focus, shape))
    return graph


def _met(b: Broken) -> Graph:
    """The graph with what a property shape asks of a value, or of the nodes at the end of its path."""
    graph = b.graph
    for node in b.shapes.objects(b.shape, "node"):
        for end in b.values():
            for inner in b.shapes.objects(node, "property"):
                graph = _met(Broken(b.shapes, graph, end, inner))
    names, _ = b.steps[0]
    wanted = [str(value) for value in b.shapes.objects(b.shape, "hasValue")]
    for head in b.shapes.objects(b.shape, "in"):
        graph = frozenset(t for t in graph if not (t[0] == b.focus and t[1] in names))
        wanted.append(str(b.shapes.list_items(head)[0]))
    return graph | {(b.focus, min(names), value) for value in wanted}


def _with_value(b: Broken, inner: object) -> Graph:
    for term in b.shapes.objects(inner, "hasValue"):
        return b.having(str(term))
    for cls in b.shapes.objects(inner, "class"):
        return b.having(ODD) | {(ODD, TYPE, str(cls))}
    raise NotImplementedError(f"no value is known that meets {inner}")


def query(b: Broken, constraint: object) -> Graph:
    """A query is broken in a way of its own, by the name of its shape."""
    name = str(b.shape)[1:-1].rpartition("#")[2]
    return QUERIES[name](b)


def ac(name: str) -> str:
    return f"<{AC}{name}>"


def _circle(name: str) -> Callable[[Broken], Graph]:
    return lambda b: b.graph | {(b.focus, ac(name), ODD), (ODD, ac(name), b.focus)}


def _another_seat(b: Broken, *days: tuple[str, str]) -> Graph:
    kept = {
        (ODD, p, o)
        for s, p, o in b.graph
        if s == b.focus and p in {TYPE, ac("post"), ac("capacity")}
    }
    day = literal("2015-05-05", "date")
    own = {(b.focus, ac("attestedOn"), day), (b.focus, ac("capacity"), SUBSTANTIVE)}
    told = {(ODD, ac(name), literal(text, "date")) for name, text in days}
    return (
        b.graph | kept | own | told | {(ODD, ac("holder"), ODD), (ODD, ac("capacity"), SUBSTANTIVE)}
    )


SUBSTANTIVE = "<https://w3id.org/acuerdo/capacity/substantive>"
ITEM = literal("http://www.wikidata.org/entity/Q1", "anyURI")
BROADER = "<http://www.w3.org/2004/02/skos/core#broader>"

QUERIES: dict[str, Callable[[Broken], Graph]] = {
    "Participation-holder": lambda b: (
        b.graph
        | {(b.focus, ac("inCapacityOf"), ODD), (ODD, ac("holder"), "<https://example.org/eva>")}
    ),
    "Evidence-supported": lambda b: b.graph | {(b.focus, ac("supportsProperty"), ac("origin"))},
    "Passage-fragment": lambda b: frozenset(
        (s, p, literal("11", "integer") if (s, p) == (b.focus, ac("charStart")) else o)
        for s, p, o in b.graph
    ),
    "Circle-partOfOrganization": _circle("partOfOrganization"),
    "Circle-within": _circle("within"),
    "Circle-precedes": _circle("precedes"),
    "Circle-subEventOf": _circle("subEventOf"),
    "Linked-thing": lambda b: (
        b.graph
        | {(ODD, ac("wikidata"), o) for s, p, o in b.graph if (s, p) == (b.focus, ac("wikidata"))}
    ),
    "Seat": lambda b: _another_seat(b, ("attestedOn", "2015-05-05")),
    "Seat-span": lambda b: _another_seat(b, ("begin", "2015-01-01"), ("end", "2016-01-01")),
    "Concept-circle": lambda b: b.graph | {(b.focus, BROADER, b.focus)},
}

# Components that stand for a parameter, in the order in which a shape inside sh:or is broken.
MUTATORS: dict[str, Callable[[Broken, object], Graph]] = {
    "minCount": min_count,
    "maxCount": max_count,
    "datatype": value(literal("odd", "token")),
    "class": value(ODD),
    "node": value(ODD),
    "nodeKind": wrong_kind,
    "pattern": value(literal("~ no such thing ~")),
    "minLength": value(literal("")),
    "maxLength": too_long,
    "minInclusive": beyond(-1),
    "maxInclusive": beyond(+1),
    "lessThan": less_than,
    "lessThanOrEquals": less_than,
    "in": not_in_the_list,
    "hasValue": has_value,
    "uniqueLang": unique_lang,
    "qualifiedMinCount": no_qualified,
    "or": any_of,
    "not": negated,
    "sparql": query,
}
COMPONENT = {"qualifiedMinCount": "QualifiedMinCount", "sparql": "SPARQL"}


def component(parameter: str) -> str:
    """The IRI of the component that a parameter belongs to."""
    name = COMPONENT.get(parameter, parameter[0].upper() + parameter[1:])
    return f"{SH}{name}ConstraintComponent"
