"""The graph into another triplestore, and the proof that it arrived."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from acuerdo.errors import RemoteFailed, WrongUsage
from acuerdo.export.source import Selection, Source
from acuerdo.push.inventory import counts
from acuerdo.push.journal import Journal
from acuerdo.push.journal import path_for as journal_path
from acuerdo.push.load import Loader
from acuerdo.push.plan import Plan, appending, planned, proof
from acuerdo.push.profiles import Target, named, target
from acuerdo.push.remote import Remote
from acuerdo.push.spool import Spool
from acuerdo.push.verify import Depth, Verdict, Verifier

__all__ = [
    "Options",
    "Outcome",
    "Remote",
    "Target",
    "journal_path",
    "named",
    "push",
    "refuse_demo",
    "target",
]

DEMO_BASE = "https://w3id.org/acuerdo/demo/"
_SHOWN = 5


@dataclass(frozen=True)
class Options:
    """How to push. `confirm` is asked before graphs are deleted; it hears how many."""

    append: bool = False
    verify: Depth = "hashes"
    dry_run: bool = False
    allow_demo_base: bool = False
    confirm: Callable[[int], bool] = lambda _: False
    progress: Callable[[int, int], None] = lambda _done, _all: None
    planned: Callable[[Plan], None] = lambda _: None


@dataclass
class Outcome:
    """What a push did: the plan it carried out, what it found, and the graphs it was not allowed to delete."""

    plan: Plan | None = None
    sent: int = 0
    deleted: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    left: tuple[bytes, ...] = ()


def push(
    source: Source,
    wanted: Selection,
    where: Target,
    remote: Remote,
    *,
    journal: Path,
    options: Options | None = None,
) -> Outcome:
    """Bring the wanted graphs into a store and check that it holds them; raises RemoteFailed if it does not."""
    options = options or Options()
    with Journal(journal) as noted:
        held = counts(remote, where)
        usual = wanted.everything and not options.append and options.verify != "full"
        if usual and noted.verified and noted.verified == proof(source.digest, held, noted):
            return Outcome()
        with Spool(source.quads(wanted)) as spool:
            _refuse(wanted, spool, options)
            run = _Run(source, wanted, where, remote, options, spool, noted)
            return run.dry(held) if options.dry_run else run.wet(held)


def _refuse(wanted: Selection, spool: Spool, options: Options) -> None:
    if not spool.entries:
        raise WrongUsage(
            "there is no graph to push" if wanted.everything else "no graph of that name"
        )
    if not options.allow_demo_base:
        for graph in spool.entries:
            refuse_demo(graph[1:-1].decode())


def refuse_demo(iri: str) -> None:
    """Raise for what stands under the base of demonstrations: two such graphs in one store would mix."""
    if iri.startswith(DEMO_BASE):
        raise WrongUsage(
            f"this graph was built under {DEMO_BASE}, where all demonstrations live; "
            "build it with --base, or push it with --allow-demo-base"
        )


@dataclass
class _Run:
    """One push, from plan to proof."""

    source: Source
    wanted: Selection
    where: Target
    remote: Remote
    options: Options
    spool: Spool
    journal: Journal
    done: int = 0

    def dry(self, held: dict[bytes, int]) -> Outcome:
        """Show the plan; nothing is written, here or there."""
        plan = self._planned(held)
        self.options.planned(plan)
        return Outcome(plan)

    def wet(self, held: dict[bytes, int]) -> Outcome:
        """Carry out the plan and check the result."""
        plan = self._planned(held)
        plan = self._settled(plan, held)
        self.options.planned(plan)
        try:
            outcome = self._sent(plan)
        except RemoteFailed as error:
            raise RemoteFailed(f"{error}{self._interrupted()}") from error
        held = counts(self.remote, self.where)
        every = tuple(self.spool.entries.values())
        entries = every if self.options.verify == "full" else (*plan.new, *plan.changed)
        outcome.verdict = self._verifier().check(entries, held, self.options.verify)
        self._demand(outcome.verdict)
        if self.wanted.everything and not outcome.left and not self.options.append:
            self.journal.proved(proof(self.source.digest, held, self.journal))
        return outcome

    def _verifier(self) -> Verifier:
        return Verifier(self.remote, self.where, self.spool, subset=self.options.append)

    def _planned(self, held: dict[bytes, int]) -> Plan:
        if self.options.append:
            return appending(self.spool, held, self.journal)
        return planned(self.spool, held, self.journal, self._ours)

    def _ours(self, graph: bytes) -> bool:
        """Whether a graph over there stands under our base, or is known to come from here."""
        if graph in self.journal.sent:
            return self.wanted.has(graph)
        under_base = self.source.place(graph)[0] != "other" and self.source.base is not None
        return under_base and self.wanted.has(graph)

    def _settled(self, plan: Plan, held: dict[bytes, int]) -> Plan:
        """The plan after a look into the graphs of which only the count is known."""
        if not plan.unknown:
            return plan
        found = self._verifier().check(plan.unknown, held, "hashes")
        wrong = {f"<{difference.graph}>".encode() for difference in found.differences}
        equal = tuple(entry for entry in plan.unknown if entry.graph not in wrong)
        self.journal.done(equal)
        other = tuple(entry for entry in plan.unknown if entry.graph in wrong)
        return replace(plan, unknown=(), same=plan.same + equal, changed=plan.changed + other)

    def _sent(self, plan: Plan) -> Outcome:
        loader = Loader(self.remote, self.where, self.spool, self.journal, self._progress)
        loader.add(plan.new)
        loader.replace(plan.changed)
        outcome = Outcome(plan, sent=len(plan.new) + len(plan.changed))
        if plan.gone and not self.options.confirm(len(plan.gone)):
            outcome.left = plan.gone
        elif plan.gone:
            loader.delete(plan.gone)
            outcome.deleted = len(plan.gone)
        return outcome

    def _progress(self, quads: int) -> None:
        self.done += quads
        self.options.progress(self.done, self.spool.quads)

    def _interrupted(self) -> str:
        begun = sorted(self.journal.begun)
        if not begun:
            return ""
        first = begun[0][1:-1].decode()
        return (
            f"; {len(begun):,} graphs may be incomplete there (first: <{first}>), "
            "and the same command goes on from here"
        )

    def _demand(self, verdict: Verdict) -> None:
        """Raise where the store does not hold what it took; what is wrong is sent again by the next push."""
        wrong = verdict.differences
        if not wrong:
            return
        self.journal.gone(f"<{difference.graph}>".encode() for difference in wrong)
        shown = "; ".join(map(str, wrong[:_SHOWN]))
        raise RemoteFailed(
            f"{self.where.url}: took everything without a complaint, but {len(wrong):,} of "
            f"{verdict.graphs:,} graphs differ there: {shown}"
        )
