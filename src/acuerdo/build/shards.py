"""Shards: some sixty articles worked through together, their results kept in `kg/cache/` under what they depend on."""

import os
import re
import shutil
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Struct

from acuerdo.build.inputs import digest_of
from acuerdo.build.spool import Entry, fetch
from acuerdo.build.stages import Lines, Mapped, Stages
from acuerdo.iri import Bases
from acuerdo.store.lines import Part, graph_of, packed, unpacked

KINDS = ("graphs", "provenance", "quarantine")
Result = tuple[Mapped, Lines]


class Piece(Struct, frozen=True):
    """One article of a shard: where it lies in the spool, and the older shard that has its results."""

    key: str
    digest: str
    at: int
    size: int
    shard: str | None = None


class Task(Struct, frozen=True):
    """One shard to be worked through; `setting` is the digest of all that its articles' results depend on."""

    key: str
    setting: str
    pieces: tuple[Piece, ...]


class Done(Struct, frozen=True):
    """What a shard holds beside its lines: its articles in the order of their keys, and their digests."""

    setting: str
    digests: tuple[str, ...]
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
        _fill(draft, task, _results(stages, spool, cache, task))
        if final.exists():
            shutil.rmtree(final)
        draft.rename(final)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _results(stages: Stages, spool: Path, cache: Path, task: Task) -> Iterator[Result]:
    """What each article gives, in order: from an older shard where that has it, else worked out."""
    ready: dict[str, Result] = {}
    for shard in sorted({piece.shard for piece in task.pieces if piece.shard}):
        keys = {piece.key for piece in task.pieces if piece.shard == shard}
        ready |= taken(Shard(cache, shard), keys, stages.bases)
    fresh = [(piece.at, piece.size) for piece in task.pieces if piece.key not in ready]
    articles = fetch(spool, fresh)
    for piece in task.pieces:
        yield ready[piece.key] if piece.key in ready else stages.article(next(articles))


def _fill(draft: Path, task: Task, results: Iterable[Result]) -> None:
    articles: list[Mapped] = []
    kinds: dict[str, list[bytes]] = {kind: [] for kind in KINDS}
    for mapped, lines in results:
        articles.append(mapped)
        kinds["graphs"] += lines.graphs
        kinds["provenance"].append(lines.provenance)
        kinds["quarantine"].append(lines.quarantined)
    for kind, parts in kinds.items():
        data = _sorted(parts)
        if data:
            (draft / kind).write_bytes(packed(data))
    done = Done(task.setting, tuple(piece.digest for piece in task.pieces), tuple(articles))
    (draft / "articles.json").write_bytes(msgspec.json.encode(done))


def _sorted(parts: Sequence[bytes]) -> bytes:
    """The lines of sorted parts, sorted; articles that name the same annotator repeat a line."""
    lines = b"".join(parts).split(b"\n")
    lines.sort()  # the empty one behind the last line break comes first
    once = [line for before, line in pairwise(lines) if line != before]
    return b"\n".join(once) + b"\n" if once else b""


# -- results of an older shard ----------------------------------------------------------------------


def held(cache: Path, keys: Iterable[str], setting: str) -> dict[str, str]:
    """Digests of articles → the shard, among those named, that has their results under this setting."""
    found: dict[str, str] = {}
    for key in keys:
        shard = Shard(cache, key)
        done = shard.done() if shard.exists() else None
        if done is not None and done.setting == setting:
            found.update(dict.fromkeys(done.digests, key))
    return found


def taken(shard: Shard, keys: set[str], bases: Bases) -> dict[str, Result]:
    """The results of some articles of a shard, cut out of its lines again.

    Lines of graphs name their article; those of the provenance name it in their subject, but for the
    few about annotators with an IRI of their own, which are kept with the article. Nothing is taken
    where such an IRI is one of ours and could be mistaken for an article's.
    """
    done = shard.done()
    if any(line.startswith(f"<{bases.base}") for m in done.articles for line in m.annotators):
        return {}
    articles = {mapped.key: mapped for mapped in done.articles if mapped.key in keys}
    graphs = _by_graph(shard.lines("graphs"))
    quarantine = _by_graph(shard.lines("quarantine"))
    provenance = _by_article(shard.lines("provenance"), bases)
    return {
        key: (
            mapped,
            Lines(
                tuple(graphs.get(graph.encode(), b"") for graph in mapped.graphs),
                provenance.get(key.encode(), b"")
                + "".join(f"{line}\n" for line in mapped.annotators).encode(),
                quarantine.get(f"{bases.graph}article/{key}".encode(), b""),
            ),
        )
        for key, mapped in articles.items()
    }


def _by_graph(part: Part) -> dict[bytes, bytes]:
    return _grouped(part, graph_of)


def _by_article(part: Part, bases: Bases) -> dict[bytes, bytes]:
    """Lines by the key of the article that their subject stands below, or whose graph it is."""
    below = re.compile(
        f"<(?:{re.escape(bases.id)}|{re.escape(bases.graph)})article/([^/>]+)".encode()
    )

    def key(line: bytes) -> bytes:
        found = below.match(line)
        return found[1] if found else b""

    return _grouped(part, key)


def _grouped(part: Part, key: Callable[[bytes], bytes]) -> dict[bytes, bytes]:
    groups: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for block in part:
        for line in block.split(b"\n")[:-1]:
            groups[key(line)].append(line)
    return {name: b"\n".join(lines) + b"\n" for name, lines in groups.items()}
