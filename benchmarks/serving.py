"""How fast a graph is served: by `acuerdo serve`, by `oxigraph serve-read-only` on the same files, by Virtuoso.

    python benchmarks/serving.py [ARTICLES] [ROUNDS] [SECONDS]

Needs `wrk` and `virtuoso-opensource-7-bin` of Debian. All three run side by side on loopback and are asked in turn, in a
closed loop; every answer is compared, and acuerdo's must be the native server's, row by row. acuerdo gives no answer
twice here (`--keep 0`). Prints Markdown tables for docs/benchmarks.md.
"""

import http.client
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from generate import articles
from processes import machine
from serving_engines import Engine, acuerdo, native, resident, virtuoso
from serving_load import Load, load

from acuerdo.build import Options, build
from acuerdo.query import open_kg, questions
from acuerdo.query.kg import Kg
from acuerdo.query.portable import portable, without_closures
from acuerdo.query.question import Question
from acuerdo.query.values import terms

BASE = "https://example.org/kg/"
PATIENCE = 90.0  # seconds for one answer
LONG = 2.0  # seconds after which an answer is not measured again
RESULTS = "application/sparql-results+json"
Rows = list[tuple[tuple[str, str], ...]]

# What a question is narrowed to: a month where it takes days, else the first thing that it takes.
_ONE = "article/bench-0000001"
GIVEN = {
    "since": "2020-03-01",
    "until": "2020-03-31",
    "on": "2020-03-01",
    "event": f"{_ONE}/entity/meeting",
    "agreement": f"{_ONE}/entity/agreement",
    "subject": f"{_ONE}/entity/agreement",
    "article": _ONE,
    "place": f"{_ONE}/entity/place",
    "post": f"{_ONE}/entity/post",
    "organization": f"{_ONE}/entity/agency",
    "about": "drug-trafficking",
    "country": "country/sylvania",
    "party": "country/sylvania",
} | dict.fromkeys(("actor", "person", "speaker", "visitor", "thing"), "person/pool-093")


class Asked(NamedTuple):
    """A question in one form: as it stands, or narrowed."""

    question: Question
    given: Mapping[str, str]
    text: str


class Measured(NamedTuple):
    """What one engine did with a question: its rows, or why there are none, and the seconds."""

    rows: Rows | None
    seconds: list[float]
    words: str = ""


def main(count: int, rounds: int, seconds: int) -> None:
    """Build, start all three, ask, compare, print."""
    print(f"{machine()}.")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        kg = graph(folder, count)
        engines = [stack.enter_context(start(kg, folder)) for start in (acuerdo, native, virtuoso)]
        opened = open_kg(kg)
        print(f"{len(opened.store):,} quads of {count:,} articles.\n")
        _questions(engines, opened, rounds)
        _load(engines, count, folder, rounds, seconds)
        _stream(engines[:2])


def graph(folder: Path, count: int) -> Path:
    """The graph directory of so many made-up articles, below a folder."""
    source = folder / "corpus.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for article in articles(count):
            out.write(json.dumps(article, ensure_ascii=False) + "\n")
    build(Options((source,), kg=folder / "kg", base=BASE))
    return folder / "kg"


# Questions.
def asked_first() -> Iterator[Asked]:
    """Every question as it is mostly asked."""
    for question in questions():
        given = _narrowed(question)
        yield Asked(question, given, filled(question, given))


def filled(question: Question, given: Mapping[str, str]) -> str:
    """The text of a question with these parameters; a name is the tail of an IRI."""
    return question.fill(
        {
            n: terms(question.parameter(n), v, lambda _, text: [f"{BASE}id/{text}"])
            for n, v in given.items()
        }
    )


def _forms() -> Iterator[Asked]:
    """Every question as it is mostly asked; then, without bounds, those that can be narrowed."""
    narrowed = list(asked_first())
    yield from narrowed
    yield from (Asked(a.question, {}, a.question.text) for a in narrowed if a.given)


def _narrowed(question: Question) -> dict[str, str]:
    names = [p.name for p in question.parameters if p.name in GIVEN]
    days = [n for n in names if n in ("since", "until", "on")]
    return {n: GIVEN[n] for n in days or names[:1]}


