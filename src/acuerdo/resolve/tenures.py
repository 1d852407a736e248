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
    form, wanted = lexicon.forms[cls], AC + name
    found = set[str | None]()
    for key, given in entity.attrs.items():
        prop = form.attrs[key]
        if prop is not None and prop.iri == wanted:
            said = given if isinstance(given, tuple) else (given,)
            found |= {form.notations[key, str(value)] for value in said}
    return frozenset(notation for notation in found if notation)


def has_begun(lexicon: Lexicon, cls: Class, tenure: Entity) -> bool:
    """Whether a tenure is told as a fact: its status, which few have, is that of something that holds."""
    return notations(lexicon, cls, tenure, "status") <= PAST


def in_office(lexicon: Lexicon, cls: Class, tenure: Entity) -> bool:
    """Whether the article shows the holder in the post, in full right or acting."""
    capacities = notations(lexicon, cls, tenure, "capacity")
    return capacities.isdisjoint(_NOT_IN_OFFICE) and has_begun(lexicon, cls, tenure)
