"""The ontology as the mapper needs it: classes, properties, concepts and the labels that annotators use.

All of it is read from Turtle once a process; nothing here knows a class of the domain by name, so a
class that a user adds in Turtle is mapped without a line of Python. Labels are folded: separators and
case do not count (`Contact.Meet`, `contact:meet`).
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Literal

import pyoxigraph as ox
from msgspec import Struct

from acuerdo.errors import BadSource
from acuerdo.iri import AC
from acuerdo.vocabulary import modules
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
    local_name,
)
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
    "LabelOfTwoError",
    "Property",
    "Vocabulary",
    "fold",
    "load",
    "parse",
    "turtle_files",
]

TermKind = Literal["class", "property", "role"]
_SEPARATORS = re.compile(r"[\s:._/\\-]+")


def fold(label: str) -> str:
    """A label without what annotators vary: case and separators.

    >>> fold("Contact:Meet") == fold("contact.meet")
    True
    """
    return _SEPARATORS.sub("", label).casefold()


class LabelOfTwoError(BadSource):
    """One label of annotators on two classes of which neither is above the other."""

    def __init__(self, label: str, one: str, other: str) -> None:
        self.label = label
        super().__init__(
            "ontology",
            f"the label '{label}' stands on two classes, {one} and {other}; "
            "give it to their common superclass",
        )


class Class(Struct, frozen=True, eq=False):
    """A class with all its named superclasses (itself included).

    What is `derived` follows from other facts, such as that an event has occurred, and is not annotated.
    """

    iri: str
    name: str
    ancestors: frozenset[str]
    segments: frozenset[str]
    kind_scheme: str | None
    derived: bool = False


class Property(Struct, frozen=True, eq=False):
    """A property; `scheme` where its values are concepts, `datatype` where they are literals.

    `stored` is the property that is written instead with subject and object changed over, for a
    direction that no graph holds. What is `derived` follows from other properties and is not annotated.
    """

    iri: str
    name: str
    domain: str | None
    range: str | None
    literal: bool
    datatype: str | None
    scheme: str | None
    stored: str | None
    acyclic: bool
    functional: bool
    derived: bool = False


class Concept(Struct, frozen=True, eq=False):
    """A SKOS concept; `role_of` holds the event classes in which a role has its meaning."""

    iri: str
    scheme: str
    notation: str
    role_of: frozenset[str]


class Vocabulary:
    """Classes, properties and concepts of the ontology, found by IRI, by name or by an annotator's label."""

    def __init__(self, triples: Iterable[ox.Triple | ox.Quad]) -> None:
        self._objects: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._lists: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for triple in triples:
            subject, predicate = _text(triple.subject), _text(triple.predicate)
            self._objects[subject, predicate].append(_text(triple.object))
            self._lists[predicate].append((subject, _text(triple.object)))
        self._disjoint: dict[tuple[str, str], bool] = {}
        self._parents = self._closure(RDFS + "subClassOf")
        self.classes = {iri: self._class(iri) for iri in self._typed(OWL + "Class")}
        self.properties = {
            iri: self._property(iri)
            for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
            for iri in self._typed(OWL + kind)
        }
        self.concepts = {iri: self._concept(iri) for iri in self._typed(SKOS + "Concept")}
        self._class_labels = self._labels_of_classes()
        self._property_labels = self._labels(self.properties, AC + "tag")
        self._inverse_labels = self._labels(self.properties, AC + "tagInverse", names=False)
        self._concept_labels = self._labels_of_concepts()
        self._schemes: dict[str, list[Concept]] = defaultdict(list)
        for concept in self.concepts.values():
            self._schemes[concept.scheme].append(concept)

    # -- reading the triples ------------------------------------------------------------------

    def _typed(self, kind: str) -> list[str]:
        return sorted({s for s, o in self._lists[RDF + "type"] if o == kind and ":" in s})

    def _one(self, subject: str, predicate: str) -> str | None:
        found = self._objects.get((subject, predicate))
        return found[0] if found else None

    def _closure(self, predicate: str) -> dict[str, frozenset[str]]:
        direct: defaultdict[str, set[str]] = defaultdict(set)
        for child, parent in self._lists[predicate]:
            if ":" in child and ":" in parent:
                direct[child].add(parent)
        closed: dict[str, frozenset[str]] = {}
        for start in list(direct):
            seen, todo = {start}, [start]
            while todo:
                for parent in direct.get(todo.pop(), ()):
                    if parent not in seen:
                        seen.add(parent)
                        todo.append(parent)
            closed[start] = frozenset(seen)
        return closed

    def _class(self, iri: str) -> Class:
        ancestors = self._parents.get(iri, frozenset([iri]))
        kind = next(
            (k for c in self._nearest_first(iri) if (k := self._one(c, AC + "kindScheme"))), None
        )
        segments: frozenset[str] = frozenset()
        for ancestor in self._nearest_first(iri):
            found = self._objects.get((ancestor, AC + "idSegment"))
            if found:
                segments = frozenset(found)
                break
        # A defined class that annotators have a label for ("Politician") may be annotated all the same.
        defined = (iri, OWL + "equivalentClass") in self._objects
        derived = defined and (iri, AC + "tag") not in self._objects
        return Class(iri, local_name(iri), ancestors, segments, kind, derived)

    def _nearest_first(self, iri: str) -> list[str]:
        """The class and its superclasses, breadth first, so that the nearest statement wins."""
        order, level = [iri], [iri]
        while level:
            level = sorted(
                {
                    parent
                    for child in level
                    for parent in self._objects.get((child, RDFS + "subClassOf"), [])
                    if ":" in parent and parent not in order
                }
            )
            order += level
        return order

    def _property(self, iri: str) -> Property:
        types = set(self._objects[iri, RDF + "type"])
        range_ = self._one(iri, RDFS + "range")
        lexical = self._one(iri, AC + "lexicalType")
        literal = OWL + "DatatypeProperty" in types
        return Property(
            iri=iri,
            name=local_name(iri),
            domain=self._one(iri, RDFS + "domain"),
            range=range_,
            literal=literal,
            datatype=(lexical or range_) if literal else None,
            scheme=self._one(iri, AC + "usesScheme"),
            stored=next(
                (o for o in self._objects.get((iri, OWL + "inverseOf"), []) if ":" in o), None
            ),
            acyclic=self._one(iri, AC + "acyclic") == "true",
            functional=OWL + "FunctionalProperty" in types,
            derived=self._derived(iri),
        )

    def _derived(self, iri: str) -> bool:
        """Whether a chain or a self-restriction makes the property; one with a scheme is annotated too."""
        if self._one(iri, AC + "usesScheme"):
            return False
        chained = self._one(iri, OWL + "propertyChainAxiom") is not None
        own = (node for node, about in self._lists[OWL + "onProperty"] if about == iri)
        return chained or any(self._one(node, OWL + "hasSelf") for node in own)

    def _concept(self, iri: str) -> Concept:
        notation = self._one(iri, SKOS + "notation") or iri.rsplit("/", 1)[-1]
        scheme = self._one(iri, SKOS + "inScheme") or iri.rsplit("/", 1)[0]
        return Concept(
            iri, scheme, notation, frozenset(self._objects.get((iri, AC + "roleOf"), []))
        )

    # -- labels -------------------------------------------------------------------------------

    def _labels_of_classes(self) -> dict[str, str]:
        labels: dict[str, str] = {}
        for iri, cls in self.classes.items():
            if AC + "Entity" in cls.ancestors:
                labels[fold(cls.name)] = iri
        own = dict(labels)
        for iri, cls in self.classes.items():
            for label in self._objects.get((iri, AC + "tag"), []):
                key = fold(label)
                other = labels.get(key, iri)
                if other == iri or iri in self.classes[other].ancestors or key in own:
                    # The narrower class keeps the label, and a class its own name.
                    labels.setdefault(key, iri)
                elif other in cls.ancestors:
                    labels[key] = iri
                else:
                    raise LabelOfTwoError(label, *sorted((local_name(other), local_name(iri))))
        return labels

    def _labels(
        self, things: Iterable[str], predicate: str, *, names: bool = True
    ) -> dict[str, list[str]]:
        labels: defaultdict[str, list[str]] = defaultdict(list)
        for iri in things:
            # A term that is only borrowed (dcterms:title) has no domain here and is nobody's label.
            ours = iri.startswith(AC) or (iri, RDFS + "domain") in self._objects
            own = {fold(local_name(iri))} if names and ours else set()
            own |= {fold(label) for label in self._objects.get((iri, predicate), [])}
            for label in sorted(own):
                labels[label].append(iri)
        return dict(labels)

    def _labels_of_concepts(self) -> dict[tuple[str, str], list[str]]:
        labels: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for iri, concept in self.concepts.items():
            own = {fold(concept.notation), fold(iri.rsplit("/", 1)[-1])}
            own |= {fold(label) for label in self._objects.get((iri, AC + "tag"), [])}
            for label in sorted(own):
                labels[concept.scheme, label].append(iri)
        return dict(labels)

    # -- finding ------------------------------------------------------------------------------

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
        found = (
            s for s, o in self._lists[AC + "tagInverse"] if s in self.classes and fold(o) == key
        )
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
        for labels, inverse in ((self._property_labels, False), (self._inverse_labels, True)):
            fitting = [
                self.properties[iri]
                for iri in labels.get(key, [])
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
        order = self._nearest_first(cls.iri)
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
        tags: defaultdict[str, list[Concept]] = defaultdict(list)
        for iri, concept in sorted(self.concepts.items()):
            for label in sorted({fold(t) for t in self._objects.get((iri, AC + "tag"), [])}):
                tags[label].append(concept)
        return dict(tags)

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
            labels = self._property_labels | self._inverse_labels
            return {label: min(iris) for label, iris in labels.items()}
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
        order = self._nearest_first(cls.iri)
        return order.index(prop.domain) if prop.domain in order else 98

    @cached_property
    def role_scheme(self) -> str:
        """The scheme of ac:role."""
        return self.properties[AC + "role"].scheme or ""

    @cached_property
    def _disjoint_pairs(self) -> frozenset[tuple[str, str]]:
        pairs = set(self._lists[OWL + "disjointWith"])
        for node in (s for s, o in self._lists[RDF + "type"] if o == OWL + "AllDisjointClasses"):
            members = self._list(self._one(node, OWL + "members"))
            pairs |= {(a, b) for a in members for b in members if a != b}
        return frozenset(pairs | {(b, a) for a, b in pairs})

    def _list(self, head: str | None) -> list[str]:
        members = []
        while head is not None and head != RDF + "nil":
            members.append(self._one(head, RDF + "first") or "")
            head = self._one(head, RDF + "rest")
        return members


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """IRIs and literals by value; a blank node gets a label without a colon, so that it is no IRI."""
    if isinstance(term, ox.BlankNode):
        return f"_{term.value}"
    return str(term.value) if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


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
    return made
