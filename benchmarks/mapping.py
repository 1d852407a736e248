"""How fast an article becomes N-Quads, against the limit of the machine and other writers.

    python benchmarks/mapping.py [ARTICLES] [ROUNDS]

One interleaved run on one core, the corpus in memory: `limit` decodes and writes ready-made bytes, `acuerdo`
decodes, checks spans and references, resolves and maps, `pyoxigraph` and `rdflib` only make their term
objects from ready-made terms and serialise them (no checks, no mapping: a lower bound of any mapper that
uses them). Fails when the quads differ. Prints a Markdown table for docs/benchmarks.md.
"""

import io
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyoxigraph as ox
import rdflib
from generate import articles

from acuerdo import mapping, resolve
from acuerdo.model import Article
from acuerdo.read import checking, native

ROOT = Path(__file__).parents[1]


def main(count: int, rounds: int) -> None:
    """Run every writer `rounds` times in turn and print medians and spread."""
    documents = [json.dumps(a, ensure_ascii=False).encode() for a in articles(count)]
    world = resolve.load([ROOT / "ontology"])
    ready = [_mapped(d, world) for d in documents]
    quads = sum(block.count(b"\n") for block in ready)
    few = max(1, count // 20)
    terms = [list(ox.parse(block, format=ox.RdfFormat.N_QUADS)) for block in ready[:few]]
    _same_answers(ready[:few], terms)
    writers: dict[str, tuple[Callable[[], object], int]] = {
        "limit: decode + write ready bytes": (lambda: _limit(documents, ready), quads),
        "acuerdo": (lambda: [_mapped(d, world) for d in documents], quads),
        "pyoxigraph objects": (lambda: [_oxigraph(t) for t in terms], sum(map(len, terms))),
        "rdflib": (lambda: [_rdflib(t) for t in terms], sum(map(len, terms))),
    }
    speeds: dict[str, list[float]] = {name: [] for name in writers}
    for _ in range(rounds):
        for name, (run, size) in writers.items():
            start = time.perf_counter()
            run()
            speeds[name].append(size / (time.perf_counter() - start) / 1000)
    _print(speeds, count, quads, rounds)


def _mapped(document: bytes, world: resolve.World) -> bytes:
    article, _ = next(native.read(document, "benchmark.json"))
    checked, _ = checking.check(article, "benchmark.json")
    return mapping.map_article(resolve.resolve(checked, world), world)


def _limit(documents: list[bytes], ready: list[bytes]) -> None:
    lines = [block.decode().splitlines(keepends=True) for block in ready[:200]]
    out, decoder = io.BytesIO(), msgspec.json.Decoder(Article)
    for number, document in enumerate(documents):
        decoder.decode(document)
        out.write("".join(lines[number % len(lines)]).encode())


def _oxigraph(quads: list[ox.Quad]) -> bytes:
    made = [
        ox.Quad(
            ox.NamedNode(q.subject.value),
            ox.NamedNode(q.predicate.value),
            ox.NamedNode(q.object.value)
            if isinstance(q.object, ox.NamedNode)
            else _literal(q.object),
            ox.NamedNode(q.graph_name.value),
        )
        for q in quads
    ]
    return ox.serialize(made, format=ox.RdfFormat.N_QUADS)


def _literal(term: ox.Literal) -> ox.Literal:
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype.value))


def _rdflib(quads: list[ox.Quad]) -> str:
    dataset = rdflib.Dataset()
    for quad in quads:
        term = quad.object
        made: rdflib.term.Node = (
            rdflib.URIRef(term.value)
            if isinstance(term, ox.NamedNode)
            else rdflib.Literal(term.value, lang=term.language)
            if term.language
            else rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))
        )
        dataset.graph(rdflib.URIRef(quad.graph_name.value)).add(
            (rdflib.URIRef(quad.subject.value), rdflib.URIRef(quad.predicate.value), made)
        )
    return dataset.serialize(format="nquads")


def _same_answers(ready: list[bytes], terms: list[list[ox.Quad]]) -> None:
    for block, quads in zip(ready, terms, strict=True):
        for again in (_oxigraph(quads), _rdflib(quads).encode()):
            if set(ox.parse(again, format=ox.RdfFormat.N_QUADS)) != set(quads) or block.count(
                b"\n"
            ) != len(quads):
                raise SystemExit("the writers do not give the same quads")


def _print(speeds: dict[str, list[float]], count: int, quads: int, rounds: int) -> None:
    print(
        f"{count} articles, {quads} quads ({quads / count:.0f} an article), {rounds} interleaved rounds, one of "
        f"{os.cpu_count()} cores; Python {platform.python_version()}, pyoxigraph {ox.__version__}, rdflib {rdflib.__version__}.\n"
    )
    limit = statistics.median(speeds["limit: decode + write ready bytes"])
    print("| writer | kquads/s, median | min to max | of the limit |\n|-|-|-|-|")
    for name, each in speeds.items():
        middle = statistics.median(each)
        print(
            f"| {name} | {middle:,.0f} | {min(each):,.0f} to {max(each):,.0f} | {middle / limit:.3f} |"
        )


if __name__ == "__main__":
    main(*(int(a) for a in (*sys.argv[1:], *("400", "5")[len(sys.argv) - 1 :])))
