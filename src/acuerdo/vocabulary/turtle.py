"""Turtle files of an ontology folder, read with file, line and column of what is wrong."""

from pathlib import Path

import pyoxigraph as ox

from acuerdo.errors import BadSource


def turtle_files(folder: Path) -> list[Path]:
    """The Turtle files of an ontology folder without its registry and shapes, in stable order."""
    others = {folder / "registry", folder / "shapes"}
    return sorted(p for p in folder.rglob("*.ttl") if others.isdisjoint(p.parents))


def parse(path: Path, base: str | None = None) -> list[ox.Quad]:
    """The triples of a Turtle file; raises BadSource with line and column."""
    try:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        # Blank nodes of two files must not meet: each file is parsed with labels of its own.
        return list(
            ox.parse(data, format=ox.RdfFormat.TURTLE, base_iri=base, rename_blank_nodes=True)
        )
    except SyntaxError as error:
        line, column = (error.args[1][1], error.args[1][2]) if len(error.args) > 1 else (None, None)
        raise BadSource(path, f"not Turtle: {error.args[0]}", line, column) from None
    except OSError as error:
        raise BadSource(path, f"cannot be read ({error.strerror})") from None
