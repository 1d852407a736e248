"""C15: every shipped question has the same rows on every store."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.build import Options, build
from acuerdo.cli.push import command
from acuerdo.errors import BadQuery, RemoteFailed
from acuerdo.push import Target
from acuerdo.query import Solutions, open_kg, questions
from acuerdo.query.endpoint import Endpoint
from graph_directory import BASE
from stores.conftest import FOUND
from stores.servers import Live

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
EXAMPLES = Path(__file__).parents[2] / "examples"


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
    refused, wrong = [], []
    for asked in questions():
        try:
            if rows(there.query(asked)) != rows(here.query(asked)):
                wrong.append(asked.name)
        except (RemoteFailed, BadQuery):
            refused.append(asked.name)
    FOUND["C15", live.profile] = "most; the others are refused" if refused else "yes"
    assert wrong == []
    assert not refused or live.profile in {"blazegraph", "rdf4j", "virtuoso"}
    assert len(refused) < len(questions()) / 2
