"""UIMA CAS in XMI, with or without the TypeSystem.xml that INCEpTION packs beside it."""

import html
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from acuerdo.read import uima, xml_text
from acuerdo.read.draft import Draft, Layer
from acuerdo.read.sources import Source
from acuerdo.read.uima_cas import Cas, Node, ranges_of
from acuerdo.report import Fault

NAME = "uima-xmi"
_XMI = "{http://www.omg.org/XMI}"
_ID = f"{_XMI}id"
_OWN = {_ID, "sofa", "begin", "end"}
# Technical structures that say something of the document.
_TELLING = {"Sofa", "DocumentMetaData", "DocumentAnnotation", "CASMetadata", "ArticleMetadata"}
_REFERRING = {
    "Governor",
    "Dependent",
    "governor",
    "dependent",
    "Source",
    "Target",
    "source",
    "target",
    "next",
    "first",
}
_PRIMITIVE = (
    "uima.cas.String",
    "uima.cas.Integer",
    "uima.cas.Boolean",
    "uima.cas.Float",
    "uima.cas.Double",
    "uima.cas.Long",
    "uima.cas.Short",
    "uima.cas.Byte",
)
_TYPE_SYSTEMS = ("TypeSystem.xml", "typesystem.xml", "full-typesystem.xml")
_METADATA = re.compile(rb"<(?:[\w.-]+:)?(CASMetadata|DocumentMetaData)\b([^>]*)>")
Types = Mapping[str, Mapping[str, str]]


def sniff(head: bytes) -> bool:
    """Whether the root element is XMI with a CAS in it."""
    return b"<xmi:XMI" in head or (b"http://www.omg.org/XMI" in head and b"uima/cas.ecore" in head)


def read(source: Source) -> Iterator[Draft | Fault]:
    """The one document of a file."""
    data = source.contents()
    root = xml_text.tree(data, source.name) if isinstance(data, bytes) else data
    if isinstance(root, Fault):
        yield root
        return
    yield uima.draft(_cas(root, _type_system(source)), source)


def peek(source: Source) -> Iterator[Layer]:
    """Document and layer of a file, from its place or its metadata alone."""
    data = source.contents()
    if isinstance(data, bytes):
        found = _METADATA.finditer(data)
        nodes = {
            str(n): Node(str(n), f"x.{f[1].decode()}", features=_attributes(f[2]))
            for n, f in enumerate(found)
        }
        document, layer, curated = uima.place(source, Cas(nodes))
        yield document, layer or "", curated


def _attributes(data: bytes) -> dict[str, str]:
    pairs = re.findall(
        r"""([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""", data.decode("utf-8", "replace")
    )
    return {name: html.unescape(one or other) for name, one, other in pairs}


def _cas(root: ET.Element, types: Types) -> Cas:
    links = {e.get(_ID) for e in root if e.get("target") and e.get("begin") is None}
    arrays = {e.get(_ID): e.get("elements", "").split() for e in root if e.tag.endswith("FSArray")}
    nodes: dict[str, Node] = {}
    telling: dict[str, bool] = {}
    others: dict[str, ET.Element] = {}
    for number, element in enumerate(root):
        tag = element.tag
        if tag not in telling:
            telling[tag] = _is_telling(tag)
        ident = element.get(_ID) or f"n{number}"
        if telling[tag]:
            nodes[ident] = _node(ident, _type_name(tag), element, types, links, arrays)
        else:
            others[ident] = element

    def other(ident: str) -> Node | None:
        element = others.get(ident)
        if element is None:
            return None
        return Node(
            ident,
            _type_name(element.tag),
            element.get("sofa"),
            element.get("begin"),
            element.get("end"),
        )

    return Cas(nodes, other)


def _is_telling(tag: str) -> bool:
    """Whether elements of the name say something of the article; most of a file is tokens, which do not."""
    node = Node("", _type_name(tag))
    return not node.technical or node.name in _TELLING


@lru_cache(maxsize=4096)
def _type_name(tag: str) -> str:
    """`{http:///de/x/y.ecore}Name` is `de.x.y.Name`; what has no package stands in `noNamespace.ecore`."""
    namespace, brace, name = tag.removeprefix("{").partition("}")
    if not brace:
        return namespace
    package = namespace.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
    return name if package in {"uima.noNamespace", "noNamespace"} else f"{package}.{name}"


def _node(
    ident: str,
    kind: str,
    element: ET.Element,
    types: Types,
    links: set[str | None],
    arrays: Mapping[str | None, list[str]],
) -> Node:
    node = Node(ident, kind, element.get("sofa"), element.get("begin"), element.get("end"))
    ranges = ranges_of(types, kind) if types else {}
    features: dict[str, Any] = {}
    for name, value in element.attrib.items():
        if name in _OWN or name[:1] == "{":
            continue
        # Without a type system only what is named so, or leads to links, is known to refer to others.
        if (
            name in _REFERRING
            or _refers(ranges.get(name))
            or (value.partition(" ")[0] in links and links.issuperset(value.split()))
        ):
            ids = value.split()
            node.refs = {
                **node.refs,
                name: [i for given in ids for i in arrays.get(given, [given])],
            }
        else:
            features[name] = value
    for child in element:
        # Arrays of strings stand as elements, one a member.
        before = features.get(child.tag, ())
        features[child.tag] = (*before, child.text or "") if isinstance(before, tuple) else before
    node.features = features
    return node


def _refers(range_: str | None) -> bool:
    return range_ is not None and not range_.startswith(_PRIMITIVE)


def _type_system(source: Source) -> dict[str, dict[str, str]]:
    """The types of a TypeSystem.xml in the same folder or archive; none where there is none."""
    place = source.path[: len(source.path) - len(source.path.rpartition("/")[2].rpartition("!")[2])]
    kept: dict[str, dict[str, dict[str, str]]] = source.folder.kept.setdefault("type systems", {})
    if place not in kept:
        found = (source.folder.files.get(place + name) for name in _TYPE_SYSTEMS)
        data = next((f.contents() for f in found if f), None)
        root = xml_text.tree(data, source.name) if isinstance(data, bytes) else None
        kept[place] = _types(root) if isinstance(root, ET.Element) else {}
    return kept[place]


def _types(root: ET.Element) -> dict[str, dict[str, str]]:
    types: dict[str, dict[str, str]] = {}
    for described in root.iter("{*}typeDescription"):
        name = described.findtext("{*}name", "").strip()
        features = {"supertype": described.findtext("{*}supertypeName", "").strip()}
        for feature in described.iter("{*}featureDescription"):
            element = feature.findtext("{*}elementType", "").strip()
            range_ = feature.findtext("{*}rangeTypeName", "").strip()
            string_array = range_ == "uima.cas.StringArray"
            features[feature.findtext("{*}name", "").strip()] = element or (
                "uima.cas.String" if string_array else range_
            )
        types[name] = features
    for features in types.values():
        _resolve_subtypes_of_string(types, features)
    return types


def _resolve_subtypes_of_string(types: dict[str, dict[str, str]], features: dict[str, str]) -> None:
    for name, range_ in features.items():
        if name != "supertype" and types.get(range_, {}).get("supertype") == "uima.cas.String":
            features[name] = "uima.cas.String"
