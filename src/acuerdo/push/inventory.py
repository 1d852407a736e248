"""What a store holds: its named graphs, with their counts."""

from acuerdo.errors import RemoteFailed
from acuerdo.push.profiles import Target
from acuerdo.push.remote import Remote

_COUNTS = "SELECT ?g (COUNT(*) AS ?n) WHERE {{ GRAPH ?g {{ ?s ?p ?o }} {0} }} GROUP BY ?g {1}"
_HOW_MANY = "SELECT (COUNT(DISTINCT ?g) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
# No public store caps its answers lower.
_UNCAPPED = 1000


def counts(remote: Remote, target: Target) -> dict[bytes, int]:
    """Graph (as `<IRI>`) → number of its triples, for all named graphs of the store."""
    held = _counted(remote, target, _COUNTS.format("", ""))
    if len(held) < _UNCAPPED or len(held) == _number(remote, target):
        return held
    return _paged(remote, target)


def _paged(remote: Remote, target: Target) -> dict[bytes, int]:
    """The same from a store that cuts long answers: a page after the other, by graph name."""
    held: dict[bytes, int] = {}
    last = ""
    while True:
        beyond = f'FILTER (STR(?g) > "{last}")'
        page = _counted(remote, target, _COUNTS.format(beyond, f"ORDER BY ?g LIMIT {_UNCAPPED}"))
        held |= page
        if len(page) < _UNCAPPED:
            return held
        last = max(page)[1:-1].decode()


def _counted(remote: Remote, target: Target, query: str) -> dict[bytes, int]:
    try:
        return {
            f"<{row['g']['value']}>".encode(): int(row["n"]["value"])
            for row in remote.select(target.query_url, query)
            if "g" in row
        }
    except (KeyError, ValueError) as error:
        raise RemoteFailed(
            f"{target.query_url}: counts its graphs in a way not understood"
        ) from error


def _number(remote: Remote, target: Target) -> int:
    [row] = remote.select(target.query_url, _HOW_MANY)
    return int(row["n"]["value"])
