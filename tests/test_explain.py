"""`acuerdo explain`: an inferred statement comes with its premises and their sentences."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from acuerdo import assets, infer
from acuerdo.build import Options, build
from acuerdo.cli import acuerdo
from acuerdo.errors import BadQuery
from acuerdo.iri import AC, FIXED, Bases
from acuerdo.query.kg import open_kg
from acuerdo.query.why import why

ROOT = Path(__file__).parents[1]
ONTOLOGY = assets.path("ontology")
BASES = Bases()


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph directory with one brief mapped and inferred, and the registry."""
    kg = tmp_path_factory.mktemp("explain") / "kg"
    build(Options(sources=(ROOT / "examples" / "briefs" / "ganseg-2019.json",), kg=kg, jobs=1))
    return kg


def explained(kg: Path, *arguments: str) -> Result:
    return CliRunner().invoke(acuerdo, ["explain", *arguments, "--kg", str(kg)])


def test_an_inferred_statement_comes_down_to_asserted_ones_with_sentences(kg: Path) -> None:
    result = explained(kg, "event/ganseg-meeting", "involves", "country/mexico")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0] == (
        "event/ganseg-meeting ac:involves country/mexico  [inferred in brief-ganseg-2019]"
    )
    assert "  [article in brief-ganseg-2019]" in result.stdout
    assert "For the hosts came Foreign Minister Marcelo Ebrard" in result.stdout
    # Three secretariats sent somebody; one of them is enough, and it is the first by its terms.
    told = re.findall(r"agency/(\S+) ac:jurisdiction country/mexico  \[registry\]", result.stdout)
    assert told == ["secretariat-of-security-and-citizen-protection"]


def test_of_several_premises_the_same_are_named_in_every_process(kg: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "acuerdo",
        "explain",
        "event/ganseg-meeting",
        "involves",
        "country/mexico",
    ]
    told = {
        subprocess.run(
            [*command, "--kg", str(kg)], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(told) == 1


def test_every_inferred_statement_of_the_graph_can_be_explained(kg: Path) -> None:
    graph = open_kg(kg)
    inferred = ox.NamedNode(BASES.graph + "inferred/brief-ganseg-2019")
    quads = list(graph.store.quads_for_pattern(None, None, None, inferred))
    assert len(quads) > 100
    for quad in quads[::10]:
        terms = [str(t.value) for t in (quad.subject, quad.predicate, quad.object)]  # type: ignore[union-attr]
        lines = why(graph, [ONTOLOGY], *terms)
        assert lines[0].ground == "inferred"
        assert any(line.ground == "article" for line in lines)
        assert all(line.depth == 0 or line.ground != "" for line in lines)


def test_an_asserted_statement_shows_its_sentence(kg: Path) -> None:
    result = explained(kg, "event/ganseg-meeting", "venue", "place/sre-headquarters")
    assert "[article in brief-ganseg-2019]" in result.stdout
    assert "#char=" in result.stdout
    assert len(result.stdout.splitlines()) > 1


def test_names_and_concepts_are_understood(kg: Path) -> None:
    graph = open_kg(kg)
    (line,) = why(graph, [ONTOLOGY], "event/ganseg-meeting", "status", "status/occurred")
    assert line.statement == (
        BASES.id + "event/ganseg-meeting",
        AC + "status",
        FIXED + "status/occurred",
    )
    lines = why(graph, [ONTOLOGY], "Marcelo Ebrard", "a", "ac:Official")
    assert lines[0].statement[0] == BASES.id + "person/marcelo-ebrard"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("event/ganseg-meeting", "venue", "country/mexico"), "no graph says"),
        (("event/nowhere", "venue", "country/mexico"), "nothing in the graph is named"),
    ],
)
def test_what_the_graph_does_not_say_is_one_line(
    kg: Path, asked: tuple[str, ...], told: str
) -> None:
    result = explained(kg, *asked)
    assert isinstance(result.exception, BadQuery)
    assert told in str(result.exception)


def test_two_claims_in_conflict_are_set_side_by_side() -> None:
    from acuerdo.infer import explain

    graph = f"<{BASES.graph}article/a>"
    lines = [
        f"<x:{n}> <{AC}{p}> <{o}> {graph} ."
        for n, place in ((1, "x:island"), (2, "x:city"))
        for p, o in (
            ("claimSubject", "x:boat"),
            ("claimPredicate", AC + "destination"),
            ("claimObject", place),
            ("polarity", FIXED + "polarity/affirmed"),
        )
    ]
    asserted = "".join(f"{line}\n" for line in sorted(lines)).encode()
    context = infer.load([ONTOLOGY], BASES)
    steps = explain.explain(explain.fact("x:1", AC + "contradicts", "x:2"), asserted, context)
    assert [step.ground for step in steps] == ["inferred", *["article"] * 8]
    assert {step.object for step in steps if step.predicate.endswith("claimObject")} == {
        "x:island",
        "x:city",
    }
