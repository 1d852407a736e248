"""What stores do to literals: the known rewritings, and when two literals mean the same value.

A store that keeps `"1.10"^^xsd:decimal` as `1.1` has lost no knowledge, but it does not hold what it was sent.
The rules here say what to expect of a profile; a difference that no rule explains is still compared by value.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from acuerdo.export.nquads import LITERAL

_XSD = b"<http://www.w3.org/2001/XMLSchema#"
_INTEGERS = frozenset(
    _XSD + name + b">"
    for name in b"integer int long short byte nonNegativeInteger positiveInteger unsignedInt unsignedLong".split()
)
_DECIMAL, _DOUBLE, _FLOAT = (_XSD + name + b">" for name in (b"decimal", b"double", b"float"))
_BOOLEAN, _DATETIME, _STRING = (_XSD + name + b">" for name in (b"boolean", b"dateTime", b"string"))
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?")
Rule = Callable[[bytes], bytes]


def _parts(token: bytes) -> tuple[bytes, bytes, bytes]:
    found = LITERAL.fullmatch(token)
    assert found is not None, token
    return found[1], found[2] or b"", found[3] or b""


def numbers(token: bytes) -> bytes:
    """Numbers and booleans in their shortest form: `007` → `7`, `1.10` → `1.1`."""
    quoted, _, datatype = _parts(token)
    text = quoted[1:-1].decode()
    shorter: str | None = None
    if datatype in _INTEGERS or datatype == _DECIMAL:
        shorter = _decimal(text)
    elif datatype in {_DOUBLE, _FLOAT}:
        shorter = _double(text)
    elif datatype == _BOOLEAN:
        shorter = {"1": "true", "0": "false"}.get(text)
    return token if shorter is None else b'"%b"^^%b' % (shorter.encode(), datatype)


def _decimal(text: str) -> str | None:
    try:
        plain = f"{Decimal(text):f}"
    except InvalidOperation:
        return None
    whole, _, fraction = plain.partition(".")
    fraction = fraction.rstrip("0")
    shortest = f"{whole}.{fraction}" if fraction else whole
    return "0" if shortest == "-0" else shortest


def _double(text: str) -> str | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def language(token: bytes) -> bytes:
    """Language tags in lower case."""
    quoted, tag, _ = _parts(token)
    return b"%b@%b" % (quoted, tag.lower()) if tag else token


def language_region(token: bytes) -> bytes:
    """Language tags as RFC 5646 recommends: `es-mx` → `es-MX`."""
    quoted, tag, _ = _parts(token)
    if not tag:
        return token
    first, *rest = tag.decode().split("-")
    named = [
        part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower()
        for part in rest
    ]
    return b"%b@%b" % (quoted, "-".join([first.lower(), *named]).encode())


def datetime_millis(token: bytes) -> bytes:
    """Fractions of a second with three digits."""
    found = _moment(token)
    if found is None or not found[2]:
        return token
    return _dated(f"{found[1]}.{found[2][:3]:0<3}{found[3] or ''}")


def datetime_utc(token: bytes) -> bytes:
    """Moments in UTC with milliseconds."""
    found = _moment(token)
    if found is None:
        return token
    try:
        moment = datetime.fromisoformat(found[1] + (found[3] or "Z")).astimezone(UTC)
    except (ValueError, OverflowError):
        return token
    return _dated(f"{moment:%Y-%m-%dT%H:%M:%S}.{(found[2] or '')[:3]:0<3}Z")


def _moment(token: bytes) -> re.Match[str] | None:
    quoted, _, datatype = _parts(token)
    return _MOMENT.fullmatch(quoted[1:-1].decode()) if datatype == _DATETIME else None


def _dated(text: str) -> bytes:
    return b'"%b"^^%b' % (text.encode(), _DATETIME)


RULES: dict[str, Rule] = {
    "numbers": numbers,
    "language": language,
    "language-region": language_region,
    "datetime-millis": datetime_millis,
    "datetime-utc": datetime_utc,
}


def expected(losses: tuple[str, ...]) -> Rule:
    """What a store with these losses makes of an object token; IRIs stay as they are."""
    rules = [RULES[name] for name in losses]

    def rewritten(token: bytes) -> bytes:
        # Plain strings, by far the most, are touched by no rule.
        if token[:1] == b"<" or token[-1:] == b'"':
            return token
        for rule in rules:
            token = rule(token)
        return token

    return rewritten


def same_value(token: bytes) -> bytes:
    """One form for all literals that mean the same: what is equal here differs in spelling alone."""
    if token[:1] == b"<":
        return token
    if token.endswith(b"^^" + _STRING):
        return token[: -len(_STRING) - 2]
    if token[-1:] == b'"':
        return token
    found = _moment(token)
    if found is not None and found[2] and len(found[2]) > 3:
        # Milliseconds are what every store keeps; finer differences are differences.
        return token
    return datetime_utc(language(numbers(token)))
