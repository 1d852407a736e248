"""Which item of Wikidata a thing of the graph is: candidates, a learned score, decisions as data.

`acuerdo link` writes `links/wikidata.sssom.tsv`; persons review it; `build` calls `graphs` and so writes
what stands into `/graph/links/wikidata`. Nothing here changes what is served, and no link is guessed:
below its threshold a pair is a question to a person.
"""

from pathlib import Path

from acuerdo.iri import Bases
from acuerdo.link import enrich
from acuerdo.link.graph import GRAPH, links_nquads, tombstones

__all__ = ["graphs", "links_nquads", "tombstones"]


def graphs(folder: Path | None, bases: Bases) -> dict[str, bytes]:
    """The graphs that a folder of links gives a build, by IRI; none where there is nothing to state."""
    if folder is None:
        return {}
    found = {
        bases.graph + GRAPH: links_nquads(folder, bases),
        bases.graph + enrich.GRAPH: enrich.read(folder, bases),
    }
    return {graph: lines for graph, lines in found.items() if lines}
