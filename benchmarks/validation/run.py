"""Validation timed: acuerdo against pyshacl and Apache Jena, the answers compared; prints the table of the docs.

    python benchmarks/validation/run.py                    # about ten minutes on two cores
    python benchmarks/validation/run.py --quick            # two minutes: less data, no Jena, no large graph

Jena is measured where its libraries are: `mvn -q dependency:copy-dependencies -DoutputDirectory=lib` in
benchmarks/validation/jena (and a `java` of 17 or later). A run fails where two engines tell different things.
"""

import argparse
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox

from acuerdo.validate import Context, Validator
from acuerdo.validate.shapes import graph_shapes
from acuerdo.validate.whole import whole

sys.path.insert(0, str(Path(__file__).parent))
from articles import articles, common, ntriples

HERE = Path(__file__).parent
SHAPES = HERE / "shapes.ttl"
GRAPH = "https://example.org/graph/"
Told = Counter[tuple[str, str]]


def seconds(task: Callable[[], object]) -> tuple[float, object]:
    """How much CPU a task takes, and what it gives: other work on the machine does not count."""
    start = time.process_time()
    result = task()
    return time.process_time() - start, result


def peak() -> int:
    """The most memory that this process has had, in MB; ru_maxrss would count its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def span(values: list[float], unit: str = "", digits: int = 2) -> str:
    """Median and range."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f}–{high:.{digits}f})"


def without_queries(folder: Path) -> Path:
    """The same shapes less their two SPARQL constraints."""
    text = SHAPES.read_text(encoding="utf-8")
    path = folder / "core.ttl"
    path.write_text(re.sub(r"sh:sparql s:[\w-]+ ;\n\s+", "", text), encoding="utf-8")
    return path


def ours(validator: Validator, graph: str) -> Told:
    """What acuerdo tells."""
    return Counter((f.focus, f.component) for f in validator.check(graph).findings)


