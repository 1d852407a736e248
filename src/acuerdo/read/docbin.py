"""spaCy's DocBin (`.spacy`), read without spaCy: packed tokens with their tags, strings by their hash.

Entities come from the tokens' IOB codes, further spans from span groups. The text is put together from
tokens and the blanks after them, as spaCy does it.
"""

import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from acuerdo.model import Entity, Mention
from acuerdo.read.draft import Draft
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "spacy"
SUFFIXES = ("spacy",)
_LIMIT = 256 << 20
_ORTH, _IOB, _TYPE, _KB_ID = 65, 77, 78, 452
_BEGINS, _INSIDE = 3, 1
# Labels that spaCy numbers itself; all others stand among the file's strings.
_SYMBOLS = dict(
    enumerate(
        "PERSON NORP FACILITY ORG GPE LOC PRODUCT EVENT WORK_OF_ART LANGUAGE LAW DATE TIME PERCENT MONEY QUANTITY ORDINAL CARDINAL".split(),
        start=380,
    )
)
_SPAN = struct.Struct(
    ">QQQllll"
)  # id, kb_id, label, first and last token, first and last character
_MASK, _MULTIPLIER = (1 << 64) - 1, 0xC6A4A7935BD1E995


def sniff(head: bytes) -> bool:
    """Whether the start may be zlib data; the suffix says the rest."""
    return head[:1] == b"\x78"


def read(source: Source) -> Iterator[Draft | Fault]:
    """The documents of a file."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    try:
        unpacked = zlib.decompressobj()
        packed = unpacked.decompress(data, _LIMIT)
        if unpacked.unconsumed_tail:
            yield source.unreadable(f"it unpacks to more than {_LIMIT >> 20} MB")
            return
        tree = msgspec.msgpack.decode(packed)
        found = list(_documents(tree, source))
    except (
        zlib.error,
        msgspec.DecodeError,
        struct.error,
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        RecursionError,
    ):
        yield source.unreadable("it is no DocBin of spaCy 3")
        return
    yield from found


def _hash(text: str) -> int:
    """MurmurHash64A with seed 1, by which spaCy knows its strings."""
    data = text.encode("utf-8")
    mixed = 1 ^ (len(data) * _MULTIPLIER & _MASK)
    whole = len(data) & ~7
    for (block,) in struct.iter_unpack("<Q", data[:whole]):
        block = block * _MULTIPLIER & _MASK  # noqa: PLW2901 as the function is written
        block = (block ^ block >> 47) * _MULTIPLIER & _MASK  # noqa: PLW2901
        mixed = (mixed ^ block) * _MULTIPLIER & _MASK
    if data[whole:]:
        mixed = (mixed ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    mixed = (mixed ^ mixed >> 47) * _MULTIPLIER & _MASK
    return mixed ^ mixed >> 47


def _documents(tree: dict[str, Any], source: Source) -> Iterator[Draft]:
    strings = {**_SYMBOLS, **{_hash(s): s for s in tree["strings"] if s}}
    columns = {attr: index for index, attr in enumerate(tree["attrs"])}
    width = len(columns)
    tokens, lengths = array("Q", tree["tokens"]), array("i", tree["lengths"])
    groups = tree.get("span_groups") or []
    at = 0
    for number, length in enumerate(lengths):
        rows = [tokens[(at + n) * width : (at + n + 1) * width] for n in range(length)]
        spaces = tree["spaces"][at : at + length]
        at += length
        stem = source.stem.rpartition("/")[2]
        draft = Draft(f"{stem}-{number + 1}", source.name, unit="code points", sure=True)
        words = [strings[row[columns[_ORTH]]] for row in rows]
        starts = _starts(words, spaces)
        draft.text = "".join(
            word + " " * bool(space) for word, space in zip(words, spaces, strict=True)
        )
        for label, link, first, last in _entities(rows, columns):
            _add(
                draft,
                strings[label],
                strings.get(link),
                starts[first],
                starts[last] + len(words[last]),
            )
        if number < len(groups):
            _grouped(draft, groups[number], strings, starts, words)
        yield draft


def _starts(words: list[str], spaces: bytes) -> list[int]:
    starts, at = [], 0
    for word, space in zip(words, spaces, strict=True):
        starts.append(at)
        at += len(word) + bool(space)
    return starts


def _entities(
    rows: Sequence[Sequence[int]], columns: dict[int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """Label, link, first and last token of each entity."""
    if _IOB not in columns or _TYPE not in columns:
        return
    begun: tuple[int, int, int, int] | None = None
    for index, row in enumerate(rows):
        code, label = row[columns[_IOB]], row[columns[_TYPE]]
        if code == _INSIDE and begun is not None:
            begun = (*begun[:3], index)
            continue
        if begun is not None:
            yield begun
        link = row[columns[_KB_ID]] if _KB_ID in columns else 0
        begun = (label, link, index, index) if code == _BEGINS and label else None
    if begun is not None:
        yield begun


def _grouped(
    draft: Draft, packed: bytes, strings: dict[int, str], starts: list[int], words: list[str]
) -> None:
    """The spans of a document's groups; a group says the same under each of its names."""
    groups = msgspec.msgpack.decode(packed)
    for group in groups if isinstance(groups, dict) else ():
        for span in msgspec.msgpack.decode(group)["spans"]:
            _, link, label, first, last, _, _ = _SPAN.unpack(span)
            if label and 0 <= first < last <= len(words):
                _add(
                    draft,
                    strings[label],
                    strings.get(link),
                    starts[first],
                    starts[last - 1] + len(words[last - 1]),
                )


def _add(draft: Draft, label: str, link: str | None, start: int, end: int) -> None:
    links = (link,) if link and link != "NIL" else ()
    if not any(
        e.mentions[0].start == start and e.mentions[0].end == end and e.type == label
        for e in draft.entities[-64:]
    ):
        ident = f"s{len(draft.entities) + 1}"
        draft.entities.append(Entity(ident, label, links=links, mentions=(Mention(start, end),)))
