"""What the shipped questions answer over the examples, row by row, and in whatever store they are asked.

Each file of `tests/queries` is a case: `<question>.csv`, or `<question>.<case>.csv`, with the parameters on
the first line. `ACUERDO_EXPECT=write pytest tests/query/test_answers.py` writes the rows that come now into
the files; read the difference before you believe it.
"""

import csv
import gzip
import io
import os
from pathlib import Path

import msgspec
import pyoxigraph as ox
import pytest
import rdflib

from acuerdo.query import Kg, open_kg, question
from acuerdo.query.kg import answer
from acuerdo.query.values import terms

CASES = sorted((Path(__file__).parents[1] / "queries").glob("*.csv"))


Rows = list[list[str]]


def parameters(case: Path) -> dict[str, str]:
    first = case.read_text(encoding="utf-8").split("\n", 1)[0]
    given = csv.reader([first.removeprefix("# ")], delimiter=" ") if first.startswith("# ") else []
    return dict(pair.split("=", 1) for words in given for pair in words)


def expected(case: Path) -> Rows:
    text = case.read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines(keepends=True)[text.startswith("# ") :]))


def name(case: Path) -> str:
    return case.name.split(".")[0]


def filled(case: Path, kg: Kg) -> str:
    asked = question.load(name(case))
    given = {
        key: terms(asked.parameter(key), value, kg.resolve)
        for key, value in parameters(case).items()
    }
    return asked.fill(given)


def rows(found: ox.QuerySolutions) -> Rows:
    buffer = io.BytesIO()
    found.serialize(buffer, ox.QueryResultsFormat.CSV)
    return list(csv.reader(io.StringIO(buffer.getvalue().decode(), newline="")))


@pytest.fixture(scope="session")
def dump(examples_directory: Path) -> list[ox.Quad]:
    build = (examples_directory / "CURRENT").read_text().strip()
    data = gzip.decompress((examples_directory / "builds" / build / "graph.nq.gz").read_bytes())
    return list(ox.parse(data, ox.RdfFormat.N_QUADS))


@pytest.fixture(scope="session")
def examples(examples_directory: Path) -> Kg:
    return open_kg(examples_directory)


@pytest.fixture(scope="session")
def flat(dump: list[ox.Quad]) -> ox.Store:
    """Each triple once in the default graph, as stores have it whose union is a set."""
    store = ox.Store()
    store.extend(dump)
    store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in dump)
    return store


@pytest.fixture(scope="session")
def doubled(dump: list[ox.Quad]) -> ox.Store:
    """Every graph a second time under another name."""
    store = ox.Store()
    store.extend(dump)
    for quad in dump:
        copy = ox.NamedNode(quad.graph_name.value + "-copy")
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, copy))
    return store


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_a_question_answers_these_rows_in_this_order(case: Path, examples: Kg) -> None:
    found = rows(examples.run(filled(case, examples)))
    if os.environ.get("ACUERDO_EXPECT") == "write":
        head = case.read_text(encoding="utf-8").split("\n", 1)[0]
        with case.open("w", encoding="utf-8", newline="") as out:
            out.write(f"{head}\n" if head.startswith("# ") else "")
            csv.writer(out, lineterminator="\n").writerows(found)
    assert found == expected(case)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_a_question_answers_alike_where_the_union_is_a_set_and_where_a_graph_stands_twice(
    case: Path, examples: Kg, flat: ox.Store, doubled: ox.Store
) -> None:
    text = filled(case, examples)
    assert rows(flat.query(text)) == expected(case)
    assert rows(doubled.query(text, use_default_graph_as_union=True)) == expected(case)


# A month, a year, more months than are named, none, and one day.
RANGES = (
    ("2019-12-01", "2019-12-31"),
    ("2024-01-01", "2024-12-31"),
    ("1990-01-01", "2030-12-31"),
    ("2024-12-31", "2017-01-01"),
    ("2017-02-07", "2017-02-07"),
)
BY_MONTH = [asked for asked in question.names() if "# months " in question.load(asked).text]


