"""The page that says what can be asked, made from the headers of the questions."""

from collections.abc import Iterable, Iterator

from acuerdo.query.formats import escaped
from acuerdo.query.question import Question

_HEAD = """# The questions

What `acuerdo questions` lists: each is a file in `queries/` that runs as it is in any SPARQL 1.1 store.
[How to ask](../how-to/ask.md) says what the types mean. A parameter that is not given means any.
This page is made by `acuerdo questions --format md`.
"""


def page(questions: Iterable[Question]) -> str:
    """All questions as one Markdown page."""
    return "\n".join([_HEAD, *(line for asked in questions for line in _section(asked))])


def _section(asked: Question) -> Iterator[str]:
    yield f"## {asked.name}"
    yield ""
    yield f"**{escaped(asked.title)}** · *{escaped(asked.title_es)}*"
    yield ""
    yield f"{escaped(asked.description)} Statuses that count: {escaped(asked.statuses)}."
    yield ""
    for parameter in asked.parameters:
        yield f"- `{parameter.option}` ({parameter.type}): {escaped(parameter.meaning)}"
    if asked.parameters:
        yield ""
    yield "| column | what stands in it |"
    yield "| --- | --- |"
    for column in asked.columns:
        yield f"| `{column.name}` | {escaped(column.type)} |"
    yield ""
