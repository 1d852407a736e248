"""A draft with the ontology's terms in place of the tool's labels.

Labels decide what a span is: one of a class with arguments is an event, and the relations that lead from
it are its arguments; a relation whose label is such a class is a node of its own.
"""

import re
from typing import Any

import msgspec

from acuerdo.iri import AC
from acuerdo.model import Entity, Event, Mention, Relation, Scalar
from acuerdo.read import links
from acuerdo.read.draft import LABELS, Draft
from acuerdo.read.labels import Attrs, Key, Labels
from acuerdo.read.timex import edtf
from acuerdo.report import Unit, escaped
from acuerdo.vocabulary import Class, Property, fold

OWN_FIELDS = {
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


def own_field(name: str, value: Scalar | tuple[Scalar, ...]) -> str | None:
    """The field of an entity that an attribute of a tool fills; None where its value could not stand there."""
    field = OWN_FIELDS.get(fold(name))
    if field == "confidence":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return field if number and 0 <= value <= 1 else None  # type: ignore[operator]
    return None if field in {"value", "name", "ref"} and isinstance(value, tuple) else field


def translate(draft: Draft, labels: Labels) -> None:
    """Put the ontology's terms in place of the tool's labels, in the whole draft."""
    _Translation(draft, labels).run()


class _Translation:
    def __init__(self, draft: Draft, labels: Labels) -> None:
        self.draft, self.labels = draft, labels
        self.classes: dict[str, Class] = {}
        self.ignored: set[str] = set()
        self.telling: dict[str, str] = {}
        self.written: dict[str, str] = {}
        self.denied: set[str] = set()
        self.spans = {e.id: e.mentions for e in (*draft.entities, *draft.events) if e.mentions}

    def run(self) -> None:
        draft = self.draft
        entities: list[Entity] = []
        events: dict[str, Event] = {}
        for item in (*draft.entities, *draft.events):
            found = self._typed(item)
            if isinstance(found, Class) and self.labels.is_nary(found):
                event = self._event(item, found)
                if item.id not in self.denied:
                    events[item.id] = event
            elif found is not None:
                entities.append(self._entity(item, found))
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
        self.draft.faults.note(
            "UNKNOWN_TYPE",
            f"the {what} {escaped(label)} is not in the ontology.",
            hint,
            ident,
            unit,
        )

    # -- entities and events ------------------------------------------------------------------

    def _typed(self, entity: Entity) -> Class | Property | None:
        found, by = self.labels.telling(entity.type, entity.attrs.get(LABELS))
        if by is not None:
            self.telling[entity.id] = by
        if isinstance(found, str):
            self.ignored.add(entity.id)
            return None
        if found is None:
            self._fault(
                "label",
                entity.type,
                entity.id,
                "event" if isinstance(entity, Event) else "annotation",
            )
        elif isinstance(found, Class):
            self.classes[entity.id] = found
            self.written[entity.id] = entity.type
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
            if entity.evidence:
                self.draft.faults.note(
                    "VALUE_INVALID",
                    f"evidence stands on a {fields['type']}, which is no event.",
                    "Link it to the event that it speaks of.",
                    entity.id,
                )
            # Things have no arguments: what a tool calls slots of a person are relations.
            self.draft.relations += [
                Relation(role, entity.id, ident, by=entity.by)
                for role, ids in entity.args.items()
                for ident in ids
            ]
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
            if isinstance(key, Key) and key.inverse:
                # It is an argument of the other one, or leads from it.
                self.draft.relations += [Relation(label, entity.id, i, by=entity.by) for i in ids]
            elif isinstance(key, Key):
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
            own = own_field(name, value)
            if name == LABELS or value == self.telling.get(entity.id):
                continue
            if name.startswith("x-"):
                attrs[name] = value
            elif own == "links":
                found_links += [str(v) for v in (value if isinstance(value, tuple) else (value,))]
            elif links.is_entity(value):
                found_links.append(str(value))
            elif own == "confidence":
                fields["confidence"] = float(value)  # type: ignore[arg-type]
            elif own is not None:
                fields[own] = value if own == "value" else str(value)
            else:
                self._attribute(attrs, name, value, entity, cls)
        if cls is not None:
            attrs = {**self.labels.implied(entity.type, cls), **attrs}
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
            elif key is None and self.labels.is_nary(cls) and self.labels.denies(name, item):
                self.denied.add(entity.id)
                self.draft.faults.note(
                    "VALUE_INVALID",
                    f"{escaped(f'{name}={item}')} says that it did not happen, and no status of a {cls.name} does.",
                    "Annotate who denies it, as a Claim with the polarity denied.",
                    entity.id,
                    "event",
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
        key = self.labels.relation(relation.type, cls, self.written[relation.source])
        if isinstance(key, str):
            return None
        if key is None:
            self._nary(relation, events, name)
            return None
        source, target_id = relation.source, relation.target
        if key.inverse:
            source, target_id = target_id, source
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
        label = re.sub(r"[^A-Za-z0-9._~-]+", "-", relation.type)
        ident = relation.id or f"{relation.source}-{label}-{relation.target}"
        between = () if relation.evidence else self._between(relation.source, relation.target)
        events[ident] = Event(
            ident, self.labels.name(cls), args={source_key: (relation.source,), target_key: (relation.target,)},
            mentions=between, evidence=relation.evidence, by=relation.by, at=relation.at, confidence=relation.confidence,
            attrs=dict(self.labels.implied(relation.type, cls)),
        )  # fmt: skip

    def _between(self, source: str, target: str) -> tuple[Mention, ...]:
        """The words from one end of a relation to the other, where they stand nearest: there the text says it."""
        text, spans = self.draft.text, self.spans
        pairs = [
            (max(a.end, b.end) - min(a.start, b.start), min(a.start, b.start))
            for a in spans.get(source, ())
            for b in spans.get(target, ())
        ]
        if text is None or not pairs:
            return ()
        length, start = min(pairs)
        end = start + length
        return (Mention(start, end, text[start:end]),) if 0 <= start < end <= len(text) else ()

    def _other_way(self, relation: Relation) -> str | None:
        other = self.classes.get(relation.target)
        if other is not None and isinstance(
            self.labels.relation(relation.type, other, self.written[relation.target]), Key
        ):
            return f"It leads from {other.name}: draw it the other way round."
        return None

    def _without_ignored(self, args: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if not self.ignored:
            return args
        kept = {role: tuple(i for i in ids if i not in self.ignored) for role, ids in args.items()}
        return {role: ids for role, ids in kept.items() if ids}
