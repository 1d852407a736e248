"""What raw ASGI needs to be pleasant: reading a request within limits, sending an answer."""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from acuerdo.serve.formats import KINDS
from acuerdo.serve.problem import Problem
from acuerdo.serve.settings import Limits

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Pairs = list[tuple[str, str]]
CLOSE = (b"connection", b"close")
DISCARD = 16 << 20
HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")
FIELDS = 1000  # more parameters than any dataset description has


@dataclass
class Exchange:
    """One request and what became of it."""

    scope: Scope
    receive: Receive
    send: Send
    client: str
    always: Headers = field(default_factory=list)  # what every answer says, unless it says another
    besides: Headers = field(default_factory=list)  # what is added to it
    started: float = field(default_factory=time.perf_counter)
    status: int = 0
    sent: int = 0
    outcome: str = ""
    endpoint: str = "none"
    query_text: str = ""
    rows: int | None = None
    disconnected: bool = False

    headers: dict[bytes, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Header names in lower case; a repeated one is joined by commas, as HTTP has it."""
        found = self.headers
        for name, value in self.scope["headers"]:
            found[name] = found[name] + b", " + value if name in found else value

    @property
    def query_hash(self) -> str:
        """What names a query in logs without showing it."""
        text = self.query_text.encode()
        return hashlib.sha256(text).hexdigest()[:16] if text else ""

    @property
    def method(self) -> str:
        """The request's verb, in capitals."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """The decoded path."""
        return str(self.scope["path"])

    @property
    def origin(self) -> str:
        """Scheme and host as the client wrote them."""
        host = self.header(b"host")
        return f"{self.scope['scheme']}://{host if HOST.fullmatch(host) else 'localhost'}"

    def header(self, name: bytes) -> str:
        """One header, empty where it is missing."""
        return self.headers.get(name, b"").decode("latin-1")

    def parameters(self) -> Pairs:
        """The URL's parameters."""
        return parse_form(self.scope["query_string"])

    async def body(self, limit: int, seconds: float) -> bytes:
        """The whole body; raises Problem when it is too long or too slow."""
        length = self.header(b"content-length")
        try:
            async with asyncio.timeout(seconds):
                if length.isdigit() and int(length) > limit:
                    await self._discard(int(length))
                    raise Problem(
                        "query-too-long", f"The body has {length} bytes; {limit} are allowed."
                    )
                return await self._read(limit)
        except TimeoutError:
            raise Problem("body-timeout", headers=(CLOSE,)) from None

    async def _discard(self, length: int) -> None:
        """Read a body that is refused, so that the client gets to reading the answer; not a huge one."""
        if length > DISCARD:
            raise Problem("query-too-long", headers=(CLOSE,))
        while (message := await self.receive())["type"] == "http.request" and message.get(
            "more_body"
        ):
            pass

    async def _read(self, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self.disconnected = True
                raise Problem("bad-request", "The connection was closed.")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise Problem("query-too-long", f"More than {limit} bytes.", headers=(CLOSE,))
            if not message.get("more_body"):
                return b"".join(parts)

    def _complete(self, headers: Headers) -> Headers:
        own = {name for name, _ in headers}
        return [*headers, *[h for h in self.always if h[0] not in own], *self.besides]

    async def begin(self, status: int, headers: Headers) -> None:
        """Send status and headers."""
        self.status = status
        head = self._complete(headers)
        await self.send({"type": "http.response.start", "status": status, "headers": head})

    async def whole(self, status: int, headers: Headers, body: bytes = b"") -> None:
        """Send a complete answer; HEAD gets its headers only."""
        empty = status in (204, 304)
        length = [] if empty else [(b"content-length", b"%d" % len(body))]
        content = b"" if empty or self.method == "HEAD" else body
        self.sent += len(content)
        head = self._complete([*headers, *length])
        self.status = status
        at_once = self.scope.get("acuerdo.whole")
        if not (at_once and at_once(status, head, content)):
            await self.send({"type": "http.response.start", "status": status, "headers": head})
            await self.send({"type": "http.response.body", "body": content})

    async def document(self, kind: str, name: str, body: bytes) -> None:
        """Send a document of ours, tagged by its content."""
        tag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
        content = KINDS[kind][name].content_type.encode()
        headers = [(b"etag", tag), (b"vary", b"Accept"), (b"cache-control", b"no-cache")]
        known = [part.strip() for part in self.headers.get(b"if-none-match", b"").split(b",")]
        if tag in known or b"*" in known:
            await self.whole(304, headers)
        else:
            await self.whole(200, [(b"content-type", content), *headers], body)

    async def piece(self, data: bytes, limits: Limits) -> float:
        """Send a part of a streamed answer; the seconds that the client made us wait. Raises TimeoutError."""
        start = time.perf_counter()
        async with asyncio.timeout(limits.write_seconds):
            await self.send({"type": "http.response.body", "body": data, "more_body": True})
        self.sent += len(data)
        return time.perf_counter() - start

    async def until_left(self) -> None:
        """Wait until the client has closed its connection."""
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.disconnected = True

    async def finish(self) -> None:
        """End a streamed answer."""
        await self.send({"type": "http.response.body", "body": b""})

    def abort(self) -> None:
        """Reset the connection, so that what was sent cannot be taken for a complete answer."""
        reset = self.scope.get("acuerdo.reset")
        if reset:
            reset()


def parse_form(data: bytes) -> Pairs:
    """Parameters of a URL or a form, in order; raises Problem for what is not UTF-8 or escaped wrongly."""
    if not data:
        return []
    parts = data.split(b"&")
    if len(parts) > FIELDS:
        raise Problem("bad-request", f"More than {FIELDS} parameters.")
    pairs = []
    for part in parts:
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((_decode(name), _decode(value)))
    return pairs


_DIGITS = b"0123456789abcdefABCDEF"
_ESCAPED = {bytes((a, b)): bytes([int(bytes((a, b)), 16)]) for a in _DIGITS for b in _DIGITS}


def _decode(data: bytes) -> str:
    try:
        return _unescaped(data.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("bad-request", "A parameter is not UTF-8.") from None


def _unescaped(data: bytes) -> bytes:
    """The bytes that percent signs mean; one that is followed by no two digits stands for itself."""
    first, *rest = data.split(b"%")
    try:
        return first + b"".join([_ESCAPED[part[:2]] + part[2:] for part in rest])
    except KeyError:
        return unquote_to_bytes(data)
