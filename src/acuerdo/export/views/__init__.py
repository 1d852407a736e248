"""The graph for tools that know no RDF: tables, a network, and entities of FollowTheMoney.

Each view is a handful of SPARQL files beside this module, asked of the published store.
"""

from pathlib import Path

import pyoxigraph as ox

from acuerdo.query import Kg

TABLES = ("officials", "tenures", "meetings", "participations", "agreements", "claims", "evidence")
_FOLDER = Path(__file__).parent


def text(name: str) -> str:
    """The SPARQL of a view."""
    return (_FOLDER / f"{name}.rq").read_text("utf-8")


def rows(kg: Kg, name: str) -> list[tuple[str, ...]]:
    """The rows of a view as plain strings, empty where there is no value; sorted."""
    found = kg.select(text(name))
    return sorted(tuple(_plain(term) for term in row) for row in found)


def _plain(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""
