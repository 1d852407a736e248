"""The process that evaluates queries: one read-only store, one query at a time, no way out.

Forked by `forkserver`; everything it needs is imported before the fork and before the fences go up.
"""

import re
import signal
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

import msgspec
import pyoxigraph as ox
import zstandard

from acuerdo.errors import BadQuery, LimitReached, RemoteFailed
from acuerdo.query import Kg, values
from acuerdo.query.question import load
from acuerdo.query.sparql import PREFIXES
from acuerdo.serve import sandbox, wire
from acuerdo.serve.rows import COUNTERS, Rows
from acuerdo.store import hold

if TYPE_CHECKING:
    from acuerdo.serve.elsewhere import Elsewhere

    Opened = ox.Store | Elsewhere

PIECE = 64 << 10
WORK, OFTEN = 0.02, 500  # seconds of CPU, and quick queries, after which growth is looked at
SMALL = 1 << 10  # bytes not worth compressing
SOLUTIONS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
# Characters that XML 1.0 cannot write; the engine writes them raw.
NOT_XML = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|&#(?:[0-8]|1[124-9]|2\d|3[01]);"
)
POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


class Spec(msgspec.Struct):
    """What a new worker is told."""

    id: int
    store: str
    memory: int
    network: bool = False
    union: str = ""  # at an endpoint: what stands for the union of its graphs
    tired: float = 0.5  # share of the memory budget after which it wants to be replaced


class Enough(Exception):
    """Ends the engine's writing."""


class TooLarge(Exception):
    """The answer passes the limit on bytes."""


class NotXml(Exception):
    """A value holds a character that XML cannot carry."""


class NotAcceptable(Exception):
    """The client takes no format of this kind of answer."""


class Coder(Protocol):
    """A content coding."""

    def compress(self, data: bytes, /) -> bytes:
        """The bytes that are ready."""

    def flush(self) -> bytes:
        """The last bytes."""


