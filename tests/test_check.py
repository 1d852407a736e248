"""`acuerdo check`: faults and findings of articles, and nothing built."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BRIEFS = ROOT / "examples" / "briefs"


def check(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "acuerdo", "check", *map(str, args)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def broken(tmp_path: Path, change) -> Path:
    article = json.loads((BRIEFS / "ganseg-2019.json").read_text(encoding="utf-8"))
    change(article)
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(article), encoding="utf-8")
    return path


def test_the_examples_are_in_order_and_nothing_is_written(tmp_path) -> None:
    done = check(ROOT / "examples", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_new_shared_key_is_reported_once(tmp_path) -> None:
    done = check(BRIEFS, "--format", "json", cwd=tmp_path)
    keys = [f["sentence"] for f in json.loads(done.stdout)["faults"] if f["code"] == "NEW_REF"]
    assert keys
    assert len(keys) == len(set(keys))


def test_a_fault_is_one_line_with_file_id_and_offsets(tmp_path) -> None:
    def move(article) -> None:
        article["entities"][0]["mentions"][0]["start"] += 1

    path = broken(tmp_path, move)
    done = check(path, cwd=tmp_path)
    (line,) = [text for text in done.stderr.splitlines() if "SURFACE_MISMATCH" in text]
    assert done.returncode == 1
    assert line.startswith(f"{path}:")
    assert "): SURFACE_MISMATCH: the text reads " in line


def test_a_violation_shows_the_words_and_is_exit_1(tmp_path) -> None:
    def twice(article) -> None:
        event = next(e for e in article["events"] if e["type"] == "Meeting")
        event["attrs"]["status"] = ["occurred", "cancelled"]

    done = check(broken(tmp_path, twice), cwd=tmp_path)
    assert done.returncode == 1
    assert "violation" in done.stderr
    assert "^^^" in done.stderr


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_program_gets_json(form, tmp_path) -> None:
    done = check(BRIEFS, "--format", form, cwd=tmp_path)
    assert isinstance(json.loads(done.stdout), dict)


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path) -> None:
    done = check("nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "Error: nowhere: there is no such file or folder\n"


def test_warnings_count_with_strict(tmp_path) -> None:
    def undated(article) -> None:
        for event in article["events"]:
            event["args"].pop("time", None)

    path = broken(tmp_path, undated)
    assert check(path, cwd=tmp_path).returncode == 0
    assert check(path, "--strict", cwd=tmp_path).returncode == 1


def test_a_violation_is_a_fault_like_any_other(tmp_path) -> None:
    def twice(article) -> None:
        event = next(e for e in article["events"] if e["type"] == "Meeting")
        event["attrs"]["status"] = ["occurred", "cancelled"]

    path = broken(tmp_path, twice)
    told = json.loads(check(path, "--format", "json", cwd=tmp_path).stdout)
    dropped = [f["dropped"] for f in told["faults"] if f["code"] == "SHACL_VIOLATION"]
    assert "event" in dropped
    assert f"{path}:" in check(path, cwd=tmp_path).stderr
    assert "SHACL_VIOLATION: " in check(path, cwd=tmp_path).stderr


def test_an_article_that_would_stay_out_beside_another_is_named(tmp_path) -> None:
    good = (BRIEFS / "ganseg-2019.json").read_text(encoding="utf-8")
    folder = tmp_path / "in"
    folder.mkdir()
    for name, title in (("a", "one"), ("b", "two"), ("c", "one")):
        article = json.loads(good) | {"title": title}
        (folder / f"{name}.json").write_text(json.dumps(article), encoding="utf-8")
    done = check(folder, cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert [line.split(": ")[1] for line in lines if "DUPLICATE" in line] == [
        "DUPLICATE_DOCUMENT",
        "DUPLICATE_IDENTICAL",
    ]


def test_withdrawn_articles_stay_out_of_a_check_as_of_a_build(tmp_path) -> None:
    path = broken(tmp_path, lambda article: article["events"][0].update(type="Meetting"))
    ident = json.loads(path.read_text(encoding="utf-8"))["id"]
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / "withdrawn.txt").write_text(f"{ident}\n", encoding="utf-8")
    assert check(path, cwd=tmp_path).returncode == 1
    assert check(path, "--decisions", "decisions", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_articles_come_from_a_pipe_too(name, pack, tmp_path) -> None:
    data = (BRIEFS / "ganseg-2019.json").read_bytes()
    command = [sys.executable, "-m", "acuerdo", "check", name]
    done = subprocess.run(command, input=pack(data), capture_output=True, check=False)
    assert done.returncode == 0
    assert b"1 articles" in done.stderr


def test_a_pipe_that_holds_nothing_good_is_named_by_what_it_was_called(tmp_path) -> None:
    command = [sys.executable, "-m", "acuerdo", "check", "-"]
    done = subprocess.run(command, input=b"{", capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"-:1:2: JSON_SYNTAX: ")


@pytest.mark.parametrize("option", ["--ontology", "--decisions"])
def test_a_folder_that_is_not_there_is_wrong_usage(option, tmp_path) -> None:
    done = check(BRIEFS, option, "nope", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no such folder" in done.stderr
