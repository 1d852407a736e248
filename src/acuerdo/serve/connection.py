"""uvicorn's HTTP protocol with a clock for request heads, a count of connections by address, and a way to reset."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Awaitable
from functools import partial
from typing import Any, ClassVar, cast

from uvicorn.config import Config

from acuerdo.serve.exchange import Headers, Receive, Scope, Send
from acuerdo.serve.settings import Limits

try:
    from uvicorn.protocols.http.httptools_impl import (
        STATUS_LINE,
    )
    from uvicorn.protocols.http.httptools_impl import (
        HttpToolsProtocol as _Protocol,
    )
except ImportError:  # the C parser is not there on every platform
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Protocol  # type: ignore[assignment]

    STATUS_LINE = {}

HEAD_BYTES = 32 << 10
_RESET = struct.pack("ii", 1, 0)


class Connection(_Protocol):
    """One client's connection."""

    limits: ClassVar[Limits]
    exempt: ClassVar[frozenset[str]]
    addresses: ClassVar[Counter[str]]

    def __init__(self, config: Config, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._counted = ""
        inner = self.app

        def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            scope["acuerdo.reset"] = self.reset
            if STATUS_LINE:
                scope["acuerdo.whole"] = partial(whole, getattr(send, "__self__", None))
            return cast("Awaitable[None]", inner(scope, receive, send))

        self.app = app

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        address = self.client[0] if self.client else "local"
        if address not in self.exempt:
            self._counted = address
            self.addresses[address] += 1
            if self.addresses[address] > self.limits.connections_per_address:
                self.reset()
                return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        if self._counted:
            self.addresses[self._counted] -= 1
            if not self.addresses[self._counted]:
                del self.addresses[self._counted]
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Part of a request; a head that grows too long or does not end is cut off."""
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_timer()
            return
        self._head_size += len(data)
        if self._head_size > HEAD_BYTES:
            self.reset()
        elif self._head_timer is None:
            self._await_head()

    def reset(self) -> None:
        """Close so that the peer sees a reset, not an end."""
        raw = self.transport.get_extra_info("socket")
        if raw is not None and raw.family != socket.AF_UNIX:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.head_seconds, self.reset)

    def _stop_timer(self) -> None:
        self._head_size = 0
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


def whole(cycle: Any, status: int, headers: Headers, body: bytes) -> bool:
    """Write a complete answer in one piece; False where uvicorn must do it in its own, slower way.

    What `send` does for two messages, without a look at each header: an answer from a worker costs a third less.
    """
    if cycle is None or cycle.response_started or cycle.disconnected or not cycle.keep_alive:
        return False
    lines = [*cycle.default_headers, *headers]
    head = b"".join([name + b": " + value + b"\r\n" for name, value in lines])
    # A line break in a value would begin another header; what asks for more than writing is uvicorn's.
    plain = head.count(b"\n") == head.count(b"\r") == len(lines) and b"\0" not in head
    if not plain or cycle.flow.write_paused or b"connection: " in head:
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
    cycle.message_event.set()
    cycle.on_response()
    return True


def protocol_class(limits: Limits, exempt: frozenset[str] = frozenset()) -> type[Connection]:
    """The protocol for one server; `exempt` addresses (trusted proxies) may hold any number of connections."""
    return type(
        "Connection", (Connection,), {"limits": limits, "exempt": exempt, "addresses": Counter()}
    )
