"""The stages of one article joined: resolve, map, validate, infer; and what is known before any article."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox
from msgspec import Struct

from acuerdo import infer, mapping, resolve, vocabulary
from acuerdo.build.inputs import engines
from acuerdo.infer.current import Account, accounts
from acuerdo.iri import Bases, article_key
from acuerdo.model import Article
from acuerdo.report import Fault
from acuerdo.resolve import decisions
from acuerdo.store.directory import GraphCount
from acuerdo.validate import (
    Context,
    Finding,
    Sifted,
    Validator,
    article_shapes,
    fault,
    inspect,
    sift,
    with_reasons,
)


class Setting(Struct, frozen=True):
    """What every process of a build needs to know to do the same with an article."""

    ontology: tuple[str, ...]
    base: str
    decisions: str | None = None
    keep_invalid: bool = False


class Mapped(Struct, frozen=True):
    """What became of one article, without its lines: they are in the shard."""

    key: str
    graphs: dict[str, GraphCount]
    months: tuple[str, ...]
    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]
    told: tuple[Account, ...] = ()
    annotators: tuple[str, ...] = ()


class Lines(Struct, frozen=True):
    """The sorted lines that one article gives: its graphs, its part of the provenance, what stays out."""

    graphs: tuple[bytes, ...]
    provenance: bytes
    quarantined: bytes


class Stages:
    """Everything loaded once a process: about 0.3 s."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        folders = [Path(folder) for folder in setting.ontology]
        self.bases = Bases(setting.base)
        place = Path(setting.decisions) if setting.decisions else None
        self.decided = decisions.load(place, self.bases)
        self.world = resolve.load(folders, setting.base, self.decided.same, self.decided.apart)
        files = [
            path
            for folder in folders
            for path in sorted(folder.rglob("*.ttl"))
            if path.relative_to(folder).parts[0] != "shapes"
        ]
        self.validator = Validator(article_shapes(*folders[1:]), Context.read(files, setting.base))
        self.rules = infer.load(folders, self.bases)

    @property
    def engines(self) -> dict[str, str]:
        """Names and versions of the engines that an article goes through."""
        return engines(self.validator.engine.name)

    @cached_property
    def known(self) -> dict[str, bytes]:
        """Registry, ontology, vocabularies and what follows from them: graph → sorted lines."""
        prefix = self.bases.graph
        graphs = {prefix + "registry": as_stored(self.world.registry.nquads(prefix + "registry"))}
        graphs[prefix + "inferred"] = infer.infer_known(self.rules, prefix + "inferred")
        for name, chosen in (("ontology", False), ("vocab", True)):
            files = [
                path
                for folder in map(Path, self.setting.ontology)
                for path in vocabulary.turtle_files(folder)
                if (path.relative_to(folder).parts[0] == "vocab") == chosen
            ]
            graphs[prefix + name] = _named_axioms(files, prefix + name)
        return graphs

    def article(self, article: Article) -> tuple[Mapped, Lines]:
        """One article all the way; faults name no file, which is not known here."""
        resolved = resolve.resolve(article, self.world)
        mapped = mapping.map_article(resolved, self.world)
        if self.setting.keep_invalid:
            sifted = Sifted(mapped, b"", inspect(mapped, self.validator, resolved))
        else:
            sifted = sift(mapped, self.validator, resolved)
        kept, findings = sifted.kept, sifted.findings
        inferred = infer.infer_article(kept, self.rules)
        provenance = mapping.provenance(resolved, self.world) if kept else b""
        key = article_key(article.id)
        graphs = {
            f"{self.bases.graph}{layer}/{key}": counted(lines)
            for layer, lines in (("article", kept), ("inferred", inferred))
            if lines
        }
        months = tuple(sorted(mapping.months(kept)))
        told = tuple(accounts(kept, self.setting.base))
        annotators = _not_below(provenance, self.bases, key)
        broken = tuple(fault(f) for f in findings if f.severity == "violation")
        faults = (*resolved.faults, *broken)
        done = Mapped(key, graphs, months, faults, findings, told, annotators)
        return done, Lines((kept, inferred), provenance, with_reasons(sifted.quarantined, findings))


def _not_below(lines: bytes, bases: Bases, key: str) -> tuple[str, ...]:
    """The lines about what does not stand below an article: annotators with an IRI of their own."""
    own = (f"<{bases.id}article/{key}/", f"<{bases.graph}article/{key}>")
    return tuple(line for line in lines.decode().split("\n") if line and not line.startswith(own))


def counted(lines: bytes) -> GraphCount:
    """Size and sum of one graph's sorted lines."""
    return GraphCount(lines.count(b"\n"), hashlib.sha256(lines).hexdigest())


def known_graphs(stages: Stages, months: frozenset[str]) -> dict[str, bytes]:
    """The graphs that are the same whatever article is read, and the calendar: name → sorted lines."""
    calendar = stages.bases.graph + "calendar"
    graphs = {**stages.known, calendar: mapping.calendar(months, calendar)}
    return {name: lines for name, lines in graphs.items() if lines}


def _named_axioms(files: Sequence[Path], graph: str) -> bytes:
    """The triples of Turtle files that have no blank node: a class expression in pieces is no axiom."""
    name = ox.NamedNode(graph)
    store = ox.Store()
    store.extend(
        ox.Quad(quad.subject, quad.predicate, quad.object, name)
        for path in files
        for quad in vocabulary.parse(path)
        if not isinstance(quad.subject, ox.BlankNode) and not isinstance(quad.object, ox.BlankNode)
    )
    return _dumped(store)


def as_stored(lines: bytes) -> bytes:
    """Lines as the store gives them back: it writes numbers in its own way ("1.10" as "1.1")."""
    store = ox.Store()
    store.load(lines, format=ox.RdfFormat.N_QUADS)
    return _dumped(store)


def _dumped(store: ox.Store) -> bytes:
    dump = store.dump(format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(dump.splitlines(keepends=True)))
