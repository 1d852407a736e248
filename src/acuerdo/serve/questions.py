"""`/questions/`: the shipped questions, run by name with typed parameters."""

from functools import cache
from typing import Any

from acuerdo.query import Question
from acuerdo.query.question import questions
from acuerdo.serve import formats
from acuerdo.serve.exchange import Exchange
from acuerdo.serve.problem import Problem
from acuerdo.serve.protocol import chosen_format, group
from acuerdo.serve.settings import Limits
from acuerdo.serve.wire import Job

OWN = ("format",)  # what the URL may say beside the question's parameters


@cache
def shipped() -> dict[str, Question]:
    """All questions by name; they are read before the first request."""
    return {question.name: question for question in questions()}


def find(name: str) -> Question:
    """The question of that name; raises Problem with the nearest one."""
    from difflib import get_close_matches

    if name in shipped():
        return shipped()[name]
    near = get_close_matches(name, shipped(), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "/questions lists them."
    raise Problem("not-found", f"There is no question {name[:80]!r}; {hint}")


def question_job(exchange: Exchange, question: Question, limits: Limits, base: str) -> Job:
    """The job for a question with the URL's parameters; raises Problem for one that it does not take."""
    values = group(exchange.parameters())
    given = {}
    for name, texts in values.items():
        if name in OWN:
            continue
        known = _parameter(question, name)
        if texts != [""]:  # a form sends what was left empty
            given[known] = texts
    return Job(
        question.text,
        question=question.name,
        given=given,
        data_base=base,
        solutions=chosen_format(exchange, values, "solutions"),
        boolean=chosen_format(exchange, values, "boolean"),
        graph=chosen_format(exchange, values, "graph"),
        rows=limits.rows,
        bytes=limits.bytes,
        seconds=limits.seconds,
        encoding=formats.negotiate_coding(exchange.header(b"accept-encoding")),
    )


def _parameter(question: Question, name: str) -> str:
    for parameter in question.parameters:
        if name in (parameter.name, parameter.option.removeprefix("--")):
            return parameter.name
    takes = ", ".join(p.name for p in question.parameters) or "none"
    raise Problem(
        "parameter", f"{question.name} has no parameter {name[:80]!r}; it takes: {takes}."
    )


def listed(origin: str) -> list[dict[str, Any]]:
    """The questions with what they take and give, for `/questions`."""
    return [
        {
            "name": question.name,
            "title": question.title,
            "title_es": question.title_es,
            "description": question.description,
            "href": f"{origin}/questions/{question.name}",
            "parameters": [
                {"name": p.name, "type": p.type, "meaning": p.meaning, "default": p.default}
                for p in question.parameters
            ],
            "columns": [{"name": c.name, "type": c.type} for c in question.columns],
        }
        for question in shipped().values()
    ]
