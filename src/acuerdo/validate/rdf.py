"""A report as RDF: the standard `sh:ValidationReport`, for tools that know SHACL."""

from collections.abc import Iterator

import pyoxigraph as ox

from acuerdo.validate.finding import Finding, Report
from acuerdo.validate.shapes import ShapesGraph, Term
from acuerdo.vocabulary import PREFIXES, RDF, SH, XSD

_SEVERITY = {"violation": "Violation", "warning": "Warning", "info": "Info"}
_REPORT = ox.NamedNode("urn:acuerdo:report")
Subject = ox.NamedNode | ox.BlankNode


def rdf(report: Report, shapes: ShapesGraph, syntax: ox.RdfFormat = ox.RdfFormat.TURTLE) -> bytes:
    """The report with a node `urn:acuerdo:finding:{id}` for each finding, in stable order.

    `sh:conforms` is false for any result, as the standard has it.
    """
    triples = [
        _triple(_REPORT, RDF + "type", ox.NamedNode(SH + "ValidationReport")),
        _triple(
            _REPORT,
            SH + "conforms",
            ox.Literal(str(not report.findings).lower(), datatype=ox.NamedNode(XSD + "boolean")),
        ),
    ]
    for finding in report.findings:
        triples += _result(finding, shapes)
    written = ox.serialize(triples, format=syntax, prefixes=PREFIXES)
    if written is None:
        raise AssertionError("serialize without a file gives bytes")
    return written


def _triple(subject: Subject, predicate: str, value: Term) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _result(finding: Finding, shapes: ShapesGraph) -> Iterator[ox.Triple]:
    node = ox.NamedNode(f"urn:acuerdo:finding:{finding.id}")
    yield _triple(_REPORT, SH + "result", node)
    yield _triple(node, RDF + "type", ox.NamedNode(SH + "ValidationResult"))
    yield _triple(node, SH + "focusNode", _term(finding.focus))
    severity = ox.NamedNode(SH + _SEVERITY[finding.severity])
    yield _triple(node, SH + "resultSeverity", severity)
    yield _triple(node, SH + "sourceConstraintComponent", ox.NamedNode(finding.component))
    yield _triple(node, SH + "sourceShape", _term(finding.shape))
    for language, message in sorted(finding.messages.items()):
        yield _triple(node, SH + "resultMessage", ox.Literal(message, language=language or None))
    if finding.value is not None:
        yield _triple(node, SH + "value", _term(finding.value))
    if finding.path is not None:
        yield from _path(node, finding, shapes)


def _term(text: str) -> Term:
    """A term in N-Triples syntax, or an IRI without its brackets."""
    written = text if text.startswith(('"', "_:", "<")) else f"<{text}>"
    line = f"<s:s> <p:p> {written} .".encode()
    value: Term = next(ox.parse(line, format=ox.RdfFormat.N_TRIPLES)).object
    return value


def _path(node: ox.NamedNode, finding: Finding, shapes: ShapesGraph) -> Iterator[ox.Triple]:
    """The predicate itself, or a copy of the path of the shape under blank nodes of its own."""
    text = finding.path or ""
    if text.startswith("<") and text.endswith(">") and text.count("<") == 1:
        yield _triple(node, SH + "resultPath", ox.NamedNode(text[1:-1]))
        return
    stated = shapes.objects(ox.NamedNode(finding.shape), "path")
    if not stated:
        return
    copies: dict[object, ox.BlankNode] = {}
    todo = [stated[0]]

    def copy(term: Term) -> Term:
        if not isinstance(term, ox.BlankNode):
            return term
        if term not in copies:
            copies[term] = ox.BlankNode(f"p{finding.id}{len(copies)}")
            todo.append(term)
        return copies[term]

    yield _triple(node, SH + "resultPath", copy(stated[0]))
    for term in todo[1:]:
        for predicate, values in shapes.about(term):
            for value in values:
                yield _triple(copies[term], predicate, copy(value))
