"""A build is looked at article by article and all together; what inference made true is not."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from acuerdo import mapping, read, resolve
from acuerdo.cli.validate import command
from acuerdo.iri import DEMO_BASE
from acuerdo.validate import Report, Validator, article_shapes
from acuerdo.validate.shapes import graph_shapes, parse
from acuerdo.validate.whole import whole
from acuerdo.vocabulary import RDF
from graph_directory import make

ROOT = Path(__file__).parents[2]
AC = "https://w3id.org/acuerdo/ns#"
GRAPH = DEMO_BASE + "graph/"


def quads(files: list[Path], layer: str) -> list[bytes]:
    return [
        f"{t.subject} {t.predicate} {t.object} <{GRAPH}{layer}> .\n".encode()
        for path in files
        for t in parse(path, DEMO_BASE)
        if "_:" not in str(t)
    ]


@pytest.fixture(scope="module")
def dump() -> list[bytes]:
    """What a build of the examples holds, sorted."""
    world = resolve.load([ROOT / "ontology"])
    lines = []
    for path in sorted(ROOT.glob("examples/*/*.json")):
        for one in read.articles([path]):
            nquads = mapping.map_article(resolve.resolve(one.article, world), world)
            lines += nquads.splitlines(keepends=True)
    lines += quads([ROOT / "ontology" / "acuerdo.ttl"], "ontology")
    lines += quads(sorted(ROOT.glob("ontology/vocab/*.ttl")), "vocab")
    lines += quads(sorted(ROOT.glob("ontology/registry/*.ttl")), "registry")
    return sorted(set(lines))


def layer(graph: bytes) -> str:
    return graph[1:-1].decode().removeprefix(GRAPH).split("/")[0]


ARTICLE, ACROSS = Validator(article_shapes()), Validator(graph_shapes())


def checked(lines: list[bytes]) -> Report:
    return whole(sorted(lines), layer, ARTICLE, ACROSS)


def broken(lines: list[bytes]) -> set[str]:
    return {f.shape.rpartition("#")[2] for f in checked(lines).findings if f.severity != "info"}


def say(graph: str, subject: str, name: str, value: str) -> bytes:
    iri = RDF + "type" if name == "a" else AC + name
    return f"<{DEMO_BASE}id/{subject}> <{iri}> {value} <{GRAPH}{graph}> .\n".encode()


@pytest.fixture(scope="module")
def clean(dump: list[bytes]) -> Report:
    """What there is to say of the examples as they are."""
    return checked(dump)


def test_the_examples_built_together_break_no_shape_that_blocks(clean: Report) -> None:
    assert clean.conforms
    assert {f.article for f in clean.findings if f.article} <= {
        json.loads(path.read_text(encoding="utf-8"))["id"]
        for path in ROOT.glob("examples/*/*.json")
    }


def test_a_mistake_in_one_article_is_found_there(dump: list[bytes]) -> None:
    wrong = say(
        "article/brief-llamada-2017",
        "event/interior-call",
        "venue",
        f"<{DEMO_BASE}id/person/john-kelly>",
    )
    report = checked([*dump, wrong])
    (finding,) = [f for f in report.findings if f.severity == "violation"]
    assert (finding.shape.rpartition("#")[2], finding.article) == (
        "Event-venue",
        "brief-llamada-2017",
    )
    assert finding.words  # the passage that evidences the call


def test_two_articles_may_give_an_event_two_statuses_one_may_not(
    dump: list[bytes], clean: Report
) -> None:
    status = "<https://w3id.org/acuerdo/status/cancelled>"
    same = say("article/brief-llamada-2017", "event/interior-call", "status", status)
    other = say("article/brief-ganseg-2019", "event/interior-call", "status", status)
    before = {f.shape.rpartition("#")[2] for f in clean.findings}
    assert broken([*dump, same]) - before == {"Entity-status-one", "Both-ways"}
    told_twice = broken([*dump, other]) - before
    assert "Both-ways" in told_twice
    assert "Entity-status-one" not in told_twice


def test_a_circle_that_no_article_has_alone_is_found(dump: list[bytes]) -> None:
    one = say(
        "article/brief-llamada-2017", "agency/a", "partOfOrganization", f"<{DEMO_BASE}id/agency/b>"
    )
    other = say("registry", "agency/b", "partOfOrganization", f"<{DEMO_BASE}id/agency/a>")
    assert "Circle-partOfOrganization" in broken([*dump, one, other])


@pytest.mark.parametrize(
    "graph", ["inferred/brief-llamada-2017", "current", "wikidata", "provenance"]
)
def test_what_is_not_asserted_is_not_looked_at(
    dump: list[bytes], clean: Report, graph: str
) -> None:
    loop = f"<{DEMO_BASE}id/place/mexico-city>"
    wrong = [
        say(graph, "place/mexico-city", "within", loop),
        say(graph, "event/interior-call", "venue", f"<{DEMO_BASE}id/person/john-kelly>"),
    ]
    assert checked([*dump, *wrong]) == clean


def test_a_type_that_inference_gave_does_not_heal_a_wrong_value(dump: list[bytes]) -> None:
    person = "person/john-kelly"
    wrong = say(
        "article/brief-llamada-2017", "event/interior-call", "venue", f"<{DEMO_BASE}id/{person}>"
    )
    healed = say("inferred/brief-llamada-2017", person, "a", f"<{AC}Place>")
    assert "Event-venue" in broken([*dump, wrong, healed])


@pytest.fixture(scope="module")
def kg(dump: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph directory with the examples and one circle."""
    folder = tmp_path_factory.mktemp("kg")
    circle = say("registry", "place/x", "within", f"<{DEMO_BASE}id/place/x>")
    lines = [line.decode() for line in b"".join([*dump, circle]).splitlines(keepends=True)]
    make(folder, lines, DEMO_BASE)
    return folder


