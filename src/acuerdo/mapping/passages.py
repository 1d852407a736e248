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
from acuerdo.read.spans import CONTROL, digest
from acuerdo.resolve.lexicon import escape
from acuerdo.vocabulary import RDF, XSD

WORDS_AT_MOST = 300
# What ends a sentence, matched only where one of its first characters stands.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«¿¡(\[]*[^\W_a-zß-öø-ÿ])|\n+")
_ENDING = ".!?…\n"
_ABBREVIATED = re.compile(
    r"\b(?:[^\W\d_]|Mr|Mrs|Ms|Dr|Dra|Sr|Sra|Srta|Prof|Gen|Lt|Col|Capt|Sgt|Gov|Sen|Rep|"
    r"Adm|Cmdr|Maj|Jr|St|Lic|Ing|Gral|Cnel|Tte|No|núm|Núm|art|Art|vs|Inc|Co|Corp|Ltd|Jan|Feb|Mar|Apr|Jun|"
    r"Jul|Aug|Sept?|Oct|Nov|Dec|EE|UU|pág|etc)$"
)
CHAR_START, CHAR_END, SPAN_DIGEST, WORDS, PASSAGE_OF = (
    f"<{AC}{name}>" for name in ("charStart", "charEnd", "spanDigest", "words", "passageOf")
)
IS_PASSAGE = f"<{RDF}type> <{AC}Passage>"
SECTION = f"<{AC}section> <https://w3id.org/acuerdo/section/"
IN_BODY = f"{SECTION}body>"
INTEGER = f'"^^<{XSD}integer>'


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
        if after < len(text) and not (text[place] == "." and _abbreviated(text, place)):
            starts.append(after)
    return starts


def _abbreviated(text: str, place: int) -> bool:
    """Whether the dot there belongs to an initial or to a known abbreviation, none of which has five letters."""
    return _ABBREVIATED.search(text, max(0, place - 4), place) is not None


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


class _Terms(dict[tuple[int, int], str]):
    """The passages that were named, as terms by their span."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __missing__(self, span: tuple[int, int]) -> str:
        term = self[span] = f"{self.prefix}{span[0]},{span[1]}>"
        return term


class _Sentences(dict[tuple[int, int], tuple[int, int]]):
    """The span of one sentence or several: from the one before which `first` begin to the one before `after`."""

    def __init__(self, text: str) -> None:
        self.text, self.starts = text, sentence_starts(text)

    def around(self, mention: Mention) -> tuple[int, int]:
        """The span of the sentence that a mention lies in, or of those that it touches."""
        starts = self.starts
        return self[bisect_right(starts, mention.start), bisect_right(starts, mention.end - 1)]

    def __missing__(self, place: tuple[int, int]) -> tuple[int, int]:
        first, after = place
        start = self.starts[first - 1]
        end = self.starts[after] if after < len(self.starts) else len(self.text)
        words = self.text[start:end]
        span = start + len(words) - len(words.lstrip()), start + len(words.rstrip())
        self[place] = span
        return span


class Passages:
    """The passages that one article's facts name, each written once."""

    def __init__(self, article: Article, iri: str) -> None:
        self.article, self.text = article, article.text
        text_digest = (
            article.sha256
            or hashlib.sha256((article.text or "").encode("utf-8", "surrogatepass")).hexdigest()
        )
        self.text_digest = text_digest
        self._iri = f"<{iri}>"
        self._terms = _Terms(f"<{iri}/v/{text_digest[:8]}#char=")
        self._digests: dict[tuple[int, int], str] = {}
        self._sentences: _Sentences | None = None
        self._sections = sorted((s.start, s.end, s.kind) for s in article.sections)
        self._evidence: list[tuple[int, int, int, Mention]] | None = None

    def of(self, mentions: tuple[Mention, ...]) -> list[str]:
        """The passages of annotated evidence, as terms, without repeats; each fragment of one is a passage."""
        made = []
        for mention in mentions:
            made.append(self._terms[mention.start, mention.end])
            if mention.more:
                made += [self._terms[start, end] for start, end in mention.more]
            elif mention.digest:
                self._digests[mention.start, mention.end] = mention.digest
        return list(dict.fromkeys(made)) if len(made) > 1 else made

    def around(self, mentions: tuple[Mention, ...]) -> list[str]:
        """The passages around mentions that have no evidence of their own, as terms, without repeats."""
        if self.text is None:
            made = [self._terms[self._covering(mention)] for mention in mentions]
        else:
            if self._sentences is None:
                self._sentences = _Sentences(self.text)
            made = [self._terms[self._sentences.around(mention)] for mention in mentions]
        return list(dict.fromkeys(made)) if len(made) > 1 else made

    def covered(self, mention: Mention) -> bool:
        """Whether a mention of an article without text lies in annotated evidence."""
        return self._covering(mention) != (mention.start, mention.end)

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

    def write(self, facts: dict[str, list[str]]) -> None:
        """Set down what is known of every passage that was named."""
        of = f"{PASSAGE_OF} {self._iri}"
        for (start, end), term in self._terms.items():
            made = [
                IS_PASSAGE,
                f'{CHAR_END} "{end}{INTEGER}',
                f'{CHAR_START} "{start}{INTEGER}',
                of,
                f"{SECTION}{self._section(start)}>" if self._sections else IN_BODY,
            ]
            if self.text is None:
                if (start, end) in self._digests:
                    made.append(f'{SPAN_DIGEST} "{self._digests[start, end]}"')
            else:
                words = self.text[start:end]
                made.append(f'{SPAN_DIGEST} "{digest(words)}"')
                shown = words if len(words) <= WORDS_AT_MOST else _cut(words)
                if shown.isprintable() or not CONTROL.search(shown):
                    made.append(f'{WORDS} "{escape(shown)}"')
            facts[term] += made


def _cut(words: str) -> str:
    """The first words, at most 300 characters with the mark of the cut."""
    head = words[: WORDS_AT_MOST - 1]
    blank = head.rfind(" ")
    return (head[:blank] if blank > WORDS_AT_MOST // 2 else head).rstrip() + "…"
