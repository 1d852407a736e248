"""All that `acuerdo ontology check` looks at, in order of cost."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from acuerdo import assets, infer
from acuerdo.errors import BadSource, GraphUnusable
from acuerdo.iri import Bases
from acuerdo.terms import consistency, gates, reason, sources
from acuerdo.terms.clashes import clashes
from acuerdo.vocabulary import modules, parse, turtle_files

Say = Callable[[str], None]
_ARTICLE = "/graph/article/"


def check(
    folders: Sequence[Path],
    kg: Path,
    *,
    reasoner: bool = True,
    articles: int = 20,
    say: Say = lambda _: None,
) -> Iterator[str]:
    """One line for each offence; `say` hears what is being done and what is left out, and why."""
    every = [assets.path("ontology"), *folders]
    # Raises BadSource for what no build takes and no gate looks at; labels have gates of their own.
    files = modules.read([q for p in turtle_files(every[0]) for q in parse(p)], folders)
    quads = sources.quads(every)
    store = sources.store(quads)
    say(
        f"{len(gates.gates('ontology'))} gates over {len(quads):,} triples of ontology, vocabularies, registry"
    )
    named = True
    for offence in gates.run("ontology", store):
        named = named and offence.gate != "term-without-label"
        place = sources.place(offence.offender, every)
        yield f"{place}: {offence}" if place else str(offence)
    if named:
        yield from _nameless(files)
    graph = _built(kg)
    if graph is None:
        say(f"no graph in {kg}: gates over a graph are left out")
    else:
        say(f"{len(gates.gates('graph'))} gates over the graph in {kg}")
        yield from map(str, gates.run("graph", graph))
    if reasoner and reason.java() is None:
        say("no Java: the reasoner is left out (install Java or `pip install acuerdo[reason]`)")
    elif reasoner:
        yield from _reasoned(every, quads, graph, articles, say)


def _nameless(files: modules.Files) -> Iterator[str]:
    """A term without a label whose namespace no ontology declares, so that no gate looks at it."""
    try:
        modules.refuse_nameless(files)
    except BadSource as error:
        yield str(error)


def _built(kg: Path) -> ox.Store | None:
    """The store of the current build, read only; None where nothing has been built."""
    try:
        digest = (kg / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    try:
        return ox.Store.read_only(str(kg / "builds" / digest / "store"))
    except OSError as error:
        raise GraphUnusable(f"{kg}: the current build cannot be opened ({error})") from None


def _reasoned(
    every: Sequence[Path], quads: list[ox.Quad], graph: ox.Store | None, articles: int, say: Say
) -> Iterator[str]:
    known = consistency.background(quads)
    say("HermiT over the ontology with its registry")
    verdict = reason.ask(filter(consistency.useful, quads))
    if not verdict.consistent:
        found = clashes(quads)
        yield from (f"inconsistent: {clash}" for clash in found)
        if not found:
            yield "inconsistent: the ontology with its registry contradicts itself"
        return
    for cls in verdict.unsatisfiable:
        yield f"unsatisfiable: {cls} can have no member"
    if graph is not None:
        yield from _articles(graph, every, known, articles, say)


def _articles(
    graph: ox.Store, every: Sequence[Path], known: consistency.Background, limit: int, say: Say
) -> Iterator[str]:
    names = sorted(str(n.value) for n in graph.named_graphs() if _ARTICLE in str(n.value))[:limit]
    if not names:
        return
    total = sum(1 for n in graph.named_graphs() if _ARTICLE in str(n.value))
    say(f"HermiT over {len(names):,} of {total:,} articles, one at a time")
    for name in names:
        for clash in consistency.contradictions(_graph(graph, name), known):
            yield f"{name}: inconsistent: {clash}"
    say(f"the rules held against HermiT over {names[0]}")
    context = infer.load(every, Bases(names[0].split("graph/article/")[0]))
    ours, theirs = consistency.differences(_graph(graph, names[0]), known, context)
    for who, facts in (("only the rules derive", ours), ("only HermiT derives", theirs)):
        yield from (f"{names[0]}: {who}: {' '.join(triple)}" for triple in facts)


def _graph(graph: ox.Store, name: str) -> list[ox.Quad]:
    return list(graph.quads_for_pattern(None, None, None, ox.NamedNode(name)))
