"""What a format carries comes back from it; what it does not carry is what its writer says, and no more."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acuerdo import read
from acuerdo.export.annotations import brat, doccano, nif
from acuerdo.export.annotations.convert import FORMATS, convert
from acuerdo.export.annotations.placed import normal, place
from acuerdo.model import Article, Entity, Event, Mention, Relation, Section
from acuerdo.read import Reading
from acuerdo.read.tools import labels

ROOT = Path(__file__).parents[1]
BRIEFS = sorted((ROOT / "examples" / "briefs").glob("*.json"))
KNOWN = labels(Reading()).vocabulary


def expected(article: Article, to: str) -> Article:
    """The article that the table of formats says a format carries."""
    if to == "brat":
        return normal(brat.reduced(article))
    if to == "nif":
        return nif.reduced(normal(article))
    if to == "doccano":
        return doccano.reduced(place(article))
    return article if to == "native" else normal(article)


def comparable(article: Article) -> dict:
    """The article with its lists in one order: what an order says is nothing."""
    tree = msgspec.to_builtins(article)
    for key in ("entities", "events", "relations"):
        items = [
            msgspec.json.decode(msgspec.json.encode(x, order="sorted")) for x in tree.get(key, ())
        ]
        for item in items:
            item["args"] = {role: sorted(ids) for role, ids in item.get("args", {}).items()}
        tree[key] = sorted(items, key=lambda x: msgspec.json.encode(x, order="sorted"))
    return tree


def through(article: Article, to: str, folder: Path) -> tuple[Article | None, list]:
    out = folder / to
    done = convert([("x", article)], out, to, KNOWN)
    assert (done.articles, done.faults) == (1, [])
    found = list(read.articles([out], reading=Reading()))
    return found[0].article, [str(f) for r in found for f in r.faults if f.level == "error"]


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("path", BRIEFS, ids=lambda p: p.stem)
def test_a_brief_comes_back_as_the_format_carries_it(path, to, tmp_path):
    (found,) = read.articles([path])
    back, faults = through(found.article, to, tmp_path)
    assert faults == []
    assert comparable(back) == comparable(expected(found.article, to))


# -- articles nobody wrote ---------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("abc déñ😀𝒳中.\n\t “”"), min_size=8, max_size=60).filter(
    lambda t: t.strip() and "\n\n" not in t
)
PLAIN = st.text(st.sampled_from("abcXYZ ñ'\"<&>{}[]|:;,#\\é😀"), min_size=1, max_size=12).filter(
    str.strip
)


@st.composite
def spans(draw, text: str) -> Mention:
    """A span whose edges are no white space, for brat knows none at a line's end."""
    inked = [i for i, c in enumerate(text) if not c.isspace()]
    start, last = sorted((draw(st.sampled_from(inked)), draw(st.sampled_from(inked))))
    return Mention(start, last + 1, text[start : last + 1])


