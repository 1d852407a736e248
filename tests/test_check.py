"""`acuerdo check`: faults and findings of articles, and nothing built."""

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
