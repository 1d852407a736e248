"""From a tool's labels to the ontology's terms: `ac:tag`, names, concepts, and an overlay above them.

What a label means can depend on where it stands: a role on the class of its event, a value on its
attribute. A label that nobody knows is named and left out; one that is ignored on purpose goes silently.
"""

from pathlib import Path
from typing import Literal

from msgspec import Struct

from acuerdo.iri import AC
from acuerdo.model import Scalar
from acuerdo.read.overlay import Overlay, Target
from acuerdo.vocabulary import Class, Concept, Property, Vocabulary

Attrs = dict[str, Scalar | tuple[Scalar, ...]]
IGNORED: Literal["ignored"] = "ignored"
# Below these stand the classes whose instances have arguments: meetings, tenures, claims, agreements.
# Passages, articles and evidence are made of the text itself; a span that is called one of them is none.
_OF_THE_TEXT = frozenset({AC + "Passage", AC + "Evidence", AC + "Month"})
_NARY = frozenset({AC + "Occurrence", AC + "InformationObject"})


class Key(Struct, frozen=True):
    """What a role, relation or attribute is called in the native format, perhaps with a value of its own."""

    name: str
    inverse: bool = False
    value: str | None = None
    known: bool = True


class Labels:
    """The vocabulary and an overlay, with every answer kept; a corpus repeats a few dozen labels."""

    def __init__(self, known: Vocabulary, overlay: Overlay | None = None) -> None:
        self.vocabulary, self.overlay = known, overlay or Overlay()
        self._types: dict[str, Class | Property | str | None] = {}
        self._keys: dict[tuple[str, str, str], Key | str | None] = {}
        self._relations: dict[tuple[str, str, str], Key | str | None] = {}
        self._nary: dict[str, bool] = {}
        self._names: dict[str, str] = {}
        self._attributes: dict[tuple[str, str, Scalar], Key | str | None] = {}
        self._implied: dict[tuple[str, str], dict[str, str]] = {}

    @classmethod
    def of(cls, known: Vocabulary, path: Path | None) -> "Labels":
        """The labels of a vocabulary with the overlay of a file."""
        from acuerdo.read import overlay

        return cls(known, overlay.read(path, known) if path else None)

    def is_nary(self, cls: Class) -> bool:
        """Whether things of the class have arguments; asked for every annotation."""
        if cls.iri not in self._nary:
            self._nary[cls.iri] = is_nary(cls)
        return self._nary[cls.iri]

    # -- types --------------------------------------------------------------------------------

    def type(self, label: str) -> Class | Property | str | None:
        """The class, or the property of a type that only carries a value; IGNORED; None when unknown."""
        if label not in self._types:
            self._types[label] = self._type(label)
        return self._types[label]

    def telling(
        self, label: str, others: object
    ) -> tuple[Class | Property | str | None, str | None]:
        """What a label says with the further ones beside it: of these, the one that says more, and which it is."""
        found, by = self.type(label), None
        for other_label in others if isinstance(others, tuple) else ():
            other = self.type(f"{label}.{other_label}") or self.type(str(other_label))
            wider = (
                isinstance(found, Class)
                and isinstance(other, Class)
                and other is not found
                and found.iri in other.ancestors
            )
            if other is not None and (found is None or wider):
                found, by = other, str(other_label)
        return found, by

    def _type(self, label: str) -> Class | Property | str | None:
        known, target = self.vocabulary, self.overlay.find("class", label)
        if target is None:
            found = known.find_class(label) or self._of_head(label)
            if found:
                return self._ours(found) if found.iri not in _OF_THE_TEXT else None
            value = known.find_value_property(label)
            return value if value and value.domain not in {*_OF_THE_TEXT, AC + "Article"} else None
        if target.iri is None:
            return IGNORED
        return known.classes.get(target.iri) or known.properties.get(target.iri)

    def _of_head(self, label: str) -> Class | None:
        """The class of a short name that a finer type begins with, as in `PER.Individual` and `FAC:Airport`."""
        head, _, rest = label.replace(":", ".").partition(".")
        cls = (
            self.vocabulary.find_class(head) if rest and head.isalpha() and head.isupper() else None
        )
        # What kind of event it is, only the whole label tells.
        return cls if cls is not None and not self.is_nary(cls) else None

    def _ours(self, cls: Class) -> Class | None:
        """The class itself, or for one of a foreign vocabulary the widest of ours that is aligned below it."""
        if any(iri.startswith(AC) for iri in cls.ancestors):
            return cls
        below = [
            c
            for c in self.vocabulary.classes.values()
            if cls.iri in c.ancestors and c.iri.startswith(AC)
        ]
        widest = [c for c in below if not any(o is not c and o.iri in c.ancestors for o in below)]
        return widest[0] if len(widest) == 1 else None

    def _is_ours(self, prop: Property) -> bool:
        """Whether a property may stand in an article: foreign ones are there for alignment only."""
        domain = self.vocabulary.classes.get(prop.domain or "")
        return prop.iri.startswith(AC) or (
            domain is not None and any(a.startswith(AC) for a in domain.ancestors)
        )

    # -- roles and relations ------------------------------------------------------------------

    def role(self, label: str, cls: Class, event_label: str) -> Key | str | None:
        """The argument key that a role label means in an event of the class."""
        place = ("role", cls.iri, f"{event_label}/{label}")
        if place not in self._keys:
            target = (
                self.overlay.find("role", f"{event_label}/{label}")
                or self.overlay.find("role", f"{cls.name}/{label}")
                or self.overlay.find("role", label)
            )
            self._keys[place] = self._of_target(target) if target else self._argument(label, cls)
        return self._keys[place]

    def relation(self, label: str, cls: Class, source_label: str) -> Key | str | None:
        """The property that a relation label means from something of the class; from an event it is a role."""
        place = (label, cls.iri, source_label)
        if place not in self._relations:
            target = self.overlay.find("relation", label)
            self._relations[place] = (
                self._of_target(target) if target else self.role(label, cls, source_label)
            )
        return self._relations[place]

    def nary(self, label: str) -> tuple[Class, str, str] | None:
        """The class that a relation label names, and its arguments for source and target."""
        target = self.overlay.find("relation", label)
        known = self.vocabulary
        turned = known.find_turned_class(label) if target is None else None
        cls = known.classes.get(target.iri or "") if target else known.find_class(label) or turned
        if cls is None or not is_nary(cls):
            return None
        ends = [known.find_property(end, cls) for end in ("@source", "@target")]
        if ends[0] is None or ends[1] is None:
            return None
        names = [self.name(end[0]) for end in ends if end]
        inverse = (target and target.inverse) or cls is turned
        return (cls, names[1], names[0]) if inverse else (cls, names[0], names[1])

    def _argument(self, label: str, cls: Class) -> Key | None:
        known = self.vocabulary
        found = known.find_property(label, cls)
        found = found if found and self._is_ours(found[0]) else None
        role = known.find_role(label, cls) if AC + "Event" in cls.ancestors else None
        if found and not (role and found[0].domain is None):
            return Key(self.name(found[0]), found[1])
        if role is None:
            return None
        # Two roles may share a notation with a property; then the label itself stays.
        return Key(
            role.notation
            if known.find_role(role.notation, cls) is role
            and not known.find_property(role.notation, cls)
            else label
        )

    def _of_target(self, target: Target) -> Key | str | None:
        known = self.vocabulary
        if target.iri is None:
            return IGNORED
        if target.iri in known.properties:
            return Key(self.name(known.properties[target.iri]), target.inverse, target.value)
        if target.iri in known.concepts:
            return Key(known.concepts[target.iri].notation, target.inverse)
        return None

    # -- attributes ---------------------------------------------------------------------------

    def attribute(self, name: str, value: Scalar, cls: Class) -> Key | str | None:
        """The property and value that `name=value` means on the class."""
        place = (cls.iri, name, value)
        if place not in self._attributes:
            if len(self._attributes) > 50_000:
                self._attributes.clear()
            self._attributes[place] = self._attribute(name, value, cls)
        return self._attributes[place]

    def _attribute(self, name: str, value: Scalar, cls: Class) -> Key | str | None:
        written = "true" if value is True else "false" if value is False else str(value)
        target = self.overlay.find("attribute", f"{name}={written}") or self.overlay.find(
            "attribute", name
        )
        if target is not None:
            return self._of_attribute_target(target, written, cls)
        found = self.vocabulary.find_property(name, cls)
        prop = found[0] if found and not found[1] and self._is_ours(found[0]) else None
        if prop is not None and not self._scheme(prop, cls):
            if prop.literal or prop.range is None:
                return Key(self.name(prop))
            prop = None  # it leads to a thing of the article, which no value of a tool is
        concept = self._concept_of(prop, written, cls) if prop else None
        if prop is not None and concept is not None:
            return Key(self.name(prop), value=concept.notation)
        tagged = self._tagged(f"{name}={written}", cls) or (
            self._tagged(name, cls) if value is True else None
        )
        if tagged:
            return tagged
        # A property whose value nobody knows keeps both: the later check names the value.
        return Key(self.name(prop), value=written, known=False) if prop else None

    def _of_attribute_target(self, target: Target, written: str, cls: Class) -> Key | str | None:
        known = self.vocabulary
        if target.iri is None:
            return IGNORED
        if target.iri in known.concepts:
            concept = known.concepts[target.iri]
            prop = self._property_for(concept, cls)
            return Key(self.name(prop), value=concept.notation) if prop else None
        prop = known.properties[target.iri]
        value = target.value or (written if self._scheme(prop, cls) else None)
        concept2 = self._concept_of(prop, value, cls) if value else None
        return Key(self.name(prop), value=concept2.notation if concept2 else target.value)

    def denies(self, name: str, value: Scalar) -> bool:
        """Whether an attribute says that something is not so, which only claims can say."""
        claim = self.vocabulary.classes.get(AC + "Claim")
        key = self.attribute(name, value, claim) if claim else None
        return isinstance(key, Key) and (key.name, key.value) == ("polarity", "denied")

    def _scheme(self, prop: Property, cls: Class) -> str | None:
        return (cls.kind_scheme or prop.scheme) if prop.iri == AC + "kind" else prop.scheme

    def _concept_of(self, prop: Property, value: str, cls: Class) -> Concept | None:
        scheme = self._scheme(prop, cls)
        return self.vocabulary.find_concept(scheme, value) if scheme else None

    def _tagged(self, label: str, cls: Class) -> Key | None:
        """The concept that carries `Name=Value` as its tag sets the property that uses its scheme."""
        for prop in self._with_scheme(cls):
            concept = self._concept_of(prop, label, cls)
            if concept:
                return Key(self.name(prop), value=concept.notation)
        return None

    def _with_scheme(self, cls: Class) -> list[Property]:
        """The properties of the class that take concepts; first those that a scheme is named after."""

        def rank(prop: Property) -> tuple[bool, str]:
            return (prop.scheme or "").rpartition("/")[2] != prop.name, prop.iri

        props = self.vocabulary.properties.values()
        return sorted((p for p in props if p.scheme and p.domain in cls.ancestors), key=rank)

    def _property_for(self, concept: Concept, cls: Class) -> Property | None:
        return next(
            (p for p in self._with_scheme(cls) if self._scheme(p, cls) == concept.scheme), None
        )

    def implied(self, label: str, cls: Class) -> dict[str, str]:
        """What a type label says beside the class: the notation, by the name of the property."""
        place = (label, cls.iri)
        if place not in self._implied:
            found = (
                self.vocabulary.implied(label, cls) if not self.overlay.find("class", label) else {}
            )
            self._implied[place] = {
                self.name(self.vocabulary.properties[iri]): concept.notation
                for iri, concept in found.items()
            }
        return self._implied[place]

    def name(self, term: Class | Property) -> str:
        """How a term is written in the native format: its name, or its IRI where the name means another."""
        if term.iri not in self._names:
            self._names[term.iri] = self._name(term)
        return self._names[term.iri]

    def _name(self, term: Class | Property) -> str:
        known = self.vocabulary
        if term.iri == AC + "edtf":
            return "time"  # the native format's own word
        if isinstance(term, Class):
            return term.name if known.find_class(term.name) is term else term.iri
        return term.name if term.iri.startswith(AC) else term.iri


def is_nary(cls: Class) -> bool:
    """Whether things of the class have arguments, so that they are events of the native format."""
    return not _NARY.isdisjoint(cls.ancestors)
