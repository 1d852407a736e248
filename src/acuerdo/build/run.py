"""One build from beginning to end."""

import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from acuerdo import __version__, assets, read
from acuerdo.build import inputs, publish, shards, spool
from acuerdo.build.ahead import Ahead
from acuerdo.build.contents import Contents, Links
from acuerdo.build.lock import locked
from acuerdo.build.outcome import Outcome, compared, gathered, report
from acuerdo.build.shards import Piece, Shard, Task
from acuerdo.build.stages import Mapped, Setting, Stages
from acuerdo.build.workers import Order, work_all
from acuerdo.errors import GraphUnusable, WrongUsage
from acuerdo.iri import DEMO_BASE
from acuerdo.read import sources, texts
from acuerdo.report import Fault
from acuerdo.store import disk
from acuerdo.store.directory import (
    ArticleEntry,
    Build,
    Directory,
    DumpSum,
    Manifest,
    remove,
)
from acuerdo.validate import Finding

Progress = Callable[[str, int, int], None]
_WORTH_A_PROCESS = 120  # articles


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
    same_as: bool = False
    jobs: int = 0
    reading: read.Reading = read.Reading()


class Built(Struct, frozen=True):
    """What a build did; `new` is false where the graph was that already.

    `superseded` articles came with another text than before, `gone` ones are no longer in the input;
    `withdrawn` ones are there and stay out.
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
    directory = Directory(options.kg)
    run = _Run(
        options, directory, progress
    )  # refuses what it cannot use before anything is written
    with locked(options.kg):
        try:
            directory.clean()
            _clean_cache(directory.cache)
            return _from_cache(run) or _once(run)
        except OSError as error:
            raise publish.refused(options.kg, error) from error
        finally:
            with suppress(OSError):
                (directory.cache / "spool").unlink()


def _once(run: "_Run") -> Built:
    try:
        return run.run()
    finally:
        run.close()


def _from_cache(run: "_Run") -> Built | None:
    """The build with what the cache holds; None, and an empty cache, where that is damaged."""
    try:
        return _once(run)
    except zlib.error:  # nothing is lost: all of it can be made again
        shutil.rmtree(run.directory.cache / "shards", ignore_errors=True)
        return None


def _clean_cache(cache: Path) -> None:
    (cache / "shards").mkdir(parents=True, exist_ok=True)
    for path in (cache / "shards").glob("*.partial"):
        remove(path)


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
        for path in (*options.sources, *options.texts, *options.ontology):
            if not sources.exists(path):
                raise WrongUsage(f"{path}: there is no such file or folder")
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
            "code": inputs.code_digest(),
        }
        # What people linked changes one graph, and no article is worked through again for it.
        self.beside = {"links": inputs.digest_of_folder(self.links)}
        self.ahead: Ahead | None = None
        self.stages = _stages(self.setting, tuple(self.sums.values()))

    def run(self) -> Built:
        found = self._read()
        served = None if _documents(found) else _served(self.directory)
        if served is not None:
            return _nothing(served, found)
        contents = Contents(
            self.stages, Links(self.links, self.options.same_as), self._work(found.entries)
        )
        return self._made(found, contents)

    def close(self) -> None:
        """End what runs beside the build."""
        if self.ahead is not None:
            self.ahead.stop()
            self.ahead = None

    def _made(self, found: spool.Inventory, contents: Contents) -> Built:
        outcome = gathered(found, contents.articles, contents.linked.faults, self._shown)
        manifest = self._manifest(found, contents.articles, outcome)
        before = _articles_of(self.directory)
        published, new = self._publish(manifest, contents, outcome)
        held = published.build.manifest()
        return Built(
            build=published.build,
            new=new,
            quads=held.quads,
            articles=len(held.articles),
            loaded=published.loaded,
            copied=published.copied,
            faults=outcome.faults,
            findings=outcome.findings,
            withdrawn=found.withdrawn,
            **compared(before, held.articles, found.withdrawn),
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
        if len(tasks) > 1 and self.base is None:
            self.ahead = Ahead(self.directory)
            for shard in {shard for shard, _ in runs} - {shard for shard, _ in missing}:
                self.ahead.add(shard.lines("graphs"))

        def step(task: Task) -> None:
            nonlocal ready
            ready += len(task.pieces)
            self.say("map", ready, total)
            if self.ahead is not None:
                self.ahead.add(Shard(cache, task.key).lines("graphs"))

        order = Order(self.setting, str(cache / "spool"), str(cache))
        work_all(self.stages, order, tasks, self._jobs(tasks), step)
        return [(shard, shard.done()) for shard, _ in runs]

    @cached_property
    def base(self) -> publish.Base | None:
        """The current build where the new one may start from a copy of it."""
        return publish.sound_base(self.directory)

    def _jobs(self, tasks: list[Task]) -> int:
        """How many processes the work is worth: each takes half a second to start."""
        fresh = sum(piece.shard is None for task in tasks for piece in task.pieces)
        return (self.options.jobs or os.cpu_count() or 1) if fresh > _WORTH_A_PROCESS else 1

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
        self, found: spool.Inventory, articles: dict[str, Mapped], outcome: Outcome
    ) -> Manifest:
        """The manifest without its graphs; its digest says what the graph is made from."""
        entries = [entry for entry in found.entries if articles[entry.key].graphs]
        sums = {
            **self.sums,
            **self.beside,
            "articles": inputs.digest_of(entry.digest for entry in found.entries),
            "faults": inputs.digest_of(msgspec.json.encode(fault) for fault in outcome.named),
        }
        return Manifest(
            acuerdo=__version__,
            digest=inputs.digest_of(
                [
                    *self._setting(),
                    f"links={sums['links']}",
                    f"same_as={self.options.same_as}",
                    sums["articles"],
                    sums["faults"],
                ]
            ),
            base=self.options.base,
            engines=self.stages.engines,
            inputs=sums,
            options={"keep_invalid": self.options.keep_invalid, "same_as": self.options.same_as},
            quads=0,
            dump=DumpSum(0, ""),
            articles={e.id: ArticleEntry(e.digest, e.text) for e in entries},
            graphs={},
        )

    def _setting(self) -> list[str]:
        """All that decides what becomes of an article, beside the article; links do not."""
        sums = {**self.sums, **self.stages.engines, "base": self.options.base}
        named = [f"{name}={value}" for name, value in sorted(sums.items())]
        return [__version__, *named, f"keep_invalid={self.options.keep_invalid}"]

    def _publish(
        self, manifest: Manifest, contents: Contents, outcome: Outcome
    ) -> tuple[publish.Published, bool]:
        """The build, and whether it is another than the one that was current."""
        ready = Build(self.directory.builds_folder / manifest.digest)
        if _sound(ready):
            new = not _points_to(self.directory, ready)
            if new:
                self.directory.point(ready.digest)
            return publish.Published(ready, 0, copied=True), new
        whole = replace(manifest, quads=contents.quads, graphs=contents.graphs)
        if self.ahead is not None:
            for part in contents.together():
                self.ahead.add(part)
        draft = publish.Draft(
            manifest=whole,
            contents=contents,
            report=report(whole, outcome),
            step=lambda quads: self.say("load", quads, whole.quads),
            base=self.base,
            ahead=self.ahead,
        )
        return publish.publish(self.directory, draft), True


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


def _articles_of(directory: Directory) -> dict[str, ArticleEntry]:
    """The articles of the current build; none where there is no build that can be read."""
    try:
        return directory.current().manifest().articles if directory.pointer() else {}
    except GraphUnusable:
        return {}
