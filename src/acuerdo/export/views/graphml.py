"""A network for Gephi, Cytoscape, yEd: who took part in what, who held which post, what belongs to what.

What was only planned, proposed, cancelled or alleged is not drawn, and neither are claims: an edge in a
picture cannot say that somebody merely said so.
"""

from collections import defaultdict
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from acuerdo.export.rdfxml import NOT_XML
from acuerdo.export.views import rows
from acuerdo.query import Kg

HAPPENED = frozenset({"occurred", "ongoing"})
_KEYS = (
    ("node", "label", "string"),
    ("node", "type", "string"),
    ("node", "status", "string"),
    ("edge", "label", "string"),
    ("edge", "articles", "string"),
    ("edge", "weight", "int"),
)


def pieces(kg: Kg) -> Iterator[bytes]:
    """The GraphML document; nodes without an edge stay, edges carry their articles."""
    nodes = _nodes(kg)
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    yield b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for domain, name, kind in _KEYS:
        key = (
            f'  <key id="{domain}-{name}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>\n'
        )
        yield key.encode()
    yield b'  <graph id="acuerdo" edgedefault="directed">\n'
    for iri, values in sorted(nodes.items()):
        yield f"    <node id={quoteattr(iri)}>{_data('node', values)}</node>\n".encode()
    for number, (source, target, values) in enumerate(_edges(kg, nodes)):
        ends = f"source={quoteattr(source)} target={quoteattr(target)}"
        yield f'    <edge id="e{number}" {ends}>{_data("edge", values)}</edge>\n'.encode()
    yield b"  </graph>\n</graphml>\n"


def _nodes(kg: Kg) -> dict[str, dict[str, str]]:
    types: defaultdict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    statuses: defaultdict[str, set[str]] = defaultdict(set)
    for node, kind, name, status in rows(kg, "graph/nodes"):
        types[node].add(kind.rpartition("#")[2])
        names.setdefault(node, name)
        if status:
            statuses[node].add(status)
    return {
        node: {
            "label": names[node] or node.rpartition("/")[2],
            "type": " ".join(sorted(types[node])),
            "status": " ".join(sorted(statuses[node])),
        }
        for node in types
        if not statuses[node] or statuses[node] & HAPPENED
    }


def _edges(kg: Kg, nodes: dict[str, dict[str, str]]) -> Iterator[tuple[str, str, dict[str, str]]]:
    articles: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for source, target, kind, article in rows(kg, "graph/edges"):
        if source in nodes and target in nodes:
            articles[source, target, kind].add(article)
    for (source, target, kind), found in sorted(articles.items()):
        listed = {"articles": " ".join(sorted(found)), "weight": str(len(found))}
        yield source, target, {"label": kind} | listed


def _data(domain: str, values: dict[str, str]) -> str:
    return "".join(
        f'<data key="{domain}-{name}">{escape(NOT_XML.sub(chr(0xFFFD), value))}</data>'
        for name, value in values.items()
        if value
    )
