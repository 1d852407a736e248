"""Endpoints that want a password, cut their rows, have no union, or an engine with known holes."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from acuerdo.cli.query import command
from acuerdo.errors import LimitReached, RemoteFailed
from acuerdo.query.endpoint import Endpoint
from push.faulty import Answer, FaultyStore, Request, problem, results
from query.conftest import BASE, SMALL

ARTICLES = "SELECT ?a WHERE { ?a a ac:Article }"


@pytest.fixture
def far() -> Iterator[FaultyStore]:
    with FaultyStore() as store:
        store.union = True
        store.store.load(path=SMALL, format=ox.RdfFormat.TRIG)
        yield store


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"ACUERDO_ENDPOINT_{name}", raising=False)


def ask(far: FaultyStore, *args: str) -> Result:
    return CliRunner().invoke(command, [*args, "--endpoint", f"{far.url}/query"])


def test_the_base_is_learnt_from_what_is_there(far: FaultyStore) -> None:
    assert Endpoint(f"{far.url}/query").base == BASE


def test_comments_do_not_turn_a_question_into_something_else(far: FaultyStore) -> None:
    # SPARQLWrapper alone takes this for a MOVE, and sends it as an update.
    text = f"# a\n# removed\n# which DELETE\n{ARTICLES}"
    assert len(Endpoint(f"{far.url}/query").query(text)) > 0
    assert not far.writes


def test_a_wrong_password_is_said_and_never_shown(
    far: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    far.fault = lambda request: None if request.user == "ana:right" else problem(401)
    monkeypatch.setenv("ACUERDO_ENDPOINT_USER", "ana")
    monkeypatch.setenv("ACUERDO_ENDPOINT_PASSWORD", "wr0ng-word")
    words = str(ask(far, ARTICLES).exception)
    assert "ACUERDO_ENDPOINT_PASSWORD" in words
    assert "wr0ng-word" not in words
    monkeypatch.setenv("ACUERDO_ENDPOINT_PASSWORD", "right")
    assert ask(far, ARTICLES).exit_code == 0


def test_a_token_is_sent(far: FaultyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(request: Request) -> Answer | None:
        right = request.headers.get("Authorization") == "Bearer t0ken"
        return None if right else problem(401)

    far.fault = fault
    monkeypatch.setenv("ACUERDO_ENDPOINT_TOKEN", "t0ken")
    assert ask(far, ARTICLES).exit_code == 0


@pytest.mark.parametrize(
    "headers", [{"X-SPARQL-MaxRows": "2"}, {"Acuerdo-Truncated": "true"}], ids=["cap", "mark"]
)
def test_rows_that_were_cut_never_pass_for_all(far: FaultyStore, headers: dict[str, str]) -> None:
    rows = [{"a": {"type": "uri", "value": f"urn:{n}"}} for n in range(2)]
    status, kind, body = results(rows, ["a"])
    far.fault = lambda _: (status, kind | headers, body)
    with pytest.raises(LimitReached):
        Endpoint(f"{far.url}/query").query(ARTICLES)


def test_a_default_graph_that_is_no_union_is_said(far: FaultyStore) -> None:
    far.union = False
    assert "--default-graph" in ask(far, ARTICLES).stderr


def test_the_default_graph_is_asked_for_by_name(far: FaultyStore) -> None:
    Endpoint(f"{far.url}/query", default_graph="urn:x-arq:UnionGraph").query(ARTICLES)
    assert b"default-graph-uri=urn%3Ax-arq%3AUnionGraph" in far.requests[0].body


def test_a_question_that_the_engine_there_gets_wrong_is_refused(far: FaultyStore) -> None:
    status, kind, body = results([], ["a"])
    far.fault = lambda _: (status, kind | {"Server": "Virtuoso/07.20"}, body)
    endpoint = Endpoint(f"{far.url}/query")
    endpoint.query(ARTICLES)
    with pytest.raises(RemoteFailed, match="Virtuoso is known to answer who-held-post wrongly"):
        endpoint.query("who-held-post")
