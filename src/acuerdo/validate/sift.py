"""What is valid of an article stays; what is not is set apart, in the smallest unit, with its reasons.

The ladder is that of the whole project: annotation < relation or participation < event < article. What
pointed at a dropped node loses that triple; what becomes invalid by it is dropped the same way, until
nothing changes. Each round drops the smallest units in violation, all at once, so order plays no part.

* An article that breaks a shape stays out whole.
* A thing that others stand on (an actor, a place, a post) loses the triple whose value is wrong, or the type
  whose shape it does not meet where it has a wider one (an official stays a person), or the triples that only
  something else may have (a person has no participants); only without any of these it goes itself.
* Everything else goes as a node: a participation, a piece of evidence (with the relation that it alone
  supported), an event, a tenure, a claim.
* A passage that only dropped nodes quoted goes with them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from acuerdo.iri import AC
from acuerdo.report import Unit as UnitName
from acuerdo.resolve import Resolved
from acuerdo.validate.finding import Finding, order
from acuerdo.validate.validator import Validator
from acuerdo.validate.words import pointed
from acuerdo.vocabulary import RDF

LADDER: tuple[UnitName, ...] = ("annotation", "relation", "event", "article")
_TYPE = f"<{RDF}type>".encode()


def _term(name: str) -> bytes:
    return f"<{AC}{name}>".encode()


_ARTICLE, _EVIDENCE = _term("Article"), _term("Evidence")
_EVIDENCED_BY, _QUOTED_FROM = _term("evidencedBy"), _term("quotedFrom")
_SUPPORTS, _SUPPORTS_PROPERTY = _term("supports"), _term("supportsProperty")
_HOLDER, _OFFICIAL = _term("holder"), _term("Official")
_PARTS = {_EVIDENCE, _term("Participation"), _term("Amount")}
_STOOD_ON = {_term(name) for name in ("Actor", "Place", "Post")}
_SUBJECT = re.compile(rb"^<([^>]*)>", re.MULTILINE)
_PREDICATE = re.compile(r"<[^<>]*>")


class Sifted(Struct, frozen=True):
    """The two parts of an article's lines, each in the order of the input, and why."""

    kept: bytes
    quarantined: bytes
    findings: tuple[Finding, ...]


class Line(NamedTuple):
    """One quad, cut into its terms; `text` is the line as it came."""

    subject: bytes
    predicate: bytes
    object: bytes
    text: bytes


class Unit(NamedTuple):
    """What goes because of one finding."""

    name: UnitName
    lines: frozenset[Line]


def sift(nquads: bytes, validator: Validator, resolved: Resolved | None = None) -> Sifted:
    """Keep what is valid of one article's graph (N-Quads lines of one named graph, in any order).

    Findings are about the article's own nodes: what only the context says is not the article's fault.
    With the article that was mapped they point at its annotations, without it at its passages.
    Raises ValueError for lines of several graphs.
    """
    graph = _graph_name(nquads)
    findings = _check(nquads, graph, validator)
    if all(finding.severity != "violation" for finding in findings):
        return Sifted(nquads, b"", pointed(findings, nquads, resolved))
    sifted = _Sieve(nquads, graph, validator).run(findings)
    return replace(sifted, findings=pointed(sifted.findings, nquads, resolved))


def inspect(
    nquads: bytes, validator: Validator, resolved: Resolved | None = None
) -> tuple[Finding, ...]:
    """What is wrong with one article's graph, as `sift` finds it, without dropping anything."""
    return pointed(_check(nquads, _graph_name(nquads), validator), nquads, resolved)


def _graph_name(nquads: bytes) -> bytes:
    """The end that all lines share: the graph's name and the full stop."""
    if not nquads:
        return b" .\n"
    first = nquads[: nquads.find(b"\n") + 1]
    end = b" " + b" ".join(first.rsplit(b" ", 2)[1:])
    if nquads.count(end) != nquads.count(b"\n") or not nquads.endswith(end):
        raise ValueError("the lines are not those of one named graph")
    return end


