"""How to deal with an endpoint that is busy: when to come back, and what its words are worth repeating."""

import email.utils
import re
import time
from collections.abc import Iterator

from acuerdo.report import escaped

# Answers after which the same request may well succeed a little later.
BUSY = frozenset({408, 429, 502, 503, 504})
# Whoever has never answered is more likely a wrong address than a busy endpoint.
UNMET = 3.0


def pauses() -> Iterator[float]:
    """Seconds between tries, where the endpoint asks for none: doubling, up to half a minute."""
    pause = 1.0
    while True:
        yield pause
        pause = min(pause * 2, 30.0)


def asked_to_wait(retry_after: str | None, date: str | None) -> float | None:
    """Seconds of the header Retry-After. A date in it is read by the server's own clock (the header Date)."""
    asked = (retry_after or "").strip()
    if asked.isdigit():
        return float(asked)
    until = _date(asked)
    if until is None:
        return None
    now = _date(date or "")
    return max(0.0, until - (time.time() if now is None else now))


def _date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


def plain_words(body: str) -> str:
    """What an error page says, as one short line without markup."""
    text = re.sub(r"<(style|script|title)\b.*?</\1>|<[^<>]*>", " ", body[:20_000], flags=re.DOTALL)
    return escaped(" ".join(text.split()), 300)[1:-1] or "no explanation"
