"""Which thing each annotation means: the registry's, another article's, or this article's own.

A name alone never joins two articles. Across articles things are one by `ref`, by a registry name that
is unambiguous for its kind, by a Wikidata id that the registry has, or by a decision; all else gets an
IRI below its article. A surname resolves inside its article only. Labels, keys, values and dates that
mean nothing here are faults, and the smallest unit that holds them stays out.
"""

from collections.abc import Mapping

from msgspec import Struct

from acuerdo.model import Article
from acuerdo.report import Fault
from acuerdo.resolve.identity import identify
from acuerdo.resolve.meaning import Meaning
from acuerdo.resolve.world import World, load
from acuerdo.vocabulary import Class

__all__ = ["Resolved", "World", "load", "resolve"]


class Resolved(Struct, frozen=True):
    """An article whose every label is known, with the IRI and class of each of its nodes by local id."""

    article: Article
    iris: Mapping[str, str]
    classes: Mapping[str, Class]
    faults: tuple[Fault, ...]


def resolve(article: Article, world: World, file: str = "") -> Resolved:
    """The article less what has no meaning here, and an IRI and a class for each node that stays."""
    meaning = Meaning(article, world, file)
    clean = meaning.run()
    iris, faults, dropped = identify(clean, meaning.classes, world, file)
    if dropped:
        clean = meaning.without(clean, dropped)
    return Resolved(clean, iris, meaning.classes, (*meaning.faults, *faults))
