"""The whole graph: every article's graph by itself, then what only all of them together can show.

Read from the sorted dump of a build, asserted graphs only: after inference a wrong value has the right type,
so nothing that inference made true is looked at. Memory is bounded: lines of articles pass through files in
buckets; of the union only the triples whose predicates the cross-article shapes name are kept.
"""

import os
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from acuerdo.validate.context import Context
from acuerdo.validate.engines import compiled
from acuerdo.validate.finding import Finding, Report, order
from acuerdo.validate.queries import asked_predicates, query_text, split
from acuerdo.validate.shapes import ShapesGraph
from acuerdo.validate.sift import inspect
from acuerdo.validate.validator import Validator
from acuerdo.vocabulary import RDF, RDFS, SH

ASSERTED = frozenset("article registry vocab calendar ontology links/wikidata".split())
_CONTEXT = frozenset("registry vocab ontology".split())
_BUCKETS = 64
# A closed shape looks at every predicate; validators of custom components are not read.
_LOOKS_AT_ANY = {
    SH + name for name in ("closed", "ask", "validator", "nodeValidator", "propertyValidator")
}


_ASKS_FOR_TYPES = {SH + "targetClass", SH + "class", SH + "target"}


def whole(
    lines: Iterable[bytes],
    layer: Callable[[bytes], str],
    article: Validator | None,
    across: Validator,
) -> Report:
    """What is wrong with a build: `lines` of its dump, the `layer` of a graph's term.

    `article`, where there is one, is asked of each article graph with the registry, vocabularies and ontology
    of the dump as context, `across` of all asserted graphs together. Findings point at passages.
    """
    with tempfile.TemporaryDirectory(prefix="acuerdo-validate-") as folder:
        parts = _Parts(Path(folder), predicates(across.shapes))
        parts.fill(lines, layer)
        found: list[Finding] = []
        if article is not None:
            article.context = Context(_triples(parts.context))
            found += [f for findings in _each(parts.graphs(), article) for f in findings]
    found += together(b"".join(parts.union), across)
    return Report(tuple(sorted(found, key=order)), across.engine.name)


def together(ntriples: bytes, validator: Validator) -> tuple[Finding, ...]:
    """The findings of all shapes over one graph; queries run once for all nodes where that is safe."""
    asked, rest = split(validator.shapes)
    results = []
    if asked:
        store = ox.Store()
        store.bulk_load(ntriples, format=ox.RdfFormat.N_TRIPLES)
        results = [result for query in asked for result in query.results(store)]
    if any(triple.predicate.value.startswith(SH + "target") for triple in rest):
        engine = compiled("".join(f"{triple} .\n" for triple in rest), validator.engine.name)
        results += engine.check(ntriples.decode())
    return validator.report(results).findings


def predicates(shapes: ShapesGraph) -> frozenset[bytes] | None:
    """All predicates that the shapes can look at, as terms; None where they can look at any.

    Every IRI that the shapes graph names as an object is taken for one: more is no harm.
    """
    if any(t.predicate.value in _LOOKS_AT_ANY for t in shapes.triples):
        return None
    named = {t.object.value for t in shapes.triples if isinstance(t.object, ox.NamedNode)}
    for subject in shapes.subjects():
        if shapes.objects(subject, "select"):
            asked = asked_predicates(query_text(shapes, subject))
            if asked is None:
                return None
            named |= asked
    if any(t.predicate.value in _ASKS_FOR_TYPES for t in shapes.triples) or RDFS + "Class" in named:
        named |= {RDF + "type", RDFS + "subClassOf"}
    return frozenset(f"<{iri}>".encode() for iri in named)


class _Parts:
    """The dump in three: lines of articles in buckets on disk, the context, the union's few predicates."""

    def __init__(self, folder: Path, wanted: frozenset[bytes] | None) -> None:
        self.folder, self.wanted = folder, wanted
        self.context: list[bytes] = []
        self.union: set[bytes] = set()

    def fill(self, lines: Iterable[bytes], layer: Callable[[bytes], str]) -> None:
        """Take every line of the asserted graphs."""
        layers: dict[bytes, str] = {}
        with ExitStack() as stack:
            files: list[BinaryIO] = [
                stack.enter_context((self.folder / str(n)).open("wb")) for n in range(_BUCKETS)
            ]
            for line in lines:
                triple, graph, _ = line.rsplit(b" ", 2)
                place = layers.get(graph)
                if place is None:
                    place = layers[graph] = layer(graph)
                if place not in ASSERTED:
                    continue
                if place == "article":
                    files[zlib.crc32(graph) % _BUCKETS].write(line)
                elif place in _CONTEXT:
                    self.context.append(triple + b" .\n")
                if self.wanted is None or triple.split(b" ", 2)[1] in self.wanted:
                    self.union.add(triple + b" .\n")

    def graphs(self) -> Iterator[bytes]:
        """The lines of one article graph after the other, bucket by bucket."""
        for number in range(_BUCKETS):
            by_graph: dict[bytes, list[bytes]] = defaultdict(list)
            with (self.folder / str(number)).open("rb") as file:
                for line in file:
                    by_graph[line.rsplit(b" ", 2)[1]].append(line)
            yield from (b"".join(by_graph[graph]) for graph in sorted(by_graph))


def _each(graphs: Iterator[bytes], validator: Validator) -> Iterator[tuple[Finding, ...]]:
    """The findings of each graph; the native engine frees the GIL, so threads share the work."""
    workers = min(os.cpu_count() or 1, 8)
    with ThreadPoolExecutor(workers) as pool:
        waiting = []
        for graph in graphs:
            waiting.append(pool.submit(inspect, graph, validator))
            if (
                len(waiting) >= 8 * workers
            ):  # bounded: no more graphs in memory than are being looked at
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _triples(lines: list[bytes]) -> Iterator[ox.Triple]:
    return (quad.triple for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES))
