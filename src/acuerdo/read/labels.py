"""From a tool's labels to the ontology's terms: `ac:tag`, names, concepts, and an overlay above them.

What a label means can depend on where it stands: a role on the class of its event, a value on its
attribute. A label that nobody knows is named and left out; one that is ignored on purpose goes silently.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from acuerdo import assets, vocabulary
from acuerdo.iri import AC
from acuerdo.model import Entity, Event, Relation, Scalar
from acuerdo.read import links
from acuerdo.read.draft import Draft
from acuerdo.read.overlay import Overlay, Target
from acuerdo.read.timex import edtf
from acuerdo.report import Unit, escaped
from acuerdo.vocabulary import Class, Concept, Property, Vocabulary

Attrs = dict[str, Scalar | tuple[Scalar, ...]]
IGNORED: Literal["ignored"] = "ignored"
# Below these stand the classes whose instances have arguments: meetings, tenures, claims, agreements.
_NARY = frozenset({AC + "Occurrence", AC + "InformationObject"})
_OWN_FIELDS = {
    "value": "value",
    "name": "name",
    "ref": "ref",
    "link": "links",
    "links": "links",
    "wikidata": "links",
    "wikidataid": "links",
    "kbid": "links",
    "identifier": "links",
    "confidence": "confidence",
}


class Key(Struct, frozen=True):
    """What a role, relation or attribute is called in the native format, perhaps with a value of its own."""

    name: str
    inverse: bool = False
    value: str | None = None


class Labels:
    """The vocabulary and an overlay, with every answer kept; a corpus repeats a few dozen labels."""

    def __init__(self, known: Vocabulary, overlay: Overlay | None = None) -> None:
        self.vocabulary, self.overlay = known, overlay or Overlay()
        self._types: dict[str, Class | Property | str | None] = {}
        self._keys: dict[tuple[str, str, str], Key | str | None] = {}
        self._attributes: dict[tuple[str, str, Scalar], Key | str | None] = {}

    @staticmethod
    @lru_cache(maxsize=1)
    def shipped() -> "Labels":
        """The labels of the ontology that comes with the package."""
        return Labels(vocabulary.load(assets.path("ontology")))

    @classmethod
    def of(cls, known: Vocabulary, path: Path | None) -> "Labels":
        """The labels of a vocabulary with the overlay of a file."""
        from acuerdo.read import overlay

        return cls(known, overlay.read(path, known) if path else None)

    # -- types --------------------------------------------------------------------------------

    def type(self, label: str) -> Class | Property | str | None:
        """The class, or the property of a type that only carries a value; IGNORED; None when unknown."""
        if label not in self._types:
            self._types[label] = self._type(label)
        return self._types[label]

    def _type(self, label: str) -> Class | Property | str | None:
        known, target = self.vocabulary, self.overlay.find("class", label)
        if target is None:
            return known.find_class(label) or known.find_value_property(label)
        if target.iri is None:
            return IGNORED
        return known.classes.get(target.iri) or known.properties.get(target.iri)

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

    def relation(self, label: str, cls: Class) -> Key | str | None:
        """The property that a relation label means from something of the class."""
        place = ("relation", cls.iri, label)
        if place not in self._keys:
            target = self.overlay.find("relation", label)
            self._keys[place] = self._of_target(target) if target else self._argument(label, cls)
        return self._keys[place]

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
        prop = found[0] if found and not found[1] else None
        if prop is not None and not self._scheme(prop, cls):
            return Key(self.name(prop))
        concept = self._concept_of(prop, written, cls) if prop else None
        if prop is not None and concept is not None:
            return Key(self.name(prop), value=concept.notation)
        tagged = self._tagged(f"{name}={written}", cls) or (
            self._tagged(name, cls) if value is True else None
        )
        if tagged:
            return tagged
        # A property whose value nobody knows keeps both: the later check names the value.
        return Key(self.name(prop), value=written) if prop else None

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
        props = self.vocabulary.properties.values()
        return sorted(
            (p for p in props if p.scheme and p.domain in cls.ancestors), key=lambda p: p.iri
        )

    def _property_for(self, concept: Concept, cls: Class) -> Property | None:
        return next(
            (p for p in self._with_scheme(cls) if self._scheme(p, cls) == concept.scheme), None
        )

    def name(self, term: Class | Property) -> str:
        """How a term is written in the native format: its name, or its IRI where the name means another."""
        known = self.vocabulary
        if isinstance(term, Class):
            return term.name if known.find_class(term.name) is term else term.iri
        return term.name if term.iri.startswith(AC) else term.iri


def is_nary(cls: Class) -> bool:
    """Whether things of the class have arguments, so that they are events of the native format."""
    return not _NARY.isdisjoint(cls.ancestors)


# -- a draft's labels --------------------------------------------------------------------------


def translate(draft: Draft, labels: Labels) -> None:
    """Put the ontology's terms in place of the tool's labels, in the whole draft."""
    _Translation(draft, labels).run()


class _Translation:
    def __init__(self, draft: Draft, labels: Labels) -> None:
        self.draft, self.labels = draft, labels
        self.classes: dict[str, Class] = {}
        self.ignored: set[str] = set()
        self.unknown: set[str] = set()

    def run(self) -> None:
        draft = self.draft
        typed = [(e, self._typed(e)) for e in (*draft.entities, *draft.events)]
        known = [(e, t) for e, t in typed if t is not None]
        entities = [
            self._entity(e, t) for e, t in known if not (isinstance(t, Class) and is_nary(t))
        ]
        events = {e.id: self._event(e, t) for e, t in known if isinstance(t, Class) and is_nary(t)}
        relations = []
        for relation in draft.relations:
            kept = self._relation(relation, events)
            if kept is not None:
                relations.append(kept)
        draft.entities = entities
        draft.events = [
            msgspec.structs.replace(e, args=self._without_ignored(e.args)) for e in events.values()
        ]
        draft.relations = relations
        self._attrs_of_article()

    def _fault(
        self, what: str, label: str, ident: str | None, unit: Unit, hint: str | None = None
    ) -> None:
        near = self.labels.vocabulary.nearest(label)
        hint = hint or (
            f"Did you mean '{near}'? Map it with --labels."
            if near
            else "Map it with --labels, or to false."
        )
        self.draft.fault(
            "UNKNOWN_TYPE",
            f"the {what} {escaped(label)} is not in the ontology.",
            hint,
            ident,
            unit,
        )

    # -- entities and events ------------------------------------------------------------------

    def _typed(self, entity: Entity) -> Class | Property | None:
        found = self.labels.type(entity.type)
        if isinstance(found, str):
            self.ignored.add(entity.id)
            return None
        if found is None:
            self.unknown.add(entity.id)
            self._fault(
                "label",
                entity.type,
                entity.id,
                "event" if isinstance(entity, Event) else "annotation",
            )
        elif isinstance(found, Class):
            self.classes[entity.id] = found
        return found

    def _entity(self, entity: Entity, found: Class | Property) -> Entity:
        fields = self._described(entity, found if isinstance(found, Class) else None)
        if isinstance(found, Property):
            fields["type"] = (
                entity.type
                if self.labels.vocabulary.find_value_property(entity.type) is found
                else found.name
            )
            value = fields.get("value", entity.value)
            if found.iri == AC + "edtf" and isinstance(value, str):
                fields["value"] = edtf(value)
        else:
            fields["type"] = self.labels.name(found)
        if isinstance(entity, Event):
            return Entity(
                **{k: fields.get(k, getattr(entity, k)) for k in Entity.__struct_fields__}
            )
        return msgspec.structs.replace(entity, **fields)

    def _event(self, entity: Entity, cls: Class) -> Event:
        fields = self._described(entity, cls)
        fields["type"] = self.labels.name(cls)
        if not isinstance(entity, Event):
            return Event(**{k: fields.get(k, getattr(entity, k)) for k in Entity.__struct_fields__})
        args: dict[str, tuple[str, ...]] = {}
        for label, ids in entity.args.items():
            key = self.labels.role(label, cls, entity.type)
            if isinstance(key, Key):
                args[key.name] = tuple(dict.fromkeys((*args.get(key.name, ()), *ids)))
            elif key is None:
                self._fault(f"role of {cls.name}", label, entity.id, "relation")
        return msgspec.structs.replace(entity, args=args, **fields)

    def _described(self, entity: Entity, cls: Class | None) -> dict[str, Any]:
        """The fields that labels change: attributes, links, and what a tool keeps as an attribute."""
        fields: dict[str, Any] = {}
        attrs: Attrs = {}
        found_links = list(entity.links)
        for name, value in entity.attrs.items():
            own = _OWN_FIELDS.get(vocabulary.fold(name))
            if name.startswith("x-"):
                attrs[name] = value
            elif own == "links":
                found_links += [str(v) for v in (value if isinstance(value, tuple) else (value,))]
            elif own == "confidence" and isinstance(value, int | float) and 0 <= value <= 1:
                fields["confidence"] = float(value)
            elif own in {"value", "name", "ref"} and not isinstance(value, tuple):
                fields[own] = value if own == "value" else str(value)
            else:
                self._attribute(attrs, name, value, entity, cls)
        if attrs != entity.attrs:
            fields["attrs"] = attrs
        if found_links:
            self._links(found_links, entity, fields)
        return fields

    def _attribute(
        self,
        attrs: Attrs,
        name: str,
        value: Scalar | tuple[Scalar, ...],
        entity: Entity,
        cls: Class | None,
    ) -> None:
        if cls is None:
            self._fault("attribute of a value", name, entity.id, "annotation")
            return
        for item in value if isinstance(value, tuple) else (value,):
            key = self.labels.attribute(name, item, cls)
            if isinstance(key, Key):
                made: Scalar = key.value if key.value is not None else item
                before = attrs.get(key.name)
                together = (
                    *(before if isinstance(before, tuple) else () if before is None else (before,)),
                    made,
                )
                attrs[key.name] = (
                    together if isinstance(value, tuple) or len(together) > 1 else made
                )
            elif key is None:
                self._fault(f"attribute of {cls.name}", f"{name}={item}", entity.id, "annotation")

    def _links(self, found: list[str], entity: Entity, fields: dict[str, Any]) -> None:
        kept = []
        for link in found:
            made = links.link(link, self.labels.overlay.links)
            if made is None:
                self._fault(
                    "link",
                    link,
                    entity.id,
                    "annotation",
                    "Map its prefix under [links] of the overlay.",
                )
            elif made.startswith(links.REF):
                fields.setdefault("ref", made.removeprefix(links.REF))
            elif made:
                kept.append(made)
        fields["links"] = tuple(dict.fromkeys(kept))

    def _attrs_of_article(self) -> None:
        cls = self.labels.type("Article")
        if not self.draft.attrs or not isinstance(cls, Class):
            return
        attrs: Attrs = {}
        whole = Entity(self.draft.document, "Article")
        for name, value in self.draft.attrs.items():
            if name.startswith("x-"):
                attrs[name] = value
            else:
                self._attribute(attrs, name, value, whole, cls)
        self.draft.attrs = attrs

    # -- relations ----------------------------------------------------------------------------

    def _relation(self, relation: Relation, events: dict[str, Event]) -> Relation | None:
        """The relation with its property; None where it became an argument, an event, or stays out."""
        if {relation.source, relation.target} & self.ignored:
            return None
        name = relation.id or f"{relation.type}({relation.source},{relation.target})"
        cls = self.classes.get(relation.source)
        if cls is None:
            # Its source is a value or was dropped: the common check says so, unless it is ignored.
            target = self.labels.overlay.find("relation", relation.type)
            return None if target is not None and target.iri is None else relation
        key = self.labels.relation(relation.type, cls)
        if isinstance(key, str):
            return None
        if key is None:
            self._nary(relation, events, name)
            return None
        source, target_id = (
            (relation.target, relation.source)
            if key.inverse and relation.source not in events
            else (relation.source, relation.target)
        )
        attrs = self._attrs_of_relation(relation, name)
        if source in events and not relation.evidence and not attrs and relation.confidence is None:
            event = events[source]
            ids = (*event.args.get(key.name, ()), target_id)
            events[source] = msgspec.structs.replace(
                event, args={**event.args, key.name: tuple(dict.fromkeys(ids))}
            )
            return None
        return msgspec.structs.replace(
            relation, type=key.name, source=source, target=target_id, attrs=attrs
        )

    def _attrs_of_relation(self, relation: Relation, name: str) -> Attrs:
        attrs = {}
        for key, value in relation.attrs.items():
            if key.startswith("x-"):
                attrs[key] = value
            else:
                self._fault("attribute of a relation", key, name, "annotation")
        return attrs

    def _nary(self, relation: Relation, events: dict[str, Event], name: str) -> None:
        """A relation whose label is a class becomes a node of its own with both ends as arguments."""
        found = self.labels.nary(relation.type)
        if found is None:
            self._fault("relation", relation.type, name, "relation", self._other_way(relation))
            return
        cls, source_key, target_key = found
        ident = relation.id or f"{relation.source}-{relation.type}-{relation.target}"
        events[ident] = Event(
            ident, self.labels.name(cls), args={source_key: (relation.source,), target_key: (relation.target,)},
            evidence=relation.evidence, by=relation.by, at=relation.at, confidence=relation.confidence,
        )  # fmt: skip

    def _other_way(self, relation: Relation) -> str | None:
        other = self.classes.get(relation.target)
        if other is not None and isinstance(self.labels.relation(relation.type, other), Key):
            return f"It leads from {other.name}: draw it the other way round."
        return None

    def _without_ignored(self, args: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if not self.ignored:
            return args
        kept = {role: tuple(i for i in ids if i not in self.ignored) for role, ids in args.items()}
        return {role: ids for role, ids in kept.items() if ids}
