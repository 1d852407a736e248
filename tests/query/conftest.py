"""A small graph directory, made by hand, for whatever needs a graph but no build."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo.query import Kg, open_kg

SMALL = Path(__file__).parent / "small.trig"
EXAMPLES = Path(__file__).parents[2] / "examples"
BASE = "https://example.org/news/"


@pytest.fixture(scope="session")
def small_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kg = tmp_path_factory.mktemp("small graph")
    build = kg / "builds" / "abcdef01"
    build.mkdir(parents=True)
    store = ox.Store(str(build / "store"))
    store.bulk_load(path=SMALL, format=ox.RdfFormat.TRIG)
    store.flush()
    (build / "manifest.json").write_text(f'{{"base": "{BASE}"}}')
    (kg / "CURRENT").write_text("abcdef01\n")
    return kg


@pytest.fixture(scope="session")
def small(small_directory: Path) -> Kg:
    return open_kg(small_directory)


@pytest.fixture(scope="session")
def examples_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of the examples, without the texts of the five real articles."""
    from acuerdo.build import Options, build

    kg = tmp_path_factory.mktemp("examples") / "kg"
    build(Options((EXAMPLES,), kg=kg))
    return kg
