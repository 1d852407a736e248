"""A backup holds the whole graph, may be made under load, and never brings back a damaged one."""

import gzip
import io
import json
import os
import random
import shutil
import tarfile
import threading
from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo.build.doctor import examine
from acuerdo.build.lock import locked
from acuerdo.store.directory import Directory

from .corpus import article, write
from .test_commands import BASE, run


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    corpus = write(folder / "in", *(article(n) for n in range(5)))
    assert run("build", corpus, "--kg", folder / "kg", *BASE, "--jobs", 1).exit_code == 0
    return folder / "kg"


@pytest.fixture(scope="module")
def kept(kg: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "graph.tar"
    assert run("backup", path, "--kg", kg).exit_code == 0
    return path


def quads(kg: Path) -> list[str]:
    """The canonical N-Quads that the store holds."""
    return sorted(map(str, Directory(kg).current().open()))


def test_what_is_restored_is_the_same_quad_by_quad_and_sound(kg, kept, tmp_path) -> None:
    done = run("restore", kept, "--kg", tmp_path / "kg")
    assert (done.exit_code, done.stdout) == (0, "")
    assert quads(tmp_path / "kg") == quads(kg)
    assert {check.verdict for check in examine(tmp_path / "kg", deep=True)} == {"ok"}


def test_the_same_build_gives_the_same_bytes_and_a_folder_gets_a_named_file(
    kg, kept, tmp_path
) -> None:
    assert run("backup", tmp_path, "--kg", kg).exit_code == 0
    digest = Directory(kg).current().digest
    assert [path.name for path in tmp_path.iterdir()] == [f"acuerdo-{digest[:12]}.tar"]
    assert next(tmp_path.iterdir()).read_bytes() == kept.read_bytes()


def test_backup_and_restore_under_read_load(kg, tmp_path) -> None:
    over, answers = threading.Event(), []

    def read() -> None:
        store = Directory(kg).current().open()
        while not over.is_set():
            answers.append(len(list(store.query("SELECT * { GRAPH ?g { ?s ?p ?o } }"))))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    path = tmp_path / "graph.tar"
    codes = [
        run("backup", path, "--kg", kg).exit_code,
        run("restore", path, "--kg", tmp_path / "kg").exit_code,
    ]
    over.set()
    for reader in readers:
        reader.join()
    assert codes == [0, 0]
    assert set(answers) == {len(quads(kg))}
    assert quads(tmp_path / "kg") == quads(kg)


def test_a_restored_build_stands_beside_the_others_and_one_that_is_here_is_only_switched_to(
    kg, kept, tmp_path
) -> None:
    other = write(tmp_path / "in", article(7))
    run("build", other, "--kg", tmp_path / "kg", *BASE, "--jobs", 1)
    for _ in range(2):
        assert run("restore", kept, "--kg", tmp_path / "kg").exit_code == 0
    directory = Directory(tmp_path / "kg")
    assert len(directory.builds()) == 2
    assert directory.current().digest == Directory(kg).current().digest
    assert directory.leftovers() == []


def test_a_build_after_a_restore_goes_on_from_it(kept, tmp_path) -> None:
    assert run("restore", kept, "--kg", tmp_path / "kg").exit_code == 0
    corpus = write(tmp_path / "in", *(article(n) for n in range(6)))
    assert run("build", corpus, "--kg", tmp_path / "kg", *BASE, "--jobs", 1).exit_code == 0
    clean = tmp_path / "clean"
    run("build", corpus, "--kg", clean, *BASE, "--jobs", 1)
    assert quads(tmp_path / "kg") == quads(clean)


# -- refused ------------------------------------------------------------------------------------------


def nothing_published(kg: Path) -> bool:
    return Directory(kg).pointer() is None and Directory(kg).builds() == []


def test_a_backup_replaces_nothing(kg, kept) -> None:
    before = kept.read_bytes()
    refused = run("backup", kept, "--kg", kg)
    assert (refused.exit_code, kept.read_bytes()) == (2, before)
    assert "exists already" in refused.stderr


def test_a_backup_that_cannot_be_written_leaves_nothing(kg, tmp_path) -> None:
    assert run("backup", tmp_path / "none" / "graph.tar", "--kg", kg).exit_code == 2
    assert run("backup", tmp_path / "graph.tar", "--kg", tmp_path / "empty").exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", [lambda p: p.unlink(), lambda p: os.truncate(p, 9)])
def test_a_file_that_a_build_lacks_is_no_fault_of_the_backup(harm, kg, tmp_path) -> None:
    shutil.copytree(kg, tmp_path / "kg")
    harm(next(tmp_path.glob("kg/builds/*/graph.nq.gz")))
    result = run("backup", "--kg", tmp_path / "kg", tmp_path / "b.tar")
    assert result.exit_code == 6
    assert "graph.nq.gz" in result.stderr
    assert list(tmp_path.glob("b.tar*")) == []


def test_a_damaged_build_is_not_backed_up(kg, tmp_path) -> None:
    shutil.copytree(kg, tmp_path / "kg")
    dump = Directory(tmp_path / "kg").current().dump
    data = bytearray(dump.read_bytes())
    data[len(data) // 2] ^= 1
    dump.write_bytes(data)
    refused = run("backup", tmp_path / "graph.tar", "--kg", tmp_path / "kg")
    assert refused.exit_code == 6
    assert "acuerdo doctor" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kg"]


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.9, 0.999])
def test_a_cut_backup_is_refused(kept, tmp_path, share) -> None:
    data = kept.read_bytes()
    with tarfile.open(kept) as archive:  # what follows the last member is padding
        last = archive.getmembers()[-1]
    (tmp_path / "cut.tar").write_bytes(data[: int((last.offset_data + last.size) * share)])
    refused = run("restore", tmp_path / "cut.tar", "--kg", tmp_path / "kg")
    assert refused.exit_code == 3
    assert refused.stderr.count("\n") == 1
    assert nothing_published(tmp_path / "kg")


