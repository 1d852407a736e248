"""Which item of Wikidata a thing of the graph is: candidates, a learned score, decisions as data.

`acuerdo link` writes `links/wikidata.sssom.tsv`; persons review it; `build` calls `stated` and so writes
what stands into `/graph/links/wikidata`. Nothing here changes what is served, and no link is guessed:
below its threshold a pair is a question to a person.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from acuerdo.iri import Bases
from acuerdo.link import enrich, sssom
from acuerdo.link.graph import GRAPH, links_nquads, of_things, standing, tombstones
from acuerdo.report import Fault

__all__ = ["Stated", "stated", "tombstones"]


class Stated(Struct, frozen=True):
    """The graphs that a folder of links gives a build, by IRI, and the links that stay out."""

    graphs: dict[str, bytes]
    faults: tuple[Fault, ...]


def stated(
    folder: Path | None,
    bases: Bases,
    *,
    same_as: bool = False,
    same: Mapping[str, str] | None = None,
    present: Callable[[str], bool] = lambda _: True,
) -> Stated:
    """What a build states of a folder of links; raises BadSource with file and line.

    `same` are the things that decisions joined to another, `present` says whether the graph holds a thing.
    """
    if folder is None:
        return Stated({}, ())
    path = folder / sssom.FILE
    rows, absent = of_things(sssom.read(path).rows, bases, same or {}, present)
    kept, doubtful = standing(rows)
    found = {
        bases.graph + GRAPH: links_nquads(kept, bases, same_as=same_as),
        bases.graph + enrich.GRAPH: enrich.read(folder, bases),
    }
    faults = tuple(
        Fault("LINK_NOT_STATED", t.sentence, t.hint, str(path), annotation=t.row.subject_id)
        for t in (*absent, *doubtful)
    )
    return Stated({graph: lines for graph, lines in found.items() if lines}, faults)
