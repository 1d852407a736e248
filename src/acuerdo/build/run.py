"""One build from beginning to end."""

import os
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from acuerdo import __version__, assets, link, read
from acuerdo.build import description, inputs, publish, shards, spool
from acuerdo.build.lock import locked
from acuerdo.build.shards import Piece, Shard, Task
from acuerdo.build.stages import Mapped, Setting, Stages, counted, known_graphs
from acuerdo.build.workers import Order, work_all
from acuerdo.errors import GraphUnusable
from acuerdo.infer.current import current
from acuerdo.iri import DEMO_BASE
from acuerdo.read import texts
from acuerdo.report import Fault, once
from acuerdo.store import disk
from acuerdo.store.directory import (
    ArticleEntry,
    Build,
    Directory,
    DumpSum,
    GraphCount,
    Manifest,
)
from acuerdo.store.lines import Part, joined
from acuerdo.validate import Finding

Progress = Callable[[str, int, int], None]


class Options(Struct, frozen=True):
    """What a build is made from and how; `ontology` are folders beside the shipped one."""

    sources: tuple[Path, ...]
    kg: Path = Path("kg")
    texts: tuple[Path, ...] = ()
    base: str = DEMO_BASE
    ontology: tuple[Path, ...] = ()
    links: Path | None = None
    decisions: Path | None = None
    keep_invalid: bool = False
    jobs: int = 0
    reading: read.Reading = read.Reading()


class Built(Struct, frozen=True):
    """What a build did; `new` is false where the graph was that already.

    `superseded` articles came with another text than before, `gone` ones are no longer in the input.
    """

    build: Build
    new: bool
    quads: int
    articles: int
    loaded: int
    copied: bool
    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    superseded: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


def build(options: Options, progress: Progress | None = None) -> Built:
    """Make the graph of the articles current; nothing is written twice for the same input.

    Raises WrongUsage, BadSource for ontology and decisions, GraphUnusable when another build holds the
    directory or the disk refuses: the graph published before then still stands.
    """
    with locked(options.kg):
        directory = Directory(options.kg)
        try:
            directory.clean()
            _clean_cache(directory.cache)
            built = _from_cache(options, directory, progress)
            return built or _Run(options, directory, progress).run()
        except OSError as error:
            raise publish.refused(options.kg, error) from error
        finally:
            (directory.cache / "spool").unlink(missing_ok=True)


def _from_cache(options: Options, directory: Directory, progress: Progress | None) -> Built | None:
    """The build with what the cache holds; None, and an empty cache, where that is damaged."""
    try:
        return _Run(options, directory, progress).run()
    except zlib.error:  # nothing is lost: all of it can be made again
        shutil.rmtree(directory.cache / "shards", ignore_errors=True)
        return None


def _clean_cache(cache: Path) -> None:
    (cache / "shards").mkdir(parents=True, exist_ok=True)
    for path in (cache / "shards").glob("*.partial"):
        shutil.rmtree(path)


@lru_cache(maxsize=1)
def _stages(setting: Setting, sums: tuple[str, ...]) -> Stages:  # noqa: ARG001 - part of the key
    """The stages for files of these sums, kept for the next build of this process."""
    return Stages(setting)


