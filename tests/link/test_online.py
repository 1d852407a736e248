"""Wikidata over HTTP, played by a local server that fails in every documented way."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from acuerdo.errors import LimitReached, RemoteFailed, WrongUsage
from acuerdo.link.online import Wikidata, candidates
from acuerdo.link.snapshot import Snapshot
from acuerdo.link.web import DAY, Cache, Manners, Web
from link.conftest import entity, person

ITEMS = {
    "Q900000000001": entity("Q900000000001", "Inés Quirarte Belmonte", "Q5"),
    "Q900000000002": entity("Q900000000002", "Harbour Board", "Q900000000003"),
    "Q900000000003": entity(
        "Q900000000003", "board", P279=[{"mainsnak": {"datavalue": {"value": {"id": "Q43229"}}}}]
    ),
    "Q43229": entity("Q43229", "organization"),
}
MOVED = {"Q900000000009": "Q900000000001"}


class Fake(ThreadingHTTPServer):
    """Answers as the action API does; `troubles` are met first, one a request."""

    daemon_threads = True

    def __init__(self, handler: "type[Handler] | None" = None) -> None:
        super().__init__(("127.0.0.1", 0), handler or Handler)
        self.limit: int | None = None  # answers after which it refuses for good
        self.answered = 0
        self.troubles: list[tuple[int, dict[str, str], str]] = []
        self.seen: list[dict[str, str]] = []
        self.agents: set[str] = set()
        self.busy = self.most = 0
        self.url = f"http://127.0.0.1:{self.server_port}/w/api.php"


class Handler(BaseHTTPRequestHandler):
    server: Fake

    def log_message(self, *args: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        self.server.busy += 1
        self.server.most = max(self.server.most, self.server.busy)
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        self.server.seen.append(asked)
        self.server.agents.add(self.headers["User-Agent"])
        if self.server.troubles:
            status, headers, body = self.server.troubles.pop(0)
        elif self.server.limit is not None and self.server.answered >= self.server.limit:
            status, headers, body = 503, {}, ""
        else:
            status, headers, body = 200, {}, json.dumps(self.answer(asked))
            self.server.answered += 1
        self.server.busy -= 1
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        data = body.encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def answer(self, asked: dict[str, str]) -> dict:
        if asked["action"] == "wbsearchentities":
            hits = [
                q
                for q, e in ITEMS.items()
                if asked["search"].split()[0] in json.loads(e)["labels"]["en"]["value"]
            ]
            return {"search": [{"id": q} for q in hits]}
        if asked["action"] == "query":
            return {"query": {"search": []}}
        found = {}
        for qid in asked["ids"].split("|"):
            if qid == "Q900000000404":
                return {"error": {"code": "no-such-entity", "info": "no such entity"}}
            target = MOVED.get(qid, qid)
            if target in ITEMS:
                found[target] = json.loads(ITEMS[target])
                if target != qid:
                    found[target]["redirects"] = {"from": qid, "to": target}
            else:
                found[qid] = {"id": qid, "missing": ""}
        return {"entities": found}


@pytest.fixture
def fake() -> Iterator[Fake]:
    server = Fake()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(tmp_path, waits):
    opened = []

    def make(*, offline: bool = False, now: float = 1000 * DAY) -> Web:
        manners = Manners("a@example.org", offline, sleep=waits.append, now=lambda: now, pause=0.0)
        opened.append(Web(Cache(tmp_path / "cache.sqlite"), manners))
        return opened[-1]

    yield make
    for web in opened:
        web.__exit__(None, None, None)


def labels(web: Web, fake: Fake, *qids: str) -> list[str]:
    return [e["id"] for e in Wikidata(web, fake.url).entities(qids)]


def test_a_second_run_makes_no_request_and_offline_neither(fake, client) -> None:
    for web in (client(), client(), client(offline=True)):
        snapshot = Snapshot()
        candidates([person("Inés Quirarte")], Wikidata(web, fake.url), snapshot)
        assert "Q900000000001" in snapshot.items
        fake.seen, count = [], len(fake.seen)
        assert web.requests == count
    assert web.requests == 0


def test_offline_without_an_answer_is_refused_not_guessed(fake, client) -> None:
    with pytest.raises(RemoteFailed, match="not in the cache"):
        Wikidata(client(offline=True), fake.url).search("Inés")
    assert fake.seen == []


def test_fifty_items_a_request_and_one_request_at_a_time(fake, client) -> None:
    web = client()
    labels(web, fake, *(f"Q9000000{n:05}" for n in range(120)))
    assert [len(asked["ids"].split("|")) for asked in fake.seen] == [50, 50, 20]
    assert fake.most == 1


def test_the_agent_says_who_asks(fake, client) -> None:
    client().get(fake.url, {"action": "query"})
    assert all("a@example.org" in a and a.startswith("acuerdo/") for a in fake.agents)


def test_without_a_contact_nothing_is_asked(tmp_path) -> None:
    cache = Cache(tmp_path / "c.sqlite")
    with pytest.raises(WrongUsage, match="--contact"):
        Web(cache, Manners(""))
    cache.close()


@pytest.mark.parametrize(
    ("trouble", "waited"),
    [
        ((429, {"Retry-After": "7"}, "slow down"), 7.0),
        ((503, {"Retry-After": "3"}, ""), 3.0),
        ((200, {"Retry-After": "5"}, '{"error": {"code": "maxlag", "info": "x", "lag": 2}}'), 5.0),
        ((200, {}, '{"error": {"code": "maxlag", "info": "x", "lag": 4}}'), 4.0),
    ],
    ids=["429", "503", "maxlag with 200", "maxlag by its lag"],
)
def test_a_refusal_is_waited_out_and_never_kept(fake, client, waits, trouble, waited) -> None:
    fake.troubles.append(trouble)
    assert labels(client(), fake, "Q900000000001") == ["Q900000000001"]
    assert [w for w in waits if w] == [waited]


@pytest.mark.parametrize(
    "trouble",
    [
        (0, {}, ""),
        (200, {}, "<html>maintenance</html>"),
        (500, {}, ""),
        (200, {}, "[1]"),
        (200, {}, '{"entities": {"Q9'),
    ],
    ids=["hangs up", "a page", "500", "a list", "cut"],
)
def test_a_broken_answer_is_asked_for_again(fake, client, trouble) -> None:
    fake.troubles += [trouble, trouble]
    assert labels(client(), fake, "Q900000000001") == ["Q900000000001"]


def test_a_storm_of_refusals_ends_in_one_line_and_what_came_before_is_kept(
    fake, client, waits
) -> None:
    web = client()
    labels(web, fake, "Q900000000001")
    fake.troubles += [(429, {"Retry-After": "1"}, "")] * 20
    with pytest.raises(RemoteFailed, match=r"429.*is kept") as error:
        labels(web, fake, "Q900000000001", "Q900000000002")
    assert "\n" not in str(error.value)
    fake.troubles.clear()
    fake.seen.clear()
    assert labels(client(), fake, "Q900000000001", "Q900000000002") == [
        "Q900000000001",
        "Q900000000002",
    ]
    assert [asked["ids"] for asked in fake.seen] == ["Q900000000002"]


def test_a_wait_of_an_hour_is_not_sat_out(fake, client, waits) -> None:
    fake.troubles.append((429, {"Retry-After": "3600"}, ""))
    with pytest.raises(LimitReached, match="3,600 s"):
        labels(client(), fake, "Q900000000001")
    assert max(waits, default=0) < 100


def test_a_refused_agent_and_an_unknown_error_are_said_at_once(fake, client) -> None:
    fake.troubles.append((403, {}, ""))
    with pytest.raises(RemoteFailed, match="contact"):
        labels(client(), fake, "Q900000000001")
    fake.troubles.append((200, {}, '{"error": {"code": "badvalue", "info": "no"}}'))
    with pytest.raises(RemoteFailed, match="badvalue: no"):
        labels(client(), fake, "Q900000000001")
    assert len(fake.seen) == 2


def test_a_moved_item_is_followed_and_one_that_never_was_costs_the_others_nothing(
    fake, client
) -> None:
    found = labels(client(), fake, "Q900000000009", "Q900000000002", "Q900000000404")
    assert sorted(found) == ["Q900000000001", "Q900000000002"]
    snapshot = Snapshot()
    for one in Wikidata(client(), fake.url).entities(["Q900000000009"]):
        snapshot.take_json(one)
    assert snapshot.redirects == {"Q900000000009": "Q900000000001"}
    assert Counter(a["ids"] for a in fake.seen)["Q900000000404"] == 1


def test_a_class_is_followed_upwards_until_it_is_an_organisation(fake, client) -> None:
    from acuerdo.link.index import items

    snapshot = Snapshot()
    candidates([person("Harbour Board")], Wikidata(client(), fake.url), snapshot)
    assert {i.qid: i.kind for i in items(snapshot)}["Q900000000002"] == "organization"


def test_a_damaged_cache_is_set_aside_and_said(fake, tmp_path, client) -> None:
    (tmp_path / "cache.sqlite").write_bytes(b"this is no database at all, but it is there" * 50)
    web = client()
    assert labels(web, fake, "Q900000000001") == ["Q900000000001"]
    assert "begun anew" in web.cache.warnings[0]
    assert (tmp_path / "cache.sqlite.damaged").exists()


def test_old_answers_are_asked_for_again(fake, client) -> None:
    labels(client(), fake, "Q900000000001")
    web = client(now=1015 * DAY)
    labels(web, fake, "Q900000000001")
    assert web.requests == 1
