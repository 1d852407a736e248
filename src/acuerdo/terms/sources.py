"""The Turtle of an ontology folder as one in-memory store: terms, vocabularies, registry."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urljoin

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


_PREFIX = re.compile(r"@prefix\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_SUBJECT = re.compile(r"^(?:<([^>\s]*)>|([\w-]*):([\w.-]+))\s")


def place(iri: str, folders: Sequence[Path], bases: Bases | None = None) -> str | None:
    """Where a thing is described, as `file:line`; None where no line begins with it."""
    base = (bases or Bases()).base
    for path in files(folders):
        prefixes: dict[str, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            prefixes.update(_PREFIX.findall(line))
            if found := _SUBJECT.match(line):
                full, prefix, local = found.groups()
                named = prefixes.get(prefix, "") + local if full is None else urljoin(base, full)
                if named == iri:
                    return f"{path}:{number}"
    return None


def store(triples: Iterable[ox.Quad]) -> ox.Store:
    """An in-memory store that holds the triples."""
    held = ox.Store()
    held.extend(triples)
    return held
