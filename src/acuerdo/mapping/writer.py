"""One article's quads, line by line, with every predicate ready-made: the hot path of a build."""

from collections import defaultdict
from functools import cached_property

from acuerdo import iri
from acuerdo.dates import bounds, canonical, is_day
from acuerdo.iri import AC
from acuerdo.mapping.offices import Offices
from acuerdo.mapping.passages import Passages
from acuerdo.model import Entity, Event, Mention, Relation, Scalar
from acuerdo.read.checking import is_language, words_of
from acuerdo.resolve import Resolved, World
from acuerdo.resolve.lexicon import Arg, escape, literal, words_of_value
from acuerdo.resolve.tenures import TENURE
from acuerdo.vocabulary import RDF, RDFS, XSD, Class

A = f"<{RDF}type>"
LABEL = f"<{RDFS}label>"
SEE_ALSO = f"<{RDFS}seeAlso>"


def _p(name: str) -> str:
    return f"<{AC}{name}>"


MENTIONED_AS, EVIDENCED_BY = _p("mentionedAs"), _p("evidencedBy")
EDTF, NOT_BEFORE, NOT_AFTER, IN_MONTH = _p("edtf"), _p("notBefore"), _p("notAfter"), _p("inMonth")
TIME_EXPRESSION, ANCHOR = _p("timeExpression"), _p("anchorDate")
HAS_PARTICIPATION, PARTICIPANT, ROLE = _p("hasParticipation"), _p("participant"), _p("role")
IN_CAPACITY_OF, WIKIDATA = _p("inCapacityOf"), _p("wikidata")
PARTICIPATION, OFFICIAL, EVIDENCE = _p("Participation"), _p("Official"), _p("Evidence")
SUPPORTS, SUPPORTS_PROPERTY = _p("supports"), _p("supportsProperty")
QUOTED_FROM, CONFIDENCE = _p("quotedFrom"), _p("confidence")
ATTESTED_ON = _p("attestedOn")
PERSON, PARTICIPATION_CLASS = AC + "Person", AC + "Participation"
DATE = f"^^<{XSD}date>"
# The literal property that a node's own `value` stands for.
VALUE_OF = {AC + "Amount": AC + "amountValue", AC + "Group": AC + "count"}


