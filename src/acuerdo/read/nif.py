"""NIF 2.0 and 2.1: strings of a context with their offsets, links and classes, in any RDF notation."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from acuerdo.iri import AC
from acuerdo.model import Agent, Entity
from acuerdo.read import utf8
from acuerdo.read.draft import LABELS, Draft
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "nif"
_NIF = "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#"
_ITS = "http://www.w3.org/2005/11/its/rdf#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"
_DCT = ("http://purl.org/dc/terms/", "http://purl.org/dc/elements/1.1/")
_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "n3": ox.RdfFormat.N3,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdf": ox.RdfFormat.RDF_XML,
    "owl": ox.RdfFormat.RDF_XML,
}
SUFFIXES = tuple(_FORMATS)
_CHARS = re.compile(r"[#&?](?:char=|offset_)(\d+)[,_](\d+)")
_NOT_CLASSES = {"http://www.w3.org/2002/07/owl#Thing", "http://www.w3.org/2002/07/owl#Individual"}
_VOCABULARIES = (_NIF, "http://www.w3.org/")
Graph = dict[str, dict[str, list[Any]]]


def sniff(head: bytes) -> bool:
    """Whether the start of the file names NIF's vocabulary."""
    return b"nlp2rdf/ontologies/nif-core" in head


def read(source: Source) -> Iterator[Draft | Fault]:
    """A document for each context."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    graph = _graph(data, source)
    if isinstance(graph, Fault):
        yield graph
        return
    contexts = [node for node, said in graph.items() if _NIF + "isString" in said]
    spans: dict[str, list[str]] = {}
    for node, said in graph.items():
        for context in said.get(_NIF + "referenceContext", ()):
            if node != _iri(context):
                spans.setdefault(_iri(context), []).append(node)
    for context in sorted(contexts):
        yield _document(graph, context, spans.pop(context, []), source)
    for context in sorted(spans):
        yield Fault(
            "TEXT_MISSING",
            "the context has no nif:isString.",
            "Export it with its text.",
            file=source.name,
            article=context,
            dropped="article",
        )


def _graph(data: bytes, source: Source) -> Graph | Fault:
    graph: Graph = {}
    text = utf8.decoded(data, source.name)
    if isinstance(text, Fault):
        return text
    try:
        for quad in ox.parse(
            data,
            format=_FORMATS.get(source.suffix, ox.RdfFormat.TURTLE),
            base_iri="http://example.invalid/",
        ):
            if isinstance(quad.object, ox.Triple):
                continue  # a statement about a statement names no string
            graph.setdefault(str(quad.subject.value), {}).setdefault(
                quad.predicate.value, []
            ).append(quad.object)
    except (SyntaxError, ValueError, OSError) as error:
        place = (
            error.args[1]
            if isinstance(error, SyntaxError) and len(error.args) > 1
            else (None, None, None)
        )
        return Fault(
            "FILE_UNREADABLE",
            f"the RDF is not well-formed: {str(error.args[0])[:100]}.",
            "Export it again.",
            file=source.name,
            line=place[1],
            column=place[2],
            dropped="file",
        )
    return graph


def _iri(term: Any) -> str:
    return str(term.value)


def _one(said: dict[str, list[Any]], predicate: str) -> str | None:
    found = said.get(predicate)
    return str(found[0].value) if found else None


def _document(graph: Graph, context: str, spans: list[str], source: Source) -> Draft:
    said = graph[context]
    literal = said[_NIF + "isString"][0]
    base = _CHARS.split(context)[0].rstrip("#?/")
    draft = Draft(
        base,
        source.name,
        text=str(literal.value),
        unit="code points",
        metadata=_metadata(said, literal),
    )
    for node in sorted(spans, key=lambda n: (_begin(graph[n], n), n)):
        _span(draft, graph, node)
    return draft


def _metadata(said: dict[str, list[Any]], literal: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    language = getattr(literal, "language", None) or next(
        (v for d in _DCT if (v := _one(said, d + "language"))), None
    )
    if language and not language.startswith("http"):
        found["language"] = language
    for name, field in (
        ("issued", "published"),
        ("date", "published"),
        ("created", "published"),
        ("title", "title"),
        ("publisher", "publisher"),
        ("license", "license"),
        ("identifier", "id"),
    ):
        value = next((v for d in _DCT if (v := _one(said, d + name))), None)
        if value and field not in found:
            found[field] = value
    url = _one(said, _NIF + "sourceUrl")
    if url:
        found["url"] = url
    basis = _one(said, AC + "dateBasis")
    if basis:
        found["date_basis"] = _name(basis)
    return found


def _place(node: str) -> int:
    """Where a string begins, by its IRI: the order of the document does not depend on the order of triples."""
    found = _CHARS.search(node)
    return int(found[1][:12]) if found else 0


def _offset(said: dict[str, list[Any]], name: str, node: str, group: int) -> Any:
    given = _one(said, _NIF + name)
    if given is None and (found := _CHARS.search(node)):
        given = found[group]
    return given


def _number(given: Any) -> Any:
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 12:
        return int(given)
    return given or 0


def _begin(said: dict[str, list[Any]], node: str) -> int:
    """Where a string begins, for the order; what is no number is named when its span is read."""
    begin = _number(_offset(said, "beginIndex", node, 1))
    return begin if isinstance(begin, int) else 0


def _telling(graph: Graph, said: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What says who or what a string names: it itself, else the surest of its annotation units (NIF 2.1)."""
    if _ITS + "taIdentRef" in said or _ITS + "taClassRef" in said:
        return said
    units = [graph.get(_iri(u), {}) for u in said.get(_NIF + "annotationUnit", ())]
    telling = [u for u in units if _ITS + "taIdentRef" in u or _ITS + "taClassRef" in u]
    return max(
        telling,
        key=lambda u: (
            _confidence(u) or 0.0,
            sorted(_iri(t) for t in u.get(_ITS + "taIdentRef", ())),
        ),
        default=said,
    )


