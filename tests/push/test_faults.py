"""Bad stores, bad networks, bad input: one clear line, an exit code, and a push that goes on where it stopped."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from acuerdo.cli.push import command
from acuerdo.errors import AcuerdoError, RemoteFailed, WrongUsage
from graph_directory import AC, BASE, dump, make, meetings
from push.conftest import free_port
from push.faulty import Answer, FaultyStore, Request, problem


@pytest.fixture
def kg(tmp_path: Path) -> Path:
    return make(tmp_path / "kg", meetings(9))


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses are noted, not made; the clock of the patience still counts them."""
    noted: list[float] = []
    monkeypatch.setattr("time.sleep", noted.append)
    return noted


def push(kg: Path, url: str, *args: str, to: str = "oxigraph") -> Result:
    return CliRunner().invoke(command, ["--kg", str(kg), "--to", to, url, *args])


def failure(kg: Path, url: str, *args: str, to: str = "oxigraph") -> str:
    found = push(kg, url, *args, to=to).exception
    assert isinstance(found, AcuerdoError), found
    assert "\n" not in str(found)
    return str(found)


def on_writes(answer: Callable[[Request], Answer | None]) -> Callable[[Request], Answer | None]:
    return lambda request: answer(request) if request.writes else None


def holds_everything(store: FaultyStore, kg: Path) -> bool:
    lines = "".join(sorted(f"{quad} .\n" for quad in store.store))
    return lines.encode() == b"".join(sorted(dump(kg).splitlines(keepends=True)))


def test_a_store_that_says_200_and_loads_nothing_is_found_out(
    kg: Path, faulty: FaultyStore
) -> None:
    faulty.fault = on_writes(lambda _: (200, {"Content-Type": "text/html"}, b"<html>Query</html>"))
    words = failure(kg, faulty.url)
    assert "19 of 19 graphs differ" in words
    faulty.fault = lambda _: None
    assert push(kg, faulty.url).exit_code == 0
    assert holds_everything(faulty, kg)


def test_a_store_that_loses_one_triple_is_found_out_with_the_triple(
    kg: Path, faulty: FaultyStore
) -> None:
    def lose(request: Request) -> Answer | None:
        lines = request.body.splitlines(keepends=True)
        request.body = b"".join(line for line in lines if b"Encuentro" not in line)
        return None

    make(kg, [line.replace("Reunión 3 ", "Encuentro 3 ") for line in meetings(9)])
    faulty.fault = on_writes(lose)
    words = failure(kg, faulty.url)
    assert "1 of 19 graphs differ" in words
    assert "missing: <" in words
    assert "Encuentro 3" in words


def test_a_store_that_changes_a_word_is_found_out_though_counts_agree(
    kg: Path, faulty: FaultyStore
) -> None:
    def change(request: Request) -> Answer | None:
        request.body = request.body.replace("Reunión 3 ".encode(), b"Reunion 3 ")
        return None

    faulty.fault = on_writes(change)
    words = failure(kg, faulty.url)
    assert f"<{BASE}graph/article/003>: 1 triples missing, 1 too many" in words


def test_counts_alone_are_fooled_by_a_changed_word_which_is_why_hashes_are_usual(
    kg: Path, faulty: FaultyStore
) -> None:
    def change(request: Request) -> Answer | None:
        request.body = request.body.replace("Reunión 3 ".encode(), b"Reunion 3 ")
        return None

    faulty.fault = on_writes(change)
    assert push(kg, faulty.url, "--verify", "counts").exit_code == 0


def test_a_body_that_is_too_large_is_sent_in_smaller_ones(kg: Path, faulty: FaultyStore) -> None:
    many = [
        f'<urn:s{n}> <{AC}p> "{n * 7919 % 1_000_003:030}" <{BASE}graph/registry> .'
        for n in range(6000)
    ]
    make(kg, [*meetings(9), *many])
    limit = 20_000
    faulty.fault = on_writes(
        lambda request: problem(413, "too large") if request.size > limit else None
    )
    assert push(kg, faulty.url).exit_code == 0
    assert holds_everything(faulty, kg)
    accepted = [request for request in faulty.writes if request.size <= limit]
    assert len(accepted) > 2