def oracle(shapes: object, graph: str) -> Told:
    """What `pyshacl.validate` tells of a graph that rdflib parses."""
    import pyshacl
    import rdflib
    from rdflib import SH

    data = rdflib.Graph().parse(data=graph, format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    return Counter(
        (str(report.value(r, SH.focusNode)), str(report.value(r, SH.sourceConstraintComponent)))
        for r in report.objects(None, SH.result)
    )


def same(one: Told, other: Told, what: str) -> None:
    """Fail where two engines tell different things."""
    if one != other:
        raise SystemExit(f"{what}: the answers differ: {one - other} | {other - one}")


def per_article(blocks: int, shapes: Path, label: str) -> Iterator[str]:
    """Rows for article after article in blocks of ten, one engine after the other; parsing is part of the time.

    pyshacl gets the whole common graph beside each article, acuerdo picks what the article names.
    """
    import rdflib

    shared = ntriples(common())
    parsed = ox.parse(shared, format=ox.RdfFormat.N_TRIPLES)
    validator = Validator([shapes], Context(quad.triple for quad in parsed))
    theirs = rdflib.Graph().parse(shapes, format="turtle")
    graphs = [ntriples(told) for told in articles(10 * blocks + 10)]
    fast, slow = [], []
    for start in range(0, len(graphs), 10):
        block = graphs[start : start + 10]
        took, told = seconds(lambda block=block: [_article(validator, graph) for graph in block])
        other, expected = seconds(
            lambda block=block: [oracle(theirs, graph + shared) for graph in block]
        )
        for number, (one, two) in enumerate(zip(told, expected, strict=True), start):
            same(one, two, f"article {number}")
        fast.append(took * 100)
        slow.append(other * 100)
    fast, slow = fast[1:], slow[1:]  # the first block warms both up
    ratios = [s / f for s, f in zip(slow, fast, strict=True)]
    yield f"| one article ({label}) | acuerdo | {span(fast, ' ms')} | |"
    yield f"| | pyshacl {version('pyshacl')} | {span(slow, ' ms', 1)} | {span(ratios, '×', 0)} |"


def _article(validator: Validator, graph: str) -> Told:
    return ours(validator, graph + validator.context.closure(graph.encode()))


def of_jena(shapes: Path, data: Path, repeats: int) -> tuple[list[float], Told] | None:
    """CPU seconds of each run in one JVM (load and validate; its main thread only), and what Jena tells."""
    if not (HERE / "jena" / "lib").is_dir() or shutil.which("java") is None:
        return None
    command = ["java", "-cp", f"{HERE / 'jena' / 'lib'}/*", str(HERE / "jena" / "Validate.java")]
    done = subprocess.run(
        [*command, str(shapes), str(data), str(repeats)],
        capture_output=True,
        text=True,
        check=True,
        timeout=1200,
    )
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    told = Counter((line[1], line[2]) for line in lines if line[0] == "result")
    return [float(line[1]) + float(line[2]) for line in lines if line[0] == "seconds"], told


def whole_graph(count: int, folder: Path, repeats: int, jena: bool, core: Path) -> Iterator[str]:
    """Rows for one graph of many articles in a file: parse and validate."""
    data = folder / f"{count}.nt"
    triples = dict.fromkeys(t for told in [common(), *articles(count)] for t in told)
    data.write_text(ntriples(list(triples)), encoding="utf-8")
    size = f"{len(triples):,} triples"
    validator = Validator([SHAPES])
    times, told = [], Counter()
    for _ in range(repeats):
        took, report = seconds(lambda: validator.check_file(data))
        times.append(took)
        told = Counter((f.focus, f.component) for f in report.findings)
    yield f"| {size}, {told.total()} results | acuerdo | {span(times, ' s')} | |"
    if len(triples) < 200_000:
        yield from _pyshacl_row(data, core, count)
    measured = of_jena(SHAPES, data, repeats + 1) if jena else None
    if measured is not None:
        same(told, measured[1], size)
        warm = measured[0][1:]
        ratio = statistics.median(warm) / statistics.median(times)
        yield f"| | Jena, warm JVM | {span(warm, ' s')} | {ratio:.0f}× |"


def _pyshacl_row(data: Path, core: Path, count: int) -> Iterator[str]:
    """The row of pyshacl on the file, without queries where the graph is large: with them it takes minutes."""
    import rdflib

    large = count > 100
    chosen = core if large else SHAPES
    theirs = rdflib.Graph().parse(chosen, format="turtle")
    text = data.read_text(encoding="utf-8")
    validator = Validator([chosen])
    took, told = seconds(lambda: validator.check_file(data))
    slow, expected = seconds(lambda: oracle(theirs, text))
    same(Counter((f.focus, f.component) for f in told.findings), expected, "pyshacl")
    note = "no queries" if large else "with queries"
    yield f"| | pyshacl ({note}) | {slow:.1f} s | {slow / took:.0f}× |"


def large(count: int, folder: Path, *, apart: bool) -> str:
    """A row for a large graph, in a process of its own: time and the memory it took.

    `apart` looks at one article graph after the other as `acuerdo validate --kg` does, then at the union.
    """
    data = folder / ("large.nq" if apart else "large.nt")
    total = 0
    with data.open("w", encoding="utf-8") as file:
        for number, told in enumerate([common(), *articles(count)]):
            text = ntriples(told)
            total += text.count("\n")
            graph = f" <{GRAPH}{f'article/{number}' if number else 'registry'}> .\n"
            file.write(text.replace(" .\n", graph) if apart else text)
    done = subprocess.run(
        [sys.executable, __file__, "--measure", str(data)],
        capture_output=True,
        text=True,
        check=True,
        timeout=1200,
    )
    took, memory, results = done.stdout.split()
    how = "acuerdo, article by article" if apart else "acuerdo, one graph"
    return f"| {total:,} lines, {results} results | {how} | {float(took):.2f} s, {memory} MB | |"


def measure(path: Path) -> None:
    """Time, memory above what is there before, and the number of results: for `large`."""
    validator, across = Validator([SHAPES]), Validator(graph_shapes())
    before = peak()
    if path.suffix == ".nt":
        took, report = seconds(lambda: validator.check_file(path))
    else:
        with path.open("rb") as lines:
            took, report = seconds(lambda: whole(lines, _layer, validator, across))
    print(took, peak() - before, len(report.findings))


def _layer(graph: bytes) -> str:
    return graph[1:-1].decode().removeprefix(GRAPH).split("/")[0]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure)
        return
    cores = f"{platform.python_version()}, shacl {version('shacl')}, {platform.machine()}"
    print(f"Python {cores}; CPU time, median (range)\n")
    print("| data | engine | time | against acuerdo |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        core = without_queries(folder)
        blocks = 2 if given.quick else 5
        for shapes, label in ((SHAPES, "with 2 queries"), (core, "Core only")):
            for row in per_article(blocks, shapes, label):
                print(row, flush=True)
        for count in (65,) if given.quick else (65, 650):
            for row in whole_graph(count, folder, 3, not given.quick, core):
                print(row, flush=True)
        for count in () if given.quick else (650, 6500):
            for apart in (False, True):
                print(large(count, folder, apart=apart), flush=True)


if __name__ == "__main__":
    main()
