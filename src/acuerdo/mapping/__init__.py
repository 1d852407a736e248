"""From a resolved article to the N-Quads of its graph: one pass, bytes out, no object for a quad.

One function per structural kind (entity, event, participation, tenure, passage); which class, property
or concept an annotation names was read from the ontology. Claims are never written as facts, dates carry
strict bounds and month nodes, no blank node is made, and the lines come sorted: the same article gives
the same bytes in any process.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from acuerdo.iri import AC
from acuerdo.mapping.provenance import provenance
from acuerdo.mapping.writer import Writer
from acuerdo.resolve import Resolved, World
from acuerdo.vocabulary import RDF, XSD

__all__ = ["calendar", "map_article", "months", "provenance"]


def map_article(resolved: Resolved, world: World) -> bytes:
    """The sorted N-Quads of `/graph/article/{key}`: what this article asserts, with its sentences."""
    return Writer(resolved, world).nquads()


def months(nquads: bytes) -> frozenset[str]:
    """The months (`2017-02`, `open`) that the quads name as `ac:inMonth`."""
    marker = f"<{AC}inMonth> <https://w3id.org/acuerdo/month/".encode()
    found = set()
    at = nquads.find(marker)
    while at >= 0:
        start = at + len(marker)
        found.add(nquads[start : nquads.index(b">", start)].decode())
        at = nquads.find(marker, start)
    return frozenset(found)


def calendar(used: Iterable[str], graph: str) -> bytes:
    """The month nodes in use as sorted N-Quads: first and last day; the node `open` has none."""
    lines = []
    for name in sorted(set(used)):
        node = f"<https://w3id.org/acuerdo/month/{name}>"
        lines.append(f"{node} <{RDF}type> <{AC}Month> <{graph}> .\n")
        if name != "open":
            first = date(int(name[:4]), int(name[5:]), 1)
            last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            lines.append(f'{node} <{AC}firstDay> "{first}"^^<{XSD}date> <{graph}> .\n')
            lines.append(f'{node} <{AC}lastDay> "{last}"^^<{XSD}date> <{graph}> .\n')
    return "".join(sorted(lines)).encode()
