"""EDTF as news needs it: strict bounds, months, and hints for what is no date."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuerdo.dates import Bounds, InvalidDateError, ReversedIntervalError, bounds, is_day


@pytest.mark.parametrize(
    ("value", "lower", "upper"),
    [
        ("2019-12-05", "2019-12-05", "2019-12-05"),
        ("2019-11~", "2019-11-01", "2019-11-30"),
        ("2017-02?", "2017-02-01", "2017-02-28"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2012", "2012-01-01", "2012-12-31"),
        ("201X", "2010-01-01", "2019-12-31"),
        ("2019-XX-XX", "2019-01-01", "2019-12-31"),
        ("2019-07-XX", "2019-07-01", "2019-07-31"),
        ("2017-21", "2017-03-01", "2017-05-31"),
        ("2017-24", "2017-12-01", "2018-02-28"),
        ("2017-02-08T02:48:00Z", "2017-02-08", "2017-02-08"),
        ("2017-01/2017-03", "2017-01-01", "2017-03-31"),
        ("../2017-12-14", None, "2017-12-14"),
        ("2024-05/..", "2024-05-01", None),
        ("/2017", None, "2017-12-31"),
        ("[2017-02,2017-04]", "2017-02-01", "2017-04-30"),
    ],
)
def test_bounds_are_the_first_and_last_day_that_the_value_allows(value, lower, upper) -> None:
    found = bounds(value)
    assert (str(found.lower or "None"), str(found.upper or "None")) == (str(lower), str(upper))


@pytest.mark.parametrize(
    "value",
    ["", "..", "../..", "2017-02-30", "2019-13", "03/04/2017", "February", "2017-2-8", "0000-00-00",
     "2017-02-08T25:00:00Z", "2017~~", "[2017", "a/b/c", "２０１７", "20170208", "2017-02-08 ", "9999999"],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_a_hint(value) -> None:
    with pytest.raises(InvalidDateError) as caught:
        bounds(value)
    assert caught.value.hint.endswith((".", "?"))


def test_an_interval_that_ends_before_it_begins_is_named_as_such() -> None:
    with pytest.raises(ReversedIntervalError) as caught:
        bounds("2019-05/2019-02")
    assert caught.value.hint == "Did you mean 2019-02/2019-05?"


def test_ambiguous_day_and_month_get_their_own_hint() -> None:
    with pytest.raises(InvalidDateError) as caught:
        bounds("03-04-2017")
    assert "cannot be told apart" in caught.value.hint


@pytest.mark.parametrize(
    ("value", "months"),
    [
        ("2019-12-05", ("2019-12",)),
        ("2019-11/2020-01", ("2019-11", "2019-12", "2020-01")),
        ("../2017-12-14", ("2017-12", "open")),
        ("2010/2015", ("2010-01", "2015-12", "open")),
        ("2010/2011", tuple(f"{y}-{m:02d}" for y in (2010, 2011) for m in range(1, 13))),
    ],
)
def test_months_touched_are_at_most_24_and_else_the_known_ends_and_open(value, months) -> None:
    assert bounds(value).months == months


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_is_its_own_bounds(day) -> None:
    assert bounds(day.isoformat()) == Bounds(day, day)


@given(st.text(max_size=20))
def test_any_text_gives_bounds_or_an_invalid_date(text) -> None:
    try:
        found = bounds(text)
    except InvalidDateError:
        return
    assert found.lower or found.upper


def test_a_marked_or_shortened_date_is_no_day() -> None:
    assert is_day("2017-02-08")
    assert not any(is_day(v) for v in ("2017-02", "2017-02-08~", "2017-02-01/2017-02-03"))
