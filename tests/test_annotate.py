"""The annotation tool: marks become offsets, and come back."""

import subprocess
import sys
from pathlib import Path

import click
import msgspec
import pytest

from acuerdo import assets
from acuerdo.model import Article

TOOLS = assets.ROOT / "tools"
sys.path.insert(0, str(TOOLS))
annotate = pytest.importorskip("annotate", reason="tools/ is not part of a wheel")
marked_text = pytest.importorskip("marked_text")

MARKED = "[[#headline|📰 Short]]\n\n[[@1|[[ana|Ana [Ruiz\\]]] met [[bo|Bo]] [[t|on Friday]].]] [[#furniture|More]]"
FACTS = """\
Article a-1
  published = 2024-05-04
  date_basis = stated
  language = en
  author = Eva
Person ana
  name = Ana Ruiz
Person bo
Date t
  value = 2024-05-03
Group all
  count = 2
# a comment
Meeting m
  status = occurred
  topic = migration
  topic = trade
  participant: ana, bo
  time: t
  evidence: @1
ana -memberOf-> all
  confidence = 0.5
  evidence: @1
"""


def test_offsets_count_code_points_of_the_text_without_marks() -> None:
    made = annotate.make_article(MARKED, FACTS)
    text = made["text"]
    assert text == "📰 Short\n\nAna [Ruiz] met Bo on Friday. More"
    found = {
        e["id"]: [text[m["start"] : m["end"]] for m in e.get("mentions", ())]
        for e in made["entities"]
    }
    assert found == {"ana": ["Ana [Ruiz]"], "bo": ["Bo"], "t": ["on Friday"], "all": []}
    (meeting,) = made["events"]
    assert [m["text"] for m in meeting["evidence"]] == ["Ana [Ruiz] met Bo on Friday."]
    assert meeting["attrs"] == {"status": "occurred", "topic": ["migration", "trade"]}
    assert made["relations"][0]["confidence"] == 0.5
    assert made["sections"] == [
        {"start": 0, "end": 7, "kind": "headline"},
        {"start": 38, "end": 42, "kind": "furniture"},
    ]


def test_without_text_only_names_keep_their_words() -> None:
    made = annotate.make_article(MARKED, FACTS, without_text=True)
    assert "text" not in made
    assert len(made["sha256"]) == 64
    kept = [
        m.get("text") for e in (*made["entities"], *made["events"]) for m in e.get("mentions", ())
    ]
    assert kept == ["Ana [Ruiz]", "Bo", None]
    assert all(set(m) == {"start", "end", "digest"} for m in made["events"][0]["evidence"])


@pytest.mark.parametrize(
    ("marked", "facts", "says"),
    [
        ("[[ana|Ana", "Person ana", "line 1: [[ana| is never closed"),
        ("one\nAna]]", "Person ana", "line 2: ]] closes no mark"),
        ("[[bo|Bo]]", "Person ana", "no block has the id: ['bo']"),
        ("Ana", "Person ana\nPerson ana", "more than one block"),
        ("Ana", "Meeting m\n  participant: bo\n", "no block has the id: m -> bo"),
        ("Ana", "Meeting m\n  evidence: @7\n", "line 1: '@7' is no numbered sentence"),
        ("Ana", "Person ana\n  name Ana\n", "line 2: 'name Ana' is neither"),
        ("Ana", "Person\n", "line 1: 'Person' is neither"),
        ("[[@1|Ana.]]", "Statement s\n  quote = Bo\n  evidence: @1\n", "the quote does not stand"),
    ],
)
def test_a_slip_is_named_with_its_line(marked: str, facts: str, says: str) -> None:
    with pytest.raises(click.ClickException) as caught:
        annotate.make_article(marked, facts)
    assert says in caught.value.message


def test_an_article_without_its_date_is_refused() -> None:
    with pytest.raises(click.ClickException, match="published"):
        annotate.make_article("Ana", "Article x\n  language = en\n")


@pytest.mark.parametrize(
    "value", ["2", "-1.5", "true", "007", '"A" and "B"', '"2"', "a = b: c", "2019-11~"]
)
def test_words_and_numbers_come_back_as_they_were(value: str) -> None:
    assert annotate.plain(annotate.written(value)) == value
    assert annotate.plain(annotate.written(annotate.plain(value))) == annotate.plain(value)


def test_fragments_follow_their_mention() -> None:
    made = annotate.make_article(
        "[[a|National]] and local [[a~|Police]]",
        "Article x\n  published = 2024\n  date_basis = stated\n  language = en\nAgency a",
    )
    assert made["entities"][0]["mentions"] == [
        {"start": 0, "end": 8, "text": "National", "more": [[19, 25]]}
    ]


def test_marks_that_cross_are_refused() -> None:
    spans = [marked_text.Span(0, 5, "a"), marked_text.Span(3, 8, "b")]
    with pytest.raises(click.ClickException, match="crosses"):
        marked_text.write_marks("0123456789", spans)


@pytest.mark.parametrize("text", ["a [b] \\ c", "]] [[ |", "", "x\r\n[é]"])
def test_any_text_survives_marking(text: str) -> None:
    spans = [marked_text.Span(0, len(text), "a")] if text else []
    assert marked_text.read_marks(marked_text.write_marks(text, spans)) == (text, spans)


def test_sentences_end_at_stops_and_not_at_abbreviations() -> None:
    text = "Mr. Li met U.S. Attorney General B. Roe in D.C. on Friday. “It went well,” he said.\nNext line"
    assert [text[a:b] for a, b in marked_text.sentences(text)] == [
        "Mr. Li met U.S. Attorney General B. Roe in D.C. on Friday.",
        "“It went well,” he said.",
        "Next line",
    ]


EXAMPLES = sorted(assets.path("examples").rglob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_an_example_opened_and_made_again_is_the_same(
    path: Path, request: pytest.FixtureRequest
) -> None:
    one = msgspec.json.decode(path.read_bytes(), type=Article)
    texts = None if one.text else request.getfixturevalue("shared") / "seeds"
    text = one.text or annotate.text_by_digest(one.sha256, texts)
    marked, facts = annotate.open_article(one, text)
    again = annotate.make_article(marked, facts, without_text=one.text is None)
    assert annotate.dumped(again) == path.read_text(encoding="utf-8")


def test_start_make_and_open_run_as_commands(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ana met Bo.\n", encoding="utf-8")

    def run(*args: str) -> None:
        subprocess.run(
            [sys.executable, TOOLS / "annotate.py", *args], cwd=tmp_path, check=True, timeout=30
        )

    run("start", "a.txt")
    assert (tmp_path / "a.marked").read_text(encoding="utf-8") == "[[@1|Ana met Bo.]]\n"
    facts = (
        (tmp_path / "a.facts")
        .read_text(encoding="utf-8")
        .replace("published = ", "published = 2024-01-01")
    )
    (tmp_path / "a.facts").write_text(facts + "Event e\n  evidence: @1\n", encoding="utf-8")
    run("make", "a.marked", "a.facts")
    (tmp_path / "out").mkdir()
    run("open", "a.json", "-o", "out")
    assert (tmp_path / "out/a.marked").read_text(encoding="utf-8") == "[[@1|Ana met Bo.]]\n"
