"""One running store at a time, empty before each test, and the table of what was found."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from acuerdo.push import Remote, Target, named, target
from acuerdo.push.auth import credentials
from acuerdo.push.inventory import counts
from graph_directory import BASE
from stores.servers import STORES, Live

# (check, store) → what the docs say of it; filled by the tests, read by the last of them.
FOUND: dict[tuple[str, str], str] = {}
VERSIONS: dict[str, str] = {}
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed leaves no word in the table."""
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session", params=list(STORES))
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    with ExitStack() as stack:
        store = STORES[request.param](tmp_path_factory.mktemp(request.param))
        live = stack.enter_context(store)
        VERSIONS[live.profile] = live.version
        yield live


@pytest.fixture
def where(running: Live) -> Target:
    return target(named(running.profile), running.url)


@pytest.fixture
def live(running: Live, where: Target, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The store without our graphs, and the environment that lets us in."""
    for name in ("USER", "PASSWORD", "TOKEN", "SIGNER"):
        monkeypatch.delenv(f"ACUERDO_PUSH_{name}", raising=False)
    if running.user and running.password:
        monkeypatch.setenv("ACUERDO_PUSH_USER", running.user)
        monkeypatch.setenv("ACUERDO_PUSH_PASSWORD", running.password)
    with remote(running, where) as client:
        ours = sorted(g for g in counts(client, where) if g.startswith(f"<{BASE}".encode()))
        for start in range(0, len(ours), 200):
            drops = " ;\n".join(
                f"DROP SILENT GRAPH {g.decode()}" for g in ours[start : start + 200]
            )
            client.send("POST", where.update_url or "", data={"update": drops})
    return running


def remote(live: Live, where: Target) -> Remote:
    return Remote(credentials(None, live.user, live.url, where.profile.auth))


@pytest.fixture
def record(request: pytest.FixtureRequest, running: Live) -> Iterator[list[str]]:
    """What to say of this check on this store in the docs; `yes` unless the test says more, nothing if it fails."""
    words: list[str] = []
    yield words
    if request.node.stash.get(FAILED, False):
        return
    check = request.node.name.split("[")[0].removeprefix("test_").split("_")[0].upper()
    FOUND[check, running.profile] = "; ".join(words) or "yes"


@pytest.fixture
def kg(tmp_path: Path) -> Path:
    return tmp_path / "kg"
