"""From the files of annotation tools to articles: the steps that every format goes through.

Detect, read, choose the layer, put offsets on the text, carry out conventions, translate labels, add what
the export does not say. Each step leaves out the smallest unit that is wrong and names it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from acuerdo import assets, vocabulary
from acuerdo.model import Article
from acuerdo.read import detect, metadata
from acuerdo.read.anchor import anchor
from acuerdo.read.draft import Draft, settle
from acuerdo.read.labels import Labels
from acuerdo.read.layers import Choice, Layers
from acuerdo.read.side import decoded, join
from acuerdo.read.sources import Folder, Source
from acuerdo.read.translate import translate
from acuerdo.report import Fault


class Reading(Struct, frozen=True):
    """How the files of tools are read; the defaults hold for the native format too, which needs none of it."""

    format: str | None = None
    published: str | None = None
    language: str | None = None
    metadata: Path | None = None
    annotator: str | None = None
    curated: bool = False
    repair: bool = False
    label_map: Path | None = None
    ontology: tuple[Path, ...] = ()


def labels(reading: Reading) -> Labels:
    """The label map of a run: the ontology's tags, and above them the overlay that was named."""
    path = reading.label_map
    changed = path.stat().st_mtime_ns if path is not None and path.exists() else 0
    return _labels(path, reading.ontology, changed)


@lru_cache(maxsize=4)
def _labels(label_map: Path | None, ontology: tuple[Path, ...], _changed: int) -> Labels:
    return Labels.of(vocabulary.load(assets.path("ontology"), *ontology), label_map)


def drafts(
    folder: Folder, reading: Reading, *, named: bool
) -> Iterator[tuple[Source, Draft | Fault | None]]:
    """What the readers make of a folder's files; None beside a source that is in the native format."""
    known = [(source, _format(source, reading, named=named)) for source in folder]
    if detect.FORMATS["doccano"] in [form for _, form in known]:
        # doccano writes a file for each user, and empty ones for those who labelled nothing.
        known = [(source, form) for source, form in known if source.head().strip()]
    layers = Layers(Choice(reading.annotator, reading.curated))
    for form in {f.name: f for _, f in known if isinstance(f, detect.Format)}.values():
        own = [source for source, f in known if f is form]
        if form.layers is not None and (len(own) > 1 or form.name == "prodigy"):
            for source in own:
                layers.note(form.layers(source))
    for source, found in known:
        if found == detect.NATIVE:
            yield source, None
        elif isinstance(found, detect.Unreadable):
            yield source, source.unreadable(found.reason, found.hint)
        elif isinstance(found, detect.Format):
            for draft in _chosen(found.read(source), layers):
                yield source, draft


def _format(source: Source, reading: Reading, *, named: bool) -> detect.Found:
    found = detect.detect(source, named=named)
    source.forget()
    if (
        reading.format is None
        or found is None
        or (not named and not detect.may_be(reading.format, source))
    ):
        return found
    return detect.NATIVE if reading.format == detect.NATIVE else detect.FORMATS[reading.format]


def _chosen(found: Iterator[Draft | Fault], layers: Layers) -> Iterator[Draft | Fault]:
    """The drafts of the chosen layer; the layers of one document stand one after another, or are known already."""
    waiting: list[Draft] = []
    for draft in found:
        if isinstance(draft, Fault):
            yield draft
            continue
        if waiting and waiting[0].document != draft.document:
            yield from _taken(waiting, layers)
            waiting = []
        waiting.append(draft)
    yield from _taken(waiting, layers)


def _taken(waiting: list[Draft], layers: Layers) -> Iterator[Draft | Fault]:
    layers.note((d.document, d.layer or "", d.curated) for d in waiting)
    for draft in waiting:
        taken = layers.take(draft)
        if isinstance(taken, Fault):
            yield taken
        elif taken:
            yield draft


def article(
    draft: Draft, reading: Reading, defaults: metadata.Defaults
) -> tuple[Article | None, list[Fault]]:
    """The article of a draft, its offsets code points and its labels the ontology's."""
    anchor(draft, repair=reading.repair)
    join(draft, decoded(draft.side))
    settle(draft)
    translate(draft, labels(reading))
    return metadata.finish(draft, defaults)


def defaults_of(folder: Folder, reading: Reading) -> metadata.Defaults:
    """What holds for a folder's articles: its own metadata.csv, under what the command line says."""
    rows: dict[str, dict[str, str]] = {}
    names = {p for p in folder.files if re.split("[/!]", p)[-1] == metadata.BESIDE}
    for name in sorted(names | {metadata.BESIDE}):
        beside = folder.files.get(name)
        data = beside.contents() if beside else None
        if beside and isinstance(data, bytes):
            rows |= metadata.parsed_table(data, beside.name)
    if reading.metadata is not None:
        rows |= metadata.table(reading.metadata)
    return metadata.Defaults(reading.published, reading.language, rows)
