"""The graph directory that `acuerdo serve --public` reads: builds derived from those of another directory.

`python -m acuerdo.serve.public KG PERCENT` derives the published build and prints the directory; the server runs it as a
process of its own, at the start and whenever another build is published.
"""

import gzip
import hashlib
import json
import os
import secrets
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from acuerdo.errors import AcuerdoError, GraphUnusable
from acuerdo.export.sorting import in_order
from acuerdo.serve.builds import Build, published
from acuerdo.serve.redact import Survey, parse, redacted

RULES = "1"  # part of the digest: another way of redacting makes another build
KEEP = 3  # builds, so that workers on an old one find their files
BLOCK = 1 << 20


def directory(kg: Path, percent: float) -> Path:
    """Where the derived builds are."""
    return kg / "cache" / "public" / f"{percent:g}"


def derive(kg: Path, percent: float) -> Build:
    """Derive the published build, unless that was done, and point to it; raises GraphUnusable."""
    source, target = published(kg), directory(kg, percent)
    try:
        key = _key(target.parent)
        name = f"{source.digest} {percent:g} {RULES} ".encode() + key
        build = Build(digest := hashlib.sha256(name).hexdigest(), target / "builds" / digest)
        if not build.folder.is_dir():
            _write(source, build, percent / 100, key)
        _point(target, digest)
        _prune(target, digest)
    except OSError as error:
        raise GraphUnusable(f"{target}: cannot be written ({error.strerror})") from error
    return build


def _key(folder: Path) -> bytes:
    """The secret that keeps withheld names apart without telling them; made once a graph directory."""
    path = folder / "key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        return path.read_bytes()


def _lines(build: Build) -> Iterator[str]:
    try:
        with gzip.open(build.folder / "graph.nq.gz", "rt", encoding="utf-8", newline="\n") as file:
            yield from file
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise GraphUnusable(f"{build.folder / 'graph.nq.gz'}: cannot be read ({error})") from error


def _write(source: Build, build: Build, share: float, key: bytes) -> None:
    partial = build.folder.with_name(build.digest + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    survey = Survey()
    for line in _lines(source):
        survey.note(parse(line))
    kept = redacted(survey, _lines(source), share, key)
    counts = _dump(partial / "graph.nq.gz", in_order(line[:-1].encode() for line in kept))
    store = ox.Store(str(partial / "store"))
    with gzip.open(partial / "graph.nq.gz") as dump:
        store.bulk_load(cast("IO[bytes]", dump), ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    manifest = _manifest(source.manifest(), build.digest, counts)
    (partial / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
    partial.rename(build.folder)


def _dump(path: Path, lines: Iterator[bytes]) -> Counter[str]:
    """Write the sorted dump, each line once; how many quads each graph has."""
    counts: Counter[str] = Counter()
    last = b""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        for line in lines:
            if line != last:
                out.write(line + b"\n")
                counts[line[line.rindex(b" <") + 2 : -3].decode()] += 1
            last = line
    return counts


def _manifest(source: dict[str, Any], digest: str, counts: Counter[str]) -> dict[str, Any]:
    """What the public may know of the build; nothing that lists articles or inputs."""
    known = {name: source[name] for name in ("acuerdo", "base", "engines") if name in source}
    graphs = {iri: {"quads": count, "sha256": ""} for iri, count in counts.items()}
    return known | {
        "articles": {},
        "digest": digest,
        "dump": {"bytes": 0, "sha256": ""},
        "graphs": graphs,
        "inputs": {},
        "options": {"public": True},
        "quads": counts.total(),
    }


def _point(target: Path, digest: str) -> None:
    draft = target / "CURRENT.partial"
    draft.write_text(digest + "\n")
    draft.replace(target / "CURRENT")


def _prune(target: Path, digest: str) -> None:
    folders = [f for f in (target / "builds").iterdir() if f.name != digest]
    folders.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[KEEP - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        derive(Path(sys.argv[1]), float(sys.argv[2]))
    except AcuerdoError as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.exit_code)
