"""What a build is, in VoID and DCAT: sizes, linksets and sums of its graphs, and of its files beside them.

The graphs of articles are described by layer: thousands of them change from build to build, and each has
its own size and sum in `manifest.json`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pyoxigraph as ox

from acuerdo.iri import AC, FIXED
from acuerdo.store.directory import DumpSum, GraphCount, Manifest
from acuerdo.vocabulary import DCTERMS, RDF, SCHEMA, SKOS, XSD

VOID, DCAT = "http://rdfs.org/ns/void#", "http://www.w3.org/ns/dcat#"
SPDX = "http://spdx.org/rdf/terms#"
_ALGORITHM = f"<{SPDX}checksumAlgorithm_sha256>"
_TITLES = (("acuerdo graph", "en"), ("grafo de acuerdo", "es"))
_LAYERS = ("article", "inferred")

Statement = tuple[str, str, str]


def described(base: str, graphs: Mapping[str, GraphCount]) -> bytes:
    """The sorted N-Quads for `/graph/provenance` about all graphs but that one."""
    own = f"{base}graph/provenance"
    others = {name: count for name, count in graphs.items() if name != own}
    lines = {f"<{s}> <{p}> {o} <{own}> .\n" for s, p, o in _graphs(base, others)}
    return "".join(sorted(lines)).encode()


def dataset(manifest: Manifest) -> bytes:
    """The Turtle of `dataset.ttl`, which lies beside the dump and says what it is."""
    me = manifest.base + "id/dataset"
    statements = [
        *_dataset(me),
        (me, VOID + "triples", _integer(manifest.quads)),
        (me, DCTERMS + "identifier", f'"{manifest.digest}"'),
        *_file(me, manifest.dump),
    ]
    triples = "".join(f"<{s}> <{p}> {o} .\n" for s, p, o in statements)
    prefixes = {"void": VOID, "dcat": DCAT, "spdx": SPDX, "dcterms": DCTERMS, "xsd": XSD}
    parsed = sorted(set(ox.parse(triples, format=ox.RdfFormat.N_TRIPLES)), key=str)
    made = ox.serialize(parsed, format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    return made or b""


def _dataset(me: str) -> Iterator[Statement]:
    for kind in (VOID + "Dataset", DCAT + "Dataset"):
        yield me, RDF + "type", f"<{kind}>"
    for title, language in _TITLES:
        yield me, DCTERMS + "title", f'"{title}"@{language}'
    for vocabulary in (AC, SKOS, DCTERMS):
        yield me, VOID + "vocabulary", f"<{vocabulary}>"
    yield me, DCTERMS + "conformsTo", f"<{FIXED}ns>"


def _file(me: str, dump: DumpSum) -> Iterator[Statement]:
    file = me + "/graph.nq.gz"
    yield me, DCAT + "distribution", f"<{file}>"
    yield file, RDF + "type", f"<{DCAT}Distribution>"
    yield file, DCTERMS + "title", '"graph.nq.gz"'
    # How a file is packed depends on the zlib at hand; what is in it does not.
    yield file, DCTERMS + "description", '"Size and sum are those of the file when unpacked."@en'
    yield file, DCAT + "byteSize", f'"{dump.bytes}"^^<{XSD}nonNegativeInteger>'
    for name, type_ in (
        ("mediaType", "application/n-quads"),
        ("compressFormat", "application/gzip"),
    ):
        yield file, DCAT + name, f"<https://www.iana.org/assignments/media-types/{type_}>"
    yield from _sum(file, dump.sha256)


def _graphs(base: str, graphs: Mapping[str, GraphCount]) -> Iterator[Statement]:
    me = base + "id/dataset"
    yield from _dataset(me)
    layers: defaultdict[str, list[int]] = defaultdict(list)
    for name, count in graphs.items():
        layer, _, key = name.removeprefix(base + "graph/").partition("/")
        if key and layer in _LAYERS:
            layers[layer].append(count.quads)
        else:
            yield from _graph(me, name, count)
            if "/links/" in name:
                yield from _linkset(me, name)
    for layer, sizes in layers.items():
        part = f"{me}/{quote(layer)}"
        yield me, VOID + "subset", f"<{part}>"
        yield part, RDF + "type", f"<{VOID}Dataset>"
        yield part, VOID + "triples", _integer(sum(sizes))
        yield part, VOID + "documents", _integer(len(sizes))
        yield part, VOID + "uriSpace", f'"{base}graph/{layer}/"'


def _graph(me: str, name: str, count: GraphCount) -> Iterator[Statement]:
    yield me, VOID + "subset", f"<{name}>"
    yield name, RDF + "type", f"<{VOID}Dataset>"
    yield name, VOID + "triples", _integer(count.quads)
    yield from _sum(name, count.sha256)


def _linkset(me: str, name: str) -> Iterator[Statement]:
    yield name, RDF + "type", f"<{VOID}Linkset>"
    yield name, VOID + "subjectsTarget", f"<{me}>"
    yield name, VOID + "objectsTarget", "<http://www.wikidata.org/entity/>"
    yield name, VOID + "linkPredicate", f"<{SCHEMA}sameAs>"


def _sum(thing: str, sha256: str) -> Iterator[Statement]:
    node = f"{thing}#sha256"
    yield thing, SPDX + "checksum", f"<{node}>"
    yield node, RDF + "type", f"<{SPDX}Checksum>"
    yield node, SPDX + "algorithm", _ALGORITHM
    yield node, SPDX + "checksumValue", f'"{sha256}"^^<{XSD}hexBinary>'


def _integer(number: int) -> str:
    return f'"{number}"^^<{XSD}integer>'
