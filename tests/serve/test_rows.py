"""Counting and cutting rows in serialised results."""

import csv
import io
import random

import pyoxigraph as ox
import pytest

from acuerdo.serve.rows import COUNTERS

FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
# Whatever looks like the seam between two rows.
HOSTILE = ['}},{"', '"', "\n", "\r\n", ",", "}", "{", "a", "</result><result>", "\\", "\t", "{}"]


def _results(rnd: random.Random, rows: int) -> str:
    def value() -> ox.Literal:
        return ox.Literal("".join(rnd.choices(HOSTILE, k=rnd.randint(0, 4))))

    values = "".join(f"({value()} {value()})" for _ in range(rows))
    return f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {values} }} }}"


def _parse(name: str, data: bytes) -> list[tuple[str, ...]]:
    if name == "csv":
        return [tuple(row) for row in csv.reader(io.StringIO(data.decode(), newline=""))][1:]
    return [(r[0].value, r[1].value) for r in ox.parse_query_results(data, format=FORMATS[name])]


@pytest.mark.parametrize("name", FORMATS)
def test_a_cut_document_holds_the_first_rows_and_is_complete(name: str) -> None:
    rnd = random.Random(7)
    store = ox.Store()
    for _ in range(300):
        query = _results(rnd, rnd.randint(0, 6))
        want = [(r[0].value, r[1].value) for r in store.query(query)]
        whole = store.query(query).serialize(format=FORMATS[name])
        for limit in (1, 2, 5):
            counter, out, at = COUNTERS[name](limit), b"", 0
            while at < len(whole):
                size = rnd.choice([1, 2, 3, 7, 50, 1000])
                out += counter.feed(whole[at : at + size])
                at += size
            out += counter.finish()
            assert counter.cut == (len(want) > limit)
            assert _parse(name, out) == want[:limit]
            if not counter.cut:
                assert out == whole
