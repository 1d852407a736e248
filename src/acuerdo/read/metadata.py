"""What a tool's export does not say about an article: when it was published, by whom, in which language.

It comes from the export's own free fields, from `metadata.csv` beside the files or a table named on the
command line, or from options that hold for all. A draft without a date becomes no article.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from acuerdo.dates import InvalidDateError, bounds
from acuerdo.errors import BadSource, WrongUsage
from acuerdo.model import Article
from acuerdo.read.draft import Draft
from acuerdo.report import Fault, escaped

BESIDE = "metadata.csv"
FIELDS = ("id", "published", "date_basis", "publisher", "title", "url", "language", "license")
_BASES = {"stated", "inferred", "external"}
UNDETERMINED = "und"


class Defaults(Struct, frozen=True):
    """What holds for every article that says nothing else."""

    published: str | None = None
    language: str | None = None
    table: Mapping[str, Mapping[str, str]] = {}


def from_object(given: Any) -> dict[str, Any]:
    """The fields of the native article that stand in a tool's free object."""
    if not isinstance(given, dict):
        return {}
    found: dict[str, Any] = {
        k: given[k] for k in FIELDS if isinstance(given.get(k), str) and given[k]
    }
    if isinstance(given.get("attrs"), dict):
        found["attrs"] = given["attrs"]
    if isinstance(given.get("agents"), dict):
        found["agents"] = given["agents"]
    return found


def table(path: Path) -> dict[str, dict[str, str]]:
    """A sidecar table by id; raises BadSource with the line of what is wrong, WrongUsage without a file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WrongUsage(f"{path}: {error.strerror}") from None
    return parsed_table(data, str(path))


def parsed_table(data: bytes, name: str) -> dict[str, dict[str, str]]:
    """The rows of a CSV with a heading, by `file` or else by `id`; a comma, semicolon or tab separates the fields."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSource(name, f"byte 0x{data[error.start]:02x} is not UTF-8") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=separator, strict=True)
    unknown = sorted(set(rows.fieldnames or []) - {*FIELDS, "file"})
    if not {"id", "file"} & set(rows.fieldnames or []) or unknown:
        wrong = f"unknown column {escaped(unknown[0] or '')}" if unknown else "no column 'id'"
        raise BadSource(name, f"{wrong}; columns are file, {', '.join(FIELDS)}", 1)
    found: dict[str, dict[str, str]] = {}
    try:
        for row in rows:
            ident = (row.get("file") or row.get("id") or "").strip()
            if not ident or ident in found:
                raise BadSource(
                    name, f"the id {escaped(ident)} is empty or stands twice", rows.line_num
                )
            if None in row:
                raise BadSource(name, "the row has more fields than the heading", rows.line_num)
            found[ident] = {
                k: v if k == "title" else v.strip() for k, v in row.items() if k and v and v.strip()
            }
    except csv.Error as error:
        raise BadSource(name, str(error), rows.line_num) from None
    return found


def finish(draft: Draft, defaults: Defaults) -> tuple[Article | None, list[Fault]]:
    """The article of a draft, or the faults for which there is none."""
    given = {**_of_options(defaults), **draft.metadata, **_row(draft, defaults.table)}
    ident = str(given.get("id") or draft.document)
    faults = [
        msgspec.structs.replace(f, article=ident) if f.article == draft.document else f
        for f in draft.faults
    ]
    wrong = _wrong_date(given, ident, draft.file)
    if wrong:
        return None, [*faults, wrong]
    basis = given.get("date_basis")
    agents = {**draft.agents}
    attrs = {**draft.attrs}
    try:
        attrs.update(msgspec.convert(given.get("attrs", {}), dict[str, Any]))
        article = Article(
            acuerdo=1,
            id=ident,
            published=str(given["published"]),
            date_basis=basis if basis in _BASES else "external",
            language=str(given.get("language") or UNDETERMINED),
            url=given.get("url"),
            title=given.get("title"),
            publisher=given.get("publisher"),
            license=given.get("license"),
            text=draft.text,
            attrs={k: tuple(v) if isinstance(v, list) else v for k, v in attrs.items()},
            sections=tuple(draft.sections),
            agents=agents,
            entities=tuple(draft.entities),
            events=tuple(draft.events),
            relations=tuple(draft.relations),
        )
    except (msgspec.ValidationError, TypeError) as error:
        fault = Fault(
            "VALUE_INVALID",
            f"{str(error)[:1].lower()}{str(error)[1:]}.",
            "Correct the article's fields.",
            file=draft.file,
            article=ident,
            dropped="article",
        )
        return None, [*faults, fault]
    return article, faults


def _of_options(defaults: Defaults) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if defaults.published:
        given |= {"published": defaults.published, "date_basis": "external"}
    if defaults.language:
        given["language"] = defaults.language
    return given


def _row(draft: Draft, rows: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """The row of a draft: by its id, by its path, or by the name of its file alone."""
    name = draft.document.rpartition("/")[2]
    for key in (
        str(draft.metadata.get("id", "")),
        draft.document,
        name,
        f"{draft.document}.txt",
        f"{name}.txt",
    ):
        if key in rows:
            # A row found by its column `file` may give the article another id.
            return {
                k: v
                for k, v in rows[key].items()
                if k != "file" and (k != "id" or "file" in rows[key])
            }
    return {}


def _wrong_date(given: Mapping[str, Any], ident: str, file: str) -> Fault | None:
    published = given.get("published")
    if not published:
        return Fault(
            "DATE_MISSING",
            "nothing says when the article was published.",
            "Give --published DATE, or a metadata.csv with the columns id, published.",
            file=file,
            article=ident,
            dropped="article",
        )
    basis = given.get("date_basis")
    if basis is not None and basis not in _BASES:
        return Fault(
            "VALUE_INVALID",
            f"date_basis {escaped(str(basis))} is none of external, inferred, stated.",
            "Correct the article's fields.",
            file=file,
            article=ident,
            dropped="article",
        )
    try:
        bounds(str(published))
    except InvalidDateError as error:
        return Fault(
            "DATE_INVALID",
            f"published {escaped(error.value)} is not a date.",
            error.hint,
            file=file,
            article=ident,
            dropped="article",
        )
    return None
