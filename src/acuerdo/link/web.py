"""Politeness and memory of the web client: one request at a time, each answer kept, each refusal heeded.

The cache is an SQLite file of answers by URL and of entities by QID, so that a run that was broken off goes
on where it stopped and a second run asks for nothing. What is an error is never kept, even when it comes
with status 200. https://www.mediawiki.org/wiki/API:Etiquette
"""

import email.utils
import json
import random
import sqlite3
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from msgspec import Struct

from acuerdo import __version__
from acuerdo.errors import LimitReached, RemoteFailed, WrongUsage

DAY = 86_400.0
_AGAIN = frozenset({429, 500, 502, 503, 504})
_TRANSIENT = ("maxlag", "ratelimited", "readonly", "internal_api_error", "failed-to-load")
TRIES = 6
PATIENCE = 300.0  # seconds that a server may ask us to wait at once
_TABLES = """
CREATE TABLE IF NOT EXISTS answer (url TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entity (qid TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
"""


class Cache:
    """Answers on disk; a file that is no database is set aside and begun anew."""

    def __init__(self, path: Path) -> None:
        self.warnings: list[str] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._base = self._open(path)
        except sqlite3.DatabaseError:
            aside = path.with_name(path.name + ".damaged")
            path.replace(aside)
            self.warnings.append(
                f"{path}: the cache was damaged; it lies in {aside} and is begun anew"
            )
            self._base = self._open(path)

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        base = sqlite3.connect(path, isolation_level=None)
        try:
            # What an answer costs is asking for it again: no wait for the disk after each of them.
            base.executescript("PRAGMA synchronous=OFF;" + _TABLES)
            found = base.execute("PRAGMA quick_check").fetchone()
        except sqlite3.DatabaseError:
            base.close()
            raise
        if found is None or found[0] != "ok":
            base.close()
            raise sqlite3.DatabaseError(found)
        return base

    def get(self, table: str, key: str, since: float) -> Any | None:
        """The value kept under a key since a moment; None where there is none."""
        column = {"answer": "url", "entity": "qid"}[table]
        row = self._base.execute(
            f"SELECT body FROM {table} WHERE {column} = ? AND at >= ?",  # noqa: S608 - two fixed tables
            (key, since),
        ).fetchone()
        try:
            return json.loads(row[0]) if row else None
        except ValueError:  # a damaged answer is none
            return None

    def put(self, table: str, key: str, at: float, value: Any) -> None:
        """Keep a value."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self._base.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", (key, at, body))  # noqa: S608

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()


class Manners(Struct, frozen=True):
    """How a client behaves; tests give their own clock and sleep."""

    contact: str
    offline: bool = False
    keep: float = 14 * DAY
    pause: float = 0.1
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    @property
    def agent(self) -> str:
        """The user agent that the Wikimedia policy asks for: the tool, its page, who runs it, the library."""
        return f"acuerdo/{__version__} (https://w3id.org/acuerdo; {self.contact}) httpx/{httpx.__version__}"


class Web:
    """GET of JSON with cache and patience; `requests` counts what really went out."""

    def __init__(self, cache: Cache, manners: Manners) -> None:
        if not manners.offline and not manners.contact:
            raise WrongUsage(
                "Wikimedia wants to know whom to write to; give --contact a mail address or a page"
            )
        self.cache, self.manners, self.requests = cache, manners, 0
        self._jitter = random.Random(0)  # noqa: S311 - spreads waiting times, guards nothing

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            headers={"User-Agent": self.manners.agent, "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(60.0, connect=15.0),
            follow_redirects=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if "_client" in self.__dict__:  # made when the first request goes out
            self._client.close()
        self.cache.close()

    def since(self) -> float:
        """Answers kept since then are used; offline, all are."""
        return 0.0 if self.manners.offline else self.manners.now() - self.manners.keep

    def get(self, url: str, params: dict[str, str]) -> dict[str, Any]:
        """The JSON of an address, from the cache where it is known."""
        asked = str(httpx.URL(url, params=dict(sorted(params.items()))))
        kept = self.cache.get("answer", asked, self.since())
        if kept is not None:
            return dict(kept)
        found = self.fetch(asked)
        self.cache.put("answer", asked, self.manners.now(), found)
        return found

    def fetch(self, asked: str) -> dict[str, Any]:
        """The JSON of an address, asked for anew; raises RemoteFailed, or LimitReached for a long refusal."""
        host = httpx.URL(asked).host
        if self.manners.offline:
            raise RemoteFailed(f"{host}: not in the cache and --offline was said: {asked[:160]}")
        reason = ""
        for attempt in range(TRIES):
            reply, reason = self._once(asked)
            if reply is not None and not reason:
                return reply
            if attempt + 1 < TRIES:
                self._wait(host, attempt)
        raise RemoteFailed(
            f"{host}: {reason}; gave up after {TRIES} tries. What was fetched is kept; run again later"
        )

    def _once(self, asked: str) -> tuple[dict[str, Any] | None, str]:
        self._asked_to_wait = 0.0
        self.manners.sleep(self.manners.pause)
        self.requests += 1
        host = httpx.URL(asked).host
        try:
            reply = self._client.get(asked)
        except httpx.TransportError as error:
            return None, f"no connection ({type(error).__name__})"
        if reply.status_code in _AGAIN:
            self._asked_to_wait = retry_after(reply.headers.get("Retry-After"), self.manners.now())
            return None, f"status {reply.status_code}"
        if reply.status_code == 403:
            raise RemoteFailed(f"{host}: refuses us (403); is --contact an address that answers?")
        if reply.status_code != 200:
            raise RemoteFailed(f"{host}: status {reply.status_code} for {asked[:160]}")
        try:
            found = reply.json()
        except ValueError:
            return None, "an answer that is not JSON"
        if not isinstance(found, dict):
            return None, "an answer of another form"
        return self._looked_through(host, reply, found)

    def _looked_through(
        self, host: str, reply: httpx.Response, found: dict[str, Any]
    ) -> tuple[dict[str, Any] | None, str]:
        """Errors of the API come with status 200."""
        error = found.get("error")
        if error is None:
            return found, ""
        code = str(error.get("code", "")) if isinstance(error, dict) else str(error)
        if code == "no-such-entity":
            return found, ""
        if code.startswith(_TRANSIENT):
            lag = error.get("lag", 0) if isinstance(error, dict) else 0
            stated = retry_after(reply.headers.get("Retry-After"), self.manners.now())
            self._asked_to_wait = max(stated, min(float(lag or 0), 30.0))
            return None, f"the API says {code}"
        info = error.get("info", "") if isinstance(error, dict) else ""
        raise RemoteFailed(f"{host}: the API says {code}: {str(info)[:160]}")

    def _wait(self, host: str, attempt: int) -> None:
        """As long as the server says; without a word of it, longer each time."""
        if self._asked_to_wait > PATIENCE:
            raise LimitReached(
                f"{host}: asks to wait {self._asked_to_wait:,.0f} s; what was fetched is kept, run again then"
            )
        own = min(60.0, 2.0**attempt) * (0.75 + 0.5 * self._jitter.random())
        self.manners.sleep(self._asked_to_wait or own)


def retry_after(value: str | None, now: float) -> float:
    """Seconds of a Retry-After header, which is a number or a date."""
    if not value:
        return 0.0
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return 0.0
