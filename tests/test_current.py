"""`/graph/current`: where shared things stand, from what all articles say of them."""

import random
from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo import assets, mapping, read, resolve
from acuerdo.infer.current import Account, accounts, current, disputed
from acuerdo.iri import AC, DEMO_BASE

ROOT = Path(__file__).parents[1]
MEETING = DEMO_BASE + "id/event/m"


def account(day: str, status: str, first: str = "", last: str = "", publisher: str = "") -> Account:
    return Account(
        MEETING, f"a:{day}-{status}-{publisher}", day, publisher, status, "", first, last
    )


def view(*told: Account) -> dict[str, str]:
    quads = ox.parse(current(told, DEMO_BASE), format=ox.RdfFormat.N_QUADS)
    return {
        q.predicate.value.removeprefix(AC): str(q.object.value).rsplit("/", 1)[-1] for q in quads
    }  # type: ignore[union-attr]


def test_the_latest_article_gives_the_status() -> None:
    told = [
        account("2017-02-08", "planned", "2017-04-01", "2017-04-30"),
        account("2017-04-12", "occurred", "2017-04-11", "2017-04-11"),
    ]
    assert view(*told) == {
        "currentStatus": "occurred",
        "articleCount": "2",
        "publisherCount": "0",
        "disputed": "false",
        "notBefore": "2017-04-11",
        "notAfter": "2017-04-11",
    }


def test_the_tightest_date_is_that_of_an_article_that_agrees_on_the_status() -> None:
    told = [
        account("2019-12-06", "occurred", "2019-12-01", "2019-12-31"),
        account("2019-12-05", "occurred", "2019-12-05", "2019-12-05"),
    ]
    assert (view(*told)["notBefore"], view(*told)["notAfter"]) == ("2019-12-05", "2019-12-05")
    planned = account("2019-11-01", "planned", "2019-12-04", "2019-12-04")
    assert view(planned, *told)["notBefore"] == "2019-12-05"


def test_publishers_are_counted_once() -> None:
    told = [
        account(f"2019-12-0{n}", "occurred", publisher=p) for n, p in ((5, "x"), (6, "x"), (7, "y"))
    ]
    assert (view(*told)["articleCount"], view(*told)["publisherCount"]) == ("3", "2")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ("planned occurred", False),
        ("planned postponed occurred", False),
        ("planned cancelled", False),
        ("under-review occurred revoked", False),
        ("alleged occurred", False),
        ("cancelled occurred", True),
        ("occurred cancelled", True),
        ("occurred planned", True),
    ],
)
def test_a_course_of_events_is_no_dispute(statuses: str, expected: bool) -> None:
    told = [account(f"2020-01-{n:02}", status) for n, status in enumerate(statuses.split(), 1)]
    assert disputed(told) is expected


def test_two_statuses_on_one_day_are_a_dispute() -> None:
    told = [
        account("2020-01-01", "planned", publisher="x"),
        account("2020-01-01", "cancelled", publisher="y"),
    ]
    assert disputed(told)


def test_two_times_that_exclude_each_other_are_a_dispute() -> None:
    told = [
        account("2020-01-09", "occurred", "2020-01-01", "2020-01-01"),
        account("2020-01-10", "occurred", "2020-01-02", "2020-01-03"),
    ]
    assert disputed(told)
    assert not disputed([told[0], account("2020-01-10", "occurred", "2019-12-01", "2020-01-31")])


@pytest.fixture(scope="module")
def told() -> list[Account]:
    world = resolve.load([assets.path("ontology")])
    return [
        account
        for path in sorted((ROOT / "examples").glob("*/*.json"))
        for one in read.articles([path])
        if one.article is not None
        for account in accounts(
            mapping.map_article(resolve.resolve(one.article, world), world), DEMO_BASE
        )
    ]


def test_the_examples_share_a_meeting_that_two_articles_report(told: list[Account]) -> None:
    quads = list(ox.parse(current(told, DEMO_BASE), format=ox.RdfFormat.N_QUADS))
    about = {
        q.predicate.value.removeprefix(AC): str(q.object.value)  # type: ignore[union-attr]
        for q in quads
        if q.subject == ox.NamedNode(DEMO_BASE + "id/event/ganseg-meeting")
    }
    assert int(about["articleCount"]) >= 2
    assert about["currentStatus"].endswith("/occurred")
    assert (about["notBefore"], about["disputed"]) == ("2019-12-05", "false")
    assert {str(q.graph_name.value) for q in quads} == {DEMO_BASE + "graph/current"}  # type: ignore[union-attr]


def test_the_order_of_articles_does_not_matter(told: list[Account]) -> None:
    shuffled = list(told)
    random.Random(3).shuffle(shuffled)
    assert current(shuffled, DEMO_BASE) == current(told, DEMO_BASE)


def test_participations_are_no_shared_things(told: list[Account]) -> None:
    assert told
    assert not any("participation" in account.thing for account in told)
