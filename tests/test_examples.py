"""The example articles are sound: offsets, digests, quotes, references, evidence, names."""

import hashlib
import re
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import msgspec
import pytest

from acuerdo import assets
from acuerdo.model import Article, Event, Mention

EXAMPLES = assets.path("examples")
SEEDS = sorted((EXAMPLES / "seeds").glob("*.json"))
BRIEFS = sorted((EXAMPLES / "briefs").glob("*.json"))
EVERY = pytest.mark.parametrize("path", [*SEEDS, *BRIEFS], ids=lambda p: p.stem)
QUOTE_SHARE = 0.10


@cache
def article(path: Path) -> Article:
    return msgspec.json.decode(path.read_bytes(), type=Article)


def nodes(one: Article) -> list:
    return [*one.entities, *one.events]


def mentions(one: Article) -> list[Mention]:
    own = chain.from_iterable(node.mentions for node in nodes(one))
    return [*own, *evidence(one)]


def evidence(one: Article) -> list[Mention]:
    return [m for node in (*one.events, *one.relations) for m in node.evidence]


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def text_of(one: Article, texts: Path) -> str:
    found = [
        path.read_bytes()
        for path in texts.iterdir()
        if hashlib.sha256(path.read_bytes()).hexdigest() == one.sha256
    ]
    assert len(found) == 1, f"{one.id}: no text has this digest"
    return found[0].decode()


def check_words(one: Article, text: str) -> None:
    for mention in mentions(one):
        words = text[mention.start : mention.end]
        assert words == words.strip()
        assert words
        assert mention.text in {None, words}
        assert mention.digest in {None, digest(words)}
        assert all(text[start:end].strip() for start, end in mention.more)


@pytest.mark.parametrize("path", BRIEFS, ids=lambda p: p.stem)
def test_every_mention_of_a_brief_stands_at_its_offsets(path: Path) -> None:
    one = article(path)
    assert one.text
    check_words(one, one.text)


@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.stem)
def test_every_mention_of_a_real_article_stands_at_its_offsets(path: Path, shared: Path) -> None:
    one = article(path)
    check_words(one, text_of(one, shared / "seeds"))


@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.stem)
def test_a_real_article_keeps_names_and_short_quotes_only(path: Path) -> None:
    one = article(path)
    assert one.text is None
    assert all(mention.text is None for mention in evidence(one))
    kept = [mention.text for node in nodes(one) for mention in node.mentions if mention.text]
    assert max(len(words) for words in kept) <= 80
    quotes = [str(node.attrs["quote"]) for node in nodes(one) if "quote" in node.attrs]
    length = max(mention.end for mention in mentions(one))  # never more than the article has
    assert all(len(quote) <= 300 for quote in quotes)
    assert sum(map(len, quotes)) <= QUOTE_SHARE * length


def word_runs(text: str, length: int = 8) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


@pytest.mark.parametrize("path", BRIEFS, ids=lambda p: p.stem)
def test_a_brief_copies_no_eight_words_of_a_real_article(path: Path, shared: Path) -> None:
    runs = word_runs(article(path).text or "")
    for real in sorted((shared / "seeds").glob("*.txt")):
        assert not runs & word_runs(real.read_text(encoding="utf-8")), real.name


@EVERY
def test_ids_are_unique_and_every_reference_resolves(path: Path) -> None:
    one = article(path)
    ids = [node.id for node in nodes(one)]
    assert len(ids) == len(set(ids))
    named = {i for event in one.events for ids in event.args.values() for i in ids}
    named |= {end for r in one.relations for end in (r.source, r.target)}
    assert named <= set(ids)
    unused = {e.id for e in one.entities if not e.mentions} - named
    assert not unused, "neither mentioned nor part of anything"


@EVERY
def test_every_event_and_relation_has_evidence(path: Path) -> None:
    one = article(path)
    assert [node.id for node in one.events if not node.evidence] == []
    assert [f"{r.source} {r.type} {r.target}" for r in one.relations if not r.evidence] == []


@EVERY
def test_furniture_holds_no_mention_and_no_evidence(path: Path) -> None:
    one = article(path)
    for section in one.sections:
        if section.kind == "furniture":
            inside = [m for m in mentions(one) if m.start < section.end and section.start < m.end]
            assert inside == []


@EVERY
def test_every_date_has_bounds_and_dated_events_name_dates(path: Path) -> None:
    dates = pytest.importorskip("acuerdo.dates")
    one = article(path)
    values = {e.id: e.value for e in one.entities if e.type == "Date"}
    for value in (*values.values(), one.published):
        assert isinstance(value, str)
        assert dates.bounds(value.partition("T")[0])
    for event in one.events:
        assert set(event.args.get("time", ())) <= set(values)


HAS_STATUS = {"Meeting", "Call", "Visit", "Consultation", "SecurityAction", "Agreement", "Event"}
HAS_STATUS |= {"Designation"}


@EVERY
def test_every_meeting_agreement_and_designation_has_one_status(path: Path) -> None:
    for event in article(path).events:
        if event.type in HAS_STATUS:
            assert isinstance(event.attrs.get("status"), str), event.id


@EVERY
def test_every_alleged_event_is_the_object_of_a_claim_that_somebody_made(path: Path) -> None:
    one = article(path)
    conveyed = {i for e in one.events if e.type == "Statement" for i in e.args.get("conveys", ())}
    objects = {
        i
        for event in one.events
        if event.type == "Claim" and event.id in conveyed
        for i in event.args.get("claimObject", ())
    }
    alleged = {event.id for event in one.events if event.attrs.get("status") == "alleged"}
    assert alleged <= objects


@EVERY
def test_every_claim_is_conveyed_and_says_how(path: Path) -> None:
    one = article(path)
    conveyed = {i for event in one.events for i in event.args.get("conveys", ())}
    for event in one.events:
        if event.type == "Claim":
            assert event.id in conveyed
            assert {"claimPredicate", "polarity", "modality", "voice"} <= set(event.attrs)


@EVERY
def test_every_tenure_has_one_holder_one_post_and_a_capacity(path: Path) -> None:
    one = article(path)
    kinds = {node.id: node.type for node in nodes(one)}
    for event in one.events:
        if event.type == "Tenure":
            assert [kinds[i] for i in event.args["holder"]] == ["Person"]
            assert [kinds[i] for i in event.args["post"]] == ["Post"]
            assert "capacity" in event.attrs


@EVERY
def test_evidence_runs_in_reading_order(path: Path) -> None:
    for event in article(path).events:
        assert isinstance(event, Event)
        assert all(a.start < b.start for a, b in pairwise(event.evidence)), event.id


REGISTRY = assets.path("ontology") / "registry"


def registered() -> set[str]:
    head = re.compile(r"^<id/([^>]+)>", re.MULTILINE)
    files = REGISTRY.glob("*.ttl")
    return {key for path in files for key in head.findall(path.read_text(encoding="utf-8"))}


def refs(one: Article) -> set[str]:
    return {node.ref for node in nodes(one) if node.ref}


def test_every_ref_of_a_real_article_is_in_the_registry() -> None:
    assert set().union(*(refs(article(path)) for path in SEEDS)) - registered() == set()


def test_a_ref_that_the_registry_does_not_know_joins_at_least_two_articles() -> None:
    used = [ref for path in (*SEEDS, *BRIEFS) for ref in refs(article(path))]
    alone = {ref for ref in used if used.count(ref) == 1}
    assert alone - registered() == set()


@EVERY
def test_the_page_of_the_examples_says_what_each_is_for(path: Path) -> None:
    page = (assets.ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    assert f"| `{path.stem}` |" in page
