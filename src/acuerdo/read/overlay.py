"""The label map of people who must not edit the ontology: a TOML file, or SSSOM rows.

It says the same as `ac:tag` and `ac:tagInverse`. `false` means that a label is ignored on purpose.
"""

import csv
import io
import re
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from acuerdo.errors import BadSource, WrongUsage
from acuerdo.report import escaped
from acuerdo.vocabulary import PREFIXES, Vocabulary, fold

Kind = Literal["class", "role", "relation", "attribute", "links"]
KINDS: tuple[Kind, ...] = ("class", "role", "relation", "attribute", "links")
SCHEMES = "https://w3id.org/acuerdo/"


class Target(Struct, frozen=True):
    """What a label is mapped to; without an IRI it is ignored on purpose."""

    iri: str | None = None
    inverse: bool = False
    value: str | None = None


class Overlay:
    """The entries of an overlay, exact labels before patterns, separators and case folded."""

    def __init__(self) -> None:
        self.exact: dict[tuple[Kind, str], Target] = {}
        self.patterns: dict[Kind, list[tuple[str, Target]]] = {}
        self.links: dict[str, str | None] = {}

    def add(self, kind: Kind, label: str, target: Target) -> None:
        """Enter a label; one with `*` or `?` is a pattern."""
        key = fold_parts(label)
        if "*" in key or "?" in key:
            self.patterns.setdefault(kind, []).append((key, target))
            self.patterns[kind].sort(key=lambda entry: (-len(entry[0]), entry[0]))
        else:
            self.exact[kind, key] = target

    def find(self, kind: Kind, label: str) -> Target | None:
        """What the label is mapped to; an exact entry wins over a pattern, a long pattern over a short one."""
        key = fold_parts(label)
        found = self.exact.get((kind, key))
        if found is not None:
            return found
        return next((t for p, t in self.patterns.get(kind, ()) if fnmatchcase(key, p)), None)


def fold_parts(label: str) -> str:
    """A label folded, its `/` between class and role kept."""
    return "/".join(fold(part) for part in label.split("/"))


