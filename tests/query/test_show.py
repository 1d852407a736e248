"""`acuerdo show`: one thing with its names, and what each question answers about it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from acuerdo.errors import BadQuery
from acuerdo.query import Kg, open_kg, question
from acuerdo.query.show import ABOUT, lines, show


@pytest.fixture(scope="session")
def examples(examples_directory: Path) -> Kg:
    return open_kg(examples_directory)


def test_one_minister_under_three_names_is_one_person_in_one_post(examples: Kg) -> None:
    portrait = show(examples, "Osorio Chong")
    assert portrait.iri.endswith("/id/person/miguel-angel-osorio-chong")
    used = {name.name for name in portrait.names if name.articles}
    assert {"Miguel Osorio", "Miguel Ángel Osorio Chong", "Osorio Chong"} <= used
    sections = {section.question: section.rows for section in portrait.sections}
    assert {row["post"] for row in sections["posts-of-a-person"]} == {
        examples.base + "id/post/mexico-secretary-of-government"
    }
    assert all(row["article"] and row["sentence"] for rows in sections.values() for row in rows)


def test_a_name_of_several_things_lists_what_tells_them_apart(examples: Kg) -> None:
    with pytest.raises(BadQuery) as caught:
        show(examples, "Carlos Mendoza")
    assert "names 3 things" in str(caught.value)
    assert "person/carlos-mendoza-minister (defence minister of Colombia" in str(caught.value)


def test_a_surname_that_is_no_name_of_its_own_lists_who_bears_it(examples: Kg) -> None:
    with pytest.raises(BadQuery, match="did you mean 'Alfonso Durazo'"):
        show(examples, "durazo alfonso")


@pytest.mark.parametrize(
    "name", ["Carlos Mendosa", "person/nobody", "https://example.org/x", "a:<b>"]
)
def test_what_the_graph_does_not_know_is_said_so(examples: Kg, name: str) -> None:
    with pytest.raises(BadQuery, match="nothing in the graph is named"):
        show(examples, name)


def test_headings_come_in_spanish_too(examples: Kg) -> None:
    portrait = show(examples, "person/william-barr", "es")
    assert "En qué participó alguien" in {section.title for section in portrait.sections}


@pytest.mark.parametrize(("name", "parameter"), ABOUT)
def test_every_section_is_a_question_with_that_parameter_and_class(
    name: str, parameter: str
) -> None:
    assert question.load(name).parameter(parameter).type.startswith("ac:")


def test_nothing_an_article_says_becomes_markup(examples: Kg) -> None:
    text = "\n".join(lines(show(examples, "body/strait-task-force"), examples.base))
    assert "<" not in text.replace("  > ", "")


def test_the_command_writes_markdown_or_json(examples_directory: Path) -> None:
    base = [sys.executable, "-m", "acuerdo", "show", "--kg", str(examples_directory)]

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*base, *args], capture_output=True, text=True, check=False, timeout=60
        )

    assert run("William Barr").stdout.startswith("# William Barr\n")
    assert json.loads(run("William Barr", "--format", "json").stdout)["label"] == "William Barr"
    unknown = run("Nobody Atall")
    assert (unknown.returncode, unknown.stdout) == (4, "")
