"""UIMA CAS, as INCEpTION, WebAnno and DKPro write it: feature structures over a text, whatever their notation.

A layer's name is the type, or the label that its label feature holds. Slots (link features) make an event,
Governor and Dependent a relation, chains one referent. Offsets are UTF-16 units, always.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from acuerdo.model import Agent, Entity, Event, Mention, Relation, Scalar
from acuerdo.read.draft import LABELS, SAME, Draft, rename
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault

SOFA = "uima.cas.Sofa"
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
_GENERIC = {
    "NamedEntity",
    "Span",
    "SimpleSpan",
    "Annotation",
    "Entity",
    "Mention",
    "EntityMention",
    "Relation",
    "SemArg",
    "SemPred",
    "Chunk",
    "Label",
    "CoreferenceLink",
    "SimpleLink",
}
_LABEL_FEATURES = (
    "label",
    "value",
    "category",
    "class",
    "entityType",
    "kind",
    "type",
    "tag",
    "subtype",
    "referenceType",
)
_ENDS = (
    ("Governor", "Dependent"),
    ("governor", "dependent"),
    ("Source", "Target"),
    ("source", "target"),
    ("from", "to"),
)
_LINKS = {"identifier", "conceptId", "concept", "kb", "iri"}
_NOT_ATTRIBUTES = {"order", "id", "uiOrder", "referenceRelation"}


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
    _Structures(cas, made, first.id, layer).read()
    return made


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


class _Structures:
    """The feature structures of one view as entities, events, relations and chains."""

    def __init__(self, cas: Cas, made: Draft, sofa: str, by: str | None) -> None:
        self.cas, self.draft, self.sofa, self.by = cas, made, sofa, by
        self.elsewhere = 0
        self.at_place: dict[tuple[str, str], str] = {}
        self.names: dict[str, str] = {}

    def read(self) -> None:
        spans = [
            n
            for n in self.cas.nodes.values()
            if n.begin is not None and not n.technical and self._here(n)
        ]
        relations = [n for n in spans if self._ends(n) is not None]
        related = {n.id for n in relations}
        for node in spans:
            if node.id not in related:
                self.at_place.setdefault((str(node.begin), str(node.end)), node.id)
        for node in spans:
            if node.id not in related:
                self._span(node)
        for node in relations:
            self._relation(node)
        self._chains(spans)
        rename(self.draft, self.names)
        if self.elsewhere:
            self.draft.fault(
                "VALUE_INVALID",
                f"{self.elsewhere} annotations stand in another view of the document.",
                "Annotate the initial view.",
            )

    def _here(self, node: Node) -> bool:
        if node.sofa is None or node.sofa == self.sofa:
            return True
        self.elsewhere += 1
        return False

    def _ends(self, node: Node) -> tuple[str, str] | None:
        for source, target in _ENDS:
            if source in node.refs and target in node.refs:
                return source, target
        return None

    # -- spans --------------------------------------------------------------------------------

    def _span(self, node: Node) -> None:
        mention = self._mention(node)
        if mention is None:
            return
        attrs, links = self._features(node)
        label = self._label(node, attrs)
        args = self._slots(node)
        if "localId" in node.features:
            self._ours(node, label, mention, attrs, links, args)
            return
        if args:
            self.draft.events.append(
                Event(
                    node.id,
                    label,
                    mentions=(mention,),
                    attrs=attrs,
                    links=links,
                    args=args,
                    by=self.by,
                )
            )
        else:
            self.draft.entities.append(
                Entity(node.id, label, mentions=(mention,), attrs=attrs, links=links, by=self.by)
            )

    def _ours(
        self,
        node: Node,
        label: str,
        mention: Mention,
        attrs: dict[str, Scalar | tuple[Scalar, ...]],
        links: tuple[str, ...],
        args: dict[str, tuple[str, ...]],
    ) -> None:
        """A span of our own writer's layer, whose features say all that the native format does."""
        self.names[node.id] = str(attrs.pop("localId"))
        side = _decoded(attrs.pop("side", None))
        made: dict[str, Any] = {name: attrs.pop(name) for name in ("by", "at") if name in attrs}
        made |= {
            "id": node.id,
            "type": label,
            "attrs": {**attrs, **side.pop("attrs", {})},
            "args": args,
        }
        made["links"] = [*links, *side.pop("links", [])]
        confidence = attrs.get("confidence")
        if isinstance(confidence, str):
            made["attrs"].pop("confidence")
            made["confidence"] = confidence
        made["mentions"] = [
            {"start": mention.start, "end": mention.end, "more": side.pop("more", [])}
        ]
        try:
            event = msgspec.convert({**made, **side, "attrs": {}}, Event, strict=False)
            event = msgspec.structs.replace(event, attrs=_tuples(made["attrs"]))
        except (msgspec.ValidationError, TypeError):
            self.draft.fault(
                "VALUE_INVALID",
                "the features that acuerdo wrote were changed.",
                "Restore them.",
                node.id,
            )
            return
        if args:
            self.draft.events.append(event)
        else:
            self.draft.entities.append(
                Entity(**{k: getattr(event, k) for k in Entity.__struct_fields__})
            )

    def _mention(self, node: Node) -> Mention | None:
        return self.draft.mention(_number(node.begin), _number(node.end), None, node.id)

    def _label(self, node: Node, attrs: dict[str, Scalar | tuple[Scalar, ...]]) -> str:
        """A generic layer's label is its type; of another layer both are kept for the label map to choose."""
        feature = next(
            (f for f in _LABEL_FEATURES if isinstance(attrs.get(f), str) and attrs[f]), None
        )
        if feature is None:
            return node.name
        if node.name in _GENERIC:
            return str(attrs.pop(feature))
        attrs[LABELS] = (str(attrs[feature]),)
        return node.name

    def _features(
        self, node: Node
    ) -> tuple[dict[str, Scalar | tuple[Scalar, ...]], tuple[str, ...]]:
        attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
        links: list[str] = []
        for name, value in node.features.items():
            if name in _LINKS:
                links += [str(v) for v in (value if isinstance(value, tuple) else (value,)) if v]
            elif name not in _NOT_ATTRIBUTES and value not in ("", None, ()):
                attrs[name] = value == "true" if value in ("true", "false") else value
        return attrs, tuple(links)

    def _slots(self, node: Node) -> dict[str, tuple[str, ...]]:
        """Arguments: the targets of links by their role, other annotations by the feature that names them."""
        args: dict[str, list[str]] = {}
        for feature, ids in node.refs.items():
            if feature in {"next", "first"}:
                continue
            for ident in ids:
                other = self.cas.node(ident)
                if other is None:
                    self.draft.fault(
                        "DANGLING_REFERENCE",
                        f"{feature} names {ident}, which is not in the file.",
                        "Export it again.",
                        node.id,
                        "relation",
                    )
                elif "target" in other.refs and other.begin is None:
                    role = other.features.get("role")
                    args.setdefault(role if isinstance(role, str) and role else feature, []).extend(
                        other.refs["target"]
                    )
                elif other.begin is not None:
                    args.setdefault(feature, []).append(self._instead(other))
        return {
            role: tuple(
                dict.fromkeys(self._instead(n) if (n := self.cas.node(i)) else i for i in ids)
            )
            for role, ids in args.items()
        }

    def _instead(self, node: Node) -> str:
        """An annotation on the same words, where a reference names a token."""
        if not node.technical:
            return node.id
        return self.at_place.get((str(node.begin), str(node.end)), node.id)

    # -- relations and chains -----------------------------------------------------------------

    def _relation(self, node: Node) -> None:
        names = self._ends(node)
        ends = [
            self.cas.node(node.refs[name][0]) if node.refs[name] else None for name in names or ()
        ]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            self.draft.fault(
                "DANGLING_REFERENCE",
                "the relation lacks an end.",
                "Draw it again.",
                node.id,
                "relation",
            )
            return
        attrs, _ = self._features(node)
        label = self._label(node, attrs)
        others = attrs.pop(LABELS, None)
        if isinstance(others, tuple):
            label = str(others[0])
            attrs = {name: value for name, value in attrs.items() if value != label}
        if label == SAME:
            self.draft.same.append((ends[0].id, ends[1].id))
            return
        self.draft.relations.append(
            Relation(
                label,
                self._instead(ends[0]),
                self._instead(ends[1]),
                node.id,
                attrs=attrs,
                by=self.by,
            )
        )

    def _chains(self, spans: list[Node]) -> None:
        for node in spans:
            for following in node.refs.get("next", ()):
                self.draft.same.append((node.id, following))


def _decoded(side: Any) -> dict[str, Any]:
    try:
        tree = msgspec.json.decode(side) if isinstance(side, str) else {}
    except (msgspec.DecodeError, RecursionError, ValueError):
        return {}
    return (
        {k: v for k, v in tree.items() if k in {"attrs", "links", "value", "more"}}
        if isinstance(tree, dict)
        else {}
    )


def _tuples(attrs: dict[str, Any]) -> dict[str, Scalar | tuple[Scalar, ...]]:
    """Attributes whose lists are tuples, as they are in the native format."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in attrs.items()}


def _number(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value


def ranges(types: Mapping[str, Mapping[str, str]], name: str) -> Mapping[str, str]:
    """The features of a type with what each holds, inherited ones too."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    here: str | None = name
    while here is not None and here in types and here not in seen:
        seen.add(here)
        found = {**types[here], **found}
        here = types[here].get("supertype")
    return found
