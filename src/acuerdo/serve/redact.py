"""What the public may read of a graph: a bounded part of each article's words, and no private person's name.

Works on the lines of the canonical dump, before anything is served: SPARQL, pages, dumps, completion and logs all read the
graph that comes out, so none of them can show more.
"""

import hashlib
import hmac
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from acuerdo.iri import AC, FIXED
from acuerdo.vocabulary import DCTERMS, RDFS, SCHEMA, SKOS

LINE = re.compile(r"<([^>]*)> <([^>]*)> (.+) <([^>]*)> \.\n?")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?')
CHAR_RANGE = re.compile(r"#char=(\d+),(\d+)$")
NAMES = frozenset(
    {RDFS + "label", AC + "mentionedAs", AC + "sharedName", SCHEMA + "name"}
    | {SKOS + name for name in ("prefLabel", "altLabel", "hiddenLabel")}
)
# Properties that carry an article's own words.
WORDS, QUOTE, TITLE = AC + "words", AC + "quote", AC + "title"
LABEL = RDFS + "label"
WITHHELD = "name withheld"
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_NOT_WORD = re.compile(r"[^0-9a-z]+")


class Statement(NamedTuple):
    """A line of the dump."""

    subject: str
    predicate: str
    object: str
    graph: str


def parse(line: str) -> Statement:
    """The parts of a canonical line; the object stays as it is written."""
    found = LINE.fullmatch(line)
    if not found:
        raise ValueError(f"not a line of a dump: {line[:200]!r}")
    return Statement(*found.groups())


def text_of(term: str) -> str | None:
    """What a literal says; None for an IRI."""
    found = LITERAL.fullmatch(term)
    return _ESCAPE.sub(_unescape, found[1]) if found else None


