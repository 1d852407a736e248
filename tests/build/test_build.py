"""From files to a published graph: the same input gives the same bytes, and only what changed is done again."""

import gzip
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from acuerdo.build import Built, Options, build
from acuerdo.build.builds import listed, prune, use
from acuerdo.build.difference import difference
from acuerdo.build.lock import locked
from acuerdo.build.stages import Stages
from acuerdo.errors import GraphUnusable, WrongUsage
from acuerdo.store import Directory, hold

from .corpus import article, write

BASE = "https://example.org/kg/"
PUBLISHED = ("graph.nq.gz", "manifest.json", "report.json", "quarantine.nq.gz")


def make(kg: Path, *sources: Path, **options) -> Built:
    return build(Options(sources, kg=kg, base=BASE, jobs=1, **options))


def published(kg: Path) -> list[bytes]:
    folder = Directory(kg).current().folder
    return [(folder / name).read_bytes() for name in PUBLISHED]


def content(kg: Path) -> list[str]:
    return sorted(str(quad) for quad in Directory(kg).current().open())


def ids(graph: str, kg: Path) -> set[str]:
    names = Directory(kg).current().manifest().graphs
    return {name.rpartition("/")[2] for name in names if f"/graph/{graph}/" in name}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write(tmp_path / "in", *(article(n) for n in range(8)))


def test_the_published_graph_is_sorted_counted_and_in_the_store(corpus, tmp_path) -> None:
    built = make(tmp_path / "kg", corpus)
    lines = gzip.decompress(built.build.dump.read_bytes()).splitlines(keepends=True)
    assert lines == sorted(set(lines))
    assert len(lines) == built.quads == built.build.manifest().quads == len(built.build.open())
    assert sorted(f"{quad} .\n".encode() for quad in built.build.open()) == lines
    assert not any(isinstance(q.graph_name, ox.DefaultGraph) for q in built.build.open())
    assert ids("article", tmp_path / "kg") == {f"art-{n:04}" for n in range(8)}


def test_the_same_input_again_does_nothing(corpus, tmp_path) -> None:
    first = make(tmp_path / "kg", corpus)
    stamp = first.build.folder.stat().st_mtime_ns
    second = make(tmp_path / "kg", corpus)
    assert (first.new, second.new) == (True, False)
    assert second.build.digest == first.build.digest
    assert second.build.folder.stat().st_mtime_ns == stamp


def test_the_same_articles_give_the_same_bytes_in_any_order_and_under_any_file_name(
    corpus, tmp_path
) -> None:
    articles = [article(n) for n in range(8)]
    seed = 3
    print("seed", seed)
    random.Random(seed).shuffle(articles)
    lines = tmp_path / "elsewhere" / "all.jsonl"
    lines.parent.mkdir()
    lines.write_text("".join(json.dumps(one) + "\n" for one in articles), encoding="utf-8")
    make(tmp_path / "one", corpus)
    make(tmp_path / "two", lines)
    assert published(tmp_path / "one") == published(tmp_path / "two")


def test_several_processes_give_the_bytes_of_one(tmp_path) -> None:
    corpus = write(tmp_path / "in", *(article(n) for n in range(150)))
    make(tmp_path / "one", corpus)
    build(Options((corpus,), kg=tmp_path / "two", base=BASE, jobs=2))
    assert published(tmp_path / "one") == published(tmp_path / "two")


def test_another_process_hash_seed_and_time_zone_give_the_same_bytes(corpus, tmp_path) -> None:
    make(tmp_path / "one", corpus)
    env = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    env["PYTHONPATH"] = ":".join(sys.path)
    command = [sys.executable, "-m", "acuerdo", "build", str(corpus)]
    command += ["--kg", str(tmp_path / "two"), "--base", BASE]
    subprocess.run(command, env=env, check=True, cwd=tmp_path)
    assert published(tmp_path / "one") == published(tmp_path / "two")


def test_an_incremental_build_equals_a_clean_one_quad_by_quad(tmp_path) -> None:
    articles = {n: article(n) for n in range(40)}
    seed = 11
    print("seed", seed)
    chance = random.Random(seed)
    for step in range(4):
        corpus = write(tmp_path / f"in{step}", *articles.values())
        built = make(tmp_path / "kg", corpus)
        make(tmp_path / f"clean{step}", corpus)
        assert built.copied == (step > 0), "a small change is loaded into a copy"
        assert published(tmp_path / "kg") == published(tmp_path / f"clean{step}")
        assert content(tmp_path / "kg") == content(tmp_path / f"clean{step}")
        articles.pop(chance.choice(sorted(articles)))
        articles[chance.choice(sorted(articles))]["title"] = f"title {step}"
        number = chance.choice(sorted(articles))
        articles[number] = article(number, one=f"Eva Sol{step}")
        articles[100 + step] = article(100 + step)