class Sink:
    """Where the engine writes: counts, cuts, compresses and sends in pieces."""

    def __init__(self, channel: socket.socket, job: wire.Job, head: wire.Beginning) -> None:
        self._channel, self._job, self._head = channel, job, head
        self._rows: Rows | None = None
        if head.kind == "solutions":
            self._rows = COUNTERS[head.format](job.rows)
        self._xml = head.format in ("xml", "rdfxml")
        self._coder: Coder | None = None
        self._pending: list[bytes] = []
        self._size = self._total = 0
        self._begun = False
        self.triples = 0
        self.truncated = False

    def write(self, data: bytes) -> int:
        """Take the next bytes of the serialisation."""
        if self._xml and NOT_XML.search(data):
            raise NotXml
        rest = self._rows.feed(data) if self._rows else data
        self._take(rest)
        if self._rows and self._rows.cut:
            self.truncated = True
            raise Enough
        return len(data)

    def flush(self) -> None:
        """Nothing is sent before a piece is full."""

    def triples_of(self, graph: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
        """The triples up to the row limit."""
        for triple in graph:
            if self.triples >= self._job.rows:
                self.truncated = True
                return
            self.triples += 1
            yield triple

    def finish(self, *, last: bool) -> bool:
        """Send what is left and how it ended; `last` is passed on, and back."""
        if self._rows:
            self._take(self._rows.finish())
        if not self._begun and self._total < SMALL:
            self._head.encoding = "identity"
        rest = b"".join(self._pending)
        if self._head.encoding != "identity":
            rest = self._compress(rest) + self._flush_coder()
        rows = self._rows.rows if self._rows else self.triples
        ending = wire.Ending(rows, truncated=self.truncated, last=last)
        self._send(rest, wire.frame(wire.END, msgspec.msgpack.encode(ending)))
        return last

    def _take(self, data: bytes) -> None:
        self._total += len(data)
        if self._total > self._job.bytes:
            raise TooLarge
        self._pending.append(data)
        self._size += len(data)
        if self._size >= PIECE:
            joined = b"".join(self._pending)
            self._pending, self._size = [], 0
            self._send(self._compress(joined) if self._head.encoding != "identity" else joined)

    def _compress(self, data: bytes) -> bytes:
        if self._coder is None:
            zstd = self._head.encoding == "zstd"
            self._coder = (
                zstandard.ZstdCompressor(level=3).compressobj()
                if zstd
                else zlib.compressobj(1, wbits=31)
            )
        return self._coder.compress(data)

    def _flush_coder(self) -> bytes:
        return self._coder.flush() if self._coder else b""

    def _send(self, data: bytes, after: bytes = b"") -> None:
        out = b"" if self._begun else wire.frame(wire.BEGIN, msgspec.msgpack.encode(self._head))
        self._begun = True
        if data:
            out += wire.frame(wire.DATA, data)
        self._channel.sendall(out + after)


class Growth:
    """Whether the process has grown beyond what is comfortable; looked at after work, and now and then."""

    def __init__(self, comfortable: int) -> None:
        self._comfortable, self._quick = comfortable, 0

    def seen(self, seconds: float) -> bool:
        """Look, when the query just answered took long enough to have grown anything."""
        self._quick += 1
        if seconds < WORK and self._quick < OFTEN:
            return False
        self._quick = 0
        return (sandbox.virtual_memory() or 0) > self._comfortable


def run(channel: socket.socket, spec: Spec) -> None:
    """Open the store, put the fences up, answer until the front closes the channel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sandbox.die_with_parent()
    sandbox.offer_to_oom_killer()
    enforced = sandbox.Enforcement(sockets=sandbox.deny_syscalls(network=spec.network))
    try:
        store, _held = _opened(spec)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: RocksDB found damage
        failure = wire.Failure("store", str(error)[:300], last=True)
        channel.sendall(wire.frame(wire.FAILED, msgspec.msgpack.encode(failure)))
        return
    before = sandbox.virtual_memory() or 0
    sandbox.limit_files()
    enforced.memory = sandbox.limit_memory(spec.memory)
    clock = sandbox.CpuClock()
    enforced.cpu = clock.allow(1)
    channel.sendall(wire.frame(wire.UP, msgspec.msgpack.encode(enforced)))
    growth = Growth(before + int(spec.memory * spec.tired))
    decoder = msgspec.msgpack.Decoder(wire.Job)
    for payload in wire.received(channel):
        job = decoder.decode(payload)
        clock.allow(job.seconds)
        if _answer(store, channel, job, growth, network=spec.network):
            return


def _opened(spec: Spec) -> "tuple[Opened, IO[bytes] | None]":
    """The store in a folder and what keeps prune from removing its build; or a store elsewhere."""
    if "://" in spec.store:
        from acuerdo.serve.elsewhere import Elsewhere

        return Elsewhere(spec.store, spec.union), None
    held = hold(Path(spec.store).parent)
    return ox.Store.read_only(spec.store), held


def _answer(
    store: "Opened", channel: socket.socket, job: wire.Job, growth: Growth, *, network: bool
) -> bool:
    """Evaluate one job; true when this process should not be used again."""
    try:
        return _evaluate(store, channel, job, growth)
    except (BrokenPipeError, ConnectionResetError):
        return True
    except BaseException as error:  # noqa: BLE001 - a panic of the engine is not an Exception
        failure = _failure(error)
        if not isinstance(store, ox.Store):
            failure.message = store.unaddressed(failure.message)
        elif isinstance(error, OSError) and "service" in job.query.lower():
            failure = wire.Failure("remote" if network else "federation-off")
    channel.sendall(wire.frame(wire.FAILED, msgspec.msgpack.encode(failure)))
    return failure.last


def _failure(error: BaseException) -> wire.Failure:
    """What an exception means for the client; after what is not understood the process ends."""
    match error:
        case SyntaxError():
            return _syntax(str(error))
        case TooLarge():
            return wire.Failure("answer-too-large")
        case NotAcceptable():
            return wire.Failure("not-acceptable", str(error))
        case NotXml():
            return wire.Failure("not-representable")
        case BadQuery():
            return wire.Failure("parameter", str(error)[:1000])
        case LimitReached():
            return wire.Failure("remote-limit", str(error)[:1000])
        case RemoteFailed():
            return wire.Failure("remote", str(error)[:1000])
        case MemoryError():
            return wire.Failure("memory-limit", last=True)
        case OSError():
            return wire.Failure("store", str(error)[:300], last=True)
        case ValueError() | RuntimeError():
            return wire.Failure("evaluation", str(error)[:300])
    return wire.Failure("internal", type(error).__name__, last=True)


def _evaluate(store: "Opened", channel: socket.socket, job: wire.Job, growth: Growth) -> bool:
    default: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
    named: list[ox.NamedNode | ox.BlankNode] | None = None
    started = time.process_time()
    if job.default_graphs is not None or job.named_graphs is not None:
        # The protocol's dataset is complete: what it does not name is empty.
        default = [ox.NamedNode(g) for g in job.default_graphs or []]
        named = [ox.NamedNode(g) for g in job.named_graphs or []]
    result = store.query(
        _filled(store, job) if job.question else job.query,
        base_iri=job.base,
        prefixes=PREFIXES,
        use_default_graph_as_union=job.union and default is None,
        default_graph=default,
        named_graphs=named,
    )
    if isinstance(result, ox.QuerySolutions):
        kind, name = "solutions", job.solutions
    elif isinstance(result, ox.QueryBoolean):
        kind, name = "boolean", job.boolean
    else:
        kind, name = "graph", job.graph
    if name is None:
        raise NotAcceptable(kind)
    sink = Sink(channel, job, wire.Beginning(kind, name, job.encoding))
    output = cast("IO[bytes]", sink)
    try:
        if isinstance(result, ox.QueryTriples):
            triples = sink.triples_of(result)
            if job.tidy:
                triples = iter(sorted(triples, key=str))
            ox.serialize(triples, output, GRAPHS[name], prefixes=PREFIXES)
        else:
            result.serialize(output, format=SOLUTIONS[name])
    except Enough:
        pass
    return sink.finish(last=growth.seen(time.process_time() - started))


def _filled(store: "Opened", job: wire.Job) -> str:
    """The text of a shipped question with its parameters; a name is looked up in this store."""
    question = load(job.question)
    if not isinstance(store, ox.Store):
        store.refuse_wrong(question)
    kg = Kg(cast("ox.Store", store), job.data_base)
    terms = {
        name: values.terms(question.parameter(name), given, kg.resolve)
        for name, given in job.given.items()
    }
    # Of a store elsewhere nobody knows whether its calendar is that of all its graphs.
    return question.fill(terms, kg.months if isinstance(store, ox.Store) else None)


def _syntax(text: str) -> wire.Failure:
    """A failure with its place; the engine's list of all characters that could follow is left out."""
    found = POSITION.match(text)
    if not found:
        return wire.Failure("syntax", text[:300])
    line, column, words = found.groups()
    if "Prefix not found" in words:
        words = "a prefix is used that no PREFIX line declares"
    else:
        words = words.split("[", 1)[0].rstrip(" ,\n") or "unexpected character"
    return wire.Failure("syntax", words[:300], int(line), int(column))
