"""The labels that annotators use for the terms, folded: what is said by the ontology's names and `ac:tag`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from acuerdo.errors import BadSource
from acuerdo.iri import AC
from acuerdo.vocabulary.names import RDFS, local_name
from acuerdo.vocabulary.statements import Statements
from acuerdo.vocabulary.terms import Class, Concept

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


def of_classes(said: Statements, classes: Mapping[str, Class]) -> dict[str, str]:
    """The one class of each name and tag; raises LabelOfTwoError."""
    labels: dict[str, str] = {}
    for iri, cls in classes.items():
        if AC + "Entity" in cls.ancestors:
            labels[fold(cls.name)] = iri
    own = dict(labels)
    for iri, cls in classes.items():
        for label in said.objects(iri, AC + "tag"):
            key = fold(label)
            other = labels.get(key, iri)
            if other == iri or iri in classes[other].ancestors or key in own:
                # The narrower class keeps the label, and a class its own name.
                labels.setdefault(key, iri)
            elif other in cls.ancestors:
                labels[key] = iri
            else:
                raise LabelOfTwoError(label, *sorted((local_name(other), local_name(iri))))
    return labels


def of_properties(said: Statements, properties: Iterable[str]) -> dict[str, list[str]]:
    """The properties of each name and tag."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for iri in properties:
        # A term that is only borrowed (dcterms:title) has no domain here and is nobody's label.
        ours = iri.startswith(AC) or said.objects(iri, RDFS + "domain")
        own = {fold(local_name(iri))} if ours else set()
        own |= {fold(label) for label in said.objects(iri, AC + "tag")}
        for label in sorted(own):
            labels[label].append(iri)
    return dict(labels)


def of_turned_properties(said: Statements, properties: Iterable[str]) -> dict[str, list[str]]:
    """The properties that each label names in the other direction."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for iri in properties:
        for label in sorted({fold(tag) for tag in said.objects(iri, AC + "tagInverse")}):
            labels[label].append(iri)
    return dict(labels)


def of_concepts(
    said: Statements, concepts: Mapping[str, Concept]
) -> dict[tuple[str, str], list[str]]:
    """The concepts of each scheme and notation, name or tag."""
    labels: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for iri, concept in concepts.items():
        own = {fold(concept.notation), fold(iri.rsplit("/", 1)[-1])}
        own |= {fold(label) for label in said.objects(iri, AC + "tag")}
        for label in sorted(own):
            labels[concept.scheme, label].append(iri)
    return dict(labels)


def tagged(said: Statements, concepts: Mapping[str, Concept]) -> dict[str, list[Concept]]:
    """The concepts of each tag, whatever their scheme, in the order of their IRIs."""
    tags: defaultdict[str, list[Concept]] = defaultdict(list)
    for iri, concept in sorted(concepts.items()):
        for label in sorted({fold(t) for t in said.objects(iri, AC + "tag")}):
            tags[label].append(concept)
    return dict(tags)
