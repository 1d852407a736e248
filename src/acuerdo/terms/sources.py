"""The Turtle of an ontology folder as one in-memory store: terms, vocabularies, registry."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyoxigraph as ox

from acuerdo import vocabulary
from acuerdo.iri import Bases


def files(folders: Sequence[Path]) -> list[Path]:
    """All Turtle files of the folders, the registry included, in stable order."""
    return [path for folder in folders for path in sorted(folder.rglob("*.ttl"))]


def quads(folders: Sequence[Path], bases: Bases | None = None) -> list[ox.Quad]:
    """The triples of the folders, in the default graph; raises BadSource with line and column."""
    base = (bases or Bases()).base
    return [quad for path in files(folders) for quad in vocabulary.parse(path, base)]


def store(triples: Iterable[ox.Quad]) -> ox.Store:
    """An in-memory store that holds the triples."""
    held = ox.Store()
    held.extend(triples)
    return held