def _unescape(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        return chr(int(code, 16))
    return _SHORT.get(found[3], found[3])


def fold(text: str) -> str:
    """A text as words without case, accents and punctuation, between blanks."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    if letters.isascii():
        return f" {_NOT_WORD.sub(' ', letters).strip()} "
    return " " + re.sub(r"[\W_]+", " ", letters).strip() + " "


@dataclass
class Survey:
    """What the first pass learns about a graph."""

    private: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    passages: dict[str, tuple[str, str]] = field(default_factory=dict)  # passage → article, words
    quotes: dict[tuple[str, str], str] = field(default_factory=dict)  # subject, text → article
    titles: dict[str, str] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)  # passage → nodes it supports
    length: dict[str, int] = field(default_factory=dict)  # article → last character seen

    def note(self, said: Statement) -> None:
        """Take one line into account."""
        if said.predicate == AC + "private" and said.object.startswith('"true"'):
            self.private.add(said.subject)
        elif said.predicate in NAMES:
            self.names[said.subject].add(text_of(said.object) or "")
        elif said.predicate == AC + "evidencedBy":
            self.used[said.object.strip("<>")] += 1
        elif said.predicate == AC + "passageOf":
            self._measure(said.subject, said.object.strip("<>"))
        elif said.predicate == WORDS:
            self.passages[said.subject] = ("", text_of(said.object) or "")
        elif said.predicate == QUOTE:
            self.quotes[said.subject, text_of(said.object) or ""] = article_of(
                said.subject, said.graph
            )
        elif said.predicate == TITLE:
            self.titles[said.subject] = text_of(said.object) or ""

    def _measure(self, passage: str, article: str) -> None:
        if found := CHAR_RANGE.search(passage):
            self.length[article] = max(self.length.get(article, 0), int(found[2]))


def article_of(subject: str, graph: str) -> str:
    """The article whose words a statement carries: by its IRI, else by its graph."""
    found = re.match(r"(.*/id/article/[^/#]+)", subject)
    if found:
        return found[1]
    return re.sub(r"/graph/(?:article|inferred)/", "/id/article/", graph)


class Excerpts:
    """Which sentences, quotes and titles stay: those that support most, as long as the budget lasts."""

    def __init__(self, survey: Survey, share: float) -> None:
        self.kept_words: set[str] = set()
        self.kept_quotes: set[tuple[str, str]] = set()
        self.kept_titles: set[str] = set()
        self.shown: Counter[str] = Counter()
        self._share, self._survey = share, survey
        self._ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._choose()

    def _choose(self) -> None:
        survey = self._survey
        for article, title in sorted(survey.titles.items()):
            if self._spend(article, len(title)):
                self.kept_titles.add(article)
        for subject, text in sorted(survey.quotes, key=lambda q: (len(q[1]), q)):
            if self._spend(survey.quotes[subject, text], len(text)):
                self.kept_quotes.add((subject, text))
        order = sorted(
            survey.passages, key=lambda p: (-survey.used[p], len(survey.passages[p][1]), p)
        )
        for passage in order:
            if self._spend_range(passage):
                self.kept_words.add(passage)

    def _budget(self, article: str) -> float:
        """What is known of an article's length is its last annotated character: the text is at least as long."""
        return self._share * self._survey.length.get(article, 0)

    def _spend(self, article: str, characters: int) -> bool:
        if self.shown[article] + characters > self._budget(article):
            return False
        self.shown[article] += characters
        return True

    def _spend_range(self, passage: str) -> bool:
        """Spend what of a passage is not shown yet by another one."""
        article, found = article_of(passage, ""), CHAR_RANGE.search(passage)
        if not found:
            return self._spend(article, len(self._survey.passages[passage][1]))
        start, end = int(found[1]), int(found[2])
        taken = self._ranges[article]
        covered = sum(max(0, min(end, e) - max(start, s)) for s, e in _merged(taken))
        if not self._spend(article, end - start - covered):
            return False
        taken.append((start, end))
        return True


def _merged(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    end = -1
    for start, stop in sorted(ranges):
        if stop > end:
            yield max(start, end), stop
            end = stop


class Veil:
    """Takes private people's names out of statements."""

    def __init__(self, survey: Survey, key: bytes) -> None:
        names = {name for iri in survey.private for name in survey.names[iri] if name.strip()}
        folded = {fold(name) for name in names}
        # A single word may be another's name too: it is searched in running text only.
        self._full = _any_of(f for f in folded if len(f.split()) > 1)
        self._any = _any_of(folded)
        self._private, self._key = survey.private, key
        self._slugs = _slugs(survey.private, folded)

    def lift(self, said: Statement) -> Statement | None:
        """The statement as the public may read it; None for one that would name somebody."""
        if not self._private:
            return said
        if said.subject in self._private:
            if said.predicate in NAMES and said.predicate != LABEL:
                return None
            if said.predicate == LABEL:
                said = said._replace(object=f'"{WITHHELD}"')
            elif self._leads_elsewhere(said):
                return None
        else:
            text = text_of(said.object)
            if text is not None and self._names_in(text, said.predicate):
                return None
        return said._replace(
            subject=self._renamed(said.subject),
            object=said.object if said.object.startswith('"') else self._renamed(said.object),
            graph=self._renamed(said.graph),
        )

    def _leads_elsewhere(self, said: Statement) -> bool:
        """Whether it points to a page or an item of others, where the name stands."""
        text = text_of(said.object)
        if text is not None:
            return said.predicate != AC + "private" and (
                text.startswith(("http:", "https:")) or self._names_in(text, said.predicate)
            )
        return not said.object.startswith((f"<{FIXED}", f"<{said.subject.partition('/id/')[0]}/"))

    def _names_in(self, text: str, predicate: str) -> bool:
        running = predicate in (WORDS, QUOTE, TITLE, DCTERMS + "description") or len(text) > 60
        wanted = self._any if running else self._full
        return bool(wanted.search(fold(text)))

    def _renamed(self, iri: str) -> str:
        """The IRI with a private name in it replaced by a mark that only the key's holder can trace."""
        return self._slugs.sub(self._mark, iri)

    def _mark(self, found: re.Match[str]) -> str:
        digest = hmac.new(self._key, found[0].lower().encode(), hashlib.sha256).hexdigest()
        return f"withheld-{digest[:12]}"


def _slugs(private: set[str], folded: set[str]) -> re.Pattern[str]:
    """Names as they stand in IRIs: as slugs, and as the tails of the IRIs themselves where those tell a name."""
    words = {word for name in folded for word in name.split()}
    found = {"-".join(name.split()) for name in folded if len(name.split()) > 1}
    for iri in private:
        tail = iri.rsplit("/", 1)[-1]
        if "/id/person/" in iri or "%" in tail or words & set(fold(tail).split()):
            found.add(tail)
    either = "|".join(map(re.escape, sorted(found, key=len, reverse=True)))
    return re.compile(
        rf"(?<![A-Za-z0-9])(?:{either})(?![A-Za-z0-9])" if found else "(?!)", re.IGNORECASE
    )


def _any_of(folded: Iterable[str]) -> re.Pattern[str]:
    words = sorted({f.strip() for f in folded if f.strip()}, key=len, reverse=True)
    return re.compile("(?<= )(?:" + "|".join(map(re.escape, words)) + ")(?= )" if words else "(?!)")


def redacted(survey: Survey, lines: Iterable[str], share: float, key: bytes) -> Iterator[str]:
    """The lines that the public may read, in no particular order."""
    excerpts, veil = Excerpts(survey, share), Veil(survey, key)
    for line in lines:
        said = parse(line)
        if not _within(said, excerpts):
            continue
        lifted = veil.lift(said)
        if lifted is not None:
            yield f"<{lifted.subject}> <{lifted.predicate}> {lifted.object} <{lifted.graph}> .\n"


def _within(said: Statement, excerpts: Excerpts) -> bool:
    if said.predicate == WORDS:
        return said.subject in excerpts.kept_words
    if said.predicate == QUOTE:
        return (said.subject, text_of(said.object)) in excerpts.kept_quotes
    if said.predicate == TITLE:
        return said.subject in excerpts.kept_titles
    return True
