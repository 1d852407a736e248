"""Shapes that would let everything pass are refused or named, with file and line."""

from pathlib import Path

import pytest

from acuerdo.errors import BadSource, WrongUsage
from acuerdo.validate import Validator, engines
from acuerdo.validate.lint import lint
from acuerdo.validate.shapes import ShapesGraph, article_shapes

from .families import FAMILIES, ONTOLOGY, Family

HEAD = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ac: <https://w3id.org/acuerdo/ns#> .
@prefix : <http://e/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
WORDS = 'sh:message "m"@en , "m"@es'


def written(folder: Path, body: str) -> Path:
    path = folder / "shapes.ttl"
    path.write_text(HEAD + body, encoding="utf-8")
    return path


def rules(folder: Path, body: str) -> list[str]:
    problems = lint(ShapesGraph([written(folder, body)]), ONTOLOGY)
    assert all(problem.file.endswith("shapes.ttl") for problem in problems)
    assert all(problem.line == 5 for problem in problems)  # the line after the prefixes
    return sorted({problem.rule for problem in problems})


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_the_shipped_shapes_have_no_problem(family: Family) -> None:
    assert [str(problem) for problem in lint(family.shapes, ONTOLOGY)] == []


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (
            f":S a sh:PropertyShape ; sh:targetClass ac:Meeting ; sh:minCount 1 ; {WORDS} .",
            "standard",
        ),
        (f':S a sh:PropertyShape ; sh:path ac:status ; sh:minCount "x" ; {WORDS} .', "standard"),
        (f":S a sh:PropertyShape ; sh:path ac:status ; sh:minCont 1 ; {WORDS} .", "unknown-term"),
        (f":S a sh:NodeShape ; sh:property [ sh:path ac:status ; {WORDS} ] .", "no-iri"),
        (':S a sh:PropertyShape ; sh:path ac:status ; sh:message "m"@en .', "no-message"),
        (":S a sh:NodeShape ; sh:pattern 'x' .", "no-message"),
        (
            (
                f":S a sh:PropertyShape ; sh:path ac:venue ; {WORDS} ; "
                "sh:or ( [ sh:class ac:Place ] [ sh:class ac:Actor ] ) ."
            ),
            "or-over-class",
        ),
        (f":S a sh:PropertyShape ; sh:path ac:statuss ; {WORDS} .", "undeclared"),
        (
            f":S a sh:NodeShape ; sh:targetClass ac:Meting ; sh:nodeKind sh:IRI ; {WORDS} .",
            "undeclared",
        ),
        (
            (
                f":S a sh:PropertyShape ; sh:path ac:status ; {WORDS} ; "
                "sh:in ( <https://w3id.org/acuerdo/status/ocurred> ) ."
            ),
            "undeclared",
        ),
        (
            (
                f":S a sh:NodeShape ; sh:targetClass ac:Meeting ; sh:sparql [ {WORDS} ; "
                'sh:select "SELECT $this { $this <https://w3id.org/acuerdo/ns#statuss> ?x }" ] .'
            ),
            "undeclared",
        ),
        (
            (
                f":S a sh:NodeShape ; sh:targetClass ac:Meeting ; {WORDS} ; "
                'sh:sparql [ sh:select "SELECT $this { $this a ?x }" ] , [ sh:select "SELECT $this { ?x a $this }" ] .'
            ),
            "several-queries",
        ),
    ],
)
def test_a_problem_is_named_with_its_place(tmp_path: Path, body: str, rule: str) -> None:
    assert rules(tmp_path, body) == [rule]