@pytest.mark.parametrize("asked", BY_MONTH)
def test_the_months_of_a_range_change_no_row(asked: str, examples: Kg) -> None:
    loaded = question.load(asked)
    plain = msgspec.structs.replace(loaded, text=loaded.text.replace("# months ", "# not by "))
    told = 0
    for since, until in RANGES:
        days = {"since": since, "until": until}
        given = {
            key: terms(loaded.parameter(key), day, examples.resolve) for key, day in days.items()
        }
        by_month = loaded.fill(given)
        told += "/month/open>" in by_month
        assert "/month/open>" not in plain.fill(given)
        assert rows(examples.run(by_month)) == rows(examples.run(plain.fill(given))), days
    assert told == len(RANGES) - 2


@pytest.fixture(scope="session")
def few(dump: list[ox.Quad]) -> list[ox.Quad]:
    """Four articles and what is known beside them: as much as rdflib joins in reasonable time."""
    named = ("ganseg-2019", "llamada-2017", "frontera-operativo-2024", "relevo-tanger-2024")
    ends = (*(f"/article/brief-{key}" for key in named), "/registry", "/vocab", "/ontology")
    return [quad for quad in dump if quad.graph_name.value.endswith(ends)]


@pytest.fixture(scope="session")
def foreign(few: list[ox.Quad]) -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=ox.serialize(few, format=ox.RdfFormat.N_QUADS), format="nquads")
    return dataset


@pytest.fixture(scope="session")
def ours(few: list[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.extend(few)
    return store


@pytest.mark.slow
@pytest.mark.parametrize("asked", question.names())
def test_rdflib_answers_the_same_rows(asked: str, ours: ox.Store, foreign: rdflib.Dataset) -> None:
    text = question.load(asked).text
    found = [["" if v is None else str(v) for v in row] for row in foreign.query(text)]
    assert sorted(found) == sorted(rows(ours.query(text, use_default_graph_as_union=True))[1:])


def test_every_question_has_expected_rows_and_some_right_answer_is_empty() -> None:
    assert {name(case) for case in CASES} == set(question.names())
    with_rows = {name(case) for case in CASES if len(expected(case)) > 1}
    assert any(len(expected(case)) == 1 for case in CASES)
    never = set(question.names()) - with_rows
    # No example has two links that contradict each other; test_links.py has.
    assert never == {*ODD, "links-in-conflict"}


# What no example has, with what it answers over the small graph of oddities.trig.
ODD = {
    "copies-of-one-text": [("article/a", "Daily", "article/b")],
    "disputed-dates": [("event/talks", "", "2024-01-09", "2024-01-11", "article/a")],
    "disputed-statuses": [
        ("event/talks", "", "cancelled", "occurred", "article/b", "article/a"),
        ("event/talks", "", "cancelled", "occurred", "article/b", "article/c"),
    ],
    "events-without-date": [("event/raid", "", "Event", "article/c", "characters 3–7")],
    "meetings-without-both-sides": [
        ("event/talks", "", "Meeting", 1, "article/a", "They met."),
        ("event/talks", "", "Meeting", 0, "article/c", "characters 3–7"),
    ],
}


@pytest.mark.parametrize("asked", sorted(ODD))
def test_what_no_example_has_is_found_where_it_is(asked: str) -> None:
    store, base = ox.Store(), "https://example.org/news/"
    store.bulk_load(path=Path(__file__).parent / "oddities.trig", format=ox.RdfFormat.TRIG)
    found = [
        tuple(v.removeprefix(base + "id/") if isinstance(v, str) else v or "" for v in row)
        for row in Kg(store, base).query(asked)
    ]
    assert [row[: len(want)] for row, want in zip(found, ODD[asked], strict=True)] == [
        tuple("" if v == 0 else v for v in want) for want in ODD[asked]
    ]


def test_an_answer_is_read_through_the_same_door(examples: Kg) -> None:
    asked = question.load("planned-events")
    assert len(answer(asked, asked.text, examples.run, examples.base)) == len(
        examples.query("planned-events")
    )
