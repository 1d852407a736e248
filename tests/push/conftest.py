"""A real Oxigraph server for the tests of this folder, emptied before each, and a store with faults on order."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from push.faulty import FaultyStore


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, seconds: float = 20, **request: object) -> None:
    """Until the server answers; a server that does not is an error, not a skip."""
    until = time.monotonic() + seconds
    while True:
        try:
            httpx.get(url, timeout=2, **request)  # type: ignore[arg-type]
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def oxigraph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    place = tmp_path_factory.mktemp("oxigraph")
    call = ["oxigraph", "serve", "--location", str(place), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/query?query=ASK%7B%7D")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@pytest.fixture
def oxigraph(oxigraph_server: str) -> str:
    httpx.post(f"{oxigraph_server}/update", data={"update": "DROP ALL"}).raise_for_status()
    return oxigraph_server


@pytest.fixture
def faulty() -> Iterator[FaultyStore]:
    with FaultyStore() as store:
        yield store


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("USER", "PASSWORD", "TOKEN", "SIGNER"):
        monkeypatch.delenv(f"ACUERDO_PUSH_{name}", raising=False)
    # No keyring of the person who runs the tests is ever asked.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
