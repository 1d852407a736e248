"""Which labels a corpus has, how often, what each means, and what an overlay would have to say of the rest."""

import difflib
from collections import Counter
from collections.abc import Iterator
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
from acuerdo.read.translate import OWN_FIELDS
from acuerdo.report import Fault
from acuerdo.vocabulary import Class, Property, fold


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
                    meanings[label] = meanings.get(label) or means
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
                    _key(labels.role(role, cls, owner)) if isinstance(cls, Class) else "",
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
    return next(
        (_key(key) for c in classes if (key := labels.attribute(name, given, c)) is not None), ""
    )


def _of_draft(draft: Draft, labels: Labels) -> Iterator[tuple[Label, str]]:
    classes: dict[str, Class] = {}
    written: dict[str, str] = {}
    for item in (*draft.entities, *draft.events):
        found = labels.type(item.type)
        if isinstance(found, Class):
            classes[item.id] = found
            written[item.id] = item.type
        yield Label("class", item.type), _written(found, labels)
        yield from _of_item(item, found if isinstance(found, Class) else None, labels)
    for relation in draft.relations:
        cls = classes.get(relation.source)
        key = labels.relation(relation.type, cls, written[relation.source]) if cls else None
        nary = labels.nary(relation.type) if key is None else None
        yield Label("relation", relation.type), _key(key) or (nary[0].name if nary else "")


def _of_item(item: Entity, cls: Class | None, labels: Labels) -> Iterator[tuple[Label, str]]:
    if isinstance(item, Event):
        for role in item.args:
            yield (
                Label("role", f"{item.type}/{role}"),
                _key(labels.role(role, cls, item.type)) if cls else "",
            )
    for name, value in item.attrs.items():
        if name == LABELS or name.startswith("x-"):
            continue
        own = OWN_FIELDS.get(fold(name))
        for one in value if isinstance(value, tuple) else (value,):
            if own:
                yield Label("attribute", name), own
            else:
                key = labels.attribute(name, one, cls) if cls else None
                # The value belongs to the label where it decides what is meant.
                plain = isinstance(key, Key) and key.value is None
                yield Label("attribute", name if plain else f"{name}={one}"), _key(key)
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
    """Up to three terms whose name or tag is most like the label."""
    known = labels.vocabulary
    names = (
        {fold(c.name): f"ac:{c.name}" for c in known.classes.values()}
        if label.kind == "class"
        else {fold(p.name): f"ac:{p.name}" for p in known.properties.values()}
    )
    if label.kind in {"role", "relation"}:
        names |= {
            fold(c.notation): f"role:{c.notation}"
            for c in known.concepts.values()
            if c.scheme == known.role_scheme
        }
    sought = fold(label.label.rpartition("/")[2].partition("=")[0])
    return tuple(names[near] for near in difflib.get_close_matches(sought, names, n=3, cutoff=0.5))


def starter(entries: list[Entry]) -> str:
    """An overlay for the labels that nobody knows: each ignored until somebody says what it means."""
    out = [
        "# What the labels of your tool mean: a term of the ontology, ^term for the other direction, or false to ignore them.",
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