def annotated(number: int, annotator: str) -> dict:
    """An article whose annotations name who made them."""
    one = article(number)
    one["agents"] = {
        "ana": {"kind": "person", "iri": annotator},
        "gaz": {"kind": "software", "name": "Gazetteer 1"},
    }
    for entity in one["entities"]:
        entity |= {"by": "ana", "at": "2024-03-07T10:00:00Z"}
    one["events"][0]["by"] = "gaz"
    return one


@pytest.mark.parametrize(
    "annotator", ["https://orcid.org/0000-0001", f"{BASE}id/article/x/agent/1"]
)
def test_what_older_shards_hold_is_taken_whole_with_its_provenance(annotator, tmp_path) -> None:
    corpus = write(tmp_path / "in", *(annotated(n, annotator) for n in range(10)))
    make(tmp_path / "kg", corpus)
    for step in range(2):
        (corpus / f"art-{step:04}.json").unlink()
        write(corpus, annotated(20 + step, annotator))
        make(tmp_path / "kg", corpus)
        make(tmp_path / f"clean{step}", corpus)
        assert published(tmp_path / "kg") == published(tmp_path / f"clean{step}")
        assert content(tmp_path / "kg") == content(tmp_path / f"clean{step}")


def test_only_a_changed_article_is_worked_through_again(tmp_path, monkeypatch) -> None:
    corpus = write(tmp_path / "in", *(article(n) for n in range(10)))
    make(tmp_path / "kg", corpus)
    worked = []
    real = Stages.article
    monkeypatch.setattr(Stages, "article", lambda self, a: (worked.append(a.id), real(self, a))[1])
    write(corpus, article(3, title="A title"))
    make(tmp_path / "kg", corpus)
    assert worked == ["art-0003"]


def test_the_build_that_was_copied_from_keeps_every_byte(tmp_path) -> None:
    make(tmp_path / "kg", write(tmp_path / "in", *(article(n) for n in range(20))))
    old = Directory(tmp_path / "kg").current().folder
    before = {p: p.read_bytes() for p in sorted(old.rglob("*")) if p.is_file()}
    write(tmp_path / "in", article(3, one="Eva Sol"))
    built = make(tmp_path / "kg", tmp_path / "in")
    assert built.copied
    assert built.build.folder != old
    assert {p: p.read_bytes() for p in sorted(old.rglob("*")) if p.is_file()} == before


def test_articles_that_came_changed_or_went_are_named(corpus, tmp_path) -> None:
    make(tmp_path / "kg", corpus)
    (corpus / "art-0001.json").unlink()
    write(corpus, article(2, one="Eva Sol"), article(3, title="A title"), article(9))
    built = make(tmp_path / "kg", corpus)
    assert built.gone == ("art-0001",)
    assert built.superseded == ("art-0002",)
    assert built.changed == ("art-0003",)
    assert built.added == ("art-0009",)


def test_a_withdrawn_article_stays_out_until_it_is_no_longer_withdrawn(corpus, tmp_path) -> None:
    decided = tmp_path / "decisions"
    decided.mkdir()
    make(tmp_path / "kg", corpus)
    (decided / "withdrawn.txt").write_text("art-0002  # a lawyer's letter\n", encoding="utf-8")
    built = make(tmp_path / "kg", corpus)
    assert built.withdrawn == ("art-0002",)
    assert built.gone == ()
    assert "art-0002" not in ids("article", tmp_path / "kg")
    assert not [line for line in content(tmp_path / "kg") if "art-0002" in line]
    (decided / "withdrawn.txt").unlink()
    assert make(tmp_path / "kg", corpus).added == ("art-0002",)


def test_of_two_articles_with_one_id_the_first_by_path_stays(corpus, tmp_path) -> None:
    clean = make(tmp_path / "clean", corpus)
    write(corpus / "z", article(4, one="Eva Sol"), article(5))
    built = make(tmp_path / "kg", corpus)
    assert sorted(f.code for f in built.faults if f.article in {"art-0004", "art-0005"}) == [
        "DUPLICATE_DOCUMENT",
        "DUPLICATE_IDENTICAL",
    ]
    dumps = [b.build.manifest().dump for b in (clean, built)]
    assert dumps[0] == dumps[1]


