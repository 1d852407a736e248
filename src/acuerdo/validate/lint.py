"""What is wrong with shapes that engines accept without a word: a typo in SHACL conforms to everything."""

import importlib.resources
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
from msgspec import Struct

from acuerdo.iri import FIXED
from acuerdo.validate.engines import compiled
from acuerdo.validate.queries import query_text
from acuerdo.validate.shapes import TARGETS, ShapesGraph, parse
from acuerdo.vocabulary import SH

_SHAPES = FIXED + "shapes#"
_RULES = (
    "or",
    "and",
    "xone",
    "not",
    "node",
    "sparql",
    "closed",
    "hasValue",
    "in",
    "pattern",
    "class",
)
_IRI = re.compile(r"<([^<>\s]+)>")
_CURIE = re.compile(r"(?<![\w<])([A-Za-z][\w-]*)?:([A-Za-z_][\w-]*)")
_PREFIX = re.compile(r"PREFIX\s+([\w-]*):\s*<([^>]*)>")


class Problem(Struct, frozen=True, order=True):
    """One thing wrong with a shapes file."""

    file: str
    line: int
    rule: str
    sentence: str

    def __str__(self) -> str:
        """`FILE:LINE: RULE: sentence` on one line."""
        return f"{self.file}:{self.line}: {self.rule}: {self.sentence}"


def lint(shapes: ShapesGraph, ontology: Sequence[Path] = ()) -> list[Problem]:
    """All problems of a shapes graph that does load, in the order of files and lines.

    With ontology files the terms of acuerdo that the shapes name must be declared there.
    """
    checks = (_standard, _unknown_terms, _nameless, _wordless, _alternatives, _several_queries)
    found = {problem for check in checks for problem in check(shapes)}
    if ontology:
        found |= set(_undeclared(shapes, ontology))
    return sorted(found)


def _problem(shapes: ShapesGraph, subject: object, rule: str, sentence: str) -> Problem:
    named = _named(shapes, subject)
    path = shapes.file_of.get(named) or shapes.file_of.get(subject) or "?"
    return Problem(str(path), shapes.line(named) or 1, rule, sentence)


def _named(shapes: ShapesGraph, subject: object) -> object:
    """The subject, or the nearest shape around it that has an IRI."""
    seen: set[object] = set()
    todo = [subject]
    for node in todo:
        if isinstance(node, ox.NamedNode):
            return node
        if node not in seen:
            seen.add(node)
            todo += [t.subject for t in shapes.triples if t.object == node]
    return subject


def _assets(name: str) -> bytes:
    return (importlib.resources.files("pyshacl") / "assets" / name).read_bytes()


def _standard(shapes: ShapesGraph) -> Iterator[Problem]:
    """The shapes for shapes of the standard itself."""
    rules = ox.parse(_assets("shacl-shacl.ttl"), format=ox.RdfFormat.TURTLE)
    engine = compiled("".join(f"{quad.triple} .\n" for quad in rules))
    subjects = {str(subject): subject for subject in shapes.subjects()}
    for result in engine.check(shapes.ntriples):
        subject = subjects.get(result.focus)
        what = result.path or result.component.rpartition("#")[2]
        sentence = f"not well-formed SHACL: {what}" + (
            f" is {result.value}" if result.value else ""
        )
        yield _problem(shapes, subject, "standard", sentence)


def _unknown_terms(shapes: ShapesGraph) -> Iterator[Problem]:
    """IRIs in the namespace of SHACL that SHACL does not have: `sh:minCont`."""
    triples = ox.parse(_assets("shacl.ttl"), format=ox.RdfFormat.TURTLE)
    known = {q.subject.value for q in triples if isinstance(q.subject, ox.NamedNode)}
    for triple in shapes.triples:
        for term in (triple.predicate, triple.object):
            if (
                isinstance(term, ox.NamedNode)
                and term.value.startswith(SH)
                and term.value not in known
            ):
                sentence = f"SHACL has no sh:{term.value.removeprefix(SH)}"
                yield _problem(shapes, triple.subject, "unknown-term", sentence)


def _nameless(shapes: ShapesGraph) -> Iterator[Problem]:
    """Property shapes and shapes with targets that have no IRI: a report could not name them."""
    listed = {inner for s in shapes.subjects() for inner in shapes.objects(s, "property")}
    for subject in shapes.subjects():
        asked = subject in listed or any(shapes.objects(subject, name) for name in TARGETS)
        if asked and isinstance(subject, ox.BlankNode):
            sentence = "a shape without an IRI: no report can name it from run to run"
            yield _problem(shapes, subject, "no-iri", sentence)


def _wordless(shapes: ShapesGraph) -> Iterator[Problem]:
    """Shapes that a report can name without a sentence in English and one in Spanish."""
    for subject in shapes.shapes():
        if isinstance(subject, ox.NamedNode) and _is_asked(shapes, subject):
            messages = shapes.messages(subject.value, SH + "SPARQLConstraintComponent")
            missing = sorted({"en", "es"} - set(messages))
            if missing:
                sentence = f"{subject} has no sh:message in {' and '.join(missing)}"
                yield _problem(shapes, subject, "no-message", sentence)


def _is_asked(shapes: ShapesGraph, shape: object) -> bool:
    ruled = shapes.objects(shape, "path") or any(shapes.objects(shape, rule) for rule in _RULES)
    return bool(ruled)


def _alternatives(shapes: ShapesGraph) -> Iterator[Problem]:
    """`sh:or` over several `sh:class`: the one form whose cost grows with the square of the data."""
    for subject in shapes.subjects():
        for head in shapes.objects(subject, "or"):
            members = shapes.list_items(head)
            if sum(bool(shapes.objects(member, "class")) for member in members) > 1:
                sentence = "sh:or over sh:class grows with the square of the data; name a common superclass"
                yield _problem(shapes, subject, "or-over-class", sentence)


def _several_queries(shapes: ShapesGraph) -> Iterator[Problem]:
    """Two queries on one shape: results do not say which of them failed."""
    for subject in shapes.subjects():
        if len(shapes.objects(subject, "sparql")) > 1:
            sentence = (
                "more than one sh:sparql; give each a shape, so that a result says which one failed"
            )
            yield _problem(shapes, subject, "several-queries", sentence)


def _undeclared(shapes: ShapesGraph, ontology: Sequence[Path]) -> Iterator[Problem]:
    """Terms and concepts of acuerdo that the ontology does not declare: they never match anything."""
    declared = {
        t.subject.value for p in ontology for t in parse(p) if isinstance(t.subject, ox.NamedNode)
    }
    for triple in shapes.triples:
        named = {
            term.value
            for term in (triple.predicate, triple.object)
            if isinstance(term, ox.NamedNode)
        }
        if triple.predicate.value == SH + "select":
            named |= _iris(query_text(shapes, triple.subject))
        for iri in sorted(named):
            ours = iri.startswith(FIXED) and not iri.startswith(_SHAPES) and not iri.endswith("#")
            if ours and iri not in declared:
                sentence = f"{iri} is declared nowhere in the ontology"
                yield _problem(shapes, triple.subject, "undeclared", sentence)


def _iris(query: str) -> set[str]:
    """The IRIs that a query names, in full or with a prefix."""
    prefixes = dict(_PREFIX.findall(query))
    body = re.sub(r'"[^"\n]*"', '""', _PREFIX.sub("", query))
    short = {prefixes[p] + local for p, local in _CURIE.findall(body) if p in prefixes}
    return set(_IRI.findall(body)) | short
