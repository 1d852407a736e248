"""`acuerdo serve --endpoint` in front of every live store."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.cli.push import command
from acuerdo.push import Target
from serve.running import Server
from stores.servers import Live
from stores.test_questions import _query_url, built

__all__ = ["built"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PATHS = (
    "/questions/timeline?format=csv",
    "/questions/who-holds-posts-in?organization=agency/us-department-of-state&format=csv",
    "/questions/claims-in-conflict?format=csv",
    "/data/country/mexico?format=ntriples",
    "/page/person/marcelo-ebrard",
    "/data/person/nobody",
    "/reconcile?queries=" + json.dumps({"q": {"query": "Marcelo Ebrard"}}),
)


@pytest.fixture
def both(live: Live, where: Target, built: Path, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """The graph served from its directory, and from the store that it was pushed to."""
    call = ["--kg", str(built), "--to", live.profile, live.url, "--journal", str(tmp_path / "j")]
    pushed = CliRunner().invoke(command, call)
    assert pushed.exit_code == 0, pushed.exception
    with ExitStack() as stack:
        here = stack.enter_context(Server(built, "--timeout", "60"))
        url = _query_url(live, where)
        yield here, stack.enter_context(Server(built, "--timeout", "60", "--endpoint", url))


def test_a_server_in_front_of_it_answers_as_one_with_the_directory(
    both: tuple[Server, Server],
) -> None:
    here, there = both
    for path in PATHS:
        answers = [server.http.get(path, timeout=60) for server in (here, there)]
        assert answers[1].status_code == answers[0].status_code, (path, answers[1].text)
        texts = [
            sorted(
                line
                for line in answer.text.replace(str(answer.url.port), "PORT").splitlines()
                if "<footer>" not in line
            )
            for answer in answers
        ]
        assert texts[1] == texts[0], path
