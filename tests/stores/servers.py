"""Triplestores that run for the tests: on loopback, in a folder of their own, gone when the tests are."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from peers import missing
from push.conftest import free_port, wait_for

JARS = Path(__file__).parents[2] / ".stores"
STARTS_WITHIN = 60


@dataclass(frozen=True)
class Live:
    """A store that runs: its profile, the address to push to, and who may."""

    profile: str
    url: str
    version: str
    user: str | None = None
    password: str | None = None
    sql_port: int = 0
    folder: Path = Path()


def _jar(name: str) -> str:
    if not (JARS / name).is_file():
        missing(name)
    return str(JARS / name)


def _java() -> str:
    found = shutil.which("java")
    if found is None:
        missing("java")
    return str(found)


def java_with_jena() -> list[str]:
    """The command that runs a class of Jena."""
    return [_java(), "-cp", _jar("jena-fuseki-server.jar")]


@contextmanager
def _running(
    call: list[str], folder: Path, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        env = {**os.environ, **environment}
        server = subprocess.Popen(call, cwd=folder, env=env, stdout=log, stderr=log)
        try:
            yield server
        finally:
            server.kill()
            server.wait(10)


def _up(url: str, server: subprocess.Popen[bytes], folder: Path) -> None:
    """Until the store answers a question; its log is shown when it does not."""
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        if server.poll() is not None or time.monotonic() > until:
            pytest.fail(
                f"{url} does not start: {(folder / 'log').read_text('utf-8', 'replace')[-2000:]}"
            )
        time.sleep(0.2)


_ASK = "?query=ASK%7B%7D"


@contextmanager
def oxigraph(folder: Path) -> Iterator[Live]:
    port = free_port()
    call = ["oxigraph", "serve", "--location", "data", "--bind", f"127.0.0.1:{port}"]
    call += ["--union-default-graph"]
    with _running(call, folder) as server:
        _up(f"http://127.0.0.1:{port}/query{_ASK}", server, folder)
        said = subprocess.run(["oxigraph", "--version"], capture_output=True, text=True, check=True)
        yield Live("oxigraph", f"http://127.0.0.1:{port}", said.stdout.split()[-1])


@contextmanager
def fuseki(folder: Path) -> Iterator[Live]:
    port = free_port()
    call = [
        _java(),
        "-Xmx1g",
        "-jar",
        _jar("jena-fuseki-server.jar"),
        "--localhost",
        "--port",
        str(port),
    ]
    call += [
        "--update",
        "--tdb2",
        "--loc",
        str(folder / "data"),
        "--set",
        "tdb2:unionDefaultGraph=true",
    ]
    (folder / "data").mkdir()
    with _running([*call, "/kg"], folder, FUSEKI_BASE=str(folder / "base")) as server:
        _up(f"http://127.0.0.1:{port}/kg/query{_ASK}", server, folder)
        yield Live("fuseki", f"http://127.0.0.1:{port}/kg", "5.6.0, TDB2")


def _jetty(folder: Path, port: int, path: str, war: str, *options: str) -> list[str]:
    opens = "--add-opens=java.base/java.lang=ALL-UNNAMED"
    call = [_java(), "-Xmx1g", opens, *options, f"-Djava.io.tmpdir={folder}"]
    call += ["-jar", _jar("jetty-runner.jar"), "--host", "127.0.0.1", "--port", str(port)]
    return [*call, "--path", path, _jar(war)]


_RDF4J_REPOSITORY = """
@prefix rep: <http://www.openrdf.org/config/repository#> .
@prefix sr: <http://www.openrdf.org/config/repository/sail#> .
@prefix sail: <http://www.openrdf.org/config/sail#> .
@prefix ns: <http://www.openrdf.org/config/sail/native#> .
[] a rep:Repository ; rep:repositoryID "kg" ; rep:repositoryImpl [
  rep:repositoryType "openrdf:SailRepository" ;
  sr:sailImpl [ sail:sailType "openrdf:NativeStore" ; ns:tripleIndexes "spoc,posc,cspo" ] ] .
"""


@contextmanager
def rdf4j(folder: Path) -> Iterator[Live]:
    port = free_port()
    data = f"-Dorg.eclipse.rdf4j.appdata.basedir={folder / 'data'}"
    call = _jetty(folder, port, "/rdf4j-server", "rdf4j-http-server.war", data)
    with _running(call, folder) as server:
        base = f"http://127.0.0.1:{port}/rdf4j-server"
        _up(f"{base}/protocol", server, folder)
        turtle = {"Content-Type": "text/turtle"}
        made = httpx.put(f"{base}/repositories/kg", content=_RDF4J_REPOSITORY, headers=turtle)
        made.raise_for_status()
        yield Live("rdf4j", f"{base}/repositories/kg", "4.1.3, native store")


_BLAZEGRAPH = """
com.bigdata.journal.AbstractJournal.bufferMode=DiskRW
com.bigdata.journal.AbstractJournal.file={file}
com.bigdata.rdf.store.AbstractTripleStore.quads=true
com.bigdata.rdf.store.AbstractTripleStore.statementIdentifiers=false
com.bigdata.rdf.store.AbstractTripleStore.textIndex=false
com.bigdata.rdf.store.AbstractTripleStore.axiomsClass=com.bigdata.rdf.axioms.NoAxioms
com.bigdata.rdf.sail.truthMaintenance=false
"""


@contextmanager
def blazegraph(folder: Path) -> Iterator[Live]:
    port = free_port()
    settings = folder / "kb.properties"
    settings.write_text(_BLAZEGRAPH.format(file=folder / "kb.jnl"))
    option = f"-Dcom.bigdata.rdf.sail.webapp.ConfigParams.propertyFile={settings}"
    with _running(_jetty(folder, port, "/bigdata", "bigdata-war.war", option), folder) as server:
        url = f"http://127.0.0.1:{port}/bigdata/namespace/kb/sparql"
        _up(url + _ASK, server, folder)
        yield Live("blazegraph", url, "2.1.4")


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
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
[HTTPServer]
ServerPort = 127.0.0.1:{2}
[SPARQL]
ResultSetMaxRows = 10000
"""


@contextmanager
def virtuoso(folder: Path) -> Iterator[Live]:
    binary = shutil.which("virtuoso-t")
    if binary is None:
        missing("virtuoso-t")
    port = free_port()
    sql = free_port()
    (folder / "v.ini").write_text(_VIRTUOSO.format(folder, sql, port))
    call = [str(binary), "+configfile", "v.ini", "+foreground"]
    with _running(call, folder) as server:
        _up(f"http://127.0.0.1:{port}/sparql{_ASK}", server, folder)
        # The package's own name and password, on a server that lives for the tests alone.
        url = f"http://127.0.0.1:{port}"
        yield Live("virtuoso", url, "7.2.5", "dba", "dba", sql, folder)


STORES: dict[str, Callable[[Path], "contextmanager[Live]"]] = {  # type: ignore[type-arg]
    store.__name__: store for store in (oxigraph, fuseki, rdf4j, blazegraph, virtuoso)
}
__all__ = ["STORES", "Live", "wait_for"]
