"""The sentences that facts rest on: which one a mention belongs to, and how a passage is written.

The rule for a fact without annotated evidence: the sentence around its trigger. A sentence ends at a line
end, or at `.`, `!`, `?` or `…` (with closing quotes) before a blank and an opening capital, digit or quote,
unless the dot belongs to an initial or to a known abbreviation. Without the text, the shortest annotated
evidence that covers the trigger stands for its sentence; where none does, the trigger itself.
"""

import hashlib
import re
from bisect import bisect_right

from acuerdo.iri import AC
from acuerdo.model import Article, Mention
from acuerdo.resolve.lexicon import escape
from acuerdo.vocabulary import RDF, XSD

WORDS_AT_MOST = 300
# What ends a sentence, matched only where one of its first characters stands.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«¿¡(\[]*[^\W_a-zß-öø-ÿ])|\n+")
_ENDING = ".!?…\n"
_ABBREVIATED = re.compile(
    r"(?:\b[^\W\d_]|\b(?:[A-Z]\.)+[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Dra|Sr|Sra|Srta|Prof|Gen|Lt|Col|Capt|Sgt|Gov|Sen|Rep|"
    r"Adm|Cmdr|Maj|Jr|St|Lic|Ing|Gral|Cnel|Tte|No|núm|Núm|art|Art|vs|Inc|Co|Corp|Ltd|Jan|Feb|Mar|Apr|Jun|"
    r"Jul|Aug|Sept?|Oct|Nov|Dec|EE|UU|pág|etc))$"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
CHAR_START, CHAR_END, SPAN_DIGEST, WORDS = (
    f"<{AC}{name}>" for name in ("charStart", "charEnd", "spanDigest", "words")
)
SECTION = f" <{AC}section> <https://w3id.org/acuerdo/section/"


def sentence_starts(text: str) -> list[int]:
    """The offset at which each sentence of the text begins, in order; the first is 0."""
    starts = [0]
    after = 0
    for place in _endings(text):
        # A run of marks ("?!", blank lines) is one end.
        found = _END.match(text, place) if place >= after else None
        if found is None:
            continue
        after = found.end()
        abbreviated = text[place] == "." and _ABBREVIATED.search(text, max(0, place - 12), place)
        if not abbreviated and after < len(text):
            starts.append(after)
    return starts


def _endings(text: str) -> list[int]:
    """Where a character stands that may end a sentence, in order; far faster than a pattern that walks."""
    places = []
    for mark in _ENDING:
        at = text.find(mark)
        while at >= 0:
            places.append(at)
            at = text.find(mark, at + 1)
    places.sort()
    return places


class Passages:
    """The passages that one article's facts name, each written once."""

    def __init__(self, article: Article, iri: str) -> None:
        self.article, self.text = article, article.text
        text_digest = (
            article.sha256
            or hashlib.sha256((article.text or "").encode("utf-8", "surrogatepass")).hexdigest()
        )
        self.text_digest = text_digest
        self._iri = f"<{iri}> "
        self._prefix = f"<{iri}/v/{text_digest[:8]}#char="
        self._spans: dict[tuple[int, int], str] = {}
        self._digests: dict[tuple[int, int], str] = {}
        self._starts: list[int] | None = None
        self._sections = sorted((s.start, s.end, s.kind) for s in article.sections)
        self._evidence: list[tuple[int, int, int, Mention]] | None = None

    def of(self, mentions: tuple[Mention, ...]) -> list[str]:
        """The passages of annotated evidence, as terms; each fragment of a discontinuous one is a passage."""
        made = []
        for mention in mentions:
            if mention.digest and not mention.more:
                self._digests[mention.start, mention.end] = mention.digest
            made.append(self._term(mention.start, mention.end))
            made += [self._term(a, b) for a, b in mention.more]
        return made

    def around(self, mentions: tuple[Mention, ...]) -> list[str]:
        """The passages around mentions that have no evidence of their own, as terms, without repeats."""
        sentence = self._sentence if self.text is not None else self._covering
        return list(dict.fromkeys(self._term(*sentence(mention)) for mention in mentions))

    def covered(self, mention: Mention) -> bool:
        """Whether a mention of an article without text lies in annotated evidence."""
        return self._covering(mention) != (mention.start, mention.end)

    def _term(self, start: int, end: int) -> str:
        found = self._spans.get((start, end))
        if found is None:
            found = self._spans[start, end] = f"{self._prefix}{start},{end}>"
        return found

    def _sentence(self, mention: Mention) -> tuple[int, int]:
        text = self.text or ""
        if self._starts is None:
            self._starts = sentence_starts(text)
        starts = self._starts
        first = bisect_right(starts, mention.start) - 1
        after = bisect_right(starts, mention.end - 1)
        start = starts[first]
        end = starts[after] if after < len(starts) else len(text)
        found = text[start:end]
        left = len(found) - len(found.lstrip())
        return start + left, start + len(found.rstrip())

    def _covering(self, mention: Mention) -> tuple[int, int]:
        if self._evidence is None:
            annotated = [m for e in self.article.events for m in e.evidence]
            annotated += [m for r in self.article.relations for m in r.evidence]
            self._evidence = sorted(
                {
                    (m.end - m.start, m.start, m.end): (m.end - m.start, m.start, m.end, m)
                    for m in annotated
                }.values(),
                key=lambda e: e[:3],
            )
        for _, start, end, evidence in self._evidence:
            if start <= mention.start and mention.end <= end:
                if evidence.digest and not evidence.more:
                    self._digests[start, end] = evidence.digest
                return start, end
        if mention.digest and not mention.more:
            self._digests[mention.start, mention.end] = mention.digest
        return mention.start, mention.end

    def _section(self, start: int) -> str:
        for begin, end, kind in self._sections:
            if begin <= start < end:
                return kind
        return "body"

    def write(self, out: list[str], graph: str) -> None:
        """Append the quads of every passage that was named; `graph` is ` <iri> .` with its line end."""
        kind = f" <{RDF}type> <{AC}Passage>{graph}"
        of = f" <{AC}passageOf> {self._iri[:-1]}{graph}"
        number = f'"^^<{XSD}integer>{graph}'
        for (start, end), term in self._spans.items():
            section = f"{SECTION}{self._section(start)}>{graph}"
            out.append(
                f'{term}{kind}{term}{of}{term} {CHAR_START} "{start}{number}{term} {CHAR_END} "{end}{number}{term}{section}'
            )
            if self.text is None:
                if (start, end) in self._digests:
                    out.append(f'{term} {SPAN_DIGEST} "{self._digests[start, end]}"{graph}')
                continue
            words = self.text[start:end]
            digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            out.append(f'{term} {SPAN_DIGEST} "{digest}"{graph}')
            shown = words if len(words) <= WORDS_AT_MOST else _cut(words)
            if not _CONTROL.search(shown):
                out.append(f'{term} {WORDS} "{escape(shown)}"{graph}')


def _cut(words: str) -> str:
    """The first words, at most 300 characters with the mark of the cut."""
    head = words[: WORDS_AT_MOST - 1]
    blank = head.rfind(" ")
    return (head[:blank] if blank > WORDS_AT_MOST // 2 else head).rstrip() + "…"