class Writer:
    """The lines of one article graph; made for one article and used once."""

    def __init__(self, resolved: Resolved, world: World) -> None:
        self.article, self.iris, self.classes = resolved.article, resolved.iris, resolved.classes
        self.world, self.lexicon, self.registry = world, world.lexicon, world.registry
        key = iri.article_key(self.article.id)
        self.iri = f"{world.bases.id}article/{key}"
        self.graph = f" <{world.bases.graph}article/{key}> .\n"
        self.out: list[str] = []
        self.passages = Passages(self.article, self.iri)
        self.values = {e.id: e for e in self.article.entities if e.id not in self.classes}
        self.nodes: dict[str, Entity] = {e.id: e for e in self.article.entities}
        self.published = self.article.published if is_day(self.article.published) else None
        self.offices = Offices(resolved, world)
        self.labels = self._labels()
        self.tag = self._language()

    def blocks(self) -> list[str]:
        """All quads of the graph, in no order and with repeats; a block is one line or several."""
        self._article()
        for entity in self.article.entities:
            if entity.id in self.iris:
                self._entity(entity)
        for event in self.article.events:
            self._event(event)
        for relation in self.article.relations:
            self._relation(relation)
        self.passages.write(self.out, self.graph)
        return self.out

    def _language(self) -> str:
        language = self.article.language
        return f"@{language.lower()}" if is_language(language) else ""

    # -- the article itself -------------------------------------------------------------------

    def _article(self) -> None:
        article, out, g = self.article, self.out, self.graph
        s = f"<{self.iri}>"
        out.append(f"{s} {A} {_p('Article')}{g}")
        out.append(f'{s} {_p("identifier")} "{escape(article.id)}"{g}')
        out.append(f'{s} {_p("language")} "{escape(article.language.lower())}"{g}')
        basis = f"<{iri.FIXED}date-basis/{article.date_basis}>"
        out.append(f"{s} {_p('dateBasis')} {basis}{g}")
        out.append(f'{s} {_p("textDigest")} "sha256:{self.passages.text_digest}"{g}')
        for name in ("title", "publisher"):
            value = getattr(article, name)
            if value:
                out.append(f'{s} {_p(name)} "{escape(value)}"{g}')
        if article.license:
            out.append(f'{s} {_p("licence")} "{escape(article.license)}"{g}')
        if article.url and iri.is_iri(article.url):
            out.append(f'{s} {_p("url")} "{article.url}"^^<{XSD}anyURI>{g}')
        self._publication(s)
        cls = self.lexicon.type("Article")
        if isinstance(cls, Class):
            self._attrs(s, cls, article.attrs)

    def _publication(self, s: str) -> None:
        value = self.article.published
        if self.published:
            kind = "dateTime" if "T" in value else "date"
            self.out.append(
                f'{s} {_p("published")} "{canonical(value)}"^^<{XSD}{kind}>{self.graph}'
            )
        else:
            self.out.append(f'{s} {EDTF} "{value}"{self.graph}')
        self._bounds(s, value)

    def _bounds(self, s: str, value: str) -> None:
        """Strict bounds and month nodes of an EDTF value."""
        out, g = self.out, self.graph
        found = bounds(value)
        if found.lower:
            out.append(f'{s} {NOT_BEFORE} "{found.lower}"{DATE}{g}')
        if found.upper:
            out.append(f'{s} {NOT_AFTER} "{found.upper}"{DATE}{g}')
        for name in found.months:
            out.append(f"{s} {IN_MONTH} <{iri.MONTH}{name}>{g}")

    # -- entities -----------------------------------------------------------------------------

    def _entity(self, entity: Entity) -> None:
        s, g, out = f"<{self.iris[entity.id]}>", self.graph, self.out
        cls = self.classes[entity.id]
        out.append(f"{s} {A} <{cls.iri}>{g}")
        if f"<{cls.iri}>" == OFFICIAL:
            out.append(f"{s} {A} <{PERSON}>{g}")
        evidence = self.passages.around(entity.mentions) or self._naming(entity.id)
        for passage in evidence:
            out.append(f"{s} {EVIDENCED_BY} {passage}{g}")
        surfaces = [self._words(m) for m in entity.mentions]
        if entity.name != self.labels.get(s[1:-1]) and s[1:-1] in self.labels:
            surfaces.append(entity.name)
        for words in dict.fromkeys(surfaces):
            if words:
                out.append(f'{s} {MENTIONED_AS} "{escape(words)}"{g}')
        self._label(s, cls)
        self._common(s, entity, cls)
        if entity.value is not None:
            self._own_value(s, cls, entity.value)
        if entity.confidence is not None:
            self._supported(s, entity.id, evidence, entity.confidence)

    def _words(self, mention: Mention) -> str | None:
        if mention.text is not None:
            return mention.text
        return words_of(self.article.text, mention) if self.article.text is not None else None

    def _labels(self) -> dict[str, str]:
        """The name of each thing that the registry does not know, by IRI: one, though several annotations name it.

        The full name of somebody who is called by the last name elsewhere; of several, the longest.
        """
        names: dict[str, str] = {}
        for entity in self.article.entities:
            iri_ = self.iris.get(entity.id)
            if iri_ is None or iri_ in self.registry:
                continue
            name = entity.name or (self._words(entity.mentions[0]) if entity.mentions else None)
            if name:
                before = names.get(iri_)
                names[iri_] = name if before is None else max(before, name, key=_fullness)
        return names

    def _label(self, s: str, cls: Class) -> None:
        name = self.labels.get(s[1:-1])
        if name:
            # A person's name is the same in every language; other names are the article's.
            tag = "" if PERSON in cls.ancestors else self.tag
            self.out.append(f'{s} {LABEL} "{escape(name)}"{tag}{self.graph}')

    def _own_value(self, s: str, cls: Class, value: Scalar) -> None:
        for ancestor, predicate in VALUE_OF.items():
            if ancestor in cls.ancestors:
                prop = self.lexicon.vocabulary.properties.get(predicate)
                term = literal(value, prop.datatype) if prop else None
                if term is not None:
                    self.out.append(f"{s} <{predicate}> {term}{self.graph}")

    def _common(self, s: str, entity: Entity, cls: Class) -> None:
        """Attributes, links and confidence, which any node may have."""
        if entity.attrs:
            self._attrs(s, cls, entity.attrs)
        for link in entity.links:
            item = iri.qid(link)
            if item:
                self.out.append(f'{s} {WIKIDATA} "{iri.WIKIDATA}{item}"^^<{XSD}anyURI>{self.graph}')
            else:
                self.out.append(f"{s} {SEE_ALSO} <{link}>{self.graph}")

    def _attrs(self, s: str, cls: Class, attrs: dict[str, Scalar | tuple[Scalar, ...]]) -> None:
        out, g, known = self.out, self.graph, self.lexicon.attrs(cls)
        for key, given in attrs.items():
            if key.startswith("x-"):
                continue
            prop = known[key]
            if prop is None:
                continue
            for value in given if isinstance(given, tuple) else (given,):
                if prop.iri == AC + "edtf":
                    out.append(f'{s} {EDTF} "{escape(str(value))}"{g}')
                    self._bounds(s, str(value))
                    continue
                term = self.lexicon.term(cls, prop, value)
                if term is not None:
                    out.append(f"{s} <{prop.iri}> {term}{g}")

    # -- events -------------------------------------------------------------------------------

    def _event(self, event: Event) -> None:
        s, g, out = f"<{self.iris[event.id]}>", self.graph, self.out
        cls = self.classes[event.id]
        out.append(f"{s} {A} <{cls.iri}>{g}")
        evidence = self._evidence(event)
        for passage in evidence:
            out.append(f"{s} {EVIDENCED_BY} {passage}{g}")
        self._common(s, event, cls)
        if event.name and self.iris[event.id] not in self.registry:
            out.append(f'{s} {LABEL} "{escape(event.name)}"{self.tag}{g}')
        if event.value is not None:
            self._own_value(s, cls, event.value)
        if PARTICIPATION_CLASS in cls.ancestors:
            self._written_out(event)
        timed = self._arguments(s, event, cls, evidence)
        if TENURE in cls.ancestors:
            self._tenure(s, event, timed=timed)
        if event.confidence is not None:
            self._supported(s, event.id, evidence, event.confidence)

    def _arguments(self, s: str, event: Event, cls: Class, evidence: list[str]) -> bool:
        """Write the arguments; whether one of them is a date."""
        timed, known = False, self.lexicon.args(cls)
        for key, ids in event.args.items():
            arg = known[key]
            if arg is None:
                continue
            for ident in ids:
                if arg.kind == "role":
                    self._participation(s, ident, arg.concept, evidence)
                elif arg.kind == "time":
                    timed = True
                    self._time(s, ident)
                else:
                    self._argument(s, cls, arg, ident)
        return timed

    def _evidence(self, event: Event) -> list[str]:
        if event.evidence:
            return list(dict.fromkeys(self.passages.of(event.evidence)))
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

    def _argument(self, s: str, cls: Class, arg: Arg, ident: str) -> None:
        g = self.graph
        if arg.of_nodes:
            other = self.iris.get(ident)
            if other is None:
                return
            if arg.kind == "inverse":
                self.out.append(f"<{other}>{arg.head}{s}{g}")
            else:
                self.out.append(f"{s}{arg.head}<{other}>{g}")
            return
        term = self._value_term(cls, arg, ident)
        if term is not None:
            self.out.append(f"{s}{arg.head}{term}{g}")

    def _value_term(self, cls: Class, arg: Arg, ident: str) -> str | None:
        """The literal or concept that an annotated value stands for: its `value`, else its words."""
        entity = self.nodes.get(ident)
        if entity is None or arg.prop is None:
            return None
        value = words_of_value(entity, self.article.text)
        return self.lexicon.term(cls, arg.prop, value) if value is not None else None

    def _time(self, s: str, ident: str) -> None:
        entity = self.values.get(ident)
        if entity is None:
            return
        out, g = self.out, self.graph
        if entity.value is not None:
            value = str(entity.value)
            out.append(f'{s} {EDTF} "{escape(value)}"{g}')
            self._bounds(s, value)
        for mention in entity.mentions[:1]:
            words = self._words(mention)
            if words:
                out.append(f'{s} {TIME_EXPRESSION} "{escape(words)}"{self.tag}{g}')
                if self.published:
                    out.append(f'{s} {ANCHOR} "{self.published[:10]}"{DATE}{g}')

    # -- participations -----------------------------------------------------------------------

    def _participation(self, s: str, ident: str, role: str, evidence: list[str]) -> None:
        actor = self.iris.get(ident)
        if actor is None:
            return
        out, g = self.out, self.graph
        node = f"<{iri.participation(self.world.bases, s[1:-1], actor)}>"
        out.append(
            f"{s} {HAS_PARTICIPATION} {node}{g}{node} {A} {PARTICIPATION}{g}"
            f"{node} {PARTICIPANT} <{actor}>{g}{node} {ROLE} <{role}>{g}"
        )
        for passage in evidence:
            out.append(f"{node} {EVIDENCED_BY} {passage}{g}")
        held = self.offices.capacity(actor)
        if held:
            out.append(f"{node} {IN_CAPACITY_OF} <{held}>{g}")

    def _written_out(self, event: Event) -> None:
        """A participation annotated as an event of its own, without the capacity it acts in."""
        cls = self.classes[event.id]
        args = {
            arg.predicate: (arg, ids)
            for k, ids in event.args.items()
            if (arg := self.lexicon.args(cls)[k])
        }
        if AC + "inCapacityOf" in args or AC + "participant" not in args:
            return
        for ident in args[AC + "participant"][1]:
            held = self.offices.capacity(self.iris.get(ident, ""))
            if held:
                node = f"<{self.iris[event.id]}>"
                self.out.append(f"{node} {IN_CAPACITY_OF} <{held}>{self.graph}")

    # -- tenures ------------------------------------------------------------------------------

    def _tenure(self, s: str, event: Event, *, timed: bool) -> None:
        out, g = self.out, self.graph
        if not self.offices.in_office(event):
            return
        # The article attests the post on its own day, unless it says when it was held; where that day is
        # not known, the bounds of the publication are those of the attestation.
        if not timed and not self.offices.says_when(event):
            if self.published:
                out.append(f'{s} {ATTESTED_ON} "{self.published[:10]}"{DATE}{g}')
            else:
                out.append(f'{s} {EDTF} "{escape(self.article.published)}"{g}')
                self._bounds(s, self.article.published)
        for holder in self.offices.officials(event):
            out.append(f"<{holder}> {A} {OFFICIAL}{g}")

    # -- relations ----------------------------------------------------------------------------

    def _relation(self, relation: Relation) -> None:
        source = self.iris.get(relation.source)
        if source is None:
            return
        cls = self.classes[relation.source]
        arg = self.lexicon.args(cls)[relation.type]
        if arg is None:
            return
        s = f"<{source}>"
        evidence = self.passages.of(relation.evidence)
        if arg.kind == "role":
            self._participation(s, relation.target, arg.concept, evidence)
        elif arg.kind == "time":
            self._time(s, relation.target)
        else:
            self._argument(s, cls, arg, relation.target)
        if evidence:
            name = relation.id or f"{relation.type}.{relation.source}.{relation.target}"
            subject = s if arg.kind != "inverse" else f"<{self.iris[relation.target]}>"
            self._supported(subject, name, evidence, relation.confidence, f"<{arg.predicate}>")

    def _supported(
        self,
        s: str,
        name: str,
        evidence: list[str],
        confidence: float | None,
        predicate: str | None = None,
    ) -> None:
        """An Evidence node: which passage supports the node, or one property of it, and how surely."""
        out, g = self.out, self.graph
        node = f"<{self.iri}/evidence/{iri.local(name)}>"
        out.append(f"{node} {A} {EVIDENCE}{g}")
        out.append(f"{node} {SUPPORTS} {s}{g}")
        if predicate:
            out.append(f"{node} {SUPPORTS_PROPERTY} {predicate}{g}")
        for passage in evidence:
            out.append(f"{node} {QUOTED_FROM} {passage}{g}")
        if confidence is not None:
            out.append(f"{node} {CONFIDENCE} {literal(confidence, XSD + 'decimal')}{g}")


def _fullness(name: str) -> tuple[int, str]:
    return len(name), name
