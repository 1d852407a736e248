"""All that is generated from the ontology for readers and tools, by file name."""

from collections.abc import Sequence
from pathlib import Path

from acuerdo.terms import gates, sources
from acuerdo.terms.context import context
from acuerdo.terms.diagram import diagram
from acuerdo.terms.model import reference
from acuerdo.terms.page import page
from acuerdo.terms.table import rules, table


def documents(folders: Sequence[Path]) -> dict[str, str]:
    """The texts by file name; the same ontology gives the same bytes."""
    read = reference(sources.quads(folders))
    return {
        "index.html": page(read),
        "classes.svg": diagram(read),
        "terms.md": table(read),
        "gates.md": rules([*gates.gates("ontology"), *gates.gates("graph")]),
        "context.jsonld": context(read),
    }
