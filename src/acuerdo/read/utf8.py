"""Bytes that should be UTF-8: the text, or where they are not and what they look like instead."""

from acuerdo.report import Fault, Unit

_LOOKED_AT = 400
_TEXTUAL = frozenset(b"\t\n\r\f")


def decoded(
    data: bytes, file: str, *, line: int | None = None, before: int = 0, unit: Unit = "file"
) -> str | Fault:
    """The text of some bytes; a fault with their place in the file, `before` bytes of which came first."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        sentence = f"byte 0x{data[error.start]:02x} is not UTF-8."
        return _fault(sentence, data, error.start, file, line, before, unit)
    if _every_other_is_nul(data):
        return _fault("every other byte is NUL.", data, 0, file, line, before, unit)
    return text


def _fault(
    sentence: str, data: bytes, at: int, file: str, line: int | None, before: int, unit: Unit
) -> Fault:
    return Fault(
        "ENCODING", sentence, hint(data, at), file=file, line=line, byte=before + at, dropped=unit
    )


def hint(data: bytes, at: int) -> str:
    """What bytes that are wrong at this place look like."""
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "It looks like UTF-32; save it as UTF-8."
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _every_other_is_nul(data):
        return "It looks like UTF-16; save it as UTF-8."
    if data[at : at + 1] == b"\xed" and data[at + 1 : at + 2] >= b"\xa0":
        return "It looks like CESU-8, with half characters; export again with whole ones."
    if _binary(data):
        return "It looks like no text at all; export the annotations again."
    return "It looks like Windows-1252 or Latin-1; save it as UTF-8."


def _every_other_is_nul(data: bytes) -> bool:
    """Whether the bytes are those of UTF-16 without a mark, as far as it is written in Latin letters."""
    head = data[:_LOOKED_AT]
    half = len(head) // 2
    return half > 1 and any(head[n::2].count(0) > 0.4 * half for n in (0, 1)) and not _all_nul(head)


def _all_nul(head: bytes) -> bool:
    return head.count(0) > 0.8 * len(head)


def _binary(data: bytes) -> bool:
    head = data[:_LOOKED_AT]
    return sum(byte < 0x20 and byte not in _TEXTUAL for byte in head) > 0.02 * len(head)
