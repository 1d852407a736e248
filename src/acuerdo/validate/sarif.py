"""A report as SARIF 2.1.0, so that editors and code hosts show a finding where it is."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuerdo import __version__
from acuerdo.validate.finding import Finding, Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")')
_LEVEL = {"violation": "error", "warning": "warning", "info": "note"}


def sarif(
    report: Report,
    files: Mapping[str, Path] | None = None,
    language: str = "en",
    data: Path | None = None,
) -> str:
    """The report as SARIF; `files` says by article id which file holds the annotations.

    In that file the region is the line where the annotation's id stands; in the RDF file `data`, for findings
    without an article, the first line that names the focus node. Offsets of the article's text are
    properties of the result: the text is not the file.
    """
    places = _Places(files or {}, data)
    rules = sorted({finding.shape for finding in report.findings})
    run = {
        "tool": {
            "driver": {
                "name": "acuerdo",
                "version": __version__,
                "rules": [_rule(shape, report, language) for shape in rules],
            }
        },
        "language": language,
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, rules.index(finding.shape), places, language)
            for finding in report.findings
        ],
    }
    whole = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _rule(shape: str, report: Report, language: str) -> dict[str, Any]:
    example = next(finding for finding in report.findings if finding.shape == shape)
    rule: dict[str, Any] = {
        "id": shape.rpartition("#")[2] or shape,
        "shortDescription": {"text": example.message(language)},
        "defaultConfiguration": {"level": _LEVEL[example.severity]},
    }
    if shape.startswith(("http://", "https://")):
        rule["helpUri"] = shape
    return rule


class _Places:
    """Which line of which file a finding is about."""

    def __init__(self, files: Mapping[str, Path], data: Path | None) -> None:
        self._files, self._data = files, data
        self._ids = {article: _lines_of_ids(path) for article, path in files.items()}

    def of(self, finding: Finding) -> tuple[Path, int] | None:
        """The file and the line, from 1; None where no file is known."""
        article = finding.article or ""
        if article in self._files:
            return self._files[article], self._ids[article].get(finding.annotation or "", 1)
        return None if self._data is None else (self._data, _line_of(self._data, finding.focus))


def _result(finding: Finding, rule: int, places: _Places, language: str) -> dict[str, Any]:
    names = "article annotation start end words path value dropped cause".split()
    return {
        "ruleId": finding.shape.rpartition("#")[2] or finding.shape,
        "ruleIndex": rule,
        "level": _LEVEL[finding.severity],
        "message": {"text": finding.message(language)},
        "locations": [_location(finding, places)],
        "partialFingerprints": {"acuerdoFinding/v1": finding.id},
        "properties": {n: v for n in names if (v := getattr(finding, n)) is not None},
    }


def _location(finding: Finding, places: _Places) -> dict[str, Any]:
    logical = {"fullyQualifiedName": finding.focus}
    if finding.annotation is not None:
        logical["name"] = finding.annotation
    location: dict[str, Any] = {"logicalLocations": [logical]}
    place = places.of(finding)
    if place is None:
        return location
    path, line = place
    region: dict[str, Any] = {"startLine": line}
    if finding.words is not None:
        region["message"] = {"text": finding.words}
    artifact = path.as_uri() if path.is_absolute() else path.as_posix()
    location["physicalLocation"] = {"artifactLocation": {"uri": artifact}, "region": region}
    return location


def _line_of(path: Path, focus: str) -> int:
    """The first line of an RDF file that names a node, in full or by its local name; 1 without any."""
    local = re.escape(re.split(r"[/#]", focus)[-1] or focus)
    named = re.compile(rf"<{re.escape(focus)}>|[:/#<]{local}(?![\w-])")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 1
    return next((number for number, line in enumerate(lines, 1) if named.search(line)), 1)


def _lines_of_ids(path: Path) -> dict[str, int]:
    """The line on which each `"id"` of a JSON file stands; empty for a file that is not text."""
    found: dict[str, int] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return found
    for number, line in enumerate(lines, 1):
        for written in _ID.findall(line):
            found.setdefault(json.loads(written), number)
    return found
