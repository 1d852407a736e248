"""Whether the labels, keys, values and dates of an article mean something in the ontology."""

from datetime import date

import msgspec

from acuerdo.dates import bounds
from acuerdo.iri import AC
from acuerdo.model import Article, Entity, Event, Relation
from acuerdo.report import Unit, escaped
from acuerdo.resolve.attributes import Described
from acuerdo.resolve.lexicon import Arg, words_of_value
from acuerdo.resolve.relations import Circles, as_node, edges_of, name_of
from acuerdo.resolve.tenures import PAST, TENURE, has_begun, notations
from acuerdo.resolve.world import World
from acuerdo.vocabulary import Class, Property, fold

_ENTITY = AC + "Entity"


class Meaning(Described):
    """One article on its way through the checks of its labels; `classes` holds each node's class."""

    def __init__(self, article: Article, world: World, file: str) -> None:
        super().__init__(article, world, file)
        self.classes: dict[str, Class] = {}
        self.values: dict[str, Property] = {}
        self.lost: set[str] = set()
        self._may_circle = False
        self.published = bounds(article.published).upper or date.max

    def run(self) -> Article:
        """The article without what means nothing; the very same when all of it does."""
        self._attrs_of_article()
        article = self.article
        entities = [e for e in map(self._entity, article.entities) if e is not None]
        by_id = {e.id: e for e in entities}
        self.lost = {e.id for e in article.entities} - by_id.keys()
        events = [e for e in (self._event(e, by_id) for e in article.events) if e is not None]
        relations, nodes = self._as_nodes(article.relations, by_id)
        events += [e for e in (self._event(n, by_id) for n in nodes) if e is not None]
        if len(entities) + len(events) < len(article.entities) + len(article.events) + len(nodes):
            events = self._without_dropped(events)
        relations = self._acyclic([r for r in relations if self._relation(r)])
        events = self._acyclic_events(events)
        if article.text is None:
            self._weak_evidence(article)
        if not self.faults and not nodes and not self.changed:
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

    # -- nodes --------------------------------------------------------------------------------

    def _entity(self, entity: Entity) -> Entity | None:
        found = self.lexicon.types[entity.type]
        if found is None or (isinstance(found, Class) and not self._may_stand(found)):
            self._unknown_type(entity, "annotation", found)
            return None
        if isinstance(found, Property):
            dated = found.iri == AC + "edtf" and entity.value is not None
            if dated and not self._date_value(entity, str(entity.value), "annotation"):
                return None
            self.values[entity.id] = found
            return entity
        described = self._described(self._with_implied(entity, found), found, "annotation")
        if described is None or not self._not_after_publication(
            described, found, self._days(described, found)
        ):
            return None
        self.classes[entity.id] = found
        return described

    def _event(self, event: Event, entities: dict[str, Entity]) -> Event | None:
        found = self.lexicon.types[event.type]
        if not isinstance(found, Class) or not self._may_stand(found):
            self._unknown_type(event, "event", found)
            return None
        described = self._described(self._with_implied(event, found), found, "event")
        if described is not None and TENURE in found.ancestors:
            described = self._not_held(described, found)
        if described is not None:
            described = self._with_arguments(described, found, entities)
        if described is not None:
            self.classes[event.id] = found
        return described

    def _not_held(self, tenure: Event, cls: Class) -> Event:
        """A tenure that is planned or alleged says of nobody that they act in it: that makes no official."""
        if has_begun(self.lexicon, cls, tenure):
            return tenure
        held = {
            key
            for key in tenure.attrs
            if (prop := self.lexicon.forms[cls].attrs[key]) is not None
            and prop.iri == AC + "capacity"
        }
        if not held or notations(self.lexicon, cls, tenure, "capacity") <= {"elect", "former"}:
            return tenure
        status = min(notations(self.lexicon, cls, tenure, "status") - PAST)
        self.faults.note(
            "CAPACITY_OPEN",
            f"its status is {status}: in what capacity the post is held is left open.",
            "Write capacity elect for somebody who is to take office.",
            tenure.id,
            None,
        )
        attrs = {key: value for key, value in tenure.attrs.items() if key not in held}
        return msgspec.structs.replace(tenure, attrs=attrs)

    def _may_stand(self, cls: Class) -> bool:
        """Whether annotators say of things that they are of this class: what is derived, and foreign, is not."""
        return _ENTITY in cls.ancestors and not cls.derived

    def _unknown_type(
        self, entity: Entity, unit: Unit, found: Class | Property | None = None
    ) -> None:
        sentence = f"the type {escaped(entity.type)} is not in the ontology."
        near = self.vocabulary.nearest(entity.type)
        hint = f"Did you mean '{near}'?" if near else "See `acuerdo labels` for what is known."
        if isinstance(found, Class) and found.derived:
            sentence = f"{found.name} is derived from other facts and never annotated."
            above = (self.vocabulary.classes.get(iri) for iri in found.ancestors)
            wider = [c for c in above if c is not None and not c.derived]
            nearest = max(wider, key=lambda c: (len(c.ancestors), c.name))
            hint = f"Write {nearest.name}, and what makes it one."
        self.faults.note("UNKNOWN_TYPE", sentence, hint, entity.id, unit)

    # -- arguments ----------------------------------------------------------------------------

    def _with_arguments(
        self, event: Event, cls: Class, entities: dict[str, Entity]
    ) -> Event | None:
        times, args = self._days(event, cls), dict[str, tuple[str, ...]]()
        form, values, dated = self.lexicon.forms[cls], self.values, bool(times)
        for key, ids in event.args.items():
            arg = form.args[key]
            if arg is None:
                self._unknown_argument(event, cls, key)
                continue
            self._may_circle |= arg.acyclic
            good = ids
            if not (arg.of_nodes and values.keys().isdisjoint(ids)):
                good = tuple(i for i in ids if self._fits(event, cls, key, arg, i, entities.get(i)))
            if good:
                args[key] = good
            if arg.kind == "time":
                dates = (entities[i].value for i in good if i in entities)
                times += [str(value) for value in dates if value is not None]
                dated = True
        if not self._not_after_publication(event, cls, times):
            return None
        if form.wants_date and not dated:
            self.faults.note(
                "EVENT_WITHOUT_DATE",
                "the event has no date.",
                "Give its date as args.time, if the article has one.",
                event.id,
                None,
            )
        return event if args == event.args else msgspec.structs.replace(event, args=args)

    def _unknown_argument(self, event: Event, cls: Class, key: str) -> None:
        near, owner = self._nearest_argument(key, cls), self._owner_of(key)
        hint = f"Did you mean '{near}'?" if near else "See the class in `acuerdo ontology docs`."
        if owner is not None:
            hint = f"It is one of {owner}; is the type {cls.name} right?"
        sentence = f"args.{escaped(key)[1:-1]} is neither a property nor a role of {cls.name}."
        self.faults.note("UNKNOWN_KEY", sentence, hint, event.id, "relation")

    def _fits(
        self, event: Event, cls: Class, key: str, arg: Arg, ident: str, entity: Entity | None
    ) -> bool:
        """Whether the argument can be written: a node where a node belongs, a value where a value does."""
        if ident in self.lost:
            return True  # named below, with all that refers to what was dropped
        if arg.kind in {"object", "inverse", "role"}:
            if ident not in self.values:
                return True
            sentence, hint = (
                f"{escaped(key)} names {escaped(ident)}, which is a value.",
                "Name a node.",
            )
        elif arg.kind == "time":
            if ident in self.values and self.values[ident].iri == AC + "edtf":
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
        self.faults.note("VALUE_INVALID", sentence, hint, event.id, "relation")
        return False

    def _owner_of(self, key: str) -> str | None:
        """The class that a role or property of this name belongs to, where there is one."""
        if fold(key) in self.vocabulary.known_labels("role"):
            return "an event"
        iri = self.vocabulary.known_labels("property").get(fold(key))
        domain = self.vocabulary.properties[iri].domain if iri else None
        found = self.vocabulary.classes.get(domain) if domain else None
        return found.name if found else None

    def _nearest_argument(self, key: str, cls: Class) -> str | None:
        names = [p.name for p in self.vocabulary.properties.values() if p.domain in cls.ancestors]
        return self.vocabulary.nearest(
            key, names + self.vocabulary.notations(self.vocabulary.role_scheme)
        )

    def _not_after_publication(self, event: Entity, cls: Class, times: list[str]) -> bool:
        """Nothing has happened after the day on which the article tells of it."""
        if not times:
            return True
        begun = notations(self.lexicon, cls, event, "status") & PAST
        for time in times if begun else []:
            lower = bounds(time).lower
            if lower is not None and lower > self.published:
                self.faults.note(
                    "DATE_AFTER_PUBLICATION",
                    f"it has the status {min(begun)} on {time}, after the article of {self.article.published}.",
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
                    self.faults.note(
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
                self.faults.note(
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
            self.faults.note(
                "DANGLING_REFERENCE",
                "the relation names something that was dropped.",
                "Correct that annotation.",
                name,
                "relation",
            )
            return False
        if relation.attrs:
            self._plain(relation, name)
        self._when(relation, name)
        arg = self.relation_arg(relation, source)
        if (
            arg is not None
            and arg.kind == "inverse"
            and arg.prop is not None
            and target is not None
        ):
            return self._fits_turned(relation, arg.prop, target)
        if arg is None:
            near = self._nearest_argument(relation.type, source)
            hint = f"Did you mean '{near}'?" if near else "See `acuerdo labels` for what is known."
            self.faults.note(
                "UNKNOWN_TYPE",
                f"the relation {escaped(relation.type)} is no property of {source.name}.",
                hint,
                name,
                "relation",
            )
            return False
        return True

    def _fits_turned(self, relation: Relation, prop: Property, target: Class) -> bool:
        """Whether the target can have the property that is written from its side; no shape looks at it there."""
        end = prop.range if prop.stored else prop.domain
        wanted = self.vocabulary.classes.get(end or "")
        if wanted is None or wanted.iri in target.ancestors or target.iri in wanted.ancestors:
            return True
        self.faults.note(
            "VALUE_INVALID",
            f"{escaped(relation.type)} leads to {escaped(relation.target)}, of class {target.name} and not {wanted.name}.",
            "Correct the relation or the type.",
            name_of(relation),
            "relation",
        )
        return False

    def _plain(self, relation: Relation, name: str) -> None:
        """A pair of two things has no properties of its own: what stands there is named."""
        for key in relation.attrs:
            if not key.startswith("x-"):
                self.faults.note(
                    "UNKNOWN_KEY",
                    f"attrs.{escaped(key)[1:-1]} stands on a relation, which has no properties.",
                    "Own keys are written 'x-…'.",
                    name,
                    "annotation",
                )

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
        self.faults.note(
            "RELATION_CYCLE",
            f"{escaped(label)} leads from {escaped(ident)} back to itself.",
            "Remove one of the relations.",
            annotation,
            "relation",
        )
