"""What is known before any article is read: people, agencies, posts and places with all their names.

Read from `ontology/registry/*.ttl`, whose relative IRIs take the base of the build. A name joins an
article's entity to an entry only as `skos:prefLabel` or `skos:altLabel`; what is too common to identify
anything alone ("Foreign Minister", "the Navy") is marked with `ac:sharedName` as well.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path

import pyoxigraph as ox
from msgspec import Struct

from acuerdo import vocabulary
from acuerdo.dates import InvalidDateError, bounds
from acuerdo.iri import AC, Bases, qid, slug
from acuerdo.vocabulary import RDF, RDFS, SKOS

NOBODY: AbstractSet[str] = frozenset()
_JOINING = {SKOS + "prefLabel", SKOS + "altLabel"}


class Term(Struct, frozen=True):
    """One known term of a person in a post; `None` where the registry states no day."""

    iri: str
    begin: date | None
    end: date | None


class Registry:
    """The entries by name, by Wikidata id and by what they are."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.types: defaultdict[str, set[str]] = defaultdict(set)
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._common: defaultdict[str, set[str]] = defaultdict(set)
        self.labels: dict[str, str] = {}
        self.qids: dict[str, str] = {}
        self.by_qid: defaultdict[str, set[str]] = defaultdict(set)
        self.links: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        lines = set()
        for quad in quads:
            lines.add(f"{quad.subject} {quad.predicate} {quad.object} ")
            self._take(str(quad.subject)[1:-1], quad.predicate.value, quad.object)
        self._lines = sorted(lines)
        self.terms = self._terms()

    def _take(
        self,
        subject: str,
        predicate: str,
        term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple,
    ) -> None:
        value = str(getattr(term, "value", term))
        if predicate == RDF + "type":
            self.types[subject].add(value)
        elif predicate in _JOINING:
            self._names[slug(value)].add(subject)
        elif predicate == AC + "sharedName":
            self._common[slug(value)].add(subject)
        elif predicate == RDFS + "label":
            self.labels[subject] = value
        elif predicate == AC + "wikidata":
            found = qid(value)
            if found:
                self.qids[subject] = found
                self.by_qid[found].add(subject)
        else:
            self.links[subject, predicate].add(value)

    def _terms(self) -> dict[tuple[str, str], list[Term]]:
        terms: defaultdict[tuple[str, str], list[Term]] = defaultdict(list)
        for iri, classes in self.types.items():
            if AC + "Tenure" not in classes:
                continue
            for holder in self.links.get((iri, AC + "holder"), ()):
                for post in self.links.get((iri, AC + "post"), ()):
                    begin, end = (self._day(iri, AC + name) for name in ("begin", "end"))
                    terms[holder, post].append(Term(iri, begin[0], end[1]))
        return {
            pair: sorted(known, key=lambda t: (t.begin or date.min, t.iri))
            for pair, known in terms.items()
        }

    def _day(self, iri: str, predicate: str) -> tuple[date | None, date | None]:
        for value in self.links.get((iri, predicate), ()):
            try:
                found = bounds(value)
            except InvalidDateError:
                continue
            return found.lower, found.upper
        return None, None

    def __contains__(self, iri: str) -> bool:
        return iri in self.types

    def named(self, name: str) -> tuple[AbstractSet[str], AbstractSet[str]]:
        """The entries that this name identifies by itself, and those that are called so among others."""
        key = slug(name)
        common = self._common.get(key, NOBODY)
        return self._names.get(key, NOBODY) - common, common

    def about(self, iri: str, *predicates: str) -> set[str]:
        """The values of an entry's properties, by local name of the `ac:` property."""
        return set().union(*(self.links.get((iri, AC + p), set()) for p in predicates))

    def nquads(self, graph: str) -> bytes:
        """The entries as sorted N-Quads of one graph."""
        return "".join(f"{line}<{graph}> .\n" for line in self._lines).encode()


def load(folders: Sequence[Path], bases: Bases) -> Registry:
    """The registry of one or more ontology folders under the base of a build."""
    return Registry(
        quad
        for folder in folders
        for path in sorted((folder / "registry").glob("*.ttl"))
        for quad in vocabulary.parse(path, bases.base)
    )
