"""`acuerdo serve`: the graph on HTTP."""

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

if TYPE_CHECKING:
    from acuerdo.serve.builds import Build
    from acuerdo.serve.settings import Limits, Settings


def _met(
    url: str, default_graph: str | None, base: str | None, say: Callable[[str], None]
) -> "Build":
    """The store behind an endpoint; one that cannot be used is told before anything listens."""
    from acuerdo.query.endpoint import Endpoint
    from acuerdo.serve.builds import elsewhere

    far = Endpoint(url, timeout=30, patience=10, default_graph=default_graph)
    if far.lacks_union():
        say(f"Warning: {far.place}: its default graph is not the union; see --default-graph.")
    if far.engine:
        say(
            f"Warning: {far.place}: {far.engine} computes some queries wrongly; see docs/reference/stores.md."
        )
    if not (base or far.base):
        say(f"Warning: {far.place}: holds no article; pages need --base.")
    return elsewhere(url, base or far.base, default_graph)


class _Asked(TypedDict):
    """The options as they were given."""

    kg: Path
    endpoint: str | None
    default_graph: str | None
    host: str
    port: int
    timeout: float
    memory: int
    max_rows: int
    max_bytes: int
    workers: int | None
    queue: int
    services: tuple[str, ...]
    cors: tuple[str, ...]
    hosts: tuple[str, ...]
    proxies: tuple[str, ...]
    keep: int
    public: bool
    excerpt_budget: float
    client_timeout: float
    access_log: bool
    slow: float
    slow_text: bool
    open_metrics: bool
    base: str | None


def _limits(asked: _Asked) -> "Limits":
    from acuerdo.serve.settings import Limits

    chosen = {"workers": asked["workers"]} if asked["workers"] else {}
    return Limits(
        seconds=asked["timeout"],
        memory=asked["memory"] << 20,
        rows=asked["max_rows"],
        bytes=asked["max_bytes"],
        queue=asked["queue"],
        keep=asked["keep"] << 20,
        head_seconds=asked["client_timeout"],
        body_seconds=asked["client_timeout"],
        write_seconds=asked["client_timeout"],
        **chosen,
    )


def _networks(proxies: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(cidr) for cidr in proxies)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--trust-proxy") from error


def _refuse_contradictions(asked: _Asked) -> None:
    if asked["public"] and asked["slow_text"]:
        raise click.UsageError("--slow-text shows what people ask; it cannot stand with --public")
    if asked["public"] and asked["endpoint"]:
        raise click.UsageError(
            "--public derives from a graph directory; it cannot stand with --endpoint"
        )


def _settings(asked: _Asked, say: Callable[[str], None]) -> "Settings":
    """What the server runs with; the graph to be shown is made, or the store met, on the way."""
    from acuerdo.serve.public import directory
    from acuerdo.serve.settings import Settings

    networks = _networks(asked["proxies"])
    _refuse_contradictions(asked)
    kg, public, endpoint = asked["kg"], asked["public"], asked["endpoint"]
    return Settings(
        directory(kg, asked["excerpt_budget"]) if public else kg,
        asked["host"],
        asked["port"],
        base=asked["base"],
        limits=_limits(asked),
        services=asked["services"],
        cors=asked["cors"],
        hosts=tuple(name.lower() for name in asked["hosts"]),
        proxies=networks,
        access_log=asked["access_log"],
        slow_seconds=asked["slow"],
        slow_text=asked["slow_text"],
        open_metrics=asked["open_metrics"],
        source=kg if public else None,
        excerpt_percent=asked["excerpt_budget"],
        elsewhere=_met(endpoint, asked["default_graph"], asked["base"], say) if endpoint else None,
    )


@click.command("serve")
@click.option(
    "--kg",
    type=click.Path(path_type=Path),
    default=Path("kg"),
    show_default=True,
    help="The graph directory.",
)
@click.option(
    "--endpoint",
    metavar="URL",
    help="Serve the store behind this SPARQL endpoint instead of a graph here.",
)
@click.option(
    "--default-graph",
    metavar="IRI",
    help="With --endpoint: what stands for the union of its graphs (Fuseki: urn:x-arq:UnionGraph).",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7878,
    show_default=True,
    help="0 takes a free one.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    show_default=True,
    help="Seconds a query may work.",
)
@click.option(
    "--memory",
    type=click.IntRange(64, 1 << 20),
    default=1024,
    show_default=True,
    help="MiB a query may take.",
)
@click.option(
    "--max-rows",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="Rows of an answer.",
)
@click.option(
    "--max-bytes",
    type=click.IntRange(1),
    default=256 << 20,
    show_default=True,
    help="Bytes of an answer.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=None,
    help="Queries at once; by default one a core, at least 2.",
)
@click.option(
    "--queue",
    type=click.IntRange(1, 100_000),
    default=256,
    show_default=True,
    help="Queries that may wait.",
)
@click.option(
    "--allow-service",
    "services",
    multiple=True,
    metavar="IRI",
    help="An endpoint that SERVICE may name. Repeatable.",
)
@click.option(
    "--cors",
    multiple=True,
    metavar="ORIGIN",
    help="A site whose pages may read answers, or '*'. Repeatable.",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A further name this server answers to. Repeatable.",
)
@click.option(
    "--trust-proxy",
    "proxies",
    multiple=True,
    metavar="CIDR",
    help="Believe X-Forwarded-For of these peers. Repeatable.",
)
@click.option(
    "--keep",
    type=click.IntRange(0, 1 << 16),
    default=64,
    show_default=True,
    help="MiB of answers kept for whoever asks the same again.",
)
@click.option(
    "--public",
    is_flag=True,
    help="Show a bounded part of each article's words, and no private person's name.",
)
@click.option(
    "--excerpt-budget",
    type=click.FloatRange(0, 100),
    default=15.0,
    show_default=True,
    metavar="PERCENT",
    help="With --public: of an article's words, over all that is shown.",
)
@click.option(
    "--client-timeout",
    type=click.FloatRange(0.1, 600),
    default=15.0,
    show_default=True,
    help="Seconds for a client to send a request or to take the next piece of an answer.",
)
@click.option(
    "--access-log/--no-access-log",
    default=True,
    show_default=True,
    help="A JSON line a request on standard output.",
)
@click.option(
    "--slow",
    type=click.FloatRange(0),
    default=2.0,
    show_default=True,
    help="Tell queries slower than this, by hash.",
)
@click.option("--slow-text", is_flag=True, help="Tell a slow query's text too.")
@click.option(
    "--open-metrics", is_flag=True, help="Answer /metrics to everybody, not only this machine."
)
@click.option(
    "--base", default=None, help="The base of data IRIs, where the build's own is not meant."
)
def command(**asked: Unpack[_Asked]) -> None:
    """Serve the published graph over SPARQL, read-only and fenced.

    A new build is taken over while it runs. Federation is off unless an endpoint is named.
    """
    from acuerdo.serve.server import serve, to_stderr

    serve(_settings(asked, to_stderr), to_stderr)