def test_an_undeclared_term_behind_a_prefix_of_a_query_is_found(tmp_path: Path) -> None:
    body = (
        f":S a sh:NodeShape ; sh:targetClass ac:Meeting ; sh:sparql [ {WORDS} ; sh:prefixes :o ; "
        'sh:select "SELECT $this { $this a:statuss ?x }" ] . :o a owl:Ontology ; sh:declare [ sh:prefix "a" ; '
        'sh:namespace "https://w3id.org/acuerdo/ns#"^^<http://www.w3.org/2001/XMLSchema#anyURI> ] .'
    )
    assert rules(tmp_path, body) == ["undeclared"]


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        (":S a sh:NodeShape ;\n  sh:minCount ; .", 6, "not a valid"),
        (":a :b :c .", None, "no shape in it"),
        ("", None, "no shape in it"),
        (
            "\n:S a sh:NodeShape .\n<> owl:imports <http://datashapes.org/dash> .",
            7,
            "is not fetched",
        ),
        (
            ":S a sh:NodeShape ; sh:node :T .\n\n:T a sh:NodeShape ; sh:not :S .",
            5,
            "asks for itself",
        ),
        (":S a sh:NodeShape ; sh:property [ sh:path :p ; sh:node :S ] .", 5, "asks for itself"),
        (":S a sh:NodeShape ; sh:and ( :T [ sh:or ( :S ) ] ) .", 5, "asks for itself"),
    ],
)
def test_shapes_that_cannot_be_trusted_are_refused(
    tmp_path: Path, body: str, line: int | None, reason: str
) -> None:
    path = written(tmp_path, body)
    with pytest.raises(BadSource, match=reason) as caught:
        Validator([path])
    assert caught.value.line == line
    assert caught.value.exit_code == 3
    assert caught.value.path == str(path)


@pytest.mark.parametrize(
    ("where", "word"),
    [
        ("{ SERVICE <http://e/sparql> { $this ?p ?o } }", "SERVICE"),
        ("FROM <http://e/graph> { $this ?p ?o }", "FROM"),
        ("{ $this ?p ?o MINUS { $this ?p 1 } }", "MINUS"),
        ("{ VALUES ?p { <http://e/p> } $this ?p ?o }", "VALUES"),
        ("{ ?x ?p ?o BIND (?x AS $this) }", "AS .this"),
        ("{ $this ?p ?o { SELECT ?x { ?x ?p ?o } } }", "SELECT .x"),
    ],
)
def test_a_query_that_leaves_the_graph_or_its_node_is_refused(
    where: str, word: str, tmp_path: Path
) -> None:
    path = written(
        tmp_path, f":S a sh:NodeShape ; sh:sparql [ sh:select 'SELECT $this {where}' ] ."
    )
    with pytest.raises(BadSource, match=f"must not have {word}") as caught:
        ShapesGraph([path])
    assert caught.value.line == 5


def test_words_in_strings_and_names_forbid_nothing(tmp_path: Path) -> None:
    where = '{ $this <http://e/service#from> ?o FILTER (?o = "minus values from") # a service'
    path = written(
        tmp_path, f":S a sh:NodeShape ; sh:sparql [ sh:select '''SELECT $this {where}\n}}''' ] ."
    )
    assert ShapesGraph([path]).shapes()


def test_very_deep_shapes_are_neither_refused_nor_fatal(tmp_path: Path) -> None:
    deep = "".join(f":S{n} a sh:NodeShape ; sh:node :S{n + 1} .\n" for n in range(3000))
    validator = Validator(
        [written(tmp_path, deep + ":S3000 a sh:NodeShape ; sh:nodeKind sh:IRI .")]
    )
    assert validator.check("<http://e/a> <http://e/b> <http://e/c> .\n").findings == ()


def test_an_import_of_what_the_files_hold_is_no_import(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(HEAD + ":a owl:imports :b . :S a sh:NodeShape .")
    (tmp_path / "b.ttl").write_text(HEAD + ":b a owl:Ontology .")
    assert len(ShapesGraph([tmp_path]).shapes()) == 1


def test_a_shapes_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no such shapes file"):
        ShapesGraph([tmp_path / "nothing.ttl"])


def test_without_the_wheel_the_oracle_takes_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: None)
    body = f":S a sh:PropertyShape ; sh:path :p ; sh:minCount 1 ; sh:targetNode :a ; {WORDS} ."
    path = written(tmp_path, body)
    report = Validator([path]).check("<http://e/a> <http://e/b> <http://e/c> .\n")
    assert (report.engine, len(report.findings)) == ("pyshacl", 1)
    with pytest.raises(WrongUsage, match="no wheel"):
        Validator([path], engine="shacl")


def test_of_many_shapes_files_the_one_that_no_engine_takes_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.ttl"
    path.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n<https://example.org/s> a sh:NodeShape ;"
        ' sh:property [ sh:path <https://example.org/p> ; sh:pattern "(((" ] .\n',
        encoding="utf-8",
    )
    with pytest.raises(BadSource, match="unclosed group") as caught:
        Validator([*article_shapes(), path])
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
