"""Which file a graph goes to: one for all, or by graph, article, layer and size."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Literal
from urllib.parse import quote

from acuerdo.export.nquads import Quad
from acuerdo.export.source import Source

By = Literal["graph", "article", "layer"]
_LONGEST = 100


class Stems:
    """File names (without suffix) for graphs, safe on any file system and never shared by two."""

    def __init__(self, source: Source, by: By | None) -> None:
        self._source, self._by = source, by
        self._given: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def of(self, graph: bytes) -> str:
        """The stem for a graph: `article/003`, `registry`, `part`."""
        place = self._place(*self._source.place(graph))
        found = self._given.get(place)
        if found is None:
            found = self._given[place] = self._free(*place)
        return found

    def _place(self, layer: str, key: str) -> tuple[str, str]:
        if self._by is None:
            return "part", ""
        if self._by == "layer":
            return layer, ""
        if self._by == "article":
            return ("article", key) if key and layer in {"article", "inferred"} else (layer, "")
        return layer, key

    def _free(self, layer: str, key: str) -> str:
        stem = layer.replace("/", "-")
        if key:
            name = quote(key, safe="-_.~%")
            # A name may be too long, or be the same as another where case does not count.
            if len(name) > _LONGEST or f"{stem}/{name}".casefold() in self._taken:
                name = f"{name[:_LONGEST]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
            stem = f"{stem}/{name}"
        self._taken.add(stem.casefold())
        return stem


def by_size(
    quads: Iterable[Quad], stems: Callable[[bytes], str], max_bytes: int
) -> Callable[[bytes], str]:
    """Stems with part numbers, so that no part has more N-Quads than `max_bytes` unless one graph alone does."""
    sizes: dict[bytes, int] = {}
    for triple, graph in quads:
        sizes[graph] = sizes.get(graph, 0) + len(triple) + len(graph) + 4
    parts: dict[bytes, str] = {}
    filled: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for graph in sorted(sizes):
        stem = stems(graph)
        if stem not in numbers or filled[stem] + sizes[graph] > max_bytes:
            numbers[stem] = numbers.get(stem, 0) + 1
            filled[stem] = 0
        filled[stem] += sizes[graph]
        parts[graph] = f"{stem}-{numbers[stem]:04d}"
    return parts.__getitem__
