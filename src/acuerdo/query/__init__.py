"""Questions and their answers: `.rq` files with typed parameters over the graph of a build."""

from pathlib import Path

from acuerdo.query.kg import DEFAULT, Answer, Kg, open_kg
from acuerdo.query.question import Column, Parameter, Question, questions
from acuerdo.query.solutions import Row, Solutions, Triples

__all__ = [
    "Answer",
    "Column",
    "Kg",
    "Parameter",
    "Question",
    "Row",
    "Solutions",
    "Triples",
    "open_kg",
    "query",
    "questions",
]


def query(
    asked: str | Path | Question, /, kg: Path | str = DEFAULT, **parameters: object
) -> Answer:
    """The answer to a shipped question, a `.rq` file or a SPARQL text over the graph in a directory."""
    return open_kg(kg).query(asked, **parameters)