def _questions(engines: Sequence[Engine], kg: Kg, rounds: int) -> None:
    print("| question | rows | acuerdo ms | oxigraph ms | Virtuoso ms | against Virtuoso |")
    print("|-|-|-|-|-|-|")
    ratios = []
    for asked in _forms():
        found = _measured(engines, asked, kg, rounds)
        ours, theirs, other = found
        if not (ours.words or theirs.words) and ours.rows != theirs.rows:
            raise SystemExit(f"{asked.question.name}: acuerdo and oxigraph do not answer alike")
        same = ours.rows is not None and other.rows == ours.rows
        ratio = _milliseconds(other) / _milliseconds(ours) if same else None
        ratios += [ratio] if ratio else []
        name = asked.question.name + "".join(
            f" {n}={v.split('/')[-1]}" for n, v in asked.given.items()
        )
        shown = [f.words or f"{_milliseconds(f):,.1f}" for f in found]
        if not same and not other.words:
            shown[2] = "other rows"
        last = f"{ratio:.2f}×" if ratio else "–"
        print(f"| {name} | {len(ours.rows or ()):,} | {' | '.join(shown)} | {last} |", flush=True)
    below = sum(r < 0.5 for r in ratios)
    print(
        f"\nMedian {statistics.median(ratios):.2f}× Virtuoso over {len(ratios)} with equal rows; {below} below 0.5×.\n"
    )


def _milliseconds(found: Measured) -> float:
    return statistics.median(found.seconds) * 1000


def _measured(engines: Sequence[Engine], asked: Asked, kg: Kg, rounds: int) -> list[Measured]:
    """All engines in turn; Virtuoso gets the words that `acuerdo query --endpoint` would send it."""
    plain = portable(asked.text)
    texts = [plain, plain, without_closures(plain, lambda path: _members(kg, path))]
    found = [Measured(None, []) for _ in engines]
    for _ in range(rounds):
        for i, engine in enumerate(engines):
            if found[i].words or (found[i].seconds and found[i].seconds[-1] > LONG):
                continue
            rows, seconds, words = _ask(engine, texts[i])
            found[i] = Measured(rows, [*found[i].seconds, seconds], words)
    return found


def _members(kg: Kg, path: str) -> list[str]:
    return sorted({str(row[0])[1:-1] for row in kg.select(path)})


def _ask(engine: Engine, text: str) -> tuple[Rows | None, float, str]:
    connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=PATIENCE)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": RESULTS}
    start = time.perf_counter()
    try:
        connection.request("POST", engine.path, urlencode({"query": text}), headers)
        answer = connection.getresponse()
        body = answer.read()
    except TimeoutError:
        return None, PATIENCE, f"> {PATIENCE:.0f} s"
    finally:
        connection.close()
    seconds = time.perf_counter() - start
    if answer.status != 200:
        return None, seconds, f"refused ({answer.status})"
    return _rows(json.loads(body)), seconds, ""


def _rows(found: dict[str, Any]) -> Rows:
    """The rows in any order; numbers by value, because engines spell them differently."""
    return sorted(
        tuple(sorted((name, term["value"]) for name, term in row.items() if term["value"] != ""))
        for row in found["results"]["bindings"]
    )


# Load.
def _point(name: str) -> str:
    return f"SELECT ?p ?o WHERE {{ <{BASE}id/{name}> ?p ?o }}"


def _path(name: str) -> str:
    return (
        f"SELECT DISTINCT ?who WHERE {{ <{BASE}id/{name}> <https://w3id.org/acuerdo/ns#hasParticipation>/"
        "<https://w3id.org/acuerdo/ns#participant> ?who }"
    )


def _month(day: str) -> str:
    return (
        "PREFIX ac: <https://w3id.org/acuerdo/ns#> SELECT DISTINCT ?meeting ?day WHERE { "
        f"?meeting ac:inMonth <https://w3id.org/acuerdo/month/{day}> . ?meeting a ac:Meeting ; ac:edtf ?day }}"
    )


