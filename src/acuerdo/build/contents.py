"""What a build will hold: the lines of its shards, and the graphs that are made from all articles together."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from acuerdo import link
from acuerdo.build import description
from acuerdo.build.shards import Done, Shard
from acuerdo.build.stages import Mapped, Stages, as_stored, counted, known_graphs
from acuerdo.infer.current import current
from acuerdo.store.directory import GraphCount
from acuerdo.store.lines import Part, joined


class Links(Struct, frozen=True):
    """Where the links lie, and whether those that a person reviewed are stated as `owl:sameAs` too."""

    folder: Path | None = None
    same_as: bool = False


class Contents:
    """All graphs of one build; the lines of articles stay on disk until they are asked for."""

    def __init__(self, stages: Stages, links: Links, found: Sequence[tuple[Shard, Done]]) -> None:
        self.stages, self.links = stages, links
        self.shards = [shard for shard, _ in found]
        self._done = [done for _, done in found]

    @cached_property
    def articles(self) -> dict[str, Mapped]:
        """What became of each article, by key."""
        return {mapped.key: mapped for done in self._done for mapped in done.articles}

    @cached_property
    def graphs(self) -> dict[str, GraphCount]:
        """Size and sum of every graph, in the order of their names."""
        return dict(sorted(self._counts(self._together | self._provenance).items()))

    @cached_property
    def linked(self) -> link.Stated:
        """The links of things that this build holds."""
        return link.stated(
            self.links.folder,
            self.stages.bases,
            same_as=self.links.same_as,
            same=self.stages.decided.same,
            present=self._present,
        )

    def _present(self, thing: str) -> bool:
        """Whether the article that a thing stands below is in the build; things that are shared always are."""
        local = thing.removeprefix(self.stages.bases.id + "article/")
        found = self.articles.get(local.partition("/")[0])
        return local == thing or (found is not None and bool(found.graphs))

    @property
    def quads(self) -> int:
        """How many quads all graphs hold."""
        return sum(count.quads for count in self.graphs.values())

    def parts(self) -> Iterator[Part]:
        """The sorted lines of all graphs."""
        yield from (shard.lines("graphs") for shard in self.shards)
        yield from self.together()

    def together(self) -> Iterator[Part]:
        """The lines of the graphs that are not an article's."""
        yield from ([lines] for lines in (self._together | self._provenance).values())

    def only(self, graphs: frozenset[str]) -> Iterator[Part]:
        """Those parts in which lines of the given graphs may stand."""
        for shard, done in zip(self.shards, self._done, strict=True):
            if any(graph in graphs for mapped in done.articles for graph in mapped.graphs):
                yield shard.lines("graphs")
        known = self._together | self._provenance
        yield from ([lines] for graph, lines in known.items() if graph in graphs)

    def quarantine(self) -> Iterator[Part]:
        """The sorted lines that stay out, and why."""
        yield from (shard.lines("quarantine") for shard in self.shards)

    @cached_property
    def _together(self) -> dict[str, bytes]:
        """Registry, vocabularies, calendar, links, and the view over all articles: name → sorted lines."""
        prefix, mapped = self.stages.bases.graph, self.articles.values()
        known = known_graphs(self.stages, frozenset(m for one in mapped for m in one.months))
        told = (account for one in mapped for account in one.told)
        known[prefix + "current"] = current(told, self.stages.bases.base)
        known |= {graph: as_stored(lines) for graph, lines in self.linked.graphs.items()}
        registry = prefix + "registry"
        away = link.tombstones(self.stages.decided.same, self.stages.bases)
        known[registry] = joined([[known.get(registry, b"")], [away]])
        return {graph: lines for graph, lines in known.items() if lines}

    @cached_property
    def _provenance(self) -> dict[str, bytes]:
        """The graph that describes all others, and so comes last."""
        described = description.described(self.stages.bases.base, self._counts(self._together))
        annotators = [shard.lines("provenance") for shard in self.shards]
        return {self.stages.bases.graph + "provenance": joined([[described], *annotators])}

    def _counts(self, known: dict[str, bytes]) -> dict[str, GraphCount]:
        counts = {g: c for mapped in self.articles.values() for g, c in mapped.graphs.items()}
        return counts | {graph: counted(lines) for graph, lines in known.items()}
