"""Shards: some sixty articles worked through together, their results kept in `kg/cache/` under what they depend on."""

import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Struct

from acuerdo.build.inputs import digest_of
from acuerdo.build.spool import Entry, fetch
from acuerdo.build.stages import Mapped, Stages
from acuerdo.model import Article
from acuerdo.store.lines import packed, unpacked

KINDS = ("graphs", "provenance", "quarantine")


class Task(Struct, frozen=True):
    """One shard to be worked through: its key and where its articles lie in the spool."""

    key: str
    places: tuple[tuple[int, int], ...]


class Done(Struct, frozen=True):
    """What a shard holds beside its lines."""

    articles: tuple[Mapped, ...]


class Shard:
    """The results of one shard in the cache."""

    def __init__(self, cache: Path, key: str) -> None:
        self.key, self.folder = key, cache / "shards" / key

    def exists(self) -> bool:
        """Whether the shard was finished; it got its name last."""
        return (self.folder / "articles.json").is_file()

    def done(self) -> Done:
        """What became of its articles; raises zlib.error where the cache was damaged."""
        try:
            return msgspec.json.decode((self.folder / "articles.json").read_bytes(), type=Done)
        except msgspec.MsgspecError as error:
            raise zlib.error(f"{self.folder}: {error}") from error

    def lines(self, kind: str) -> Iterator[bytes]:
        """Its sorted lines of one kind, in blocks; raises zlib.error where the cache was damaged."""
        path = self.folder / kind
        return unpacked(path) if path.exists() else iter(())


def key_of(setting: str, entries: Sequence[Entry]) -> str:
    """The key of a shard: its articles, and all that decides what becomes of them."""
    return digest_of([setting, *(entry.digest for entry in entries)])[:40]


def work(stages: Stages, spool: Path, cache: Path, task: Task) -> None:
    """Work a shard through and put it into the cache, whole or not at all."""
    final = Shard(cache, task.key).folder
    draft = final.with_name(f"{task.key}.{os.getpid()}.partial")
    try:
        draft.mkdir(parents=True)
        _fill(draft, stages, fetch(spool, task.places))
        if final.exists():
            shutil.rmtree(final)
        draft.rename(final)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _fill(draft: Path, stages: Stages, found: Iterable[Article]) -> None:
    articles: list[Mapped] = []
    kinds: dict[str, list[bytes]] = {kind: [] for kind in KINDS}
    for article in found:
        mapped, lines = stages.article(article)
        articles.append(mapped)
        kinds["graphs"] += lines.graphs
        kinds["provenance"].append(lines.provenance)
        kinds["quarantine"].append(lines.quarantined)
    for kind, parts in kinds.items():
        data = _sorted(parts)
        if data:
            (draft / kind).write_bytes(packed(data))
    (draft / "articles.json").write_bytes(msgspec.json.encode(Done(tuple(articles))))


def _sorted(parts: Sequence[bytes]) -> bytes:
    """The lines of sorted parts, sorted; articles that name the same annotator repeat a line."""
    lines = b"".join(parts).split(b"\n")
    lines.sort()  # the empty one behind the last line break comes first
    once = [line for before, line in pairwise(lines) if line != before]
    return b"\n".join(once) + b"\n" if once else b""
