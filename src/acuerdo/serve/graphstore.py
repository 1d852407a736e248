"""SPARQL 1.1 Graph Store HTTP Protocol, the half that reads: `?graph=IRI` and `?default`."""

from acuerdo.serve import formats
from acuerdo.serve.answer import send_answer
from acuerdo.serve.exchange import Exchange
from acuerdo.serve.pool import Pool
from acuerdo.serve.problem import Problem
from acuerdo.serve.protocol import check_iri, group
from acuerdo.serve.wire import Job

DEFAULT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


async def read_graph(exchange: Exchange, pool: Pool) -> None:
    """Send one graph; the default graph is the union, as for queries."""
    values = group(exchange.parameters())
    graphs = values.get("graph", [])
    if len(graphs) + ("default" in values) != 1:
        raise Problem("bad-request", "Say either `?default` or one `?graph=` with an absolute IRI.")
    if not graphs:
        await send_answer(exchange, pool, graph_job(exchange, pool, DEFAULT))
        return
    check_iri(graphs[0])
    job = graph_job(
        exchange, pool, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graphs[0]}> {{ ?s ?p ?o }} }}"
    )
    await send_answer(exchange, pool, job, missing="There is no such graph.")


def graph_job(exchange: Exchange, pool: Pool, query: str) -> Job:
    """A job whose answer is a graph in the format that the client prefers."""
    limits = pool.limits
    return Job(
        query,
        graph=formats.negotiate(exchange.header(b"accept"), "graph"),
        rows=limits.rows,
        bytes=limits.bytes,
        seconds=limits.seconds,
        encoding=formats.negotiate_coding(exchange.header(b"accept-encoding")),
    )