def test_a_store_that_takes_no_body_at_all_is_named(kg: Path, faulty: FaultyStore) -> None:
    faulty.fault = on_writes(lambda _: problem(413))
    assert "413" in failure(kg, faulty.url)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(
    kg: Path, faulty: FaultyStore, waits: list[float], status: int
) -> None:
    answers = iter([problem(status, Retry_After="7"), problem(status, Retry_After="2")])
    faulty.fault = on_writes(lambda _: next(answers, None))
    assert push(kg, faulty.url).exit_code == 0
    assert waits[:2] == [7.0, 2.0]


def test_a_store_that_is_busy_while_a_graph_is_read_back_is_asked_again(
    kg: Path, faulty: FaultyStore, waits: list[float]
) -> None:
    busy = iter([problem(503, Retry_After="4")])
    faulty.fault = lambda request: next(busy, None) if request.method == "GET" else None
    assert push(kg, faulty.url, "--verify", "full").exit_code == 0
    assert waits == [4.0]


def test_a_date_in_retry_after_is_read_by_the_clock_of_the_server(
    kg: Path, faulty: FaultyStore, waits: list[float]
) -> None:
    # This server's clock is years away from ours; it asks for nine seconds of its own time.
    busy = problem(503, Retry_After="Thu, 14 Dec 2017 10:00:09 GMT")

    def fault(request: Request, left: list[int] = [1]) -> Answer | None:  # noqa: B006
        return busy if left and left.pop() else None

    faulty.fault = on_writes(fault)
    faulty.date = "Thu, 14 Dec 2017 10:00:00 GMT"
    assert push(kg, faulty.url).exit_code == 0
    assert waits[:1] == [9.0]


def test_a_store_that_stays_busy_is_given_up_with_its_words(
    kg: Path, faulty: FaultyStore, waits: list[float]
) -> None:
    faulty.fault = on_writes(lambda _: problem(503, "compacting", Retry_After="50"))
    words = failure(kg, faulty.url)
    assert "compacting" in words
    assert "503" in words
    assert sum(waits) <= 120


def test_a_redirect_is_named_and_not_followed(kg: Path, faulty: FaultyStore) -> None:
    faulty.fault = lambda _: problem(307, Location="https://elsewhere.example/sparql")
    words = failure(kg, faulty.url)
    assert "https://elsewhere.example/sparql" in words
    assert len(faulty.requests) == 1


@pytest.mark.parametrize(
    ("scheme", "hint"),
    [('Basic realm="kg"', "--auth basic"), ('Digest realm="kg", nonce="1"', "--auth digest")],
)
def test_a_store_that_wants_a_password_says_which_kind(
    kg: Path, faulty: FaultyStore, scheme: str, hint: str
) -> None:
    faulty.fault = lambda _: problem(401, WWW_Authenticate=scheme)
    assert hint in failure(kg, faulty.url)


