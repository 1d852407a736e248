"""One article's facts by subject, and their lines: the hot path of a build.

A fact is a predicate and an object as they stand in a line; subject and graph are set around all facts of
a node at once. What the same annotation says of several nodes (a date, the evidence) is rendered once.
"""

from collections import defaultdict
from functools import cached_property
from operator import eq

from acuerdo import iri
from acuerdo.dates import canonical, is_day
from acuerdo.iri import AC, MONTH
from acuerdo.mapping.offices import Offices
from acuerdo.mapping.passages import Passages
from acuerdo.model import Entity, Event, Mention, Relation, Scalar
from acuerdo.read.checking import is_language
from acuerdo.read.spans import words_of
from acuerdo.resolve import Resolved, World
from acuerdo.resolve.lexicon import (
    IN_MONTH,
    Arg,
    Attrs,
    Form,
    bounded,
    dated,
    escape,
    literal,
    words_of_value,
)
from acuerdo.vocabulary import RDF, RDFS, XSD, Class

A = f"<{RDF}type>"
LABEL = f"<{RDFS}label>"
SEE_ALSO = f"<{RDFS}seeAlso>"


def _p(name: str) -> str:
    return f"<{AC}{name}>"


MENTIONED_AS, EVIDENCED_BY = _p("mentionedAs"), _p("evidencedBy")
TIME_EXPRESSION, ANCHOR = _p("timeExpression"), _p("anchorDate")
HAS_PARTICIPATION, PARTICIPANT, ROLE = _p("hasParticipation"), _p("participant"), _p("role")
IN_CAPACITY_OF, WIKIDATA = _p("inCapacityOf"), _p("wikidata")
SUPPORTS, SUPPORTS_PROPERTY = _p("supports"), _p("supportsProperty")
QUOTED_FROM, CONFIDENCE = _p("quotedFrom"), _p("confidence")
ATTESTED_ON, STATUS = _p("attestedOn"), _p("status")
UNDATED = f"{IN_MONTH} <{MONTH}open>"
IDENTIFIER, LANGUAGE, DATE_BASIS = _p("identifier"), _p("language"), _p("dateBasis")
TEXT_DIGEST, LICENCE, URL, PUBLISHED = (
    _p("textDigest"),
    _p("licence"),
    _p("url"),
    _p("published"),
)
IS_ARTICLE, IS_PARTICIPATION, IS_PERSON, IS_OFFICIAL, IS_EVIDENCE = (
    f"{A} {_p(name)}" for name in ("Article", "Participation", "Person", "Official", "Evidence")
)
DATE = f"^^<{XSD}date>"
# The literal property that a node's own `value` stands for.
VALUE_OF = {AC + "Amount": AC + "amountValue", AC + "Group": AC + "count"}


