"""A report as RDF: the standard `sh:ValidationReport`, for tools that know SHACL."""

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from msgspec.structs import replace

from acuerdo.validate.finding import Finding, Report
from acuerdo.validate.shapes import ShapesGraph, Term
from acuerdo.vocabulary import PREFIXES, PROV, RDF, SH, XSD

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


def with_reasons(quarantined: bytes, findings: Iterable[Finding]) -> bytes:
    """Quads that stay out, with a result of SHACL in their graph for each finding that keeps them out.

    No blank node: a path that is more than a property is left to the shape. What fell because of another
    finding says so (`prov:wasInfluencedBy`). The lines come sorted.
    """
    if not quarantined:
        return b""
    graph = quarantined[: quarantined.index(b"\n") + 1].rsplit(b" ", 2)[1].decode()
    lines = set(quarantined.splitlines(keepends=True))
    for finding in findings:
        if finding.dropped is not None:
            lines |= {f"{triple} {graph} .\n".encode() for triple in _reason(finding)}
    return b"".join(sorted(lines))


def _reason(finding: Finding) -> Iterator[ox.Triple]:
    simple = finding.path if _is_predicate(finding.path) else None
    for triple in _result(replace(finding, path=simple), None):
        if triple.subject != _REPORT and not isinstance(triple.object, ox.BlankNode):
            yield triple
    if finding.cause is not None:
        cause = ox.NamedNode(f"urn:acuerdo:finding:{finding.cause}")
        yield _triple(_node(finding), PROV + "wasInfluencedBy", cause)


def _node(finding: Finding) -> ox.NamedNode:
    return ox.NamedNode(f"urn:acuerdo:finding:{finding.id}")


def _is_predicate(path: str | None) -> bool:
    return path is not None and re.fullmatch(r"<[^<>]*>", path) is not None


def _triple(subject: Subject, predicate: str, value: Term) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _result(finding: Finding, shapes: ShapesGraph | None) -> Iterator[ox.Triple]:
    node = _node(finding)
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


def _path(node: ox.NamedNode, finding: Finding, shapes: ShapesGraph | None) -> Iterator[ox.Triple]:
    """The predicate itself, or a copy of the path of the shape under blank nodes of its own."""
    if _is_predicate(finding.path):
        yield _triple(node, SH + "resultPath", ox.NamedNode((finding.path or "")[1:-1]))
        return
    stated = shapes.objects(ox.NamedNode(finding.shape), "path") if shapes else []
    if shapes is None or not stated:
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
