"""Which kind of thing the types of an item make it: person, organisation, post or place.

The roots are read off public code that names them: Q5 human, Q15632617 fictional human and Q95074
fictional character (label and id side by side in many public repositories), Q43229 organization and
Q4164871 position (spaCy type maps; `zavod/shed/wikidata/position.py` of OpenSanctions, which also has
Q294414 public office), Q6256 country and Q17334923 location. The other organisation types are those that
agencies bear in the public agency registry. A snapshot that holds `subclass of` (P279) is followed upwards,
so the roots suffice. An item of no known kind is never linked by itself, only shown to a person.
"""

from collections.abc import Iterable, Mapping

from acuerdo.link.entity import FICTION, ORGANIZATION, PERSON, PLACE, POST

FICTIONAL = frozenset({"Q15632617", "Q95074"})
_ROOTS = {
    "Q5": PERSON,
    "Q4164871": POST,
    "Q294414": POST,
    "Q6256": PLACE,
    "Q17334923": PLACE,
    **dict.fromkeys(
        "Q43229 Q327333 Q31855 Q47913 Q20858006 Q1413677 Q910252 Q182290 Q138775".split(),
        ORGANIZATION,
    ),
}
_DEPTH = 12


def kind_of(types: Iterable[str], parents: Mapping[str, Iterable[str]] | None = None) -> str:
    """The kind that the types of an item give it; empty where they give none that is known."""
    level, seen, found = set(types), set(types), ""
    if "Q5" in level and not level & FICTIONAL:
        return PERSON
    for _ in range(_DEPTH):
        if level & FICTIONAL:
            return FICTION
        # A person is one only by its own type: subclasses of human are offices and ethnic groups.
        kinds = sorted({_ROOTS[t] for t in level if t in _ROOTS and t != "Q5"})
        found = found or (kinds[0] if kinds else "")
        level = {p for t in level for p in (parents or {}).get(t, ())} - seen
        if not level:
            break
        seen |= level
    return found
