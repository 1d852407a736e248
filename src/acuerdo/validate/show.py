"""A report for people (text with the words underlined) and for programs (JSON, CSV)."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from acuerdo.errors import BadSource
from acuerdo.validate.finding import Finding, Report

COLUMNS = (
    "id severity article annotation start end words shape path value focus component message "
    "dropped cause"
).split()
_AROUND = 60
_WORD = {
    "en": {
        "violation": "violation",
        "warning": "warning",
        "info": "info",
        "none": "nothing to report",
    },
    "es": {
        "violation": "infracción",
        "warning": "aviso",
        "info": "nota",
        "none": "nada que señalar",
    },
}
_OUT = {"en": "stays out: {}", "es": "queda fuera: {}"}
_CAUSE = {"en": "because of {}", "es": "a causa de {}"}
_UNIT_ES = {
    "annotation": "anotación",
    "relation": "relación",
    "event": "acontecimiento",
    "article": "artículo",
    "file": "archivo",
}


def text(
    report: Report, texts: Mapping[str, str] | None = None, language: str = "en"
) -> Iterator[str]:
    """Lines for a person: where, how severe, which rule, what must hold; below it the words, underlined.

    `texts` holds the articles' texts by article id; without one the marked words alone are shown.
    """
    words = _WORD.get(language, _WORD["en"])
    for finding in report.findings:
        yield _head(finding, language)
        if finding.cause is None:  # what fell with another thing is not where the mistake is
            yield from _place(finding, (texts or {}).get(finding.article or ""))
    counted = ", ".join(f"{n} {words[severity]}" for severity, n in report.count().items() if n)
    yield counted or words["none"]


def _head(finding: Finding, language: str) -> str:
    where = ":".join(part for part in (finding.article, finding.annotation) if part)
    span = "" if finding.start is None else f" [{finding.start},{finding.end})"
    severity = _WORD.get(language, _WORD["en"])[finding.severity]
    shape = finding.shape.rpartition("#")[2]
    known = finding.value is None or finding.value == f"<{finding.focus}>"
    notes = [] if known else [_plain(finding.value or "")]
    if finding.dropped is not None:
        unit = _UNIT_ES[finding.dropped] if language == "es" else finding.dropped
        notes.append(_OUT.get(language, _OUT["en"]).format(unit))
    if finding.cause is not None:
        notes.append(_CAUSE.get(language, _CAUSE["en"]).format(finding.cause))
    noted = f" ({'; '.join(notes)})" if notes else ""
    line = f"{where or finding.focus}{span}: {severity} {shape} {finding.id}: {finding.message(language)}"
    return _printable(line + noted)


def _plain(term: str) -> str:
    return term if len(term) <= 2 * _AROUND else term[: 2 * _AROUND] + "…"


def _place(finding: Finding, body: str | None) -> Iterator[str]:
    """The line of the text that holds the words, cut around them, and carets below."""
    if finding.start is None or finding.end is None:
        return
    if body is None or finding.end > len(body):
        if finding.words:
            yield f"    “{_printable(finding.words)}”"
        return
    first = body.rfind("\n", 0, finding.start) + 1
    last = body.find("\n", finding.start)
    last = len(body) if last < 0 else last
    end = max(min(finding.end, last), finding.start)
    left, right = max(first, finding.start - _AROUND), min(last, end + _AROUND)
    before = ("…" if left > first else "") + _printable(body[left : finding.start])
    marked = _printable(body[finding.start : end])
    after = _printable(body[end:right]) + ("…" if right < last else "")
    number = f"{body.count(chr(10), 0, finding.start) + 1:>5} | "
    yield number + before + marked + after
    yield " " * (len(number) - 2) + "| " + " " * _width(before) + "^" * max(_width(marked), 1)


def _printable(line: str) -> str:
    """Untrusted words for a terminal: a control character shows as what it is not."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def _width(line: str) -> int:
    """How many columns a terminal gives the words."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line)
    return len(line) + wide - sum(unicodedata.combining(c) > 0 for c in line)


def json(report: Report) -> bytes:
    """The report as JSON: engine, whether it conforms, counts by severity, findings in stable order."""
    whole = {
        "engine": report.engine,
        "conforms": report.conforms,
        "counts": report.count(),
        "findings": report.findings,
    }
    return msgspec.json.format(msgspec.json.encode(whole)) + b"\n"


def table(report: Report, language: str = "en") -> str:
    """The report as CSV (RFC 4180), a row a finding."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in report.findings:
        fields: dict[str, Any] = msgspec.structs.asdict(finding)
        fields["message"] = finding.message(language)
        writer.writerow("" if fields[name] is None else fields[name] for name in COLUMNS)
    return out.getvalue()


def baseline(path: Path) -> frozenset[str]:
    """The ids of the findings in a report that was saved as JSON; raises BadSource for anything else."""
    try:
        saved = msgspec.json.decode(path.read_bytes())
        return frozenset(str(finding["id"]) for finding in saved["findings"])
    except OSError as error:
        raise BadSource(path, error.strerror or str(error)) from error
    except (msgspec.DecodeError, TypeError, KeyError) as error:
        reason = "not a report; write one with `acuerdo validate --format json`"
        raise BadSource(path, reason) from error


def new(report: Report, known: frozenset[str]) -> Report:
    """The report without the findings that a baseline has."""
    return Report(tuple(f for f in report.findings if f.id not in known), report.engine)
