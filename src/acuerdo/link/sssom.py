"""Links as data: `links/wikidata.sssom.tsv`, one row a candidate, read and written without loss.

What a person decided is never overwritten, columns and rows that this program does not know are kept, and
a rejection (`predicate_modifier` `Not`) is remembered. https://mapping-commons.github.io/sssom/
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from acuerdo.errors import BadSource
from acuerdo.iri import AC, WIKIDATA, Bases, is_iri, is_ref

FILE = "wikidata.sssom.tsv"
COLUMNS = (
    "subject_id subject_label subject_category predicate_id predicate_modifier object_id object_label "
    "object_category "
    "mapping_justification confidence similarity_score match_string mapping_tool mapping_tool_version "
    "mapping_date reviewer_id reviewer_label review_date comment"
).split()
EXACT, CLOSE = "skos:exactMatch", "skos:closeMatch"
IDENTITY = frozenset({EXACT, "owl:sameAs"})
LINKED = "semapv:LexicalSimilarityThresholdMatching"  # by the tool, above its threshold
STATED = "semapv:MappingReview"  # the registry or an annotator states it, and it was checked
PROPOSED = "semapv:LexicalMatching"  # below the threshold: a person decides
CURATED = "semapv:ManualMappingCuration"
TOOL = "acuerdo link"
SET = "https://w3id.org/acuerdo/mappings/wikidata"
_QID = re.compile(r"Q[1-9][0-9]{0,11}")
_JUSTIFIED = re.compile(r"semapv:[A-Za-z]+")
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
_PREDICATES = {
    EXACT,
    CLOSE,
    "skos:relatedMatch",
    "skos:broadMatch",
    "skos:narrowMatch",
    "owl:sameAs",
}
_PREFIXES = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "orcid": "https://orcid.org/",
}


class Row(Struct, frozen=True, kw_only=True):
    """One row of a mapping set; `extra` holds the cells of columns that are not known here."""

    subject_id: str
    subject_label: str = ""
    subject_category: str = ""
    predicate_id: str = EXACT
    predicate_modifier: str = ""
    object_id: str = ""
    object_label: str = ""
    object_category: str = ""  # the item's types, as they were when its label was checked
    mapping_justification: str = PROPOSED
    confidence: str = ""
    similarity_score: str = ""
    match_string: str = ""
    mapping_tool: str = ""
    mapping_tool_version: str = ""
    mapping_date: str = ""
    reviewer_id: str = ""
    reviewer_label: str = ""
    review_date: str = ""
    comment: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def pair(self) -> tuple[str, str]:
        """What the row is about; a set has one row for it."""
        return self.subject_id, self.object_id

    @property
    def reviewed(self) -> bool:
        """Whether a person decided it."""
        return bool(self.reviewer_id)

    @property
    def rejected(self) -> bool:
        """Whether it says that the two are not the same."""
        return self.predicate_modifier == "Not"

    @property
    def sure(self) -> bool:
        """Whether this tool linked it by itself."""
        return self.mapping_tool == TOOL and self.mapping_justification in {LINKED, STATED}

    @property
    def made(self) -> bool:
        """Whether it is this tool's own row, which the next run makes anew; all others are kept."""
        return (
            self.mapping_tool.startswith(TOOL)
            and self.mapping_justification in {LINKED, STATED, PROPOSED}
            and not self.reviewed
            and not self.rejected
        )

    @property
    def open(self) -> bool:
        """Whether a person has still to decide: proposed, and neither confirmed nor rejected."""
        return not self.reviewed and not self.rejected and not self.sure

    @property
    def stands(self) -> bool:
        """Whether the graph may state it: decided by a person, or linked by the tool."""
        return not self.rejected and (self.reviewed or self.sure)


class MappingSet(Struct, frozen=True):
    """The rows of a file and its comment lines, which are kept."""

    rows: tuple[Row, ...] = ()
    header: tuple[str, ...] = ()


def subject(iri: str, bases: Bases) -> str:
    """A subject as it stands in the file: `id:person/…`, so that links outlive a change of base."""
    return "id:" + iri.removeprefix(bases.id) if iri.startswith(bases.id) else iri


def subject_iri(text: str, bases: Bases) -> str:
    """The IRI of a subject of the file."""
    return text if "://" in text else bases.id + text.removeprefix("id:")


def qid(object_id: str) -> str:
    """The QID of an object of the file (`wd:Q42`, or its IRI)."""
    return object_id.removeprefix("wd:").removeprefix(WIKIDATA)


def of_base(rows: Iterable[Row], bases: Bases) -> list[Row]:
    """The rows with their subjects as a run writes them, however a person wrote them."""
    return [changed(r, subject_id=subject(subject_iri(r.subject_id, bases), bases)) for r in rows]


def read(path: Path, *, items: bool = True) -> MappingSet:
    """The rows of a file, none where there is no file; the objects are `items` of Wikidata, or things.

    Raises BadSource with the line of the first fault.
    """
    if not path.is_file():
        return MappingSet()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(path, f"cannot be read ({error})") from None
    lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    header = tuple(line.rstrip("\r") for _, line in lines if line.startswith("#"))
    body = [(n, line.rstrip("\r").split("\t")) for n, line in lines if not line.startswith("#")]
    if not body:
        return MappingSet((), header)
    number, columns = body[0]
    missing = [c for c in ("subject_id", "predicate_id", "object_id") if c not in columns]
    if missing:
        raise BadSource(path, f"lacks the column {missing[0]}", number)
    rows: dict[tuple[str, str], int] = {}
    found = []
    for n, cells in body[1:]:
        row = _row(path, n, columns, cells, items=items)
        if row.pair in rows:
            raise BadSource(path, f"says again what line {rows[row.pair]} says of this pair", n)
        rows[row.pair] = n
        found.append(row)
    return MappingSet(tuple(found), header)


