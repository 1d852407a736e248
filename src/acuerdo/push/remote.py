"""Requests to a store that may be busy, far away or wrong: retried where that helps, else said in one line."""

import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from acuerdo import __version__
from acuerdo.errors import RemoteFailed, WrongUsage
from acuerdo.query.patience import BUSY, UNMET, asked_to_wait, pauses, plain_words
from acuerdo.report import escaped

AGENT = f"acuerdo/{__version__} httpx/{httpx.__version__}"
JSON = "application/sparql-results+json"


class TooLarge(RemoteFailed):
    """The store, or a proxy before it, takes only smaller bodies (413)."""


class Remote:
    """A client with a memory for secrets and a sense of time; use it as a context manager.

    A request is repeated after a broken connection or a busy answer. That is safe for writes too: there
    are no blank nodes, so what was already taken is taken again to the same effect.
    """

    def __init__(
        self,
        auth: httpx.Auth | None = None,
        *,
        timeout: float = 120.0,
        patience: float = 120.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        limits = httpx.Timeout(timeout, connect=min(timeout, 10.0))
        self._client = httpx.Client(
            auth=auth, timeout=limits, headers={"User-Agent": AGENT}, transport=transport
        )
        self._patience = patience
        self._met = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, method: str, url: str, **request: Any) -> httpx.Response:
        """The answer, when it is a good one; raises RemoteFailed with the store's own words otherwise."""
        return _good(self._patiently(method, url, stream=False, **request), method)

    def _patiently(self, method: str, url: str, *, stream: bool, **request: Any) -> httpx.Response:
        """The first answer that is not busy; a stream is opened and not read, if it is a good one."""
        waited = 0.0
        for pause in pauses():
            answer, trouble = self._once(method, url, stream=stream, **request)
            if answer is not None and not _busy(answer):
                return answer
            wait = _asked(answer) if answer is not None else None
            wait = pause if wait is None else wait
            if waited + wait > (self._patience if self._met else min(self._patience, UNMET)):
                raise RemoteFailed(_gave_up(url, answer, trouble, wait))
            time.sleep(wait)
            waited += wait
        raise AssertionError  # pauses never end

    def _once(
        self, method: str, url: str, *, stream: bool, **request: Any
    ) -> tuple[httpx.Response | None, str]:
        try:
            built = self._client.build_request(method, url, **request)
            answer = self._client.send(built, stream=stream)
            if answer.status_code >= 300:
                answer.read()
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as error:
            raise WrongUsage(f"{_place(url)}: {error}") from error
        except httpx.DecodingError as error:
            raise RemoteFailed(f"{_place(url)}: sends an answer that cannot be unpacked") from error
        except httpx.TransportError as error:
            if _tls(error):
                raise RemoteFailed(f"{_place(url)}: TLS failed: {error}") from error
            return None, str(error) or type(error).__name__
        self._met = True
        return answer, ""

    def select(self, url: str, query: str) -> list[dict[str, dict[str, str]]]:
        """The rows of a SELECT, as the JSON results format has them."""
        answer = self.send("POST", url, data={"query": query}, headers={"Accept": JSON})
        try:
            rows: list[dict[str, dict[str, str]]] = answer.json()["results"]["bindings"]
        except (ValueError, KeyError, TypeError) as error:
            kind = answer.headers.get("Content-Type", "nothing")
            raise RemoteFailed(
                f"{_place(url)}: answers a query with {kind}, not with SPARQL results in JSON; "
                "is this the query endpoint?"
            ) from error
        return rows

    @contextmanager
    def lines(self, method: str, url: str, **request: Any) -> Iterator[Iterator[bytes]]:
        """The lines of a long answer, as they come."""
        answer = self._patiently(method, url, stream=True, **request)
        try:
            with closing(answer):
                _good(answer, method)
                yield _split(answer.iter_bytes())
        except httpx.TransportError as error:
            raise RemoteFailed(f"{_place(url)}: {error or type(error).__name__}") from error


def _split(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _busy(answer: httpx.Response) -> bool:
    """Whether to come back later: the status says so, or Virtuoso found two writers in each other's way."""
    if answer.status_code < 300:
        return False
    deadlock = answer.status_code == 500 and b"SR172" in answer.content[:2000]
    return answer.status_code in BUSY or deadlock


def _asked(answer: httpx.Response) -> float | None:
    return asked_to_wait(answer.headers.get("Retry-After"), answer.headers.get("Date"))


def _good(answer: httpx.Response, method: str) -> httpx.Response:
    status, url = answer.status_code, str(answer.request.url)
    if status < 300:
        return answer
    if status < 400:
        there = answer.headers.get("Location", "nowhere")
        raise RemoteFailed(f"{_place(url)}: redirects to {escaped(there, 200)}; give that address")
    if status == 413:
        raise TooLarge(f"{_place(url)}: takes no body of this size (413)")
    words = plain_words(answer.text)
    if status == 401:
        raise RemoteFailed(f"{_place(url)}: refuses us (401){_wanted_auth(answer)}")
    if status == 403:
        raise RemoteFailed(f"{_place(url)}: does not allow this (403): {words}")
    if status in {404, 405, 501}:
        hint = "is the address right, and may it be written?"
        raise RemoteFailed(f"{_place(url)}: knows no {method} here ({status}); {hint}")
    raise RemoteFailed(f"{_place(url)}: {status}: {words}")


def _wanted_auth(answer: httpx.Response) -> str:
    kinds = [value.split(" ")[0] for value in answer.headers.get_list("WWW-Authenticate")]
    sent = answer.request.headers.get("Authorization", "").split(" ")[0]
    if not kinds:
        return ": wrong name, password or token" if sent else "; give --auth and its secret"
    named = " or ".join(sorted({kind.lower() for kind in kinds}))
    if sent and sent.lower() in named:
        return f": wrong name, password or token for {named}"
    return f"; it wants --auth {named}"


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _gave_up(url: str, answer: httpx.Response | None, trouble: str, wait: float) -> str:
    if answer is None:
        return f"{_place(url)}: cannot be reached ({trouble})"
    asked = f"; it asks to come back in {wait:.0f} s" if "Retry-After" in answer.headers else ""
    return f"{_place(url)}: stays busy ({answer.status_code}): {plain_words(answer.text)}{asked}"
