"""Pushes through the addresses, statuses and logins that four stores document which cannot run here."""

import hashlib
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from click.testing import CliRunner, Result

from acuerdo.cli.push import command
from acuerdo.errors import RemoteFailed
from graph_directory import BASE, dump, make, meetings
from push.shapes import STORES, Shaped

SECRETS = {
    "graphdb": {"USER": "admin", "PASSWORD": "s3cret"},
    "stardog": {"USER": "admin", "PASSWORD": "s3cret"},
    "neptune": {"SIGNER": "signing_for_tests:signer"},
    "qlever": {"TOKEN": "s3cret"},
}
# What each manual gives as the way for the steps of a push: count, add, replace, delete.
WAYS = {
    "graphdb": {
        ("POST", "/repositories/kg"),
        ("POST", "/repositories/kg/statements"),
        ("PUT", "/repositories/kg/rdf-graphs/service"),
    },
    "stardog": {("POST", "/kg/query"), ("POST", "/kg"), ("PUT", "/kg"), ("POST", "/kg/update")},
    "neptune": {("POST", "/sparql"), ("POST", "/sparql/gsp/"), ("PUT", "/sparql/gsp/")},
    "qlever": {("POST", "/"), ("PUT", "/"), ("DELETE", "/")},
}


class Signing(httpx.Auth):
    """What a signer for Amazon does to a request, with another sum: it sees address and body."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        signature = hashlib.sha256(str(request.url).encode() + request.content).hexdigest()
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential=key/neptune-db/aws4_request, Signature={signature}"
        )
        yield request


@pytest.fixture(params=list(STORES))
def name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    module = ModuleType("signing_for_tests")
    module.signer = Signing  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "signing_for_tests", module)
    for secret, value in SECRETS[request.param].items():
        monkeypatch.setenv(f"ACUERDO_PUSH_{secret}", value)
    return str(request.param)


@pytest.fixture
def there(name: str) -> Iterator[Shaped]:
    with STORES[name]() as store:
        yield store


def push(kg: Path, name: str, there: Shaped, *args: str) -> Result:
    return CliRunner().invoke(command, ["--kg", str(kg), "--to", name, there.home, *args])


def held(there: Shaped) -> bytes:
    return "".join(sorted(f"{quad} .\n" for quad in there.store)).encode()


def sent(kg: Path) -> bytes:
    return b"".join(sorted(dump(kg).splitlines(keepends=True)))


def test_a_graph_arrives_changes_and_goes_the_documented_ways(
    name: str, there: Shaped, tmp_path: Path
) -> None:
    kg = make(tmp_path / "kg", meetings(9))
    first = push(kg, name, there, "--verify", "full")
    assert first.exit_code == 0, first.exception
    assert held(there) == sent(kg)
    make(kg, [line.replace("Reunión 3 ", "Encuentro 3 ") for line in meetings(7)])
    second = push(kg, name, there, "--yes")
    assert second.exit_code == 0, second.exception
    assert held(there) == sent(kg)
    assert WAYS[name] <= there.shapes


def test_an_unchanged_graph_is_asked_for_its_counts_and_nothing_is_written(
    name: str, there: Shaped, tmp_path: Path
) -> None:
    kg = make(tmp_path / "kg", meetings(3))
    assert push(kg, name, there).exit_code == 0
    there.requests.clear()
    assert "nothing to do" in push(kg, name, there).stderr
    assert there.writes == []


def test_who_may_not_write_hears_so_in_one_line_without_the_secret(
    name: str, there: Shaped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in SECRETS[name]:
        monkeypatch.delenv(f"ACUERDO_PUSH_{secret}")
    monkeypatch.setenv("ACUERDO_PUSH_USER", "somebody")
    monkeypatch.setenv("ACUERDO_PUSH_PASSWORD", "wr0ng-word")
    kg = make(tmp_path / "kg", meetings(3))
    refused = push(kg, name, there, "--auth", "basic").exception
    assert isinstance(refused, RemoteFailed)
    words = str(refused)
    assert "(401)" in words or "(403)" in words
    assert "\n" not in words
    assert "wr0ng-word" not in words
    assert not list(there.store)
    assert BASE not in "".join(r.body.decode() for r in there.requests if r.method == "GET")
