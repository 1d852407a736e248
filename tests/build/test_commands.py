"""`acuerdo build` and its neighbours as a person meets them: words on stderr, data on stdout, exit codes."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from acuerdo.build.lock import locked
from acuerdo.cli import acuerdo
from acuerdo.errors import AcuerdoError

from .corpus import article, write

BASE = ("--base", "https://example.org/kg/")


def run(*args: object) -> Result:
    """The result of a command; errors have the exit code that `main` gives them."""
    result = CliRunner().invoke(acuerdo, [str(arg) for arg in args])
    if isinstance(result.exception, AcuerdoError):
        result.exit_code = result.exception.exit_code
        result.stderr_bytes += f"Error: {result.exception}\n".encode()
    elif result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write(tmp_path / "in", *(article(n) for n in range(3)))


@pytest.fixture
def kg(corpus, tmp_path) -> Path:
    assert run("build", corpus, "--kg", tmp_path / "kg", *BASE, "--jobs", 1).exit_code == 0
    return tmp_path / "kg"


def test_build_says_on_stderr_what_it_made_and_then_that_there_is_nothing_to_do(
    corpus, tmp_path
) -> None:
    first = run("build", corpus, "--kg", tmp_path / "kg", *BASE)
    assert (first.exit_code, first.stdout) == (0, "")
    assert "New: art-0000, art-0001, art-0002\n" in first.stderr
    assert first.stderr.endswith(" is current\n")
    second = run("build", corpus, "--kg", tmp_path / "kg", *BASE)
    assert second.exit_code == 0
    assert "nothing to do" in second.stderr


def test_build_warns_of_the_demo_base_and_takes_the_base_from_environment_and_file(
    corpus, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "which is for trying out" in run("build", corpus).stderr
    (tmp_path / "acuerdo.toml").write_text('base = "https://example.org/toml/"\n')
    assert "trying out" not in run("build", corpus).stderr
    bases = json.loads(run("builds", "--format", "json").stdout)
    assert bases[0]["base"] == "https://example.org/toml/"
    monkeypatch.setenv("ACUERDO_BASE", "https://example.org/env/")
    run("build", corpus)
    assert json.loads(run("builds", "--format", "json").stdout)[0]["base"].endswith("/env/")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("bse = 1\n", "unknown key 'bse'"),
        ("base = 7\n", "base is a string"),
        ("base =", "not TOML"),
        ('base = "example.org"\n', "acuerdo.toml: base 'example.org' is no http(s) IRI"),
    ],
)
def test_a_bad_settings_file_ends_the_build_with_3(
    settings, sentence, corpus, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acuerdo.toml").write_text(settings)
    result = run("build", corpus)
    assert result.exit_code == 3
    assert sentence in result.stderr
    assert not (tmp_path / "kg").exists()


def test_what_stays_out_is_counted_and_ends_with_1_though_the_rest_is_published(
    corpus, tmp_path
) -> None:
    bad = article(7)
    bad["entities"][0]["mentions"][0]["text"] = "Ana Riuz"
    write(corpus, bad)
    (corpus / "broken.json").write_text("{")
    result = run("build", corpus, "--kg", tmp_path / "kg", *BASE)
    assert result.exit_code == 1
    assert "SURFACE_MISMATCH" in result.stderr
    assert "JSON_SYNTAX" in result.stderr
    assert "Stayed out: 1 article, " in result.stderr
    assert result.stderr.endswith(" is current\n")


def test_strict_ends_with_1_for_a_warning(corpus, tmp_path) -> None:
    write(corpus / "again", article(1))
    where = ("--kg", tmp_path / "kg", *BASE)
    assert run("build", corpus, *where).exit_code == 0
    assert run("build", corpus, *where, "--strict").exit_code == 1


def test_build_tells_programs_in_json(corpus, tmp_path) -> None:
    result = run("build", corpus, "--kg", tmp_path / "kg", *BASE, "--format", "json")
    told = json.loads(result.stdout)
    assert (told["new"], told["articles"], told["added"][0]) == (True, 3, "art-0000")
    assert len(told["digest"]) == 64


def test_a_folder_without_articles_does_not_empty_a_graph(kg, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    before = (kg / "CURRENT").read_text()
    result = run("build", tmp_path / "empty", "--kg", kg, *BASE)
    assert result.exit_code == 1
    assert "NO_DOCUMENTS" in result.stderr
    assert "nothing was read" in result.stderr
    assert (kg / "CURRENT").read_text() == before


@pytest.mark.parametrize(
    "args",
    [
        ("nowhere",),
        ("in", "--texts", "nowhere"),
        ("in", "--decisions", "nowhere"),
        ("in", "--links", "nowhere"),
        ("in", "--ontology", "nowhere"),
        ("in", "--base", "not an IRI"),
        ("in", "--kg", "in/art-0000.json"),
        (),
    ],
    ids=lambda args: " ".join(args) or "nothing",
)
def test_wrong_usage_ends_with_2_and_writes_nothing(args, corpus, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("build", *args)
    assert result.exit_code == 2
    assert not (tmp_path / "kg").exists()


def test_a_second_build_ends_at_once_with_6(corpus, kg) -> None:
    with locked(kg):
        result = run("build", corpus, "--kg", kg, *BASE)
        assert result.exit_code == 6
        assert f"process {os.getpid()} is building here" in result.stderr
        for command in (("use", "current"), ("prune",)):
            assert run(*command, "--kg", kg).exit_code == 6
        assert "is building here" in run("doctor", "--kg", kg).stdout


def test_bad_decisions_end_with_3_and_name_file_and_line(corpus, kg, tmp_path) -> None:
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / "people.sssom.tsv").write_text("subject_id\tobject_id\nx\ty\n")
    before = (kg / "CURRENT").read_text()
    result = run("build", corpus, "--kg", kg, *BASE)
    assert result.exit_code == 3
    assert "people.sssom.tsv:1" in result.stderr
    assert (kg / "CURRENT").read_text() == before


def test_an_ontology_folder_that_is_not_turtle_ends_with_3(corpus, tmp_path) -> None:
    ontology = tmp_path / "more"
    (ontology / "registry").mkdir(parents=True)
    (ontology / "registry" / "x.ttl").write_text("this is not Turtle")
    result = run("build", corpus, "--kg", tmp_path / "kg", *BASE, "--ontology", ontology)
    assert result.exit_code == 3
    assert "x.ttl:1" in result.stderr


def test_builds_use_prune_doctor_and_diff_go_together(corpus, kg) -> None:
    write(corpus, article(1, two="Eva Sol"))
    run("build", corpus, "--kg", kg, *BASE)
    listed = json.loads(run("builds", "--kg", kg, "--format", "json").stdout)
    assert [one["current"] for one in listed] == [True, False]
    assert run("builds", "--kg", kg).stdout.startswith(f"* {listed[0]['digest'][:12]}  ")
    rows = list(csv.DictReader(io.StringIO(run("diff", "--kg", kg).stdout)))
    assert {row["article"] for row in rows} == {"art-0001"}
    assert {row["sign"] for row in rows} == {"+", "-"}
    assert "Eva Sol met" not in run("diff", "current", "current", "--kg", kg).stdout
    assert "“Ana Ruiz met Eva Sol" in run("diff", "--kg", kg, "--format", "text").stdout
    assert run("use", "previous", "--kg", kg).exit_code == 0
    assert run("doctor", "--kg", kg, "--deep").exit_code == 0
    checks = json.loads(run("doctor", "--kg", kg, "--format", "json").stdout)
    assert {check["verdict"] for check in checks} == {"ok"}
    assert (
        f"build {listed[0]['digest'][:12]} is removed"
        in run("prune", "--keep", 0, "--kg", kg).stderr
    )
    assert run("use", listed[0]["digest"][:12], "--kg", kg).exit_code == 2


def test_builds_lists_the_whole_ones_beside_a_damaged_one(corpus, kg) -> None:
    write(corpus, article(1, two="Eva Sol"))
    run("build", corpus, "--kg", kg, *BASE)
    old = json.loads(run("builds", "--kg", kg, "--format", "json").stdout)[1]["digest"]
    (kg / "builds" / old / "manifest.json").write_text("{")
    lines = run("builds", "--kg", kg).stdout.splitlines()
    assert lines[0].startswith("* ")
    assert lines[1] == f"  {old[:12]}  damaged; say `acuerdo doctor`"


@pytest.mark.parametrize("name", ["CURRENT", "cache", "builds"])
@pytest.mark.parametrize("command", [("build", "in"), ("use", "previous"), ("prune",)])
def test_a_file_where_a_folder_should_be_or_a_folder_for_a_file_is_one_line(
    command, name, corpus, kg, monkeypatch
) -> None:
    monkeypatch.chdir(corpus.parent)
    write(corpus, article(1, two="Eva Sol"))
    run("build", corpus, "--kg", kg, *BASE)
    path = kg / name
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("x")
    else:
        path.unlink()
        path.mkdir()
    options = BASE if command[0] == "build" else ()
    assert run(*command, "--kg", kg, *options).exit_code in {0, 2, 6}


def test_what_stands_in_the_cache_and_is_no_shard_is_cleared_away(corpus, kg) -> None:
    (kg / "cache" / "shards" / "a.partial").write_text("x")
    (kg / "cache" / "shards" / "stray").write_text("x")
    assert run("build", corpus, "--kg", kg, *BASE).exit_code == 0
    assert run("prune", "--kg", kg).exit_code == 0
    names = {path.name for path in (kg / "cache" / "shards").iterdir()}
    assert names.isdisjoint({"a.partial", "stray"})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk at hand")
@pytest.mark.parametrize("args", [["questions"], ["schema", "article"], ["--help"]])
def test_output_to_a_full_disk_ends_with_one_line(args) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "acuerdo", *args],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr == "Error: the output cannot be written: No space left on device\n"


def test_an_error_stays_on_its_line_whatever_a_file_is_called() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "acuerdo", "check", "no\n\x1b[31m.json"],
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr == "Error: no\\n\\x1b[31m.json: there is no such file or folder\n"


def test_doctor_ends_with_6_for_a_damaged_build(kg) -> None:
    dump = next(kg.glob("builds/*/graph.nq.gz"))
    dump.write_bytes(dump.read_bytes()[:-9])
    result = run("doctor", "--kg", kg)
    assert result.exit_code == 6
    assert "bad " in result.stdout


@pytest.mark.parametrize("command", ["builds", "use x", "prune", "diff", "doctor"])
def test_a_directory_without_a_graph_is_named(command, tmp_path) -> None:
    result = run(*command.split(), "--kg", tmp_path / "none")
    assert result.exit_code == {"builds": 0, "doctor": 6}.get(command, 2)
    assert "acuerdo build" in result.output + result.stderr
    assert not (tmp_path / "none").exists()


def test_progress_moves_on_a_terminal_only(corpus, tmp_path) -> None:
    near, far = os.openpty()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "90"}
    command = [sys.executable, "-m", "acuerdo", "build", str(corpus), "--kg", str(tmp_path / "kg")]
    with subprocess.Popen(command, stderr=far, env=env):
        os.close(far)
        shown = b"".join(iter(lambda: read_terminal(near), b"")).decode()
    os.close(near)
    assert all(words in shown for words in ("Reading", "Mapping and validating", "3/3", "Loading"))
    shutil.rmtree(tmp_path / "kg")
    silent = subprocess.run(command, capture_output=True, check=True, env=env).stderr.decode()
    assert "Reading" not in silent
    assert "\x1b" not in silent


def read_terminal(handle: int) -> bytes:
    try:
        return os.read(handle, 1 << 16)
    except OSError:  # the other side was closed
        return b""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
def test_workers_end_when_the_build_is_killed(tmp_path) -> None:
    corpus = write(tmp_path / "in", *(article(n) for n in range(1500)))
    command = [sys.executable, "-m", "acuerdo", "build", str(corpus), "--jobs", "2"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TAG": str(tmp_path)}
    parent = subprocess.Popen(
        [*command, "--kg", str(tmp_path / "kg")], env=env, stderr=subprocess.DEVNULL
    )
    workers = wait_for(lambda: processes(str(tmp_path)) - {parent.pid})
    parent.kill()
    parent.wait()
    assert workers
    assert wait_for(lambda: not processes(str(tmp_path)))


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_build_ends_with_130_and_leaves_nothing_half_done(jobs, tmp_path) -> None:
    corpus = write(tmp_path / "in", *(article(n) for n in range(1500)))
    command = [sys.executable, "-m", "acuerdo", "build", str(corpus), "--jobs", jobs]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    kg = tmp_path / "kg"
    running = subprocess.Popen(
        [*command, "--kg", str(kg)], env=env, stderr=subprocess.PIPE, start_new_session=True
    )
    assert wait_for(lambda: list(kg.glob("cache/shards/*.partial")))
    os.killpg(running.pid, signal.SIGINT)
    words = running.communicate(timeout=30)[1].decode()
    assert (running.returncode, words.strip()) == (130, "Interrupted.")
    assert not list(kg.rglob("*.partial"))
    assert not (kg / "CURRENT").exists()
    assert not (kg / "cache" / "spool").exists()


def wait_for(found):
    """What the call gives once it gives something, or after 20 seconds."""
    end = time.monotonic() + 20
    while not (value := found()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


def processes(tag: str) -> set[int]:
    """The processes that have this tag in their environment."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"TAG={tag}\0".encode() in (folder / "environ").read_bytes():
                found.add(int(folder.name))
        except OSError:
            continue
    return found
