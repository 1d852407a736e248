"""The ontology as the mapper needs it: classes, properties, concepts and the labels that annotators use.

All of it is read from Turtle once a process; nothing here knows a class of the domain by name, so a
class that a user adds in Turtle is mapped without a line of Python. Labels are folded: separators and
case do not count (`Contact.Meet`, `contact:meet`).
"""

import difflib
from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from acuerdo.errors import BadSource
from acuerdo.iri import AC
from acuerdo.vocabulary import labels, modules, terms
from acuerdo.vocabulary.labels import LabelOfTwoError, fold
from acuerdo.vocabulary.names import (
    DCTERMS,
    OWL,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SKOS,
    XSD,
)
from acuerdo.vocabulary.statements import Statements
from acuerdo.vocabulary.terms import Class, Concept, Property
from acuerdo.vocabulary.turtle import parse, turtle_files

__all__ = [
    "DCTERMS",
    "OWL",
    "PREFIXES",
    "PROV",
    "RDF",
    "RDFS",
    "SCHEMA",
    "SH",
    "SKOS",
    "XSD",
    "Class",
    "Concept",
    "Property",
    "Vocabulary",
    "fold",
    "load",
    "parse",
    "turtle_files",
]

TermKind = Literal["class", "property", "role"]


class Vocabulary:
    """Classes, properties and concepts of the ontology, found by IRI, by name or by an annotator's label."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        self._said = said = Statements(triples)
        self.classes = terms.classes(said)
        self.properties = terms.properties(said)
        self.concepts = terms.concepts(said)
        self._class_labels = labels.of_classes(said, self.classes)
        self._property_labels = labels.of_properties(said, self.properties)
        self._inverse_labels = labels.of_turned_properties(said, self.properties)
        self._concept_labels = labels.of_concepts(said, self.concepts)
        self._disjoint: dict[tuple[str, str], bool] = {}
        self._schemes: dict[str, list[Concept]] = defaultdict(list)
        for concept in self.concepts.values():
            self._schemes[concept.scheme].append(concept)

    def find_class(self, label: str) -> Class | None:
        """The class of this name, tag or IRI; a tag may be a pattern, as in `Conflict.Attack.*`."""
        key = fold(label)
        iri = self._class_labels.get(key)
        if iri is None:
            iri = next(
                (self._class_labels[p] for p in self._patterns if fnmatchcase(key, p)), label
            )
        return self.classes.get(iri)

    @cached_property
    def _patterns(self) -> list[str]:
        """The tags that are patterns, the most telling first."""
        return sorted((p for p in self._class_labels if "*" in p), key=lambda p: (-len(p), p))

    def find_turned_class(self, label: str) -> Class | None:
        """The class whose two arguments a relation label names in the other order."""
        key = fold(label)
        turned = self._said.pairs(AC + "tagInverse")
        found = (s for s, o in turned if s in self.classes and fold(o) == key)
        return self.classes.get(min(found, default=""))

    def find_value_property(self, label: str) -> Property | None:
        """The datatype property that an entity type names: such an entity is a value, not a node."""
        for iri in self._property_labels.get(fold(label), []):
            if self.properties[iri].literal:
                return self.properties[iri]
        return None

    def find_property(self, label: str, cls: Class | None = None) -> tuple[Property, bool] | None:
        """The property of this name or tag whose domain fits the class nearest, and whether it is turned round."""
        key = fold(label)
        for known, inverse in ((self._property_labels, False), (self._inverse_labels, True)):
            fitting = [
                self.properties[iri]
                for iri in known.get(key, [])
                if inverse or self._fits(self.properties[iri], cls)
            ]
            if fitting:
                # "title" is the title of an article before it is a tag of the post that somebody holds.
                best = min(
                    fitting, key=lambda p: (self._distance(p, cls), fold(p.name) != key, p.iri)
                )
                return best, inverse
        return None

    def find_role(self, label: str, cls: Class) -> Concept | None:
        """The role concept of this notation or tag in an event of the class; the nearest `roleOf` wins."""
        found = [
            self.concepts[iri]
            for iri in self._concept_labels.get((self.role_scheme, fold(label)), [])
        ]
        order = self._said.nearest_first(cls.iri)
        ranked = [
            (min((order.index(c) for c in role.role_of if c in cls.ancestors), default=None), role)
            for role in found
        ]
        named = [(rank, role) for rank, role in ranked if rank is not None]
        if named:
            return min(named, key=lambda pair: (pair[0], pair[1].iri))[1]
        # A role that names no class may be played in any event.
        free = [role for role in found if not role.role_of]
        exact = [role for role in found if fold(role.notation) == fold(label)]
        return next(iter(free or exact), None)

    def find_concept(self, scheme: str, label: str) -> Concept | None:
        """The concept of the scheme with this notation or tag; None where two answer to it."""
        found = self._concept_labels.get((scheme, fold(label)), [])
        exact = [iri for iri in found if self.concepts[iri].notation == label]
        if len(exact or found) != 1:
            return None
        return self.concepts[(exact or found)[0]]

    def implied(self, label: str, cls: Class) -> dict[str, Concept]:
        """What a type label says beside the class: the concept, by property, that bears the same tag.

        "Extradite" is a security action of the kind extradition, "Personnel.End-Position" a former tenure.
        """
        key = fold(label)
        if key == fold(cls.name):
            return {}
        patterns = sorted((p for p in self._implying if "*" in p), key=lambda p: (-len(p), p))
        tagged = self._implying.get(key) or next(
            (self._implying[p] for p in patterns if fnmatchcase(key, p)), []
        )
        found: dict[str, Concept] = {}
        for prop in self.properties.values():
            scheme = (cls.kind_scheme or prop.scheme) if prop.iri == AC + "kind" else prop.scheme
            fitting = [c for c in tagged if c.scheme == scheme and prop.domain in cls.ancestors]
            if len(fitting) == 1:
                found[prop.iri] = fitting[0]
        return found

    @cached_property
    def _implying(self) -> dict[str, list[Concept]]:
        """The concepts by their tags."""
        return labels.tagged(self._said, self.concepts)

    def notations(self, scheme: str) -> list[str]:
        """All notations of a scheme, sorted."""
        return sorted(concept.notation for concept in self._schemes.get(scheme, []))

    def roles(self, cls: Class) -> list[str]:
        """The notations of the roles that actors play in an event of the class, sorted."""
        own = (c for c in self.concepts.values() if c.scheme == self.role_scheme)
        return sorted(c.notation for c in own if c.role_of & cls.ancestors)

    def disjoint(self, one: Class, other: Class) -> bool:
        """Whether nothing can be in both classes."""
        pair = (one.iri, other.iri)
        found = self._disjoint.get(pair)
        if found is None:
            pairs = self._disjoint_pairs
            found = any((a, b) in pairs for a in one.ancestors for b in other.ancestors)
            self._disjoint[pair] = found
        return found

    def known_labels(self, kind: TermKind) -> dict[str, str]:
        """Every name and tag of a kind of term, folded, with the IRI that it means (of several, the first)."""
        if kind == "class":
            return {label: iri for label, iri in self._class_labels.items() if "*" not in label}
        if kind == "property":
            named = self._property_labels | self._inverse_labels
            return {label: min(iris) for label, iris in named.items()}
        roles = (item for item in self._concept_labels.items() if item[0][0] == self.role_scheme)
        return {label: min(iris) for (_, label), iris in roles}

    def nearest(self, label: str, among: Iterable[str] | None = None) -> str | None:
        """The known name most like an unknown one, for a hint."""
        names = list(among) if among is not None else [c.name for c in self.classes.values()]
        by_fold = {fold(name): name for name in names}
        near = difflib.get_close_matches(fold(label), by_fold, n=1, cutoff=0.6)
        return by_fold[near[0]] if near else None

    def _fits(self, prop: Property, cls: Class | None) -> bool:
        return cls is None or prop.domain is None or prop.domain in cls.ancestors

    def _distance(self, prop: Property, cls: Class | None) -> int:
        if cls is None or prop.domain is None:
            return 99
        order = self._said.nearest_first(cls.iri)
        return order.index(prop.domain) if prop.domain in order else 98

    @cached_property
    def role_scheme(self) -> str:
        """The scheme of ac:role."""
        return self.properties[AC + "role"].scheme or ""

    @cached_property
    def _disjoint_pairs(self) -> frozenset[tuple[str, str]]:
        return terms.disjoint_pairs(self._said)


def load(ours: Path, *additions: Path) -> Vocabulary:
    """The vocabulary of our ontology folder and of a user's own; about 20 ms for ours.

    Raises BadSource with file and line for a user's file that says more of one of our terms than how
    annotators call it, and for what else `modules` refuses.
    """
    known = [quad for path in turtle_files(ours) for quad in parse(path)]
    if not additions:
        return Vocabulary(known)
    more = modules.read(known, additions)
    try:
        made = Vocabulary([*known, *(quad for quads in more.values() for quad in quads)])
    except LabelOfTwoError as error:
        path, line = modules.place_of_label(error.label, more)
        raise BadSource(path, error.reason, line) from None
    modules.refuse_nameless(more)
    modules.refuse_crowded(more, made.classes)
    return made
