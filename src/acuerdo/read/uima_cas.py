"""Feature structures of a UIMA CAS, whatever notation they were written in."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

_TECHNICAL = (
    "uima.", "de.tudarmstadt.ukp.dkpro.core.api.segmentation.", "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.",
    "de.tudarmstadt.ukp.dkpro.core.api.syntax.", "de.tudarmstadt.ukp.dkpro.core.api.metadata.", "de.tudarmstadt.ukp.dkpro.core.api.anomaly.",
    "de.tudarmstadt.ukp.dkpro.core.api.transform.", "de.tudarmstadt.ukp.clarin.webanno.api.type.", "de.tudarmstadt.ukp.inception.",
    "org.dkpro.core.api.pdf.", "org.dkpro.core.api.xml.", "org.dkpro.core.api.transform.",
)  # fmt: skip
_TECHNICAL_NAMES = {
    "Token",
    "Sentence",
    "Lemma",
    "POS",
    "Stem",
    "Dependency",
    "Paragraph",
    "Div",
    "Heading",
    "DocumentMetaData",
    "ArticleMetadata",
    "TagsetDescription",
    "TagDescription",
    "CASMetadata",
    "DocumentAnnotation",
    "NULL",
}


class Node(Struct):
    """One feature structure: what it says, and which others it names by feature."""

    id: str
    type: str
    sofa: str | None = None
    begin: Any = None
    end: Any = None
    features: dict[str, Any] = {}
    refs: dict[str, list[str]] = {}
    name: str = ""
    technical: bool = False

    def __post_init__(self) -> None:
        self.name, self.technical = _named(self.type)


@lru_cache(maxsize=4096)
def _named(kind: str) -> tuple[str, bool]:
    """A type without its package, and whether it is about tokens, pages or the tool itself."""
    name = kind.rpartition(".")[2]
    return name, name in _TECHNICAL_NAMES or kind.startswith(_TECHNICAL) or kind.endswith("[]")


class Cas(Struct):
    """The telling feature structures of a document, by id; tokens and the like where something names them."""

    nodes: dict[str, Node]
    others: Callable[[str], Node | None] = lambda _: None

    def node(self, ident: str) -> Node | None:
        """The structure of this id."""
        return self.nodes.get(ident) or self.others(ident)


def ranges_of(types: Mapping[str, Mapping[str, str]], name: str) -> Mapping[str, str]:
    """The features of a type with what each holds, inherited ones too."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    here: str | None = name
    while here is not None and here in types and here not in seen:
        seen.add(here)
        found = {**types[here], **found}
        here = types[here].get("supertype")
    return found
