"""A finding says which article, which annotation, which words; every format tells the same."""

import csv
import io
import json
from pathlib import Path

import msgspec
import pyoxigraph as ox
import pytest

from acuerdo import assets, mapping, read, resolve
from acuerdo.errors import BadSource
from acuerdo.iri import DEMO_BASE
from acuerdo.model import Article
from acuerdo.validate import (
    Context,
    Report,
    Sifted,
    Validator,
    article_shapes,
    rdf,
    sarif,
    show,
    sift,
)
from acuerdo.vocabulary import SH

ROOT = Path(__file__).parents[2]
BRIEF = ROOT / "examples" / "briefs" / "llamada-2017.json"


@pytest.fixture(scope="module")
def world() -> resolve.World:
    return resolve.load([assets.path("ontology")])


@pytest.fixture(scope="module")
def validator() -> Validator:
    folder = assets.path("ontology")
    files = [
        folder / "acuerdo.ttl",
        *sorted(folder.glob("vocab/*.ttl")),
        *sorted(folder.glob("registry/*.ttl")),
    ]
    return Validator(article_shapes(), Context.read(files, DEMO_BASE))


def changed(event: str, **attrs: str) -> Article:
    """The brief about two calls with other attributes of one event."""
    plain = json.loads(BRIEF.read_text(encoding="utf-8"))
    next(e for e in plain["events"] if e["id"] == event)["attrs"].update(attrs)
    return msgspec.convert(plain, Article)


@pytest.fixture(scope="module")
def sifted(world: resolve.World, validator: Validator) -> Sifted:
    """The first call made a rumour that nobody told."""
    resolved = resolve.resolve(changed("interior-call", status="alleged"), world)
    return sift(mapping.map_article(resolved, world), validator, resolved)


