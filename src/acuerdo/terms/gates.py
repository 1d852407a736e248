"""Quality gates: SPARQL queries that return offenders; no row is a pass.

A gate whose header says `over: ontology` looks at terms, vocabularies and registry in one default
graph; `over: graph` looks at the named graphs of a built store.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
from msgspec import Struct

from acuerdo import assets
from acuerdo.errors import BadSource

_HEADER = re.compile(r"^# (title|description|over): +(.+)$", re.MULTILINE)


class Gate(Struct, frozen=True):
    """One rule: its name, the sentence that must hold, where it looks, and the query for offenders."""

    name: str
    title: str
    over: str
    query: str


class Offence(Struct, frozen=True):
    """What breaks a gate; `value` is what is wrong about it, where the gate can tell."""

    gate: str
    rule: str
    offender: str
    value: str

    def __str__(self) -> str:
        """One line: the gate, the offender, what is wrong, the rule."""
        value = f" ({self.value})" if self.value else ""
        return f"{self.gate}: {self.offender}{value}: {self.rule}"


def gates(over: str, folder: Path | None = None) -> list[Gate]:
    """The gates that look at `ontology` or at `graph`, by name."""
    found = sorted((folder or assets.path("queries") / "quality").glob("*.rq"))
    return [gate for gate in map(_read, found) if gate.over == over]


def _read(path: Path) -> Gate:
    text = path.read_text(encoding="utf-8")
    header = dict(_HEADER.findall(text))
    if header.get("over") not in {"ontology", "graph"} or "title" not in header:
        raise BadSource(
            path, "a gate needs the header lines '# title:' and '# over: ontology|graph'"
        )
    return Gate(path.stem, header["title"], header["over"], text)


def offences(gate: Gate, store: ox.Store) -> Iterator[Offence]:
    """The offenders in the order that the query gives them."""
    rows = store.query(gate.query)
    if not isinstance(rows, ox.QuerySolutions):
        raise BadSource(gate.name, "a gate is a SELECT query")
    for row in rows:
        yield Offence(gate.name, gate.title, _words(row[0]), _words(row[1]) if len(row) > 1 else "")


def run(over: str, store: ox.Store, folder: Path | None = None) -> list[Offence]:
    """All offences of all gates of one kind."""
    return [offence for gate in gates(over, folder) for offence in offences(gate, store)]


def _words(term: object) -> str:
    return str(term.value if isinstance(term, ox.NamedNode | ox.Literal) else term or "")


def worst(found: Iterable[Offence]) -> list[tuple[str, int]]:
    """How many offences each gate has, most first."""
    counts: dict[str, int] = {}
    for offence in found:
        counts[offence.gate] = counts.get(offence.gate, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
