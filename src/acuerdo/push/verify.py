"""Whether a store holds what it was sent: counts, sums computed by the store, and where they differ, every row.

A status of 200 proves nothing: stores answer so to bodies that they did not read. The store counts each graph
and the triples in each of 256 buckets of SHA1; a graph that differs is read back and compared by value, which
tells a literal that is spelt otherwise from one that is lost.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO, Literal, cast

from pyoxigraph import RdfFormat, parse

from acuerdo.errors import RemoteFailed
from acuerdo.export.nquads import literal, terms, unescaped
from acuerdo.export.sorting import in_order
from acuerdo.push import literals
from acuerdo.push.profiles import Target
from acuerdo.push.remote import Remote
from acuerdo.push.spool import Entry, Spool

Depth = Literal["counts", "hashes", "full"]
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_BUCKETS = """SELECT ?h (COUNT(*) AS ?n) WHERE {
  VALUES ?g { %s }
  GRAPH ?g { ?s ?p ?o }
  BIND (SUBSTR(%s(CONCAT(STR(?g), " ", STR(?s), " ", STR(?p), " ", STR(?o), " ",
    IF(isIRI(?o), "", IF(LANG(?o) = "", STR(DATATYPE(?o)), "")), " ",
    IF(isIRI(?o), "", LANG(?o)))), 1, 2) AS ?h)
} GROUP BY ?h"""
_CHUNK_QUADS, _CHUNK_GRAPHS = 50_000, 300
_EXAMPLES = 3


@dataclass
class Difference:
    """A graph that does not hold what it should, with the first few triples that tell so."""

    graph: str
    missing: int = 0
    extra: int = 0
    examples: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        shown = f" ({'; '.join(self.examples)})" if self.examples else ""
        return f"<{self.graph}>: {self.missing:,} triples missing, {self.extra:,} too many{shown}"


@dataclass
class Verdict:
    """What the check found: graphs that differ, and literals that are kept in another spelling."""

    graphs: int = 0
    quads: int = 0
    differences: list[Difference] = field(default_factory=list)
    rewritten: Counter[str] = field(default_factory=Counter)

    def note_rewriting(self, sent: bytes, kept: bytes) -> None:
        """Count a literal of which the store keeps another spelling, under its first example."""
        datatype = sent.rpartition(b"^^")[2] if sent[-1:] == b">" else b"language"
        for known in self.rewritten:
            if known.encode().endswith(datatype):
                self.rewritten[known] += 1
                return
        self.rewritten[f"{_short(sent)} kept as {_short(kept)}, {datatype.decode()}"] = 1


def _short(token: bytes, limit: int = 120) -> str:
    text = token.decode()
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Verifier:
    """Compares graphs of the spool with those of a store."""

    def __init__(
        self, remote: Remote, target: Target, spool: Spool, *, subset: bool = False
    ) -> None:
        self._remote, self._target, self._spool = remote, target, spool
        self._subset = subset
        self._expected = literals.expected(target.profile.losses)

    def check(self, entries: Iterable[Entry], held: dict[bytes, int], depth: Depth) -> Verdict:
        """The verdict over `entries`, given what the store counts; with `subset` more in a graph is no fault."""
        verdict = Verdict()
        agreeing: list[Entry] = []
        for entry in entries:
            verdict.graphs += 1
            verdict.quads += entry.quads
            count = held.get(entry.graph, 0)
            if count == 0:
                difference = Difference(entry.graph[1:-1].decode(), missing=entry.quads)
                verdict.differences.append(difference)
            elif count == entry.quads and not self._subset:
                agreeing.append(entry)
            elif not (self._subset and depth == "counts" and count >= entry.quads):
                self._compare(entry, verdict)
        if depth == "full" or (depth == "hashes" and not self._target.profile.sha1):
            for entry in agreeing:
                self._compare(entry, verdict)
        elif depth == "hashes":
            for chunk in _chunks(agreeing):
                self._sum(chunk, verdict)
        return verdict

    def _sum(self, chunk: list[Entry], verdict: Verdict) -> None:
        """Compare the buckets of some graphs; where they differ, compare these graphs row by row."""
        rewritten: list[tuple[bytes, bytes]] = []
        with ThreadPoolExecutor(1) as beside:
            asked = beside.submit(self._asked, chunk)  # the store sums while we do
            here = Counter(
                self._bucket(entry, triple, rewritten) for entry, triple in self._rows(chunk)
            )
        if asked.result() == here:
            for sent, kept in rewritten:
                verdict.note_rewriting(sent, kept)
            return
        for entry in chunk:
            self._compare(entry, verdict)

    def _rows(self, chunk: list[Entry]) -> Iterator[tuple[Entry, bytes]]:
        return ((entry, triple) for entry in chunk for triple in self._spool.triples(entry))

    def _bucket(self, entry: Entry, triple: bytes, rewritten: list[tuple[bytes, bytes]]) -> str:
        s, p, o = terms(triple)
        kept = self._expected(o)
        if kept != o:
            rewritten.append((o, kept))
        parts = [unescaped(entry.graph), unescaped(s), unescaped(p), *_object(kept)]
        found = hashlib.sha1(" ".join(parts).encode(), usedforsecurity=False)
        if self._target.profile.base64:
            return base64.b64encode(found.digest()[:3])[:2].decode()
        return found.hexdigest()[:2]

    def _asked(self, chunk: list[Entry]) -> Counter[str]:
        graphs = " ".join(entry.graph.decode() for entry in chunk)
        rows = self._remote.select(
            self._target.query_url, _BUCKETS % (graphs, self._target.profile.sha1)
        )
        try:
            return Counter(
                {row["h"]["value"]: int(row["n"]["value"]) for row in rows if "h" in row}
            )
        except (KeyError, ValueError) as error:
            raise RemoteFailed(
                f"{self._target.query_url}: sums its triples in a way not understood"
            ) from error

    def _compare(self, entry: Entry, verdict: Verdict) -> None:
        """Compare a graph row by row, in memory bounded whatever its size."""
        here = (b"h%b" % t for t in _normal(t + b" .\n" for t in self._spool.triples(entry)))
        difference = Difference(entry.graph[1:-1].decode())
        there = (b"t%b" % t for t in self._read_back(entry.graph))
        for _, group in groupby(
            in_order(_keyed(here, there)), key=lambda row: row.split(b"\0", 1)[0]
        ):
            self._judge([row.split(b"\0", 1)[1] for row in group], difference, verdict)
        if difference.missing or difference.extra:
            verdict.differences.append(difference)

    def _judge(self, rows: list[bytes], difference: Difference, verdict: Verdict) -> None:
        """Rows of one value: all here (`h`) and there (`t`) alike, or spelt otherwise, or on one side only."""
        here = {row[1:] for row in rows if row[:1] == b"h"}
        there = {row[1:] for row in rows if row[:1] == b"t"}
        if here and there:
            for sent, kept in zip(
                sorted(here - there), sorted(there - here) or sorted(there), strict=False
            ):
                verdict.note_rewriting(terms(sent)[2], terms(kept)[2])
            return
        difference.missing += len(here)
        difference.extra += 0 if self._subset else len(there)
        shown = [f"missing: {_short(row)}" for row in sorted(here)]
        shown += [] if self._subset else [f"too many: {_short(row)}" for row in sorted(there)]
        difference.examples += shown[: _EXAMPLES - len(difference.examples)]

    def _read_back(self, graph: bytes) -> Iterator[bytes]:
        kind = self._target.profile.read_type
        accept = {"Accept": kind}
        if self._target.profile.read and self._target.profile.graph:
            call = self._remote.lines("GET", self._target.graph_url(graph), headers=accept)
        else:
            query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph.decode()} {{ ?s ?p ?o }} }}"
            call = self._remote.lines(
                "POST", self._target.query_url, data={"query": query}, headers=accept
            )
        with call as lines:
            yield from _normal((line + b"\n" for line in lines), RdfFormat.from_media_type(kind))


def _object(token: bytes) -> tuple[str, str, str]:
    """The words, datatype and language that SPARQL's STR, DATATYPE and LANG give."""
    if token[:1] == b"<":
        return unescaped(token), "", ""
    value, language, datatype = literal(token)
    if language:
        return value, "", language
    return value, datatype or _STRING, ""