def _search(word: str) -> str:
    return (
        "SELECT ?s ?name WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?name "
        f'FILTER(CONTAINS(STR(?name), "{word}")) }} LIMIT 20'
    )


def _mix(draw: random.Random, things: list[str], days: list[str], words: list[str]) -> list[str]:
    """Of ten: six look a thing up, two follow a path, one asks for a month's meetings, one searches names."""
    made = []
    meetings = [thing for thing in things if thing.endswith("meeting")]
    for _ in range(2000):
        made += [_point(draw.choice(things)) for _ in range(6)]
        made += [_path(draw.choice(meetings)) for _ in range(2)]
        made += [_month(draw.choice(days)), _search(draw.choice(words))]
    return made


def _load(engines: Sequence[Engine], count: int, folder: Path, rounds: int, seconds: int) -> None:
    draw = random.Random(7)
    things = [
        f"article/bench-{draw.randrange(count):07d}/entity/{kind}"
        for _ in range(5000)
        for kind in ("meeting", "agreement", "p0", "tenure")
    ]
    days = [f"{year}-{month:02d}" for year in range(2015, 2024) for month in range(1, 13)]
    words = "Weaver Holt Brandt Okafor Lindqvist Arévalo Güiza Treviño Marsh Calder".split()
    mixed = _mix(draw, things, days, words)
    cells = {
        "point lookup, 2 clients": ([_point(t) for t in things], 2),
        "point lookup, 100 clients": ([_point(t) for t in things], 100),
        "mix, 4 clients": (mixed, 4),
        "mix, 100 clients": (mixed, 100),
    }
    print("| a second (p99 ms; CPU µs an answer) | acuerdo | oxigraph | Virtuoso |\n|-|-|-|-|")
    for name, (queries, clients) in cells.items():
        _alike(engines, queries[:40])
        rates: dict[str, list[Load]] = {e.name: [] for e in engines}
        for _ in range(rounds):
            for engine in engines:
                rates[engine.name].append(load(engine, queries, clients, seconds, folder))
        cell = [
            f"{statistics.median(one.rate for one in each):,.0f} ({statistics.median(one.p99 for one in each):,.1f}; "
            f"{' + '.join(f'{statistics.median(part):,.0f}' for part in zip(*(one.cpu for one in each), strict=True))})"
            for each in rates.values()
        ]
        print(f"| {name} | {' | '.join(cell)} |", flush=True)


def _alike(engines: Sequence[Engine], queries: Sequence[str]) -> None:
    for query in queries:
        answers = [_ask(engine, query)[0] for engine in engines]
        limited = "LIMIT" in query  # any twenty will do
        if limited and [len(a or ()) for a in answers] != [len(answers[0] or ())] * 3:
            raise SystemExit(f"not as many rows everywhere: {query}")
        if not limited and any(a != answers[0] for a in answers):
            raise SystemExit(f"not the same rows everywhere: {query}")


# A long answer.
def _stream(engines: Sequence[Engine]) -> None:
    """125 MB of results and more: when the first byte comes, and what memory the server takes meanwhile."""
    query = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 700000"
    print("\n| | MB | first byte ms | MB/s | growth of the server MB |\n|-|-|-|-|-|")
    for engine in engines:
        before = peak = resident(engine.pid)
        connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=PATIENCE)
        start = time.perf_counter()
        connection.request(
            "GET", f"{engine.path}?query={quote(query)}", headers={"Accept": RESULTS}
        )
        answer = connection.getresponse()
        size = len(answer.read(1))
        first = time.perf_counter() - start
        while piece := answer.read(1 << 16):
            size += len(piece)
            peak = max(peak, resident(engine.pid))
        took = time.perf_counter() - start
        connection.close()
        print(
            f"| {engine.name} | {size / 1e6:,.0f} | {first * 1000:,.1f} | {size / 1e6 / took:,.0f} "
            f"| {(peak - before) / 1e6:,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(*(int(a) for a in (*sys.argv[1:], *("5000", "3", "4")[len(sys.argv) - 1 :])))
