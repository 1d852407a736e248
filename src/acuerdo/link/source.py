"""What linking reads of a graph directory: the things of the published build, and where links lie."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from acuerdo import assets, vocabulary
from acuerdo.iri import Bases
from acuerdo.link.entity import Mention
from acuerdo.link.mentions import Facts, mentions
from acuerdo.store.directory import Build, Directory
from acuerdo.vocabulary import Vocabulary

UNLINKED = frozenset({"Group"})  # "eleven people" has no item


class Graph:
    """The published build of a graph directory, as far as linking looks at it."""

    def __init__(self, kg: Path) -> None:
        directory = Directory(kg)
        self.build: Build = directory.current()
        self.bases = Bases(self.build.manifest().base)
        self.cache = directory.cache
        self.facts = Facts(self.quads())
        self.vocabulary: Vocabulary = vocabulary.load(assets.path("ontology"))

    def quads(self) -> Iterator[ox.Quad]:
        """All quads of the dump; its blocks end at line ends."""
        for block in self.build.lines():
            yield from ox.parse(block, format=ox.RdfFormat.N_QUADS)

    def mentions(self) -> list[Mention]:
        """The things that may have an item, by IRI."""
        return mentions(self.facts, self.vocabulary, UNLINKED)


def beside(kg: Path, given: Path | None, name: str) -> Path:
    """The folder `links` or `decisions`: the one given, else the one beside the graph."""
    return given if given is not None else kg.resolve().parent / name
