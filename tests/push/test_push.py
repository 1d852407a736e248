"""What `acuerdo push` does with a store that works: an Oxigraph server on loopback."""

import json
from pathlib import Path

import httpx
import pyoxigraph
import pytest
from click.testing import CliRunner, Result

from acuerdo.cli.push import command
from acuerdo.errors import AcuerdoError, WrongUsage
from graph_directory import AC, BASE, EDGES, XSD, dump, make, meetings
from push.faulty import FaultyStore


@pytest.fixture
def kg(tmp_path: Path) -> Path:
    return make(tmp_path / "kg", meetings(9))


def push(kg: Path, url: str, *args: str, to: str = "oxigraph") -> Result:
    return CliRunner().invoke(command, ["--kg", str(kg), "--to", to, url, *args])


def done(kg: Path, url: str, *args: str, to: str = "oxigraph") -> str:
    result = push(kg, url, *args, to=to)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stderr


def held(url: str) -> set[str]:
    answer = httpx.get(f"{url}/store", headers={"Accept": "application/n-quads"})
    return {str(q) for q in pyoxigraph.parse(answer.content, pyoxigraph.RdfFormat.N_QUADS)}


def expected(kg: Path) -> set[str]:
    return {str(q) for q in pyoxigraph.parse(dump(kg), pyoxigraph.RdfFormat.N_QUADS)}


def test_an_empty_store_holds_every_quad_afterwards(kg: Path, oxigraph: str) -> None:
    words = done(kg, oxigraph)
    assert held(oxigraph) == expected(kg)
    assert "19 graphs" in words
    assert f"{len(expected(kg))} quads are there" in words


def test_a_second_push_writes_nothing(kg: Path, faulty: FaultyStore) -> None:
    done(kg, faulty.url)
    wrote = len(faulty.writes)
    words = done(kg, faulty.url)
    assert len(faulty.writes) == wrote
    assert "nothing to do" in words


def test_only_graphs_that_differ_are_sent(kg: Path, faulty: FaultyStore) -> None:
    done(kg, faulty.url)
    before = len(faulty.writes)
    changed = [line.replace("Reunión 3 ", "Encuentro 3 ") for line in meetings(9)]
    make(kg, changed)
    done(kg, faulty.url)
    [request] = faulty.writes[before:]
    assert request.method == "PUT"
    assert request.params["graph"] == [f"{BASE}graph/article/003"]
    assert {str(q) for q in faulty.store} == expected(kg)


def test_a_graph_that_someone_else_changed_there_is_put_right(kg: Path, oxigraph: str) -> None:
    done(kg, oxigraph)
    update = f"INSERT DATA {{ GRAPH <{BASE}graph/registry> {{ <urn:a> <urn:b> <urn:c> }} }}"
    httpx.post(f"{oxigraph}/update", data={"update": update}).raise_for_status()
    done(kg, oxigraph)
    assert held(oxigraph) == expected(kg)


def test_without_a_journal_equal_graphs_are_recognised_and_not_sent_again(
    kg: Path, faulty: FaultyStore
) -> None:
    done(kg, faulty.url)
    wrote = len(faulty.writes)
    for path in (kg / "push").iterdir():
        path.unlink()
    words = done(kg, faulty.url)
    assert len(faulty.writes) == wrote
    assert "19 unchanged" in words


def test_without_a_journal_a_graph_of_equal_count_but_other_content_is_replaced(
    kg: Path, oxigraph: str
) -> None:
    old = [line.replace("Reunión 3 ", "Encuentro 3 ") for line in meetings(9)]
    done(make(kg.parent / "old", old), oxigraph)
    words = done(kg, oxigraph)
    assert "1 changed" in words
    assert held(oxigraph) == expected(kg)


def test_graphs_that_are_gone_stay_until_yes_and_the_exit_code_says_so(
    kg: Path, oxigraph: str
) -> None:
    done(kg, oxigraph)
    make(kg, meetings(7))
    result = push(kg, oxigraph)
    assert result.exit_code == 1
    assert "--yes deletes them" in result.stderr
    assert len(held(oxigraph)) > len(expected(kg))
    assert "Deleted: 4 graphs" in done(kg, oxigraph, "--yes")
    assert held(oxigraph) == expected(kg)


def test_graphs_of_other_people_are_never_touched(kg: Path, oxigraph: str) -> None:
    foreign = "<urn:theirs> <urn:p> <urn:o> <https://elsewhere.example/graph/article/001> ."
    httpx.post(
        f"{oxigraph}/store", content=foreign, headers={"Content-Type": "application/n-quads"}
    ).raise_for_status()
    done(kg, oxigraph, "--yes")
    assert held(oxigraph) == expected(kg) | {foreign.removesuffix(" .")}