def _silent(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


class _Run:
    def __init__(self, options: Options, directory: Directory, progress: Progress | None) -> None:
        self.options, self.directory = options, directory
        self.say = progress or _silent
        folder = inputs.folder_beside(options.kg, options.decisions, "decisions")
        self.links = inputs.folder_beside(options.kg, options.links, "links")
        self.folders = (assets.path("ontology"), *options.ontology)
        self.setting = Setting(
            tuple(map(str, self.folders)),
            options.base,
            str(folder) if folder else None,
            options.keep_invalid,
        )
        self.sums = {
            **inputs.ontology_digests(self.folders),
            "shapes": inputs.digest_of_folder(assets.path("shapes")),
            "decisions": inputs.digest_of_folder(folder),
            "links": inputs.digest_of_folder(self.links),
            "code": inputs.code_digest(),
        }
        self.stages = _stages(self.setting, tuple(self.sums.values()))

    def run(self) -> Built:
        found = self._read()
        served = None if _documents(found) else _served(self.directory)
        if served is not None:
            return _nothing(served, found)
        done = self._work(found.entries)
        articles = {mapped.key: mapped for shard in done for mapped in shard[1].articles}
        faults, findings = _gathered(found, articles)
        named = tuple(sorted((replace(f, file=self._shown(f.file)) for f in faults), key=_place_of))
        manifest = self._manifest(found, articles, named)
        draft = _Draft(self, manifest, [shard for shard, _ in done], articles)
        published, new = self._publish(draft, report(manifest, named, findings))
        old = draft.before
        return Built(
            build=published.build,
            new=new,
            quads=draft.manifest.quads,
            articles=len(manifest.articles),
            loaded=published.loaded,
            copied=published.copied,
            faults=faults,
            findings=findings,
            withdrawn=found.withdrawn,
            **_compared(old, manifest.articles),
        )

    # -- the articles -------------------------------------------------------------------------

    def _read(self) -> spool.Inventory:
        found = texts.index(list(self.options.texts))
        reads = read.articles(list(self.options.sources), found, self.options.reading)
        path = self.directory.cache / "spool"
        return spool.spool(self._counted(reads), path, self.stages.decided.withdrawn)

    def _counted(self, reads: Iterable[read.Read]) -> Iterator[read.Read]:
        for number, one in enumerate(reads, start=1):
            self.say("read", number, 0)
            yield one

    def _shown(self, file: str) -> str:
        """A file's name below the folder that was named: the report must not tell where it was made."""
        for source in self.options.sources:
            if source.is_dir() and Path(file).is_relative_to(source):
                return Path(file).relative_to(source).as_posix()
        return Path(file).name

    def _work(self, entries: Iterable[spool.Entry]) -> list[tuple[Shard, shards.Done]]:
        """All shards, those worked through before taken from the cache."""
        cache = self.directory.cache
        setting = inputs.digest_of(self._setting())
        runs = [(Shard(cache, shards.key_of(setting, run)), run) for run in spool.shards(entries)]
        missing = [(shard, run) for shard, run in runs if not shard.exists()]
        known = shards.held(cache, self._shards_before(), setting) if missing else {}
        tasks = [Task(shard.key, setting, _pieces(run, known)) for shard, run in missing]
        total = sum(len(run) for _, run in runs)
        ready = total - sum(len(task.pieces) for task in tasks)
        self.say("map", ready, total)

        def step(articles: int) -> None:
            nonlocal ready
            ready += articles
            self.say("map", ready, total)

        order = Order(self.setting, str(cache / "spool"), str(cache))
        work_all(self.stages, order, tasks, self.options.jobs or os.cpu_count() or 1, step)
        return [(shard, shard.done()) for shard, _ in runs]

    def _shards_before(self) -> tuple[str, ...]:
        """The shards that the current build was made from."""
        try:
            pointer = self.directory.pointer()
        except GraphUnusable:
            return ()
        known = disk.read_sums(self.directory.builds_folder / (pointer or "") / disk.SUMS)
        return known.shards if known else ()

    # -- the build ----------------------------------------------------------------------------

    def _manifest(
        self, found: spool.Inventory, articles: dict[str, Mapped], faults: tuple[Fault, ...]
    ) -> Manifest:
        """The manifest without its graphs; its digest says what the graph is made from."""
        entries = [entry for entry in found.entries if articles[entry.key].graphs]
        sums = {
            **self.sums,
            "articles": inputs.digest_of(entry.digest for entry in found.entries),
            "faults": inputs.digest_of(msgspec.json.encode(fault) for fault in faults),
        }
        return Manifest(
            acuerdo=__version__,
            digest=inputs.digest_of([*self._setting(), sums["articles"], sums["faults"]]),
            base=self.options.base,
            engines=self.stages.engines,
            inputs=sums,
            options={"keep_invalid": self.options.keep_invalid},
            quads=0,
            dump=DumpSum(0, ""),
            articles={e.id: ArticleEntry(e.digest, e.text) for e in entries},
            graphs={},
        )

    def _setting(self) -> list[str]:
        """All that decides what becomes of an article, beside the article."""
        sums = {**self.sums, **self.stages.engines, "base": self.options.base}
        named = [f"{name}={value}" for name, value in sorted(sums.items())]
        return [__version__, *named, f"keep_invalid={self.options.keep_invalid}"]

    def _publish(self, draft: "_Draft", written: bytes) -> tuple[publish.Published, bool]:
        ready = Build(self.directory.builds_folder / draft.manifest.digest)
        if _sound(ready):
            new = not _points_to(self.directory, ready)
            if new:
                self.directory.point(ready.digest)
            draft.manifest = ready.manifest()
            return publish.Published(ready, 0, copied=True), new
        return publish.publish(self.directory, draft.complete(written)), True


def _pieces(run: Iterable[spool.Entry], known: dict[str, str]) -> tuple[Piece, ...]:
    return tuple(Piece(e.key, e.digest, e.at, e.size, known.get(e.digest)) for e in run)


def _points_to(directory: Directory, build: Build) -> bool:
    try:
        return directory.pointer() == build.digest
    except GraphUnusable:
        return False  # a pointer that names no build is set right


def _documents(found: spool.Inventory) -> bool:
    return not any(fault.code == "NO_DOCUMENTS" for fault in found.faults)


def _served(directory: Directory) -> Build | None:
    """The current build where it is sound."""
    try:
        build = directory.current() if directory.pointer() else None
    except GraphUnusable:
        return None
    return build if build is not None and _sound(build) else None


def _nothing(served: Build, found: spool.Inventory) -> Built:
    """A folder without any article is a slip of the hand: it does not empty a graph that is served."""
    manifest = served.manifest()
    return Built(
        build=served,
        new=False,
        quads=manifest.quads,
        articles=len(manifest.articles),
        loaded=0,
        copied=True,
        faults=found.faults,
        findings=(),
    )


def _sound(found: Build) -> bool:
    """Whether a build is there, with every byte of its store as it was when it was finished."""
    known = disk.read_sums(found.folder / disk.SUMS)
    return known is not None and not disk.damaged(found.folder, known)


class _Draft:
    """What a build will hold, put together from shards and from what is known without articles."""

    def __init__(
        self, run: _Run, manifest: Manifest, found: list[Shard], articles: dict[str, Mapped]
    ) -> None:
        self.run, self.manifest, self.shards = run, manifest, found
        self.articles = articles
        self.before = _articles_of(run.directory)

    def complete(self, written: bytes) -> publish.Draft:
        """Everything that publishing needs."""
        months = frozenset(m for mapped in self.articles.values() for m in mapped.months)
        known = known_graphs(self.run.stages, months)
        counts = {g: c for mapped in self.articles.values() for g, c in mapped.graphs.items()}
        provenance = joined(shard.lines("provenance") for shard in self.shards)
        if provenance:
            known[self.run.stages.bases.graph + "provenance"] = provenance
        told = (account for mapped in self.articles.values() for account in mapped.told)
        if shared := current(told, self.run.options.base):
            known[self.run.stages.bases.graph + "current"] = shared
        known.update(link.graphs(self.run.links, self.run.stages.bases))
        joined_away = link.tombstones(self.run.stages.decided.same, self.run.stages.bases)
        if joined_away:
            registry = self.run.stages.bases.graph + "registry"
            lines = {*known.get(registry, b"").splitlines(True), *joined_away.splitlines(True)}
            known[registry] = b"".join(sorted(lines))
        table: dict[str, GraphCount] = {
            **counts,
            **{graph: counted(lines) for graph, lines in known.items()},
        }
        # The provenance graph describes all others, and so comes last.
        own = self.run.stages.bases.graph + "provenance"
        described = description.described(self.run.options.base, table)
        known[own] = joined([[described], [known.get(own, b"")]])
        table[own] = counted(known[own])
        self.manifest = replace(
            self.manifest,
            quads=sum(count.quads for count in table.values()),
            graphs=dict(sorted(table.items())),
        )
        holds = {g: n for n, mapped in enumerate(self._articles()) for g in mapped}

        def parts() -> Iterator[Part]:
            yield from (shard.lines("graphs") for shard in self.shards)
            yield from ([lines] for lines in known.values())

        def only(graphs: frozenset[str]) -> Iterator[Part]:
            numbers = sorted({holds[graph] for graph in graphs if graph in holds})
            yield from (self.shards[number].lines("graphs") for number in numbers)
            yield from ([lines] for graph, lines in known.items() if graph in graphs)

        def quarantine() -> Iterator[Part]:
            yield from (shard.lines("quarantine") for shard in self.shards)

        def step(quads: int) -> None:
            self.run.say("load", quads, self.manifest.quads)

        keys = tuple(shard.key for shard in self.shards)
        return publish.Draft(self.manifest, parts, only, written, quarantine, keys, step)

    def _articles(self) -> Iterator[list[str]]:
        """The graphs of each shard."""
        for shard in self.shards:
            yield [graph for mapped in shard.done().articles for graph in mapped.graphs]


def _articles_of(directory: Directory) -> dict[str, ArticleEntry]:
    """The articles of the current build; none where there is no build that can be read."""
    try:
        return directory.current().manifest().articles if directory.pointer() else {}
    except GraphUnusable:
        return {}


def _compared(
    old: dict[str, ArticleEntry], new: dict[str, ArticleEntry]
) -> dict[str, tuple[str, ...]]:
    """Ids of articles that came, changed, came with another text, or went."""
    both = sorted(set(old) & set(new))
    return {
        "added": tuple(sorted(set(new) - set(old))),
        "changed": tuple(i for i in both if old[i] != new[i] and old[i].text == new[i].text),
        "superseded": tuple(i for i in both if old[i].text != new[i].text),
        "gone": tuple(sorted(set(old) - set(new))),
    }


def _gathered(
    found: spool.Inventory, articles: dict[str, Mapped]
) -> tuple[tuple[Fault, ...], tuple[Finding, ...]]:
    """All faults with their files, and all findings, in an order that depends on them alone."""
    faults = list(found.faults)
    findings: list[Finding] = []
    for entry in found.entries:
        mapped = articles[entry.key]
        faults += [replace(f, file=entry.file) for f in mapped.faults]
        findings += mapped.findings
    faults.sort(key=_place_of)
    return once(faults), tuple(findings)


def _place_of(fault: Fault) -> tuple[object, ...]:
    return fault.file, fault.article or "", fault.start or 0, msgspec.json.encode(fault)


def report(manifest: Manifest, faults: tuple[Fault, ...], findings: tuple[Finding, ...]) -> bytes:
    """`report.json`: what is wrong with the input and what stayed out because of it."""
    units = [f.dropped for f in faults] + [f.dropped for f in findings]
    dropped = Counter(unit for unit in units if unit is not None)
    value = {
        "digest": manifest.digest,
        "articles": len(manifest.articles),
        "dropped": dropped,
        "faults": [{"level": f.level, **msgspec.to_builtins(f)} for f in faults],
        "findings": findings,
    }
    return publish.pretty(value)
