"""Who annotated what, and when: the part of `/graph/provenance` that one article gives.

Terms of PROV-O and of the Web Annotation vocabulary; an annotator who has an IRI keeps it, others get one
below the article, so that "ana" of two articles stays two people.
"""

from acuerdo import iri
from acuerdo.model import Agent, Entity, Relation
from acuerdo.resolve import Resolved, World
from acuerdo.resolve.lexicon import escape, literal
from acuerdo.vocabulary import PROV, RDF, RDFS, XSD

OA = "http://www.w3.org/ns/oa#"
A = f"<{RDF}type>"
BY, AT = f"<{PROV}wasAttributedTo>", f"<{PROV}generatedAtTime>"
KINDS = {"person": "Person", "software": "SoftwareAgent"}


def provenance(resolved: Resolved, world: World) -> bytes:
    """Sorted N-Quads of the provenance graph for one article; empty where nobody is named."""
    return "".join(sorted(set(_Provenance(resolved, world).lines()))).encode(
        "utf-8", "surrogatepass"
    )


class _Provenance:
    def __init__(self, resolved: Resolved, world: World) -> None:
        self.article, self.iris = resolved.article, resolved.iris
        key = iri.article_key(self.article.id)
        self.iri = f"{world.bases.id}article/{key}"
        self.source = f"<{world.bases.graph}article/{key}>"
        self.graph = f" <{world.bases.graph}provenance> .\n"
        self.out: list[str] = []

    def lines(self) -> list[str]:
        for name, agent in self.article.agents.items():
            self._agent(name, agent)
        for entity in (*self.article.entities, *self.article.events):
            if (entity.by or entity.at) and entity.id in self.iris:
                self._annotation(entity, entity.id, f"<{self.iris[entity.id]}>")
        for relation in self.article.relations:
            if (relation.by or relation.at) and relation.source in self.iris:
                name = relation.id or f"{relation.type}.{relation.source}.{relation.target}"
                self._annotation(relation, name, f"<{self.iris[relation.source]}>")
        return self.out

    def _of(self, name: str) -> str:
        agent = self.article.agents.get(name)
        if agent is not None and agent.iri and iri.is_iri(agent.iri):
            return f"<{agent.iri}>"
        return f"<{self.iri}/agent/{iri.local(name)}>"

    def _agent(self, name: str, agent: Agent) -> None:
        node, g = self._of(name), self.graph
        self.out.append(f"{node} {A} <{PROV}{KINDS[agent.kind]}>{g}")
        self.out.append(f'{node} <{RDFS}label> "{escape(agent.name or name)}"{g}')
        self.out.append(f"{self.source} {BY} {node}{g}")

    def _annotation(self, annotation: Entity | Relation, name: str, body: str) -> None:
        node, g = f"<{self.iri}/annotation/{iri.local(name)}>", self.graph
        self.out.append(f"{node} {A} <{OA}Annotation>{g}")
        self.out.append(f"{node} <{OA}hasBody> {body}{g}")
        if annotation.by:
            who = self._of(annotation.by)
            self.out.append(f"{node} {BY} {who}{g}")
            if annotation.by not in self.article.agents:
                self.out.append(f'{who} <{RDFS}label> "{escape(annotation.by)}"{g}')
        when = literal(annotation.at, XSD + "dateTime") if annotation.at else None
        if when is not None:
            self.out.append(f"{node} {AT} {when}{g}")
