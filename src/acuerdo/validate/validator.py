"""`Validator`: shapes compiled once, findings for any number of graphs."""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from acuerdo.errors import BadSource
from acuerdo.validate.context import Context
from acuerdo.validate.engines import EngineName, Native, Result, compiled
from acuerdo.validate.finding import Finding, Report, Severity, identified
from acuerdo.validate.shapes import Imports, ShapesGraph, filled, parse
from acuerdo.vocabulary import SH

SPARQL = SH + "SPARQLConstraintComponent"
_SEVERITY: dict[str, Severity] = {SH + "Warning": "warning", SH + "Info": "info"}


class Validator:
    """Checks RDF against shapes.

    `shapes` are files or folders; `context` holds the facts about shared things that `sift` adds to an
    article. Without `engine` it is `shacl` where there is a wheel for it, else `pyshacl`. One validator serves
    any number of threads; it cannot be sent to another process: make one there.
    """

    def __init__(
        self,
        shapes: Sequence[Path],
        context: Context | None = None,
        engine: EngineName | None = None,
        imports: Imports = "refuse",
    ) -> None:
        self.shapes = ShapesGraph(shapes, imports)
        self.context = context or Context()
        try:
            self.engine = compiled(self.shapes.ntriples, engine)
        except ValueError as error:
            where = _blamed(self.shapes.files, engine) or ", ".join(map(str, shapes))
            raise BadSource(where, " ".join(str(error).split())) from error
        self._messages: dict[tuple[str, str], dict[str, list[str]]] = {}

    def check(self, ntriples: str) -> Report:
        """What is wrong with a graph, given as N-Triples; raises ValueError for broken N-Triples."""
        return self.report(self.engine.check(ntriples))

    def check_file(self, path: Path) -> Report:
        """What is wrong with the graph in an N-Triples file, which the native engine reads by itself."""
        if isinstance(self.engine, Native):
            return self.report(self.engine.check_file(str(path)))
        return self.check(path.read_text(encoding="utf-8"))

    def report(self, results: Sequence[Result]) -> Report:
        """The results of the engine as findings in stable order.

        A query gives a result for each of its solutions; those that say the same are one finding.
        """
        distinct = dict.fromkeys(r for r in results if r.component == SPARQL)
        core = [r for r in results if r.component != SPARQL]
        return Report(identified(map(self._finding, [*core, *distinct])), self.engine.name)

    def _finding(self, result: Result) -> Finding:
        shape = plain(result.shape)
        return Finding(
            id="",
            focus=plain(result.focus),
            shape=shape,
            component=result.component,
            severity=_SEVERITY.get(result.severity, "violation"),
            messages=self._sentences(shape, result),
            path=result.path,
            value=result.value,
        )

    def _sentences(self, shape: str, result: Result) -> dict[str, str]:
        key = (shape, result.component)
        if key not in self._messages:
            self._messages[key] = self._templates(*key)
        values = {"this": plain(result.focus), "path": result.path or ""}
        if result.value is not None:
            values["value"] = plain(result.value)
        return {
            language: filled(templates, values, result.messages)
            for language, templates in self._messages[key].items()
        }

    def _templates(self, shape: str, component: str) -> dict[str, list[str]]:
        """The shape's own sentences; without any, one that names the broken parameter."""
        own = {} if shape.startswith("_:") else self.shapes.messages(shape, component)
        if own:
            return own
        local = component.rpartition("#")[2].removesuffix("ConstraintComponent")
        parameter = local[:1].lower() + local[1:]
        given = (
            [] if shape.startswith("_:") else self.shapes.objects(ox.NamedNode(shape), parameter)
        )
        shown = f"sh:{parameter}"
        if len(given) == 1 and not isinstance(given[0], ox.BlankNode):
            shown += f" {plain(str(given[0]))}"
        return {"en": [f"{shown} does not hold."], "es": [f"No se cumple {shown}."]}


def plain(term: str) -> str:
    """A term without its syntax: the IRI, the words of a literal; a blank node stays as it is."""
    if term.startswith("<") and term.endswith(">"):
        return term[1:-1]
    if term.startswith('"'):
        line = f"<s:s> <p:p> {term} .".encode()
        value = next(iter(ox.parse(line, format=ox.RdfFormat.N_TRIPLES))).object
        return value.value if isinstance(value, ox.Literal) else term
    return term


def _blamed(files: Sequence[Path], engine: EngineName | None) -> Path | None:
    """The first file that no engine takes by itself either; None where they only clash together."""
    for path in files:
        try:
            compiled("".join(f"{triple} .\n" for triple in parse(path)), engine)
        except ValueError:
            return path
    return None
