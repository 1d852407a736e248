"""The links as RDF: what `build` writes into `/graph/links/wikidata`.

Individuals get `schema:sameAs`, posts and concepts the SKOS relation of their row, and `owl:sameAs` stands
only with `same_as` and only for rows that a person reviewed: it makes every reasoner merge all facts.
Each row has a mapping node with an IRI of its own.
"""

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from acuerdo.iri import AC, WIKIDATA, Bases
from acuerdo.link import sssom
from acuerdo.link.sssom import Row
from acuerdo.vocabulary import DCTERMS, OWL, RDF, RDFS, SCHEMA, SKOS, XSD

GRAPH = "links/wikidata"
SSSOM = "https://w3id.org/sssom/"
SEMAPV = "https://w3id.org/semapv/vocab/"
_CONCEPTUAL = {"ac:Post", "skos:Concept"}
_PREDICATES = {"skos": SKOS, "owl": OWL}
_KIND = {
    "person": {"ac:Person", "ac:Official"},
    "post": {"ac:Post"},
    "place": {"ac:Place", "ac:Country", "ac:Jurisdiction"},
}


def standing(rows: Iterable[Row]) -> tuple[list[Row], list[str]]:
    """The rows that may be stated, and a line for each that may not though somebody wants it.

    Two items of one thing, or two things of one item, contradict each other: neither is stated.
    """
    wanted = [r for r in rows if r.stands]
    warnings, checked = [], []
    for row in wanted:
        if row.object_label and row.object_category and row.subject_category:
            checked.append(row)
        else:
            warnings.append(
                f"{row.subject_id}: {row.object_id} was not checked for its label and type; run `acuerdo link`"
            )
    exact = [r for r in checked if r.predicate_id in {sssom.EXACT, "owl:sameAs"}]
    by_subject, by_item = defaultdict(set), defaultdict(set)
    for row in exact:
        by_subject[row.subject_id].add(row.object_id)
        by_item[row.object_id].add(row.subject_id)
    for thing, others in sorted([*by_subject.items(), *by_item.items()]):
        if len(others) > 1:
            warnings.append(
                f"{thing} is linked to {' and to '.join(sorted(others))}; neither is stated"
            )
    return [
        r
        for r in checked
        if r not in exact or (len(by_subject[r.subject_id]) == 1 and len(by_item[r.object_id]) == 1)
    ], warnings


def tombstones(same: Mapping[str, str], bases: Bases) -> bytes:
    """For each thing that was joined to another, where it went: sorted lines of `/graph/registry`.

    An IRI that was once published keeps its answer; taking the decision back takes the tombstone away.
    """
    graph = f"<{bases.graph}registry> ."
    lines = []
    for old, new in sorted(same.items()):
        lines += [
            f"<{old}> <{DCTERMS}isReplacedBy> <{new}> {graph}\n",
            f'<{old}> <{OWL}deprecated> "true"^^<{XSD}boolean> {graph}\n',
        ]
    return "".join(sorted(lines)).encode()


def _text(value: str) -> str:
    escaped = (
        value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    )
    return f'"{escaped}"'


def _iri(curie: str) -> str:
    prefix, _, name = curie.partition(":")
    known = {
        "skos": SKOS,
        "owl": OWL,
        "semapv": SEMAPV,
        "wd": WIKIDATA,
        "ac": AC,
        "orcid": "https://orcid.org/",
    }
    return known[prefix] + name if prefix in known else curie


def relation(row: Row, *, same_as: bool) -> str:
    """The property by which the graph states a row."""
    if row.predicate_id == "owl:sameAs" or (same_as and row.predicate_id == sssom.EXACT):
        if same_as and row.reviewed:
            return OWL + "sameAs"
        return SCHEMA + "sameAs" if row.subject_category not in _CONCEPTUAL else SKOS + "exactMatch"
    if row.predicate_id == sssom.EXACT and row.subject_category not in _CONCEPTUAL:
        return SCHEMA + "sameAs"
    return _iri(row.predicate_id)


def _lines(row: Row, bases: Bases, *, same_as: bool) -> list[str]:
    graph = f"<{bases.graph}{GRAPH}> ."
    subject = sssom.subject_iri(row.subject_id, bases)
    item = WIKIDATA + sssom.qid(row.object_id)
    stated = relation(row, same_as=same_as)
    key = hashlib.sha256(
        f"{row.subject_id} {row.predicate_id} {row.object_id}".encode()
    ).hexdigest()[:16]
    node = f"<{bases.id}mapping/{key}>"
    said = {
        RDF + "type": [f"<{SSSOM}Mapping>"],
        OWL + "annotatedSource": [f"<{subject}>"],
        OWL + "annotatedProperty": [f"<{stated}>"],
        OWL + "annotatedTarget": [f"<{item}>"],
        SSSOM + "mapping_justification": [f"<{_iri(row.mapping_justification)}>"],
        SSSOM + "object_label": [_text(row.object_label)],
        SSSOM + "confidence": [f'"{row.confidence}"^^<{XSD}decimal>'] if row.confidence else [],
        SSSOM + "mapping_tool": [_text(f"{row.mapping_tool} {row.mapping_tool_version}".strip())]
        if row.mapping_tool
        else [],
        SSSOM + "mapping_date": [f'"{row.mapping_date}"^^<{XSD}date>'] if row.mapping_date else [],
        SSSOM + "reviewer_label": [_text(row.reviewer_label or row.reviewer_id)]
        if row.reviewed
        else [],
        SSSOM + "review_date": [f'"{row.review_date}"^^<{XSD}date>'] if row.review_date else [],
        RDFS + "comment": [_text(row.comment)] if row.comment else [],
    }
    return [
        f"<{subject}> <{stated}> <{item}> {graph}",
        *(f"{node} <{p}> {term} {graph}" for p, terms in said.items() for term in terms),
    ]


def links_nquads(
    folder: Path, bases: Bases, *, same_as: bool = False, known: Container[str] | None = None
) -> bytes:
    """The links of a folder as sorted N-Quads of `/graph/links/wikidata`; empty where there is no file.

    With `known`, only links of things that the graph holds. Raises BadSource with file and line.
    """
    rows, _ = standing(sssom.read(folder / "wikidata.sssom.tsv").rows)
    lines = {
        line
        for row in rows
        if known is None or sssom.subject_iri(row.subject_id, bases) in known
        for line in _lines(row, bases, same_as=same_as)
    }
    return "".join(f"{line}\n" for line in sorted(lines, key=str.encode)).encode()
