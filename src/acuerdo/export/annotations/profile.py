"""What of the ontology people annotate, class by class; tool configs and the schema for models are made from it."""

from msgspec import Struct

from acuerdo.iri import AC
from acuerdo.read.labels import is_nary
from acuerdo.vocabulary import Class, Property, Vocabulary

# Nodes that the mapper makes of spans, dates and files; nobody annotates them.
_STRUCTURE = frozenset(AC + name for name in ("Article", "Passage", "Evidence", "Month"))
_ABSTRACT = frozenset(
    AC + name for name in ("Entity", "Occurrence", "Situation", "InformationObject", "Actor")
)
# Statuses as classes, for a reasoner: the same is said with ac:status.
_BY_DEFINITION = frozenset(
    AC + name
    for name in (
        "OccurredEvent",
        "CancelledEvent",
        "EffectiveDesignation",
        "DesignatedOrganization",
        "PublicPost",
        "PublicTenure",
        "Attendance",
    )
)
VALUES = {"Date": "edtf"}


class Kind(Struct, frozen=True):
    """A class that is annotated: its arguments with the classes that fill them, and its attributes with their values."""

    name: str
    event: bool
    args: dict[str, str]
    attrs: dict[str, tuple[str, ...]]


def kinds(known: Vocabulary) -> list[Kind]:
    """The annotated classes by name."""
    left_out = _STRUCTURE | _ABSTRACT | _BY_DEFINITION
    chosen = sorted(
        (c for c in known.classes.values() if c.iri.startswith(AC) and c.iri not in left_out),
        key=lambda c: c.name,
    )
    return [Kind(c.name, is_nary(c), _args(known, c), _attrs(known, c)) for c in chosen]


def _annotated(prop: Property) -> bool:
    ends = {prop.domain, prop.range}
    return (
        prop.stored is None
        and not prop.derived
        and not ends & _STRUCTURE
        and prop.domain is not None
        and prop.iri.startswith(AC)
    )


def _args(known: Vocabulary, cls: Class) -> dict[str, str]:
    """Properties that lead from the class to things, then roles, then the date."""
    found: dict[str, str] = {}
    for prop in sorted(known.properties.values(), key=lambda p: p.name):
        if (
            _annotated(prop)
            and not prop.literal
            and not prop.scheme
            and prop.domain in cls.ancestors
            and prop.range in known.classes
            and prop.range.startswith(AC)
        ):
            found[prop.name] = known.classes[prop.range].name
    if AC + "Event" in cls.ancestors:
        found |= dict.fromkeys(known.roles(cls), "Actor")
    if is_nary(cls):
        found["time"] = "Date"
    return {
        name: filler
        for name, filler in found.items()
        if name not in {"hasParticipation", "evidence"}
    }


def _attrs(known: Vocabulary, cls: Class) -> dict[str, tuple[str, ...]]:
    """Attributes that take concepts, with the notations of their schemes."""
    found = {}
    for prop in sorted(known.properties.values(), key=lambda p: p.name):
        if not _annotated(prop) or prop.domain not in cls.ancestors or prop.literal:
            continue
        scheme = cls.kind_scheme if prop.name == "kind" else prop.scheme
        if scheme and not prop.name.startswith("current"):
            found[prop.name] = tuple(known.notations(scheme))
    return found


def fillers(known: Vocabulary, name: str) -> list[str]:
    """The annotated classes that a class of arguments stands for: itself and those below it."""
    wanted = known.find_class(name)
    if wanted is None:
        return [name]
    left_out = _STRUCTURE | _ABSTRACT | _BY_DEFINITION
    return sorted(
        c.name
        for c in known.classes.values()
        if wanted.iri in c.ancestors and c.iri.startswith(AC) and c.iri not in left_out
    )
