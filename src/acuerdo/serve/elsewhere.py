"""A store that somebody else runs, asked by a worker as if it were its own.

The query is read here first, so that what is no SPARQL never leaves the house and is told with line and column.
"""

from collections.abc import Sequence
from contextlib import suppress

import pyoxigraph as ox
import SPARQLWrapper  # noqa: F401 - loaded before a worker is forked, not by each request

from acuerdo.errors import BadQuery, RemoteFailed
from acuerdo.query.endpoint import Endpoint
from acuerdo.query.question import Question

PATIENCE = 2.0  # seconds of waiting for a busy endpoint; the client can come back itself
_FOREVER = 3600.0  # the front's own clock ends a query
Found = ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean
Node = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


class Elsewhere:
    """An endpoint with the one method of a store that workers need; one query at a time."""

    def __init__(self, url: str, union: str) -> None:
        self._union = union or None
        self._endpoint = Endpoint(url, timeout=_FOREVER, patience=PATIENCE)
        self._empty = ox.Store()
        self._met = False

    def query(
        self,
        text: str,
        *,
        base_iri: str | None = None,
        prefixes: dict[str, str] | None = None,
        use_default_graph_as_union: bool = True,
        default_graph: Sequence[Node] | None = None,
        named_graphs: Sequence[Node] | None = None,
    ) -> Found:
        """What the endpoint answers; raises SyntaxError, BadQuery, LimitReached, RemoteFailed."""
        self._read(text, base_iri, prefixes)
        self._meet()
        graphs = [str(getattr(graph, "value", "")) for graph in default_graph or ()]
        if default_graph is None and use_default_graph_as_union and self._union:
            graphs = [self._union]
        named = [str(getattr(graph, "value", "")) for graph in named_graphs or ()]
        asked = f"BASE <{base_iri}>\n{text}" if base_iri else text
        try:
            return self._endpoint.run_anew(asked, default_graphs=graphs, named_graphs=named)
        except BadQuery as error:
            # It is SPARQL, so what the engine there says is about the engine there.
            raise RemoteFailed(str(error)) from error

    def refuse_wrong(self, question: Question) -> None:
        """Raise for a question that the engine there is known to answer wrongly."""
        self._meet()
        self._endpoint.refuse_wrong(question)

    def unaddressed(self, words: str) -> str:
        """An error's words without the address, which is nobody's business."""
        return words.removeprefix(f"{self._endpoint.place}: ")

    def _read(self, text: str, base: str | None, prefixes: dict[str, str] | None) -> None:
        """Raise for what is no SPARQL; an empty store evaluates nothing of it, but would call a SERVICE."""
        if "service" in text.lower():
            return
        with suppress(OSError, RuntimeError, ValueError):
            self._empty.query(text, base_iri=base, prefixes=prefixes)

    def _meet(self) -> None:
        """Ask once what engine is there: some want queries in other words."""
        if not self._met:
            self._endpoint.run("ASK {}")
            self._met = True
