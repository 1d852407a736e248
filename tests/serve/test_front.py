"""The short cuts of the front do what the long ways do."""

import random
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from acuerdo.serve.connection import whole
from acuerdo.serve.exchange import parse_form


def cycle(**changed: Any) -> Any:
    """As much of uvicorn's request as is looked at."""
    seen: list[bytes] = []
    state: dict[str, Any] = {
        "response_started": False,
        "response_complete": False,
        "disconnected": False,
        "keep_alive": True,
        "waiting_for_100_continue": False,
        "default_headers": [(b"date", b"now")],
        "flow": SimpleNamespace(write_paused=False),
        "transport": SimpleNamespace(write=seen.append),
        "message_event": SimpleNamespace(set=lambda: None),
        "on_response": lambda: None,
        "seen": seen,
    }
    return SimpleNamespace(**state | changed)


def test_a_whole_answer_is_one_piece() -> None:
    made = cycle()
    assert whole(made, 200, [(b"content-length", b"2")], b"ok")
    assert made.seen == [b"HTTP/1.1 200 OK\r\ndate: now\r\ncontent-length: 2\r\n\r\nok"]
    assert made.response_complete


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\rb", b"a\0b"])
def test_a_value_that_would_begin_another_header_is_not_written(value: bytes) -> None:
    made = cycle()
    assert not whole(made, 200, [(b"x", value)], b"")
    assert made.seen == []
    assert not made.response_started


@pytest.mark.parametrize(
    "changed",
    [
        {"response_started": True},
        {"disconnected": True},
        {"keep_alive": False},
        {"flow": SimpleNamespace(write_paused=True)},
    ],
    ids=str,
)
def test_what_needs_more_than_writing_is_left_to_uvicorn(changed: dict[str, Any]) -> None:
    made = cycle(**changed)
    assert not whole(made, 200, [], b"")
    assert not whole(cycle(), 200, [(b"connection", b"close")], b"")
    assert made.seen == []


def test_a_form_is_unescaped_as_the_standard_library_does() -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    for _ in range(2000):
        text = "".join(
            draw.choice(["%", "%4", "%41", "%c3%B1", "%zz", "a", "+", "=", "ñ"]) for _ in range(8)
        )
        data = text.encode()
        try:
            wanted = unquote_to_bytes(data.partition(b"=")[2].replace(b"+", b" ")).decode()
            name = unquote_to_bytes(data.partition(b"=")[0].replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            continue
        assert parse_form(data) == [(name, wanted)]