def _check(nquads: bytes, graph: bytes, validator: Validator) -> tuple[Finding, ...]:
    # A literal cannot hold a raw line break, so the end of a line is found nowhere else.
    triples = nquads.replace(graph, b" .\n")
    findings = validator.check(triples.decode() + validator.context.closure(triples)).findings
    return own(findings, triples)


def own(findings: tuple[Finding, ...], triples: bytes) -> tuple[Finding, ...]:
    """The findings about subjects of these lines; what only the context says is not the data's fault."""
    if not findings:
        return findings
    subjects = set(_SUBJECT.findall(triples))
    return tuple(finding for finding in findings if finding.focus.encode() in subjects)


class _Sieve:
    """The state of one run: the lines that are still in, and which finding removed the others."""

    def __init__(self, nquads: bytes, graph: bytes, validator: Validator) -> None:
        self.validator, self.graph = validator, graph
        self.lines = [_cut(text, graph) for text in nquads.splitlines(keepends=True)]
        self.removed: dict[Line, str] = {}
        self.about: dict[bytes, list[Line]] = defaultdict(list)
        self.pointing: dict[bytes, list[Line]] = defaultdict(list)
        for line in self.lines:
            self.about[line.subject].append(line)
            self.pointing[line.object].append(line)

    def run(self, findings: tuple[Finding, ...]) -> Sifted:
        """Rounds of dropping and checking until no violation is left."""
        known = {finding.id: finding for finding in findings}
        while dropping := self._smallest(findings):
            for finding, unit in dropping:
                known[finding.id] = replace(known[finding.id], dropped=unit.name)
                for line in unit.lines:
                    self.removed.setdefault(line, finding.id)
            self._remove_passages()
            findings = _check(self._kept(), self.graph, self.validator)
            for finding in findings:
                if finding.id not in known:
                    known[finding.id] = replace(finding, cause=self._cause(finding))
        quarantined = b"".join(line.text for line in self.lines if line in self.removed)
        return Sifted(self._kept(), quarantined, tuple(sorted(known.values(), key=order)))

    def _kept(self) -> bytes:
        return b"".join(line.text for line in self.lines if line not in self.removed)

    def _live(self, lines: Iterable[Line]) -> list[Line]:
        return [line for line in lines if line not in self.removed]

    def _smallest(self, findings: tuple[Finding, ...]) -> list[tuple[Finding, Unit]]:
        units = [(f, self._unit(f)) for f in findings if f.severity == "violation"]
        units = [(finding, unit) for finding, unit in units if unit.lines]
        least = min((LADDER.index(unit.name) for _, unit in units), default=0)
        return [(f, unit) for f, unit in units if LADDER.index(unit.name) == least]

    def _unit(self, finding: Finding) -> Unit:
        node = f"<{finding.focus}>".encode()
        about = self._live(self.about[node])
        types = {line.object for line in about if line.predicate == _TYPE}
        if _ARTICLE in types:
            return Unit("article", frozenset(self._live(self.lines)))
        whole = [*about, *self._live(self.pointing[node])]
        if types & _PARTS:
            return Unit("relation", frozenset([*whole, *self._supported(node, types)]))
        if self._stood_on(node):
            blamed = (
                _with_value(finding, about)
                or self._type_asked(finding, about)
                or self._said_of(finding, about)
            )
            return (
                Unit("relation", frozenset(blamed))
                if blamed
                else Unit("annotation", frozenset(whole))
            )
        if _term("Passage") in types:
            return Unit("annotation", frozenset(whole))
        return Unit("event", frozenset([*whole, *self._offices(node)]))

    def _offices(self, tenure: bytes) -> Iterator[Line]:
        """That its holder is an official, where this tenure alone said so of a person."""
        for held in self._live(self.about[tenure]):
            if held.predicate != _HOLDER:
                continue
            others = {ln.subject for ln in self._live(self.pointing[held.object])} - {tenure}
            types = [ln for ln in self._live(self.about[held.object]) if ln.predicate == _TYPE]
            holds = (ln for o in others for ln in self._live(self.about[o]))
            if len(types) > 1 and not any(
                ln.predicate == _HOLDER and ln.object == held.object for ln in holds
            ):
                yield from (line for line in types if line.object == _OFFICIAL)

    def _types(self, node: bytes) -> set[bytes]:
        """The classes of a node, by its types here and in the context."""
        context = self.validator.context.closure(node).encode()
        known = re.findall(re.escape(node + b" " + _TYPE) + rb" (<[^>]*>)", context)
        return {
            *known,
            *(ln.object for ln in self._live(self.about[node]) if ln.predicate == _TYPE),
        }

    def _stood_on(self, node: bytes) -> bool:
        """Whether the node is an actor, a place or a post."""
        above = self.validator.context.superclasses
        return any(above(cls) & _STOOD_ON for cls in self._types(node))

    def _type_asked(self, finding: Finding, about: list[Line]) -> list[Line]:
        """The types that made the shape ask, where the node has a wider one beside each."""
        targets = {f"<{cls}>".encode() for cls in self.validator.shapes.targets(finding.shape)}
        others = self._types(f"<{finding.focus}>".encode()) - targets
        return [
            line
            for line in about
            if line.predicate == _TYPE
            and line.object in targets
            and self.validator.context.superclasses(line.object) & others
        ]

    def _said_of(self, finding: Finding, about: list[Line]) -> list[Line]:
        """The triples that made the shape ask, where it asks of whatever has such a property."""
        asked = {f"<{p}>".encode() for p in self.validator.shapes.subject_targets(finding.shape)}
        return [line for line in about if line.predicate in asked]

    def _supported(self, node: bytes, types: set[bytes]) -> Iterator[Line]:
        """The relations between lasting things that this evidence alone supports."""
        if _EVIDENCE not in types:
            return
        for source, name in self._pairs(node):
            if self._stood_on(source):
                others = {ln.subject for ln in self._live(self.pointing[source])} - {node}
                if not any((source, name) in self._pairs(other) for other in others):
                    yield from (ln for ln in self._live(self.about[source]) if ln.predicate == name)

    def _pairs(self, evidence: bytes) -> set[tuple[bytes, bytes]]:
        """(node, property) that a piece of evidence supports."""
        about = self._live(self.about[evidence])
        sources = [line.object for line in about if line.predicate == _SUPPORTS]
        names = [line.object for line in about if line.predicate == _SUPPORTS_PROPERTY]
        return {(source, name) for source in sources for name in names}

    def _remove_passages(self) -> None:
        """Passages that nothing in the graph quotes any longer leave with those that did."""
        quoting = {_EVIDENCED_BY, _QUOTED_FROM}
        for line, reason in list(self.removed.items()):
            quotes = self.pointing[line.object] if line.predicate in quoting else []
            if quotes and not any(ln.predicate in quoting for ln in self._live(quotes)):
                for about in self._live(self.about[line.object]):
                    self.removed[about] = reason

    def _cause(self, finding: Finding) -> str | None:
        """The finding that took a triple from the focus, or a triple that pointed at it."""
        node = f"<{finding.focus}>".encode()
        near = [*self.about[node], *self.pointing[node]]
        ids = {self.removed[line] for line in near if line in self.removed}
        return min(ids or set(self.removed.values()), default=None)


def _cut(text: bytes, graph: bytes) -> Line:
    subject, predicate, rest = text.split(b" ", 2)
    return Line(subject, predicate, rest[: -len(graph)], text)


def _with_value(finding: Finding, about: list[Line]) -> list[Line]:
    """The triples of the focus node that hold the value which breaks the shape."""
    if finding.value is None or _PREDICATE.fullmatch(finding.path or "") is None:
        return []
    wanted = ((finding.path or "").encode(), finding.value.encode())
    return [line for line in about if (line.predicate, line.object) == wanted]
