"""UIMA CAS in JSON: the notation of 2022 (`%FEATURE_STRUCTURES`), and the older one with `_views`."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from acuerdo.read import json_text, uima
from acuerdo.read.draft import Draft, Layer, scalars
from acuerdo.read.sources import Source
from acuerdo.read.uima_cas import Cas, Node
from acuerdo.report import Fault

NAME = "uima-json"
_OWN = {"%ID", "%TYPE", "%FLAGS", "begin", "end", "@sofa", "^begin", "^end"}


def sniff_tree(tree: Any) -> bool:
    """Whether the object is a CAS in either notation."""
    return isinstance(tree, dict) and (
        "%FEATURE_STRUCTURES" in tree or {"_views", "_referenced_fss"} <= tree.keys()
    )


def read(source: Source) -> Iterator[Draft | Fault]:
    """The one document of a file."""
    return json_text.each(source, _document)


def _document(document: json_text.Document, source: Source) -> Iterator[Draft | Fault]:
    tree = document.tree
    if not sniff_tree(tree):
        yield Fault(
            "VALUE_INVALID",
            "the document is no CAS.",
            "Export as UIMA CAS JSON.",
            file=source.name,
            dropped="article",
        )
        return
    nodes = _nodes(tree) if "%FEATURE_STRUCTURES" in tree else _old_nodes(tree)
    yield uima.draft(Cas(nodes), source)


class _Metadata(Struct):
    """What of a feature structure tells document and annotator."""

    type: str = field(name="%TYPE", default="")
    documentId: str | None = None  # noqa: N815 as UIMA writes it
    documentTitle: str | None = None  # noqa: N815
    sourceDocumentName: str | None = None  # noqa: N815
    username: str | None = None


class _Structures(Struct):
    structures: list[_Metadata] = field(name="%FEATURE_STRUCTURES")


def peek(source: Source) -> Iterator[Layer]:
    """Document and layer of a file, from its place or its metadata alone."""
    data = source.contents()
    if isinstance(data, Fault):
        return
    try:
        found = msgspec.json.decode(data, type=_Structures).structures
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        for draft in read(source):
            if isinstance(draft, Draft):
                yield draft.document, draft.layer or "", draft.curated
        return
    telling = [m for m in found if m.type.endswith(("CASMetadata", "DocumentMetaData"))]
    nodes = {
        str(n): Node(str(n), m.type, features=msgspec.structs.asdict(m))
        for n, m in enumerate(telling)
    }
    document, layer, curated = uima.place(source, Cas(nodes))
    yield document, layer or "", curated


def _nodes(tree: dict[str, Any]) -> dict[str, Node]:
    structures = tree["%FEATURE_STRUCTURES"]
    if isinstance(structures, dict):
        structures = [
            {"%ID": ident, **fs} for ident, fs in structures.items() if isinstance(fs, dict)
        ]
    known = (
        [fs for fs in structures if isinstance(fs, dict)] if isinstance(structures, list) else []
    )
    elements = {
        str(fs.get("%ID")): fs["%ELEMENTS"] for fs in known if isinstance(fs.get("%ELEMENTS"), list)
    }
    nodes = {}
    for number, fs in enumerate(known):
        ident = str(fs.get("%ID", f"n{number}"))
        nodes[ident] = _node(ident, fs, elements)
    return nodes


def _node(ident: str, fs: dict[str, Any], elements: dict[str, list[Any]]) -> Node:
    kind = fs.get("%TYPE")
    sofa = fs.get("@sofa")
    node = Node(
        ident, kind if isinstance(kind, str) else "uima.cas.TOP", str(sofa) if sofa is not None else None,
        fs.get("begin", fs.get("^begin")), fs.get("end", fs.get("^end")),
    )  # fmt: skip
    features: dict[str, Any] = {}
    refs: dict[str, list[str]] = {}
    for name, value in fs.items():
        if name in _OWN or value is None:
            continue
        if name.startswith("@"):
            given = value if isinstance(value, list) else [value]
            members = [m for g in given for m in elements.get(str(g), [g])]
            if members and all(isinstance(m, int) and not isinstance(m, bool) for m in members):
                refs[name[1:]] = [str(m) for m in members]
            else:
                features[name[1:]] = scalars(members)
        elif not name.startswith("%"):
            features[name.lstrip("#^")] = value if isinstance(value, str) else scalars(value)
    node.features, node.refs = features, refs
    return node


# -- the older notation ------------------------------------------------------------------------


def _old_nodes(tree: dict[str, Any]) -> dict[str, Node]:
    """`_referenced_fss` has what is named by id, `_views` the rest by type; `_context` says what is a reference."""
    types = _old_types(tree.get("_context"))
    nodes: dict[str, Node] = {}
    referenced = tree["_referenced_fss"]
    for ident, fs in referenced.items() if isinstance(referenced, dict) else ():
        if isinstance(fs, dict):
            nodes[str(ident)] = _old_node(
                str(ident), str(fs.get("_type", "uima.cas.TOP")), fs, types
            )
    views = tree["_views"]
    for view in views.values() if isinstance(views, dict) else ():
        for kind, members in view.items() if isinstance(view, dict) else ():
            for member in members if isinstance(members, list) else ():
                if isinstance(member, dict):
                    ident = f"n{len(nodes)}"
                    nodes[ident] = _old_node(ident, str(kind), member, types)
    return nodes


def _old_types(context: Any) -> dict[str, tuple[str, set[str]]]:
    found: dict[str, tuple[str, set[str]]] = {}
    types = context.get("_types") if isinstance(context, dict) else None
    for name, said in types.items() if isinstance(types, dict) else ():
        if isinstance(said, dict):
            kinds = said.get("_feature_types")
            refs = (
                {f for f, k in kinds.items() if k in {"_ref", "_array"}}
                if isinstance(kinds, dict)
                else set()
            )
            found[name] = (str(said.get("_id", name)), refs)
    return found


def _old_node(
    ident: str, kind: str, fs: dict[str, Any], types: dict[str, tuple[str, set[str]]]
) -> Node:
    full, referring = types.get(kind, (kind, set()))
    if kind == "Sofa":
        full = uima.SOFA
    sofa = fs.get("sofa")
    node = Node(
        ident,
        full,
        str(sofa) if sofa is not None else None,
        fs.get("begin", 0 if "end" in fs else None),
        fs.get("end"),
    )
    features: dict[str, Any] = {}
    refs: dict[str, list[str]] = {}
    for name, value in fs.items():
        if name in {"sofa", "begin", "end", "_type"}:
            continue
        given = value if isinstance(value, list) else [value]
        if name in referring and all(isinstance(v, int) and not isinstance(v, bool) for v in given):
            refs[name] = [str(v) for v in given]
        else:
            features[name] = value if isinstance(value, str) else scalars(value)
    node.features, node.refs = features, refs
    return node
