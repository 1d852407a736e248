"""The IRI of each node of an article: see the package for what may join two articles, and what not."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from acuerdo import iri
from acuerdo.dates import bounds
from acuerdo.iri import AC
from acuerdo.model import Article, Entity, Event
from acuerdo.report import Fault, Faults, Unit, escaped
from acuerdo.resolve.registry import Term
from acuerdo.resolve.tenures import has_begun, in_office, notations
from acuerdo.resolve.world import World
from acuerdo.vocabulary import Class

# "de la Fuente Ramírez": more words than these are no last names.
_LAST_NAMES_AT_MOST = 6


def identify(
    article: Article, classes: Mapping[str, Class], world: World, file: str
) -> tuple[dict[str, str], list[Fault], set[str]]:
    """IRIs by local id, faults, and the ids that must stay out because their identity is contradictory."""
    made = _Identity(article, classes, world, file)
    made.run()
    return made.iris, made.faults, made.dropped


class _Identity:
    def __init__(
        self, article: Article, classes: Mapping[str, Class], world: World, file: str
    ) -> None:
        self.article, self.classes, self.world = article, classes, world
        self.registry, self.bases, self.prefix = world.registry, world.bases, world.bases.id
        self.local = f"{self.prefix}article/"
        self.iri = f"{self.local}{iri.article_key(article.id)}"
        self.iris: dict[str, str] = {}
        self.faults = Faults(file, article.id)
        self.dropped: set[str] = set()
        self._taken: dict[str, Class] = {}

    def run(self) -> None:
        classes, forms = self.classes, self.world.lexicon.forms
        nodes = [e for e in self.article.entities if e.id in classes]
        if self.article.relations:
            # The order in the file plays no part in what a stated place or organisation tells.
            nodes.sort(key=lambda e: (forms[classes[e.id]].rank, e.id))
        for entity in nodes:
            self._name(entity, self._of_entity(entity))
        self._surnames(nodes)
        for event in self.article.events:
            self._name(event, self._by_ref(event) if event.ref else iri.entity(self.iri, event.id))
        for event in self.article.events:
            if event.id in self.dropped or event.ref:
                continue
            form = forms[classes[event.id]]
            if form.tenure:
                self._tenure(event)
            elif form.participation:
                self._participation(event)
        self._open_capacities()

    def _open_capacities(self) -> None:
        """Name who takes part in something while the article attests several posts of theirs."""
        lexicon, held = self.world.lexicon, dict[str, set[str]]()
        for event in self.article.events:
            if event.id in self.iris and lexicon.forms[self.classes[event.id]].tenure:
                holder = self._argument(event, "holder")
                if holder and in_office(lexicon, self.classes[event.id], event):
                    held.setdefault(holder, set()).add(self.iris[event.id])
        several = {holder for holder, tenures in held.items() if len(tenures) > 1}
        if not several:
            return
        for event in self.article.events:
            args = lexicon.forms[self.classes[event.id]].args if event.id in self.iris else {}
            for key, ids in event.args.items():
                arg = args.get(key)
                for ident in ids if arg is not None and arg.kind == "role" else ():
                    if self.iris.get(ident) in several:
                        self.faults.note(
                            "CAPACITY_OPEN",
                            f"{escaped(ident)} holds several posts here; the one acted in is left open.",
                            "Write the participation out with inCapacityOf.",
                            event.id,
                            None,
                        )

    def _name(self, entity: Entity, found: str | None) -> None:
        """Give the node its IRI, unless something else there is of a disjoint class."""
        if found is None:
            self.dropped.add(entity.id)
            return
        found = self._decided(found)
        cls = self.classes[entity.id]
        taken = self._taken.get(found)
        known = taken is not None or found in self.registry.types
        other = self._conflict(found, cls, taken) if known and taken is not cls else None
        if other is not None:
            unit: Unit = "event" if isinstance(entity, Event) else "annotation"
            self.faults.note(
                "TYPE_CONFLICT",
                f"{iri.tail(self.bases, found)} is of class {other}, which nothing of class {cls.name} can be.",
                "Correct the type or the ref.",
                entity.id,
                unit,
            )
            self.dropped.add(entity.id)
            return
        if taken is None:
            self._taken[found] = cls
        self.iris[entity.id] = found

    def _decided(self, found: str) -> str:
        return self.world.same.get(found, found)

    def _conflict(self, found: str, cls: Class, taken: Class | None) -> str | None:
        """The class of what has this IRI already, where nothing can be of both."""
        vocabulary = self.world.vocabulary
        if taken is not None and vocabulary.disjoint(taken, cls):
            return taken.name
        for known in sorted(self.registry.types.get(found, ())):
            other = vocabulary.classes.get(known)
            if other is not None and vocabulary.disjoint(other, cls):
                return other.name
        return None

    # -- entities -----------------------------------------------------------------------------

    def _of_entity(self, entity: Entity) -> str | None:
        if entity.ref is not None:
            return self._by_ref(entity)
        found = self._by_qid(entity) if entity.links else None
        return found or self._by_name(entity) or iri.entity(self.iri, entity.id)

    def _by_ref(self, entity: Entity) -> str | None:
        """The shared IRI that the annotator wrote: whole, or its part after `/id/`."""
        ref = entity.ref or ""
        tail = ref.removeprefix(self.prefix)
        found = self.prefix + tail
        if found in self.registry.types:
            if entity.links:
                self._qid_agrees(entity, found)
            return found
        if not iri.is_ref(tail):
            self.faults.note(
                "REF_KIND",
                f"the ref {escaped(ref)} is not of the form segment/slug.",
                "Write it as person/luis-videgaray.",
                entity.id,
                self._unit(entity),
            )
            return None
        segment = tail.partition("/")[0]
        cls = self.classes[entity.id]
        if cls.segments and segment not in cls.segments and not self._segment_of_kin(segment, cls):
            self.faults.note(
                "REF_KIND",
                f"the ref {escaped(tail)} does not name a {cls.name}.",
                f"It begins with {' or '.join(sorted(cls.segments))}.",
                entity.id,
                self._unit(entity),
            )
            return None
        self.faults.note(
            "NEW_REF",
            f"{tail} is a new shared key.",
            "Add it to the registry when it is there to stay.",
            entity.id,
            None,
        )
        return found

    def _segment_of_kin(self, segment: str, cls: Class) -> bool:
        """Whether a sub- or superclass has this segment: a `country/` is also a Place."""
        return any(
            segment in other.segments and (other.iri in cls.ancestors or cls.iri in other.ancestors)
            for other in self.world.vocabulary.classes.values()
        )

    def _unit(self, entity: Entity) -> Unit:
        return "event" if isinstance(entity, Event) else "annotation"

    def _qids(self, entity: Entity) -> set[str]:
        found = set()
        for link in entity.links:
            item = iri.qid(link)
            if item:
                found.add(item)
        return found

    def _qid_agrees(self, entity: Entity, found: str) -> None:
        known = self.registry.qids.get(found)
        for item in sorted(self._qids(entity)):
            if known is not None and item != known:
                self.faults.note(
                    "QID_CONFLICT",
                    f"the link {item} is not {known}, which the registry has for {iri.tail(self.bases, found)}.",
                    "Correct the link or the ref.",
                    entity.id,
                    "annotation",
                )
                self.dropped.add(entity.id)

    def _by_qid(self, entity: Entity) -> str | None:
        known = set().union(*(self.registry.by_qid.get(q, set()) for q in self._qids(entity)))
        fitting = self._fitting(entity, known)
        return fitting[0] if len(fitting) == 1 else None

    def _by_name(self, entity: Entity) -> str | None:
        name = entity.name or (entity.mentions[0].text if entity.mentions else None)
        if not name or (self._is_person(entity) and len(name.split()) < 2):
            return None
        known, common = self.registry.named(name)
        fitting = self._fitting(entity, known)
        if not fitting:
            fitting = [f for f in self._fitting(entity, common) if self._same_context(entity, f)]
        if len(fitting) == 1:
            return fitting[0] if not self._other_context(entity, fitting[0]) else None
        if fitting:
            names = ", ".join(iri.tail(self.bases, f) for f in fitting)
            self.faults.note(
                "NAME_AMBIGUOUS",
                f"the name {escaped(name)} may mean {names}; it is kept apart.",
                "Write the ref of the one that is meant.",
                entity.id,
                None,
            )
        return None

    def _fitting(self, entity: Entity, known: Collection[str]) -> list[str]:
        """The entries of the entity's own kind, without those that a person said are others."""
        if not known:
            return []
        cls = self.classes[entity.id]
        here = iri.entity(self.iri, entity.id)
        fitting = []
        for found in sorted(known):
            kinds = [
                c for t in self.registry.types[found] if (c := self.world.vocabulary.classes.get(t))
            ]
            kin = any(cls.iri in k.ancestors or k.iri in cls.ancestors for k in kinds)
            if kin and (here, found) not in self.world.apart:
                fitting.append(found)
        return fitting

    def _stated_context(self, entity: Entity) -> set[str]:
        """Where the article itself says that a post or an agency belongs, as far as that is known."""
        stated = set()
        for relation in self.article.relations:
            if relation.source == entity.id and relation.target in self.iris:
                arg = self.world.lexicon.forms[self.classes[entity.id]].args[relation.type]
                if arg is not None and arg.predicate in {
                    AC + "postIn",
                    AC + "jurisdiction",
                    AC + "partOfOrganization",
                }:
                    stated.add(self.iris[relation.target])
        return stated

    def _known_context(self, found: str) -> set[str]:
        seen: set[str] = set()
        todo = {found}
        while todo:
            seen |= todo
            todo = (
                set().union(
                    *(
                        self.registry.about(f, "postIn", "jurisdiction", "partOfOrganization")
                        for f in todo
                    )
                )
                - seen
            )
        return seen - {found}

    def _same_context(self, entity: Entity, found: str) -> bool:
        return bool(self._stated_context(entity) & self._known_context(found))

    def _other_context(self, entity: Entity, found: str) -> bool:
        stated = {s for s in self._stated_context(entity) if s in self.registry}
        return bool(stated) and not stated & self._known_context(found)

    def _is_person(self, entity: Entity) -> bool:
        return self.world.lexicon.forms[self.classes[entity.id]].person

    def _surnames(self, nodes: Iterable[Entity]) -> None:
        """A person called by the last names alone is the one of this article who bears them."""
        people = [e for e in nodes if e.id in self.iris and self._is_person(e)]
        names = {
            e.id: iri.slug(e.name or (e.mentions[0].text or "" if e.mentions else "")).split("-")
            for e in people
        }
        if len(set(map(len, names.values()))) < 2:
            return  # nobody's name is shorter than another's
        bearing: defaultdict[tuple[str, ...], dict[str, Entity]] = defaultdict(dict)
        for entity in people:
            for last in _last_names(names[entity.id]):
                bearing[last].setdefault(self.iris[entity.id], entity)
        # The longest names first: whom "Osorio Chong" is, is known before "Chong" is looked for.
        for entity in sorted(people, key=lambda e: -len(names[e.id])):
            own, here = tuple(names[entity.id]), self.iris[entity.id]
            if entity.ref or not own[0] or here != iri.entity(self.iri, entity.id):
                continue
            bearers = bearing.get(own, {})
            if len(bearers) == 1 and not self._told_apart(entity, *bearers.values()):
                ((self.iris[entity.id], bearer),) = bearers.items()
                for last in _last_names(names[entity.id]):
                    bearing[last].pop(here, None)
                    bearing[last].setdefault(self.iris[entity.id], bearer)

    def _told_apart(self, one: Entity, other: Entity) -> bool:
        """Whether a link of the annotator or a decision says that two people are not one."""
        mine, theirs = self._qids(one), self._qids(other)
        theirs |= {q for q in [self.registry.qids.get(self.iris[other.id])] if q}
        pair = (self.iris[one.id], self.iris[other.id])
        return bool(mine and theirs and mine.isdisjoint(theirs)) or pair in self.world.apart

    # -- derived IRIs ---------------------------------------------------------------------------

    def _argument(self, event: Event, name: str) -> str | None:
        """The one node that an event names under a property, by IRI."""
        known = self.world.lexicon.forms[self.classes[event.id]].args
        for key, ids in event.args.items():
            arg = known[key]
            if arg is not None and arg.prop is not None and arg.prop.iri == AC + name:
                found = {self.iris[i] for i in ids if i in self.iris}
                return found.pop() if len(found) == 1 else None
        return None

    def _shared(self, found: str | None) -> bool:
        return found is not None and not found.startswith(self.local)

    def _tenure(self, event: Event) -> None:
        person, post = self._argument(event, "holder"), self._argument(event, "post")
        cls, lexicon = self.classes[event.id], self.world.lexicon
        # What is planned or alleged is not the tenure that other articles attest.
        if not (self._shared(person) and self._shared(post) and has_begun(lexicon, cls, event)):
            return
        capacity = min(notations(lexicon, cls, event, "capacity"), default=None)
        known = self.registry.terms.get((person or "", post or ""), [])
        if capacity in {None, "substantive"} and known:
            term = self._term(event, known)
            if term is not None:
                self.iris[event.id] = self._decided(term.iri)
            return
        self.iris[event.id] = self._decided(
            iri.tenure(self.bases, person or "", post or "", capacity, None)
        )

    def _term(self, event: Event, known: list[Term]) -> Term | None:
        """The known term that the day of the attestation falls into; None where none or several do."""
        days = [bounds(self.article.published)]
        entities = {e.id: e for e in self.article.entities}
        for key, ids in event.args.items():
            arg = self.world.lexicon.forms[self.classes[event.id]].args[key]
            if arg is not None and arg.kind == "time":
                days = [
                    bounds(str(entities[i].value))
                    for i in ids
                    if i in entities and entities[i].value is not None
                ] or days
        lower, upper = days[0].lower or date.min, days[0].upper or date.max
        fitting = [
            t for t in known if (t.begin or date.min) <= upper and lower <= (t.end or date.max)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _participation(self, event: Event) -> None:
        happening, actor = self._argument(event, "inEvent"), self._argument(event, "participant")
        if happening and actor:
            self.iris[event.id] = iri.participation(self.bases, happening, actor)


def _last_names(full: list[str]) -> set[tuple[str, ...]]:
    """By which last names alone somebody may be called: how the name ends, and the last but one, the paternal name.

    In a name of three words that one may be a given name as well ("José Juan Paz"): of both readings, the
    paternal name is what papers call somebody by ("Peña" for Enrique Peña Nieto).
    """
    ends = {tuple(full[-k:]) for k in range(1, min(len(full), _LAST_NAMES_AT_MOST + 1))}
    return ends | ({(full[-2],)} if len(full) > 2 else set())
