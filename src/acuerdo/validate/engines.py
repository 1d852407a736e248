"""The two SHACL engines behind one interface: `shacl` (Rust, fast) and `pyshacl` (the oracle and fallback).

Both take shapes and data as N-Triples text and give the same plain results.
"""

import importlib.util
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Protocol

from acuerdo.errors import WrongUsage
from acuerdo.vocabulary import SH

EngineName = Literal["shacl", "pyshacl"]


class Result(NamedTuple):
    """One result as an engine gives it; terms in N-Triples syntax, the path in SPARQL's."""

    focus: str
    path: str | None
    value: str | None
    shape: str
    component: str
    severity: str
    messages: tuple[str, ...]


class Engine(Protocol):
    """A compiled shapes graph."""

    name: EngineName

    def check(self, ntriples: str) -> list[Result]:
        """All results for the data, warnings and infos included."""
        ...


class Native:
    """The engine of the `shacl` package; it frees the GIL while it works."""

    name: EngineName = "shacl"

    def __init__(self, shapes: str) -> None:
        import shacl

        self._shapes = shacl.Shapes.from_text(shapes, format="ntriples")

    def __len__(self) -> int:
        return len(self._shapes)

    def check(self, ntriples: str) -> list[Result]:
        """All results for the data."""
        report = self._shapes.validate_text(ntriples, format="ntriples")
        return [_native(result) for result in report.results]

    def check_file(self, path: str) -> list[Result]:
        """All results for a file that the engine reads itself (`.nt`, `.nq`, `.ttl`, `.nt.gz`)."""
        return [_native(result) for result in self._shapes.validate_file(path).results]


def _native(result: Any) -> Result:
    return Result(
        result.focus_node,
        result.path,
        result.value,
        result.root_shape or result.source_shape or "",
        result.component_iri,
        result.severity_iri,
        tuple(result.messages),
    )


class Oracle:
    """The engine of the `pyshacl` package: slow, and right in other places than `shacl` is."""

    name: EngineName = "pyshacl"

    def __init__(self, shapes: str) -> None:
        import rdflib

        self._shapes = rdflib.Graph().parse(data=shapes, format="nt")

    def check(self, ntriples: str) -> list[Result]:
        """All results for the data; raises WrongUsage for shapes that pyshacl cannot carry out."""
        import pyshacl
        import rdflib

        data = rdflib.Graph().parse(data=ntriples, format="nt")
        try:
            _, report, text = pyshacl.validate(
                data, shacl_graph=self._shapes, inplace=True, advanced=True, do_owl_imports=False
            )
        except (
            Exception
        ) as error:  # rdflib's SPARQL raises plain Exception, so nothing narrower fits
            raise WrongUsage(f"pyshacl cannot carry out these shapes: {error}") from error
        if not isinstance(report, rdflib.Graph):
            raise WrongUsage(f"pyshacl cannot carry out these shapes: {text}")
        return list(self._results(report))

    def _results(self, report: Any) -> Iterator[Result]:
        import rdflib

        sh = rdflib.Namespace(SH)
        # Top-level results only: sh:detail nests others, which the native engine does not give.
        for result in report.objects(None, sh.result):
            value = report.value(result, sh.value)
            path = report.value(result, sh.resultPath)
            yield Result(
                report.value(result, sh.focusNode).n3(),
                None if path is None else path_text(report, path),
                None if value is None else _ntriples(value),
                self._named(report.value(result, sh.sourceShape)),
                str(report.value(result, sh.sourceConstraintComponent)),
                str(report.value(result, sh.resultSeverity)),
                tuple(str(m) for m in report.objects(result, sh.resultMessage)),
            )

    def _named(self, shape: Any) -> str:
        """The shape, or the nearest one around it that has an IRI."""
        import rdflib

        around = shape
        while isinstance(around, rdflib.BNode):
            around = self._shapes.value(None, rdflib.URIRef(SH + "property"), around)
        return str((shape if around is None else around).n3())


def _ntriples(term: Any) -> str:
    """A term as the native engine writes it: `n3()` would shorten numbers and triple-quote lines."""
    import pyoxigraph
    import rdflib

    if not isinstance(term, rdflib.Literal):
        return str(term.n3())
    datatype = pyoxigraph.NamedNode(term.datatype) if term.datatype else None
    return str(pyoxigraph.Literal(str(term), language=term.language, datatype=datatype))


_OPERATORS = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


def path_text(graph: Any, node: Any) -> str:
    """A SHACL path in an rdflib graph as a SPARQL property path, written as the native engine does."""
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return str(node.n3())
    sh = rdflib.Namespace(SH)
    inverse = graph.value(node, sh.inversePath)
    if inverse is not None:
        return "^" + path_text(graph, inverse)
    alternatives = graph.value(node, sh.alternativePath)
    if alternatives is not None:
        return f"({'|'.join(path_text(graph, n) for n in graph.items(alternatives))})"
    for operator, sign in _OPERATORS.items():
        inner = graph.value(node, sh[operator])
        if inner is not None:
            return f"({path_text(graph, inner)}){sign}"
    return f"({'/'.join(path_text(graph, n) for n in graph.items(node))})"


def compiled(shapes: str, name: EngineName | None = None) -> Engine:
    """An engine over the shapes: the one named, else `shacl` where it is installed, else `pyshacl`."""
    available = importlib.util.find_spec("shacl") is not None
    if name == "shacl" and not available:
        raise WrongUsage(
            "the package 'shacl' has no wheel for this platform; use --engine pyshacl, or no --engine"
        )
    return Native(shapes) if available and name != "pyshacl" else Oracle(shapes)
