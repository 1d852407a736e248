"""What a build found wrong and what it changed, in an order that depends on that alone."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from acuerdo.build.publish import pretty
from acuerdo.build.spool import Inventory
from acuerdo.build.stages import Mapped
from acuerdo.report import Fault, once
from acuerdo.store.directory import ArticleEntry, Manifest
from acuerdo.validate import Finding


class Outcome(Struct, frozen=True):
    """The faults with the paths of their files, and as `named` with names that do not tell where those are."""

    faults: tuple[Fault, ...]
    named: tuple[Fault, ...]
    findings: tuple[Finding, ...]


def gathered(
    found: Inventory,
    articles: Mapping[str, Mapped],
    links: Iterable[Fault],
    shown: Callable[[str], str],
) -> Outcome:
    """Everything that was found wrong, from the files to the shapes."""
    faults = [*found.faults, *links]
    findings: list[Finding] = []
    for entry in found.entries:
        mapped = articles[entry.key]
        faults += [replace(fault, file=entry.file) for fault in mapped.faults]
        findings += mapped.findings
    ordered = once(sorted(faults, key=_place_of))
    named = sorted((replace(f, file=shown(f.file)) for f in ordered), key=_place_of)
    return Outcome(ordered, tuple(named), tuple(findings))


def _place_of(fault: Fault) -> tuple[object, ...]:
    return fault.file, fault.article or "", fault.start or 0, msgspec.json.encode(fault)


def report(manifest: Manifest, outcome: Outcome) -> bytes:
    """`report.json`: what is wrong with the input and what stayed out because of it."""
    units = [f.dropped for f in outcome.named] + [f.dropped for f in outcome.findings]
    value = {
        "digest": manifest.digest,
        "articles": len(manifest.articles),
        "dropped": Counter(unit for unit in units if unit is not None),
        "faults": [{"level": f.level, **msgspec.to_builtins(f)} for f in outcome.named],
        "findings": outcome.findings,
    }
    return pretty(value)


def compared(
    old: Mapping[str, ArticleEntry], new: Mapping[str, ArticleEntry], withdrawn: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Ids of articles that came, changed, came with another text, or went without being withdrawn."""
    both = sorted(set(old) & set(new))
    return {
        "added": tuple(sorted(set(new) - set(old))),
        "changed": tuple(i for i in both if old[i] != new[i] and old[i].text == new[i].text),
        "superseded": tuple(i for i in both if old[i].text != new[i].text),
        "gone": tuple(sorted(set(old) - set(new) - set(withdrawn))),
    }
