"""JSON as annotation tools write it: one value, an array of documents, a line each, or several values in a row.

A document is decoded at full speed; only where that fails, or where a key may stand twice, is it taken
apart, so that the smallest wrong piece stays out and the rest goes on.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from acuerdo.read import utf8
from acuerdo.read.draft import Draft
from acuerdo.read.sources import Source
from acuerdo.report import Fault, below, escaped

LINE_LIMIT = 64 << 20
DEPTH_LIMIT = 200
_LOOSE_COLON = re.compile(rb'"[ \t\r\n]+:')
_ANY_COLON = re.compile(rb'"[ \t\r\n]*:')
_INKED = re.compile(rb"\S")
_RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


class Document(Struct):
    """One decoded document: `line` where it starts, `faults` for pieces that were left out of `tree`."""

    line: int | None
    tree: Any
    faults: list[Fault]


class _Object(dict[str, Any]):
    """A JSON object that remembers the keys that stood in it twice."""

    twice: str | None = None


def each(
    source: Source, read: Callable[[Document, Source], Iterator[Draft | Fault]]
) -> Iterator[Draft | Fault]:
    """What `read` makes of each document of a file, behind the faults of the document itself."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    for document in documents(data, source.name):
        if isinstance(document, Fault):
            yield document
        else:
            yield from document.faults
            yield from read(document, source)


def documents(data: bytes, file: str) -> Iterator[Document | Fault]:
    """The documents of a file, whatever their layout; an array at the top is one document an item."""
    mark = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    data = data[mark:]
    start = len(data) - len(data.lstrip()) if data[:1].isspace() else 0
    head, lines = data[start : start + 1], _many_lines(data, start)
    if lines:
        yield from _lines(data, file, mark)
    elif head == b"[":
        yield from _array(data, file, mark)
    elif head == b"{" and _whole(data):
        yield _document(data, file, None, mark)
    else:
        yield from _stream(data, file, mark)


def _many_lines(data: bytes, start: int) -> bool:
    """Whether the first line is a whole value by itself and others follow."""
    end = data.find(b"\n", start)
    if end < 0:
        return False
    first, following = data[start:end].strip(), _INKED.search(data, end)
    if first in {b"{", b"["} or following is None:
        return False
    if first[:1] == b"[":
        return first[-1:] == b"]" and following[0] in {b"[", b"{"}
    return first[-1:] == b"}" or following[0] == b"{"


