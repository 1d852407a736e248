"""The JSON-LD context: term names without prefix, values typed as the ontology types them."""

import json

from acuerdo.terms.model import Reference, Term
from acuerdo.vocabulary import PREFIXES, RDFS, XSD

_WRITTEN = ("ac", "dcterms", "prov", "rdf", "rdfs", "schema", "skos", "xsd")


def context(reference: Reference) -> str:
    """The document `context.jsonld`, in stable order."""
    names: dict[str, object] = {prefix: PREFIXES[prefix] for prefix in _WRITTEN}
    names |= {"id": "@id", "type": "@type", "label": "rdfs:label"}
    names |= {"prefLabel": "skos:prefLabel", "altLabel": "skos:altLabel"}
    for term in reference.terms:
        names[term.name] = _entry(term)
    return json.dumps({"@context": names}, ensure_ascii=False, indent=2) + "\n"


def _entry(term: Term) -> object:
    iri = f"ac:{term.name}"
    if term.kind in {"class", "annotation property"}:
        return iri
    if term.kind == "object property":
        return {"@id": iri, "@type": "@id"}
    datatype = term.datatype or term.range or ""
    # A plain string needs no type, and rdfs:Literal leaves it to the value.
    if datatype in {XSD + "string", RDFS + "Literal", ""}:
        return iri
    return {"@id": iri, "@type": datatype.replace(XSD, "xsd:")}
