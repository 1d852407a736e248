"""Which labels a corpus has, how often, what each means, and what an overlay would have to say of the rest."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from acuerdo.iri import AC
from acuerdo.model import Entity, Event
from acuerdo.read import brat_conf, sources, tools
from acuerdo.read.anchor import anchor
from acuerdo.read.draft import LABELS, Draft, settle
from acuerdo.read.labels import Key, Labels
from acuerdo.read.links import link
from acuerdo.read.overlay import Kind
from acuerdo.read.translate import OWN_FIELDS, own_field
from acuerdo.report import Fault
from acuerdo.vocabulary import Class, Property, fold

WAITS = "(asked when its class is mapped)"


class Label(Struct, frozen=True, order=True):
    """A label where it stands: a role below its event's label, an attribute with its value."""

    kind: Kind
    label: str


class Entry(Struct, frozen=True):
    """A label with its count and its meaning; `means` is empty where nobody knows it."""

    label: Label
    count: int
    means: str
    nearest: tuple[str, ...] = ()


def inventory(paths: list[Path], reading: tools.Reading) -> tuple[list[Entry], list[Fault]]:
    """All labels of the tools' files, by kind and name, and what could not be read."""
    labels = tools.labels(reading)
    counts: Counter[Label] = Counter()
    meanings: dict[Label, str] = {}
    faults: list[Fault] = []
    for path, folder in sources.folders(paths):
        faults += folder.faults
        for label, means in _of_configuration(folder, labels):
            counts[label] += 0
            meanings.setdefault(label, means)
        for _, draft in tools.drafts(folder, reading, named=not path.is_dir()):
            if isinstance(draft, Fault):
                faults.append(draft)
            elif draft is not None:
                anchor(draft)
                settle(draft)
                for label, means in _of_draft(draft, labels):
                    counts[label] += 1
                    before = meanings.get(label, WAITS)
                    meanings[label] = means if before in {"", WAITS} and means != WAITS else before
    entries = [
        Entry(
            label,
            counts[label],
            meanings[label],
            () if meanings[label] else _nearest(label, labels),
        )
        for label in sorted(counts)
    ]
    return entries, faults


def _of_configuration(folder: sources.Folder, labels: Labels) -> Iterator[tuple[Label, str]]:
    """The labels of brat's annotation.conf, whether anybody used them or not."""
    for path in sorted(p for p in folder.files if p.rpartition("/")[2] == brat_conf.NAME):
        data = folder.files[path].contents()
        for kind, label in (
            brat_conf.labels(data.decode("utf-8", "replace")) if isinstance(data, bytes) else ()
        ):
            owner, slash, role = label.partition("/")
            cls = labels.type(owner) if slash else None
            if kind == "class":
                yield Label(kind, label), _written(labels.type(label), labels)
            elif kind == "role":
                yield (
                    Label(kind, label),
                    _key(labels.role(role, cls, owner)) if isinstance(cls, Class) else WAITS,
                )
            elif kind == "relation":
                nary = labels.nary(label)
                yield Label(kind, label), nary[0].name if nary else _of_any_class(label, labels)
            else:
                name, _, value = label.partition("=")
                yield Label(kind, label), _value_in_any_class(name, value, labels)


def _of_any_class(label: str, labels: Labels) -> str:
    """What a relation means from some class; which one it leads from only an annotation tells."""
    classes = (c for c in labels.vocabulary.classes.values() if c.iri.startswith(AC))
    return next(
        (_key(key) for c in classes if (key := labels.relation(label, c, c.name)) is not None), ""
    )


def _value_in_any_class(name: str, value: str, labels: Labels) -> str:
    classes = (c for c in labels.vocabulary.classes.values() if c.iri.startswith(AC))
    given = True if value == "True" else value
    if own_field(name, given) is None and OWN_FIELDS.get(fold(name)):
        return ""
    return next(
        (_key(key) for c in classes if (key := labels.attribute(name, given, c)) is not None), ""
    )


