"""`acuerdo query` and `acuerdo questions` as a shell meets them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "acuerdo", *args],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **env},
    )


@pytest.fixture(scope="session")
def kg(small_directory: Path) -> str:
    return str(small_directory)


def test_csv_is_what_a_pipe_gets(kg: str) -> None:
    done = run("query", "--kg", kg, "who-met-whom", "--since", "2024-01-01")
    assert done.returncode == 0
    head, row, *rest = done.stdout.splitlines()
    assert head.startswith("one,oneLabel,other,")
    assert "Ana Ruiz received Bo Lind." in row
    assert not rest
    assert not done.stderr


def test_parameters_may_stand_before_the_question(kg: str) -> None:
    done = run("query", "--since", "2025-01-01", "who-met-whom", ACUERDO_KG=kg)
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["who-met-who"], 4, "did you mean 'who-met-whom'?"),
        (["who-met-whom", "--since", "yesterday"], 2, "'yesterday' is not a day; write 2017-02-07"),
        (["who-met-whom", "--sinse", "2017-01-01"], 2, "Did you mean '--since'?"),
        (["who-met-whom", "--person", "Nobody Else"], 4, "nothing of ac:Person is named"),
        (["SELECT ?x WHERE { ?x }"], 4, "query:1:23: not SPARQL near"),
        (["missing.rq"], 2, "missing.rq: No such file"),
        (["who-met-whom", "--format", "ttl"], 2, "rows cannot be written as ttl"),
        (["--kg", "/nowhere/kg", "who-met-whom"], 2, "no graph here"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(
    kg: str, args: list[str], code: int, words: str
) -> None:
    done = run("query", *args, ACUERDO_KG=kg)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_file_and_standard_input_are_asked_like_a_question(kg: str, tmp_path: Path) -> None:
    text = "# title: T\n# param n: xsd:integer = a number\nASK {\n VALUES ?n { 1 } # param n\n FILTER(?n = 2)\n}"
    (tmp_path / "my.rq").write_text(text)
    assert run("query", str(tmp_path / "my.rq"), "--kg", kg).stdout == "false\n"
    assert run("query", str(tmp_path / "my.rq"), "--n", "2", "--kg", kg).stdout == "true\n"
    assert run("query", "-", "--n", "2", "--kg", kg, stdin=text).stdout == "true\n"


def test_fail_turns_a_no_into_an_exit_code(kg: str) -> None:
    assert run("query", "ASK { ?x a ac:Call }", "--kg", kg).returncode == 0
    assert run("query", "ASK { ?x a ac:Call }", "--kg", kg, "--fail").returncode == 1
    assert run("query", "ASK { ?x a ac:Meeting }", "--kg", kg, "--fail").returncode == 0


def test_graphs_come_as_turtle_ntriples_and_jsonld(kg: str) -> None:
    text = "CONSTRUCT { ?x a ac:Meeting } WHERE { ?x a ac:Meeting }"
    assert "a ac:Meeting" in run("query", text, "--kg", kg).stdout
    assert run("query", text, "--kg", kg, "--format", "nt").stdout.count("\n") == 1
    node = json.loads(run("query", text, "--kg", kg, "--format", "jsonld").stdout)
    assert node


def test_help_of_a_question_shows_its_parameters_and_columns(kg: str) -> None:
    shown = run("query", "who-held-post", "--help").stdout
    assert "Who held which post" in shown
    assert "--on DATE" in shown
    assert "attestedOn" in shown


def test_a_reader_that_leaves_ends_the_command_silently(kg: str) -> None:
    text = "SELECT ?a ?b ?c ?d WHERE { ?a ?p ?b . ?c ?q ?d }"
    done = subprocess.run(
        f"{sys.executable} -m acuerdo query '{text}' --kg '{kg}' | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.stdout.strip() == "a,b,c,d"
    assert not done.stderr


def test_questions_lists_names_titles_and_options() -> None:
    assert "who-met-whom\tWho met whom\t--since --until --person" in run("questions").stdout
    assert "Quién se reunió con quién" in run("questions", "--lang", "es").stdout
    described = json.loads(run("questions", "--format", "json").stdout)
    assert {"name", "title", "parameters", "columns"} <= set(described[0])


def test_query_imports_neither_rdflib_nor_the_terminal_library(kg: str) -> None:
    code = (
        "import sys; from acuerdo.cli import acuerdo;"
        f"acuerdo.main(['query', 'who-met-whom', '--kg', {kg!r}], standalone_mode=False);"
        "print(sorted({'rdflib', 'rich', 'pyshacl', 'msgspec.json', 'httpx', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.stdout.splitlines()[-1] in {"[]", "['msgspec.json']"}
