"""The three families of shapes: for one article's graph, for the whole graph, for the sources."""

import random
from pathlib import Path

import pyoxigraph as ox

from acuerdo import assets
from acuerdo.validate import Context, Validator, article_shapes
from acuerdo.validate.shapes import ShapesGraph, graph_shapes, parse, source_shapes

EXAMPLES = Path(__file__).parents[1] / "shapes"
ACSH = "https://w3id.org/acuerdo/shapes#"
ONTOLOGY = [
    *sorted(assets.path("ontology").glob("*.ttl")),
    *sorted(assets.path("ontology").glob("vocab/*.ttl")),
]


class Family:
    """Shapes with their examples; those of articles play on a stage and see the ontology."""

    def __init__(self, name: str, files: list[Path], examples: Path, *, staged: bool) -> None:
        self.name, self.files, self.examples = name, files, examples
        self.shapes = ShapesGraph(files)
        context = Context.read(ONTOLOGY, "https://example.org/") if staged else Context()
        self.validator = Validator(files, context)
        self.stage = parse(EXAMPLES / "stage.ttl") if staged else []

    def paths(self, kind: str) -> list[Path]:
        """The `valid` or `invalid` examples."""
        return sorted(self.examples.glob(f"*/{kind}/*.ttl"))

    def graph(self, path: Path) -> str:
        """An example on its stage, as N-Triples, without context."""
        triples = dict.fromkeys([*self.stage, *parse(path)])
        return "".join(f"{triple} .\n" for triple in triples)

    def broken(self, graph: str) -> set[str]:
        """The local names of the shapes that a graph breaks."""
        context = self.validator.context.closure(graph.encode())
        return {f.shape.removeprefix(ACSH) for f in self.validator.check(graph + context).findings}

    def asked(self) -> set[str]:
        """The shapes that a report names: those with a target, if they hold a rule, and their property shapes."""
        targets = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
        rules = ("or", "not", "sparql", "and", "xone", "node", "closed")
        asked = set()
        for shape in self.shapes.shapes():
            if any(self.shapes.objects(shape, target) for target in targets):
                asked |= {local(inner) for inner in self.shapes.objects(shape, "property")}
                if any(self.shapes.objects(shape, rule) for rule in rules):
                    asked.add(local(shape))
        return asked


def local(node: object) -> str:
    """The name of a shape without its namespace; raises for a shape without one."""
    assert isinstance(node, ox.NamedNode), f"a shape without an IRI: {node}"
    return node.value.removeprefix(ACSH)


def violated(path: Path) -> str:
    """The shape that the first line of an invalid example names."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# violates: acsh:"), path
    return first.removeprefix("# violates: acsh:")


FAMILIES = [
    Family("article", article_shapes(), EXAMPLES, staged=True),
    Family("graph", graph_shapes(), EXAMPLES / "graph", staged=False),
    Family("sources", source_shapes(), EXAMPLES / "sources", staged=False),
]


def injured(lines: list[str], chance: random.Random) -> list[str]:
    """The lines of an article with some dropped, doubled, swapped and misspelt."""
    objects = [line.split(" ", 2)[2] for line in lines]
    hurt = []
    for line in lines:
        subject, predicate, _ = line.split(" ", 2)
        other = f"{subject} {predicate} {chance.choice(objects)}"
        fault = chance.random()
        hurt += {0: [], 1: [line, other], 2: [other], 3: [line.replace("20", "02", 1)]}.get(
            int(fault * 40), [line]
        )
    return sorted(set(hurt))