def test_a_wrong_password_is_said_and_never_shown(
    kg: Path, faulty: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACUERDO_PUSH_PASSWORD", "wr0ng-word")
    faulty.fault = lambda request: (
        None if request.user == "ana:right" else problem(401, WWW_Authenticate="Basic")
    )
    words = failure(kg, faulty.url, "--user", "ana", "--auth", "basic")
    assert "wrong name, password or token" in words
    assert "wr0ng-word" not in words
    monkeypatch.setenv("ACUERDO_PUSH_PASSWORD", "right")
    assert push(kg, faulty.url, "--user", "ana").exit_code == 0


def test_a_bearer_token_is_sent(
    kg: Path, faulty: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACUERDO_PUSH_TOKEN", "t0ken")
    faulty.fault = lambda request: (
        None if request.headers.get("Authorization") == "Bearer t0ken" else problem(401)
    )
    assert push(kg, faulty.url).exit_code == 0


def test_a_password_without_a_source_says_where_it_may_stand(kg: Path) -> None:
    words = failure(kg, "http://127.0.0.1:1", "--auth", "basic", "--user", "ana")
    assert "ACUERDO_PUSH_PASSWORD" in words
    assert "keyring set acuerdo ana@127.0.0.1" in words


@pytest.mark.parametrize(
    "url",
    ["http://ana:word@127.0.0.1/", "http://127.0.0.1/?access-token=x", "ftp://x", "x", "http://"],
)
def test_an_address_with_a_secret_or_of_another_kind_is_refused(kg: Path, url: str) -> None:
    found = push(kg, url).exception
    assert isinstance(found, WrongUsage)
    assert "word" not in str(found).replace("password", "").replace("PASSWORD", "")


def test_a_read_only_store_is_named_with_its_words(kg: Path, faulty: FaultyStore) -> None:
    faulty.fault = on_writes(lambda _: problem(403, "<html><b>read</b> only</html>"))
    words = failure(kg, faulty.url)
    assert "403" in words
    assert "read only" in words


def test_nobody_at_the_address_is_said_soon(kg: Path, waits: list[float]) -> None:
    words = failure(kg, f"http://127.0.0.1:{free_port()}")
    assert "cannot be reached" in words
    assert sum(waits) <= 3


def test_a_page_that_is_no_query_endpoint_is_named(kg: Path, faulty: FaultyStore) -> None:
    faulty.fault = lambda _: (200, {"Content-Type": "text/html"}, b"<html>Welcome</html>")
    assert "is this the query endpoint?" in failure(kg, faulty.url)


def test_tls_that_fails_is_said_without_retries(
    kg: Path, faulty: FaultyStore, waits: list[float]
) -> None:
    words = failure(kg, faulty.url.replace("http:", "https:"))
    assert "TLS failed" in words
    assert not waits


def test_a_store_that_dies_in_the_middle_is_named_and_the_push_goes_on_from_there(
    kg: Path, faulty: FaultyStore
) -> None:
    # Each graph is a request of its own, and the fifth finds nobody.
    def die(request: Request) -> Answer | None:
        return (0, {}, b"") if len(faulty.writes) >= 5 else None

    faulty.fault = die
    words = failure(kg, faulty.url + "/store", "--query-url", faulty.url + "/query", to="gsp")
    assert "cannot be reached" in words
    assert "1 graphs may be incomplete there" in words
    faulty.fault = lambda _: None
    before = len(faulty.writes)
    again = push(kg, faulty.url + "/store", "--query-url", faulty.url + "/query", to="gsp")
    assert again.exit_code == 0, again.exception
    assert "4 unchanged" in again.stderr
    assert len(faulty.writes) - before == 15
    assert holds_everything(faulty, kg)


def test_a_connection_that_breaks_once_is_tried_again(kg: Path, faulty: FaultyStore) -> None:
    breaks = iter([(0, {}, b"")])
    faulty.fault = on_writes(lambda _: next(breaks, None))
    assert push(kg, faulty.url).exit_code == 0
    assert holds_everything(faulty, kg)


def test_a_proxy_that_cuts_bodies_is_found_out(kg: Path, faulty: FaultyStore) -> None:
    def cut(request: Request) -> Answer | None:
        lines = request.body.splitlines(keepends=True)
        request.body = b"".join(lines[: len(lines) // 2])
        return None

    faulty.fault = on_writes(cut)
    assert "graphs differ" in failure(kg, faulty.url)


def test_a_disk_that_is_full_there_is_said_in_the_words_of_the_store(
    kg: Path, faulty: FaultyStore
) -> None:
    faulty.fault = on_writes(lambda _: problem(500, "IO error: No space left on device"))
    assert "No space left on device" in failure(kg, faulty.url)


def test_a_torn_journal_is_read_as_far_as_it_goes(kg: Path, faulty: FaultyStore) -> None:
    assert push(kg, faulty.url).exit_code == 0
    [journal] = (kg / "push").iterdir()
    journal.write_text(journal.read_text().splitlines()[0] + '\n{"state": "begun", "gra')
    before = len(faulty.writes)
    again = push(kg, faulty.url)
    assert again.exit_code == 0, again.exception
    assert len(faulty.writes) == before
    assert "19 unchanged" in again.stderr


def test_a_journal_that_cannot_be_written_is_named(kg: Path, faulty: FaultyStore) -> None:
    (kg / "push").write_text("a file in the way")
    assert "journal cannot be written" in failure(kg, faulty.url)
    assert not faulty.writes


def test_an_unknown_profile_lists_the_known(kg: Path) -> None:
    assert "fuseki" in failure(kg, "http://127.0.0.1:1", to="oxygraph")


def test_a_failure_has_an_exit_code_of_its_own() -> None:
    assert RemoteFailed("x").exit_code == 7


def test_a_store_that_cuts_long_lists_is_counted_page_by_page(
    tmp_path: Path, faulty: FaultyStore
) -> None:
    quads = [f'<urn:{n}> <{AC}p> "x" <{BASE}graph/article/{n:05}> .' for n in range(2500)]
    kg = make(tmp_path / "kg", quads)
    faulty.row_cap = 1000
    began = time.monotonic()
    assert push(kg, faulty.url).exit_code == 0
    assert holds_everything(faulty, kg)
    assert time.monotonic() - began < 20
