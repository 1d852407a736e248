"""The terms of the ontology, each with what its statements make of it: classes, properties, concepts."""

from msgspec import Struct

from acuerdo.iri import AC
from acuerdo.vocabulary.names import OWL, RDF, RDFS, SKOS, local_name
from acuerdo.vocabulary.statements import Statements


class Class(Struct, frozen=True, eq=False):
    """A class with all its named superclasses (itself included).

    What is `derived` follows from other facts, such as that an event has occurred, and is not annotated.
    """

    iri: str
    name: str
    ancestors: frozenset[str]
    segments: frozenset[str]
    kind_scheme: str | None
    derived: bool = False


class Property(Struct, frozen=True, eq=False):
    """A property; `scheme` where its values are concepts, `datatype` where they are literals.

    `stored` is the property that is written instead with subject and object changed over, for a
    direction that no graph holds. What is `derived` follows from other properties and is not annotated.
    """

    iri: str
    name: str
    domain: str | None
    range: str | None
    literal: bool
    datatype: str | None
    scheme: str | None
    stored: str | None
    acyclic: bool
    functional: bool
    derived: bool = False


class Concept(Struct, frozen=True, eq=False):
    """A SKOS concept; `role_of` holds the event classes in which a role has its meaning."""

    iri: str
    scheme: str
    notation: str
    role_of: frozenset[str]


def classes(said: Statements) -> dict[str, Class]:
    """The named classes by IRI."""
    above = said.superclasses()
    return {
        iri: _class(said, iri, above.get(iri, frozenset([iri])))
        for iri in said.typed(OWL + "Class")
    }


def _class(said: Statements, iri: str, ancestors: frozenset[str]) -> Class:
    nearest = said.nearest_first(iri)
    kind = next((k for c in nearest if (k := said.one(c, AC + "kindScheme"))), None)
    segments = next((s for c in nearest if (s := said.objects(c, AC + "idSegment"))), [])
    # A defined class that annotators have a label for ("Politician") may be annotated all the same.
    defined = bool(said.objects(iri, OWL + "equivalentClass"))
    derived = defined and not said.objects(iri, AC + "tag")
    return Class(iri, local_name(iri), ancestors, frozenset(segments), kind, derived)


def properties(said: Statements) -> dict[str, Property]:
    """The properties by IRI: those with nodes as values, with literals, then what only annotates."""
    return {
        iri: _property(said, iri)
        for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
        for iri in said.typed(OWL + kind)
    }


def _property(said: Statements, iri: str) -> Property:
    types = said.objects(iri, RDF + "type")
    range_ = said.one(iri, RDFS + "range")
    literal = OWL + "DatatypeProperty" in types
    return Property(
        iri=iri,
        name=local_name(iri),
        domain=said.one(iri, RDFS + "domain"),
        range=range_,
        literal=literal,
        datatype=(said.one(iri, AC + "lexicalType") or range_) if literal else None,
        scheme=said.one(iri, AC + "usesScheme"),
        stored=next((o for o in said.objects(iri, OWL + "inverseOf") if ":" in o), None),
        acyclic=said.one(iri, AC + "acyclic") == "true",
        functional=OWL + "FunctionalProperty" in types,
        derived=_is_derived(said, iri),
    )


def _is_derived(said: Statements, iri: str) -> bool:
    """Whether a chain or a self-restriction makes the property; one with a scheme is annotated too."""
    if said.one(iri, AC + "usesScheme"):
        return False
    chained = said.one(iri, OWL + "propertyChainAxiom") is not None
    own = (node for node, about in said.pairs(OWL + "onProperty") if about == iri)
    return chained or any(said.one(node, OWL + "hasSelf") for node in own)


def concepts(said: Statements) -> dict[str, Concept]:
    """The SKOS concepts by IRI."""
    return {iri: _concept(said, iri) for iri in said.typed(SKOS + "Concept")}


def _concept(said: Statements, iri: str) -> Concept:
    notation = said.one(iri, SKOS + "notation") or iri.rsplit("/", 1)[-1]
    scheme = said.one(iri, SKOS + "inScheme") or iri.rsplit("/", 1)[0]
    return Concept(iri, scheme, notation, frozenset(said.objects(iri, AC + "roleOf")))


def disjoint_pairs(said: Statements) -> frozenset[tuple[str, str]]:
    """The classes that the ontology sets apart, either way round."""
    pairs = set(said.pairs(OWL + "disjointWith"))
    for node in (s for s, o in said.pairs(RDF + "type") if o == OWL + "AllDisjointClasses"):
        members = said.members(said.one(node, OWL + "members"))
        pairs |= {(a, b) for a in members for b in members if a != b}
    return frozenset(pairs | {(b, a) for a, b in pairs})
