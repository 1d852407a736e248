"""Articles looked at and nothing built: what `acuerdo check` says."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from acuerdo import assets, report
from acuerdo.build.spool import Entry, entry, once
from acuerdo.build.stages import Setting, Stages
from acuerdo.errors import WrongUsage
from acuerdo.read import Read
from acuerdo.report import Fault
from acuerdo.validate import Finding, Report, show
from acuerdo.validate.sarif import sarif


class Found(Struct, frozen=True):
    """The faults and findings of some articles, their texts and files by article id."""

    articles: int
    faults: tuple[Fault, ...]
    findings: Report
    texts: dict[str, str]
    files: dict[str, Path]


def stages(ontology: Sequence[Path], base: str, decisions: Path | None) -> Stages:
    """The stages of an article over the shipped ontology and the folders that add to it.

    Raises WrongUsage for a folder that is not there.
    """
    for folder in (*ontology, *([decisions] if decisions else [])):
        if not folder.is_dir():
            raise WrongUsage(f"{folder}: there is no such folder")
    folders = (str(assets.path("ontology")), *map(str, ontology))
    return Stages(Setting(folders, base, str(decisions) if decisions else None))


def check(reads: Iterable[Read], stages: Stages) -> Found:
    """Everything that is wrong with the articles, as a build would find it."""
    faults, findings = list[Fault](), list[Finding]()
    texts, files, count = dict[str, str](), dict[str, Path](), 0
    entries = list[Entry]()
    for number, read in enumerate(reads):
        faults += read.faults
        if read.article is None or read.article.id in stages.decided.withdrawn:
            continue
        count += 1
        data = msgspec.json.encode(read.article)
        entries.append(entry(read.article, data, read.file, number))
        done, _ = stages.article(read.article)
        faults += [msgspec.structs.replace(f, file=read.file) for f in done.faults]
        findings += done.findings
        files[read.article.id] = Path(read.file)
        if read.article.text is not None:
            texts[read.article.id] = read.article.text
    faults += once(entries)[1]
    return Found(
        count,
        report.once(faults),
        Report(tuple(findings), stages.validator.engine.name),
        texts,
        files,
    )


def lines(found: Found, language: str) -> Iterator[str]:
    """The faults, at most 20 a file and code, then the findings with their words underlined."""
    yield from report.lines(found.faults)
    if found.findings.findings:
        yield from show.text(found.findings, found.texts, language)


def summary(found: Found) -> str:
    """How many of what, in words."""
    counts: Counter[str] = Counter(fault.level for fault in found.faults)
    for severity, number in found.findings.count().items():
        counts[severity] += number if severity != "violation" else 0
    names = ("error", "warning", "info")
    said = [f"{counts[name]} {name}{'s' * (counts[name] > 1)}" for name in names if counts[name]]
    return ", ".join(said) or "nothing to report"


def document(found: Found, form: str, language: str) -> str:
    """Faults and findings for a program: JSON holds both, CSV and SARIF the findings."""
    if form == "sarif":
        return sarif(found.findings, found.files, language)
    if form == "csv":
        return show.table(found.findings, language)
    whole = {
        "articles": found.articles,
        "faults": [{"level": f.level, **msgspec.to_builtins(f)} for f in found.faults],
        "findings": found.findings.findings,
    }
    return (msgspec.json.format(msgspec.json.encode(whole)) + b"\n").decode()


def exit_code(found: Found, strict: bool) -> int:
    """1 when something would stay out of a build; with `strict` for warnings too."""
    counts = found.findings.count()
    return int(strict and counts["warning"] > 0) or report.exit_code(found.faults, strict)
