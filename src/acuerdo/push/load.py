"""Sending graphs: many small ones in one body of quads, a large one in pieces, a changed one in place of the old."""

import gzip
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from acuerdo.push.journal import Journal
from acuerdo.push.profiles import Target
from acuerdo.push.remote import Remote, TooLarge
from acuerdo.push.spool import Entry, Spool, bodies

Progress = Callable[[int], None]
Batch = tuple[Entry, ...]
_SMALLEST = 16_000


class Loader:
    """Writes to one store; `progress` hears how many quads were taken."""

    def __init__(
        self, remote: Remote, target: Target, spool: Spool, journal: Journal, progress: Progress
    ) -> None:
        self._remote, self._target, self._spool = remote, target, spool
        self._journal, self._progress = journal, progress
        # Shrinks when the store, or a proxy before it, refuses a body as too large.
        self._limit = target.profile.batch_bytes

    def add(self, entries: Iterable[Entry]) -> None:
        """Send graphs whose triples join what is there; for new graphs that is all there is."""
        if self._target.quads_url:
            self._run(self._batches(entries), self._post_quads)
        elif self._target.profile.graph:
            self._run(((entry,) for entry in entries), self._post_graph)
        else:
            self._run(self._batches(entries), self._insert)

    def replace(self, entries: Iterable[Entry]) -> None:
        """Put graphs in the place of those of their names."""
        if self._target.profile.put:
            self._run(((entry,) for entry in entries), self._put_graph)
            return
        for batch in self._batches(entries):
            self._journal.begin(batch)
            self._drop([entry.graph for entry in batch])
            self.add(batch)

    def delete(self, graphs: tuple[bytes, ...]) -> None:
        """Remove graphs."""
        for start in range(0, len(graphs), 200):
            some = graphs[start : start + 200]
            self._drop(list(some))
            self._journal.gone(some)

    def _batches(self, entries: Iterable[Entry]) -> Iterator[Batch]:
        held: list[Entry] = []
        size = 0
        for entry in entries:
            if held and size + entry.bytes > self._limit:
                yield tuple(held)
                held, size = [], 0
            held.append(entry)
            size += entry.bytes
        if held:
            yield tuple(held)

    def _run(self, batches: Iterable[Batch], send: Callable[[Batch], None]) -> None:
        """Send the batches, as many at once as the store has writers for; the journal is kept in this thread."""
        writers = self._target.profile.writers
        with ThreadPoolExecutor(writers) as pool:
            under_way: dict[Future[None], Batch] = {}
            for batch in batches:
                self._journal.begin(batch)
                under_way[pool.submit(send, batch)] = batch
                while len(under_way) >= writers:
                    self._collect(under_way)
            while under_way:
                self._collect(under_way)

    def _collect(self, under_way: dict[Future[None], Batch]) -> None:
        finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in finished:
            batch = under_way.pop(future)
            future.result()
            self._taken(batch)

    def _taken(self, batch: Batch) -> None:
        self._journal.done(batch)
        self._progress(sum(entry.quads for entry in batch))

    def _shrinking(self, send: Callable[[int], None]) -> None:
        """Do all of `send(limit)` again with half the limit as long as bodies are too large; twice sent is once held."""
        while True:
            limit = self._limit
            try:
                return send(limit)
            except TooLarge:
                if limit <= _SMALLEST:
                    raise
                self._limit = limit // 2

    def _post_quads(self, batch: Batch) -> None:
        profile, url = self._target.profile, self._target.quads_url

        def send(limit: int) -> None:
            units = (unit for entry in batch for unit in self._units(entry, limit))
            for body in bodies(units, limit):
                self._write("POST", url or "", body, profile.quads_type)

        self._shrinking(send)

    def _units(self, entry: Entry, limit: int) -> Iterator[bytes]:
        """What may follow anything else in a body: a line of N-Quads, a block of TriG."""
        if not self._target.profile.trig:
            return self._spool.lines(entry)
        triples = (triple + b" .\n" for triple in self._spool.triples(entry))
        return (b"%b {\n%b}\n" % (entry.graph, some) for some in bodies(triples, limit))

    def _post_graph(self, batch: Batch) -> None:
        self._graph(batch[0], "POST")

    def _put_graph(self, batch: Batch) -> None:
        self._graph(batch[0], "PUT")

    def _graph(self, entry: Entry, first: str) -> None:
        profile, url = self._target.profile, self._target.graph_url(entry.graph)

        def send(limit: int) -> None:
            method = first
            for body in bodies((t + b" .\n" for t in self._spool.triples(entry)), limit):
                self._write(method, url, profile.preamble.encode() + body, profile.triples_type)
                method = "POST"

        self._shrinking(send)

    def _insert(self, batch: Batch) -> None:
        def send(limit: int) -> None:
            for entry in batch:
                for triples in _runs(
                    self._spool.triples(entry), self._target.profile.update_triples, limit
                ):
                    self._update(b"INSERT DATA { GRAPH %b {\n%b\n} }" % (entry.graph, triples))

        self._shrinking(send)

    def _drop(self, graphs: list[bytes]) -> None:
        if self._target.update_url:
            self._update(b" ;\n".join(b"DROP SILENT GRAPH %b" % graph for graph in graphs))
            return
        for graph in graphs:
            self._remote.send("DELETE", self._target.graph_url(graph))

    def _update(self, text: bytes) -> None:
        url = self._target.update_url or ""
        if self._target.profile.raw_updates:
            self._write("POST", url, text, "application/sparql-update")
        else:
            self._remote.send("POST", url, data={"update": text.decode()})

    def _write(self, method: str, url: str, body: bytes, media_type: str) -> None:
        headers = {"Content-Type": media_type}
        if self._target.profile.gzip:
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self._remote.send(method, url, content=body, headers=headers)


def _runs(triples: Iterable[bytes], most: int, limit: int) -> Iterator[bytes]:
    """Triples for statements of at most `most` triples and `limit` bytes."""
    rows = iter(triples)
    while some := list(islice(rows, most)):
        yield from bodies((triple + b" .\n" for triple in some), limit)
