"""How a store comes about: copied and changed where that pays, loaded whole otherwise, and always verified."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo import assets
from acuerdo.build import Options, build
from acuerdo.build.shards import Piece, Task
from acuerdo.build.stages import Setting, Stages
from acuerdo.build.workers import Order, work_all
from acuerdo.errors import BadSource, GraphUnusable
from acuerdo.store import disk

from .corpus import article, write

BASE = "https://example.org/kg/"
LINES = b"".join(
    b"<http://s/%d> <http://p/1> <http://o/1> <http://g/%d> .\n" % (n, n % 2) for n in range(6)
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    disk.load(tmp_path / "store", iter([LINES]))
    return tmp_path / "store"


def test_a_store_that_holds_what_was_loaded_is_verified(store) -> None:
    disk.verify(store, 6, {"http://g/0": 3, "http://g/1": 3}, ["http://g/1"])


@pytest.mark.parametrize(
    ("quads", "graphs", "sentence"),
    [
        (7, {"http://g/0": 3, "http://g/1": 3}, "holds 6 quads where 7 were loaded"),
        (6, {"http://g/0": 3}, "<http://g/1> is missing or too many"),
        (6, {"http://g/0": 3, "http://g/1": 3, "http://g/2": 1}, "<http://g/2> is missing"),
        (6, {"http://g/0": 2, "http://g/1": 4}, "<http://g/1> holds 3 quads where 4"),
    ],
)
def test_a_store_that_holds_something_else_is_refused(quads, graphs, sentence, store) -> None:
    with pytest.raises(disk.Incomplete, match=sentence):
        disk.verify(store, quads, graphs, ["http://g/1"])


def test_a_line_that_is_not_nquads_is_refused_and_the_store_let_go(tmp_path) -> None:
    with pytest.raises(GraphUnusable, match="not N-Quads"):
        disk.load(tmp_path / "store", iter([b"<a> <b> c\n"]))
    disk.load(tmp_path / "store", iter([LINES]))
    assert len(disk.opened(tmp_path / "store")) == 6


def test_replaced_graphs_are_new_and_the_others_and_the_old_store_as_they_were(
    store, tmp_path
) -> None:
    new = tmp_path / "new"
    disk.replace(
        store,
        new,
        ["http://g/0"],
        iter([b"<http://s/9> <http://p/1> <http://o/1> <http://g/2> .\n"]),
    )
    disk.verify(new, 4, {"http://g/1": 3, "http://g/2": 1}, ["http://g/1", "http://g/2"])
    disk.verify(store, 6, {"http://g/0": 3, "http://g/1": 3}, ["http://g/0"])


def test_a_store_is_copied_plainly_where_it_cannot_be_linked(store, tmp_path) -> None:
    target = tmp_path / "copy"
    target.mkdir()
    (target / "in the way").write_text("RocksDB makes no backup into a folder that holds something")
    disk.copy(store, target)
    assert not (target / "in the way").exists()
    assert all(file.stat().st_nlink == 1 for file in target.iterdir())
    assert set(disk.opened(target)) == set(disk.opened(store))


def test_what_is_not_a_store_cannot_be_opened(tmp_path) -> None:
    with pytest.raises(GraphUnusable, match="no store here"):
        disk.opened(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(GraphUnusable, match="cannot be opened"):
        disk.opened(tmp_path / "empty")


def changed_once(kg: Path, source: Path, title: str) -> bool:
    """Whether a build after a small change started from a copy."""
    write(source, article(0, title=title))
    return build(Options((source,), kg=kg, base=BASE, jobs=1)).copied


def test_a_copy_that_has_doubled_is_loaded_anew(tmp_path) -> None:
    kg, source = tmp_path / "kg", write(tmp_path / "in", *(article(n) for n in range(10)))
    build(Options((source,), kg=kg, base=BASE, jobs=1))
    assert changed_once(kg, source, "one")
    digest = (kg / "CURRENT").read_text().strip()
    path = kg / "builds" / digest / "store.json"
    sums = json.loads(path.read_bytes())
    sums["clean_bytes"] = sum(file["size"] for file in sums["files"].values()) // 3
    path.write_text(json.dumps(sums))
    assert not changed_once(kg, source, "two")
    assert changed_once(kg, source, "three")


def test_a_store_of_another_engine_version_is_loaded_anew(tmp_path) -> None:
    kg, source = tmp_path / "kg", write(tmp_path / "in", *(article(n) for n in range(10)))
    first = build(Options((source,), kg=kg, base=BASE, jobs=1)).build
    path = first.folder / "store.json"
    path.write_text(path.read_text().replace(ox.__version__, "0.4.0"))
    assert not changed_once(kg, source, "one")


def test_more_than_a_third_changed_is_loaded_anew(tmp_path) -> None:
    kg, source = tmp_path / "kg", write(tmp_path / "in", *(article(n) for n in range(200)))
    build(Options((source,), kg=kg, base=BASE, jobs=1))
    write(source, *(article(n, one="Eva Sol") for n in range(200)))
    assert not build(Options((source,), kg=kg, base=BASE, jobs=1)).copied


def test_what_goes_wrong_in_a_worker_is_raised_here_as_it_was(tmp_path) -> None:
    folder = assets.path("ontology")
    stages = Stages(Setting((str(folder),), BASE))
    (tmp_path / "vocab").mkdir()
    (tmp_path / "vocab" / "bad.ttl").write_text("no Turtle")
    (tmp_path / "spool").write_bytes(b"")
    order = Order(
        Setting((str(folder), str(tmp_path)), BASE), str(tmp_path / "spool"), str(tmp_path)
    )
    tasks = [Task(f"{n:040x}", "", (Piece("a", "b", 0, 0),)) for n in range(3)]
    with pytest.raises(BadSource, match=r"bad\.ttl:1"):
        work_all(stages, order, tasks, 2)
