"""The HTML reference: one page, both languages, no script, no network."""

from collections.abc import Iterable, Iterator
from html import escape

from acuerdo.terms.diagram import diagram
from acuerdo.terms.model import HEADINGS, Reference, Scheme, Term, local_name

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
h3{margin:2rem 0 .3rem}h3 code{font-size:1.1rem}dl{display:grid;grid-template-columns:9rem 1fr;gap:.2rem 1rem;margin:0}
dt{color:#667}dd{margin:0}table{border-collapse:collapse}td,th{border:1px solid #ccd;padding:.2rem .5rem;text-align:left}
nav a{margin-right:.6rem}code{background:#f3f4f7;padding:0 .2em}svg{max-width:100%;height:auto}
"""


def page(reference: Reference) -> str:
    """The document; every term has an anchor of its own name, as in its IRI."""
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(reference.title.get('en', ''))}</title>",
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{escape(reference.title.get('en', ''))} <small>{escape(reference.version)}</small></h1>",
    ]
    parts += [f'<p lang="{x}">{escape(text)}</p>' for x, text in reference.description.items()]
    parts += ["<h2>Class tree</h2>", diagram(reference)]
    for kind, heading in HEADINGS.items():
        terms = [term for term in reference.terms if term.kind == kind]
        parts += [f"<h2>{heading}</h2>", _index(terms)]
        parts += [_term(term, reference) for term in terms]
    parts.append("<h2>Vocabularies</h2>")
    parts += [_scheme(scheme) for scheme in reference.schemes]
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _index(terms: Iterable[Term]) -> str:
    links = " ".join(f'<a href="#{t.name}">{escape(t.name)}</a>' for t in terms)
    return f"<nav>{links}</nav>"


def _term(term: Term, reference: Reference) -> str:
    rows = "".join(
        f"<dt>{name}</dt><dd{f' lang={language}' if language else ''}>{value}</dd>"
        for name, value, language in _rows(term, reference)
        if value
    )
    return f'<h3 id="{term.name}"><code>ac:{term.name}</code></h3><dl>{rows}</dl>'


def _rows(term: Term, reference: Reference) -> Iterator[tuple[str, str, str]]:
    for language in ("en", "es"):
        label, definition = (
            term.words.label.get(language, ""),
            term.words.definition.get(language, ""),
        )
        yield escape(label), escape(definition), language
    yield "above", _links(term.parents), ""
    yield "below", _links(t.iri for t in reference.terms if term.iri in t.parents), ""
    yield "from", _links([term.domain] if term.domain else []), ""
    yield "to", _links([term.datatype or term.range or ""] if term.domain else []), ""
    yield "values", _links([term.scheme] if term.scheme else []), ""
    yield "inverse of", _links([term.inverse] if term.inverse else []), ""
    yield "example", escape(term.example), "en"
    yield "not", escape(term.counter_example), "en"
    yield "annotators write", ", ".join(f"<code>{escape(t)}</code>" for t in term.tags), ""
    yield "source", ", ".join(f'<a href="{escape(s)}">{escape(s)}</a>' for s in term.sources), ""
    yield "derived", "inferred, never annotated" if term.derived else "", ""


def _links(iris: Iterable[str]) -> str:
    return ", ".join(
        f'<a href="#{local_name(iri)}"><code>{escape(local_name(iri))}</code></a>'
        if iri.startswith("https://w3id.org/acuerdo/")
        else f"<code>{escape(local_name(iri))}</code>"
        for iri in sorted(iris)
        if iri
    )


def _scheme(scheme: Scheme) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(c.notation)}</code></td>"
        f"<td>{escape(c.words.label.get('en', ''))}</td><td lang=es>{escape(c.words.label.get('es', ''))}</td>"
        f"<td>{escape(c.words.definition.get('en', ''))}</td>"
        f"<td>{escape(local_name(c.broader)) if c.broader else ''}</td></tr>"
        for c in scheme.concepts
    )
    head = (
        "<tr><th>notation</th><th>English</th><th>español</th><th>meaning</th><th>below</th></tr>"
    )
    text = escape(scheme.words.definition.get("en", ""))
    return f'<h3 id="{scheme.name}"><code>{scheme.name}</code></h3><p>{text}</p><table>{head}{rows}</table>'
