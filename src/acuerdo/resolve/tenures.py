"""Whether an article shows somebody in office: former and elect do not, and neither does a plan or a rumour."""

from acuerdo.iri import AC
from acuerdo.model import Entity
from acuerdo.resolve.lexicon import Lexicon
from acuerdo.vocabulary import Class

TENURE = AC + "Tenure"
# The statuses of what has begun.
PAST = frozenset({"occurred", "ongoing"})
_NOT_IN_OFFICE = frozenset({"former", "elect"})
_NONE: frozenset[str] = frozenset()


def notations(lexicon: Lexicon, cls: Class, entity: Entity, name: str) -> frozenset[str]:
    """The notations that a node gives for the concepts of a property, by its local name."""
    if not entity.attrs:
        return _NONE
    found, known, wanted = set(), lexicon.attrs(cls), AC + name
    for key, given in entity.attrs.items():
        prop = None if key.startswith("x-") else known[key]
        if prop is None or prop.iri != wanted:
            continue
        for value in given if isinstance(given, tuple) else (given,):
            notation = lexicon.notation(cls, prop, str(value))
            if notation is not None:
                found.add(notation)
    return frozenset(found)


def has_begun(lexicon: Lexicon, cls: Class, tenure: Entity) -> bool:
    """Whether a tenure is told as a fact: its status, which few have, is that of something that holds."""
    return notations(lexicon, cls, tenure, "status") <= PAST


def in_office(lexicon: Lexicon, cls: Class, tenure: Entity) -> bool:
    """Whether the article shows the holder in the post, in full right or acting."""
    capacities = notations(lexicon, cls, tenure, "capacity")
    return capacities.isdisjoint(_NOT_IN_OFFICE) and has_begun(lexicon, cls, tenure)
