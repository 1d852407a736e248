"""The reference page of the shapes: `python tools/shapes_page.py > docs/reference/shapes.md`."""

import re
import sys
from pathlib import Path

import pyoxigraph as ox

from acuerdo.validate.shapes import ShapesGraph, article_shapes, graph_shapes, source_shapes
from acuerdo.vocabulary import SH

ACSH = "https://w3id.org/acuerdo/shapes#"
FAMILIES = (
    ("Inside the graph of one article", article_shapes),
    ("Over all articles together", graph_shapes),
    ("For ontology, vocabularies and registry", source_shapes),
)
HEAD = """# Shapes

What `acuerdo` demands of data, file by file. A violation keeps the smallest unit out of the graph, a warning or an info does not;
see [how to validate](../how-to/validate.md). Generated from `shapes/` by `tools/shapes_page.py`.
"""


def page() -> str:
    """The page as Markdown, a table a file."""
    parts = [HEAD]
    for title, files in FAMILIES:
        parts.append(f"## {title}\n")
        parts += [table(path) for path in files() if path.stem != "concept"]
    return "\n".join(parts)


def table(path: Path) -> str:
    """The heading, the reason and the rules of one file."""
    shapes = ShapesGraph([path])
    told = dict(
        re.findall(r"^# (title|why): +(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    )
    reason = told["why"][0].upper() + told["why"][1:]
    rows = [
        f"### {told['title']}\n",
        f"{reason}\n",
        "| rule | severity | what must hold |",
        "|---|---|---|",
    ]
    for shape in sorted(asked(shapes)):
        severity = shapes.objects(ox.NamedNode(ACSH + shape), "severity")[0]
        messages = shapes.messages(ACSH + shape, SH + "SPARQLConstraintComponent")
        kind = str(severity)[1:-1].removeprefix(SH).lower()
        rows.append(f"| `{shape}` | {kind} | {messages['en'][0]} |")
    return "\n".join(rows) + "\n"


def asked(shapes: ShapesGraph) -> list[str]:
    """The names of the shapes that have a severity: those that a report can name."""
    return [
        shape.value.removeprefix(ACSH)
        for shape in shapes.shapes()
        if isinstance(shape, ox.NamedNode) and shapes.objects(shape, "severity")
    ]


if __name__ == "__main__":
    sys.stdout.write(page())
