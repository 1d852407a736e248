"""Inference three ways over the same articles: our chaining, SPARQL updates in Oxigraph, Nemo.

    python benchmarks/inference.py [COPIES]

The examples are copied under other keys until there are enough. Rounds are interleaved and CPU time is
counted, for the machine may be shared; the run fails where two engines derive different facts. SPARQL is
run on a few articles only and scaled. Contradicting claims are left out: only our engine has that rule.
"""

import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nmo_python as nemo
import pyoxigraph as ox

from acuerdo import assets, infer, mapping, read, resolve
from acuerdo.infer import article, sparql
from acuerdo.infer.facts import Fact
from acuerdo.infer.rules import Atom, Token
from acuerdo.iri import Bases
from acuerdo.terms import sources

ROUNDS, SAMPLE = 3, 4
CLAIMS = (b"#contradicts>", b"#revisedBy>")


def corpus(copies: int) -> list[bytes]:
    """Article graphs of the examples, each `copies` times under a key of its own."""
    world = resolve.load([assets.path("ontology")])
    paths = sorted(assets.path("examples").glob("*/*.json"))
    found = [one.article for path in paths for one in read.articles([path]) if one.article]
    graphs = [(a.id, mapping.map_article(resolve.resolve(a, world), world)) for a in found]
    return [
        data.replace(key.encode(), f"{key}-{n:05}".encode())
        for n in range(copies)
        for key, data in graphs
    ]


def chaining(articles: list[bytes], context: infer.Context) -> int:
    """Facts that our engine writes."""
    lines = (line for a in articles for line in infer.infer_article(a, context).splitlines())
    return sum(1 for line in lines if not any(name in line for name in CLAIMS))


def updates(articles: list[bytes], context: infer.Context) -> int:
    """Facts that the same rules give as SPARQL updates, each article beside registry and vocabularies."""
    base = sources.quads([assets.path("ontology")])
    count = 0
    for data in articles:
        store = sources.store(base)
        sparql.close(store, context.rules)
        known = set(store)
        asserted = {ox.Quad(*q.triple) for q in ox.parse(data, format=ox.RdfFormat.N_QUADS)}
        store.extend(asserted)
        sparql.close(store, context.rules)
        found = {str(q.triple).encode() for q in set(store) - known - asserted}
        names = context.written
        count += sum(1 for line in found if names & set(line.split(b" ")))
    return count


def program(articles: list[bytes], context: infer.Context, folder: Path) -> str:
    """The rules for Nemo, with the article as the first column of every fact."""
    with (folder / "f").open("w", encoding="utf-8") as file:
        for number, data in enumerate(articles):
            for fact in article._facts(article._values(data, context), context):  # noqa: SLF001
                file.write(f"{number};{_row(fact)}\n")
    (folder / "k").write_text("".join(f"{_row(f)}\n" for f in context.known), encoding="utf-8")
    lines = [
        f'@import f :- dsv {{ delimiter=";", resource="{folder}/f", format=(string,string,string,string) }} .',
        f'@import k :- dsv {{ delimiter=";", resource="{folder}/k", format=(string,string,string) }} .',
        "b(?g,?p,?s,?o) :- f(?g,?p,?s,?o) .",
        "n(?g,?s) :- b(?g,?p,?s,?o) .",
        "n(?g,?o) :- b(?g,?p,?s,?o) .",
        "b(?g,?p,?s,?o) :- n(?g,?s), k(?p,?s,?o) .",
        "out(?g,?p,?s,?o) :- b(?g,?p,?s,?o), w(?p), ~f(?g,?p,?s,?o), ~k(?p,?s,?o) .",
    ]
    lines += [f'w("{_bare(name)}") .' for name in sorted(context.written)]
    for rule in context.rules:
        lines.append(f"{_atom(rule.head)} :- {', '.join(map(_atom, rule.body))} .")
    return "\n".join(lines)


def datalog(text: str) -> int:
    """Facts that Nemo derives."""
    engine = nemo.NemoEngine(nemo.load_string(text))
    engine.reason()
    return sum(1 for _ in engine.result("out"))


def _row(fact: Fact) -> str:
    return ";".join((_bare(fact.predicate), _bare(fact.subject), _bare(fact.object or b"<->")))


def _bare(term: Token) -> str:
    return term.decode()[1:-1]


def _atom(atom: Atom) -> str:
    ends = (_term(atom.subject), '"-"' if atom.object is None else _term(atom.object))
    return f'b(?g,"{_bare(atom.predicate)}",{ends[0]},{ends[1]})'


def _term(end: int | Token) -> str:
    return f"?v{end}" if isinstance(end, int) else f'"{_bare(end)}"'


def timed(run: Callable[[], int]) -> tuple[float, int]:
    """CPU seconds of this process, all its threads, and what the run returned."""
    before = time.process_time()
    result = run()
    return time.process_time() - before, result


def main(copies: int) -> None:
    """Print the table; fail where the engines disagree."""
    articles, context = corpus(copies), infer.load([assets.path("ontology")], Bases())
    quads = sum(data.count(b"\n") for data in articles)
    few = articles[:SAMPLE]
    share = sum(data.count(b"\n") for data in few) / quads
    with tempfile.TemporaryDirectory() as folder:
        text = program(articles, context, Path(folder))
        runs: dict[str, Callable[[], int]] = {
            "acuerdo.infer": lambda: chaining(articles, context),
            "Nemo": lambda: datalog(text),
            "SPARQL updates (sample)": lambda: updates(few, context),
        }
        times: dict[str, list[float]] = {name: [] for name in runs}
        facts: dict[str, int] = {}
        for _ in range(ROUNDS):
            for name, run in runs.items():
                seconds, facts[name] = timed(run)
                times[name].append(seconds / (share if "sample" in name else 1))
    expected = chaining(few, context)
    if facts["Nemo"] != facts["acuerdo.infer"] or facts["SPARQL updates (sample)"] != expected:
        sys.exit(f"the engines disagree: {facts}, {expected} in the sample")
    print(
        f"{quads:,} quads of {len(articles):,} articles, {facts['acuerdo.infer']:,} facts inferred;"
    )
    print(
        f"Python {platform.python_version()}, pyoxigraph {ox.__version__}, {ROUNDS} interleaved rounds"
    )
    print("\n| engine | CPU s a million quads, median | min–max |\n|---|---|---|")
    for name, found in times.items():
        rates = [seconds / quads * 1e6 for seconds in found]
        print(f"| {name} | {statistics.median(rates):.1f} | {min(rates):.1f}–{max(rates):.1f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