@st.composite
def articles(draw) -> Article:
    text = draw(TEXTS)
    ids = draw(
        st.lists(
            st.text("abcdefT19-._", min_size=1, max_size=5), min_size=2, max_size=6, unique=True
        )
    )
    entities, events = [], []
    for ident in ids:
        mentions = tuple(draw(st.lists(spans(text), max_size=3, unique=True)))
        by = draw(st.sampled_from([None, "ana"]))
        if draw(st.booleans()):
            kind = draw(st.sampled_from(["Person", "Agency", "Place", "Date"]))
            name = draw(st.none() | PLAIN)
            value = (
                draw(st.sampled_from(["2019-12-05", "2017-02", "2019-11~"]))
                if kind == "Date"
                else None
            )
            links = (
                ()
                if kind == "Date"
                else draw(
                    st.sampled_from([(), ("wd:Q1",), ("wd:Q2", "http://dbpedia.org/resource/X")])
                )
            )
            attrs = draw(st.sampled_from([{}, {"kind": "ministry"}])) if kind == "Agency" else {}
            entities.append(
                Entity(
                    ident,
                    kind,
                    name,
                    links=links,
                    value=value,
                    mentions=mentions,
                    by=by,
                    attrs=attrs,
                    confidence=draw(st.sampled_from([None, 0.5])),
                )
            )
        else:
            evidence = tuple(draw(st.lists(spans(text), max_size=2, unique=True)))
            attrs = draw(
                st.sampled_from(
                    [
                        {},
                        {"status": "planned"},
                        {"status": "occurred", "topic": ("migration", "arms-trafficking")},
                        {"x-own": "two words"},
                    ]
                )
            )
            events.append(
                Event(ident, "Meeting", mentions=mentions, by=by, attrs=attrs, evidence=evidence)
            )
    people = [e.id for e in entities if e.type in {"Person", "Agency"}]
    dates = [e.id for e in entities if e.type == "Date"]
    filled = []
    for event in events:
        args = {
            "participant": tuple(draw(st.lists(st.sampled_from(people), max_size=2, unique=True)))
            if people
            else (),
            "time": tuple(dates[:1]),
        }
        filled.append(msgspec.structs.replace(event, args={k: v for k, v in args.items() if v}))
    relations = []
    if len(people) >= 2 and draw(st.booleans()):
        evidence = tuple(draw(st.lists(spans(text), max_size=1)))
        relations.append(
            Relation(
                "memberOf",
                people[0],
                people[1],
                draw(st.sampled_from([None, "rel"])),
                evidence,
                by="ana",
            )
        )
    sections = draw(st.sampled_from([(), (Section(0, 3, "headline"),)]))
    return Article(
        1,
        draw(st.sampled_from(["a-1", "https://example.org/a?b=1", "ñandú"])),
        "2019-12-06",
        "stated",
        "en",
        title=draw(st.none() | PLAIN),
        text=text,
        sections=sections,
        entities=tuple(entities),
        events=tuple(filled),
        relations=tuple(relations),
    )


QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]


def assert_comes_back(article: Article, to: str, folder: Path) -> None:
    back, faults = through(article, to, folder)
    assert faults == []
    assert comparable(back) == comparable(expected(article, to))


@pytest.mark.parametrize("to", FORMATS)
@settings(max_examples=8, deadline=None, suppress_health_check=QUIET)
@given(article=articles())
def test_any_article_comes_back_as_the_format_carries_it(article, to, tmp_path_factory):
    assert_comes_back(article, to, tmp_path_factory.mktemp("t"))


@pytest.mark.slow
@pytest.mark.parametrize("to", FORMATS)
@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
@given(article=articles())
def test_many_articles_come_back(article, to, tmp_path_factory):
    assert_comes_back(article, to, tmp_path_factory.mktemp("t"))


EXAMPLES = ROOT / "docs" / "formats" / "examples"


@pytest.mark.parametrize("folder", sorted(EXAMPLES.iterdir()), ids=lambda p: p.name)
def test_an_example_says_what_its_brief_says_as_far_as_its_format_goes(folder):
    found = {r.article.id: r.article for r in read.articles([folder]) if r.article}
    assert set(found) == {"brief-ganseg-2019", "brief-llamada-2017"}
    for path in BRIEFS:
        (brief,) = read.articles([path])
        if brief.article.id in found:
            same = comparable(found[brief.article.id]) == comparable(
                expected(brief.article, folder.name)
            )
            assert same, f"{path.name} changed? `acuerdo convert` makes docs/formats/examples again"


@pytest.mark.parametrize("to", ["brat", "label-studio", "webannotation", "uima-xmi"])
def test_an_example_builds_the_graph_of_its_brief(to, tmp_path):
    """What differs in the graph is what the normal form changes, and nothing else."""
    from acuerdo import mapping, resolve

    world = resolve.load([ROOT / "ontology"])

    def quads(articles: list[Article]) -> list[bytes]:
        return sorted(
            line
            for a in articles
            for line in mapping.map_article(resolve.resolve(a, world, "x"), world).splitlines()
        )

    native = [r.article for p in BRIEFS for r in read.articles([p])]
    out = [normal(a) for a in native if a.id in {"brief-ganseg-2019", "brief-llamada-2017"}]
    back = [r.article for r in read.articles([EXAMPLES / to])]
    assert quads(back) == quads(out)
