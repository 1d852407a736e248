"""One thing for people: its names, and the answers of all questions that can be asked about it.

Which questions those are follows from their headers: each of `ABOUT` is asked when the thing is of the class
that the parameter names.
"""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from msgspec import Struct

from acuerdo.errors import BadQuery
from acuerdo.query import formats, names, question
from acuerdo.query.kg import Kg
from acuerdo.query.solutions import Solutions
from acuerdo.query.values import Plain

# The questions about a thing, in the order in which a person reads, with the parameter that the thing is.
ABOUT = (
    ("posts-of-a-person", "person"),
    ("who-held-post", "post"),
    ("how-articles-report-a-thing", "thing"),
    ("participants-by-side", "event"),
    ("agreement-parties", "agreement"),
    ("who-negotiated", "agreement"),
    ("cooperation-bodies", "body"),
    ("members-of-groups", "group"),
    ("who-holds-posts-in", "organization"),
    ("officials-of-a-country", "country"),
    ("what-an-actor-took-part-in", "actor"),
    ("invited-and-absent", "actor"),
    ("what-was-agreed", "party"),
    ("designations-in-force", "organization"),
    ("designations-under-review", "organization"),
    ("events-in-a-place", "place"),
    ("who-said-what", "speaker"),
    ("claims-by-speaker", "subject"),
)
# What the page says by itself, or what the reader came with.
_SILENT = {
    "claim",
    "designation",
    "notBefore",
    "notAfter",
    "statement",
    "thing",
    "sentence",
    "article",
}

_TYPES = """
SELECT DISTINCT ?class ?wider WHERE {{
  {node} a ?class . ?class rdfs:subClassOf* ?wider .
}} ORDER BY ?class ?wider"""
_NAMES = """
SELECT DISTINCT ?name ?article WHERE {{
  {{ {node} rdfs:label|skos:prefLabel|skos:altLabel ?name }}
  UNION
  {{ GRAPH ?graph {{ {node} ac:mentionedAs ?name ; ac:evidencedBy/ac:passageOf ?article }} }}
}} ORDER BY ?name ?article"""
_LINKS = """
SELECT DISTINCT ?item WHERE {{
  {{ {node} ac:wikidata ?item }} UNION {{ {node} rdfs:seeAlso|schema:sameAs ?item }}
}} ORDER BY ?item"""


class Name(Struct, frozen=True):
    """A name, its language, and the articles that use it; none where only the registry knows it."""

    name: str
    language: str | None
    articles: tuple[str, ...]


class Section(Struct, frozen=True):
    """The rows with which one question answers about the thing."""

    question: str
    title: str
    rows: tuple[dict[str, Plain | None], ...]


class Portrait(Struct, frozen=True):
    """All that the graph says of one thing, each row with its article and sentence."""

    iri: str
    label: str
    types: tuple[str, ...]
    names: tuple[Name, ...]
    links: tuple[str, ...]
    sections: tuple[Section, ...]


def show(kg: Kg, asked: str, language: str = "en") -> Portrait:
    """The portrait of what a name, the tail of an IRI or an IRI means.

    Raises BadQuery for what the graph does not know, and for a name of several things, which it lists.
    """
    iri = meant(kg, asked)
    node = str(ox.NamedNode(iri))
    types = [(_text(c), _text(w)) for c, w in kg.select(_TYPES.format(node=node))]
    known = _names(kg, node)
    return Portrait(
        iri,
        _label(kg, node) or (known[0].name if known else iri),
        tuple(dict.fromkeys(formats.short(c, kg.base) for c, _ in types)),
        known,
        tuple(_text(row[0]) for row in kg.select(_LINKS.format(node=node))),
        tuple(_sections(kg, iri, {wider for _, wider in types}, language)),
    )


