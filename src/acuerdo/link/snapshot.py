"""Snapshots of Wikidata on disk: CSV tables, lines of a JSON dump, or a slice as N-Triples.

What a file is shows in its content, never in its name. A line that is cut or not understood is counted
and told with its number; the others count.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec
import pyoxigraph as ox

from acuerdo.errors import BadSource
from acuerdo.link import files, tables
from acuerdo.link.entity import Position
from acuerdo.link.kinds import kind_of

QID = re.compile(r"Q[1-9][0-9]{0,11}")
_ENTITY = "http://www.wikidata.org/entity/"
_DIRECT = "http://www.wikidata.org/prop/direct/"
_ALT = "http://www.w3.org/2004/02/skos/core#altLabel"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_SAME = "http://www.w3.org/2002/07/owl#sameAs"
_DESCRIPTION = "http://schema.org/description"
_PROP = "http://www.wikidata.org/prop/"
_HELD = _PROP + "P39"
_TENURE = {
    _PROP + "statement/P39": "post",
    _PROP + "qualifier/P580": "start",
    _PROP + "qualifier/P582": "end",
}
LANGUAGES = ("en", "es", "mul", "fr", "pt", "de", "it", "ca")


class Draft(msgspec.Struct):
    """An item while the files that speak of it are read."""

    qid: str
    label: str = ""
    kind: str = ""
    names: dict[str, None] = {}
    types: dict[str, None] = {}
    birth: str = ""
    death: str = ""
    countries: dict[str, None] = {}
    positions: list[Position] = []
    parties: dict[str, None] = {}
    description: str = ""
    source: str = ""

    def call(self, text: str) -> None:
        """Give it a name, the first being its label; the label service gives a bare QID where there is none."""
        if text and not QID.fullmatch(text):
            self.label = self.label or text
            self.names[text] = None


class Snapshot:
    """All items of one or more files; `warnings` has a line for each thing that was left out."""

    def __init__(self) -> None:
        self.items: dict[str, Draft] = {}
        self.redirects: dict[str, str] = {}
        self.parents: dict[str, dict[str, None]] = {}  # class → its superclasses (P279)
        self.codes: dict[str, str] = {}  # ISO code of a territory → QID
        self.warnings: list[str] = []
        self._source = ""
        self._tenures: dict[str, dict[str, str]] = {}  # statement of a slice → holder, post, dates

    def draft(self, qid: str) -> Draft:
        """The draft of an item, made where it is met first."""
        found = self.items.get(qid)
        if found is None:
            found = self.items[qid] = Draft(qid, source=self._source)
        return found

    def read(self, path: Path) -> None:
        """Take in one file; raises BadSource where it is none of the known forms."""
        self._source = path.name
        before = len(self.warnings)
        try:
            with files.opened(path) as stream:
                self._dispatch(path, stream, stream.peek(4096)[:4096].lstrip(b"\xef\xbb\xbf \r\n"))
        except files.CUT as error:
            self.warnings.insert(
                before, f"{path}: ends too early ({error}); what came before counts"
            )
        except (OSError, UnicodeDecodeError) as error:
            raise BadSource(path, f"cannot be read ({error})") from None

    def _dispatch(self, path: Path, stream: IO[bytes], head: bytes) -> None:
        if head[:1] in {b"[", b"{"}:
            self._json(path, stream, whole=head[:1] != b"[")
        elif head[:1] in {b"<", b"#"}:
            self._ntriples(path, stream)
        else:
            self._csv(path, stream)

    def _each(
        self, path: Path, numbered: Iterable[tuple[int, Any]], take: Callable[[Any], None]
    ) -> None:
        wrong: list[int] = []
        try:
            for number, line in numbered:
                try:
                    take(line)
                except (ValueError, KeyError, TypeError, AttributeError, SyntaxError):
                    wrong.append(number)
        finally:
            if wrong:
                count = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
                self.warnings.append(f"{path}:{wrong[0]}: not understood, left out{count}")

    def _csv(self, path: Path, stream: IO[bytes]) -> None:
        rows = files.rows(stream)
        columns = next(rows, (1, []))[1]
        take = tables.of(columns)
        if take is None:
            raise BadSource(path, _no_table(columns))

        def one(cells: list[str]) -> None:
            row = dict(zip(columns, cells, strict=True))
            if QID.fullmatch(row["qid"]) is None:
                raise ValueError(row["qid"])
            take(self, row)

        self._each(path, ((n, cells) for n, cells in rows if cells), one)

    def _json(self, path: Path, stream: IO[bytes], *, whole: bool) -> None:
        decode = msgspec.json.Decoder().decode
        last = b""

        def one(line: bytes) -> None:
            record = decode(line)
            for entity in record["entities"].values() if "entities" in record else [record]:
                self.take_json(entity)

        def lines() -> Iterator[tuple[int, bytes]]:
            nonlocal last
            for number, raw in enumerate(stream, start=1):
                last = raw.strip() or last
                text = raw.strip().rstrip(b",")
                if text not in {b"", b"[", b"]"}:
                    yield number, text

        first = next(numbered := lines(), (1, b""))
        if whole and not _is_json(first[1]):
            # One answer over many lines, as a browser saves it.
            self._each(path, [(1, b"\n".join([first[1], *stream]))], one)
            return
        self._each(path, (row for part in ([first], numbered) for row in part), one)
        if not whole and not last.endswith(b"]"):
            raise EOFError("the list is not closed")

    def take_json(self, entity: dict[str, Any]) -> None:
        """Take in one entity as `wbgetentities` and the dump give it."""
        qid = entity["id"]
        if QID.fullmatch(qid) is None:
            raise ValueError(qid)
        if "missing" in entity:
            return
        asked = entity.get("redirects", {}).get("from")
        if asked:
            self.redirects[asked] = qid
        draft = self.draft(qid)
        # What is empty comes as a list.
        said = {k: entity.get(k) or {} for k in ("labels", "aliases", "descriptions", "claims")}
        labels = {k: v["value"] for k, v in said["labels"].items()}
        for language in (*LANGUAGES, *sorted(set(labels) - set(LANGUAGES))):
            if language in labels:
                draft.call(labels[language])
        for language in LANGUAGES:
            for alias in said["aliases"].get(language, ()):
                draft.names[alias["value"]] = None
        descriptions = said["descriptions"]
        draft.description = next(
            (descriptions[x]["value"] for x in LANGUAGES if x in descriptions), draft.description
        )
        claims = said["claims"]
        draft.types.update(dict.fromkeys(_values(claims, "P31")))
        above = dict.fromkeys(_values(claims, "P279"))
        if above:
            self.parents.setdefault(qid, {}).update(above)
        draft.birth = next(iter(_values(claims, "P569")), draft.birth)
        draft.death = next(iter(_values(claims, "P570")), draft.death)
        for country in ("P27", "P17"):
            draft.countries.update(dict.fromkeys(_values(claims, country)))
        draft.parties.update(dict.fromkeys(_values(claims, "P102")))
        for code in _values(claims, "P297"):
            self.codes[code.upper()] = qid
        for claim in claims.get("P39", ()):
            # The present post may be preferred; the former ones were held all the same.
            post = "" if claim.get("rank") == "deprecated" else _value(claim["mainsnak"])
            if post:
                start, end = (_first(claim, p) for p in ("P580", "P582"))
                draft.positions.append(Position("", start, end, "", post))

    def _ntriples(self, path: Path, stream: IO[bytes]) -> None:
        def one(line: bytes) -> None:
            for triple in ox.parse(line, format=ox.RdfFormat.N_TRIPLES):
                self._triple(triple)

        lines = ((n, raw) for n, raw in enumerate(stream, start=1))
        self._each(path, ((n, raw) for n, raw in lines if raw.strip()), one)

    def _triple(self, triple: Any) -> None:
        subject = getattr(triple.subject, "value", "")
        qid = subject.removeprefix(_ENTITY)
        predicate, value = triple.predicate.value, str(getattr(triple.object, "value", ""))
        target = value.removeprefix(_ENTITY)
        if predicate in _TENURE:
            self._tenures.setdefault(subject, {})[_TENURE[predicate]] = target
        if not subject.startswith(_ENTITY) or QID.fullmatch(qid) is None:
            return
        draft = self.draft(qid)
        if predicate == _LABEL:
            if triple.object.language == "en":
                draft.label = value
            draft.call(value)
        elif predicate == _ALT:
            draft.names[value] = None
        elif predicate == _DESCRIPTION and (
            triple.object.language == "en" or not draft.description
        ):
            draft.description = value
        elif predicate == _SAME and QID.fullmatch(target):
            self.redirects[qid] = target
        elif predicate == _HELD:
            self._tenures.setdefault(value, {})["holder"] = qid
        elif predicate.startswith(_DIRECT):
            self._direct(draft, predicate.removeprefix(_DIRECT), target)

    def _direct(self, draft: Draft, prop: str, value: str) -> None:
        if prop == "P31":
            draft.types[value] = None
        elif prop == "P279":
            self.parents.setdefault(draft.qid, {})[value] = None
        elif prop in {"P569", "P570"}:
            day = value.lstrip("+")[:10]
            draft.birth, draft.death = (day, draft.death) if prop == "P569" else (draft.birth, day)
        elif prop in {"P27", "P17"}:
            draft.countries[value] = None
        elif prop == "P102":
            draft.parties[value] = None
        elif prop == "P39":
            draft.positions.append(Position("", qid=value))
        elif prop == "P297":
            self.codes[value.upper()] = draft.qid

    def settle(self) -> None:
        """Give items their kind and posts their words, and drop items that only redirect."""
        self.redirects.update({old: self._target(old) for old in sorted(self.redirects)})
        for qid in self.redirects:
            self.items.pop(qid, None)
        self._hold()
        for draft in self.items.values():
            draft.kind = kind_of(draft.types, self.parents) or draft.kind
            dated = {p.qid for p in draft.positions if p.qid and p.start + p.end}
            named = (
                msgspec.structs.replace(p, text=self.items[p.qid].label)
                if p.qid in self.items and not p.text
                else p
                for p in draft.positions
                # A slice says `wdt:P39` beside the statement that has the dates.
                if p.start + p.end or p.qid not in dated
            )
            draft.positions = sorted(set(named), key=msgspec.structs.astuple)

    def _target(self, old: str) -> str:
        """Where a moved item is now, however often it was moved."""
        seen = {old}
        while (new := self.redirects.get(old)) and new not in seen:
            seen.add(new)
            old = new
        return old

    def _hold(self) -> None:
        """The tenures of a slice, which come as statements with qualifiers."""
        for said in self._tenures.values():
            holder = self.items.get(said.get("holder", ""))
            if holder and QID.fullmatch(said.get("post", "")):
                start, end = (said.get(k, "").lstrip("+")[:10] for k in ("start", "end"))
                holder.positions.append(Position("", start, end, "", said["post"]))


def _best(claims: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The preferred statements, or the normal ones; never the deprecated."""
    ranked = [c for c in claims if c.get("rank") != "deprecated"]
    preferred = [c for c in ranked if c.get("rank") == "preferred"]
    return preferred or ranked


