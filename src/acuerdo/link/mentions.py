"""What the graph says of each thing that may have an item: names, posts, countries, years, company."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import pyoxigraph as ox

from acuerdo.iri import AC, WIKIDATA
from acuerdo.link.entity import ORGANIZATION, PERSON, PLACE, POST, Mention
from acuerdo.vocabulary import RDF, RDFS, SKOS, Vocabulary

_KINDS = {
    AC + "Person": PERSON,
    AC + "Organization": ORGANIZATION,
    AC + "Post": POST,
    AC + "Place": PLACE,
}
_NAMING = (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel", AC + "mentionedAs")
_LINKS = tuple(
    AC + n
    for n in (
        "holder post postIn jurisdiction within partOfOrganization participant hasParticipation "
        "nationality speaker host party venue"
    ).split()
)
_LITERALS = tuple(
    AC + n for n in "published wikidata isoCode notBefore notAfter kind words title private".split()
)
WANTED = {RDF + "type", AC + "evidencedBy", AC + "passageOf", *_NAMING, *_LINKS, *_LITERALS}


class Facts:
    """The quads that linking looks at, by subject and property; derived graphs are left out."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.values: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.inverse: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.graphs: defaultdict[str, set[str]] = defaultdict(set)
        self.types: defaultdict[str, set[str]] = defaultdict(set)
        for quad in quads:
            predicate = quad.predicate.value
            if predicate not in WANTED or "/graph/inferred/" in str(quad.graph_name):
                continue
            self._take(
                getattr(quad.subject, "value", ""),
                predicate,
                str(getattr(quad.object, "value", "")),
                getattr(quad.graph_name, "value", ""),
            )

    def _take(self, subject: str, predicate: str, value: str, graph: str) -> None:
        if predicate == RDF + "type":
            self.types[subject].add(value)
            self.graphs[subject].add(graph)
            return
        self.values[subject, predicate].add(value)
        if predicate in _LINKS or predicate == AC + "evidencedBy":
            self.inverse[value, predicate].add(subject)

    def about(self, subject: str, name: str) -> set[str]:
        """The values of an `ac:` property."""
        return self.values.get((subject, AC + name), set())

    def of(self, value: str, name: str) -> set[str]:
        """The subjects that have this value of an `ac:` property."""
        return self.inverse.get((value, AC + name), set())

    def names(self, subject: str) -> tuple[str, ...]:
        """All names of a thing, its label first."""
        found: dict[str, None] = {}
        for predicate in _NAMING:
            found.update(dict.fromkeys(sorted(self.values.get((subject, predicate), ()))))
        return tuple(found)

    def articles(self, subject: str) -> set[str]:
        """The articles whose passages support a thing, and those whose graphs describe it."""
        passages = self.about(subject, "evidencedBy")
        return {a for p in passages for a in self.about(p, "passageOf")}

    def countries(self, subject: str, depth: int = 6) -> set[str]:
        """ISO codes and QIDs of the countries that a post, agency or place belongs to."""
        if depth == 0:
            return set()
        codes = set(self.about(subject, "isoCode"))
        if codes:
            # A state's code (US-TX) begins with its country's.
            return {part for c in codes for part in (c.upper(), c.upper()[:2])}
        up = ("postIn", "jurisdiction", "within", "partOfOrganization")
        return {c for p in up for o in self.about(subject, p) for c in self.countries(o, depth - 1)}


def kind_of(types: Iterable[str], vocabulary: Vocabulary) -> tuple[str, str]:
    """The kind of thing that classes make it and the name of the narrowest of them; empty where none."""
    known = [vocabulary.classes[t] for t in sorted(types) if t in vocabulary.classes]
    known.sort(key=lambda c: -len(c.ancestors))
    for cls in known:
        for iri, kind in _KINDS.items():
            if iri in cls.ancestors:
                return kind, cls.name
    return "", ""


def _qids(facts: Facts, subject: str) -> tuple[str, ...]:
    stated = facts.about(subject, "wikidata")
    return tuple(sorted(v.removeprefix(WIKIDATA) for v in stated if v.startswith(WIKIDATA)))


def _year(value: str) -> set[int]:
    return {int(value[:4])} if value[:4].isdigit() else set()


def _person(facts: Facts, subject: str) -> tuple[set[str], set[str], set[int]]:
    """The words for the posts of a person, their countries, and the years of events it took part in."""
    roles: set[str] = set()
    countries = {c for n in facts.about(subject, "nationality") for c in facts.countries(n)}
    for tenure in facts.of(subject, "holder"):
        for post in facts.about(tenure, "post"):
            roles.update(facts.names(post))
            countries |= facts.countries(post)
    years: set[int] = set()
    for participation in facts.of(subject, "participant"):
        for event in facts.of(participation, "hasParticipation"):
            years |= {y for v in facts.about(event, "notBefore") for y in _year(v)}
    return roles, countries, years


def _company(facts: Facts, subject: str) -> set[str]:
    found = {
        other
        for mine in facts.of(subject, "participant")
        for event in facts.of(mine, "hasParticipation")
        for theirs in facts.about(event, "hasParticipation")
        for other in facts.about(theirs, "participant")
    }
    return found - {subject}


def mention(facts: Facts, subject: str, kind: str, type_label: str) -> Mention:
    """All that the graph says of one thing."""
    names = facts.names(subject)
    published = {
        y for a in facts.articles(subject) for v in facts.about(a, "published") for y in _year(v)
    }
    if kind == PERSON:
        roles, countries, years = _person(facts, subject)
        # The bounds of old events in which somebody took part come before the article's own year.
        published |= {y for y in years if not published or y >= min(published) - 1}
        company = _company(facts, subject)
    else:
        roles, countries, company = set(), facts.countries(subject), set()
    return Mention(
        subject,
        kind,
        names[0] if names else subject,
        names,
        tuple(sorted(published)),
        tuple(sorted(roles)),
        tuple(sorted(countries)),
        _qids(facts, subject),
        tuple(sorted(company)),
        type_label,
    )


def mentions(
    facts: Facts, vocabulary: Vocabulary, skip: AbstractSet[str] = frozenset()
) -> list[Mention]:
    """The people, organisations, posts and places of a graph, by IRI; `skip` holds types not to link."""
    found = []
    for subject in sorted(facts.types):
        kind, narrowest = kind_of(facts.types[subject], vocabulary)
        if kind and narrowest not in skip and facts.names(subject):
            found.append(mention(facts, subject, kind, narrowest))
    return found


def two_things_of_one_qid(found: Iterable[Mention]) -> Mapping[str, list[str]]:
    """QIDs that more than one thing states, with those things."""
    by_qid: defaultdict[str, list[str]] = defaultdict(list)
    for one in found:
        for qid in one.qids:
            by_qid[qid].append(one.subject)
    return {qid: sorted(subjects) for qid, subjects in sorted(by_qid.items()) if len(subjects) > 1}