def _described(graph: Graph, idents: list[str]) -> tuple[list[str], list[str]]:
    """The classes of what a string names, and what that is the same as, where the file itself says so."""
    things = [graph[ident] for ident in idents if ident in graph]
    types = [t.value for said in things for t in said.get(_TYPE, ())]
    same = [t.value for said in things for t in said.get(_SAME_AS, ())]
    return sorted(t for t in types if not t.startswith(_VOCABULARIES)), sorted(same)


def _span(draft: Draft, graph: Graph, node: str) -> None:
    said = graph[node]
    telling = _telling(graph, said)
    links = [t.value for t in telling.get(_ITS + "taIdentRef", ())]
    classes = [
        v for t in telling.get(_ITS + "taClassRef", ()) if (v := t.value) not in _NOT_CLASSES
    ]
    types = [t.value for t in said.get(_TYPE, ())]
    described, same = _described(graph, links)
    own = [*sorted(t for t in types if not t.startswith(_VOCABULARIES)), *described]
    if not links and not classes and not own and _NIF + "EntityOccurrence" not in types:
        return  # words, sentences and titles: structure of the text, nothing said of the world
    ident = _local(node)
    begin = _number(_offset(said, "beginIndex", node, 1))
    end = _number(_offset(said, "endIndex", node, 2))
    mention = draft.mention(begin, end, _one(said, _NIF + "anchorOf"), ident)
    if mention is None:
        return
    labels = list(dict.fromkeys((*classes, *own, *map(_name, (*classes, *own)))))
    attrs: dict[str, Any] = {LABELS: tuple(labels)} if labels else {}
    draft.entities.append(
        Entity(
            ident,
            "Entity" if not labels else _name(labels[0]),
            links=tuple(dict.fromkeys([*links, *same])),
            mentions=(mention,),
            attrs=attrs,
            by=_annotator(draft, telling) or _annotator(draft, said),
            confidence=_confidence(telling),
        )
    )


def _annotator(draft: Draft, said: dict[str, list[Any]]) -> str | None:
    given = next(
        (v for p in ("taAnnotatorsRef", "taAnnotatorRef") if (v := _one(said, _ITS + p))), None
    )
    if given:
        draft.agents.setdefault(
            given, Agent("software", given, given if given.startswith("http") else None)
        )
    return given


def _confidence(said: dict[str, list[Any]]) -> float | None:
    names = (_ITS + "taConfidence", _NIF + "taIdentConf", _NIF + "taClassConf", _NIF + "confidence")
    given = next((v for name in names if (v := _one(said, name))), None)
    try:
        value = float(given) if given else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value <= 1 else None


def _local(node: str) -> str:
    """The id of a string: its offsets, and what else its fragment says where two stand on one span."""
    found = _CHARS.search(node)
    if found:
        return re.sub(r"[^A-Za-z0-9]+", "-", f"{found[1]}-{found[2]}{node[found.end() :]}").rstrip(
            "-"
        )
    return re.split(r"[#/]", node.rstrip("/#"))[-1] or node


@lru_cache(maxsize=4096)
def _name(iri: str) -> str:
    return re.split(r"[#/]", iri.rstrip("/#"))[-1]