class Writer:
    """The facts of one article graph; made for one article and used once."""

    def __init__(self, resolved: Resolved, world: World) -> None:
        self.article, self.iris, self.classes = resolved.article, resolved.iris, resolved.classes
        self.world, self.lexicon, self.registry = world, world.lexicon, world.registry
        self.forms = world.lexicon.forms
        key = iri.article_key(self.article.id)
        self.prefix = world.bases.id
        self.iri = f"{self.prefix}article/{key}"
        self.graph = f" <{world.bases.graph}article/{key}> .\n"
        self.facts: defaultdict[str, list[str]] = defaultdict(list)
        self.terms = {ident: f"<{found}>" for ident, found in self.iris.items()}
        self.passages = Passages(self.article, self.iri)
        self.nodes: dict[str, Entity] = {e.id: e for e in self.article.entities}
        self.published = self.article.published if is_day(self.article.published) else None
        self.offices = Offices(resolved, world)
        self.times: dict[str, list[str]] = {}
        self.labels = self._labels()
        self.tag = self._language()

    def nquads(self) -> bytes:
        """The sorted lines of the graph, each once."""
        self._article()
        for entity in self.article.entities:
            if entity.id in self.terms:
                self._entity(entity)
        for event in self.article.events:
            self._event(event)
        for relation in self.article.relations:
            self._relation(relation)
        self._undated()
        self.passages.write(self.facts)
        return self._lines()

    def _lines(self) -> bytes:
        graph, blocks = self.graph, []
        for subject, facts in sorted(self.facts.items()):
            facts.sort()
            repeated = any(map(eq, facts, facts[1:]))
            text = f"{graph}{subject} ".join(dict.fromkeys(facts) if repeated else facts)
            # Each node is encoded by itself: one accent in a joined text would make all of it two bytes a
            # character and three times as dear.
            blocks.append(f"{subject} {text}{graph}".encode())
        return b"".join(blocks)

    def _language(self) -> str:
        language = self.article.language
        return f"@{language.lower()}" if is_language(language) else ""

    def _undated(self) -> None:
        """What is told without a date may be of any month: `open` is the one that every range includes."""
        for ident, term in self.terms.items():
            if self.forms[self.classes[ident]].attrs["status"] is not None:
                facts = self.facts[term]
                told = "\n".join(("", *facts))  # a line break stands inside no fact
                if f"\n{STATUS}" in told and f"\n{IN_MONTH}" not in told:
                    facts.append(UNDATED)

    # -- the article itself -------------------------------------------------------------------

    def _article(self) -> None:
        article, facts = self.article, self.facts[f"<{self.iri}>"]
        facts += (
            IS_ARTICLE,
            f'{IDENTIFIER} "{escape(article.id)}"',
            f'{LANGUAGE} "{escape(article.language.lower())}"',
            f"{DATE_BASIS} <{iri.FIXED}date-basis/{article.date_basis}>",
            f'{TEXT_DIGEST} "sha256:{self.passages.text_digest}"',
        )
        for name in ("title", "publisher"):
            value = getattr(article, name)
            if value:
                facts.append(f'{_p(name)} "{escape(value)}"')
        if article.license:
            facts.append(f'{LICENCE} "{escape(article.license)}"')
        if article.url and iri.is_iri(article.url):
            facts.append(f'{URL} "{article.url}"^^<{XSD}anyURI>')
        if self.published:
            kind = "dateTime" if "T" in self.published else "date"
            facts.append(f'{PUBLISHED} "{canonical(self.published)}"^^<{XSD}{kind}>')
            facts += bounded(self.published)
        else:
            facts += dated(article.published)
        cls = self.lexicon.types["Article"]
        if article.attrs and isinstance(cls, Class):
            self._attrs(facts, self.forms[cls], article.attrs)

    # -- entities -----------------------------------------------------------------------------

    def _entity(self, entity: Entity) -> None:
        facts = self.facts[self.terms[entity.id]]
        form = self.forms[self.classes[entity.id]]
        facts.append(form.typed)
        if form.typed == IS_OFFICIAL:
            facts.append(IS_PERSON)
        surfaces = [m.text if m.text is not None else self._words(m) for m in entity.mentions]
        name = self.labels.get(self.iris[entity.id])
        if name:
            # A person's name is the same in every language; other names are the article's.
            facts.append(f'{LABEL} "{escape(name)}"{"" if form.person else self.tag}')
            if entity.name != name:
                surfaces.append(entity.name)
        passages = self.passages.around(entity.mentions) or self._naming(entity.id)
        facts += [f"{EVIDENCED_BY} {passage}" for passage in passages]
        facts += [f'{MENTIONED_AS} "{escape(words)}"' for words in set(surfaces) if words]
        if entity.attrs or entity.links or entity.value is not None:
            self._common(facts, entity, form)
        if entity.confidence is not None:
            self._supported(self.terms[entity.id], entity.id, passages, entity.confidence)

    def _labels(self) -> dict[str, str]:
        """The name of each thing that the registry does not know, by IRI: one, though several annotations name it.

        The full name of somebody who is called by the last name elsewhere; of several, the longest.
        """
        names: dict[str, str] = {}
        for entity in self.article.entities:
            found = self.iris.get(entity.id)
            if found is None or found in self.registry:
                continue
            name = entity.name or (self._words(entity.mentions[0]) if entity.mentions else None)
            if name:
                before = names.get(found)
                names[found] = name if before is None else max(before, name, key=_fullness)
        return names

    def _words(self, mention: Mention) -> str | None:
        if mention.text is not None:
            return mention.text
        return words_of(self.article.text, mention) if self.article.text is not None else None

    def _common(self, facts: list[str], entity: Entity, form: Form) -> None:
        """Attributes, links and an own value, which any node may have."""
        self._attrs(facts, form, entity.attrs)
        for link in entity.links:
            item = iri.qid(link)
            facts.append(
                f'{WIKIDATA} "{iri.WIKIDATA}{item}"^^<{XSD}anyURI>'
                if item
                else f"{SEE_ALSO} <{link}>"
            )
        if entity.value is not None:
            self._own_value(facts, form, entity.value)

    def _own_value(self, facts: list[str], form: Form, value: Scalar) -> None:
        for ancestor, predicate in VALUE_OF.items():
            if ancestor in form.cls.ancestors:
                prop = self.lexicon.vocabulary.properties.get(predicate)
                term = literal(value, prop.datatype) if prop else None
                if term is not None:
                    facts.append(f"<{predicate}> {term}")

    def _attrs(self, facts: list[str], form: Form, attrs: Attrs) -> None:
        said = form.facts
        for key, given in attrs.items():
            for value in given if isinstance(given, tuple) else (given,):
                facts += said[key, value, type(value)] or ()

    # -- events -------------------------------------------------------------------------------

    def _event(self, event: Event) -> None:
        s = self.terms[event.id]
        facts, form = self.facts[s], self.forms[self.classes[event.id]]
        facts.append(form.typed)
        passages = self._evidence(event)
        evidence = [f"{EVIDENCED_BY} {passage}" for passage in passages]
        facts += evidence
        if event.attrs or event.links or event.value is not None:
            self._common(facts, event, form)
        if event.name and self.iris[event.id] not in self.registry:
            facts.append(f'{LABEL} "{escape(event.name)}"{self.tag}')
        if form.participation:
            self._written_out(facts, event, form)
        timed = False
        for key, ids in event.args.items():
            arg = form.args[key]
            if arg is not None:
                timed |= arg.kind == "time" and len(ids) > 0
                for ident in ids:
                    self._argument(s, form, arg, ident, evidence)
        if form.tenure:
            self._tenure(facts, event, timed=timed)
        if event.confidence is not None:
            self._supported(s, event.id, passages, event.confidence)

    def _evidence(self, event: Event) -> list[str]:
        if event.evidence:
            return self.passages.of(event.evidence)
        return self.passages.around(event.mentions)

    def _naming(self, ident: str) -> list[str]:
        """The passages of the events and relations that name an entity without a mention of its own."""
        found: list[str] = []
        for event in self._named_in[0].get(ident, ()):
            found += self._evidence(event)
        for relation in self._named_in[1].get(ident, ()):
            found += self._telling(relation, ident)
        return list(dict.fromkeys(found))

    @cached_property
    def _named_in(self) -> tuple[dict[str, list[Event]], dict[str, list[Relation]]]:
        """The events and the relations that name each id."""
        events: defaultdict[str, list[Event]] = defaultdict(list)
        relations: defaultdict[str, list[Relation]] = defaultdict(list)
        for event in self.article.events:
            for ident in {ident for named in event.args.values() for ident in named}:
                events[ident].append(event)
        for relation in self.article.relations:
            for ident in {relation.source, relation.target}:
                relations[ident].append(relation)
        return events, relations

    def _telling(self, relation: Relation, ident: str) -> list[str]:
        """The passages of a relation: its evidence, else those around its other end."""
        if relation.evidence:
            return self.passages.of(relation.evidence)
        other = self.nodes.get(relation.target if ident == relation.source else relation.source)
        return self.passages.around(other.mentions) if other is not None else []

    def _argument(self, s: str, form: Form, arg: Arg, ident: str, evidence: list[str]) -> None:
        """What one argument of a node says; `evidence` are the facts that a participation takes over."""
        if not arg.of_nodes:
            if arg.kind == "time":
                self.facts[s] += self._time(ident)
            else:
                self._value(s, form, arg, ident)
            return
        other = self.terms.get(ident)
        if other is None:
            return
        if arg.kind == "role":
            self._participation(s, ident, arg.concept, evidence)
        elif arg.kind == "inverse":
            self.facts[other].append(arg.head + s)
        else:
            self.facts[s].append(arg.head + other)

    def _value(self, s: str, form: Form, arg: Arg, ident: str) -> None:
        """The literal or concept that an annotated value stands for: its `value`, else its words."""
        entity = self.nodes.get(ident)
        if entity is None or arg.prop is None:
            return
        value = words_of_value(entity, self.article.text)
        term = self.lexicon.term(form.cls, arg.prop, value) if value is not None else None
        if term is not None:
            self.facts[s].append(arg.head + term)

    def _time(self, ident: str) -> list[str]:
        """The facts of a date, the same for everything that it dates."""
        found = self.times.get(ident)
        if found is None:
            found = self.times[ident] = []
            entity = self.nodes.get(ident)
            if entity is not None and ident not in self.classes:
                if entity.value is not None:
                    found += dated(str(entity.value))
                words = self._words(entity.mentions[0]) if entity.mentions else None
                if words:
                    found.append(f'{TIME_EXPRESSION} "{escape(words)}"{self.tag}')
                    if self.published:
                        found.append(f'{ANCHOR} "{self.published[:10]}"{DATE}')
        return found

    # -- participations -----------------------------------------------------------------------

    def _participation(self, s: str, ident: str, role: str, evidence: list[str]) -> None:
        actor = self.iris[ident]
        node = f"<{iri.participation(self.world.bases, s[1:-1], actor)}>"
        self.facts[s].append(f"{HAS_PARTICIPATION} {node}")
        facts = self.facts[node]
        facts.append(IS_PARTICIPATION)
        facts += evidence
        self._in_capacity(facts, ident)
        facts += (f"{PARTICIPANT} <{actor}>", f"{ROLE} <{role}>")

    def _in_capacity(self, facts: list[str], ident: str) -> None:
        """In which capacity somebody acts, where the article attests exactly one."""
        held = self.offices.capacity(self.iris.get(ident, ""))
        if held:
            facts.append(f"{IN_CAPACITY_OF} <{held}>")

    def _written_out(self, facts: list[str], event: Event, form: Form) -> None:
        """A participation annotated as an event of its own, without the capacity it acts in."""
        args = {arg.predicate: ids for k, ids in event.args.items() if (arg := form.args[k])}
        if AC + "inCapacityOf" not in args:
            for ident in args.get(AC + "participant", ()):
                self._in_capacity(facts, ident)

    # -- tenures ------------------------------------------------------------------------------

    def _tenure(self, facts: list[str], event: Event, *, timed: bool) -> None:
        if not self.offices.in_office(event):
            return
        # The article attests the post on its own day, unless it says when it was held; where that day is
        # not known, the bounds of the publication are those of the attestation.
        if not timed and not self.offices.says_when(event):
            if self.published:
                facts.append(f'{ATTESTED_ON} "{self.published[:10]}"{DATE}')
            else:
                facts += dated(self.article.published)
        for holder in self.offices.officials(event):
            self.facts[f"<{holder}>"].append(IS_OFFICIAL)

    # -- relations ----------------------------------------------------------------------------

    def _relation(self, relation: Relation) -> None:
        s = self.terms.get(relation.source)
        if s is None:
            return
        form = self.forms[self.classes[relation.source]]
        arg = form.args[relation.type]
        if arg is None:
            return
        passages = self.passages.of(relation.evidence)
        evidence = [f"{EVIDENCED_BY} {passage}" for passage in passages]
        self._argument(s, form, arg, relation.target, evidence)
        if passages:
            name = relation.id or f"{relation.type}.{relation.source}.{relation.target}"
            subject = s if arg.kind != "inverse" else self.terms[relation.target]
            self._supported(subject, name, passages, relation.confidence, f"<{arg.predicate}>")

    def _supported(
        self,
        s: str,
        name: str,
        passages: list[str],
        confidence: float | None,
        predicate: str | None = None,
    ) -> None:
        """An Evidence node: which passage supports the node, or one property of it, and how surely."""
        facts = self.facts[f"<{self.iri}/evidence/{iri.local(name)}>"]
        facts += (IS_EVIDENCE, f"{SUPPORTS} {s}")
        if predicate:
            facts.append(f"{SUPPORTS_PROPERTY} {predicate}")
        facts += [f"{QUOTED_FROM} {passage}" for passage in passages]
        if confidence is not None:
            facts.append(f"{CONFIDENCE} {literal(confidence, XSD + 'decimal')}")


def _fullness(name: str) -> tuple[int, str]:
    return len(name), name
