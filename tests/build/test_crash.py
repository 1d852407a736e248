"""Whatever ends a build — kill -9, a full disk, another build — the old graph or the new one is served."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from acuerdo.build import Options, build
from acuerdo.build.builds import prune, use
from acuerdo.build.doctor import examine
from acuerdo.errors import GraphUnusable
from acuerdo.store import Directory

from .corpus import article, write

BASE = "https://example.org/kg/"


def dump_sum(kg: Path) -> str:
    """The sum of the published dump, after a look that the store holds as many quads."""
    current = Directory(kg).current()
    manifest = current.manifest()
    assert len(current.open()) == manifest.quads
    return manifest.dump.sha256


class Victims:
    """Two corpora, and builds of them in children that can be killed."""

    def __init__(self, tmp_path: Path, articles: int) -> None:
        self.kg, self.unsound = tmp_path / "kg", False
        self.sources = [
            write(tmp_path / "one", *(article(n) for n in range(articles))),
            write(tmp_path / "two", *(article(n, one="Eva Sol") for n in range(5, articles + 5))),
        ]
        self.wanted = []
        for source in self.sources:
            build(Options((source,), kg=self.kg, base=BASE, jobs=1))
            self.wanted.append(dump_sum(self.kg))
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, str(Path(__file__).with_name("driver.py")), str(self.kg), BASE]
        self.driver = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
        )

    def fresh(self) -> int:
        """Forget the build that is not current and all cached work; the number of its corpus."""
        directory = Directory(self.kg)
        other = 1 - self.wanted.index(dump_sum(self.kg))
        for found in directory.builds():
            if found.digest != directory.pointer():
                shutil.rmtree(found.folder)
        shutil.rmtree(directory.cache, ignore_errors=True)
        if self.unsound:
            (directory.current().folder / "store.json").unlink(missing_ok=True)
        return other

    def start(self, number: int, step: int | None = None) -> int:
        order = str(self.sources[number]) + (f"\t{step}" if step else "")
        assert self.driver.stdin
        assert self.driver.stdout
        self.driver.stdin.write(order + "\n")
        self.driver.stdin.flush()
        return int(self.driver.stdout.readline())

    def end(self) -> int:
        assert self.driver.stdin
        assert self.driver.stdout
        self.driver.stdin.write("\n")
        self.driver.stdin.flush()
        return int(self.driver.stdout.readline())

    def check(self) -> None:
        """What is published is one of the two graphs, whole."""
        assert dump_sum(self.kg) in self.wanted

    def close(self) -> None:
        for pipe in (self.driver.stdin, self.driver.stdout):
            if pipe:
                pipe.close()
        self.driver.wait(timeout=10)


@pytest.fixture
def victims(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Victims]:
    found = Victims(tmp_path, getattr(request, "param", 12))
    yield found
    found.close()


def kill_at_random(victims: Victims, times: int, seed: int) -> int:
    """How many of so many builds were killed before they ended."""
    print("seed", seed)
    chance = random.Random(seed)
    number = victims.fresh()
    began = time.monotonic()
    victims.start(number)
    assert victims.end() == 0
    whole = time.monotonic() - began
    killed = 0
    for _ in range(times):
        child = victims.start(victims.fresh())
        time.sleep(chance.uniform(0, whole))
        os.kill(child, signal.SIGKILL)
        if victims.end() == -signal.SIGKILL:
            killed += 1
        else:  # the machine was slow when the first build was timed
            whole *= 0.8
        victims.check()
    return killed


def ends_clean(victims: Victims) -> None:
    """The next build removes what the killed ones left, and equals one that nothing disturbed."""
    number = victims.fresh()
    build(Options((victims.sources[number],), kg=victims.kg, base=BASE, jobs=1))
    assert dump_sum(victims.kg) == victims.wanted[number]
    prune(victims.kg, 0)
    assert Directory(victims.kg).leftovers() == []
    assert not list(victims.kg.rglob("*.partial"))
    assert {check.verdict for check in examine(victims.kg, deep=True)} == {"ok"}


def test_a_build_killed_at_a_random_moment_leaves_the_old_graph_or_the_new(victims) -> None:
    assert kill_at_random(victims, 20, seed=5) >= 10
    ends_clean(victims)


@pytest.mark.slow
@pytest.mark.parametrize("victims", [150], indirect=True)
def test_fifty_builds_killed_at_random_moments_leave_the_old_graph_or_the_new(victims) -> None:
    # Of 150 articles there are several shards; without a sound build to copy they are loaded as they come.
    victims.unsound = True
    assert kill_at_random(victims, 50, seed=17) >= 25
    ends_clean(victims)


@pytest.mark.slow
def test_a_build_killed_at_each_step_of_publishing_leaves_the_old_graph_or_the_new(victims) -> None:
    step, killed = 0, True
    while killed:
        step += 1
        victims.start(victims.fresh(), step)
        killed = victims.end() == -signal.SIGKILL
        victims.check()
    assert step > 10
    ends_clean(victims)


# -- the disk is full ---------------------------------------------------------------------------------


def limited(kg: Path, source: Path, limit: int, jobs: int = 1) -> subprocess.CompletedProcess:
    """A build whose files may grow to `limit` bytes."""
    code = (
        "import resource, sys; limit = int(sys.argv.pop(1));"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit));"
        "from acuerdo.cli import main; main()"
    )
    command = [sys.executable, "-c", code, str(limit), "build", str(source), "--kg", str(kg)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [*command, "--base", BASE, "--jobs", str(jobs)],
        check=False,
        capture_output=True,
        text=True,
        env=env,
    )


def refuses_and_still_serves(limits: list[int], tmp_path: Path) -> None:
    kg = tmp_path / "kg"
    build(Options((write(tmp_path / "in", article(0)),), kg=kg, base=BASE, jobs=1))
    before = dump_sum(kg)
    more = write(tmp_path / "more", *(article(n) for n in range(60)))
    for limit in limits:
        done = limited(kg, more, limit)
        assert (done.returncode, done.stderr.count("\n")) == (6, 1), done.stderr
        assert "the graph published before still stands" in done.stderr
        assert dump_sum(kg) == before
        assert sum(p.stat().st_size for p in kg.rglob("*.partial")) < 1 << 20
    done = limited(kg, more, 1 << 30)
    assert done.returncode == 0
    assert dump_sum(kg) != before


def test_a_file_that_may_not_grow_ends_the_build_and_the_old_graph_is_served(tmp_path) -> None:
    refuses_and_still_serves([1 << 10, 1 << 17], tmp_path)


@pytest.mark.slow
def test_a_worker_whose_file_may_not_grow_ends_the_build(tmp_path) -> None:
    source = write(tmp_path / "in", *(article(n) for n in range(150)))
    done = limited(tmp_path / "kg", source, 200_000, jobs=2)
    assert (done.returncode, done.stderr.count("\n")) == (6, 1), done.stderr
    done = limited(tmp_path / "kg", source, 1 << 30, jobs=2)
    assert done.returncode == 0


@pytest.mark.slow
def test_a_limit_at_any_size_ends_the_build_and_the_old_graph_is_served(tmp_path) -> None:
    refuses_and_still_serves([1 << 12, 1 << 14, 1 << 15, 1 << 16, 1 << 18, 300_000], tmp_path)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk in memory of so many bytes; skips where this process may not make one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk in memory needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_of_twenty_sizes_ends_the_build_and_the_old_graph_is_served(tmp_path) -> None:
    small = write(tmp_path / "small", article(0))
    large = write(tmp_path / "large", *(article(n) for n in range(150)))
    with small_disk(tmp_path / "disk", 1 << 30) as disk:
        build(Options((small,), kg=disk / "kg", base=BASE, jobs=1))
        before = dump_sum(disk / "kg")
        held = sum(p.stat().st_blocks * 512 for p in disk.rglob("*"))
        refused = 0
        for room in range(1 << 14, 1 << 22, (1 << 22) // 20):
            resize(disk, held + room)
            with suppress(GraphUnusable):
                build(Options((large,), kg=disk / "kg", base=BASE, jobs=1))
                break
            refused += 1
            assert dump_sum(disk / "kg") == before
            assert sum(p.stat().st_size for p in disk.rglob("*.partial")) < 1 << 20
        assert refused >= 5
        resize(disk, 1 << 30)
        build(Options((large,), kg=disk / "kg", base=BASE, jobs=1))
        assert dump_sum(disk / "kg") != before


def resize(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


# -- damage -------------------------------------------------------------------------------------------


def data_files(folder: Path) -> list[Path]:
    return [
        p
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.stat().st_size and not p.name.startswith(("LOG", "LOCK"))
    ]


def test_one_flipped_byte_in_any_file_of_a_build_is_found(tmp_path) -> None:
    kg = tmp_path / "kg"
    build(Options((write(tmp_path / "in", article(0)),), kg=kg, base=BASE, jobs=1))
    assert {check.verdict for check in examine(kg)} == {"ok"}
    seed = 23
    print("seed", seed)
    chance = random.Random(seed)
    files = data_files(Directory(kg).current().folder)
    assert len(files) > 10
    for path in files:
        whole = path.read_bytes()
        at = chance.randrange(len(whole))
        path.write_bytes(
            whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :]
        )
        assert "bad" in {check.verdict for check in examine(kg)}, f"{path.name}, byte {at}"
        with pytest.raises(GraphUnusable):
            use(kg, "current")
        path.write_bytes(whole)
    assert {check.verdict for check in examine(kg)} == {"ok"}


def test_a_damaged_build_is_not_built_upon_and_the_same_input_heals_it(tmp_path) -> None:
    kg, source = tmp_path / "kg", write(tmp_path / "in", *(article(n) for n in range(20)))
    build(Options((source,), kg=kg, base=BASE, jobs=1))
    whole = dump_sum(kg)
    damage(kg)
    write(source, article(0, title="A title"))
    assert not build(Options((source,), kg=kg, base=BASE, jobs=1)).copied
    write(source, article(0))
    damaged = Directory(kg).named("previous").digest
    assert build(Options((source,), kg=kg, base=BASE, jobs=1)).build.digest == damaged
    assert dump_sum(kg) == whole
    assert {check.verdict for check in examine(kg, deep=True)} == {"ok"}


def damage(kg: Path) -> None:
    largest = max(Directory(kg).current().store.glob("*.sst"), key=lambda p: p.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.write_bytes(data)


def test_a_damaged_cache_is_made_again(tmp_path) -> None:
    kg, source = tmp_path / "kg", write(tmp_path / "in", *(article(n) for n in range(20)))
    build(Options((source,), kg=kg, base=BASE, jobs=1))
    whole = dump_sum(kg)
    for path in (kg / "cache").rglob("graphs"):
        path.write_bytes(path.read_bytes()[:-40])
    shutil.rmtree(kg / "builds")
    (kg / "CURRENT").unlink()
    build(Options((source,), kg=kg, base=BASE, jobs=1))
    assert dump_sum(kg) == whole


@pytest.mark.parametrize("pointer", ["", "no digest\n", "0123456789abcdef\n", "\xff"])
def test_a_broken_pointer_is_named_and_the_next_build_sets_it_right(pointer, tmp_path) -> None:
    kg, source = tmp_path / "kg", write(tmp_path / "in", article(0))
    build(Options((source,), kg=kg, base=BASE, jobs=1))
    whole = dump_sum(kg)
    (kg / "CURRENT").write_text(pointer, encoding="latin-1")
    with pytest.raises(GraphUnusable):
        Directory(kg).current()
    assert "bad" in {check.verdict for check in examine(kg)}
    build(Options((source,), kg=kg, base=BASE, jobs=1))
    assert dump_sum(kg) == whole
