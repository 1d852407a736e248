"""UIMA CAS, as INCEpTION, WebAnno and DKPro write it: feature structures over a text, whatever their notation.

A layer's name is the type, or the label that its label feature holds. Slots (link features) make an event,
Governor and Dependent a relation, chains one referent. Offsets are UTF-16 units, always.
"""

from collections.abc import Iterator
from typing import Any

from acuerdo.model import Agent
from acuerdo.read.draft import Draft, scalars
from acuerdo.read.metadata import FIELDS, from_object
from acuerdo.read.sources import Source
from acuerdo.read.uima_cas import Cas, Node
from acuerdo.read.uima_structures import Structures
from acuerdo.report import Fault

SOFA = "uima.cas.Sofa"


def draft(cas: Cas, source: Source) -> Draft | Fault:
    """The document of a CAS."""
    sofas = [
        n
        for n in cas.nodes.values()
        if n.type == SOFA and isinstance(n.features.get("sofaString"), str)
    ]
    if not sofas:
        return Fault(
            "TEXT_MISSING",
            "no view holds a text.",
            "Export the annotated text, not a page image.",
            file=source.name,
            article=source.stem,
            dropped="article",
        )
    first = next((n for n in sofas if n.features.get("sofaID") == "_InitialView"), sofas[0])
    document, layer, curated = place(source, cas)
    side = next(
        (n.features.get("side") for n in cas.nodes.values() if n.name == "ArticleMetadata"), None
    )
    made = Draft(
        document,
        source.name,
        text=first.features["sofaString"],
        layer=layer,
        curated=curated,
        unit="UTF-16 units",
        sure=True,
        metadata=_metadata(cas),
        side=side,
    )
    if layer:
        made.agents[layer] = Agent("person", layer)
    for node in _about_the_document(cas):
        made.metadata |= from_object(node.features)
        said = {name: value for name, value in node.features.items() if name not in FIELDS}
        made.attrs |= {f"x-{n}": made_ for n, v in said.items() if (made_ := scalars(v))}
    Structures(cas, made, first.id, layer).read()
    return made


def _about_the_document(cas: Cas) -> Iterator[Node]:
    """What layers of document metadata hold: structures of a view without a place in it."""
    for node in cas.nodes.values():
        if node.begin is None and node.sofa is not None and not node.technical and not node.refs:
            yield node


def place(source: Source, cas: Cas) -> tuple[str, str | None, bool]:
    """Document, annotator and whether it is curated: from INCEpTION's folders, else from the metadata."""
    parts = source.path.replace("!", "/").split("/")
    stem = source.stem.rpartition("/")[2].rpartition("!")[2]
    for kind in ("annotation", "curation"):
        if kind in parts[:-2]:
            document = _without_suffix(parts[parts.index(kind) + 1])
            curated = kind == "curation"
            return document, "curation" if curated else stem, curated
    meta = next((n for n in cas.nodes.values() if n.name == "CASMetadata"), None)
    said = meta.features if meta else {}
    named, user = said.get("sourceDocumentName"), said.get("username")
    document = (
        _without_suffix(named) if isinstance(named, str) and named else _title(cas) or source.stem
    )
    if user == "CURATION_USER":
        return document, "curation", True
    return document, user if isinstance(user, str) and user else None, False


def _without_suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return (
        stem
        if dot and suffix.lower() in {"txt", "xmi", "xml", "json", "tsv", "html", "pdf", "conll"}
        else name
    )


def _title(cas: Cas) -> str | None:
    meta = next((n for n in cas.nodes.values() if n.name == "DocumentMetaData"), None)
    for feature in ("documentId", "documentTitle") if meta else ():
        given = meta.features.get(feature) if meta else None
        if isinstance(given, str) and given and not given.endswith((".xmi", "_InitialView")):
            return _without_suffix(given)
    return None


def _metadata(cas: Cas) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in cas.nodes.values():
        if node.name in {"DocumentMetaData", "DocumentAnnotation"}:
            language = node.features.get("language")
            if isinstance(language, str) and language not in {"", "x-unspecified"}:
                found["language"] = language
        elif node.name in {"AcuerdoArticle", "ArticleMetadata"}:
            found |= from_object(node.features)
    return found
