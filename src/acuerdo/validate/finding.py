"""A finding: one place where the graph breaks a shape, and the words of the article behind it."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from acuerdo.report import Fault, Unit

Severity = Literal["violation", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("violation", "warning", "info")


class Finding(Struct, frozen=True, omit_defaults=True):
    """One result of validation.

    `focus` and `shape` are IRIs (a blank node or literal in N-Triples syntax), `path` is a SPARQL
    property path, `value` a term in N-Triples syntax, `messages` the sentence by language.
    `start` and `end` are code points of the article's text. `dropped` is the unit that stayed out
    because of this finding; `cause` is the id of the finding whose dropping brought this one about.
    """

    id: str
    focus: str
    shape: str
    component: str
    severity: Severity
    messages: dict[str, str]
    path: str | None = None
    value: str | None = None
    article: str | None = None
    annotation: str | None = None
    start: int | None = None
    end: int | None = None
    words: str | None = None
    dropped: Unit | None = None
    cause: str | None = None

    def message(self, language: str = "en") -> str:
        """The sentence in `language`, else in English, else in whatever language there is."""
        for wanted in (language, "en", ""):
            if wanted in self.messages:
                return self.messages[wanted]
        return self.messages[min(self.messages)]


def fault(finding: Finding, file: str = "") -> Fault:
    """A violation as a fault, so that it counts and reads like everything else that stays out."""
    return Fault(
        "SHACL_VIOLATION",
        finding.message(),
        f"See the shape {finding.shape.rpartition('#')[2]} (finding {finding.id}).",
        file=file,
        article=finding.article,
        annotation=finding.annotation,
        start=finding.start,
        end=finding.end,
        dropped=finding.dropped,
    )


class Report(Struct, frozen=True):
    """All findings of one run, in an order that depends on the findings alone."""

    findings: tuple[Finding, ...]
    engine: str

    @property
    def conforms(self) -> bool:
        """Whether nothing is a violation; warnings and infos do not block."""
        return all(finding.severity != "violation" for finding in self.findings)

    def count(self) -> dict[Severity, int]:
        """How many findings there are of each severity."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES}


def order(finding: Finding) -> tuple[str, int, tuple[str, ...]]:
    """The sort key of a report: where in which article, then what it is about, which rule, which value."""
    start = -1 if finding.start is None else finding.start
    return finding.article or "", start, _matter(finding)


def _matter(finding: Finding) -> tuple[str, ...]:
    """What makes two findings the same one in two runs."""
    return (
        finding.focus,
        finding.shape,
        finding.path or "",
        finding.value or "",
        finding.component,
    )


def identified(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in stable order, each with an id that the same mistake has in every run.

    The id is 12 hex digits over focus, shape, path, value and component; where an engine reports the very
    same thing twice (`sh:uniqueLang` with two clashing languages) the second has its number in it too.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    named = []
    for finding in sorted(findings, key=order):
        matter = _matter(finding)
        seen[matter] += 1
        whole = "\n".join(matter) if seen[matter] == 1 else "\n".join((*matter, str(seen[matter])))
        named.append(replace(finding, id=hashlib.sha256(whole.encode()).hexdigest()[:12]))
    return tuple(named)
