"""The engines that a graph is served by side by side: on loopback, in a folder of their own, ended with the benchmark."""

import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from processes import ROOT

STARTS_WITHIN = 90
_VIRTUOSO = """
[Database]
DatabaseFile = {0}/v.db
ErrorLogFile = {0}/v.log
LockFile = {0}/v.lck
TransactionFile = {0}/v.trx
xa_persistent_file = {0}/v.pxa
[TempDatabase]
DatabaseFile = {0}/t.db
TransactionFile = {0}/t.trx
[Parameters]
ServerPort = 127.0.0.1:{1}
DirsAllowed = {0}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
[HTTPServer]
ServerPort = 127.0.0.1:{2}
ServerThreads = 120
[SPARQL]
ResultSetMaxRows = 2000000
"""


class Engine(NamedTuple):
    """One server that runs: how the table calls it, its address, its process."""

    name: str
    port: int
    path: str
    pid: int


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port: int, path: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}?query=ASK%7B%7D", timeout=5) as answer:
            return bool(answer.read())
    except (URLError, OSError):
        return False


def _await(port: int, path: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while not _answers(port, path):
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit((folder / "log").read_text("utf-8", "replace")[-2000:])
        time.sleep(0.2)


def _folder(name: str, root: Path) -> Path:
    folder = root / name
    folder.mkdir()
    return folder


@contextmanager
def acuerdo(kg: Path, root: Path, *options: str) -> Iterator[Engine]:
    """`acuerdo serve` as a user starts it, but that it gives no answer twice."""
    folder, port = _folder("acuerdo", root), _free_port()
    command = [sys.executable, "-m", "acuerdo", "serve", "--kg", str(kg), "--port", str(port)]
    command += ["--keep", "0", "--timeout", "120", "--max-rows", "3000000", *options]
    with _running(command, folder) as process:
        _await(port, "/sparql", process, folder)
        yield Engine("acuerdo", port, "/sparql", process.pid)


@contextmanager
def native(kg: Path, root: Path) -> Iterator[Engine]:
    """`oxigraph serve-read-only` on the very same files, without a time limit."""
    folder, port = _folder("oxigraph", root), _free_port()
    program = shutil.which("oxigraph", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    store = kg / "builds" / (kg / "CURRENT").read_text().strip() / "store"
    command = [str(program), "serve-read-only", "--location", str(store), "--union-default-graph"]
    with _running([*command, "--bind", f"127.0.0.1:{port}"], folder) as process:
        _await(port, "/query", process, folder)
        yield Engine("oxigraph", port, "/query", process.pid)


@contextmanager
def virtuoso(kg: Path, root: Path) -> Iterator[Engine]:
    """Virtuoso of Debian, loaded with the build's dump; buffers for all of it."""
    folder, port, sql = _folder("virtuoso", root), _free_port(), _free_port()
    (folder / "v.ini").write_text(_VIRTUOSO.format(folder, sql, port))
    plain = folder / "graph.nq"
    dump = kg / "builds" / (kg / "CURRENT").read_text().strip() / "graph.nq.gz"
    with gzip.open(dump) as packed, plain.open("wb") as out:
        shutil.copyfileobj(packed, out)
    with _running(["virtuoso-t", "+configfile", "v.ini", "+foreground"], folder) as process:
        _await(port, "/sparql", process, folder)
        load = f"DB.DBA.TTLP_MT(file_open('{plain}'), '', 'urn:none', 512, 2); checkpoint;"
        # The package's own name and password, on a server that lives for the benchmark alone.
        said = subprocess.run(
            ["isql-vt", str(sql), "dba", "dba", f"exec={load}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        if re.search(r"\*\*\* Error", said.stderr + said.stdout):
            raise SystemExit(said.stderr[-2000:])
        yield Engine("virtuoso", port, "/sparql", process.pid)


def resident(pid: int) -> int:
    """Bytes of memory that a process holds now."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def processor(pid: int) -> tuple[float, float]:
    """Processor seconds of a process so far, and of all processes below it that live."""
    below, todo = 0.0, _children(pid)
    while todo:
        child = todo.pop()
        below += _seconds(child)
        todo += _children(child)
    return _seconds(pid), below


def _seconds(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:  # it ended while we looked
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError):  # a thread ended while we looked
            found += [int(child) for child in task.read_text().split()]
    return found
