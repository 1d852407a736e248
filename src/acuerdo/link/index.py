"""The candidates on disk: an SQLite file made once from snapshots, then asked by the tokens of a name.

Each token has one row with the items that bear it, so a name costs a few rows however large the snapshot.
A token that no item bears is answered by those that differ in one letter or one swap: both leave the same
word when one letter is struck out.
"""

import hashlib
import math
import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from acuerdo.errors import BadSource, GraphUnusable
from acuerdo.link.entity import FICTION, KINDS, PERSON, Item
from acuerdo.link.names import Name, fold, name, title
from acuerdo.link.snapshot import Draft, Snapshot

VERSION = "3"
COMMON = 2500  # a token of more items than this finds nothing new, it only weighs
LIMIT = 24  # items that are scored for one mention
_SHARED = 0.4  # of the best item's worth, below which an item is not looked at
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE item (id INTEGER PRIMARY KEY, qid TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE token (token TEXT PRIMARY KEY, df INTEGER NOT NULL, items BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE near (key TEXT NOT NULL, token TEXT NOT NULL, PRIMARY KEY (key, token)) WITHOUT ROWID;
CREATE TABLE post (words TEXT PRIMARY KEY, holders INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE redirect (qid TEXT PRIMARY KEY, target TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE code (code TEXT PRIMARY KEY, qid TEXT NOT NULL) WITHOUT ROWID;
"""
_CODES = {"": 0, **{kind: n for n, kind in enumerate((*KINDS, FICTION), start=1)}}
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Item).decode


def struck(token: str) -> set[str]:
    """The token and all words that are left when one of its letters is struck out."""
    return {token, *(token[:i] + token[i + 1 :] for i in range(len(token)))}


def sums(paths: Sequence[Path]) -> dict[str, Path]:
    """The snapshots by the SHA-256 of their bytes, in that order."""
    each = {}
    for path in paths:
        try:
            with path.open("rb") as stream:
                each[hashlib.file_digest(stream, "sha256").hexdigest()] = path
        except OSError as error:
            raise BadSource(path, f"cannot be read ({error.strerror})") from None
    return dict(sorted(each.items()))


def _item(draft: Draft) -> Item:
    read = name if draft.kind == PERSON else title
    # In the order of the names, whatever order the files have them in.
    names = {(n.tokens, n.suffix): n for n in map(read, sorted(draft.names)) if n.tokens}
    return Item(
        draft.qid,
        draft.kind,
        draft.label,
        tuple(names[key] for key in sorted(names)),
        tuple(sorted(draft.types)),
        draft.birth,
        draft.death,
        tuple(sorted(draft.countries)),
        tuple(draft.positions),
        tuple(sorted(draft.parties)),
        draft.description,
        draft.source,
    )


def items(snapshot: Snapshot) -> Iterator[Item]:
    """The settled items of a snapshot by their number."""
    snapshot.settle()
    for qid in sorted(snapshot.items, key=lambda q: int(q[1:])):
        yield _item(snapshot.items[qid])


def write(
    path: Path,
    found: Iterable[Item],
    redirects: dict[str, str],
    codes: dict[str, str],
    key: str,
    warnings: Callable[[], Sequence[str]] = tuple,
) -> None:
    """Write the index; it appears under its name only when it is whole."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(part, isolation_level=None)
    base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA + "BEGIN;")
    postings: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
    holders: Counter[str] = Counter()

    def rows() -> Iterator[tuple[int, str, int, bytes]]:
        for number, item in enumerate(found):
            for token in {t for n in item.names for t in n.tokens}:
                postings[token].append(number)
            holders.update({" ".join(fold(p.text)) for p in item.positions})
            yield number, item.qid, _CODES[item.kind], _encode(item)

    base.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", rows())
    base.executemany(
        "INSERT INTO token VALUES (?, ?, ?)",
        ((t, len(postings[t]), postings[t].tobytes()) for t in sorted(postings)),
    )
    near = ((k, t) for t in postings if 4 <= len(t) <= 24 for k in struck(t))
    base.executemany("INSERT OR IGNORE INTO near VALUES (?, ?)", near)
    base.executemany("INSERT INTO post VALUES (?, ?)", sorted(holders.items()))
    base.executemany("INSERT INTO redirect VALUES (?, ?)", sorted(redirects.items()))
    base.executemany("INSERT INTO code VALUES (?, ?)", sorted(codes.items()))
    told = msgspec.json.encode(list(warnings())).decode()
    base.execute("INSERT INTO meta VALUES ('key', ?), ('warnings', ?)", (key, told))
    base.execute("COMMIT")
    base.close()
    part.replace(path)


def _in_memory(base: sqlite3.Connection) -> sqlite3.Connection:
    # Read only from here on, by one thread at a time, though not always the same.
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    base.backup(copy)
    base.close()
    return copy


class Candidates:
    """The items of an index; answers are the same in whatever order one asks."""

    def __init__(self, path: Path, *, whole: bool = False) -> None:
        self._base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        if whole:  # into memory, for a file that is about to go
            self._base = _in_memory(self._base)
        try:
            meta = dict(self._base.execute("SELECT key, value FROM meta"))
            self.key: str = meta["key"]
            self.warnings = msgspec.json.decode(meta["warnings"], type=list[str])
            kinds = self._base.execute("SELECT kind FROM item ORDER BY id")
            self._kinds = bytes(code for (code,) in kinds)
            self._holders = dict(self._base.execute("SELECT words, holders FROM post"))
            self.redirects = dict(self._base.execute("SELECT qid, target FROM redirect"))
            self.codes: dict[str, str] = dict(self._base.execute("SELECT code, qid FROM code"))
        except (sqlite3.DatabaseError, KeyError, msgspec.DecodeError) as error:
            self._base.close()
            raise GraphUnusable(
                f"{path}: the candidate index is damaged ({error}); remove it"
            ) from None
        self.size = len(self._kinds)
        self.posting = lru_cache(maxsize=20_000)(self._posting)
        self.item = lru_cache(maxsize=20_000)(self._item)

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def _posting(self, token: str) -> "array[int]":
        row = self._base.execute("SELECT items FROM token WHERE token = ?", (token,)).fetchone()
        found = array("I")
        if row:
            found.frombytes(row[0])
        return found

    def _item(self, number: int) -> Item:
        row = self._base.execute("SELECT body FROM item WHERE id = ?", (number,)).fetchone()
        return _decode(row[0])

    def by_qid(self, qid: str) -> Item | None:
        """The item of a QID; a redirected one is followed."""
        row = self._base.execute(
            "SELECT body FROM item WHERE qid = ?", (self.redirects.get(qid, qid),)
        ).fetchone()
        return _decode(row[0]) if row else None

    def holders(self, words: str) -> int:
        """How many items hold a post of exactly these folded words."""
        return int(self._holders.get(words, 0))

    def frequency(self, token: str) -> int:
        """How many items bear the token."""
        return len(self.posting(token))

    def _near(self, token: str) -> list[str]:
        if not 4 <= len(token) <= 24:
            return []
        keys = sorted(struck(token))
        marks = ",".join("?" * len(keys))
        rows = self._base.execute(f"SELECT DISTINCT token FROM near WHERE key IN ({marks})", keys)  # noqa: S608
        return sorted(t for (t,) in rows if t != token)

    def _weights(self, tokens: Iterable[str]) -> dict[int, float]:
        """The items that bear any of the tokens, by the worth of what they bear; rare tokens first."""
        known = sorted((len(self.posting(t)), t) for t in set(tokens))
        weights: dict[int, float] = {}
        for count, token in known:
            if not count:
                continue
            worth = math.log(1 + self.size / count)
            bearers = self.posting(token)
            if count > COMMON and weights:
                for number in weights.keys() & set(bearers):
                    weights[number] += worth
            else:
                for number in bearers:
                    weights[number] = weights.get(number, 0.0) + worth
        return weights

    def _sharing(self, one: Name) -> dict[int, float]:
        """The items that share tokens with a name; where a token is unknown, those one letter away."""
        whole = [t for t in one.tokens if len(t) > 1] or list(one.tokens)
        weights = self._weights(whole)
        missing = [t for t in whole if not self.posting(t)]
        if missing or len(weights) < 3:
            close = [n for t in (missing or whole) for n in self._near(t)]
            for number, weight in self._weights(close).items():
                weights[number] = weights.get(number, 0.0) + 0.8 * weight
        return weights

    def near(self, names: Sequence[Name], kind: str, limit: int = LIMIT) -> list[Item]:
        """The items of a kind (or of none) whose names share most with any of the names, best first."""
        best: dict[int, float] = {}
        fits = {0, _CODES[kind]}
        for one in names:
            weights = self._sharing(one)
            found = {n: w for n, w in weights.items() if self._kinds[n] in fits}
            # Who shares but a common given name with a rarer name cannot win against who shares both.
            most = max(found.values(), default=0.0)
            for number, weight in found.items():
                if weight >= _SHARED * most and weight > most * best.get(number, 0.0):
                    best[number] = weight / most
        if not best:
            return []
        top = sorted(best.items(), key=lambda p: (-p[1], p[0]))
        # A surname alone brings many with equal weight: all of those at the cut are looked at.
        cut = top[min(limit, len(top)) - 1][1]
        chosen = [number for number, weight in top[: 4 * limit] if weight >= cut]
        return [self.item(number) for number in chosen]


def opened(paths: Sequence[Path], folder: Path) -> tuple[Candidates, list[str]]:
    """The index of the snapshots, made in `folder` where it is not there yet, and warnings of the making."""
    known = sums(paths)
    key = hashlib.sha256(" ".join([VERSION, *known]).encode()).hexdigest()
    path = folder / f"candidates-{key[:16]}.sqlite"
    if path.exists():
        try:
            found = Candidates(path)
        except GraphUnusable:
            path.unlink()  # a cache that is damaged is made again
        else:
            return found, found.warnings
    snapshot = Snapshot()
    for source in known.values():
        snapshot.read(source)
    each = items(snapshot)
    write(path, each, snapshot.redirects, snapshot.codes, key, lambda: snapshot.warnings)
    return Candidates(path), snapshot.warnings