@pytest.fixture(scope="module")
def report(sifted: Sifted) -> Report:
    return Report(sifted.findings, "shacl")


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/*.json")), ids=lambda p: p.stem)
def test_no_example_of_the_project_breaks_a_shape_that_blocks(path, world, validator) -> None:
    for one in read.articles([path]):
        resolved = resolve.resolve(one.article, world)
        sifted = sift(mapping.map_article(resolved, world), validator, resolved)
        assert [f for f in sifted.findings if f.severity == "violation"] == []
        assert sifted.quarantined == b""


def test_a_finding_names_article_annotation_offsets_and_words(sifted: Sifted) -> None:
    text = changed("interior-call").text or ""
    finding = next(f for f in sifted.findings if f.shape.endswith("#Alleged"))
    assert (finding.article, finding.annotation) == ("brief-llamada-2017", "interior-call")
    assert finding.words == text[finding.start : finding.end]
    assert finding.words
    assert "llam" in finding.words.lower() or "habló" in finding.words


def test_a_participation_is_found_at_its_event(sifted: Sifted) -> None:
    fallen = [f for f in sifted.findings if f.shape.endswith("#Participation-event")]
    assert {f.annotation for f in fallen} == {"interior-call"}
    assert len(fallen) == 2


@pytest.mark.parametrize(
    ("event", "named"), [("visit-plan", "visit-plan"), ("interior-call", None)]
)
def test_without_the_article_a_finding_points_at_its_passage(
    event, named, world, validator
) -> None:
    resolved = resolve.resolve(changed(event, status="alleged"), world)
    bare = sift(mapping.map_article(resolved, world), validator)
    finding = next(f for f in bare.findings if f.shape.endswith("#Alleged"))
    assert finding.article == "brief-llamada-2017"
    assert finding.annotation == named  # a local event has its id in its IRI, a shared one has not
    assert finding.words
    assert finding.words in (resolved.article.text or "")


def test_ids_are_the_same_in_the_next_run_and_differ_between_findings(
    report: Report, world, validator
) -> None:
    resolved = resolve.resolve(changed("interior-call", status="alleged"), world)
    again = sift(mapping.map_article(resolved, world), validator, resolved)
    assert [f.id for f in again.findings] == [f.id for f in report.findings]
    assert len({f.id for f in report.findings}) == len(report.findings)


def test_the_text_shows_the_line_with_carets_below_the_words(report: Report) -> None:
    article = changed("interior-call")
    lines = list(show.text(report, {article.id: article.text or ""}))
    at = next(i for i, line in enumerate(lines) if "Alleged" in line)
    shown, carets = lines[at + 1], lines[at + 2]
    finding = next(f for f in report.findings if f.shape.endswith("#Alleged"))
    first, last = carets.index("^"), carets.rindex("^") + 1
    assert shown[first:last] == finding.words[: last - first]


def test_the_text_speaks_spanish(report: Report) -> None:
    lines = "\n".join(show.text(report, language="es"))
    assert "infracción Alleged" in lines
    assert "una afirmación no es un hecho" in lines


def test_control_characters_do_not_reach_the_terminal(report: Report) -> None:
    loud = msgspec.structs.replace(report.findings[0], words="a\x1b[31mb", annotation="x\x07")
    lines = "\n".join(show.text(Report((loud,), "shacl")))
    assert "\x1b" not in lines
    assert "\x07" not in lines


def test_carets_stand_below_wide_and_combining_characters(report: Report) -> None:
    text = "日本 e\u0301l acuerdo"
    start = text.index("acuerdo")
    finding = msgspec.structs.replace(
        report.findings[0], article="a", start=start, end=len(text), cause=None
    )
    _, line, carets, _ = show.text(Report((finding,), "shacl"), {"a": text})
    assert line.endswith("acuerdo")
    # 日本 take four columns, the accent none: 4 + 1 + 1 + 1 + 1 before the word.
    assert carets.index("^") - carets.index("|") - 2 == 8
    assert carets.count("^") == 7


def test_json_csv_and_sarif_tell_the_same_findings(report: Report) -> None:
    ids = [finding.id for finding in report.findings]
    assert [f["id"] for f in json.loads(show.json(report))["findings"]] == ids
    rows = list(csv.DictReader(io.StringIO(show.table(report, "es"))))
    assert [row["id"] for row in rows] == ids
    assert all(row["message"] for row in rows)
    run = json.loads(sarif.sarif(report, {"brief-llamada-2017": BRIEF}))["runs"][0]
    assert [r["partialFingerprints"]["acuerdoFinding/v1"] for r in run["results"]] == ids


def test_sarif_points_at_the_line_of_the_annotation(report: Report) -> None:
    run = json.loads(sarif.sarif(report, {"brief-llamada-2017": BRIEF}))["runs"][0]
    source = BRIEF.read_text(encoding="utf-8").splitlines()
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert f'"id": "{result["properties"]["annotation"]}"' in source[region["startLine"] - 1]


def test_the_rdf_report_is_the_standard_one(report: Report, validator: Validator) -> None:
    graph = ox.Store()
    graph.bulk_load(rdf.rdf(report, validator.shapes), format=ox.RdfFormat.TURTLE)
    rows = graph.query(
        f"PREFIX sh: <{SH}> SELECT ?focus ?shape ?component ?severity WHERE {{ "
        "?report a sh:ValidationReport ; sh:conforms false ; sh:result ?r . ?r a sh:ValidationResult ; "
        "sh:focusNode ?focus ; sh:sourceShape ?shape ; sh:sourceConstraintComponent ?component ; "
        "sh:resultSeverity ?severity ; sh:resultMessage ?en FILTER (LANG(?en) = 'en') }"
    )
    told = sorted((r["focus"].value, r["shape"].value, r["component"].value) for r in rows)
    assert told == sorted((f.focus, f.shape, f.component) for f in report.findings)


def test_the_rdf_report_holds_whole_paths(report: Report, validator: Validator) -> None:
    graph = ox.Store()
    graph.bulk_load(rdf.rdf(report, validator.shapes), format=ox.RdfFormat.TURTLE)
    inverse = f"ASK {{ ?r <{SH}resultPath> [ <{SH}inversePath> ?p ] }}"
    assert graph.query(inverse)


def test_a_baseline_hides_what_was_known(report: Report, tmp_path: Path) -> None:
    first, *rest = report.findings
    saved = tmp_path / "known.json"
    saved.write_bytes(show.json(Report(tuple(rest), "shacl")))
    assert show.new(report, show.baseline(saved)).findings == (first,)


@pytest.mark.parametrize("words", ["[]", '{"findings": [{}]}', "not json", '{"findings": 3}'])
def test_a_baseline_that_is_no_report_is_refused(words: str, tmp_path: Path) -> None:
    saved = tmp_path / "known.json"
    saved.write_text(words)
    with pytest.raises(BadSource, match="not a report"):
        show.baseline(saved)


def test_the_example_of_the_page_is_what_is_printed(report: Report) -> None:
    page = (ROOT / "docs" / "how-to" / "validate.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith("brief-llamada-2017:"))
    assert line in list(show.text(report))
