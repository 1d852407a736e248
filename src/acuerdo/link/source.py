"""What linking reads of a graph directory: the things of the published build, and where links lie."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import httpx
import pyoxigraph as ox

from acuerdo import assets, vocabulary
from acuerdo.errors import WrongUsage
from acuerdo.iri import Bases
from acuerdo.link import enrich, index
from acuerdo.link.entity import Mention
from acuerdo.link.index import Candidates
from acuerdo.link.mentions import Facts, mentions
from acuerdo.link.online import API, Wikidata, candidates
from acuerdo.link.snapshot import Snapshot
from acuerdo.link.web import Cache, Manners, Web
from acuerdo.store.directory import Build, Directory
from acuerdo.vocabulary import Vocabulary

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
UNLINKED = frozenset({"Group"})  # "eleven people" has no item


class Graph:
    """The published build of a graph directory, as far as linking looks at it."""

    def __init__(self, kg: Path, build: str = "current") -> None:
        directory = Directory(kg)
        self.build: Build = directory.named(build)
        self.bases = Bases(self.build.manifest().base)
        self.cache = directory.cache
        self.facts = Facts(self.quads())
        self.vocabulary: Vocabulary = vocabulary.load(assets.path("ontology"))

    def quads(self) -> Iterator[ox.Quad]:
        """All quads of the dump; its blocks end at line ends."""
        for block in self.build.lines():
            yield from ox.parse(block, format=ox.RdfFormat.N_QUADS)

    def mentions(self) -> list[Mention]:
        """The people, organisations, posts and places, by IRI."""
        return mentions(self.facts, self.vocabulary, UNLINKED)

    def linkable(self) -> list[Mention]:
        """Those that may have an item; nobody asks Wikidata for a person who is not to be named."""
        return [m for m in self.mentions() if "true" not in self.facts.about(m.subject, "private")]


def mentions_in(quads: Iterable[ox.Quad], known: Vocabulary) -> list[Mention]:
    """The things that may have an item among quads from elsewhere."""
    return mentions(Facts(quads), known, UNLINKED)


def beside(kg: Path, given: Path | None, name: str) -> Path:
    """The folder `links` or `decisions`: the one given, else the one beside the graph."""
    return given if given is not None else kg.resolve().parent / name


def web(folder: Path, contact: str, *, offline: bool) -> Web:
    """The client whose cache lies in a folder."""
    return Web(Cache(folder / "wikidata.sqlite"), Manners(contact, offline))


def gathered(
    graph: Graph,
    found: Sequence[Mention],
    files: Sequence[Path],
    client: Web | None,
    api: str | None,
) -> tuple[Candidates, list[str]]:
    """The candidates of snapshots and, with a client, of Wikidata; and what was wrong with either."""
    if client is None:
        return index.opened(files, graph.cache)
    snapshot = Snapshot()
    for path in index.sums(files).values():
        snapshot.read(path)
    with client:
        candidates(found, Wikidata(client, api or API), snapshot)
        warnings = [*client.cache.warnings, *snapshot.warnings]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "online.sqlite"
        index.write(path, index.items(snapshot), snapshot.redirects, snapshot.codes, "online")
        return Candidates(path, whole=True), warnings


def of_base(kg: Path) -> Bases:
    """The bases of the published build."""
    return Bases(Directory(kg).current().manifest().base)


def facts_at(
    kg: Path, qids: Sequence[str], endpoint: str, contact: str, *, offline: bool
) -> list[enrich.Known]:
    """What an endpoint says of items, or said when it was asked before."""
    if not (contact or offline or httpx.URL(endpoint).host in _HERE):
        raise WrongUsage(
            f"{endpoint}: its keepers want to know whom to write to; give --contact a mail address or a page"
        )
    manners = Manners(contact, offline)
    cache = Cache(Directory(kg).cache / "wikidata.sqlite")
    try:
        ask = enrich.kept(enrich.sparql(endpoint, manners.agent), endpoint, cache, manners)
        return enrich.of_endpoint(qids, ask, endpoint)
    finally:
        cache.close()


def facts_in(kg: Path, qids: Sequence[str], files: Sequence[Path]) -> list[enrich.Known]:
    """What snapshots say of items."""
    found, _ = index.opened(files, Directory(kg).cache)

    def label(qid: str) -> str:
        item = found.by_qid(qid)
        return item.label if item else ""

    known = [enrich.of_item(item, label) for q in qids if (item := found.by_qid(q))]
    found.close()
    return known
