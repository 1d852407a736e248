"""A report as SARIF 2.1.0, so that editors and code hosts show a finding where it is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuerdo import __version__
from acuerdo.validate.finding import Finding, Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {"violation": "error", "warning": "warning", "info": "note"}


def sarif(report: Report, files: Mapping[str, Path] | None = None, language: str = "en") -> str:
    """The report as SARIF; `files` says by article id which file holds the annotations.

    In that file the region is the line where the annotation's id stands. Offsets of the article's text
    are properties of the result: the text is not the file.
    """
    lines = {article: _lines_of_ids(path) for article, path in (files or {}).items()}
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
            _result(finding, rules.index(finding.shape), files or {}, lines, language)
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


def _result(
    finding: Finding,
    rule: int,
    files: Mapping[str, Path],
    lines: Mapping[str, dict[str, int]],
    language: str,
) -> dict[str, Any]:
    known = {
        name: value
        for name in (
            "article",
            "annotation",
            "start",
            "end",
            "words",
            "path",
            "value",
            "dropped",
            "cause",
        )
        if (value := getattr(finding, name)) is not None
    }
    return {
        "ruleId": finding.shape.rpartition("#")[2] or finding.shape,
        "ruleIndex": rule,
        "level": _LEVEL[finding.severity],
        "message": {"text": finding.message(language)},
        "locations": [_location(finding, files, lines)],
        "partialFingerprints": {"acuerdoFinding/v1": finding.id},
        "properties": known,
    }


def _location(
    finding: Finding, files: Mapping[str, Path], lines: Mapping[str, dict[str, int]]
) -> dict[str, Any]:
    logical = {"fullyQualifiedName": finding.focus}
    if finding.annotation is not None:
        logical["name"] = finding.annotation
    location: dict[str, Any] = {"logicalLocations": [logical]}
    path = files.get(finding.article or "")
    if path is None:
        return location
    artifact = path.as_posix() if not path.is_absolute() else path.as_uri()
    region: dict[str, Any] = {
        "startLine": lines[finding.article or ""].get(finding.annotation or "", 1)
    }
    if finding.words is not None:
        region["message"] = {"text": finding.words}
    location["physicalLocation"] = {"artifactLocation": {"uri": artifact}, "region": region}
    return location


def _lines_of_ids(path: Path) -> dict[str, int]:
    """The line on which each `"id"` of a JSON file stands; empty for a file that is not text."""
    found: dict[str, int] = {}
    decoder = json.JSONDecoder()
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return found
    for number, line in enumerate(source.splitlines(), 1):
        at = line.find('"id"')
        while at >= 0:
            rest = line[at + 4 :].lstrip().removeprefix(":").lstrip()
            at = line.find('"id"', at + 4)
            if rest.startswith('"'):
                try:
                    found.setdefault(decoder.raw_decode(rest)[0], number)
                except ValueError:
                    continue
    return found
