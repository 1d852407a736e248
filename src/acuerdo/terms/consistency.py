"""Whether articles agree with the ontology: one at a time, with the registry entries they name.

Over the union of articles a planned event that another article reports as cancelled is normal; within
one article a thing that is both is a mistake. Only what a reasoner can use goes to it.
"""

from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox
from msgspec import Struct

from acuerdo import vocabulary
from acuerdo.infer.article import derive
from acuerdo.infer.context import Context
from acuerdo.infer.explain import fact
from acuerdo.infer.facts import Fact
from acuerdo.iri import AC
from acuerdo.terms import reason
from acuerdo.terms.clashes import Clash, clashes

_LOGIC = (vocabulary.RDF, vocabulary.RDFS, vocabulary.OWL, AC, vocabulary.SKOS + "broader")
_WORDS = {vocabulary.RDFS + name for name in ("label", "isDefinedBy", "seeAlso", "comment")}


class Background(Struct, frozen=True, eq=False):
    """The axioms, and what registry and vocabularies say of each thing."""

    axioms: tuple[ox.Quad, ...]
    about: dict[ox.NamedNode, list[ox.Quad]]

    def named_by(self, article: Iterable[ox.Quad]) -> list[ox.Quad]:
        """What is known of the things that an article names, and of those that these name."""
        todo: list[object] = [term for quad in article for term in (quad.subject, quad.object)]
        seen: set[object] = set()
        found: list[ox.Quad] = []
        while todo:
            term = todo.pop()
            if term not in seen and isinstance(term, ox.NamedNode):
                seen.add(term)
                found += self.about.get(term, [])
                todo += [quad.object for quad in self.about.get(term, [])]
        return found


def background(quads: Iterable[ox.Quad]) -> Background:
    """The ontology as it is given to the reasoner with each article."""
    triples = [quad for quad in quads if useful(quad)]
    types = {vocabulary.OWL, vocabulary.RDFS}
    terms = {
        quad.subject
        for quad in triples
        if isinstance(quad.subject, ox.BlankNode)
        or (
            quad.predicate.value == vocabulary.RDF + "type"
            and isinstance(quad.object, ox.NamedNode)
            and any(quad.object.value.startswith(space) for space in types)
        )
    }
    about: defaultdict[ox.NamedNode, list[ox.Quad]] = defaultdict(list)
    axioms = []
    for quad in triples:
        subject = quad.subject
        if subject in terms or quad.predicate.value.startswith((vocabulary.RDFS, vocabulary.OWL)):
            axioms.append(quad)
        elif isinstance(subject, ox.NamedNode):
            about[subject].append(quad)
    return Background(tuple(axioms), dict(about))


def useful(quad: ox.Quad) -> bool:
    """Whether a reasoner can draw anything from the triple."""
    predicate = quad.predicate.value
    if predicate == vocabulary.OWL + "imports":
        return False  # what is imported stands in the folders; nothing is fetched
    if not predicate.startswith(_LOGIC) or predicate in _WORDS:
        return False
    return not (predicate.startswith(AC) and isinstance(quad.object, ox.Literal))


def contradictions(article: Iterable[ox.Quad], known: Background) -> list[Clash]:
    """What in an article contradicts the ontology; without Java only clashes of classes are seen.

    Where the reasoner finds a contradiction that no clash of classes explains, one clash says so.
    """
    facts = list(article)
    logic = [quad for quad in facts if useful(quad)]
    around = [*known.axioms, *known.named_by(logic)]
    if reason.java() is not None and reason.consistent([*around, *logic]):
        return []
    found = clashes([*around, *facts])
    if not found and reason.java() is not None:
        things = sorted({str(quad.subject) for quad in logic})
        return [
            Clash(
                "the article",
                ("?", "?"),
                (f"one of {len(things)} things contradicts the ontology",),
            )
        ]
    return found


# By rule over claims, not by any axiom.
_BY_RULE = (AC + "contradicts", AC + "revisedBy")


def differences(
    article: Iterable[ox.Quad], known: Background, context: Context
) -> tuple[list[reason.Fact], list[reason.Fact]]:
    """What our rules write of an article and the reasoner does not derive, and the other way round."""
    facts = list(article)
    logic = [quad for quad in facts if useful(quad)]
    theirs = reason.ask([*known.axioms, *known.named_by(logic), *logic]).facts
    asserted = ox.serialize(facts, format=ox.RdfFormat.N_QUADS) or b""
    derived = set(derive(asserted, context))
    ours = {f for f in map(_triple, derived) if f[1] not in _BY_RULE}
    written = {name.decode()[1:-1] for name in context.written} - set(_BY_RULE)
    said = {(_iri(q.subject), q.predicate.value, _iri(q.object)) for q in logic}
    beyond = {
        triple
        for triple in theirs - ours - said
        if {triple[1], triple[2]} & written and fact(*triple) not in context.known
    }
    return sorted(ours - theirs - _wider(theirs | said, known)), sorted(beyond)


def _wider(facts: Iterable[reason.Fact], known: Background) -> set[reason.Fact]:
    """The types that follow from types by the tree of classes: the reasoner tells the narrowest only."""
    above: dict[str, set[str]] = {}
    for axiom in known.axioms:
        if axiom.predicate.value == vocabulary.RDFS + "subClassOf":
            above.setdefault(_iri(axiom.subject), set()).add(_iri(axiom.object))
    found: set[reason.Fact] = set()
    fresh = {fact for fact in facts if fact[1] == vocabulary.RDF + "type"}
    while fresh:
        fresh = {(s, p, wider) for s, p, cls in fresh for wider in above.get(cls, ())} - found
        found |= fresh
    return found


def _triple(derived: Fact) -> reason.Fact:
    subject, predicate = derived.subject.decode()[1:-1], derived.predicate.decode()[1:-1]
    if derived.object is None:
        return subject, vocabulary.RDF + "type", predicate
    return subject, predicate, derived.object.decode()[1:-1]


def _iri(term: object) -> str:
    return str(getattr(term, "value", term))
