"""Files, folders and selections: what goes where, and what stands when something is wrong."""

import gzip
import hashlib
import json
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from acuerdo.cli.export import command
from acuerdo.errors import AcuerdoError, GraphUnusable, WrongUsage
from acuerdo.export.sorting import in_order
from graph_directory import AC, BASE, dump, make, meetings


@pytest.fixture
def kg(tmp_path: Path) -> Path:
    return make(tmp_path / "kg", meetings(9))


def run(kg: Path, *args: str | Path) -> Result:
    return CliRunner().invoke(command, ["--kg", str(kg), *map(str, args)])


def error(kg: Path, *args: str | Path) -> AcuerdoError:
    found = run(kg, *args).exception
    assert isinstance(found, AcuerdoError), found
    return found


def all_lines(folder: Path) -> list[bytes]:
    lines: list[bytes] = []
    for path in folder.rglob("*.nq.gz"):
        lines += gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    return sorted(lines)


@pytest.mark.parametrize("by", ["graph", "article", "layer"])
def test_a_split_export_holds_every_quad_once(kg: Path, tmp_path: Path, by: str) -> None:
    assert run(kg, "-o", tmp_path / "out", "--by", by).exit_code == 0
    assert all_lines(tmp_path / "out") == dump(kg).splitlines(keepends=True)


def test_files_are_named_after_layer_and_article(kg: Path, tmp_path: Path) -> None:
    run(kg, "-o", tmp_path / "out", "--by", "article", "--format", "ttl")
    names = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.ttl")}
    assert names - {"void.ttl"} == {f"article/{n:03}.ttl" for n in range(9)} | {"registry.ttl"}


def test_keys_that_differ_in_case_or_are_long_get_files_of_their_own(tmp_path: Path) -> None:
    keys = ["abc", "ABC", "x" * 300, "x" * 299 + "y", "a%2Fb", "..", "sub/key"]
    quads = [f'<urn:{n}> <{AC}p> "v" <{BASE}graph/article/{key}> .' for n, key in enumerate(keys)]
    kg = make(tmp_path / "kg", quads)
    assert run(kg, "-o", tmp_path / "out", "--by", "graph").exit_code == 0
    files = list((tmp_path / "out").rglob("*.nq.gz"))
    assert len({p.name.casefold() for p in files}) == len(keys)
    assert all_lines(tmp_path / "out") == dump(kg).splitlines(keepends=True)


def test_parts_end_where_a_graph_ends_and_keep_the_size(kg: Path, tmp_path: Path) -> None:
    assert run(kg, "-o", tmp_path / "out", "--max-size", "4kB").exit_code == 0
    seen: dict[bytes, Path] = {}
    for path in (tmp_path / "out").rglob("*.nq.gz"):
        lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        graphs = {line.split()[-2] for line in lines}
        assert sum(map(len, lines)) <= 4000 or len(graphs) == 1
        for graph in graphs:
            assert seen.setdefault(graph, path) == path
    assert len(seen) == 19
    assert all_lines(tmp_path / "out") == dump(kg).splitlines(keepends=True)


def test_parts_of_a_format_without_graphs_are_refused(kg: Path, tmp_path: Path) -> None:
    found = error(kg, "-o", tmp_path / "out", "--max-size", "4kB", "--format", "ttl")
    assert isinstance(found, WrongUsage)
    assert not (tmp_path / "out").exists()


def test_the_manifest_counts_and_sums_files_and_graphs(kg: Path, tmp_path: Path) -> None:
    run(kg, "-o", tmp_path / "out", "--by", "graph")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    for name, listed in manifest["files"].items():
        data = (tmp_path / "out" / name).read_bytes()
        assert listed == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    graph = manifest["graphs"][f"{BASE}graph/registry"]
    lines = [line for line in dump(kg).splitlines(keepends=True) if b"graph/registry>" in line]
    assert graph == {"quads": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    assert manifest["quads"] == len(dump(kg).splitlines())


def test_one_article_is_its_own_graph_and_what_follows_from_it(kg: Path, tmp_path: Path) -> None:
    run(kg, "-o", tmp_path / "one.nq", "--article", "003")
    graphs = {line.split()[-2] for line in (tmp_path / "one.nq").read_bytes().splitlines()}
    assert graphs == {f"<{BASE}graph/{layer}/003>".encode() for layer in ["article", "inferred"]}


def test_an_article_that_is_not_there_is_an_error_and_leaves_no_file(
    kg: Path, tmp_path: Path
) -> None:
    assert isinstance(error(kg, "-o", tmp_path / "one.nq", "--article", "999"), WrongUsage)
    assert not list(tmp_path.glob("one*"))


def test_a_folder_with_foreign_files_is_left_alone(kg: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("words")
    assert isinstance(error(kg, "-o", tmp_path / "mine", "--by", "layer"), WrongUsage)
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_an_earlier_export_is_replaced_as_a_whole(kg: Path, tmp_path: Path) -> None:
    run(kg, "-o", tmp_path / "out", "--by", "article")
    run(kg, "-o", tmp_path / "out", "--by", "layer")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "article.nq.gz",
        "inferred.nq.gz",
        "registry.nq.gz",
        "manifest.json",
        "void.ttl",
    }


def test_a_damaged_dump_is_named_and_the_old_export_stays(kg: Path, tmp_path: Path) -> None:
    run(kg, "-o", tmp_path / "g.nq")
    before = (tmp_path / "g.nq").read_bytes()
    [packed] = kg.glob("builds/*/graph.nq.gz")
    packed.write_bytes(packed.read_bytes()[:-200])
    found = error(kg, "-o", tmp_path / "g.nq")
    assert isinstance(found, GraphUnusable)
    assert "damaged" in str(found)
    assert (tmp_path / "g.nq").read_bytes() == before


def test_a_blank_node_in_the_dump_is_named_with_its_line(tmp_path: Path) -> None:
    kg = make(tmp_path / "kg", [*meetings(1), f'_:b <{AC}p> "x" <{BASE}graph/vocab> .'])
    assert "line " in str(error(kg, "-o", tmp_path / "g.nq"))


def test_no_graph_yet_says_how_to_make_one(tmp_path: Path) -> None:
    assert "acuerdo build" in str(error(tmp_path / "nothing", "-o", tmp_path / "g.nq"))


@pytest.mark.parametrize("name", ["g.doc", "g", "g.gz"])
def test_a_name_that_tells_no_format_is_refused(kg: Path, tmp_path: Path, name: str) -> None:
    assert "--format" in str(error(kg, "-o", tmp_path / name))


def test_sorting_spills_to_disk_and_keeps_the_order() -> None:
    items = [b"%08d" % (n * 7919 % 20_000) for n in range(20_000)]
    assert list(in_order(iter(items), run_bytes=50_000)) == sorted(items)


def test_sorting_holds_no_more_than_a_run() -> None:
    tracemalloc.start()
    try:
        last = b""
        for item in in_order((b"%032d" % (n * 7919 % 200_000) for n in range(200_000)), 1 << 20):
            assert item >= last
            last = item
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
