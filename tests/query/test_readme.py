"""The rows that the README shows are the rows that come."""

import io
import re
from pathlib import Path

from acuerdo.query import Solutions, catalogue, open_kg, questions

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_the_answer_that_comes(examples_directory: Path) -> None:
    shown = re.search(
        r"<!-- answer:begin -->\n`acuerdo query ([a-z-]+)`.*?\n\n(.*)<!-- answer:end -->",
        README.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert shown is not None
    found, out = open_kg(examples_directory).query(shown[1]), io.BytesIO()
    assert isinstance(found, Solutions)
    assert len(found) > 2
    found.write(out, "md")
    assert out.getvalue().decode() == shown[2]


def test_the_page_of_questions_is_what_is_generated() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "questions.md"
    made = catalogue.page(questions())
    assert page.read_text(encoding="utf-8") == made, (
        "run `acuerdo questions --format md > docs/reference/questions.md`"
    )
