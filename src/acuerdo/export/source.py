"""The published graph as a stream of lines: where the dump of a graph directory is, and what it says of itself."""

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from acuerdo.errors import GraphUnusable
from acuerdo.export.nquads import Quad, quads
from acuerdo.store.directory import Directory
from acuerdo.store.hold import reading

LAYERS = (
    "article inferred registry vocab calendar ontology links/wikidata wikidata current provenance"
).split()
_LAYER = re.compile(rf"^(.*?/)graph/({'|'.join(LAYERS)})(?:/(.+))?$", re.DOTALL)


@dataclass(frozen=True)
class Source:
    """The dump of one build."""

    dump: Path
    digest: str = ""
    base: str | None = None

    def lines(self) -> Iterator[bytes]:
        """The lines of the dump; raises GraphUnusable where the file ends too early or is damaged."""
        try:
            with gzip.open(self.dump, "rb") as dump:
                yield from dump
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise GraphUnusable(
                f"{self.dump}: the dump is damaged ({error}); build again"
            ) from error
        except OSError as error:
            raise GraphUnusable(f"{self.dump}: {error.strerror or error}") from error

    def quads(self, wanted: "Selection | None" = None) -> Iterator[Quad]:
        """The quads of the wanted graphs, in the order of the dump."""
        every = quads(self.lines())
        if wanted is None or wanted.everything:
            return every
        return (quad for quad in every if wanted.has(quad.graph))

    def place(self, graph: bytes) -> tuple[str, str]:
        """Layer and key of a graph: `("article", "003")`; ("other", IRI) for a graph of no known layer."""
        iri = graph[1:-1].decode()
        if self.base is not None:
            known = iri.startswith(self.base + "graph/")
            found = _LAYER.match("/" + iri[len(self.base) :]) if known else None
        else:
            found = _LAYER.match(iri)
        return (found[2], found[3] or "") if found else ("other", iri)


class Selection:
    """Which graphs a user asked for, by layer, article or IRI; nothing asked means all."""

    def __init__(
        self,
        source: Source,
        layers: tuple[str, ...] = (),
        articles: tuple[str, ...] = (),
        graphs: tuple[str, ...] = (),
    ) -> None:
        self.everything = not (layers or articles or graphs)
        self._source, self._layers, self._graphs = source, set(layers), set(graphs)
        self._articles = set(articles) | {quote(key, safe="-._~") for key in articles}
        self._known: dict[bytes, bool] = {}

    def has(self, graph: bytes) -> bool:
        """Whether the graph belongs to what was asked."""
        if self.everything:
            return True
        known = self._known.get(graph)
        if known is None:
            layer, key = self._source.place(graph)
            known = self._known[graph] = (
                layer in self._layers
                or (layer in {"article", "inferred"} and key in self._articles)
                or graph[1:-1].decode() in self._graphs
            )
        return known

    @property
    def found(self) -> bool:
        """Whether any graph seen so far was one of those."""
        return self.everything or any(self._known.values())


@contextmanager
def opened(kg: Path) -> Iterator[Source]:
    """The source of the build that is published in the graph directory `kg`, held so that no prune takes it."""
    build = Directory(kg).current()
    manifest = build.manifest()
    with reading(build.folder):
        yield Source(build.dump, manifest.digest, manifest.base)
