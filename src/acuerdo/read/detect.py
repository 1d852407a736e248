"""Which format a file has, by what is in it; the suffix only says where to look."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from acuerdo.read import brat, doccano, json_text, label_studio, native
from acuerdo.read.draft import Draft
from acuerdo.read.sources import Source
from acuerdo.report import Fault

Reader = Callable[[Source], Iterator[Draft | Fault]]


class Format(Struct, frozen=True):
    """A format by name; `across` where the layers of one document may stand in several files or lines."""

    name: str
    read: Reader
    across: bool = False


NATIVE = "native"
FORMATS = {
    f.name: f
    for f in (
        Format(brat.NAME, brat.read, across=True),
        Format(label_studio.NAME, label_studio.read, across=True),
        Format(doccano.NAME, doccano.read, across=True),
    )
}
NAMES = (NATIVE, *FORMATS)
_JSON = {"json", "jsonl", "ndjson", "jsonld", "bdocjs"}
# What lies beside annotations and is none: schemas of tools, tables, texts, pages.
_BESIDE = {
    "annotation.conf",
    "visual.conf",
    "tools.conf",
    "kb_shortcuts.conf",
    "typesystem.xml",
    "metadata.csv",
    "exportedproject.json",
}


class Unreadable(Struct, frozen=True):
    """A file of a format that is refused, with the words that say what to export instead."""

    reason: str


def detect(source: Source, *, named: bool) -> Format | Unreadable | str | None:
    """The format; NATIVE by name; None for a file that is no annotation.

    A file that was named itself and has no format of a tool is taken for native, whose reader says what is wrong.
    """
    name = source.path.rpartition("/")[2].rpartition("!")[2].lower()
    if name in _BESIDE:
        return None
    if source.suffix in _JSON:
        return _json(source)
    if brat.sniff(source):
        return FORMATS[brat.NAME]
    start = source.head().removeprefix(b"\xef\xbb\xbf").lstrip()
    if (
        source.suffix not in _SKIPPED
        and start[:1] in {b"{", b"["}
        and (named or source.suffix == "")
    ):
        return _json(source)
    return NATIVE if named else None


_SKIPPED = {
    "txt",
    "md",
    "csv",
    "tsv",
    "html",
    "conf",
    "py",
    "ipynb",
    "yaml",
    "yml",
    "toml",
    "pdf",
    "ttl",
    "rq",
}


def _json(source: Source) -> Format | Unreadable | str:
    if native.looks_native(source.head()):
        return NATIVE
    tree = _first_document(source)
    for name, known in _TREES:
        if known(tree):
            return FORMATS[name]
    if label_studio.sniff_tree(tree) == label_studio.MIN:
        return Unreadable(label_studio.MIN_HINT)
    return NATIVE


_TREES: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    (label_studio.NAME, lambda tree: label_studio.sniff_tree(tree) == label_studio.NAME),
    (doccano.NAME, doccano.sniff_tree),
)


def _first_document(source: Source) -> Any:
    """The first document that can be read; the head is enough where the file is in lines."""
    head = source.head(65536)
    line, end, _ = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if end and line.rstrip().endswith(b"}"):
        try:
            return msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            pass
    data = source.contents()
    if isinstance(data, Fault):
        return None
    for number, document in enumerate(json_text.documents(data, source.name)):
        if isinstance(document, json_text.Document) and document.tree is not None:
            return document.tree
        if number > 100:
            break
    return None


def may_be(name: str, source: Source) -> bool:
    """Whether a file of a folder can be of the format that was named, by its suffix."""
    if name == brat.NAME:
        return source.suffix in brat.SUFFIXES
    return source.suffix in _JSON