def _value(snak: dict[str, Any]) -> str:
    value = snak.get("datavalue", {}).get("value")
    if isinstance(value, dict):
        if "id" in value:
            return str(value["id"])
        if "time" in value:
            return _day(str(value["time"]), int(value.get("precision", 11)))
    return value if isinstance(value, str) else ""


def _day(time: str, precision: int) -> str:
    """`+1953-11-13T00:00:00Z` cut to what is known: day (11), month (10) or year (9)."""
    if not time.startswith("+") or precision < 9:
        return ""
    return time[1:11][: {9: 4, 10: 7}.get(precision, 10)]


def _values(claims: dict[str, Any], prop: str) -> Iterator[str]:
    # All offices and countries count, but a birth date only in its best rank.
    chosen = (c for c in claims.get(prop, ()) if c.get("rank") != "deprecated")
    single = prop in {"P569", "P570", "P31"}
    for claim in _best(claims.get(prop, ())) if single else chosen:
        value = _value(claim["mainsnak"])
        if value:
            yield value


def _first(claim: dict[str, Any], prop: str) -> str:
    return next((v for s in claim.get("qualifiers", {}).get(prop, ()) if (v := _value(s))), "")


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


def _no_table(columns: Sequence[str]) -> str:
    if "qid" not in columns:
        return "no CSV with a column 'qid', no JSON dump and no N-Triples"
    return f"no table that is known; its columns are {', '.join(sorted(columns))}"