def read(path: Path, vocabulary: Vocabulary) -> Overlay:
    """The overlay of a `.toml` file or an SSSOM `.tsv`; raises BadSource for what it does not understand."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WrongUsage(f"{path}: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSource(path, f"byte 0x{data[error.start]:02x} is not UTF-8") from None
    reader = _Toml if path.suffix.lower() != ".tsv" else _Sssom
    return reader(path, vocabulary).read(text)


class _Terms:
    """CURIEs of an overlay as IRIs that the ontology knows."""

    def __init__(self, path: Path, vocabulary: Vocabulary) -> None:
        self.path, self.vocabulary = path, vocabulary
        self.prefixes = dict(PREFIXES)
        self.overlay = Overlay()

    def iri(self, curie: str, where: str, line: int | None = None) -> str:
        if curie.startswith("<") and curie.endswith(">"):
            iri = curie[1:-1]
        else:
            prefix, colon, name = curie.partition(":")
            if colon and name.startswith("//"):
                iri = curie
            elif colon and prefix in self.prefixes:
                iri = self.prefixes[prefix] + name
            elif colon:
                iri = f"{SCHEMES}{prefix}/{name}"
            else:
                iri = PREFIXES["ac"] + curie
        known = self.vocabulary
        if iri not in known.classes and iri not in known.properties and iri not in known.concepts:
            near = known.nearest(curie.rpartition(":")[2], self._names())
            hint = f"; did you mean '{near}'?" if near else ""
            raise BadSource(
                self.path, f"{where}: {escaped(curie)} is not in the ontology{hint}", line
            )
        return iri

    def _names(self) -> list[str]:
        known = self.vocabulary
        return [c.name for c in known.classes.values()] + [
            p.name for p in known.properties.values()
        ]


class _Toml(_Terms):
    def read(self, text: str) -> Overlay:
        try:
            tree = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
            reason = re.sub(r" \(at .*\)$", "", str(error))
            raise BadSource(
                self.path, reason, *(map(int, place.groups()) if place else ())
            ) from None
        prefixes = tree.pop("prefixes", {})
        if not isinstance(prefixes, dict) or not all(isinstance(v, str) for v in prefixes.values()):
            raise BadSource(self.path, 'prefixes is a table of prefix = "IRI"')
        self.prefixes |= prefixes
        unknown = sorted(set(tree) - set(KINDS))
        if unknown:
            raise BadSource(
                self.path, f"unknown table [{unknown[0]}]; tables are {', '.join(KINDS)}"
            )
        for kind in KINDS:
            table = tree.get(kind, {})
            if not isinstance(table, dict):
                raise BadSource(self.path, f"[{kind}] is a table")
            for label, value in table.items():
                self._entry(kind, label, value)
        return self.overlay

    def _entry(self, kind: Kind, label: str, value: Any) -> None:
        where = f'[{kind}] "{label}"'
        if value is not False and not isinstance(value, str):
            raise BadSource(self.path, f"{where} is neither a term nor false")
        if kind == "links":
            self.overlay.links[label] = value or None
            return
        if value is False:
            self.overlay.add(kind, label, Target())
            return
        term, _, rest = value.strip().partition(" ")
        inverse = term.startswith("^")
        target = Target(self.iri(term.removeprefix("^"), where), inverse, rest.strip() or None)
        self._fits(kind, target, where)
        self.overlay.add(kind, label, target)

    def _fits(self, kind: Kind, target: Target, where: str) -> None:
        known = self.vocabulary
        places: dict[str, tuple[object, ...]] = {
            "class": (known.classes, known.properties),
            "role": (known.properties, known.concepts),
            "relation": (known.properties, known.classes, known.concepts),
            "attribute": (known.properties, known.concepts),
        }
        if not any(target.iri in place for place in places[kind]):  # type: ignore[operator]
            raise BadSource(
                self.path, f"{where}: <{target.iri}> is no term that a {kind} label can mean"
            )


class _Sssom(_Terms):
    """Rows with subject_label and object_id; predicate skos:exactMatch, or ac:tagInverse for the other direction."""

    def read(self, text: str) -> Overlay:
        lines = text.split("\n")
        heading = next(
            (i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")),
            len(lines),
        )
        for line in lines[:heading]:
            found = re.match(r"#\s{2,}([\w.-]+):\s*[\"']?(\S+?)[\"']?\s*$", line)
            if found and found[2].startswith("http"):
                self.prefixes[found[1]] = found[2]
        rows = csv.DictReader(io.StringIO("\n".join(lines[heading:])), delimiter="\t")
        if not {"subject_label", "object_id"} <= set(rows.fieldnames or []):
            raise BadSource(
                self.path,
                "an SSSOM table needs the columns subject_label and object_id",
                heading + 1,
            )
        for row in rows:
            self._row(row, heading + rows.line_num)
        return self.overlay

    def _row(self, row: dict[str, str], line: int) -> None:
        label, term = (row.get("subject_label") or "").strip(), (row.get("object_id") or "").strip()
        if not label or not term:
            raise BadSource(self.path, "subject_label or object_id is empty", line)
        if term == "sssom:NoTermFound" or (row.get("predicate_modifier") or "").strip() == "Not":
            for kind in ("class", "relation", "role", "attribute"):
                self.overlay.add(kind, label, Target())
            return
        iri = self.iri(term, label, line)
        target = Target(iri, (row.get("predicate_id") or "").strip() == "ac:tagInverse")
        known = self.vocabulary
        kinds: list[Kind] = (
            ["class", "relation"] if iri in known.classes else ["relation", "role", "attribute"]
        )
        if "/" in label:
            kinds = ["role"]
        elif "=" in label:
            kinds = ["attribute"]
        for kind in kinds:
            self.overlay.add(kind, label, target)
