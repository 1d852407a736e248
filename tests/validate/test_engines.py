"""Both engines find the same on our shapes: on every example of a mistake, and on articles with faults injected."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from acuerdo import mapping, read, resolve
from acuerdo.iri import DEMO_BASE
from acuerdo.validate import Context, Report, Validator, article_shapes

from .families import FAMILIES, Family, injured

ROOT = Path(__file__).parents[2]


def told(report: Report) -> Counter:
    return Counter(
        (
            f.focus,
            f.path,
            f.component,
            f.severity,
            f.shape,
            f.value,
            tuple(sorted(f.messages.items())),
        )
        for f in report.findings
    )


def apart(text: str, number: int) -> str:
    """The graph with nodes of its own, so that many fit in one."""
    moved = re.sub(
        "^<https://w3id.org/acuerdo/month", "<https://example.org", text, flags=re.MULTILINE
    )
    moved = moved.replace("<https://example.org/", f"<https://example.org/{number}/")
    return re.sub(r"([Pp]arley)>", rf"\1-{number}>", moved)


def together(family: Family, paths: list[Path]) -> str:
    graphs = [apart(family.graph(path), number) for number, path in enumerate(paths)]
    whole = "".join(graphs)
    return whole + family.validator.context.closure(whole.encode())


def both(family: Family, graph: str) -> tuple[Counter, Counter]:
    oracle = Validator(family.files, engine="pyshacl")
    return told(family.validator.check(graph)), told(oracle.check(graph))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_both_engines_find_the_same_in_some_examples(family: Family) -> None:
    native, oracle = both(family, together(family, family.paths("invalid")[::40]))
    assert native
    assert native == oracle


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_both_engines_find_the_same_in_every_example(family: Family) -> None:
    native, oracle = both(family, together(family, family.paths("invalid") + family.paths("valid")))
    assert len(native) >= len(family.paths("invalid"))
    assert native - oracle == Counter()
    assert oracle - native == Counter()


@pytest.mark.slow
def test_both_engines_find_the_same_in_injured_articles() -> None:
    seed = 11
    print("seed", seed)
    chance = random.Random(seed)
    world = resolve.load([ROOT / "ontology"])
    context = Context.shipped(DEMO_BASE)
    native = Validator(article_shapes(), engine="shacl")
    oracle = Validator(article_shapes(), engine="pyshacl")
    found: Counter = Counter()
    for path in sorted(ROOT.glob("examples/briefs/*.json")):
        (one,) = read.articles([path])
        nquads = mapping.map_article(resolve.resolve(one.article, world), world)
        lines = [line.rsplit(" ", 2)[0] + " .\n" for line in nquads.decode().splitlines()]
        graph = "".join(injured(lines, chance))
        graph += context.closure(graph.encode())
        expected = told(oracle.check(graph))
        assert told(native.check(graph)) == expected
        found += Counter(component for _, _, component, *_ in expected.elements())
    assert len(found) >= 10  # the faults reach many kinds of constraint
