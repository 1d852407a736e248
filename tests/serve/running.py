"""Starting `acuerdo serve` as a process of its own, and small graph directories for it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import pyoxigraph as ox

SOURCE = Path(__file__).parents[2] / "src"


def triples(count: int) -> Iterator[str]:
    """Triples of a few predicates, without their end."""
    for i in range(count):
        yield f'<http://example.org/s{i % 1000}> <http://example.org/p{i // 1000}> "value {i} é"'


def publish(kg: Path, digest: str, nquads: bytes, *, base: str = "https://example.org/kg/") -> Path:
    """Make a build and point CURRENT to it."""
    folder = kg / "builds" / digest
    folder.mkdir(parents=True)
    store = ox.Store(str(folder / "store"))
    store.bulk_load(nquads, ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    (folder / "manifest.json").write_text(json.dumps({"base": base}))
    switch(kg, digest)
    return folder


def switch(kg: Path, digest: str) -> None:
    """Point CURRENT to another build, atomically."""
    (kg / "CURRENT.new").write_text(digest + "\n")
    (kg / "CURRENT.new").replace(kg / "CURRENT")


class Server:
    """`acuerdo serve` on a free port; ended on exit."""

    def __init__(self, kg: Path, *options: str, log: Path | None = None) -> None:
        command = [
            sys.executable,
            "-m",
            "acuerdo",
            "serve",
            "--kg",
            str(kg),
            "--port",
            "0",
            *options,
        ]
        self._log = log.open("wb") if log else None
        self.process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            stdout=self._log or subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        assert self.process.stderr
        self.words: list[str] = []
        while line := self.process.stderr.readline().decode():
            self.words.append(line)
            if found := re.search(r" at http://(\S+):(\d+)/", line):
                self.host, self.port = found[1], int(found[2])
                break
        else:
            self.process.wait()
            self.process.stderr.close()
            raise RuntimeError("".join(self.words))
        self.http = httpx.Client(base_url=f"http://{self.host}:{self.port}", timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> int:
        """Stop it as a user does; its exit code."""
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stderr
        try:
            self.words.append(self.process.stderr.read().decode())
            return self.process.wait(timeout=30)
        finally:
            self.process.kill()
            self.process.stderr.close()
            if self._log:
                self._log.close()

    def query(
        self, text: str, accept: str = "application/json", **options: object
    ) -> httpx.Response:
        """A query by GET."""
        return self.http.get(
            "/sparql", params={"query": text}, headers={"accept": accept}, **options
        )  # type: ignore[arg-type]

    def post(self, text: str, accept: str = "application/json") -> httpx.Response:
        """A query by direct POST."""
        headers = {"content-type": "application/sparql-query", "accept": accept}
        return self.http.post("/sparql", content=text.encode(), headers=headers)

    def descendants(self) -> list[int]:
        """Processes below the server, the fork server first."""
        found, queue = [], [self.process.pid]
        while queue:
            for task in Path(f"/proc/{queue.pop()}/task").glob("*/children"):
                try:
                    children = [int(pid) for pid in task.read_text().split()]
                except OSError:  # it has ended since
                    continue
                found += children
                queue += children
        return found