def test_what_is_invalid_goes_to_quarantine_and_stays_with_keep_invalid(corpus, tmp_path) -> None:
    bad = article(20)
    bad["events"].append(
        {"id": "c", "type": "Claim", "mentions": [bad["entities"][0]["mentions"][0]], "args": {}}
    )
    write(corpus, bad)
    built = make(tmp_path / "kg", corpus)
    broken = [f for f in built.findings if f.severity == "violation"]
    assert broken
    folder = built.build.folder
    assert gzip.decompress((folder / "quarantine.nq.gz").read_bytes()).count(b"entity/c>") > 0
    assert not [line for line in content(tmp_path / "kg") if "entity/c>" in line]
    kept = make(tmp_path / "kg2", corpus, keep_invalid=True)
    assert [line for line in content(tmp_path / "kg2") if "entity/c>" in line]
    assert [f.id for f in kept.findings if f.severity == "violation"]
    report = json.loads((folder / "report.json").read_bytes())
    assert {f.id for f in broken} <= {f["id"] for f in report["findings"]}


def test_two_builds_at_once_end_the_second(corpus, tmp_path) -> None:
    make(tmp_path / "kg", corpus)
    with locked(tmp_path / "kg"), pytest.raises(GraphUnusable, match="is building here"):
        make(tmp_path / "kg", corpus)


def test_an_earlier_build_can_be_used_again_and_old_ones_go(corpus, tmp_path) -> None:
    kg = tmp_path / "kg"
    digests = []
    for number in range(3):
        write(corpus, article(0, title=f"title {number}"))
        digests.append(make(kg, corpus).build.digest)
    assert use(kg, digests[0][:10]).digest == digests[0]
    assert [one.current for one in listed(kg)] == [False, False, True]
    with hold(kg / "builds" / digests[1]):
        assert prune(kg, 0).busy == (digests[1],)
    assert [one.digest for one in listed(kg)] == [digests[1], digests[0]]
    assert prune(kg, 0).removed == (digests[1],)
    assert make(kg, corpus).build.digest == digests[2]


def test_an_unknown_build_is_named(corpus, tmp_path) -> None:
    make(tmp_path / "kg", corpus)
    with pytest.raises(WrongUsage, match="ffff: there is no such build"):
        use(tmp_path / "kg", "ffff")


def test_a_difference_shows_facts_with_their_sentences(corpus, tmp_path) -> None:
    kg = tmp_path / "kg"
    one = make(kg, corpus).build
    write(corpus, article(2, two="Eva Sol"))
    two = make(kg, corpus).build
    changes = list(difference(one, two))
    assert {change.article for change in changes} == {"art-0002"}
    labels = {(c.sign, c.object) for c in changes if c.predicate.endswith("#label>")}
    assert labels == {("-", '"Tom Lee"'), ("+", '"Eva Sol"')}
    assert all("Quito" in c.sentence for c in changes if c.predicate.endswith("#label>"))
    assert list(difference(one, one)) == []


@pytest.mark.parametrize(
    "moment",
    [
        "2024-03-06T10:00:00+00:00",
        "2024-03-06T10:00:00.120-05:00",
        "2024-03-06T10:00:00.000Z",
        "2024-03-06T10:00",
        "2024-03-06T10:00Z",
        "2024-03-06T23:59:59.123456",
    ],
)
def test_a_moment_is_dumped_as_the_store_gives_it_back(moment, tmp_path) -> None:
    one = annotated(1, "https://orcid.org/0000-0001")
    one["published"] = one["entities"][0]["at"] = moment
    built = make(tmp_path / "kg", write(tmp_path / "in", one))
    lines = gzip.decompress(built.build.dump.read_bytes())
    assert lines.count(b"^^<http://www.w3.org/2001/XMLSchema#dateTime> <") >= 2
    assert sorted(f"{quad} .\n".encode() for quad in built.build.open()) == lines.splitlines(True)


def test_a_graph_among_the_articles_is_not_read(corpus) -> None:
    first = make(corpus / "kg", corpus)
    second = make(corpus / "kg", corpus)
    assert second.faults == first.faults
    assert not second.new


def test_names_that_are_no_unicode_are_told_and_written_in_the_report(corpus, tmp_path) -> None:
    odd = Path(os.fsdecode(bytes(corpus) + b"/a\xf1o \xe2\x80\xae.json"))
    odd.write_text("{", encoding="utf-8")
    built = make(tmp_path / "kg", corpus)
    assert [fault.file for fault in built.faults if fault.code == "JSON_SYNTAX"] == [
        f"{corpus}/a\\udcf1o \u202e.json"
    ]
    report = json.loads((built.build.folder / "report.json").read_bytes())
    assert "a\\udcf1o \u202e.json" in {fault["file"] for fault in report["faults"]}
