"""What is wrong with the input: faults (found while reading and mapping) and findings (SHACL).

Nothing is dropped in silence: each stage returns the faults it met beside its result. A fault names the
smallest unit that stays out (annotation < participation or relation < event < article < file).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import force_setattr

Level = Literal["error", "warning", "info"]
Unit = Literal["annotation", "relation", "event", "article", "file"]

WARNINGS = frozenset(
    "SPANS_CROSS EVENT_WITHOUT_DATE SUSPICIOUS_CHARACTER IRI_UNSAFE_ID LANG_TAG_INVALID "
    "DUPLICATE_IDENTICAL NAME_AMBIGUOUS SPAN_MOVED LINK_NOT_STATED".split()
)
INFOS = frozenset("NEW_REF CAPACITY_OPEN WEAK_EVIDENCE".split())
ERRORS = frozenset(
    "OFFSET_OUT_OF_RANGE SPAN_REVERSED SPAN_EMPTY OFFSET_TYPE SURFACE_MISMATCH FRAGMENTS_INVALID "
    "DUPLICATE_ID DUPLICATE_DOCUMENT JSON_SYNTAX JSON_DUPLICATE_KEY UNKNOWN_KEY UNKNOWN_TYPE "
    "VALUE_INVALID DANGLING_REFERENCE RELATION_CYCLE RELATION_SELF TYPE_CONFLICT DATE_INVALID "
    "DATE_MISSING DATE_AFTER_PUBLICATION INTERVAL_REVERSED SHACL_VIOLATION TEXT_MISSING TEXT_CHANGED "
    "FURNITURE LAYERS REF_KIND FILE_EMPTY NO_DOCUMENTS ENCODING CONTROL_CHARACTER INVALID_UNICODE "
    "QID_INVALID QID_CONFLICT FILE_UNREADABLE".split()
)
SHOWN_PER_FILE_AND_CODE = 20


def level(code: str) -> Level:
    """The level of a code; raises KeyError for a code that no table names."""
    if code in ERRORS:
        return "error"
    if code in WARNINGS:
        return "warning"
    if code in INFOS:
        return "info"
    raise KeyError(code)


def escaped(text: str, limit: int = 60) -> str:
    """An untrusted string for one line of a terminal: quoted, controls escaped, cut at `limit`."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return (
        "'"
        + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
        + "'"
    )


def below(path: str, key: str) -> str:
    """A JSON path one key further; keys are untrusted, and a path that grows long keeps its two ends."""
    longer = f"{path}.{key if key.isprintable() and len(key) <= 60 else escaped(key)[1:-1]}"
    return longer if len(longer) <= 200 else f"{longer[:90]}…{longer[-90:]}"


class Fault(Struct, frozen=True, omit_defaults=True):
    """One thing wrong with the input, where it is, and which unit stays out because of it.

    `start` and `end` are code points of the text; `line`, `column` (from 1) and `byte` (from 0)
    are places in the file, for faults of syntax and encoding.
    """

    code: str
    sentence: str
    hint: str
    file: str = ""
    article: str | None = None
    annotation: str | None = None
    start: int | None = None
    end: int | None = None
    line: int | None = None
    column: int | None = None
    byte: int | None = None
    dropped: Unit | None = None

    def __post_init__(self) -> None:
        """Names and ids may hold half characters, which no report could be written with: they are escaped."""
        ids = f"{self.article}{self.annotation}"
        if f"{self.sentence}{self.hint}{self.file}{ids}".isascii():
            return
        for name in ("sentence", "hint", "file", "article", "annotation"):
            value = getattr(self, name)
            if value is not None and not value.isascii():
                force_setattr(self, name, value.encode("utf-8", "backslashreplace").decode())

    @property
    def level(self) -> Level:
        """error, warning or info, by the code alone."""
        return level(self.code)

    def __str__(self) -> str:
        """`FILE:ID: [start,end): CODE: sentence. Hint.` on one line."""
        where = [_one_line(self.file) or "-"]
        if self.line is not None:
            where.append(str(self.line))
            if self.column is not None:
                where.append(str(self.column))
        if self.byte is not None:
            where.append(f"byte {self.byte}")
        ident = self.annotation if self.annotation is not None else self.article
        if ident is not None:
            where.append(_one_line(ident))
        span = f" [{self.start},{self.end}):" if self.start is not None else ""
        return f"{':'.join(where)}:{span} {self.code}: {self.sentence} {self.hint}".rstrip()


class Faults(list[Fault]):
    """The faults of one article, as they are met."""

    def __init__(self, file: str, article: str) -> None:
        super().__init__()
        self.file, self.article = file, article

    def note(
        self,
        code: str,
        sentence: str,
        hint: str,
        annotation: str | None = None,
        dropped: Unit | None = "annotation",
        *,
        start: int | None = None,
        end: int | None = None,
        line: int | None = None,
    ) -> None:
        """Add what is wrong with one annotation; the rest of the article goes on."""
        self.append(
            Fault(
                code,
                sentence,
                hint,
                file=self.file,
                article=self.article,
                annotation=annotation,
                start=start,
                end=end,
                line=line,
                dropped=dropped,
            )
        )


def _one_line(text: str) -> str:
    return escaped(text, limit=200)[1:-1]


def lines(faults: Iterable[Fault]) -> Iterator[str]:
    """The faults as lines for a person: at most 20 a file and code, then how many more there are."""
    seen: Counter[tuple[str, str]] = Counter()
    for fault in faults:
        key = (fault.file, fault.code)
        seen[key] += 1
        if seen[key] <= SHOWN_PER_FILE_AND_CODE:
            yield str(fault)
    for (file, code), count in sorted(seen.items()):
        if count > SHOWN_PER_FILE_AND_CODE:
            yield f"{_one_line(file) or '-'}: {code}: and {count - SHOWN_PER_FILE_AND_CODE} more"


def once(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults in their order, a new shared key named only where it comes first."""
    keys: set[str] = set()
    kept = []
    for fault in faults:
        if fault.code == "NEW_REF":
            if fault.sentence in keys:
                continue
            keys.add(fault.sentence)
        kept.append(fault)
    return tuple(kept)


def exit_code(faults: Iterable[Fault], strict: bool = False) -> int:
    """0 when nothing was dropped, 1 otherwise; with `strict` a warning counts too."""
    counted = {"error", "warning"} if strict else {"error"}
    return int(any(fault.level in counted for fault in faults))