def _row(
    path: Path, line: int, columns: Sequence[str], cells: Sequence[str], *, items: bool
) -> Row:
    if len(cells) > len(columns):
        raise BadSource(path, f"has {len(cells)} cells where the header has {len(columns)}", line)
    given = dict(zip(columns, cells, strict=False))
    known = {c: given[c].strip() for c in COLUMNS if c in given}
    extra = tuple((c, given[c]) for c in columns if c not in COLUMNS and c in given)
    reason = _fault(known, items=items)
    if reason:
        raise BadSource(path, reason, line)
    if "://" not in known["subject_id"]:
        known["subject_id"] = "id:" + known["subject_id"].removeprefix("id:")
    if items:
        known["object_id"] = "wd:" + qid(known["object_id"])
    return Row(**known, extra=extra)


def _fault(cells: Mapping[str, str], *, items: bool) -> str:
    """What is wrong with the cells of a row; empty where nothing is."""
    object_id = cells["object_id"]
    for end in ("subject",) if items else ("subject", "object"):
        given = cells[f"{end}_id"]
        if not _names_a_thing(given.removeprefix("id:")):
            return f"the {end} '{given[:60]}' is neither an IRI nor its part after /id/"
    if items and _QID.fullmatch(qid(object_id)) is None:
        return f"the object '{object_id[:60]}' is no item of Wikidata; write wd:Q96"
    if cells["predicate_id"] not in _PREDICATES:
        return f"the predicate '{cells['predicate_id'][:40]}' is not one of {', '.join(sorted(_PREDICATES))}"
    if cells.get("predicate_modifier", "") not in {"", "Not"}:
        return f"the modifier '{cells['predicate_modifier'][:40]}' is not 'Not'"
    given = cells.get("mapping_justification", "")
    if given and not _JUSTIFIED.fullmatch(given) and not ("://" in given and is_iri(given)):
        return f"the justification '{given[:40]}' is none; write semapv:ManualMappingCuration"
    given = cells.get("confidence", "")
    if given and (_DECIMAL.fullmatch(given) is None or float(given) > 1):
        return f"the confidence '{given[:20]}' is no number from 0 to 1"
    for column in ("mapping_date", "review_date"):
        given = cells.get(column, "")
        if given and not _is_day(given):
            return f"the {column} '{given[:20]}' is no day; write 2026-01-31"
    return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _names_a_thing(text: str) -> bool:
    local = text.startswith("article/") and is_iri("https://acuerdo.invalid/" + text)
    return is_ref(text) or local or ("://" in text and is_iri(text))


def _number(object_id: str) -> tuple[int, str]:
    found = qid(object_id)
    return (int(found[1:]), "") if _QID.fullmatch(found) else (0, found)


def write(path: Path, rows: Iterable[Row], bases: Bases, header: Sequence[str] = ()) -> None:
    """Write a file whole or not at all, sorted by subject, then by confidence, then by item."""
    ordered = sorted(
        rows, key=lambda r: (r.subject_id, -float(r.confidence or 0), _number(r.object_id))
    )
    extra = sorted({c for r in ordered for c, _ in r.extra})
    lines = [*(header or _header(bases)), "\t".join([*COLUMNS, *extra])]
    for row in ordered:
        more = dict(row.extra)
        cells = [*(getattr(row, c) for c in COLUMNS), *(more.get(c, "") for c in extra)]
        lines.append("\t".join(" ".join(str(c).split()) for c in cells))
    replace(path, ("\n".join(lines) + "\n").encode())


def replace(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, meets the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _header(bases: Bases) -> list[str]:
    prefixes = {"ac": AC, "wd": WIKIDATA, "id": bases.id, **_PREFIXES}
    return [
        "#curie_map:",
        *(f"#  {prefix}: {iri}" for prefix, iri in sorted(prefixes.items())),
        f"#mapping_set_id: {SET}",
        "#license: https://creativecommons.org/publicdomain/zero/1.0/",
    ]


def merged(old: Iterable[Row], new: Iterable[Row], looked_at: Callable[[Row], bool]) -> list[Row]:
    """The rows after a run: what persons or other tools wrote stays as it is, our own is made anew.

    Of our own rows, those stay that the run could not look at.
    """
    before = {r.pair: r for r in old}
    kept = {pair: r for pair, r in before.items() if not r.made or not looked_at(r)}
    for made in new:
        row = made
        if row.pair not in kept:
            same = before.get(row.pair)
            # A row that says what it said before keeps its day, so a second run changes nothing.
            if same and changed(same, mapping_date="") == changed(row, mapping_date=""):
                row = same
            kept[row.pair] = row
    return list(kept.values())


def changed(row: Row, **cells: str) -> Row:
    """The row with other cells."""
    return msgspec.structs.replace(row, **cells)
