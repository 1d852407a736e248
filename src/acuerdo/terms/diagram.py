"""The class tree as SVG: one row a class, indented; a second parent is named beside the class."""

from html import escape

from acuerdo.terms.model import Reference, Term, local_name

_ROW, _INDENT, _WIDTH = 26, 28, 760
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.d{font-style:italic}.n{fill:#777;font-size:11px}"
    "path{stroke:#999;fill:none}rect{fill:#f5f7fa;stroke:#8a9bb0;rx:4}.q{fill:#fff8e6}"
)

_OPEN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
    'viewBox="0 0 {width} {height}" role="img">'
)


def diagram(reference: Reference) -> str:
    """The SVG document; classes that a reasoner fills are set in italics on another ground."""
    classes = {term.iri: term for term in reference.terms if term.kind == "class"}
    rows = _rows(classes)
    height = len(rows) * _ROW + 20
    places = {iri: number for number, (iri, _) in enumerate(rows)}
    parts = [
        _OPEN.format(width=_WIDTH, height=height),
        f"<title>{escape(reference.title.get('en', ''))}: classes</title>",
        f"<style>{_STYLE}</style>",
    ]
    for number, (iri, depth) in enumerate(rows):
        parts += _drawn(classes[iri], number, depth, places)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _rows(classes: dict[str, Term]) -> list[tuple[str, int]]:
    """The classes in the order of the tree with their depth; a class stands below its first parent."""
    below: dict[str | None, list[str]] = {}
    for iri, term in sorted(classes.items()):
        below.setdefault(next(iter(term.parents), None), []).append(iri)
    rows: list[tuple[str, int]] = []
    todo = [(iri, 0) for iri in below.get(None, [])]
    while todo:
        iri, depth = todo.pop(0)
        rows.append((iri, depth))
        todo = [(child, depth + 1) for child in below.get(iri, [])] + todo
    return rows


def _drawn(term: Term, number: int, depth: int, places: dict[str, int]) -> list[str]:
    x, y = 10 + depth * _INDENT, 10 + number * _ROW
    width = 14 + 8 * len(term.name)
    parts = []
    if term.parents:
        top = 10 + places[term.parents[0]] * _ROW + 20
        parts.append(f'<path d="M{x - 14} {top}V{y + 10}H{x}"/>')
    ground, type_ = (' class="q"', ' class="d"') if term.derived else ("", "")
    tip = escape(term.words.definition.get("en", ""))
    parts.append(
        f'<g><title>{tip}</title><rect{ground} x="{x}" y="{y}" width="{width}" height="20"/>'
    )
    parts.append(f'<text{type_} x="{x + 7}" y="{y + 14}">{escape(term.name)}</text></g>')
    others = ", ".join(local_name(parent) for parent in term.parents[1:])
    if others:
        text = f"also {escape(others)}"
        parts.append(f'<text class="n" x="{x + width + 8}" y="{y + 14}">{text}</text>')
    return parts
