"""Why the words at an offset are not those of the annotation: a hint for a person, never a repair."""

import html
import unicodedata
from functools import lru_cache

from acuerdo.model import Mention


def explain(text: str, span: Mention) -> str:
    """The most likely reason that `text[start:end]` differs from the annotation's words, as one hint."""
    surface = span.text or ""
    for unit, encoding, width in (("UTF-16 units", "utf-16-le", 2), ("bytes", "utf-8", 1)):
        if _by_unit(text, span, encoding, width) == surface:
            return f"It looks like {unit}; count code points."
    found = text[span.start : span.end]
    if unicodedata.normalize("NFC", found) == unicodedata.normalize("NFC", surface):
        return "It looks like another Unicode normal form (NFC, NFD); annotate the text as stored."
    if _other_line_ends(text)[span.start : span.end] == surface:
        return "It looks like CRLF line ends changed to LF; annotate the text as stored."
    if html.unescape(surface) != surface or _has_entities(text):
        return "It looks like HTML entities; store the text as it was annotated."
    if _mojibake(surface) or _mojibake(found):
        return "It looks like UTF-8 read as Windows-1252; export the text again as UTF-8."
    if _decomposed(text)[span.start : span.end] == unicodedata.normalize("NFD", surface):
        return "It looks like another Unicode normal form (NFC, NFD); annotate the text as stored."
    at = _nearest(text, surface, span.start)
    if at is not None:
        return f"The same words stand at [{at},{at + len(surface)}): was the text edited?"
    if _plain(found) == _plain(surface):
        return "Only blanks, quotation marks or dashes differ; annotate the text as stored."
    if found.casefold() == surface.casefold():
        return "Only capitals differ; annotate the text as stored."
    return "The words do not stand in the text: was it edited?"


# What editors and annotation tools change in passing: typographic marks, and characters without width.
_MARKS = {
    **dict.fromkeys(map(ord, "‘’‚‛"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)),
}


def _plain(words: str) -> str:
    """The words with plain marks, and one blank where there are any."""
    return " ".join(words.translate(_MARKS).split())


# A text with one wrong span has many: what is the same for all of them is done once.


@lru_cache(maxsize=4)
def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "surrogatepass")


@lru_cache(maxsize=2)
def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@lru_cache(maxsize=2)
def _other_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n") if "\r\n" in text else text.replace("\n", "\r\n")


@lru_cache(maxsize=2)
def _has_entities(text: str) -> bool:
    return "&" in text and html.unescape(text) != text


def _by_unit(text: str, span: Mention, encoding: str, width: int) -> str | None:
    data = _encoded(text, encoding)
    try:
        return data[span.start * width : span.end * width].decode(encoding)
    except UnicodeDecodeError:
        return None


def _mojibake(words: str) -> bool:
    try:
        return words.encode("cp1252").decode("utf-8") != words
    except UnicodeError:
        return False


def _nearest(text: str, surface: str, place: int) -> int | None:
    if not surface:
        return None
    after, before = text.find(surface, place), text.rfind(surface, 0, place + len(surface))
    found = [at for at in (after, before) if at >= 0]
    return min(found, key=lambda at: abs(at - place)) if found else None
