"""The graph as files that any RDF tool reads: whole, or by graph, article, layer and size.

Everything streams from the sorted dump of a build. Where a format needs another order than the dump's,
runs are sorted on disk, so that memory stays bounded whatever the size of the graph.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from acuerdo.errors import WrongUsage
from acuerdo.export import files, layout
from acuerdo.export.extras import RDF12, Extra, enriched
from acuerdo.export.formats import Format, graphs_written, triples_written
from acuerdo.export.manifest import Census, manifest, void
from acuerdo.export.nquads import Quad, once
from acuerdo.export.rdfxml import Losses
from acuerdo.export.sorting import in_order
from acuerdo.export.source import Selection, Source, opened

__all__ = ["Exported", "Extra", "Selection", "Source", "opened", "to_directory", "to_file"]

MANIFEST, VOID = "manifest.json", "void.ttl"


@dataclass(frozen=True)
class Exported:
    """What was written: the quads read, their graphs, the files, and what the format could not say."""

    quads: int
    graphs: int
    files: int
    losses: tuple[str, ...]


def to_file(
    source: Source,
    wanted: Selection,
    path: Path,
    form: Format,
    *,
    packed: str = "",
    manifest_path: Path | None = None,
    extras: tuple[Extra, ...] = (),
) -> Exported:
    """Write the wanted graphs into one file (`-` is standard output), and a manifest beside it if asked."""
    census, losses = Census(), Losses()
    quads = census.counting(_quads(source, wanted, form, extras))
    pieces = _whole(form, quads, losses, in_dump_order=not extras)
    with files.opened(path) as out:
        written = files.write(out, packed, pieces)
        _must_have_found(wanted, census)
    if manifest_path is not None:
        sums: dict[str, int | str] = {"bytes": written.bytes, "sha256": written.sha256}
        listed = manifest(source, form.name + packed, census, {path.name: sums})
        _write_json(manifest_path, listed)
    return Exported(census.quads, len(census), 1, tuple(losses.sentences()))


def _quads(
    source: Source, wanted: Selection, form: Format, extras: tuple[Extra, ...]
) -> Iterator[Quad]:
    """The wanted quads, in the order of the dump; with extras, graph by graph."""
    if "reifiers" in extras and form.name not in RDF12:
        raise WrongUsage(f"reifiers need RDF 1.2, which {form.name} cannot say; use nq or trig")
    quads = source.quads(wanted)
    return enriched(quads, source, extras) if extras else quads


def _whole(
    form: Format, quads: Iterable[Quad], losses: Losses, *, in_dump_order: bool
) -> Iterator[bytes]:
    if form.dataset and form.name != "nq":
        return graphs_written(form, _grouped(b"%b\0%b" % (q.graph, q.triple) for q in quads))
    if form.name == "nq":
        rows = (b"%b %b ." % quad for quad in quads)
    else:
        rows = (quad.triple for quad in quads)
    ordered = rows if in_dump_order else in_order(rows)
    if form.name == "nq":
        return (row + b"\n" for row in ordered)
    return triples_written(form, once(ordered), losses)


def _grouped(items: Iterable[bytes]) -> Iterator[tuple[bytes, Iterator[bytes]]]:
    """Items `key NUL rest` as (key, rests), the keys in byte order and the rests in it under each key."""
    pairs = (item.split(b"\0", 1) for item in in_order(items))
    for key, rows in groupby(pairs, key=lambda pair: pair[0]):
        yield key, (rest for _, rest in rows)


def to_directory(
    source: Source,
    wanted: Selection,
    folder: Path,
    form: Format,
    *,
    packed: str = "",
    by: layout.By | None = None,
    max_bytes: int | None = None,
    extras: tuple[Extra, ...] = (),
) -> Exported:
    """Write the wanted graphs into files of a folder that is new, empty, or an earlier export, which it replaces."""
    if max_bytes is not None and not form.dataset:
        raise WrongUsage(
            f"parts end where a graph ends, and {form.name} has no graphs; use nq, trig or jsonld"
        )
    _refuse_foreign(folder)
    stems: Callable[[bytes], str] = layout.Stems(source, by).of
    if max_bytes is not None:
        stems = layout.by_size(_quads(source, wanted, form, extras), stems, max_bytes)
    census, losses = Census(), Losses()
    part = folder.with_name(folder.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        sums: dict[str, dict[str, int | str]] = {}
        quads = census.counting(_quads(source, wanted, form, extras))
        for name, pieces in _documents(form, stems, quads, losses):
            path = part / (name + form.suffixes[0] + packed)
            path.parent.mkdir(exist_ok=True)
            with path.open("wb") as out:
                written = files.write(out, packed, pieces)
            sums[path.relative_to(part).as_posix()] = {
                "bytes": written.bytes,
                "sha256": written.sha256,
            }
        _must_have_found(wanted, census)
        _write_json(part / MANIFEST, manifest(source, form.name + packed, census, sums))
        (part / VOID).write_bytes(void(source, form, census, sums))
        _replace(folder, part)
    except OSError as error:
        raise WrongUsage(f"{folder}: cannot be written ({error.strerror or error})") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Exported(census.quads, len(census), len(sums), tuple(losses.sentences()))


def _documents(
    form: Format, stem: Callable[[bytes], str], quads: Iterable[Quad], losses: Losses
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """File names and their documents, one after the other; each document is read before the next is asked for."""
    if form.dataset:
        items = (b"%b\0%b\0%b" % (stem(q.graph).encode(), q.graph, q.triple) for q in quads)
        for name, rows in _grouped(items):
            pairs = (row.split(b"\0", 1) for row in rows)
            graphs = groupby(pairs, key=lambda pair: pair[0])
            triples = ((graph, (pair[1] for pair in group)) for graph, group in graphs)
            yield name.decode(), graphs_written(form, triples)
    else:
        for name, rows in _grouped(b"%b\0%b" % (stem(q.graph).encode(), q.triple) for q in quads):
            yield name.decode(), triples_written(form, once(rows), losses)


def _must_have_found(wanted: Selection, census: Census) -> None:
    if len(census) == 0 and not wanted.everything:
        raise WrongUsage(
            "no graph of that name; `acuerdo export --by graph` makes a list in manifest.json"
        )


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise WrongUsage(f"{folder}: a file is in the way; a split export needs a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise WrongUsage(
            f"{folder}: holds files that no export wrote; name an empty or a new folder"
        )


def _replace(folder: Path, part: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)


def _write_json(path: Path, value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    with files.opened(path) as out:
        out.write(text.encode())
