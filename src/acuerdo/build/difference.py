"""What changed between two builds: facts added and gone, each with the sentence that supports it."""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from msgspec import Struct

from acuerdo.iri import AC
from acuerdo.store.directory import Build, Manifest
from acuerdo.vocabulary import DCTERMS, RDFS

# What says where a fact stands, and is not one itself.
_KEEPING = {
    AC + name
    for name in "evidencedBy quotedFrom passageOf charStart charEnd section spanDigest words textDigest".split()
}
_LAYERS = ("article/", "registry", "links/", "wikidata")


class Change(Struct, frozen=True):
    """One fact that came (`+`) or went (`-`); terms in N-Triples syntax, and as words."""

    sign: str
    article: str
    graph: str
    subject: str
    predicate: str
    object: str
    shown: tuple[str, str, str]
    sentence: str


def difference(old: Build, new: Build, *, everything: bool = False) -> Iterator[Change]:
    """The changes by graph, then by fact; only graphs whose sums differ are looked at.

    What was derived and what only keeps the books (passages, calendar, provenance) is left out unless
    `everything` is asked for.
    """
    sides = (_Side("-", old), _Side("+", new))
    before, after = (side.manifest.graphs for side in sides)
    for graph in sorted(set(before) | set(after)):
        if before.get(graph) == after.get(graph) or not (everything or _is_fact_layer(graph)):
            continue
        gone, came = (side.facts(graph, everything=everything) for side in sides)
        for fact in sorted(gone ^ came):
            yield sides[fact in came].change(graph, fact)


def _is_fact_layer(graph: str) -> bool:
    return graph.rpartition("/graph/")[2].startswith(_LAYERS)


Fact = tuple[str, str, str]


class _Side:
    def __init__(self, sign: str, build: Build) -> None:
        self.sign, self.store = sign, build.open()
        self.manifest: Manifest = build.manifest()

    def facts(self, graph: str, *, everything: bool) -> set[Fact]:
        quads = self.store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        return {
            (str(q.subject), str(q.predicate), str(q.object))
            for q in quads
            if everything or not (q.predicate.value in _KEEPING or "#char=" in str(q.subject))
        }

    def change(self, graph: str, fact: Fact) -> Change:
        name = ox.NamedNode(graph)
        subject = ox.NamedNode(fact[0][1:-1])
        shown = (self._words(fact[0]), fact[1][1:-1].rpartition("#")[2], self._words(fact[2]))
        layer = graph.rpartition("/graph/")[2]
        article = layer.partition("/")[2] if "/" in layer else ""
        return Change(self.sign, article, graph, *fact, shown, self._sentence(subject, name))

    def _values(
        self, subject: ox.NamedNode, name: str, graph: ox.NamedNode | None
    ) -> list[ox.NamedNode | ox.Literal]:
        quads = self.store.quads_for_pattern(subject, ox.NamedNode(name), None, graph)
        found = [q.object for q in quads if isinstance(q.object, ox.NamedNode | ox.Literal)]
        return sorted(found, key=str)

    def _sentence(self, subject: ox.NamedNode, graph: ox.NamedNode) -> str:
        """The words of the passages behind a node; their places where the text was not at hand."""
        passages = self._values(subject, AC + "evidencedBy", graph)
        passages = passages or self._values(subject, AC + "quotedFrom", graph)
        words: list[str] = []
        for passage in passages:
            if isinstance(passage, ox.NamedNode):
                said = self._values(passage, AC + "words", graph)
                words += [s.value for s in said] or ["#" + passage.value.rpartition("#")[2]]
        return " … ".join(words) or _first(self._values(subject, DCTERMS + "source", graph))

    def _words(self, term: str) -> str:
        """The label of a thing, the value of a literal, the end of any other IRI."""
        if term.startswith("<"):
            labels = self._values(ox.NamedNode(term[1:-1]), RDFS + "label", None)
            return _first(sorted(labels, key=_language)) or _tail(term[1:-1])
        return term[1 : term.rindex('"')]


def _first(terms: Iterable[ox.NamedNode | ox.Literal]) -> str:
    return next((term.value for term in terms), "")


def _language(term: ox.NamedNode | ox.Literal) -> tuple[bool, str]:
    """English names and those of no language before others."""
    language = getattr(term, "language", None)
    return language not in {None, "en"}, term.value


def _tail(iri: str) -> str:
    return iri.partition("/id/")[2] or iri.rpartition("#")[2].rpartition("/")[2] or iri
