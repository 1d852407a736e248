"""From a finding to the words behind it: article, annotation, offsets.

A node of an article has the annotation's id in its IRI, or the article says which IRI the annotation got;
its words are those of the annotation's first mention, else those of the passage that evidences it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import pyoxigraph as ox
from msgspec.structs import replace

from acuerdo.iri import AC
from acuerdo.model import Article, Entity, Event, Mention, Relation
from acuerdo.resolve import Resolved
from acuerdo.validate.finding import Finding, order

_LOCAL = re.compile(r"/(?:entity|evidence)/([^/#]+)")
_CHARS = re.compile(r"#char=(\d+),(\d+)$")
_PARTICIPATION = re.compile(r"^(.*?)/participation/.+$")
_TO_PASSAGE = {f"<{AC}{name}>" for name in ("evidencedBy", "quotedFrom")}
_TO_OWNER = {
    f"<{AC}{name}>" for name in ("amount", "hasParticipation", "evidencedBy", "quotedFrom")
}

Annotation = Entity | Relation


def pointed(
    findings: Iterable[Finding], nquads: bytes, resolved: Resolved | None = None
) -> tuple[Finding, ...]:
    """The findings with article, annotation, offsets and words, as far as the quads and the article tell.

    `nquads` are all lines that the findings are about, dropped ones included. Without the article the
    annotation is known for nodes below it only, and offsets are those of the evidence.
    """
    found = tuple(findings)
    if not found:
        return found
    where = _Where(nquads, resolved)
    return tuple(sorted((where.point(finding) for finding in found), key=order))


class _Where:
    """The lines of one article by subject and object, and its annotations by IRI."""

    def __init__(self, nquads: bytes, resolved: Resolved | None) -> None:
        self.about: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.owner: dict[str, str] = {}
        for line in sorted(nquads.decode().splitlines()):
            subject, predicate, rest = line.split(" ", 2)
            value = rest.rsplit(" ", 2)[0]
            self.about[subject].append((predicate, value))
            if predicate in _TO_OWNER:
                self.owner.setdefault(value, subject)
        self.article = resolved.article if resolved else None
        self.ids = {f"<{iri}>": name for name, iri in resolved.iris.items()} if resolved else {}
        self.annotations = _annotations(self.article) if self.article else {}
        self.key = self.article.id if self.article else self._identifier()

    def point(self, finding: Finding) -> Finding:
        """The finding with what is known about where it is."""
        node = f"<{finding.focus}>"
        name = self._annotation(node)
        mention = self._mention(name) or self._passage(node)
        if mention is None:
            return replace(finding, article=self.key, annotation=name)
        words = self._words(mention)
        return replace(
            finding,
            article=self.key,
            annotation=name,
            start=mention.start,
            end=mention.end,
            words=words,
        )

    def _identifier(self) -> str | None:
        for pairs in self.about.values():
            for predicate, value in pairs:
                if predicate == f"<{AC}identifier>":
                    return _lexical(value)
        return None

    def _annotation(self, node: str) -> str | None:
        """The id of the annotation that wrote the node, or that owns it."""
        seen: set[str] = set()
        while node not in seen:
            seen.add(node)
            if node in self.ids:
                return self.ids[node]
            event = _PARTICIPATION.match(node[1:-1])
            if event is not None:  # its tail names an actor, not an annotation
                node = f"<{event[1]}>"
                continue
            local = _LOCAL.search(node[1:-1])
            if local is not None:
                return unquote(local[1])
            node = self.owner.get(node, node)
        return None

    def _mention(self, name: str | None) -> Mention | None:
        annotation = self.annotations.get(name or "")
        if annotation is None:
            return None
        spans = () if isinstance(annotation, Relation) else annotation.mentions
        if isinstance(annotation, Event | Relation):
            spans = spans or annotation.evidence
        return spans[0] if spans else None

    def _passage(self, node: str) -> Mention | None:
        """The first passage that evidences the node, or the node itself where it is one."""
        passages = {v for predicate, v in self.about[node] if predicate in _TO_PASSAGE} | {node}
        spans = sorted(
            (int(found[1]), int(found[2]), passage)
            for passage in passages
            if (found := _CHARS.search(passage[1:-1]))
        )
        if not spans:
            owner = self.owner.get(node)
            return self._passage(owner) if owner and owner != node else None
        start, end, passage = spans[0]
        words = [v for predicate, v in self.about[passage] if predicate == f"<{AC}words>"]
        return Mention(start, end, _lexical(words[0]) if words else None)

    def _words(self, mention: Mention) -> str | None:
        text = self.article.text if self.article else None
        return mention.text if text is None else text[mention.start : mention.end]


def _annotations(article: Article) -> Mapping[str, Annotation]:
    """The annotations by id; a relation without one has the name that its evidence bears in the graph."""
    named: dict[str, Annotation] = {}
    for relation in article.relations:
        named[relation.id or f"{relation.type}.{relation.source}.{relation.target}"] = relation
    return named | {node.id: node for node in (*article.entities, *article.events)}


def _lexical(term: str) -> str | None:
    value = next(ox.parse(f"<s:s> <p:p> {term} .".encode(), format=ox.RdfFormat.N_TRIPLES)).object
    return value.value if isinstance(value, ox.Literal) else None
