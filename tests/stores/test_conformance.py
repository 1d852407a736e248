"""The conformance matrix C1 to C14, on every store that runs here."""

import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pyoxigraph
import pytest
from click.testing import CliRunner, Result

from acuerdo.cli.push import command
from acuerdo.errors import RemoteFailed
from acuerdo.export.source import Selection, opened
from acuerdo.push import Options, Remote, Target, journal_path, push
from acuerdo.push.auth import credentials
from acuerdo.push.inventory import counts
from acuerdo.push.spool import Spool
from acuerdo.push.verify import Verifier
from graph_directory import AC, BASE, RDF_TYPE, RDFS_LABEL, XSD, dump, make, meetings
from stores.conftest import remote
from stores.servers import Live

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
EDGE = f"<{BASE}graph/article/edge>"


def run(live: Live, kg: Path, *args: str) -> Result:
    call = ["--kg", str(kg), "--to", live.profile, live.url, *args]
    return CliRunner().invoke(command, call)


def done(live: Live, kg: Path, *args: str) -> str:
    result = run(live, kg, *args)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stderr


def held(live: Live, where: Target) -> dict[str, int]:
    with remote(live, where) as client:
        found = counts(client, where)
    return {g[1:-1].decode(): n for g, n in found.items() if g.startswith(f"<{BASE}".encode())}


def expected(kg: Path) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for quad in pyoxigraph.parse(dump(kg), pyoxigraph.RdfFormat.N_QUADS):
        numbers[quad.graph_name.value] = numbers.get(quad.graph_name.value, 0) + 1
    return numbers


