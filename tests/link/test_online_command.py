"""`acuerdo link --online` and `link enrich --endpoint` as they are typed, against a local server."""

import functools
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo.build import Options, build
from acuerdo.cli import acuerdo
from acuerdo.errors import RemoteFailed
from acuerdo.link import sssom, web
from link import test_online
from link.conftest import entity

RUBIO, MINISTER, POST = "Q324546", "Q900000000031", "Q900000000032"


def tenure(post: str, start: str) -> dict:
    when = {"datavalue": {"value": {"time": f"+{start}T00:00:00Z", "precision": 11}}}
    return {
        "mainsnak": {"datavalue": {"value": {"id": post}}},
        "qualifiers": {"P580": [when]},
    }


ITEMS = {
    # The registry's number was merged into another.
    RUBIO: entity("Q900000000030", "Marco Rubio", "Q5"),
    MINISTER: entity(
        MINISTER, "Evaristo Quiñones Lara", "Q5", P39=[tenure(POST, "2024-10-01")], P27=[]
    ),
    POST: entity(POST, "harbour minister of Costa Brava", "Q4164871"),
}


class Handler(test_online.Handler):
    """The action API over the items of this module."""

    def answer(self, asked: dict[str, str]) -> dict:
        labels = {q: json.loads(e)["labels"]["en"]["value"] for q, e in ITEMS.items()}
        if asked["action"] == "wbsearchentities":
            words = asked["search"].lower().split()
            hits = [q for q, label in labels.items() if words[0] in label.lower().split()]
            return {"search": [{"id": q} for q in hits]}
        if asked["action"] == "query":
            return {"query": {"search": []}}
        found = {}
        for qid in asked["ids"].split("|"):
            one = json.loads(ITEMS[qid]) if qid in ITEMS else {"id": qid, "missing": ""}
            if one["id"] != qid:
                one["redirects"] = {"from": qid, "to": one["id"]}
            found[one["id"]] = one
        return {"entities": found}


@pytest.fixture
def server(monkeypatch) -> Iterator[test_online.Fake]:
    monkeypatch.setattr(
        "acuerdo.link.source.Manners",
        functools.partial(web.Manners, pause=0.0, sleep=lambda _: None),
    )
    fake = test_online.Fake(Handler)
    thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield fake
    fake.shutdown()
    thread.join()
    fake.server_close()


def link(place: Path, *more: str):
    args = ["link", "--kg", str(place / "kg"), "--now", "2026-01-31", *more]
    return CliRunner().invoke(acuerdo, args)


def online(place: Path, server: test_online.Fake, *more: str):
    return link(place, "--online", "--contact", "me@example.org", "--api", server.url, *more)


def rows(place: Path) -> dict[tuple[str, str], sssom.Row]:
    return {r.pair: r for r in sssom.read(place / "links" / sssom.FILE).rows}


def test_a_run_finds_items_through_every_trouble_and_a_second_run_asks_for_nothing(
    place, server
) -> None:
    server.troubles += [
        (200, {"Retry-After": "5"}, '{"error": {"code": "maxlag", "info": "x", "lag": 6}}'),
        (429, {"Retry-After": "2"}, "slow down"),
        (503, {}, ""),
        (0, {}, ""),
    ]
    done = online(place, server)
    assert done.exit_code == 0, done.output
    found = rows(place)
    minister = found["id:article/one/entity/m", f"wd:{MINISTER}"]
    assert minister.object_category == "person|wd:Q5"
    assert found["id:person/marco-rubio", "wd:Q900000000030"].stands
    assert f"{RUBIO} is now Q900000000030" in done.output
    assert server.agents == {web.Manners("me@example.org").agent}
    before = (place / "links" / sssom.FILE).read_bytes()
    server.seen.clear()
    again = online(place, server)
    assert again.exit_code == 0
    assert " 0 requests" in again.output
    offline = online(place, server, "--offline")
    assert offline.exit_code == 0
    assert server.seen == []
    assert (place / "links" / sssom.FILE).read_bytes() == before


def test_a_thing_whose_item_is_stated_is_not_searched_for(place, server) -> None:
    online(place, server)
    searched = {a["search"] for a in server.seen if a["action"] == "wbsearchentities"}
    assert "Evaristo Quiñones Lara" in searched
    assert "Marco Rubio" not in searched


def test_nobody_asks_wikidata_for_a_private_person(place, server) -> None:
    shy = json.loads((place / "articles" / "one.json").read_text())
    shy["entities"][0]["attrs"] = {"private": True}
    (place / "articles" / "one.json").write_text(json.dumps(shy), encoding="utf-8")
    build(Options((place / "articles",), place / "kg", jobs=1))
    assert online(place, server).exit_code == 0
    assert not any("Quiñones" in str(asked) for asked in server.seen)
    assert not any(subject == "id:article/one/entity/m" for subject, _ in rows(place))


def test_a_run_that_breaks_off_goes_on_where_it_stopped(place, server) -> None:
    online(place, server)
    counted = len(server.seen)
    (place / "kg" / "cache" / "wikidata.sqlite").unlink()
    (place / "links" / sssom.FILE).unlink()
    server.seen.clear()
    server.limit, server.answered = 20, 0
    broken = online(place, server)
    assert isinstance(broken.exception, RemoteFailed)
    assert "is kept" in str(broken.exception)
    assert not (place / "links" / sssom.FILE).exists()
    answered = server.answered
    server.limit = None
    server.seen.clear()
    assert online(place, server).exit_code == 0
    assert len(server.seen) == counted - answered


def test_offline_with_an_empty_cache_fails_closed_and_writes_nothing(place, server) -> None:
    done = online(place, server, "--offline")
    assert isinstance(done.exception, RemoteFailed)
    assert "not in the cache" in str(done.exception)
    assert server.seen == []
    assert not (place / "links").exists()


def test_without_a_network_one_line_says_so_and_nothing_is_lost(place, server) -> None:
    assert online(place, server).exit_code == 0
    before = (place / "links" / sssom.FILE).read_bytes()
    (place / "kg" / "cache" / "wikidata.sqlite").unlink()
    done = link(
        place, "--online", "--contact", "me@example.org", "--api", "http://127.0.0.1:9/w/api.php"
    )
    assert isinstance(done.exception, RemoteFailed)
    assert "no connection" in str(done.exception)
    assert "\n" not in str(done.exception)
    assert (place / "links" / sssom.FILE).read_bytes() == before


def test_a_corrupt_cache_is_set_aside_and_the_run_goes_on(place, server) -> None:
    cache = place / "kg" / "cache" / "wikidata.sqlite"
    cache.parent.mkdir(exist_ok=True)
    cache.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    done = online(place, server)
    assert done.exit_code == 0
    assert "begun anew" in done.output
    assert ("id:article/one/entity/m", f"wd:{MINISTER}") in rows(place)


def test_a_cached_answer_that_is_no_json_is_asked_for_again(place, server) -> None:
    import sqlite3

    online(place, server)
    base = sqlite3.connect(place / "kg" / "cache" / "wikidata.sqlite")
    base.execute("UPDATE entity SET body = '{cut' WHERE qid = ?", (MINISTER,))
    base.commit()
    base.close()
    server.seen.clear()
    assert online(place, server).exit_code == 0
    assert [a["ids"] for a in server.seen] == [MINISTER]


def test_snapshots_and_wikidata_are_searched_together(place, server, tables) -> None:
    done = online(place, server, *(x for t in tables for x in ("--candidates", str(t))))
    assert done.exit_code == 0
    assert ("id:article/one/entity/m", f"wd:{MINISTER}") in rows(place)
