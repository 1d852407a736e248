"""What people decided: which two things are one, which are two, and which articles stay out.

`decisions/*.sssom.tsv` hold one row a pair (SSSOM 1.0, https://mapping-commons.github.io/sssom/). A row
counts once it names its reviewer: `skos:exactMatch` or `owl:sameAs` joins, the same with
`predicate_modifier` `Not` keeps apart; without a reviewer it is a proposal and changes nothing.
`decisions/withdrawn.txt` holds one article id a line; `#` begins a comment.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from acuerdo.errors import BadSource
from acuerdo.iri import Bases, is_iri, is_ref

SAME = frozenset(
    {
        "skos:exactMatch",
        "owl:sameAs",
        "http://www.w3.org/2004/02/skos/core#exactMatch",
        "http://www.w3.org/2002/07/owl#sameAs",
    }
)
NEEDED = ("subject_id", "predicate_id", "object_id")


class Decisions(Struct, frozen=True):
    """IRIs with the IRI that stands for them, pairs kept apart, and ids of withdrawn articles."""

    same: dict[str, str] = {}
    apart: frozenset[tuple[str, str]] = frozenset()
    withdrawn: frozenset[str] = frozenset()


def load(folder: Path | None, bases: Bases) -> Decisions:
    """The decisions of a folder; none where it does not exist. Raises BadSource with file and line."""
    if folder is None or not folder.is_dir():
        return Decisions()
    pairs: list[tuple[str, str]] = []
    apart: set[tuple[str, str]] = set()
    for path in sorted(folder.glob("*.sssom.tsv")):
        for one, other, joined in _rows(path, bases):
            if joined:
                pairs.append((one, other))
            else:
                apart |= {(one, other), (other, one)}
    clash = sorted({(a, b) for a, b in pairs if (a, b) in apart})
    if clash:
        raise BadSource(
            folder, f"{clash[0][0]} and {clash[0][1]} are decided to be one and to be two"
        )
    same = _representatives(pairs, bases)
    chained = sorted((a, b) for a, b in apart if same.get(a, a) == same.get(b, b))
    if chained:
        raise BadSource(
            folder,
            f"{chained[0][0]} and {chained[0][1]} are decided to be two, but others join them to one",
        )
    return Decisions(same, frozenset(apart), _withdrawn(folder))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise BadSource(path, f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise BadSource(path, f"byte {error.start} is not UTF-8; save it as UTF-8") from None


def _rows(path: Path, bases: Bases) -> Iterator[tuple[str, str, bool]]:
    lines = _lines(path)
    numbered = [
        (n, line) for n, line in enumerate(lines, start=1) if line and not line.startswith("#")
    ]
    if not numbered:
        return
    header = numbered[0][1].split("\t")
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise BadSource(path, f"lacks the column {missing[0]}", numbered[0][0])
    for number, line in numbered[1:]:
        cells = next(csv.reader([line], delimiter="\t", quoting=csv.QUOTE_NONE))
        if len(cells) > len(header):
            raise BadSource(
                path, f"has {len(cells)} cells where the header has {len(header)}", number
            )
        row = dict(zip(header, cells, strict=False))
        if not row.get("reviewer_id") or row.get("predicate_id") not in SAME:
            continue
        one, other = (
            _iri(row.get(name) or "", bases, path, number) for name in ("subject_id", "object_id")
        )
        yield one, other, row.get("predicate_modifier", "") != "Not"


def _iri(text: str, bases: Bases, path: Path, line: int) -> str:
    """An IRI, or its part after `/id/`, so that decisions outlive a change of base."""
    if is_iri(text) and "://" in text:
        return text
    text = text.removeprefix("id:")
    if is_ref(text) or (text.startswith("article/") and is_iri(bases.id + text)):
        return bases.id + text
    raise BadSource(path, f"'{text[:60]}' is neither an IRI nor its part after /id/", line)


def _representatives(pairs: list[tuple[str, str]], bases: Bases) -> dict[str, str]:
    """Each joined IRI with the one that stands for its group: a shared one first, then the least."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for one, other in pairs:
        parent[root(one)] = root(other)
    groups: dict[str, list[str]] = {}
    for node in list(parent):
        groups.setdefault(root(node), []).append(node)
    local = bases.id + "article/"
    chosen = {}
    for members in groups.values():
        best = min(members, key=lambda m: (m.startswith(local), m))
        chosen.update({m: best for m in members if m != best})
    return chosen


def _withdrawn(folder: Path) -> frozenset[str]:
    path = folder / "withdrawn.txt"
    if not path.is_file():
        return frozenset()
    lines = (line.partition("#")[0].strip() for line in _lines(path))
    return frozenset(line for line in lines if line)