def _whole(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except _WRONG:
        # One value that is wrong inside is still one value; two in a row are not.
        return re.search(rb"\}\s*\{", data) is None or re.search(rb"\n\}\s*\{", data) is None
    return True


def _array(data: bytes, file: str, mark: int) -> Iterator[Document | Fault]:
    try:
        items = _RAW_LIST.decode(data)
    except _WRONG:
        tree = _parse(data, file, None, mark)
        if isinstance(tree, Fault):
            yield tree
            return
        for item in tree.tree if isinstance(tree.tree, list) else [tree.tree]:
            yield Document(None, item, tree.faults)
            tree.faults = []
        return
    for item in items:
        yield _document(bytes(item), file, None, mark)


def _lines(data: bytes, file: str, mark: int) -> Iterator[Document | Fault]:
    start, number = 0, 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line, number, before, start = data[start:end], number + 1, mark + start, end + 1
        if len(line) > LINE_LIMIT:
            yield too_long(line, file, number)
        elif line.strip():
            yield _document(line, file, number, before)


def too_long(line: bytes, file: str, number: int) -> Fault:
    """The fault of a line above LINE_LIMIT."""
    return Fault(
        "JSON_SYNTAX",
        f"the line has {len(line)} bytes, more than 64 MB.",
        "Write one article a line.",
        file=file,
        line=number,
        column=1,
        dropped="article",
    )


def _stream(data: bytes, file: str, mark: int) -> Iterator[Document | Fault]:
    """Values in a row over several lines each, as some tools show them."""
    text = utf8.decoded(data, file, before=mark)
    if isinstance(text, Fault):
        yield text
        return
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_number
    )
    at, blank = 0, re.compile(r"\s*,?\s*")
    while (at := blank.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        line = text.count("\n", 0, at) + 1
        try:
            tree, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield syntax(error, text, file, None)
            return
        yield _pruned(tree, file, line)


def _document(data: bytes, file: str, line: int | None, before: int) -> Document | Fault:
    try:
        tree = msgspec.json.decode(data)
        if not _may_repeat_keys(data, tree):
            return Document(line, tree, [])
    except _WRONG:
        pass
    return _parse(data, file, line, before)


def _may_repeat_keys(data: bytes, tree: Any) -> bool:
    """Whether a key may stand twice: a cheap count of keys here and in the value written again."""
    again = msgspec.json.encode(tree)
    if _LOOSE_COLON.search(data) is None:
        return data.count(b'":') != again.count(b'":')
    return len(_ANY_COLON.findall(data)) != len(_ANY_COLON.findall(again))


# -- taking a document apart ------------------------------------------------------------------


def _parse(data: bytes, file: str, line: int | None, before: int) -> Document | Fault:
    text = utf8.decoded(data, file, line=line, before=before, unit="article" if line else "file")
    if isinstance(text, Fault):
        return text
    try:
        tree = loaded(text, _object)
    except (ValueError, RecursionError) as error:
        return syntax(error, text, file, line)
    return _pruned(tree, file, line)


def loaded(text: str, pairs: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    """The value of a JSON text, its objects made by `pairs`.

    A number that is too large to be held is infinite here; JSON itself has no way to say so. Raises
    ValueError and RecursionError, which `syntax` explains.
    """
    return json.loads(text, object_pairs_hook=pairs, parse_constant=_no_constant, parse_int=_number)


def _number(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:  # more digits than Python reads as a whole number
        return float(digits)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        made.twice = next(key for key in keys if keys.count(key) > 1)
    return made


def syntax(error: Exception, text: str, file: str, line: int | None) -> Fault:
    """The fault for what `loaded` raised, with its line and column."""
    row, column, sentence = 1, 1, str(error)
    hint = "Correct the JSON at this place."
    if isinstance(error, json.JSONDecodeError):
        sentence, row, column = error.msg, error.lineno, error.colno
        sentence = re.sub(r"( starting)? at$", "", sentence[:1].lower() + sentence[1:])
        if sentence == "extra data":
            hint = "A file holds one document, or one a line."
        elif text.startswith("\ufeff"):
            sentence, hint = "a byte order mark stands here", "Remove it."
    elif isinstance(error, RecursionError):
        sentence = "nested too deep"
    else:
        at = max(text.find(sentence.partition(" ")[0]), 0)
        row, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return Fault(
        "JSON_SYNTAX",
        f"{sentence}.",
        hint,
        file=file,
        line=line or row,
        column=column,
        dropped="article" if line else "file",
    )


def _pruned(tree: Any, file: str, line: int | None) -> Document | Fault:
    """The document without the list items in which a key stands twice or a character is half."""
    faults: list[Fault] = []
    wrong = _cut(tree, "$", file, line, faults, 0)
    if wrong:
        return wrong
    return Document(line, tree, faults)


def _cut(
    node: Any, path: str, file: str, line: int | None, faults: list[Fault], depth: int
) -> Fault | None:
    """What is wrong with the node itself; wrong items of lists below it are cut out and noted."""
    if isinstance(node, str):
        return _half_character(node, path, file, line)
    if isinstance(node, float) and math.isinf(node):
        return Fault(
            "VALUE_INVALID",
            f"{path} is a number too large to be held.",
            "Correct the number.",
            file=file,
            line=line,
            dropped="article",
        )
    if depth > DEPTH_LIMIT:
        return Fault(
            "JSON_SYNTAX",
            f"{path} is nested too deep.",
            "Export it again.",
            file=file,
            line=line,
            dropped="article",
        )
    if isinstance(node, dict):
        if getattr(node, "twice", None) is not None:
            key = escaped(str(node.twice))  # type: ignore[attr-defined]
            return Fault(
                "JSON_DUPLICATE_KEY",
                f"{path} has the key {key} twice.",
                "Keep one of the two.",
                file=file,
                line=line,
                dropped="article",
            )
        for key, value in node.items():
            wrong = _half_character(key, path, file, line) or _cut(
                value, below(path, key), file, line, faults, depth + 1
            )
            if wrong:
                return wrong
    if isinstance(node, list):
        kept = []
        for index, item in enumerate(node):
            wrong = _cut(item, f"{path}[{index}]", file, line, faults, depth + 1)
            if wrong is None:
                kept.append(item)
            elif not isinstance(item, dict):
                return wrong
            else:
                faults.append(_of_item(wrong, item))
        node[:] = kept
    return None


def _of_item(fault: Fault, item: dict[str, Any]) -> Fault:
    ident = item.get("id")
    return msgspec.structs.replace(
        fault, annotation=str(ident) if isinstance(ident, str | int) else None, dropped="annotation"
    )


def _half_character(text: str, path: str, file: str, line: int | None) -> Fault | None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        half = ord(error.object[error.start])
        return Fault(
            "INVALID_UNICODE",
            f"{path}: half of a surrogate pair (\\u{half:04x}) stands alone.",
            "Export again with whole characters.",
            file=file,
            line=line,
            dropped="article",
        )
    return None
