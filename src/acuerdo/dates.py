"""Dates as news tells them: EDTF level 1, with strict bounds for queries.

Source: Library of Congress, Extended Date/Time Format (2019), levels 0 and 1, and the level 2 set `[a..b]`.
The string is kept as it is; the bounds are the first and last day that it allows, never padded for `~` or `?`.
"""

import calendar
import re
from datetime import date
from functools import lru_cache

from msgspec import Struct

MONTHS_AT_MOST = 24
NAMED_AT_MOST = 240  # months of a range that a question names one by one
# Two-digit seasons of level 1: 21 spring … 24 winter, as whole quarters in the northern reading.
_SEASON = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 2)}
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_UNSPECIFIED = re.compile(r"(?:\d{2}XX|\d{3}X|\d{4}-XX(?:-XX)?|\d{4}-\d{2}-XX)", re.ASCII)
_TIME = re.compile(
    r"T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII
)
_CLOCK = re.compile(r"(\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


class InvalidDateError(ValueError):
    """The value is no EDTF date; `hint` says what to write."""

    def __init__(self, value: str, hint: str) -> None:
        self.value, self.hint = value, hint
        super().__init__(value)


class ReversedIntervalError(InvalidDateError):
    """The interval ends before it begins."""


class Bounds(Struct, frozen=True):
    """First and last possible day; `None` where the interval is open or its end unknown."""

    lower: date | None
    upper: date | None

    @property
    def months(self) -> tuple[str, ...]:
        """Every month touched, at most 24; an open or longer interval: its known end's month, and `open`."""
        if self.lower and self.upper:
            first = self.lower.year * 12 + self.lower.month - 1
            last = self.upper.year * 12 + self.upper.month - 1
            if last - first < MONTHS_AT_MOST:
                return tuple(f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(first, last + 1))
        ends = dict.fromkeys(f"{d.year:04d}-{d.month:02d}" for d in (self.lower, self.upper) if d)
        return (*ends, "open")


def months_between(first: date, last: date) -> tuple[str, ...]:
    """Every month node that a thing dated from `first` to `last` may stand in: the months, and `open`.

    Empty where there are too many to name (over 20 years), or none.

    >>> months_between(date(2019, 12, 24), date(2020, 1, 6))
    ('2019-12', '2020-01', 'open')
    """
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month
    if not 0 < end - start <= NAMED_AT_MOST:
        return ()
    return (*(f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(start, end)), "open")


@lru_cache(maxsize=32768)
def bounds(value: str) -> Bounds:
    """The strict bounds of an EDTF string; raises InvalidDateError or ReversedIntervalError.

    >>> bounds("2019-11~")
    Bounds(lower=datetime.date(2019, 11, 1), upper=datetime.date(2019, 11, 30))
    >>> bounds("../2017-12-14").lower is None
    True
    """
    if "/" in value:
        start, _, end = value.partition("/")
        if "/" in end or (start in {"", ".."} and end in {"", ".."}):
            raise InvalidDateError(value, _hint(value))
        return _interval(value, start, end)
    if value.startswith("[") and value.endswith("]"):
        return _one_of(value)
    return _single(value)


def _interval(value: str, start: str, end: str) -> Bounds:
    lower = None if start in {"", ".."} else _single(start).lower
    upper = None if end in {"", ".."} else _single(end).upper
    if lower and upper and upper < lower:
        raise ReversedIntervalError(value, f"Did you mean {end}/{start}?")
    return Bounds(lower, upper)


def _one_of(value: str) -> Bounds:
    parts = [part.strip() for part in re.split(r",|\.\.", value[1:-1])]
    if not all(parts):
        raise InvalidDateError(value, "Write a choice as [2017-02,2017-03] or [2017-02..2017-04].")
    each = [_single(part) for part in parts]
    return Bounds(min(b.lower for b in each if b.lower), max(b.upper for b in each if b.upper))


def _single(value: str) -> Bounds:
    text = value
    if "T" in text:
        day, _, _ = text.partition("T")
        if _TIME.fullmatch(text[len(day) :]) is None or len(day) != 10:
            raise InvalidDateError(value, "Write a time as 2017-02-08T14:30:00Z.")
        text = day
    text = text.rstrip("~?%") if len(text) - len(text.rstrip("~?%")) <= 1 else value
    if _UNSPECIFIED.fullmatch(text):
        return _with_unspecified(value, text)
    found = _DAY.fullmatch(text)
    if found is None:
        raise InvalidDateError(value, _hint(value))
    year, month, day_number = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[2] and month in _SEASON and not found[3]:
        first, last = _SEASON[month]
        until = year + (last < first)
        return Bounds(_day(value, year, first, 1), _day(value, until, last, _length(until, last)))
    if found[3]:
        exact = _day(value, year, month, day_number)
        return Bounds(exact, exact)
    if found[2]:
        first_day = _day(value, year, month, 1)
        return Bounds(first_day, date(year, month, _length(year, month)))
    return Bounds(_day(value, year, 1, 1), date(year, 12, 31))


def _with_unspecified(value: str, text: str) -> Bounds:
    year, _, rest = text.partition("-")
    lower, upper = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if rest and not rest.startswith("XX"):
        return _single(f"{year}-{rest[:2]}")
    return Bounds(_day(value, lower, 1, 1), date(upper, 12, 31))


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _day(value: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise InvalidDateError(value, "There is no such day in the calendar.") from None


def _hint(value: str) -> str:
    if re.fullmatch(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}", value):
        return "Day and month cannot be told apart; write 2017-04-03."
    if "/" in value:
        return "Write an interval as start/end, at least one end known."
    if re.fullmatch(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", value):
        return "Write month and day with two digits, as in 2017-02-08."
    if re.search(r"[A-Za-zÁ-ú]{3}", value):
        return "Write a date as EDTF: 2017-02-08, a month as 2017-02, about a month as 2017-02~."
    return "Write a date as EDTF: 2017-02-08, 2017-02, 2017, 2017-02~, 2017-01/2017-03, ../2017-02."


def is_day(value: str) -> bool:
    """Whether the value is one exact day or dateTime, without a mark of doubt."""
    return len(value) >= 10 and value[4:5] == "-" and "/" not in value and value[-1] not in "~?%X]"


def canonical(value: str) -> str:
    """A dateTime as stores give it back: seconds written, no idle zeros behind them, `Z` for no offset.

    >>> canonical("2017-02-08T14:30+00:00"), canonical("2017-02-08T14:30:00.120-05:00")
    ('2017-02-08T14:30:00Z', '2017-02-08T14:30:00.12-05:00')
    """
    day, mark, rest = value.partition("T")
    found = _CLOCK.fullmatch(rest)
    if not mark or found is None:
        return value
    clock, seconds, fraction, zone = found.groups()
    idle = (fraction or "").rstrip("0").rstrip(".")
    shown = "Z" if zone in {"+00:00", "-00:00"} else zone or ""
    return f"{day}T{clock}{seconds or ':00'}{idle}{shown}"
