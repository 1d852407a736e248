"""Anybody's RDF as the N-Triples that an engine takes; graphs of datasets count as one."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from acuerdo.errors import BadSource, WrongUsage
from acuerdo.validate.finding import Report
from acuerdo.validate.validator import Validator

_SYNTAX = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".n3": ox.RdfFormat.N3,
}


def check(files: Sequence[Path], validator: Validator) -> Report:
    """What is wrong with the files taken together."""
    if len(files) == 1 and files[0].suffix == ".nt" and files[0].is_file():
        try:
            return validator.check_file(files[0])
        except ValueError:
            pass  # read below for the line of the mistake
    return validator.check(ntriples(files))


def ntriples(files: Sequence[Path]) -> str:
    """All triples of the files; raises WrongUsage for what cannot be opened, BadSource for bad syntax."""
    found: dict[ox.Triple, None] = {}
    for path in files:
        found.update(dict.fromkeys(quad.triple for quad in _quads(path)))
    return "".join(f"{triple} .\n" for triple in found)


def _quads(path: Path) -> list[ox.Quad]:
    packed = path.suffix == ".gz"
    suffix = (path.with_suffix("") if packed else path).suffix.lower()
    if suffix not in _SYNTAX:
        known = ", ".join(sorted(_SYNTAX))
        raise WrongUsage(f"{path}: the suffix says no RDF syntax; known are {known}, also with .gz")
    try:
        content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
        return list(
            ox.parse(
                content,
                format=_SYNTAX[suffix],
                base_iri=path.resolve().as_uri(),
                rename_blank_nodes=True,
            )
        )
    except SyntaxError as error:
        raise BadSource(path, error.msg, error.lineno, error.offset) from error
    except (OSError, EOFError) as error:
        raise WrongUsage(f"{path}: {getattr(error, 'strerror', None) or error}") from error
