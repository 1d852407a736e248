"""What the front and a worker say to each other: frames of a kind, a length and bytes.

Nothing is pickled: a worker that a query has broken must not be able to make the front run code.
"""

import socket
import struct
from collections.abc import Iterator

import msgspec

HEAD = struct.Struct("!cI")
PIECE = 16 << 10
FRAME_LIMIT = 1 << 20  # larger than any frame that an honest peer sends

UP = b"U"  # worker → front: the store is open
JOB = b"J"  # front → worker
BEGIN = b"B"  # worker → front: `Beginning`; the query was accepted and an answer follows
DATA = b"D"
END = b"E"  # `Ending`
FAILED = b"X"  # `Failure`; what came before is not a complete document


class Job(msgspec.Struct, omit_defaults=True):
    """One query with everything that decides its answer."""

    query: str
    solutions: str | None = "json"  # formats by kind of answer; None: the client takes none
    boolean: str | None = "json"
    graph: str | None = "turtle"
    default_graphs: list[str] | None = (
        None  # the protocol's dataset; None: the query's own or the union
    )
    named_graphs: list[str] | None = None
    union: bool = True
    rows: int = 1_000_000
    bytes: int = 256 << 20
    seconds: float = 10.0  # of CPU, the second clock behind the front's deadline
    encoding: str = "identity"
    base: str | None = None
    question: str = ""  # a shipped question's name; its text is filled where the names in `given` can be looked up
    given: dict[str, list[str]] = {}
    data_base: str = ""
    tidy: bool = False  # a small graph for reading: sorted


class Beginning(msgspec.Struct):
    """The kind of answer (`solutions`, `boolean`, `graph`), its format and its content coding."""

    kind: str
    format: str
    encoding: str


class Ending(msgspec.Struct):
    """How the answer ended; after `last` the process ends, because it has grown."""

    rows: int
    truncated: bool = False
    last: bool = False


class Failure(msgspec.Struct):
    """Why there is no (more) answer; `reason` names a problem of `problem.PROBLEMS`."""

    reason: str
    message: str = ""
    line: int | None = None
    column: int | None = None
    last: bool = False


encode_job = msgspec.msgpack.Encoder().encode


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    return HEAD.pack(kind, len(payload)) + payload


class Frames:
    """Cuts a stream of bytes into frames, whatever the pieces it arrives in."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The frames completed by `data`; raises ValueError for a frame that no honest peer sends."""
        rest = self._rest
        rest += data
        start = 0
        while len(rest) - start >= HEAD.size:
            kind, length = HEAD.unpack_from(rest, start)
            if length > FRAME_LIMIT:
                raise ValueError(f"frame of {length} bytes")
            end = start + HEAD.size + length
            if len(rest) < end:
                break
            yield kind, bytes(rest[start + HEAD.size : end])
            start = end
        del rest[:start]


def received(channel: socket.socket) -> Iterator[bytes]:
    """The payloads that arrive on a blocking socket, until the peer closes."""
    frames = Frames()
    while data := channel.recv(PIECE):
        for _, payload in frames.feed(data):
            yield payload
