"""What a push has to do: the difference between the graphs here and the graphs there."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from acuerdo.push.journal import Journal
from acuerdo.push.spool import Entry, Spool


@dataclass(frozen=True)
class Plan:
    """Graphs by what happens to them; `unknown` are there with the right count, but nobody noted what they hold."""

    new: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    unknown: tuple[Entry, ...]
    same: tuple[Entry, ...]
    gone: tuple[bytes, ...]

    def lines(self) -> Iterator[str]:
        """The plan as tab-separated lines: what, quads, graph."""
        for what in ("new", "changed", "unknown", "same"):
            for entry in getattr(self, what):
                yield f"{what}\t{entry.quads}\t{entry.graph[1:-1].decode()}"
        for graph in self.gone:
            yield f"gone\t\t{graph[1:-1].decode()}"

    def summary(self) -> str:
        """The plan in one line."""
        sizes = [
            f"{len(entries):,} {what} ({sum(entry.quads for entry in entries):,} quads)"
            for what, entries in (
                ("new", self.new),
                ("changed", self.changed),
                ("to compare", self.unknown),
                ("unchanged", self.same),
            )
            if entries
        ]
        return ", ".join([*sizes, f"{len(self.gone):,} gone"] if self.gone else sizes) or "nothing"


def planned(
    spool: Spool, held: dict[bytes, int], journal: Journal, ours: Callable[[bytes], bool]
) -> Plan:
    """The plan; a graph that is there, not here, and `ours` counts as gone."""
    groups: dict[str, list[Entry]] = {"new": [], "changed": [], "unknown": [], "same": []}
    for graph, entry in spool.entries.items():
        groups[_state(entry, held.get(graph, 0), journal)].append(entry)
    gone = [graph for graph in held if graph not in spool.entries and ours(graph)]
    return Plan(**{k: tuple(v) for k, v in groups.items()}, gone=tuple(sorted(gone)))


def appending(spool: Spool, held: dict[bytes, int], journal: Journal) -> Plan:
    """The plan of a push that only adds: every graph, but those that were added before and are still as large."""
    before = {
        graph
        for graph, entry in spool.entries.items()
        if journal.sent.get(graph) == entry.digest and held.get(graph, 0) >= entry.quads
    }
    new = tuple(entry for graph, entry in spool.entries.items() if graph not in before)
    same = tuple(spool.entries[graph] for graph in sorted(before))
    return Plan(new=new, changed=(), unknown=(), same=same, gone=())


def _state(entry: Entry, held: int, journal: Journal) -> str:
    if held == 0:
        return "new"
    sent = journal.sent.get(entry.graph)
    if held != entry.quads or entry.graph in journal.begun:
        return "changed"
    if sent is None:
        return "unknown"
    return "same" if sent == entry.digest else "changed"


def proof(build: str, held: dict[bytes, int], journal: Journal) -> str:
    """A sum over the build and what the store counts of it: equal sums, nothing to do."""
    rows = (b"%b %d\n" % (graph, held.get(graph, 0)) for graph in sorted(journal.sent))
    return hashlib.sha256(build.encode() + b"\n" + b"".join(rows)).hexdigest()