def test_append_keeps_what_is_there_and_checks_that_ours_joined_it(kg: Path, oxigraph: str) -> None:
    update = f"INSERT DATA {{ GRAPH <{BASE}graph/registry> {{ <urn:a> <urn:b> <urn:c> }} }}"
    httpx.post(f"{oxigraph}/update", data={"update": update}).raise_for_status()
    done(kg, oxigraph, "--append")
    theirs = f"<urn:a> <urn:b> <urn:c> <{BASE}graph/registry>"
    assert held(oxigraph) == expected(kg) | {theirs}


def test_a_dry_run_lists_the_plan_and_writes_nothing(kg: Path, faulty: FaultyStore) -> None:
    result = push(kg, faulty.url, "--dry-run")
    assert result.exit_code == 0
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert {row[0] for row in rows} == {"new"}
    assert [f"{BASE}graph/registry"] == [row[2] for row in rows if row[2].endswith("registry")]
    assert not faulty.writes


@pytest.mark.parametrize("depth", ["counts", "hashes", "full"])
def test_every_depth_of_the_check_passes_on_a_good_store(
    kg: Path, oxigraph: str, depth: str
) -> None:
    assert "Checked: 19 graphs" in done(kg, oxigraph, "--verify", depth)


def test_the_edges_of_the_literals_arrive(tmp_path: Path, oxigraph: str) -> None:
    kg = make(tmp_path / "kg", EDGES)
    words = done(kg, oxigraph, "--verify", "full")
    assert f"{len(EDGES)} quads are there" in words


def test_a_literal_that_the_store_spells_otherwise_is_named(tmp_path: Path, oxigraph: str) -> None:
    graph = f"<{BASE}graph/registry>"
    kg = make(tmp_path / "kg", [f'<urn:a> <{AC}p> "1.10"^^<{XSD}decimal> {graph} .'])
    words = done(kg, oxigraph)
    assert '"1.10"' in words
    assert '"1.1"' in words


def test_the_demo_base_is_refused_and_nothing_is_sent(tmp_path: Path, faulty: FaultyStore) -> None:
    demo = "https://w3id.org/acuerdo/demo/"
    kg = make(tmp_path / "kg", meetings(2, demo), demo)
    result = push(kg, faulty.url)
    assert isinstance(result.exception, WrongUsage)
    assert "--allow-demo-base" in str(result.exception)
    assert not faulty.writes
    done(kg, faulty.url, "--allow-demo-base")
    assert {str(q) for q in faulty.store} == expected(kg)


def test_one_article_can_be_pushed_alone(kg: Path, oxigraph: str) -> None:
    done(kg, oxigraph, "--article", "003")
    graphs = {quad.rsplit(" ", 1)[1] for quad in held(oxigraph)}
    assert graphs == {f"<{BASE}graph/{layer}/003>" for layer in ("article", "inferred")}


@pytest.mark.parametrize("to", ["gsp", "update"])
def test_the_generic_profiles_deliver_too(kg: Path, oxigraph: str, to: str) -> None:
    path = "/store" if to == "gsp" else "/update"
    done(kg, oxigraph + path, "--query-url", oxigraph + "/query", to=to)
    assert held(oxigraph) == expected(kg)
    make(kg, [line.replace("Reunión 3 ", "Encuentro 3 ") for line in meetings(8)])
    done(kg, oxigraph + path, "--query-url", oxigraph + "/query", "--yes", to=to)
    assert held(oxigraph) == expected(kg)


def test_a_profile_of_ones_own_is_a_toml_file(kg: Path, oxigraph: str, tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    profile.write_text(
        '[mine]\ntitle = "Mine"\nexample = "http://x"\nunion = "?"\n'
        'query = "{url}/query"\ngraph = "{url}/store?graph={graph}"\nupdate = "{url}/update"\n'
    )
    done(kg, oxigraph, to=str(profile))
    assert held(oxigraph) == expected(kg)
    profile.write_text('[mine]\ntitle = "Mine"\nspeed = 3\n')
    assert "mine.toml" in str(push(kg, oxigraph, to=str(profile)).exception)


def test_the_journal_holds_neither_address_nor_secret(
    kg: Path, oxigraph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACUERDO_PUSH_PASSWORD", "s3cret-word")
    done(kg, oxigraph, "--user", "ana")
    [journal] = (kg / "push").iterdir()
    text = journal.name + journal.read_text()
    assert "s3cret-word" not in text
    assert "127.0.0.1" not in text
    assert {json.loads(line)["state"] for line in journal.read_text().splitlines()} == {
        "sent",
        "verified",
    }


def test_two_pushes_to_one_store_do_not_run_at_once(kg: Path, oxigraph: str) -> None:
    from acuerdo.push.journal import Journal, path_for
    from acuerdo.push.profiles import named, target

    with Journal(path_for(kg, target(named("oxigraph"), oxigraph))):
        found = push(kg, oxigraph).exception
    assert isinstance(found, AcuerdoError)
    assert "under way" in str(found)
