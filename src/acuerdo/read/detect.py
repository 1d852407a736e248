"""Which format a file has, by what is in it; the suffix only says where to look."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from acuerdo.read import (
    brat,
    casie,
    conll,
    docbin,
    doccano,
    gate,
    json_text,
    label_studio,
    naf,
    native,
    nif,
    prodigy,
    pubannotation,
    uima_json,
    uima_xmi,
    web_annotation,
)
from acuerdo.read.draft import Draft, Layer
from acuerdo.read.sources import Source
from acuerdo.report import Fault, escaped

Reader = Callable[[Source], Iterator[Draft | Fault]]
Peek = Callable[[Source], Iterator[Layer]]


def _by_reading(read: Reader) -> Peek:
    def peek(source: Source) -> Iterator[Layer]:
        for draft in read(source):
            if isinstance(draft, Draft):
                yield draft.document, draft.layer or "", draft.curated

    return peek


class Format(Struct, frozen=True):
    """A format by name, its reader, and the suffixes that files of a folder must have when it is forced.

    `layers` tells document and layer of what a file holds, where those of one document may stand in several
    files or lines.
    """

    name: str
    read: Reader
    suffixes: tuple[str, ...]
    layers: Peek | None = None


NATIVE = "native"
JSON = ("json", "jsonl", "ndjson", "jsonld", "bdocjs")
XML = ("xmi", "xml", "naf", "kaf")
FORMATS = {
    f.name: f
    for f in (
        Format(brat.NAME, brat.read, brat.SUFFIXES, brat.peek),
        Format(label_studio.NAME, label_studio.read, JSON, _by_reading(label_studio.read)),
        Format(doccano.NAME, doccano.read, JSON, doccano.peek),
        Format(prodigy.NAME, prodigy.read, JSON, prodigy.peek),
        Format(uima_xmi.NAME, uima_xmi.read, XML, uima_xmi.peek),
        Format(uima_json.NAME, uima_json.read, JSON, uima_json.peek),
        Format(web_annotation.NAME, web_annotation.read, JSON, _by_reading(web_annotation.read)),
        Format(nif.NAME, nif.read, nif.SUFFIXES),
        Format(naf.NAME, naf.read, XML),
        Format(pubannotation.NAME, pubannotation.read, JSON, pubannotation.peek),
        Format(gate.NAME, gate.read, JSON, gate.peek),
        Format(casie.NAME, casie.read, JSON),
        Format(conll.NAME, conll.read, conll.SUFFIXES),
        Format(docbin.NAME, docbin.read, docbin.SUFFIXES),
    )
}
NAMES = (NATIVE, *FORMATS)
# Which JSON is whose, the most telling first.
_TREES: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    (uima_json.NAME, uima_json.sniff_tree),
    (gate.NAME, gate.sniff_tree),
    (label_studio.NAME, lambda tree: label_studio.sniff_tree(tree) == label_studio.NAME),
    (web_annotation.NAME, web_annotation.sniff_tree),
    (pubannotation.NAME, pubannotation.sniff_tree),
    (casie.NAME, casie.sniff_tree),
    (doccano.NAME, doccano.sniff_tree),
    (prodigy.NAME, prodigy.sniff_tree),
)
# What lies beside annotations and is none: schemas of tools, tables, projects.
_BESIDE = {
    *"annotation.conf visual.conf tools.conf kb_shortcuts.conf metadata.csv exportedproject.json".split(),
    *"typesystem.xml full-typesystem.xml package.json layer.json project.json".split(),
}
_COLUMNS = {*conll.SUFFIXES} - {"txt"}
_OTHER = {*"md csv html htm conf py ipynb yaml yml toml pdf rq log png jpg svg ser".split()}


class Unreadable(Struct, frozen=True):
    """A file of a format that is refused, with the words that say what to export instead."""

    reason: str
    hint: str = "docs/formats/ lists what is read; --from names a format that was not recognised."


Found = Format | Unreadable | str | None


def detect(source: Source, *, named: bool) -> Found:
    """The format; NATIVE by name; None for a file that is no annotation.

    A file that was named itself and has no format of a tool is taken for native, whose reader says what is wrong.
    """
    name = source.path.rpartition("/")[2].rpartition("!")[2].lower()
    if name in _BESIDE or name.startswith("initial_cas."):
        return None
    if source.suffix in JSON:
        return _json(source)
    if source.suffix in docbin.SUFFIXES and docbin.sniff(source.head()):
        return FORMATS[docbin.NAME]
    if brat.sniff(source):
        return FORMATS[brat.NAME]
    if source.suffix == "txt" and named and source.sibling("ann") is not None:
        return Unreadable("it is the text of a brat document; name the .ann beside it")
    if source.suffix in _OTHER and not named:
        return None
    found = _by_head(source)
    if found is not None:
        return found
    if named and source.suffix in _COLUMNS:
        return Unreadable("no column of it has IOB tags (B-PER, I-PER, O) in every row")
    if named and source.suffix in _OTHER:
        return Unreadable(f"a .{source.suffix} file is of no format that acuerdo knows")
    start = source.head().removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in {b"{", b"["} and (named or source.suffix == ""):
        return _json(source)
    if source.suffix in XML and named:
        return Unreadable("its XML is neither UIMA XMI nor NAF")
    return NATIVE if named else None


def _by_head(source: Source) -> Format | Unreadable | None:
    head = source.head(65536 if source.suffix in {*XML, *nif.SUFFIXES} else 8192)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"<":
        return _xml(head)
    if source.suffix in nif.SUFFIXES or start[:7].lower() in {b"@prefix", b"prefix "}:
        return FORMATS[nif.NAME] if nif.sniff(head) else None
    if head.startswith(conll.WEBANNO):
        return Unreadable(
            "it is WebAnno TSV, which loses what its layers say; export as UIMA CAS XMI or JSON"
        )
    if (
        source.suffix in {*conll.SUFFIXES, ""}
        and source.sibling("ann") is None
        and conll.sniff(head)
    ):
        return FORMATS[conll.NAME]
    return None


def _xml(head: bytes) -> Format | Unreadable | None:
    if uima_xmi.sniff(head):
        return FORMATS[uima_xmi.NAME]
    if naf.sniff(head):
        return FORMATS[naf.NAME]
    if nif.sniff(head):
        return FORMATS[nif.NAME]
    if b"<GateDocument" in head:
        return Unreadable("it is GATE XML; save the document as bdocjs")
    if b"<CAS" in head or b"xmlns:cas" in head:
        return Unreadable("it is UIMA XCAS; export as UIMA CAS XMI or JSON")
    return None


def _json(source: Source) -> Format | Unreadable | str:
    if native.looks_native(source.head()):
        return NATIVE
    tree = _first_document(source)
    for name, known in _TREES:
        if known(tree):
            return FORMATS[name]
    if label_studio.sniff_tree(tree) == label_studio.MIN:
        return Unreadable(label_studio.MIN_HINT)
    if isinstance(tree, dict) and tree and not native.may_be(tree):
        keys = ", ".join(escaped(str(key), 30) for key in list(tree)[:4])
        return Unreadable(f"its JSON, with the keys {keys}, is of no format that acuerdo knows")
    return NATIVE


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
    return source.suffix in (JSON if name == NATIVE else FORMATS[name].suffixes)