def _normal(
    lines: Iterable[bytes], form: RdfFormat | None = RdfFormat.N_TRIPLES
) -> Iterator[bytes]:
    """Triples in one spelling of escapes, whoever wrote them."""
    try:
        for triple in parse(cast("IO[bytes]", _Lines(lines)), form):
            yield str(triple.triple).encode()
    except (SyntaxError, ValueError) as error:
        raise RemoteFailed(f"the store sends a graph that cannot be read: {error}") from error


class _Lines:
    """Lines as a file that the parser can read."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Some bytes; none at the end."""
        if not self._rest:
            self._rest = next(self._lines, b"")
        some, self._rest = (
            (self._rest[:size], self._rest[size:]) if size >= 0 else (self._rest, b"")
        )
        return some


def _keyed(*sides: Iterable[bytes]) -> Iterator[bytes]:
    """Rows with what makes them equal by value in front."""
    for side in sides:
        for row in side:
            s, p, o = terms(row[1:])
            yield b"%b %b %b\0%b" % (s, p, literals.same_value(o), row)


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    held: list[Entry] = []
    quads = 0
    for entry in entries:
        if held and (quads + entry.quads > _CHUNK_QUADS or len(held) == _CHUNK_GRAPHS):
            yield held
            held, quads = [], 0
        held.append(entry)
        quads += entry.quads
    if held:
        yield held
