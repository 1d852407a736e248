"""C15: every shipped question has the same rows on every store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.build import Options, build
from acuerdo.cli.push import command
from acuerdo.errors import BadQuery, RemoteFailed
from acuerdo.push import Target
from acuerdo.query import Question, Solutions, open_kg, questions
from acuerdo.query.endpoint import Endpoint
from acuerdo.query.portable import WRONG_ON
from acuerdo.query.question import load
from graph_directory import BASE
from query.test_answers import CASES, name, parameters
from stores.conftest import FOUND
from stores.servers import Live

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
EXAMPLES = Path(__file__).parents[2] / "examples"
# Questions that end in an error of the engine, or that we refuse to ask it: nobody is told other rows than elsewhere.
REFUSED = {
    "blazegraph": {"what-was-agreed", "wikidata-links"},
    # The compiler fails: at OPTIONAL in a GRAPH under NOT EXISTS, at a comparison of two aggregates
    # beside NOT EXISTS, at IF over aggregates.
    # `WRONG_ON` has one more.
    "virtuoso": {"designations-in-force", "succession-in-a-post", "who-met-whom"}
    | WRONG_ON["Virtuoso"],
}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kg = tmp_path_factory.mktemp("examples") / "kg"
    build(Options((EXAMPLES,), kg, base=BASE))
    return kg


def _query_url(live: Live, where: Target) -> str:
    # Virtuoso reads without a password at another address than the one where it writes.
    return f"{live.url}/sparql" if live.profile == "virtuoso" else where.query_url


def rows(found: object) -> list[tuple[object, ...]]:
    assert isinstance(found, Solutions)
    return sorted((tuple(row) for row in found), key=repr)


def test_c15_questions(live: Live, where: Target, built: Path) -> None:
    """all shipped questions have the same rows"""
    call = [
        "--kg",
        str(built),
        "--to",
        live.profile,
        live.url,
        "--journal",
        str(built / live.profile),
    ]
    pushed = CliRunner().invoke(command, call)
    assert pushed.exit_code == 0, pushed.exception
    here, there = open_kg(built), Endpoint(_query_url(live, where))
    assert not there.lacks_union()
    refused, wrong = set(), []
    for case, asked, given in every_question():
        try:
            if rows(there.query(asked, **given)) != rows(here.query(asked, **given)):
                wrong.append((case, given))
        except (RemoteFailed, BadQuery):
            refused.add(case)
    FOUND["C15", live.profile] = _said(refused)
    assert wrong == []
    assert refused == REFUSED.get(live.profile, set())


def every_question() -> Iterator[tuple[str, Question, dict[str, str]]]:
    """Each shipped question as it stands, and with the parameters of its expected rows."""
    for asked in questions():
        yield asked.name, asked, {}
    for case in CASES:
        if given := parameters(case):
            yield name(case), load(name(case)), given


def _said(refused: set[str]) -> str:
    return f"yes, but for {', '.join(sorted(refused))}" if refused else "yes"