def test_c1_replace(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """PUT (or what stands for it) replaces a graph"""
    make(kg, meetings(5))
    done(live, kg)
    make(
        kg,
        [line.replace("Reunión 3 ", "Encuentro 3 ") for line in meetings(5) if "note" not in line],
    )
    assert "Checked: 11 graphs" in done(live, kg, "--verify", "full")
    assert held(live, where) == expected(kg)


def test_c2_append(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """POST adds to a graph"""
    make(kg, meetings(3))
    done(live, kg)
    make(kg.parent / "more", [f'<urn:a> <{AC}p> "new" <{BASE}graph/registry> .'])
    before = held(live, where)
    done(live, kg.parent / "more", "--append")
    after = held(live, where)
    assert after == before | {f"{BASE}graph/registry": before[f"{BASE}graph/registry"] + 1}


def test_c3_delete(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """a graph that is gone is deleted"""
    make(kg, meetings(3))
    done(live, kg)
    make(kg, meetings(2))
    assert "Deleted: 2 graphs" in done(live, kg, "--yes")
    assert held(live, where) == expected(kg)


def test_c4_quads(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """many graphs in one body, or each by itself"""
    make(kg, meetings(60))
    done(live, kg)
    assert held(live, where) == expected(kg)
    profile = where.profile
    record.append(("TriG" if profile.trig else "N-Quads") if profile.quads else "each by itself")


def test_c5_twice(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """sent twice, held once"""
    make(kg, meetings(5))
    done(live, kg)
    (journal,) = (kg / "push").iterdir()
    journal.unlink()
    done(live, kg, "--append")
    assert held(live, where) == expected(kg)


def test_c6_broken_body(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """a broken body leaves the old data"""
    make(kg, meetings(2))
    done(live, kg)
    before = held(live, where)
    url = where.graph_url(f"<{BASE}graph/registry>".encode())
    broken = b'<urn:x> <urn:p> "fine" .\n<urn:x> <urn:p> "cut off'
    headers = {"Content-Type": where.profile.triples_type}
    with remote(live, where) as client, pytest.raises(RemoteFailed):
        client.send("PUT" if where.profile.put else "POST", url, content=broken, headers=headers)
    after = held(live, where)
    assert {g: n for g, n in after.items() if g != f"{BASE}graph/registry"} == {
        g: n for g, n in before.items() if g != f"{BASE}graph/registry"
    }
    if after != before:
        # Named in the docs: such a store loses the graph, and the journal is what brings it back.
        record.append("no: that graph is lost until the next push")
        assert run(live, kg).exit_code == 0
        assert held(live, where) == before


PORTABLE = [
    f'"2017-12-14"^^<{XSD}date>',
    f'"2017"^^<{XSD}gYear>',
    f'"2017-12"^^<{XSD}gYearMonth>',
    f'"2017-12-14T01:02:03Z"^^<{XSD}dateTime>',
    f'"2017-12-14T01:02:03-05:00"^^<{XSD}dateTime>',
    f'"true"^^<{XSD}boolean>',
    f'"1.5"^^<{XSD}decimal>',
    f'"7"^^<{XSD}integer>',
    f'"-7"^^<{XSD}integer>',
    f'"http://www.wikidata.org/entity/Q96"^^<{XSD}anyURI>',
    '"Peña Nieto ñ \U0001f1f2\U0001f1fd 中文"@es',
    '"Peña"@es-mx',
    '""',
    '"tab\\t quote\\" backslash\\\\ line\\n return\\r"',
    "<https://example.org/pe%C3%B1a>",
    "<https://example.org/peña>",
]
HARD = {
    "decimal 1.10": f'"1.10"^^<{XSD}decimal>',
    "integer 007": f'"007"^^<{XSD}integer>',
    "30 digits": f'"{"1234567890" * 3}"^^<{XSD}integer>',
    "double 1.0E0": f'"1.0E0"^^<{XSD}double>',
    "@es-MX": '"x"@es-MX',
    "date 2024-02-30": f'"2024-02-30"^^<{XSD}date>',
    "year 12024": f'"12024-01-01"^^<{XSD}date>',
    "year -0044": f'"-0044-03-15"^^<{XSD}date>',
    "date with Z": f'"2017-12-14Z"^^<{XSD}date>',
    "microseconds": f'"2017-12-14T01:02:03.123456-05:00"^^<{XSD}dateTime>',
    "duration": f'"P1Y2M"^^<{XSD}duration>',
    "wktLiteral": '"POINT(-99.13 19.43)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>',
}


def _edges(values: list[str]) -> list[str]:
    return [f"<{BASE}id/edge/{n}> <{AC}value> {v} {EDGE} ." for n, v in enumerate(values)]


def test_c7_literals(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """literals that acuerdo writes arrive; of the hard ones, which are respelt or lost"""
    make(kg, _edges(PORTABLE))
    words = done(live, kg, "--verify", "full")
    assert f"{len(PORTABLE)} quads are there" in words
    for name, value in HARD.items():
        record += _fate(live, where, kg.parent / "hard", name, value)


def _fate(live: Live, where: Target, kg: Path, name: str, value: str) -> list[str]:
    """What became of one literal, if it is not what was sent."""
    # Each in a graph of its own, outside our base: some stores cannot delete what they respelt.
    base = f"https://example.org/hard/{name.replace(' ', '-')}/"
    kg = make(kg / name, [line.replace(BASE, base) for line in _edges([value])], base)
    result = run(live, kg, "--verify", "full")
    if result.exit_code == 0:
        return [f"{name} respelt"] if "another spelling" in result.stderr else []
    assert isinstance(result.exception, RemoteFailed)
    return [f"{name} lost" if "differ there" in str(result.exception) else f"{name} refused"]


def test_c8_long(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """ñ, emoji, a literal of 300 kB"""
    letters = "ñ\U0001f1f2" * 1000
    make(kg, _edges([f'"{"x" * 300_000}"', f'"{letters}"@es']))
    assert "2 quads are there" in done(live, kg, "--verify", "full")


def load_set(graphs: int, nodes: int) -> list[str]:
    lines = []
    for g in range(graphs):
        graph = f"<{BASE}graph/article/{g:05}>"
        for m in range(nodes):
            s = f"<{BASE}id/event/m{g}-{m}>"
            lines += [
                f"{s} {RDF_TYPE} <{AC}Meeting> {graph} .",
                f'{s} {RDFS_LABEL} "Reunión {m} \U0001f1f2\U0001f1fd en México"@es {graph} .',
                f'{s} <{AC}notBefore> "2017-02-{m % 27 + 1:02}"^^<{XSD}date> {graph} .',
                f"{s} <{AC}hasParticipant> <{BASE}id/person/p{m}> {graph} .",
                f"{s} <{AC}evidencedBy> <{BASE}id/article/{g}/v/0a1b2c3d#char={m},{m + 9}> {graph} .",
                f'{s} <{AC}note> "line\\none \\"quoted\\" \\\\ {m}" {graph} .',
                f'{s} <{AC}count> "{m}"^^<{XSD}integer> {graph} .',
                f'{s} <{AC}amountValue> "{m}.5"^^<{XSD}decimal> {graph} .',
            ]
    return lines


def test_c9_load(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """100,000 quads in 500 graphs, checked (figures: docs/benchmarks.md)"""
    make(kg, load_set(500, 25))
    began = time.monotonic()
    done(live, kg)
    took = time.monotonic() - began
    print(f"{live.profile}: 100,000 quads in {took:.1f} s")
    assert took < 90
    again = time.monotonic()
    assert "nothing to do" in done(live, kg)
    assert time.monotonic() - again < 5


def test_c10_auth(
    live: Live, where: Target, kg: Path, record: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """a wrong password is told in one clear line"""
    if live.user is None:
        record.append("open as it comes")
        return
    make(kg, meetings(2))
    monkeypatch.setenv("ACUERDO_PUSH_PASSWORD", "wrong")
    found = run(live, kg).exception
    assert isinstance(found, RemoteFailed)
    assert "wrong name, password or token" in str(found)
    monkeypatch.delenv("ACUERDO_PUSH_USER")
    monkeypatch.delenv("ACUERDO_PUSH_PASSWORD")
    found = run(live, kg, "--auth", "none").exception
    assert isinstance(found, RemoteFailed)
    assert "--auth digest" in str(found)
    record.append("Digest")


class Flaky(httpx.HTTPTransport):
    """A way to the store on which one write arrives but its answer is lost, and on which one store is busy once."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        writes = not request.read().startswith(b"query=")
        answer = super().handle_request(request)
        if writes and answer.status_code != 401:
            self.writes += 1
            if self.writes == 1:
                answer.close()
                raise httpx.ReadTimeout("the answer was lost", request=request)
            if self.writes == 2:
                answer.close()
                return httpx.Response(503, headers={"Retry-After": "0"}, request=request)
        return answer


def test_c11_busy(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """a lost answer and a 503 with Retry-After are tried again, and nothing is doubled"""
    make(kg, meetings(9))
    transport = Flaky()
    auth = credentials(None, live.user, live.url, where.profile.auth)
    with opened(kg) as source, Remote(auth, transport=transport) as client:
        push(source, Selection(source), where, client, journal=journal_path(kg, where))
    assert held(live, where) == expected(kg)


class Dying(httpx.HTTPTransport):
    """A way to the store that ends for good after some requests."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left < 0:
            raise httpx.ConnectError("gone", request=request)
        return super().handle_request(request)


def test_c12_resume(
    live: Live, where: Target, kg: Path, record: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """a push that broke off goes on where it stopped"""
    monkeypatch.setattr("time.sleep", lambda _: None)
    make(kg, load_set(60, 25))
    small = type(where)(_small(where), where.url, where.query_url)
    auth = credentials(None, live.user, live.url, where.profile.auth)
    journal = journal_path(kg, where)
    with (
        opened(kg) as source,
        Remote(auth, transport=Dying(6)) as client,
        pytest.raises(RemoteFailed),
    ):
        push(source, Selection(source), small, client, journal=journal)
    plans = []
    with opened(kg) as source, Remote(auth) as client:
        options = Options(planned=plans.append)
        push(source, Selection(source), small, client, journal=journal, options=options)
    assert held(live, where) == expected(kg)
    assert plans[0].same, "what had arrived is not sent again"


def _small(where: Target) -> object:
    import msgspec

    return msgspec.structs.replace(where.profile, batch_bytes=100_000, writers=1)


def test_c13_nothing_loaded(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """an answer of success that loaded nothing is found out"""
    make(kg, meetings(3))
    auth = credentials(None, live.user, live.url, where.profile.auth)
    with (
        opened(kg) as source,
        Remote(auth, transport=Deaf()) as client,
        pytest.raises(RemoteFailed) as found,
    ):
        push(source, Selection(source), where, client, journal=journal_path(kg, where))
    assert "7 of 7 graphs differ" in str(found.value)


class Deaf(httpx.HTTPTransport):
    """A way to the store that swallows writes and says that all is well."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        if not body.startswith(b"query="):
            return httpx.Response(200, html="<html>SPARQL Query Editor</html>", request=request)
        return super().handle_request(request)


def test_c14_union(live: Live, where: Target, kg: Path, record: list[str]) -> None:
    """the default graph is the union of the named ones"""
    make(kg, meetings(2))
    done(live, kg)
    bare = f"SELECT ?a WHERE {{ ?a a <{AC}Article> }}"
    with remote(live, where) as client:
        rows = client.select(where.query_url, bare)
        doubled = client.select(where.query_url, f"SELECT ?p WHERE {{ ?p a <{AC}Person> }}")
    assert len(rows) == 2
    people = {row["p"]["value"] for row in doubled}
    record.append("yes, a set" if len(doubled) == len(people) else "yes, a bag")


def test_the_sums_of_the_store_are_those_of_this_machine(
    live: Live, where: Target, kg: Path
) -> None:
    """Else every graph would be read back, which is right but slow."""
    make(kg, [*_edges(PORTABLE), *meetings(9)])
    done(live, kg)
    assert where.profile.sha1
    with ExitStack() as stack:
        source = stack.enter_context(opened(kg))
        client = stack.enter_context(remote(live, where))
        spool = stack.enter_context(Spool(source.quads()))
        verifier = Verifier(client, where, spool)
        verifier._compare = lambda *_: pytest.fail("the sums differ")  # type: ignore[method-assign]
        found = verifier.check(spool.entries.values(), counts(client, where), "hashes")
    assert not found.differences
