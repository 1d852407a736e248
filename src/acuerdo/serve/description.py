"""What the endpoint says about itself: SPARQL 1.1 Service Description and VoID."""

from collections.abc import Iterator

import pyoxigraph as ox

from acuerdo.serve.builds import Build

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
DCTERMS = "http://purl.org/dc/terms/"
FORMATS = "http://www.w3.org/ns/formats/"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
PREFIXES = {"sd": SD, "void": VOID, "dcterms": DCTERMS, "format": FORMATS}
RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
GRAPHS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")
SYNTAX = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def _iri(text: str) -> ox.NamedNode:
    return ox.NamedNode(text)


def service(endpoint: str, *, federated: bool) -> Iterator[ox.Triple]:
    """The service at this endpoint."""
    me, dataset, graph = _iri(endpoint), _iri(endpoint + "#dataset"), _iri(endpoint + "#union")
    yield ox.Triple(me, RDF_TYPE, _iri(SD + "Service"))
    yield ox.Triple(me, _iri(SD + "endpoint"), me)
    yield ox.Triple(me, _iri(SD + "supportedLanguage"), _iri(SD + "SPARQL11Query"))
    yield ox.Triple(me, _iri(SD + "feature"), _iri(SD + "UnionDefaultGraph"))
    if federated:
        yield ox.Triple(me, _iri(SD + "feature"), _iri(SD + "BasicFederatedQuery"))
    for name in RESULTS + GRAPHS:
        yield ox.Triple(me, _iri(SD + "resultFormat"), _iri(FORMATS + name))
    yield ox.Triple(me, _iri(SD + "defaultDataset"), dataset)
    yield ox.Triple(dataset, RDF_TYPE, _iri(SD + "Dataset"))
    yield ox.Triple(dataset, _iri(SD + "defaultGraph"), graph)
    yield ox.Triple(graph, RDF_TYPE, _iri(SD + "Graph"))


def dataset(origin: str, base: str, build: Build) -> Iterator[ox.Triple]:
    """The data in VoID: where to ask, where to load from, how much there is."""
    me = _iri(origin + "/.well-known/void#dataset")
    manifest = build.manifest()
    yield ox.Triple(me, RDF_TYPE, _iri(VOID + "Dataset"))
    yield ox.Triple(
        me, _iri(DCTERMS + "title"), ox.Literal("acuerdo knowledge graph", language="en")
    )
    yield ox.Triple(me, _iri(DCTERMS + "identifier"), ox.Literal(build.digest))
    yield ox.Triple(me, _iri(VOID + "sparqlEndpoint"), _iri(origin + "/sparql"))
    yield ox.Triple(me, _iri(VOID + "uriSpace"), ox.Literal(base))
    if not build.endpoint:
        yield ox.Triple(me, _iri(VOID + "dataDump"), _iri(origin + "/export/graph.nq.gz"))
    for name in GRAPHS:
        yield ox.Triple(me, _iri(VOID + "feature"), _iri(FORMATS + name))
    quads = manifest.get("quads")
    if isinstance(quads, int):
        yield ox.Triple(me, _iri(VOID + "triples"), ox.Literal(quads))


def serialise(triples: Iterator[ox.Triple], name: str) -> bytes:
    """The triples in a graph format."""
    data = ox.serialize(triples, format=SYNTAX[name], prefixes=PREFIXES)
    assert data is not None
    return data
