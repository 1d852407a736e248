"""The term table in Markdown: what a reader of data looks up."""

from collections.abc import Iterable, Iterator

from acuerdo.terms.gates import Gate
from acuerdo.terms.model import HEADINGS, Reference, Scheme, Term, local_name


def table(reference: Reference) -> str:
    """`docs/reference/terms.md`: generated, so that it can be compared with the Turtle."""
    lines = [
        "# Terms",
        "",
        f"Version {reference.version}; generated from `ontology/` by `acuerdo ontology docs`.",
        "Derived terms (Δ) are inferred, never annotated. The class tree: [classes.svg](classes.svg).",
        "",
    ]
    for kind, heading in HEADINGS.items():
        terms = [term for term in reference.terms if term.kind == kind]
        lines += [f"## {heading}", "", *_terms(terms), ""]
    lines += ["## Vocabularies", ""]
    for scheme in reference.schemes:
        lines += [*_scheme(scheme), ""]
    return "\n".join(lines).rstrip() + "\n"


def rules(found: Iterable[Gate]) -> str:
    """`docs/reference/gates.md`: the rules that `acuerdo ontology check` holds things against."""
    lines = [
        "# Quality gates",
        "",
        "Generated from `queries/quality/` by `acuerdo ontology docs`. A gate returns offenders; no row is a pass.",
        "",
        "| gate | looks at | what must hold |",
        "|---|---|---|",
    ]
    lines += [f"| `{gate.name}` | {gate.over} | {gate.title} |" for gate in found]
    return "\n".join(lines) + "\n"


def _terms(terms: Iterable[Term]) -> Iterator[str]:
    yield "| term | English | español | from → to, or above | annotators write |"
    yield "|---|---|---|---|---|"
    for term in terms:
        mark = " Δ" if term.derived else ""
        english, spanish = (
            _words(term.words.label, term.words.definition, x) for x in ("en", "es")
        )
        tags = ", ".join(f"`{tag}`" for tag in term.tags)
        yield f"| `ac:{term.name}`{mark} | {english} | {spanish} | {_place(term)} | {tags} |"


def _place(term: Term) -> str:
    if term.kind == "class":
        return ", ".join(local_name(parent) for parent in term.parents)
    if term.domain is None:
        return ""
    target = local_name(term.datatype or term.range or "")
    scheme = f" in {local_name(term.scheme)}" if term.scheme else ""
    return f"{local_name(term.domain)} → {target}{scheme}"


def _scheme(scheme: Scheme) -> Iterator[str]:
    yield f"### {scheme.name}"
    yield ""
    yield _words({}, scheme.words.definition, "en")
    yield ""
    yield "| notation | English | español | below |"
    yield "|---|---|---|---|"
    for concept in scheme.concepts:
        english, spanish = (
            _words(concept.words.label, concept.words.definition, language)
            for language in ("en", "es")
        )
        below = local_name(concept.broader) if concept.broader else ""
        yield f"| `{concept.notation}` | {english} | {spanish} | {below} |"


def _words(label: dict[str, str], definition: dict[str, str], language: str) -> str:
    name = f"**{label[language]}**: " if language in label else ""
    return (name + definition.get(language, "")).replace("|", "\\|")
