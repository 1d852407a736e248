"""The spans of an article: the words they mark, and what can be wrong with where they lie."""

import hashlib
import re

from acuerdo.model import Article, Mention
from acuerdo.read.surface import explain
from acuerdo.report import Faults, escaped

_Wrong = tuple[str, str, str]  # code, sentence and hint of a fault
# What XML 1.0 cannot carry, so that no RDF/XML reader would take it; tab and line ends are fine.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def digest(words: str) -> str:
    """The first 16 hex digits of the SHA-256 of a span's words, as UTF-8."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def words_of(text: str, mention: Mention) -> str:
    """The words of a span; the fragments of a discontinuous one are joined by a blank."""
    first = text[mention.start : mention.end]
    return " ".join([first, *(text[a:b] for a, b in mention.more)]) if mention.more else first


class Spans:
    """The checks of the spans of one article; `faults` gathers what they say."""

    def __init__(self, article: Article, faults: Faults) -> None:
        self.text, self.faults = article.text, faults
        self.size = len(article.text) if article.text is not None else 1 << 62
        self.furniture = [(s.start, s.end) for s in article.sections if s.kind == "furniture"]
        # A text without control characters, which is nearly every text, is looked at once.
        self.controls = bool(article.text and CONTROL.search(article.text))

    def accepts(self, span: Mention, ident: str | None) -> bool:
        """Whether an annotation can keep the span; a fault says why not."""
        placed = span.start < span.end <= self.size and not span.more
        wrong = (None if placed else self._misplaced(span)) or self._wrong_words(span)
        if wrong is None and self.furniture:
            wrong = self._in_furniture(span)
        if wrong is None:
            return True
        self.faults.note(*wrong, ident, "annotation", start=span.start, end=span.end)
        return False

    def _in_furniture(self, span: Mention) -> _Wrong | None:
        if not any(a < span.end and span.start < b for a, b in self.furniture):
            return None
        return (
            "FURNITURE",
            "the span lies in page furniture, which states nothing.",
            "Remove it, or correct the section.",
        )

    def _wrong_words(self, span: Mention) -> _Wrong | None:
        start, end, text = span.start, span.end, self.text
        if text is None:
            if span.text is not None and CONTROL.search(span.text):
                return "CONTROL_CHARACTER", "the words hold a control character.", "Remove it."
            return None
        if (
            span.text is not None
            and text[start:end] != span.text
            and (words := words_of(text, span)) != span.text
        ):
            sentence = f"the text reads {escaped(words)}, the annotation {escaped(span.text)}."
            return "SURFACE_MISMATCH", sentence, explain(text, span)
        if span.digest is not None and digest(words_of(text, span)) != span.digest:
            return (
                "SURFACE_MISMATCH",
                f"the words do not have the digest {escaped(span.digest)}.",
                "The text was edited after it was annotated.",
            )
        if self.controls and CONTROL.search(text, start, end):
            return (
                "CONTROL_CHARACTER",
                "the words hold a control character.",
                "Clean the text and annotate it anew.",
            )
        return None

    def _misplaced(self, span: Mention) -> _Wrong | None:
        """What is wrong with the order, size and place of a span and its further fragments."""
        if span.end == span.start:
            return "SPAN_EMPTY", "the span is empty.", "Mark at least one character."
        if span.end < span.start:
            return "SPAN_REVERSED", "the span ends before it starts.", "Change start and end over."
        if span.end > self.size:
            sentence = f"the text has {self.size} code points."
            return "OFFSET_OUT_OF_RANGE", sentence, self._range_hint(span)
        last = span.end
        for start, end in span.more:
            if start < last or end <= start or end > self.size:
                return (
                    "FRAGMENTS_INVALID",
                    f"the fragment [{start},{end}) is empty, out of order, overlapping or outside the text.",
                    "List the fragments in the order of the text.",
                )
            last = end
        return None

    def _range_hint(self, span: Mention) -> str:
        text = self.text or ""
        if span.end <= len(text.encode("utf-16-le", "surrogatepass")) // 2:
            return "It looks like UTF-16 units; count code points."
        if span.end <= len(text.encode("utf-8", "surrogatepass")):
            return "It looks like bytes; count code points."
        return "Was the text shortened after it was annotated?"
