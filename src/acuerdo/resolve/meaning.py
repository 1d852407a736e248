"""Whether the labels, keys, values and dates of an article mean something in the ontology."""

from datetime import date
from typing import TypeVar

import msgspec

from acuerdo.dates import Bounds, InvalidDateError, ReversedIntervalError, bounds
from acuerdo.iri import AC, is_iri, qid
from acuerdo.model import Article, Entity, Event, Relation, Scalar
from acuerdo.report import Fault, Unit, escaped
from acuerdo.resolve.lexicon import Arg, words_of_value
from acuerdo.resolve.relations import Circles, as_node, edges_of, name_of
from acuerdo.resolve.world import World
from acuerdo.vocabulary import Class, Property

E = TypeVar("E", bound=Entity)
PAST = frozenset({"occurred", "ongoing"})


class Meaning:
    """One article on its way through the checks of its labels; `classes` holds each node's class."""

    def __init__(self, article: Article, world: World, file: str) -> None:
        self.article, self.file, self.faults = article, file, list[Fault]()
        self.lexicon, self.vocabulary = world.lexicon, world.vocabulary
        self.classes: dict[str, Class] = {}
        self.values: dict[str, Property] = {}
        self._may_circle = False
        self.published = bounds(article.published).upper or date.max

    def run(self) -> Article:
        """The article without what means nothing; the very same when all of it does."""
        self._attrs_of_article()
        article = self.article
        entities = [e for e in map(self._entity, article.entities) if e is not None]
        by_id = {e.id: e for e in entities}
        events = [e for e in (self._event(e, by_id) for e in article.events) if e is not None]
        relations, nodes = self._as_nodes(article.relations, by_id)
        events += [e for e in (self._event(n, by_id) for n in nodes) if e is not None]
        if len(entities) + len(events) < len(article.entities) + len(article.events) + len(nodes):
            events = self._without_dropped(events)
        relations = self._acyclic([r for r in relations if self._relation(r)])
        events = self._acyclic_events(events)
        if article.text is None:
            self._weak_evidence(article)
        if not self.faults and not nodes:
            return article
        return msgspec.structs.replace(
            article, entities=tuple(entities), events=tuple(events), relations=tuple(relations)
        )

    def without(self, article: Article, dropped: set[str]) -> Article:
        """The article without these ids and without what refers to them."""
        for ident in dropped:
            self.classes.pop(ident, None)
        return msgspec.structs.replace(
            article,
            entities=tuple(e for e in article.entities if e.id not in dropped),
            events=tuple(self._without_dropped([e for e in article.events if e.id not in dropped])),
            relations=tuple(
                r for r in article.relations if r.source not in dropped and r.target not in dropped
            ),
        )

    def _fault(
        self, code: str, sentence: str, hint: str, ident: str | None, dropped: Unit | None
    ) -> None:
        self.faults.append(
            Fault(
                code,
                sentence,
                hint,
                file=self.file,
                article=self.article.id,
                annotation=ident,
                dropped=dropped,
            )
        )

    # -- nodes --------------------------------------------------------------------------------

    def _entity(self, entity: Entity) -> Entity | None:
        found = self.lexicon.types[entity.type]
        if found is None:
            self._unknown_type(entity, "annotation")
            return None
        if isinstance(found, Property):
            if found.iri == AC + "edtf" and not self._date(entity):
                return None
            self.values[entity.id] = found
            return entity
        described = self._described(entity, found, "annotation")
        if described is not None:
            self.classes[entity.id] = found
        return described

    def _event(self, event: Event, entities: dict[str, Entity]) -> Event | None:
        found = self.lexicon.types[event.type]
        if not isinstance(found, Class):
            self._unknown_type(event, "event")
            return None
        described = self._described(event, found, "event")
        if described is not None:
            described = self._with_arguments(described, found, entities)
        if described is not None:
            self.classes[event.id] = found
        return described

    def _unknown_type(self, entity: Entity, unit: Unit) -> None:
        near = self.vocabulary.nearest(entity.type)
        hint = f"Did you mean '{near}'?" if near else "See `acuerdo labels` for what is known."
        self._fault(
            "UNKNOWN_TYPE",
            f"the type {escaped(entity.type)} is not in the ontology.",
            hint,
            entity.id,
            unit,
        )

    def _date(self, entity: Entity) -> bool:
        if entity.value is None:
            return True
        try:
            bounds(str(entity.value))
        except ReversedIntervalError as error:
            self._fault(
                "INTERVAL_REVERSED",
                f"{escaped(str(entity.value))} ends before it begins.",
                error.hint,
                entity.id,
                "annotation",
            )
            return False
        except InvalidDateError as error:
            self._fault(
                "DATE_INVALID",
                f"{escaped(str(entity.value))} is not a date.",
                error.hint,
                entity.id,
                "annotation",
            )
            return False
        return True

    def _described(self, entity: E, cls: Class, unit: Unit) -> E | None:
        """The annotation without attributes nobody knows; None where a known one has a wrong value."""
        if not entity.attrs and not entity.links:
            return entity
        unknown = []
        form = self.lexicon.forms[cls]
        for key, value in entity.attrs.items():
            prop = form.attrs[key]
            if prop is None:
                if not key.startswith("x-"):
                    self._unknown_attribute(entity, cls, key)
                    unknown.append(key)
                continue
            for item in value if isinstance(value, tuple) else (value,):
                if form.facts[key, item, type(item)] is None:
                    self._wrong_value(entity, cls, prop, item, unit)
                    return None
        bad = [link for link in entity.links if not self._link(link, entity)]
        if not unknown and not bad:
            return entity
        return msgspec.structs.replace(
            entity,
            attrs={k: v for k, v in entity.attrs.items() if k not in unknown},
            links=tuple(link for link in entity.links if link not in bad),
        )

    def _unknown_attribute(self, entity: Entity, cls: Class, key: str) -> None:
        near = self.vocabulary.nearest(key, [p.name for p in self.vocabulary.properties.values()])
        hint = f"Did you mean '{near}'?" if near else "Own keys are written 'x-…'."
        self._fault(
            "UNKNOWN_KEY",
            f"attrs.{escaped(key)[1:-1]} is no property of {cls.name}.",
            hint,
            entity.id,
            "annotation",
        )

    def _wrong_value(
        self, entity: Entity, cls: Class, prop: Property, value: Scalar, unit: Unit
    ) -> None:
        scheme = self.lexicon.scheme(cls, prop)
        if scheme:
            known = self.vocabulary.notations(scheme)
            near = self.vocabulary.nearest(str(value), known)
            hint = f"Did you mean '{near}'?" if near else f"Write one of {', '.join(known[:12])}."
            self._fault(
                "UNKNOWN_TYPE",
                f"{prop.name} {escaped(str(value))} is not in its vocabulary.",
                hint,
                entity.id,
                unit,
            )
        elif (prop.datatype or "").endswith(("#date", "#dateTime")):
            self._fault(
                "DATE_INVALID",
                f"{prop.name} {escaped(str(value))} is not a date.",
                "Write 2017-02-08, 2017-02 or 2017.",
                entity.id,
                unit,
            )
        else:
            kind = (
                "a property of the ontology"
                if prop.name == "claimPredicate"
                else (prop.datatype or "an id under args").rpartition("#")[2]
            )
            self._fault(
                "VALUE_INVALID",
                f"{prop.name} {escaped(str(value))} is not {kind}.",
                "Correct the value.",
                entity.id,
                unit,
            )

    def _link(self, link: str, entity: Entity) -> bool:
        try:
            found = qid(link)
        except ValueError:
            self._fault(
                "QID_INVALID",
                f"the link {escaped(link)} is no Wikidata id.",
                "Write wd:Q and digits.",
                entity.id,
                "annotation",
            )
            return False
        if found is None and not is_iri(link):
            self._fault(
                "QID_INVALID",
                f"the link {escaped(link)} is no IRI.",
                "Write wd:Q… or an absolute IRI.",
                entity.id,
                "annotation",
            )
            return False
        return True

    # -- arguments ----------------------------------------------------------------------------

    def _with_arguments(
        self, event: Event, cls: Class, entities: dict[str, Entity]
    ) -> Event | None:
        times, args = list[Entity](), dict[str, tuple[str, ...]]()
        form, values = self.lexicon.forms[cls], self.values
        for key, ids in event.args.items():
            arg = form.args[key]
            if arg is None:
                self._unknown_argument(event, cls, key)
                continue
            self._may_circle |= arg.acyclic
            if arg.of_nodes:
                fit = values.keys().isdisjoint(ids)
            else:
                fit = arg.kind == "time" and all(map(values.__contains__, ids))
            good = ids
            if not fit:
                good = tuple(i for i in ids if self._fits(event, cls, key, arg, i, entities.get(i)))
            if good:
                args[key] = good
            if arg.kind == "time":
                times += [entities[i] for i in good]
        if times and not self._not_after_publication(event, cls, times):
            return None
        if form.wants_date and not times:
            self._fault(
                "EVENT_WITHOUT_DATE",
                "the event has no date.",
                "Give its date as args.time, if the article has one.",
                event.id,
                None,
            )
        return event if args == event.args else msgspec.structs.replace(event, args=args)

    def _unknown_argument(self, event: Event, cls: Class, key: str) -> None:
        near = self._nearest_argument(key, cls)
        hint = f"Did you mean '{near}'?" if near else "See the class in `acuerdo ontology docs`."
        sentence = f"args.{escaped(key)[1:-1]} is neither a property nor a role of {cls.name}."
        self._fault("UNKNOWN_KEY", sentence, hint, event.id, "relation")

    def _fits(
        self, event: Event, cls: Class, key: str, arg: Arg, ident: str, entity: Entity | None
    ) -> bool:
        """Whether the argument can be written: a node where a node belongs, a value where a value does."""
        if arg.kind in {"object", "inverse", "role"}:
            if ident not in self.values:
                return True
            sentence, hint = (
                f"{escaped(key)} names {escaped(ident)}, which is a value.",
                "Name a node.",
            )
        elif arg.kind == "time":
            if ident in self.values:
                return True
            sentence = f"{escaped(key)} names {escaped(ident)}, which is no date."
            hint = "Name an entity of type Date."
        else:
            value = words_of_value(entity, self.article.text) if entity is not None else None
            if (
                arg.prop is not None
                and value is not None
                and self.lexicon.term(cls, arg.prop, value)
            ):
                return True
            sentence = f"{escaped(ident)} is no value for {escaped(key)}."
            hint = "Correct the value of that entity."
        self._fault("VALUE_INVALID", sentence, hint, event.id, "relation")
        return False

    def _nearest_argument(self, key: str, cls: Class) -> str | None:
        names = [p.name for p in self.vocabulary.properties.values() if p.domain in cls.ancestors]
        return self.vocabulary.nearest(
            key, names + self.vocabulary.notations(self.vocabulary.role_scheme)
        )

    def _not_after_publication(self, event: Event, cls: Class, times: list[Entity]) -> bool:
        """Nothing has happened after the day on which the article tells of it."""
        status = self.lexicon.notation(cls, event.attrs, AC + "status")
        if status not in PAST:
            return True
        for time in times:
            if time.value is None or time.id not in self.values:
                continue
            lower = bounds(str(time.value)).lower
            if lower is not None and lower > self.published:
                self._fault(
                    "DATE_AFTER_PUBLICATION",
                    f"it has the status {status} on {time.value}, after the article of {self.article.published}.",
                    "Correct the date, or write status planned.",
                    event.id,
                    "event",
                )
                return False
        return True

    def _without_dropped(self, events: list[Event]) -> list[Event]:
        known = self.classes.keys() | self.values.keys()
        kept = []
        for event in events:
            if all(known >= set(ids) for ids in event.args.values()):
                kept.append(event)
                continue
            args = {}
            for key, ids in event.args.items():
                good = tuple(i for i in ids if i in known)
                for ident in dict.fromkeys(i for i in ids if i not in known):
                    self._fault(
                        "DANGLING_REFERENCE",
                        f"{escaped(key)} names {escaped(ident)}, which was dropped.",
                        "Correct that annotation.",
                        event.id,
                        "relation",
                    )
                if good:
                    args[key] = good
            kept.append(msgspec.structs.replace(event, args=args))
        return kept

    def _weak_evidence(self, article: Article) -> None:
        """Without the text, an event that no annotated sentence covers rests on its trigger alone."""
        evidence = [m for e in article.events for m in e.evidence]
        evidence += [m for r in article.relations for m in r.evidence]
        spans = {(m.start, m.end) for m in evidence}
        for event in article.events:
            if event.evidence or event.id not in self.classes:
                continue
            if not all(any(a <= m.start and m.end <= b for a, b in spans) for m in event.mentions):
                self._fault(
                    "WEAK_EVIDENCE",
                    "no sentence is annotated, and there is no text to take it from.",
                    "Annotate the evidence, or attach the text with --texts.",
                    event.id,
                    None,
                )

    # -- relations ----------------------------------------------------------------------------

    def _relation(self, relation: Relation) -> bool:
        name = name_of(relation)
        source, target = self.classes.get(relation.source), self.classes.get(relation.target)
        if source is None or (target is None and relation.target not in self.values):
            self._fault(
                "DANGLING_REFERENCE",
                "the relation names something that was dropped.",
                "Correct that annotation.",
                name,
                "relation",
            )
            return False
        if self.relation_arg(relation, source) is None:
            near = self._nearest_argument(relation.type, source)
            hint = f"Did you mean '{near}'?" if near else "See `acuerdo labels` for what is known."
            self._fault(
                "UNKNOWN_TYPE",
                f"the relation {escaped(relation.type)} is no property of {source.name}.",
                hint,
                name,
                "relation",
            )
            return False
        return True

    def relation_arg(self, relation: Relation, source: Class) -> Arg | None:
        """What the relation means from its source's class."""
        return self.lexicon.forms[source].args[relation.type]

    def _as_nodes(
        self, relations: tuple[Relation, ...], entities: dict[str, Entity]
    ) -> tuple[list[Relation], list[Event]]:
        """The relations that are pairs, and the nodes that the others stand for."""
        pairs, nodes = list[Relation](), list[Event]()
        for relation in relations:
            source = self.classes.get(relation.source)
            node = None
            if source is not None and self.relation_arg(relation, source) is None:
                node = as_node(relation, self.lexicon, entities)
            if node is None:
                pairs.append(relation)
            else:
                nodes.append(node)
        return pairs, nodes

    def _acyclic(self, relations: list[Relation]) -> list[Relation]:
        """The relations in their order without those that would close a circle."""
        circles, kept = Circles(), []
        for relation in relations:
            arg = self.relation_arg(relation, self.classes[relation.source])
            if arg is not None and circles.closes(arg, relation.source, relation.target):
                self._circle(relation.type, relation.source, name_of(relation))
            else:
                kept.append(relation)
        return kept

    def _acyclic_events(self, events: list[Event]) -> list[Event]:
        """The events without the arguments that would lead back to them, the later one staying out."""
        if not self._may_circle:
            return events
        circles, kept = Circles(), []
        for event in events:
            known = self.lexicon.forms[self.classes[event.id]].args
            closing = [
                (key, ident)
                for key, arg, ident in edges_of(event, known)
                if circles.closes(arg, event.id, ident)
            ]
            for key, ident in closing:
                self._circle(key, event.id, event.id)
                ids = tuple(i for i in event.args[key] if i != ident)
                args = {**event.args, key: ids}
                event = msgspec.structs.replace(event, args={k: v for k, v in args.items() if v})  # noqa: PLW2901
            kept.append(event)
        return kept

    def _circle(self, label: str, ident: str, annotation: str) -> None:
        self._fault(
            "RELATION_CYCLE",
            f"{escaped(label)} leads from {escaped(ident)} back to itself.",
            "Remove one of the relations.",
            annotation,
            "relation",
        )

    def _attrs_of_article(self) -> None:
        cls = self.lexicon.types["Article"]
        if not self.article.attrs or not isinstance(cls, Class):
            return
        whole = Entity(id=self.article.id, type="Article", attrs=self.article.attrs)
        kept = self._described(whole, cls, "article")
        attrs = kept.attrs if kept else {}
        if attrs != self.article.attrs:
            self.article = msgspec.structs.replace(self.article, attrs=attrs)


def time_bounds(entity: Entity) -> Bounds | None:
    """The bounds of a date entity that was checked before; None where it has no value."""
    return bounds(str(entity.value)) if entity.value is not None else None