def meant(kg: Kg, asked: str) -> str:
    """The IRI of the one thing that is meant."""
    if ":" in asked:
        try:
            there = names.is_there(kg.run, asked)
        except ValueError:
            there = False
        if there:
            return asked
    elif "/" in asked and names.is_there(kg.run, f"{kg.base}id/{asked}"):
        return f"{kg.base}id/{asked}"
    found = names.bearers(kg.run, asked)
    if len(found) == 1:
        return found[0]
    if found:
        choices = "; ".join(_hint(kg, iri) for iri in found)
        raise BadQuery(f"'{asked}' names {len(found)} things: {choices}")
    longer = ", ".join(f"'{name}'" for name in names.holding(kg.run, asked)[:8])
    hint = f"did you mean {longer}?" if longer else question.near(asked, names.all_names(kg.run))
    raise BadQuery(f"nothing in the graph is named '{asked}'" + (f"; {hint}" if hint else ""))


def _hint(kg: Kg, iri: str) -> str:
    """One of several things of one name: its IRI and what tells it from the others."""
    node = str(ox.NamedNode(iri))
    posts = _POSTS.format(node=node)
    known = sorted({_text(row[0]) for row in kg.select(posts)})
    kinds = {formats.short(_text(c), kg.base) for c, _ in kg.select(_TYPES.format(node=node))}
    return f"{formats.short(iri, kg.base)} ({', '.join(known or sorted(kinds))})"


_POSTS = """
SELECT DISTINCT ?name WHERE {{
  ?tenure ac:holder {node} ; ac:post ?post . ?post rdfs:label ?name
}} ORDER BY ?name"""


def _text(term: object) -> str:
    return str(getattr(term, "value", term))


def _label(kg: Kg, node: str) -> str:
    found = kg.select(f"SELECT DISTINCT ?name WHERE {{ {node} rdfs:label ?name }} ORDER BY ?name")
    return next((_text(row[0]) for row in found), "")


def _names(kg: Kg, node: str) -> tuple[Name, ...]:
    found: dict[tuple[str, str | None], list[str]] = {}
    for name, article in kg.select(_NAMES.format(node=node)):
        articles = found.setdefault((_text(name), getattr(name, "language", None)), [])
        if article is not None:
            articles.append(formats.short(_text(article), kg.base))
    used = {name for (name, _), articles in found.items() if articles}
    return tuple(
        Name(name, language, tuple(articles))
        for (name, language), articles in found.items()
        if articles or name not in used
    )


def _sections(kg: Kg, iri: str, classes: set[str], language: str) -> Iterator[Section]:
    for name, parameter in ABOUT:
        asked = question.load(name)
        wanted = asked.parameter(parameter).type
        if wanted.replace("ac:", "https://w3id.org/acuerdo/ns#") not in classes:
            continue
        found = kg.query(asked, **{parameter: iri})
        assert isinstance(found, Solutions)
        if len(found):
            title = asked.title_es if language == "es" else asked.title
            yield Section(name, title, tuple(row.as_dict() for row in found))


def lines(portrait: Portrait, base: str) -> Iterator[str]:
    """The portrait as Markdown, which reads well on a terminal too."""
    yield f"# {formats.escaped(portrait.label)}"
    yield ""
    yield f"{', '.join(portrait.types)} · {formats.short(portrait.iri, base)}"
    for link in portrait.links:
        yield formats.escaped(link)
    yield from _names_as_lines(portrait.names)
    for section in portrait.sections:
        yield from ("", f"## {section.title}", "")
        for row in section.rows:
            yield from _row_as_lines(row, portrait, base)


def _names_as_lines(known: Iterable[Name]) -> Iterator[str]:
    yield ""
    for name in known:
        where = f" — {', '.join(name.articles)}" if name.articles else ""
        tag = f" ({name.language})" if name.language else ""
        yield f"- {formats.escaped(name.name)}{tag}{where}"


def _row_as_lines(row: dict[str, Plain | None], portrait: Portrait, base: str) -> Iterator[str]:
    said = []
    for name, value in row.items():
        iri = row.get(name.removesuffix("Label")) if name.endswith("Label") else None
        labelled = name + "Label" in row
        if name in _SILENT or value in {None, "", portrait.iri} or portrait.iri == iri:
            continue
        if labelled and row[name + "Label"]:
            continue
        said.append(formats.escaped(formats.short(formats.text(value), base)))
    article = formats.short(formats.text(row.get("article")), base)
    yield f"- {' · '.join(said)}" + (f" — {article}" if article else "")
    if row.get("sentence"):
        yield f"  > {formats.escaped(formats.text(row['sentence']))}"
