"""How fast files of annotation tools are read: MB/s of one core, from the file to checked articles.

    python benchmarks/readers.py [--articles N] [--repeat N]

Each format holds the same made-up articles (about 4 kB of text, 60 mentions, 12 events each), written by
`acuerdo convert`'s own writers, the formats that are only read by `tool_files.py`; XMI has a token for each word, as exports of INCEpTION have. The best of the repeats is shown; formats take turns, so that a busy machine harms all alike.
"""

import argparse
import json
import re
import tempfile
import time
from pathlib import Path

import tool_files

from acuerdo import read
from acuerdo.export.annotations.convert import convert
from acuerdo.model import Article, Entity, Event, Mention
from acuerdo.read import Reading
from acuerdo.read.anchor import anchor
from acuerdo.read.draft import Draft
from acuerdo.read.tools import labels

WRITTEN = ("native", "label-studio", "doccano", "brat", "webannotation", "uima-xmi", "nif")
FORMATS = (*WRITTEN, *tool_files.WRITERS)
SENTENCE = "Minister Ana Ruiz of the coast guard met Tom Lee in Quito on Tuesday and spoke of gun smuggling for an hour. "


def article(number: int) -> Article:
    text = "".join(SENTENCE.replace("Tuesday", f"day {n:03d}") for n in range(36))
    entities, events = [], []
    for n in range(12):
        at = n * 3 * len(SENTENCE)
        spans = {}
        for words, kind in (
            ("Ana Ruiz", "Person"),
            ("coast guard", "Agency"),
            ("Tom Lee", "Person"),
            ("Quito", "Place"),
            ("Minister", "Post"),
        ):
            start = text.index(words, at)
            spans[words] = Entity(
                f"{words.replace(' ', '')}{n}",
                kind,
                mentions=(Mention(start, start + len(words), words),),
            )
        entities += spans.values()
        start = text.index("met", at)
        args = {
            "participant": (spans["Ana Ruiz"].id, spans["Tom Lee"].id),
            "venue": (spans["Quito"].id,),
        }
        events.append(
            Event(
                f"m{n}",
                "Meeting",
                mentions=(Mention(start, start + 3, "met"),),
                attrs={"status": "occurred"},
                args=args,
            )
        )
    return Article(
        1,
        f"bench-{number}",
        "2024-03-06",
        "stated",
        "en",
        text=text,
        entities=tuple(entities),
        events=tuple(events),
    )


def with_tokens(path: Path) -> None:
    """Give an XMI file the tokens and sentences that every export of INCEpTION has."""
    text = article(0).text or ""
    found = [
        f'<type5:Token xmi:id="{9000 + n}" sofa="1" begin="{m.start()}" end="{m.end()}"/>'
        for n, m in enumerate(re.finditer(r"\w+|[^\w\s]", text))
    ]
    space = ' xmlns:type5="http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore" xmi:version='
    data = path.read_text(encoding="utf-8").replace(" xmi:version=", space, 1)
    path.write_text(
        data.replace("<cas:Sofa ", "\n".join(found) + "\n<cas:Sofa ", 1), encoding="utf-8"
    )


DATED = Reading(published="2024-03-06", language="en")


def seconds(path: Path, articles: int) -> float:
    before = time.process_time()
    count = sum(1 for one in read.articles([path], reading=DATED) if one.article and not one.faults)
    taken = time.process_time() - before
    if count != articles:
        raise SystemExit(f"{path}: {count} of {articles} articles were read without a fault")
    return taken


def anchoring(moved: int) -> str:
    """Put 30 spans on each of 1,000 texts, each tenth of them `moved` code points off and repaired."""
    drafts = []
    for number in range(1000):
        names = [f"Person{number:04d}{n:02d}" for n in range(30)]
        text = "".join(f"{name} spoke to Smith. " for name in names) + "x" * 1500
        spans = [(text.index(w) + (0 if n % 10 else moved), w) for n, w in enumerate(names)]
        found = [Entity(w, "Person", mentions=(Mention(s, s + len(w), w),)) for s, w in spans]
        drafts.append(Draft(str(number), "", text=text, entities=found))
    before = time.process_time()
    for draft in drafts:
        anchor(draft, repair=bool(moved))
    taken = time.process_time() - before
    repaired = sum(fault.code == "SPAN_MOVED" for draft in drafts for fault in draft.faults)
    return f"1,000 documents, 30,000 spans anchored, {repaired:,} moved: {taken:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    corpus = [article(n) for n in range(given.articles)]
    known = labels(Reading()).vocabulary
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for form in tool_files.WRITERS:
            paths[form] = Path(folder, form)
            tool_files.write(corpus, paths[form], form)
        for form in WRITTEN:
            paths[form] = Path(folder, form)
            out = paths[form] / {
                "native": "a.jsonl",
                "label-studio": "a.json",
                "webannotation": "a.json",
            }.get(form, "")
            convert([("", one) for one in corpus], out, form, known)
        for path in paths["uima-xmi"].glob("*.xmi"):
            with_tokens(path)
        sizes = {
            form: sum(p.stat().st_size for p in path.rglob("*") if p.is_file()) / 1e6
            for form, path in paths.items()
        }
        best = dict.fromkeys(FORMATS, 1e9)
        for _ in range(given.repeat):
            for form in FORMATS:
                best[form] = min(best[form], seconds(paths[form], given.articles))
    print(anchoring(0), anchoring(3), sep="\n")
    print(json.dumps({"articles": given.articles, "repeats": given.repeat}))
    print(f"{'format':15}{'MB':>8}{'s':>8}{'MB/s':>8}{'articles/s':>12}")
    for form in FORMATS:
        print(
            f"{form:15}{sizes[form]:8.1f}{best[form]:8.2f}{sizes[form] / best[form]:8.1f}{given.articles / best[form]:12.0f}"
        )


if __name__ == "__main__":
    main()
