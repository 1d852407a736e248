"""The links as RDF: what `build` writes into `/graph/links/wikidata`.

Individuals get `schema:sameAs`, posts and concepts the SKOS relation of their row. `owl:sameAs` stands beside it
only with `same_as` and only for rows that a person reviewed: it makes every reasoner merge all facts.
Each row has a mapping node with an IRI of its own.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from acuerdo.iri import AC, WIKIDATA, Bases
from acuerdo.link import sssom
from acuerdo.link.sssom import Row
from acuerdo.vocabulary import DCTERMS, OWL, RDF, RDFS, SCHEMA, SKOS, XSD

GRAPH = "links/wikidata"
SSSOM = "https://w3id.org/sssom/"
SEMAPV = "https://w3id.org/semapv/vocab/"
_CONCEPTUAL = {"ac:Post", "skos:Concept"}


class Told(Struct, frozen=True):
    """A row that somebody wants in the graph and that may not stand there, and why."""

    row: Row
    sentence: str
    hint: str

    def __str__(self) -> str:
        return f"{self.row.subject_id}: {self.sentence} {self.hint}"


def standing(rows: Iterable[Row]) -> tuple[list[Row], list[Told]]:
    """The rows that may be stated, and those that may not though somebody wants it.

    Two items of one thing, or two things of one item, contradict each other: neither is stated.
    """
    told, checked = [], []
    for row in rows:
        if not row.stands:
            continue
        if row.object_label and row.object_category and row.subject_category:
            checked.append(row)
        else:
            why = f"{row.object_id} was not checked for its label and type; it is not stated."
            told.append(Told(row, why, "Run `acuerdo link` with a snapshot that holds it."))
    exact = [r for r in checked if r.predicate_id in sssom.IDENTITY]
    by_subject, by_item = defaultdict(set), defaultdict(set)
    for row in exact:
        by_subject[row.subject_id].add(row.object_id)
        by_item[row.object_id].add(row.subject_id)
    kept = []
    for row in checked:
        others = (by_subject[row.subject_id] - {row.object_id}) | (
            by_item[row.object_id] - {row.subject_id}
        )
        if row not in exact or not others:
            kept.append(row)
            continue
        why = f"is linked to {row.object_id}, which contradicts {', '.join(sorted(others))}; neither is stated."
        told.append(Told(row, why, "Run `acuerdo link review`, or reject one by `Not`."))
    return kept, told


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


def relations(row: Row, *, same_as: bool) -> list[str]:
    """The properties by which the graph states a row."""
    if row.predicate_id not in sssom.IDENTITY:
        return [_iri(row.predicate_id)]
    plain = SKOS + "exactMatch" if row.subject_category in _CONCEPTUAL else SCHEMA + "sameAs"
    return [plain, OWL + "sameAs"] if same_as and row.reviewed else [plain]


def _lines(row: Row, bases: Bases, *, same_as: bool) -> list[str]:
    graph = f"<{bases.graph}{GRAPH}> ."
    subject = sssom.subject_iri(row.subject_id, bases)
    item = WIKIDATA + sssom.qid(row.object_id)
    stated = relations(row, same_as=same_as)
    key = hashlib.sha256(
        f"{row.subject_id} {row.predicate_id} {row.object_id}".encode()
    ).hexdigest()[:16]
    node = f"<{bases.id}mapping/{key}>"
    said = {
        RDF + "type": [f"<{SSSOM}Mapping>"],
        OWL + "annotatedSource": [f"<{subject}>"],
        OWL + "annotatedProperty": [f"<{p}>" for p in stated],
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
        *(f"<{subject}> <{p}> <{item}> {graph}" for p in stated),
        *(f"{node} <{p}> {term} {graph}" for p, terms in said.items() for term in terms),
    ]


def of_things(
    rows: Iterable[Row], bases: Bases, same: Mapping[str, str], present: Callable[[str], bool]
) -> tuple[list[Row], list[Told]]:
    """The rows about things that the graph holds, each once; what was joined to another is that other.

    Of two rows about one pair, that of a person goes before that of the tool.
    """
    kept: dict[tuple[str, str], Row] = {}
    told = []
    for row in sorted(rows, key=lambda r: (not r.rejected, not r.reviewed, r.pair)):
        iri = sssom.subject_iri(row.subject_id, bases)
        iri = same.get(iri, iri)
        if present(iri):
            here = sssom.changed(row, subject_id=sssom.subject(iri, bases))
            kept.setdefault(here.pair, here)
        elif row.stands:
            told.append(
                Told(row, "is not in this graph; its link is not stated.", "Its row is kept.")
            )
    return list(kept.values()), told


def links_nquads(rows: Sequence[Row], bases: Bases, *, same_as: bool = False) -> bytes:
    """Standing rows as sorted N-Quads of `/graph/links/wikidata`."""
    lines = {line for row in rows for line in _lines(row, bases, same_as=same_as)}
    return "".join(f"{line}\n" for line in sorted(lines, key=str.encode)).encode()
