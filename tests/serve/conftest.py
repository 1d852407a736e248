"""A small graph directory and a server on it, as a user starts it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from serve.running import Server, publish, triples


@pytest.fixture(scope="session")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20,000 quads in two named graphs that share 10,000 triples."""
    folder = tmp_path_factory.mktemp("graph") / "kg"
    lines = [t + f" <http://example.org/graph/{g}> .\n" for g in "ab" for t in triples(10_000)]
    publish(folder, "first", "".join(lines).encode())
    return folder


@pytest.fixture(scope="session")
def server(kg: Path) -> Iterator[Server]:
    """A server with short limits."""
    with Server(kg, "--timeout", "2", "--memory", "400") as running:
        yield running
