"""How fast an article becomes N-Quads, against the limit of the machine and other writers.

    python benchmarks/mapping.py [ARTICLES] [ROUNDS] [--morph-kgc PYTHON]

Interleaved rounds on one core, the corpus in memory, processor time: `limit` decodes and writes ready-made lines,
`acuerdo` decodes, checks spans and references, resolves and maps. `pyoxigraph` and `rdflib` only make their term
objects from ready-made terms and serialise them, and morph-kgc only turns ready-made tables of terms into quads
(no checks, no mapping: a lower bound of any mapper that uses them). Its environment is made by
`python -m venv DIR && DIR/bin/pip install morph-kgc==2.10.0`. Fails when the quads differ. Prints a Markdown
table for docs/benchmarks.md.
"""

import argparse
import csv
import io
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyoxigraph as ox
import rdflib
from generate import articles

from acuerdo import mapping, resolve
from acuerdo.model import Article
from acuerdo.read import checking, native

ROOT = Path(__file__).parents[1]
LIMIT = "limit: decode + write ready bytes"
PREFIXES = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
"""
Speeds = dict[str, list[float]]


def main(count: int, rounds: int, morph: str | None) -> None:
    """Run every writer `rounds` times in turn and print medians and spread."""
    documents = [json.dumps(a, ensure_ascii=False).encode() for a in articles(count)]
    world = resolve.load([ROOT / "ontology"])
    ready = [_mapped(d, world) for d in documents]
    lines = [block.decode().splitlines(keepends=True) for block in ready]
    quads = sum(map(len, lines))
    few = max(1, count // 20)
    terms = [list(ox.parse(block, format=ox.RdfFormat.N_QUADS)) for block in ready[:few]]
    _same_answers(ready[:few], terms)
    writers: dict[str, tuple[Callable[[], object], int]] = {
        LIMIT: (lambda: _limit(documents, lines), quads),
        "acuerdo": (lambda: [_mapped(d, world) for d in documents], quads),
        "pyoxigraph objects": (lambda: [_oxigraph(t) for t in terms], sum(map(len, terms))),
        "rdflib": (lambda: [_rdflib(t) for t in terms], sum(map(len, terms))),
    }
    speeds: Speeds = {name: [] for name in writers}
    for _ in range(rounds):
        for name, (run, size) in writers.items():
            start = time.process_time()
            run()
            speeds[name].append(size / (time.process_time() - start) / 1000)
    if morph:
        name, seconds = _morph_kgc(morph, ready, rounds)
        speeds[name] = [quads / each / 1000 for each in seconds]
    _print(speeds, count, quads, rounds)


def _mapped(document: bytes, world: resolve.World) -> bytes:
    article, _ = next(native.read(document, "benchmark.json"))
    checked, _ = checking.check(article, "benchmark.json")
    return mapping.map_article(resolve.resolve(checked, world), world)


def _limit(documents: list[bytes], lines: list[list[str]]) -> None:
    out, decoder = io.BytesIO(), msgspec.json.Decoder(Article)
    for document, ready in zip(documents, lines, strict=True):
        decoder.decode(document)
        out.write("".join(ready).encode())


# -- peers ----------------------------------------------------------------------------------------


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


def _morph_kgc(python: str, ready: list[bytes], rounds: int) -> tuple[str, list[float]]:
    """Name and processor seconds of morph-kgc over the same quads; ends the benchmark where its own differ."""
    quads = set(ox.parse(b"".join(ready), format=ox.RdfFormat.N_QUADS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _tables(folder, quads)
        script = Path(__file__).with_name("peer_morph_kgc.py")
        done = subprocess.run(
            [python, script, folder, str(rounds)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SystemExit(f"morph-kgc failed:\n{done.stderr[-2000:]}")
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        made = set(ox.parse(path=folder / "quads.nq", format=ox.RdfFormat.N_QUADS))
    if made != quads:
        raise SystemExit(
            f"morph-kgc does not give the same quads: {len(made - quads)} others, {len(quads - made)} missing"
        )
    return f"morph-kgc {answer['version']}, one process", answer["seconds"]


def _tables(folder: Path, quads: set[ox.Quad]) -> None:
    """The quads as flat tables, one for each predicate and kind of object, and the RML that reads them."""
    tables: defaultdict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for quad in quads:
        term = quad.object
        kind = (
            "rr:termType rr:IRI"
            if isinstance(term, ox.NamedNode)
            else f'rr:language "{term.language}"'
            if term.language
            else f"rr:datatype <{term.datatype.value}>"
        )
        row = (quad.subject.value, term.value, quad.graph_name.value)
        tables[quad.predicate.value, kind].append(row)
    rml = [PREFIXES]
    for number, ((predicate, kind), rows) in enumerate(sorted(tables.items())):
        path = folder / f"{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("s", "o", "g"), *rows])
        rml.append(
            f'<#m{number}> rml:logicalSource [ rml:source "{path}" ; rml:referenceFormulation ql:CSV ] ;\n'
            '  rr:subjectMap [ rml:reference "s" ; rr:termType rr:IRI ;\n'
            '    rr:graphMap [ rml:reference "g" ; rr:termType rr:IRI ] ] ;\n'
            f"  rr:predicateObjectMap [ rr:predicate <{predicate}> ; "
            f'rr:objectMap [ rml:reference "o" ; {kind} ] ] .\n'
        )
    (folder / "mapping.ttl").write_text("".join(rml), "utf-8")


def _print(speeds: Speeds, count: int, quads: int, rounds: int) -> None:
    print(
        f"{count} articles, {quads} quads ({quads / count:.0f} an article), {rounds} interleaved rounds, one of "
        f"{os.cpu_count()} cores; Python {platform.python_version()}, pyoxigraph {ox.__version__}, rdflib {rdflib.__version__}.\n"
    )
    limit = statistics.median(speeds[LIMIT])
    print("| writer | kquads/s, median | min to max | of the limit |\n|-|-|-|-|")
    for name, each in speeds.items():
        middle = statistics.median(each)
        print(
            f"| {name} | {middle:,.0f} | {min(each):,.0f} to {max(each):,.0f} | {middle / limit:.3f} |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("articles", type=int, nargs="?", default=400)
    parser.add_argument("rounds", type=int, nargs="?", default=5)
    parser.add_argument("--morph-kgc", metavar="PYTHON")
    given = parser.parse_args()
    main(given.articles, given.rounds, given.morph_kgc)