def run(*args: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, [str(arg) for arg in args], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def test_the_command_looks_at_the_published_graph(kg: Path) -> None:
    code, out, err = run("--kg", kg)
    assert code == 1
    assert "violation Circle-within" in out
    assert "1 violation" in err


def test_the_command_hides_a_baseline_and_fails_on_warnings_when_strict(
    kg: Path, tmp_path: Path
) -> None:
    _, saved, _ = run("--kg", kg, "--format", "json")
    (tmp_path / "known.json").write_text(saved, encoding="utf-8")
    code, out, err = run("--kg", kg, "--baseline", tmp_path / "known.json", "--strict")
    assert (code, out, err) == (0, "", "nothing to report\n")


MEETING = Path(__file__).parents[1] / "shapes" / "meeting"
STAGE = MEETING.parent / "stage.ttl"


def test_the_command_checks_anybodys_file(tmp_path: Path) -> None:
    code, out, _ = run(STAGE, MEETING / "invalid" / "one-participant.ttl", "--lang", "es")
    assert code == 0
    assert "aviso Meeting-participants" in out
    assert run(STAGE, MEETING / "invalid" / "one-participant.ttl", "--strict")[0] == 1
    assert run(STAGE, MEETING / "valid" / "meeting.ttl", "--strict")[0] == 0


SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e/> .
:S a sh:NodeShape ; sh:targetClass :P ; sh:property :n .
:n a sh:PropertyShape ; sh:path :n ; sh:minCount 1 ; sh:message "A P has an n."@en , "Un P tiene n."@es .
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.ttl", "@prefix : <http://e/> .\n\n:a a :P ."),
        ("d.nt", f"# a comment\n\n<http://e/a> <{RDF}type> <http://e/P> .\n"),
        ("d.nq", f"#\n#\n<http://e/a> <{RDF}type> <http://e/P> <http://e/g> .\n"),
        ("d.trig", "@prefix : <http://e/> .\n\n:g { :a a :P }"),
        ("d.jsonld", '{"@context": {"@base": "http://e/"},\n\n"@id": "/a", "@type": "http://e/P"}'),
    ],
)
@pytest.mark.parametrize("engine", ["shacl", "pyshacl"])
def test_every_syntax_and_both_engines_find_the_same(
    name: str, text: str, engine: str, tmp_path: Path
) -> None:
    (tmp_path / "s.ttl").write_text(SHAPES)
    (tmp_path / name).write_text(text)
    code, out, _ = run(
        tmp_path / name, "--shapes", tmp_path / "s.ttl", "--engine", engine, "--format", "sarif"
    )
    (result,) = json.loads(out)["runs"][0]["results"]
    assert code == 1
    assert result["message"]["text"] == "A P has an n."
    location = result["locations"][0]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "http://e/a"
    assert location["physicalLocation"]["region"]["startLine"] == 3


def test_the_command_looks_at_the_shapes_themselves(tmp_path: Path) -> None:
    assert run("--lint")[0] == 0
    (tmp_path / "s.ttl").write_text(SHAPES.replace("minCount", "minCont"))
    code, out, _ = run("--lint", "--shapes", tmp_path / "s.ttl")
    assert code == 1
    assert "s.ttl:3: unknown-term: SHACL has no sh:minCont" in out
