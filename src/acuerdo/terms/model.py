"""The ontology's terms as plain values, for whatever writes them down."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

import pyoxigraph as ox
from msgspec import Struct

from acuerdo.iri import AC
from acuerdo.vocabulary import DCTERMS, OWL, RDF, RDFS, SKOS

Kind = Literal["class", "object property", "datatype property", "annotation property"]
KINDS: dict[str, Kind] = {
    OWL + "Class": "class",
    OWL + "ObjectProperty": "object property",
    OWL + "DatatypeProperty": "datatype property",
    OWL + "AnnotationProperty": "annotation property",
}
HEADINGS: dict[str, str] = {
    "class": "Classes",
    "object property": "Object properties",
    "datatype property": "Datatype properties",
    "annotation property": "Annotation properties",
}
AC_TAG = AC + "tag"


class Words(Struct, frozen=True):
    """What a term or concept is called and means, in each language."""

    label: dict[str, str]
    definition: dict[str, str]


class Term(Struct, frozen=True):
    """A class or property with all that its documentation says."""

    iri: str
    kind: Kind
    words: Words
    parents: tuple[str, ...]
    domain: str | None
    range: str | None
    datatype: str | None
    inverse: str | None
    scheme: str | None
    example: str
    counter_example: str
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    derived: bool

    @property
    def name(self) -> str:
        """The part after the namespace."""
        return local_name(self.iri)


class Concept(Struct, frozen=True):
    """A concept of a scheme."""

    iri: str
    notation: str
    words: Words
    broader: str | None


class Scheme(Struct, frozen=True):
    """A concept scheme with its concepts, the broader before the narrower."""

    iri: str
    words: Words
    concepts: tuple[Concept, ...]

    @property
    def name(self) -> str:
        """The part after the base."""
        return local_name(self.iri)


class Reference(Struct, frozen=True):
    """All terms by name and all schemes by name, with the ontology's header."""

    title: dict[str, str]
    description: dict[str, str]
    version: str
    terms: tuple[Term, ...]
    schemes: tuple[Scheme, ...]


def local_name(iri: str) -> str:
    """The last part of an IRI.

    >>> local_name("https://w3id.org/acuerdo/ns#Meeting")
    'Meeting'
    """
    return iri.replace("#", "/").rsplit("/", 1)[-1]


def reference(quads: Iterable[ox.Quad]) -> Reference:
    """The terms that the quads declare and define, and the schemes."""
    return _Reader(quads).reference()


class _Reader:
    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._about: defaultdict[str, defaultdict[str, list[ox.NamedNode | ox.Literal]]]
        self._about = defaultdict(lambda: defaultdict(list))
        self._defined: set[str] = set()
        for quad in quads:
            if quad.predicate.value == OWL + "equivalentClass":
                self._defined.add(str(quad.subject)[1:-1])
            named = isinstance(quad.object, ox.NamedNode | ox.Literal)
            if isinstance(quad.subject, ox.NamedNode) and named:
                self._about[quad.subject.value][quad.predicate.value].append(quad.object)  # type: ignore[arg-type]

    def reference(self) -> Reference:
        header = AC.rstrip("#")  # a user's module may bring a header of its own
        terms = [t for iri in self._about if (t := self._term(iri)) is not None]
        schemes = [s for s in self._about if SKOS + "ConceptScheme" in self._all(s, RDF + "type")]
        return Reference(
            self._texts(header, DCTERMS + "title"),
            self._texts(header, DCTERMS + "description"),
            self._one(header, OWL + "versionInfo") or "",
            tuple(sorted(terms, key=lambda term: (term.kind, term.name))),
            tuple(self._scheme(iri) for iri in sorted(schemes)),
        )

    def _term(self, iri: str) -> Term | None:
        kinds = [KINDS[t] for t in self._all(iri, RDF + "type") if t in KINDS]
        if not kinds or RDFS + "isDefinedBy" not in self._about[iri]:
            return None
        note = self._one(iri, SKOS + "scopeNote") or ""
        return Term(
            iri=iri,
            kind=kinds[0],
            words=self._words(iri, RDFS + "label"),
            parents=self._parents(iri),
            domain=self._one(iri, RDFS + "domain"),
            range=self._one(iri, RDFS + "range"),
            datatype=self._one(iri, AC + "lexicalType"),
            inverse=self._one(iri, OWL + "inverseOf"),
            scheme=self._one(iri, AC + "usesScheme") or self._one(iri, AC + "kindScheme"),
            example=self._one(iri, SKOS + "example") or "",
            counter_example=note.removeprefix("Counter-example: "),
            tags=tuple(sorted(self._all(iri, AC_TAG))),
            sources=tuple(sorted(self._all(iri, DCTERMS + "source"))),
            derived=self._derived(iri, kinds[0]),
        )

    def _derived(self, iri: str, kind: str) -> bool:
        """Whether a term only follows from others: not what is written and inferred besides, as a wide class is."""
        if self._one(iri, AC + "materialised") != "true" or self._one(iri, AC + "usesScheme"):
            return False
        if kind == KINDS[OWL + "Class"]:
            return iri in self._defined
        turned = self._one(iri, OWL + "inverseOf")
        return turned is None or self._one(turned, AC + "materialised") == "true"

    def _parents(self, iri: str) -> tuple[str, ...]:
        """The superclasses of the same ontology; alignments stand in a file of their own."""
        above = [*self._all(iri, RDFS + "subClassOf"), *self._all(iri, RDFS + "subPropertyOf")]
        return tuple(sorted(p for p in above if RDFS + "isDefinedBy" in self._about.get(p, {})))

    def _scheme(self, iri: str) -> Scheme:
        members = sorted(s for s in self._about if iri in self._all(s, SKOS + "inScheme"))
        concepts = {
            member: Concept(
                member,
                self._one(member, SKOS + "notation") or local_name(member),
                self._words(member, SKOS + "prefLabel"),
                self._one(member, SKOS + "broader"),
            )
            for member in members
        }
        ordered: list[Concept] = []
        todo = [c for c in concepts.values() if c.broader is None]
        while todo:
            concept = todo.pop(0)
            ordered.append(concept)
            todo = [c for c in concepts.values() if c.broader == concept.iri] + todo
        return Scheme(iri, self._words(iri, SKOS + "prefLabel"), tuple(ordered))

    def _words(self, iri: str, label: str) -> Words:
        return Words(self._texts(iri, label), self._texts(iri, SKOS + "definition"))

    def _texts(self, iri: str, predicate: str) -> dict[str, str]:
        values = self._about[iri][predicate]
        found = {v.language or "": v.value for v in values if isinstance(v, ox.Literal)}
        return dict(sorted(found.items()))

    def _all(self, iri: str, predicate: str) -> list[str]:
        about = self._about.get(iri)
        return [v.value for v in about[predicate]] if about and predicate in about else []

    def _one(self, iri: str, predicate: str) -> str | None:
        found = self._all(iri, predicate)
        return found[0] if found else None
