"""The graph as it would have been on a day: only the articles published until then."""

import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from acuerdo.errors import GraphUnusable
from acuerdo.infer.current import accounts, current
from acuerdo.query.kg import Kg, base_of
from acuerdo.store.directory import Build, Directory

CHUNK = 200_000
_KNOWN = """PREFIX ac: <https://w3id.org/acuerdo/ns#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?article a ac:Article ; ac:notAfter ?day }}
  FILTER (?day <= "{day}"^^xsd:date) }}"""


def open_as_of(kg: Path | str, day: date) -> Kg:
    """The graph in memory with the articles whose last possible day of publication is `day` or before.

    Inferences go with their articles, `/graph/current` is made again from those that stay, provenance is
    left out. Takes about 5 s a million quads. Raises WrongUsage and GraphUnusable as `open_kg` does.
    """
    build = Directory(Path(kg)).current()
    base = base_of(build)
    rows = build.open().query(_KNOWN.format(day=day.isoformat()))
    assert isinstance(rows, ox.QuerySolutions)
    known = {str(row["graph"])[1:-1].rsplit("/", 1)[1] for row in rows}
    store = ox.Store()
    said: defaultdict[bytes, list[bytes]] = defaultdict(list)
    chunk: list[bytes] = []
    for line, layer, key in _lines(build, base):
        if layer in {"current", "provenance"} or (
            layer in {"article", "inferred"} and key and key not in known
        ):
            continue
        if layer == "article":
            said[key.encode()].append(line)
        chunk.append(line)
        if len(chunk) == CHUNK:
            store.bulk_load(b"".join(chunk), format=ox.RdfFormat.N_QUADS)
            chunk = []
    told = [account for lines in said.values() for account in accounts(b"".join(lines), base)]
    store.bulk_load(b"".join(chunk) + current(told, base), format=ox.RdfFormat.N_QUADS)
    return Kg(store, base, build.digest)


def _lines(build: Build, base: str) -> Iterator[tuple[bytes, str, str]]:
    """The lines of the dump with the layer and the key of their graph."""
    path = build.folder / "graph.nq.gz"
    prefix = len(base) + len("graph/")
    try:
        with gzip.open(path) as dump:
            for line in dump:
                graph = line[line.rindex(b"<") + 1 : -4].decode()
                layer, _, key = graph[prefix:].partition("/")
                yield line, layer, key
    except (OSError, EOFError, ValueError) as error:
        raise GraphUnusable(f"{path}: cannot be read ({error}); build again") from error
