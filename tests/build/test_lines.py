"""Sorted lines: merged, packed, cut by graph, whatever the lines are."""

import gzip
import io
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuerdo.store.lines import (
    Dump,
    Reader,
    graph_of,
    gunzipped,
    joined,
    of_graphs,
    packed,
    unpacked,
)

LINES = st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"|"))


def blocks(lines: list[bytes], size: int) -> list[bytes]:
    """The lines, sorted and once each, in blocks of `size` lines."""
    once = sorted(set(lines))
    parts = [once[i : i + size] for i in range(0, len(once), size)]
    return [b"".join(line + b"\n" for line in part) for part in parts]


@given(st.lists(st.lists(LINES, max_size=12), max_size=6), st.integers(1, 5))
def test_merging_gives_the_sorted_union(parts, size) -> None:
    wanted = sorted({line for part in parts for line in part})
    assert joined(blocks(part, size) for part in parts) == b"".join(w + b"\n" for w in wanted)


@pytest.mark.parametrize("count", [0, 1, 5, 200_000])
def test_packed_lines_come_back_in_whole_lines(count, tmp_path) -> None:
    data = b"".join(b"<s%07d> <p> <o> <g> .\n" % n for n in range(count))
    path = tmp_path / "lines"
    path.write_bytes(packed(data))
    found = list(unpacked(path))
    assert b"".join(found) == data
    assert all(block.endswith(b"\n") for block in found)


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_packed_lines_that_end_too_early_are_an_error(cut, tmp_path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(packed(b"".join(b"<s%07d>\n" % n for n in range(9000)))[:-cut])
    with pytest.raises(zlib.error):
        list(unpacked(path))


def test_a_dump_has_no_name_and_no_time_in_it(tmp_path: Path) -> None:
    raw = io.BytesIO()
    dump = Dump(raw)
    dump.write(b"<a> <b> <c> <g> .\n<d> <e> <f> <g> .\n")
    dump.close()
    assert raw.getvalue()[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
    assert (dump.quads, dump.bytes) == (2, 36)
    (tmp_path / "d.gz").write_bytes(raw.getvalue())
    assert b"".join(gunzipped(tmp_path / "d.gz")) == gzip.decompress(raw.getvalue())


@pytest.mark.parametrize(
    "line",
    [
        b"<s> <p> <o> <http://g/1> .",
        b'<s> <p> "a <b> c > d" <http://g/1> .',
        b'<s> <p> "x> <y"@en <http://g/1> .',
        b'<s> <p> "1"^^<http://t> <http://g/1> .',
    ],
)
def test_the_graph_of_a_line_is_its_last_iri(line) -> None:
    assert graph_of(line) == b"http://g/1"
    assert list(of_graphs([line + b"\n"], {b"http://g/1"})) == [line + b"\n"]
    assert list(of_graphs([line + b"\n"], {b"http://g/2"})) == []


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=9), st.integers(1, 20))
def test_blocks_read_as_a_file_lose_nothing(parts, size) -> None:
    reader = io.BufferedReader(Reader(iter(parts)), 4)
    found = b""
    while piece := reader.read(size):
        found += piece
    assert found == b"".join(parts)