def _of_draft(draft: Draft, labels: Labels) -> Iterator[tuple[Label, str]]:
    classes: dict[str, Class] = {}
    written: dict[str, str] = {}
    for item in (*draft.entities, *draft.events):
        found, by = labels.telling(item.type, item.attrs.get(LABELS))
        if isinstance(found, Class):
            classes[item.id] = found
            written[item.id] = item.type
        yield Label("class", by or item.type), _written(found, labels)
        if not isinstance(found, str):  # what is ignored goes with all that is said of it
            yield from _of_item(item, found if isinstance(found, Class) else None, labels)
    for relation in draft.relations:
        cls = classes.get(relation.source)
        key = labels.relation(relation.type, cls, written[relation.source]) if cls else None
        nary = labels.nary(relation.type) if key is None else None
        means = _key(key) or (nary[0].name if nary else "" if cls else WAITS)
        yield Label("relation", relation.type), means


def _of_item(item: Entity, cls: Class | None, labels: Labels) -> Iterator[tuple[Label, str]]:
    if isinstance(item, Event):
        for role in item.args:
            yield (
                Label("role", f"{item.type}/{role}"),
                _key(labels.role(role, cls, item.type)) if cls else WAITS,
            )
    for name, value in item.attrs.items():
        if name == LABELS or name.startswith("x-"):
            continue
        own = own_field(name, value)
        for one in value if isinstance(value, tuple) else (value,):
            if own:
                yield Label("attribute", name), own
            else:
                key = labels.attribute(name, one, cls) if cls else None
                # The value belongs to the label where it decides what is meant.
                plain = isinstance(key, Key) and key.value is None
                label = Label("attribute", name if plain else f"{name}={one}")
                yield label, _key(key) if cls else WAITS
    for given in item.links:
        prefix = (
            given.partition(":")[0] if "://" not in given else "/".join(given.split("/")[:3]) + "/"
        )
        yield Label("links", prefix), "" if link(given, labels.overlay.links) is None else "link"


def _written(found: Class | Property | str | None, labels: Labels) -> str:
    if found is None:
        return ""
    return found if isinstance(found, str) else labels.name(found)


def _key(key: Key | str | None) -> str:
    if key is None or (isinstance(key, Key) and not key.known):
        return ""
    if isinstance(key, str):
        return key
    return (
        f"{'^' if key.inverse else ''}{key.name}{f' {key.value}' if key.value is not None else ''}"
    )


def _nearest(label: Label, labels: Labels) -> tuple[str, ...]:
    """Up to three terms: those that a part of the label names, then those whose name or tag is most like it."""
    names = _terms(label.kind, labels)
    said = label.label.rpartition("/")[2].partition("=")[0]
    parts = [fold(p) for p in re.split(r"[\s:._/\\-]+|(?<=[a-z])(?=[A-Z])", said) if len(p) > 3]
    alike = difflib.get_close_matches(fold(said), names, n=3, cutoff=0.6)
    found = [names[name] for name in (*(p for p in parts if p in names), *alike)]
    return tuple(dict.fromkeys(found))[:3]


@lru_cache(maxsize=8)
def _terms(kind: Kind, labels: Labels) -> dict[str, str]:
    """What a label of the kind may come to mean, by its folded names and tags."""
    known = labels.vocabulary
    if kind == "class":
        return {
            label: f"ac:{known.classes[iri].name}"
            for label, iri in known.known_labels("class").items()
            if iri.startswith(AC)
        }
    terms = {
        label: f"ac:{known.properties[iri].name}"
        for label, iri in known.known_labels("property").items()
        if iri.startswith(AC)
    }
    if kind in {"role", "relation"}:
        terms |= {
            label: f"role:{known.concepts[iri].notation}"
            for label, iri in known.known_labels("role").items()
        }
    return terms


def starter(entries: list[Entry]) -> str:
    """An overlay for the labels that nobody knows: each ignored until somebody says what it means."""
    out = [
        "# What the labels of your tool mean: a term of the ontology, ^term for the other direction, or false to ignore them.",
        "# Roles and attributes of a label that nobody knows are asked for when it is mapped: list the labels again then.",
        "",
    ]
    for kind in ("class", "role", "relation", "attribute", "links"):
        unknown = [e for e in entries if e.label.kind == kind and not e.means]
        if unknown:
            out.append(f"[{kind}]")
            for entry in unknown:
                near = f"; perhaps {', '.join(entry.nearest)}" if entry.nearest else ""
                out.append(f"{_toml(entry.label.label)} = false  # {entry.count} times{near}")
            out.append("")
    return "\n".join(out)


def _toml(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
