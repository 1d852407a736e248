"""Snapshots of Wikidata on disk: CSV tables, lines of a JSON dump, or a slice as N-Triples.

What a file is shows in its content, never in its name. A line that is cut or not understood is counted
and told with its number; the others count.
"""

import bz2
import codecs
import csv
import gzip
import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
import pyoxigraph as ox

from acuerdo.errors import BadSource
from acuerdo.link.entity import ORGANIZATION, PERSON, PLACE, POST, Position
from acuerdo.link.kinds import kind_of

_QID = re.compile(r"Q[1-9][0-9]{0,11}")
_ENTITY = "http://www.wikidata.org/entity/"
_DIRECT = "http://www.wikidata.org/prop/direct/"
_ALT = "http://www.w3.org/2004/02/skos/core#altLabel"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_SAME = "http://www.w3.org/2002/07/owl#sameAs"
_DESCRIPTION = "http://schema.org/description"
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


class Snapshot:
    """All items of one or more files; `warnings` has a line for each thing that was left out."""

    def __init__(self) -> None:
        self.items: dict[str, Draft] = {}
        self.redirects: dict[str, str] = {}
        self.parents: dict[str, dict[str, None]] = {}  # class → its superclasses (P279)
        self.codes: dict[str, str] = {}  # ISO code of a territory → QID
        self.warnings: list[str] = []
        self._source = ""

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
            with _opened(path) as stream:
                head = stream.peek(4096)[:4096] if isinstance(stream, io.BufferedReader) else b""
                self._dispatch(path, stream, head.lstrip(b"\xef\xbb\xbf \r\n"))
        except (EOFError, gzip.BadGzipFile) as error:
            self.warnings.insert(
                before, f"{path}: ends too early ({error}); what came before counts"
            )
        except (OSError, UnicodeDecodeError) as error:
            raise BadSource(path, f"cannot be read ({error})") from None

    def _dispatch(self, path: Path, stream: IO[bytes], head: bytes) -> None:
        if head[:1] in {b"[", b"{"}:
            self._json(path, stream)
        elif head[:1] in {b"<", b"#"}:
            self._ntriples(path, stream)
        elif head.split(b"\n", 1)[0].split(b",", 1)[0].strip() == b"qid":
            self._csv(path, stream)
        else:
            raise BadSource(path, "no CSV with a column 'qid', no JSON dump and no N-Triples")

    def _each(
        self, path: Path, numbered: Iterable[tuple[int, Any]], take: Callable[[Any], None]
    ) -> None:
        wrong: list[int] = []
        for number, line in numbered:
            try:
                take(line)
            except (ValueError, KeyError, TypeError, AttributeError, SyntaxError):
                wrong.append(number)
        if wrong:
            count = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            self.warnings.append(f"{path}:{wrong[0]}: not understood, left out{count}")

    def _csv(self, path: Path, stream: IO[bytes]) -> None:
        rows = csv.DictReader(codecs.iterdecode(stream, "utf-8-sig"))
        columns = set(rows.fieldnames or ())
        take = next((t for need, t in _TABLES if need <= columns), None)
        if take is None:
            raise BadSource(
                path, f"no table that is known; its columns are {', '.join(sorted(columns))}"
            )

        def one(row: dict[str, str]) -> None:
            if None in row or None in row.values():
                raise ValueError(row)
            if _QID.fullmatch(row["qid"]) is None:
                raise ValueError(row["qid"])
            take(self, row)

        self._each(path, enumerate(rows, start=2), one)

    def _json(self, path: Path, stream: IO[bytes]) -> None:
        decode = msgspec.json.Decoder().decode

        def one(line: bytes) -> None:
            record = decode(line)
            for entity in record["entities"].values() if "entities" in record else [record]:
                self.take_json(entity)

        lines = ((n, raw.strip().rstrip(b",")) for n, raw in enumerate(stream, start=1))
        self._each(path, ((n, line) for n, line in lines if line not in {b"", b"[", b"]"}), one)

    def take_json(self, entity: dict[str, Any]) -> None:
        """Take in one entity as `wbgetentities` and the dump give it."""
        qid = entity["id"]
        if _QID.fullmatch(qid) is None:
            raise ValueError(qid)
        if "missing" in entity:
            return
        asked = entity.get("redirects", {}).get("from")
        if asked:
            self.redirects[asked] = qid
        draft = self.draft(qid)
        labels = {k: v["value"] for k, v in entity.get("labels", {}).items()}
        for language in (*LANGUAGES, *sorted(set(labels) - set(LANGUAGES))):
            if language in labels:
                _label(draft, labels[language])
        aliases = entity.get("aliases", {})
        for language in LANGUAGES:
            draft.names.update(dict.fromkeys(a["value"] for a in aliases.get(language, ())))
        descriptions = entity.get("descriptions", {})
        draft.description = next(
            (descriptions[x]["value"] for x in LANGUAGES if x in descriptions), draft.description
        )
        claims = entity.get("claims", {})
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
        for claim in _best(claims.get("P39", ())):
            post = _value(claim["mainsnak"])
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
        if not subject.startswith(_ENTITY) or _QID.fullmatch(qid) is None:
            return
        predicate, value = triple.predicate.value, str(getattr(triple.object, "value", ""))
        target = value.removeprefix(_ENTITY)
        draft = self.draft(qid)
        if predicate == _LABEL:
            if triple.object.language == "en":
                draft.label = value
            _label(draft, value)
        elif predicate == _ALT:
            draft.names[value] = None
        elif predicate == _DESCRIPTION and (
            triple.object.language == "en" or not draft.description
        ):
            draft.description = value
        elif predicate == _SAME:
            self.redirects[qid] = target
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
        for qid in self.redirects:
            self.items.pop(qid, None)
        for draft in self.items.values():
            draft.kind = kind_of(draft.types, self.parents) or draft.kind
            draft.positions = [
                msgspec.structs.replace(p, text=self.items[p.qid].label)
                if p.qid in self.items and not p.text
                else p
                for p in draft.positions
            ]


