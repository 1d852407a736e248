"""TIMEX3 values of tools as EDTF; a day that a tool does not state is never made up."""

import re
from datetime import date, timedelta

from acuerdo.dates import InvalidDateError, bounds

_WEEK = re.compile(r"(\d{4})-W(\d{2})(?:-([1-7]|WE))?")
_DURATION = re.compile(r"(\d{4}-\d{2}-\d{2})/P(\d+)([DWMY])")
_PART_OF_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})T(?:MO|AF|EV|NI|DT|MI|\d{2}(?::?\d{2})?)")
_SEASONS = {"SP": "21", "SU": "22", "FA": "23", "WI": "24"}
_SEASON = re.compile(r"(\d{4})-(SP|SU|FA|WI)")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_HALF = re.compile(r"(\d{4})-H([12])")
_DECADE = re.compile(r"\d{2,3}(?:X{1,2})?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


def edtf(value: str) -> str:
    """The value as EDTF; what is EDTF already, or nothing we know, stays for the date check to judge."""
    value = value.strip()
    try:
        bounds(value)
    except InvalidDateError:
        return _converted(value)
    return value


def _converted(value: str) -> str:
    if found := _WEEK.fullmatch(value):
        return _week(value, int(found[1]), int(found[2]), found[3])
    if found := _DURATION.fullmatch(value):
        return _after(value, found[1], int(found[2]), found[3])
    if found := _PART_OF_DAY.fullmatch(value):
        return found[1]
    if found := _SEASON.fullmatch(value):
        return f"{found[1]}-{_SEASONS[found[2]]}"
    if found := _QUARTER.fullmatch(value):
        first = int(found[2]) * 3 - 2
        return f"{found[1]}-{first:02d}/{found[1]}-{first + 2:02d}"
    if found := _HALF.fullmatch(value):
        return f"{found[1]}-01/{found[1]}-06" if found[2] == "1" else f"{found[1]}-07/{found[1]}-12"
    if found := _COMPACT.fullmatch(value):
        return f"{found[1]}-{found[2]}-{found[3]}"
    if value.endswith("_") or _DECADE.fullmatch(value):
        return value.rstrip("_").ljust(4, "X")
    return value


def _week(value: str, year: int, week: int, day: str | None) -> str:
    try:
        first = date.fromisocalendar(year, week, 1)
    except ValueError:
        return value
    if day == "WE":
        return f"{first + timedelta(5)}/{first + timedelta(6)}"
    if day:
        return str(first + timedelta(int(day) - 1))
    return f"{first}/{first + timedelta(6)}"


def _after(value: str, start: str, count: int, unit: str) -> str:
    try:
        first = date.fromisoformat(start)
        days = {"D": count, "W": 7 * count}.get(unit)
        if days is not None:
            return f"{start}/{first + timedelta(max(days - 1, 0))}"
        months = first.month - 1 + (count if unit == "M" else 12 * count)
        end = date(first.year + months // 12, months % 12 + 1, min(first.day, 28)) - timedelta(1)
    except (ValueError, OverflowError):
        return value
    return f"{start}/{end}"