def test_a_flipped_byte_is_refused_or_harmless(kg, kept, tmp_path) -> None:
    data, wanted = kept.read_bytes(), quads(kg)
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    draw, refused = random.Random(seed), 0
    for number in range(40):
        damaged = bytearray(data)
        damaged[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path, target = tmp_path / f"{number}.tar", tmp_path / f"kg{number}"
        path.write_bytes(damaged)
        code = run("restore", path, "--kg", target).exit_code
        assert code in (0, 3)
        if code == 3:
            refused += 1
            assert nothing_published(target)
        else:
            assert quads(target) == wanted
    assert refused > 10


def test_a_backup_that_was_made_to_harm_reaches_no_other_file(kept, tmp_path) -> None:
    with tarfile.open(kept) as archive:
        parts = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}
    evil = json.loads(parts["manifest.json"]) | {"digest": "../../../evil"}
    parts["manifest.json"] = json.dumps(evil).encode()
    import hashlib

    sums = json.loads(parts["sums.json"])
    data = parts["manifest.json"]
    sums["manifest.json"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    parts["sums.json"] = json.dumps(sums).encode()
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        for name, data in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert run("restore", tmp_path / "evil.tar", "--kg", tmp_path / "a" / "kg").exit_code == 3
    with tarfile.open(tmp_path / "link.tar", "w") as archive:
        for name in parts:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(member)
    assert run("restore", tmp_path / "link.tar", "--kg", tmp_path / "b" / "kg").exit_code == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar", "link.tar"]


def test_what_is_no_backup_is_refused(tmp_path) -> None:
    (tmp_path / "words").write_text("no backup")
    (tmp_path / "dump.gz").write_bytes(gzip.compress(b"x"))
    assert run("restore", tmp_path / "words", "--kg", tmp_path / "kg").exit_code == 3
    assert run("restore", tmp_path / "dump.gz", "--kg", tmp_path / "kg").exit_code == 3
    assert run("restore", tmp_path / "none", "--kg", tmp_path / "kg").exit_code == 2
    assert run("restore", tmp_path, "--kg", tmp_path / "kg").exit_code == 2


def test_restore_waits_for_no_build_and_backup_needs_no_lock(kg, kept, tmp_path) -> None:
    with locked(kg):
        assert run("restore", kept, "--kg", kg).exit_code == 6
        assert run("backup", tmp_path / "graph.tar", "--kg", kg).exit_code == 0


def test_the_store_of_a_restored_graph_is_one_that_others_open(kept, tmp_path) -> None:
    run("restore", kept, "--kg", tmp_path / "kg")
    store = ox.Store.read_only(str(Directory(tmp_path / "kg").current().store))
    assert store.query("ASK { GRAPH ?g { ?s ?p ?o } }")
