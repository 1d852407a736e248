"""Anybody's RDF: every syntax, packed or not; what cannot be read is named with file and line."""

import gzip
from pathlib import Path

import pytest

from acuerdo.errors import BadSource, WrongUsage
from acuerdo.validate import Validator, data
from acuerdo.validate.engines import Native, Oracle

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e/> .
:S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property :n .
:n a sh:PropertyShape ; sh:path :n ; sh:minCount 1 .
"""
LINE = "<http://e/a> <http://e/p> <http://e/b> .\n"


@pytest.fixture
def validator(tmp_path: Path) -> Validator:
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    return Validator([tmp_path / "shapes.ttl"])


def test_a_packed_file_is_read(tmp_path: Path, validator: Validator) -> None:
    path = tmp_path / "d.nt.gz"
    path.write_bytes(gzip.compress(LINE.encode()))
    assert len(data.check([path], validator).findings) == 1


def test_several_files_are_one_graph(tmp_path: Path, validator: Validator) -> None:
    (tmp_path / "a.nt").write_text(LINE)
    (tmp_path / "b.ttl").write_text("<http://e/a> <http://e/n> 1 .")
    assert data.check([tmp_path / "a.nt", tmp_path / "b.ttl"], validator).findings == ()


@pytest.mark.parametrize(("name", "line"), [("d.nt", 2), ("d.ttl", 2), ("d.nq", 2)])
def test_bad_syntax_is_named_with_its_line(
    name: str, line: int, tmp_path: Path, validator: Validator
) -> None:
    path = tmp_path / name
    path.write_text(LINE + "<http://e/a> <http://e/p> oops .\n")
    with pytest.raises(BadSource) as caught:
        data.check([path], validator)
    assert (caught.value.path, caught.value.line) == (str(path), line)


def test_a_damaged_archive_and_a_missing_file_are_named(
    tmp_path: Path, validator: Validator
) -> None:
    path = tmp_path / "d.ttl.gz"
    path.write_bytes(gzip.compress(LINE.encode() * 99)[:-9])
    for bad in (path, tmp_path / "nothing.ttl", tmp_path / "nothing.nt"):
        with pytest.raises(WrongUsage, match=str(bad)):
            data.check([bad], validator)


def test_a_suffix_that_says_no_syntax_is_refused(tmp_path: Path, validator: Validator) -> None:
    (tmp_path / "d.txt").write_text(LINE)
    with pytest.raises(WrongUsage, match=r"known are .*\.ttl"):
        data.check([tmp_path / "d.txt"], validator)


def test_a_shape_without_words_says_which_parameter_is_broken(
    tmp_path: Path, validator: Validator
) -> None:
    (tmp_path / "d.nt").write_text(LINE)
    (finding,) = data.check([tmp_path / "d.nt"], validator).findings
    assert finding.messages == {
        "en": "sh:minCount 1 does not hold.",
        "es": "No se cumple sh:minCount 1.",
    }
    assert finding.message("fr") == "sh:minCount 1 does not hold."


PATHS = [
    "[ sh:inversePath :n ]",
    "( :n [ sh:inversePath :m ] )",
    "[ sh:alternativePath ( :n [ sh:oneOrMorePath :m ] ) ]",
    "( [ sh:zeroOrMorePath :k ] [ sh:zeroOrOnePath :l ] :n )",
    "[ sh:inversePath ( :n :m ) ]",
]


@pytest.mark.parametrize("path", PATHS)
def test_both_engines_write_a_path_in_the_same_way(path: str, tmp_path: Path) -> None:
    (tmp_path / "s.ttl").write_text(SHAPES.replace("sh:path :n", f"sh:path {path}"))
    shapes = Validator([tmp_path / "s.ttl"]).shapes.ntriples
    paths = {
        engine.name: [r.path for r in engine(shapes).check(LINE)] for engine in (Native, Oracle)
    }
    assert paths["shacl"] == paths["pyshacl"]
    assert None not in paths["shacl"]
