"""The first pass: every article read once, its digest taken, its bytes laid down in one file.

What stays in memory is a short entry an article; a shard fetches its articles from the file again.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

import msgspec
from msgspec import Struct

from acuerdo.iri import article_key
from acuerdo.model import Article
from acuerdo.read import Read
from acuerdo.report import Fault


class Entry(Struct, frozen=True):
    """One article: where it lies in the spool, its digest and that of its text, and the file it came from."""

    key: str
    id: str
    digest: str
    text: str
    file: str
    at: int
    size: int


class Inventory(Struct, frozen=True):
    """All articles by key, each once, and what was wrong with the files."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    withdrawn: tuple[str, ...]


def spool(reads: Iterable[Read], path: Path, withdrawn: frozenset[str]) -> Inventory:
    """Write the articles to `path`; of those with one id the first in path order stays."""
    faults: list[Fault] = []
    found: list[Entry] = []
    out: set[str] = set()
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for read in reads:
            faults += read.faults
            if read.article is None:
                continue
            if read.article.id in withdrawn:
                out.add(read.article.id)
                continue
            data = encoder.encode(read.article)
            found.append(entry(read.article, data, read.file, file.tell()))
            file.write(data)
    kept, doubles = once(found)
    return Inventory(tuple(kept), (*faults, *doubles), tuple(sorted(out)))


def entry(article: Article, data: bytes, file: str, at: int) -> Entry:
    """The entry of an article that is written as `data`."""
    text = article.sha256 or hashlib.sha256((article.text or "").encode()).hexdigest()
    digest = hashlib.sha256(data).hexdigest()
    return Entry(article_key(article.id), article.id, digest, text, file, at, len(data))


def once(entries: list[Entry]) -> tuple[list[Entry], list[Fault]]:
    """One entry a key, in the order of keys: the first by path, whatever order the paths came in."""
    kept: list[Entry] = []
    faults: list[Fault] = []
    for entry in sorted(entries, key=lambda e: (e.key, PurePath(e.file).parts, e.at)):
        if not kept or kept[-1].key != entry.key:
            kept.append(entry)
        else:
            faults.append(_double(entry, kept[-1]))
    return kept, faults


def _double(entry: Entry, first: Entry) -> Fault:
    same = entry.digest == first.digest
    where = "in the same file" if entry.file == first.file else f"in {PurePath(first.file).name}"
    return Fault(
        "DUPLICATE_IDENTICAL" if same else "DUPLICATE_DOCUMENT",
        f"the same article stands {where}."
        if same
        else f"another article {where} has the same id; that one stays.",
        "Remove one of the two." if same else "Give each article an id of its own.",
        file=entry.file,
        article=entry.id,
        dropped=None if same else "article",
    )


def fetch(path: Path, places: Iterable[tuple[int, int]]) -> Iterator[Article]:
    """The articles at these places of a spool."""
    decoder = msgspec.json.Decoder(Article)
    with path.open("rb") as file:
        for at, size in places:
            file.seek(at)
            yield decoder.decode(file.read(size))


# -- shards ---------------------------------------------------------------------------------------

_USUAL, _MOST = 64, 512


def shards(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Runs of about 64 articles in the order of their keys.

    Where a run ends is decided by the key that ends it, so an article that comes or goes changes the
    run it is in and no other.
    """
    run: list[Entry] = []
    for entry in entries:
        run.append(entry)
        last = hashlib.sha256(entry.key.encode()).digest()
        if int.from_bytes(last[:4], "big") % _USUAL == 0 or len(run) == _MOST:
            yield run
            run = []
    if run:
        yield run
