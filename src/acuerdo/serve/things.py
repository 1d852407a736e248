"""What reconciliation reads of a store elsewhere, in as many requests as its row limit makes it take."""

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from acuerdo.errors import LimitReached
from acuerdo.link.mentions import WANTED
from acuerdo.query.endpoint import Endpoint
from acuerdo.serve.builds import Build

_QUADS = "SELECT ?s ?p ?o ?g WHERE {{ VALUES ?p {{ {0} }} {1} GRAPH ?g {{ ?s ?p ?o }} }}"
_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s a ?class } }"


def quads(build: Build) -> Iterator[ox.Quad]:
    """The quads that linking looks at."""
    far = Endpoint(build.endpoint, timeout=120, patience=30)
    yield from _asked(far, sorted(WANTED), None)


def _asked(
    far: Endpoint, properties: Sequence[str], graphs: Sequence[str] | None
) -> Iterator[ox.Quad]:
    """The quads of some properties in some graphs; halves of them where the endpoint cuts the answer."""
    within = f"VALUES ?g {{ {_listed(graphs)} }}" if graphs is not None else ""
    try:
        found = far.run_anew(_QUADS.format(_listed(properties), within))
    except LimitReached:
        if len(properties) > 1:
            half = len(properties) // 2
            parts = [(properties[:half], graphs), (properties[half:], graphs)]
        else:
            if graphs is None:
                graphs = [row[0].value for row in _rows(far.run_anew(_GRAPHS))]
            elif len(graphs) == 1:
                raise
            half = len(graphs) // 2
            parts = [(properties, graphs[:half]), (properties, graphs[half:])]
        for some, there in parts:
            yield from _asked(far, some, there)
        return
    for row in _rows(found):
        yield ox.Quad(*row)


def _rows(found: object) -> Iterator[ox.QuerySolution]:
    assert isinstance(found, ox.QuerySolutions)
    return found


def _listed(names: Sequence[str]) -> str:
    return " ".join(f"<{name}>" for name in names)
