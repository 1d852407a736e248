"""SPARQL constraints asked once for all focus nodes, where that is the same as asking for each.

The standard runs a constraint's query once a focus node, with `$this` put in. A query whose pattern binds
`$this` by itself gives the same solutions when it is run once with `$this` free and the solutions are then
restricted to the targets. It does not where a part is optional, aggregated, nested, limited or computed.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from acuerdo.validate.engines import Result
from acuerdo.validate.shapes import ShapesGraph
from acuerdo.vocabulary import RDF, RDFS, SH

_TRANSPARENT = {"SelectQuery", "Project", "Distinct", "Reduced", "Join", "Filter", "BGP", "Union"}
_THIS = re.compile(r"\$this\b")


class SetQuery:
    """One SPARQL constraint of one shape, ready to be run for all its targets."""

    def __init__(
        self, shapes: ShapesGraph, shape: ox.NamedNode, constraint: Any, select: str
    ) -> None:
        self.shape, self.constraint, self.select = shape, constraint, select
        severity = shapes.objects(shape, "severity")
        self.severity = str(severity[0])[1:-1] if severity else SH + "Violation"
        sources = [constraint] if shapes.objects(constraint, "message") else [shape]
        self.messages = [
            m.value
            for source in sources
            for m in shapes.objects(source, "message")
            if isinstance(m, ox.Literal)
        ]
        self.targets = list(_targets(shapes, shape))

    def results(self, store: ox.Store) -> Iterator[Result]:
        """A result for each solution whose `$this` is a target."""
        wanted = {row[0] for query in self.targets for row in _select(store, query)}
        found = _select(store, self.select)
        names = [variable.value for variable in found.variables]
        for row in found:
            bound = {name: row[name] for name in names if row[name] is not None}
            if bound.get("this") in wanted:
                yield self._result(bound)

    def _result(self, bound: dict[str, Any]) -> Result:
        words = {name: getattr(term, "value", str(term)) for name, term in bound.items()}
        path = bound.get("path")
        return Result(
            str(bound["this"]),
            str(path) if isinstance(path, ox.NamedNode) else None,
            str(bound.get("value", bound["this"])),
            str(self.shape),
            SH + "SPARQLConstraintComponent",
            self.severity,
            tuple(
                re.sub(r"\{[$?](\w+)\}", lambda v: words.get(v[1], v[0]), message)
                for message in self.messages
            ),
        )


def split(shapes: ShapesGraph) -> tuple[list[SetQuery], list[ox.Triple]]:
    """The constraints that can be asked for all nodes at once, and the shapes graph without them."""
    asked = []
    taken: set[tuple[object, object]] = set()
    for shape in shapes.shapes():
        if not isinstance(shape, ox.NamedNode) or not _stands_alone(shapes, shape):
            continue
        for constraint in shapes.objects(shape, "sparql"):
            select = _select_text(shapes, constraint)
            if select is not None and is_safe(select):
                asked.append(SetQuery(shapes, shape, constraint, select))
                taken.add((shape, constraint))
    sparql = ox.NamedNode(SH + "sparql")
    rest = [
        t for t in shapes.triples if t.predicate != sparql or (t.subject, t.object) not in taken
    ]
    return asked, rest


@lru_cache(maxsize=256)
def is_safe(select: str) -> bool:
    """Whether a query gives for all nodes at once what it gives for each."""
    from rdflib.plugins.sparql import prepareQuery

    try:
        algebra = prepareQuery(select).algebra
    except Exception:  # noqa: BLE001 - rdflib raises plain Exception; the engine decides about such a query
        return False
    return "this" in (_certain(algebra) or set())


def _certain(node: Any) -> set[str] | None:
    """The variables that every solution of a pattern binds; None for a pattern that is not safe."""
    from rdflib import Variable

    name = getattr(node, "name", None)
    if name not in _TRANSPARENT:
        return None
    if name == "BGP":
        return {str(t) for triple in node.triples for t in triple if isinstance(t, Variable)}
    if name in {"Join", "Union"}:
        one, other = _certain(node.p1), _certain(node.p2)
        if one is None or other is None:
            return None
        return one | other if name == "Join" else one & other
    inner = _certain(node.p)
    if inner is None or (name == "Filter" and not _filter_is_safe(node.expr, inner)):
        return None
    return inner


def _filter_is_safe(expression: Any, bound: set[str]) -> bool:
    """A condition over variables that the pattern binds; inside EXISTS, over simple patterns."""
    from rdflib import Variable
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(expression, Variable):
        return str(expression) in bound
    if isinstance(expression, list):
        return all(_filter_is_safe(part, bound) for part in expression)
    if not isinstance(expression, CompValue):
        return True
    if expression.name in {"Builtin_NOTEXISTS", "Builtin_EXISTS"}:
        return _certain(expression.graph) is not None
    if expression.name == "Builtin_BOUND" or expression.name.startswith("Aggregate"):
        return False
    return all(_filter_is_safe(part, bound) for part in expression.values())


def _stands_alone(shapes: ShapesGraph, shape: ox.NamedNode) -> bool:
    """A live node shape that is asked by its own targets only, and by none that a query computes."""
    live = not any(str(d).startswith('"true"') for d in shapes.objects(shape, "deactivated"))
    plain = not shapes.objects(shape, "target") and not shapes.objects(shape, "path")
    return live and plain and not shapes.around(shape)


def _select_text(shapes: ShapesGraph, constraint: Any) -> str | None:
    """The query with its prefixes and `?this` for `$this`; None for anything but a plain live query."""
    selects = shapes.objects(constraint, "select")
    if len(selects) != 1 or shapes.objects(constraint, "deactivated"):
        return None
    text = query_text(shapes, constraint)
    return None if re.search(r"\$(PATH|shapesGraph|currentShape)\b", text) else text


def query_text(shapes: ShapesGraph, constraint: Any) -> str:
    """The `sh:select` of a constraint with the prefixes that it names, and `?this` for `$this`."""
    lines = [
        f"PREFIX {_value(prefix)}: <{_value(namespace)}>"
        for holder in shapes.objects(constraint, "prefixes")
        for declared in shapes.objects(holder, "declare")
        for prefix in shapes.objects(declared, "prefix")
        for namespace in shapes.objects(declared, "namespace")
    ]
    lines += [_value(text) for text in shapes.objects(constraint, "select")]
    return _THIS.sub("?this", "\n".join(lines))


@lru_cache(maxsize=256)
def asked_predicates(select: str) -> frozenset[str] | None:
    """The IRIs of the predicates that a query looks at; None where it can look at any."""
    from rdflib.plugins.sparql import prepareQuery

    try:
        found = _predicates(prepareQuery(select).algebra)
    except Exception:  # noqa: BLE001 - rdflib raises plain Exception; such a query may look at anything
        return None
    return None if found is None else frozenset(found)


def _predicates(node: Any) -> set[str] | None:
    """The predicates of all triple patterns below a part of the algebra."""
    from rdflib.plugins.sparql.parserutils import CompValue

    found: set[str] = set()
    paths: list[set[str] | None] = []
    parts: list[Any] = []
    if isinstance(node, CompValue):
        if node.name == "BGP":
            paths = [_path_predicates(triple[1]) for triple in node.triples]
        else:
            # By attribute: as an item, the pattern of EXISTS is still the parsed text.
            parts = [getattr(node, name) for name in node]
    elif isinstance(node, list | tuple | set):
        parts = list(node)
    for names in (*paths, *map(_predicates, parts)):
        if names is None:
            return None
        found |= names
    return found


def _path_predicates(path: Any) -> set[str] | None:
    """The IRIs in a predicate or property path; None for a variable and for a negated set."""
    from rdflib import URIRef, paths

    if isinstance(path, URIRef):
        return {str(path)}
    if isinstance(path, paths.SequencePath | paths.AlternativePath):
        parts = path.args
    elif isinstance(path, paths.InvPath):
        parts = [path.arg]
    elif isinstance(path, paths.MulPath):
        parts = [path.path]
    else:
        return None
    found: set[str] = set()
    for names in map(_path_predicates, parts):
        if names is None:
            return None
        found |= names
    return found


def _value(term: Any) -> str:
    return str(getattr(term, "value", term))


def _targets(shapes: ShapesGraph, shape: ox.NamedNode) -> Iterator[str]:
    """Queries whose rows are the focus nodes of a shape."""
    implicit = ox.NamedNode(RDFS + "Class") in shapes.objects(shape, RDF + "type")
    for cls in (*shapes.objects(shape, "targetClass"), *([shape] if implicit else [])):
        yield f"SELECT DISTINCT ?this {{ ?this <{RDF}type>/<{RDFS}subClassOf>* {cls} }}"
    for node in shapes.objects(shape, "targetNode"):
        yield f"SELECT ?this {{ VALUES ?this {{ {node} }} }}"
    for predicate in shapes.objects(shape, "targetSubjectsOf"):
        yield f"SELECT DISTINCT ?this {{ ?this {predicate} ?value }}"
    for predicate in shapes.objects(shape, "targetObjectsOf"):
        yield f"SELECT DISTINCT ?this {{ ?subject {predicate} ?this }}"


def _select(store: ox.Store, query: str) -> ox.QuerySolutions:
    found = store.query(query)
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError(query)
    return found