def _opened(path: Path) -> Any:
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.open(path))
    if path.suffix == ".bz2":
        return io.BufferedReader(bz2.open(path))
    return path.open("rb")


def _label(draft: Draft, text: str) -> None:
    """The label service gives a bare QID where there is no label: that is none."""
    if not text or _QID.fullmatch(text):
        return
    draft.label = draft.label or text
    draft.names[text] = None


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


def _listed(text: str) -> dict[str, None]:
    return dict.fromkeys(part for part in text.split("|") if part)


def _person(snapshot: Snapshot, row: dict[str, str]) -> None:
    draft = snapshot.draft(row["qid"])
    draft.kind, draft.birth, draft.death = PERSON, row["birth"], row["death"]
    draft.types["Q5"] = None
    _label(draft, row["label"])
    draft.countries.update(_listed(row["countries"]))


def _name(snapshot: Snapshot, row: dict[str, str]) -> None:
    snapshot.draft(row["qid"]).names[row["name"]] = None


def _position(snapshot: Snapshot, row: dict[str, str]) -> None:
    found = Position(row["position"], row["start"], row["end"], row["jurisdiction"])
    snapshot.draft(row["qid"]).positions.append(found)


def _agency(snapshot: Snapshot, row: dict[str, str]) -> None:
    draft = snapshot.draft(row["qid"])
    draft.types.update(_listed(row["p31"]))
    draft.kind = ORGANIZATION
    draft.description = row["description"]
    _label(draft, row["label"])
    draft.countries.update(_listed(row["p17"]))


def _territory(snapshot: Snapshot, row: dict[str, str]) -> None:
    draft = snapshot.draft(row["qid"])
    draft.kind = PLACE
    _label(draft, row["name"])
    draft.names.update(_listed(row["full_name"]) | _listed(row["names_strong"]))
    code = row["code"]
    if code.isalpha() and len(code) == 2:
        snapshot.codes[code.upper()] = row["qid"]
    # names_weak holds names of other places (for Canada: Toronto); it is left out on purpose.
    draft.countries.update(_listed(code[:2].upper()))


def _post(snapshot: Snapshot, row: dict[str, str]) -> None:
    draft = snapshot.draft(row["qid"])
    draft.kind = POST
    _label(draft, row["label"])
    draft.countries.update(_listed(row["country"]))


_TABLES: tuple[tuple[set[str], Callable[[Snapshot, dict[str, str]], None]], ...] = (
    ({"qid", "label", "birth", "death", "countries"}, _person),
    ({"qid", "position", "start", "end", "jurisdiction"}, _position),
    ({"qid", "label", "p31", "p17", "description"}, _agency),
    ({"qid", "name", "full_name", "code", "names_strong"}, _territory),
    ({"qid", "label", "country", "jurisdiction", "start", "end"}, _post),
    ({"qid", "name"}, _name),
)
