"""From articles to the files of an annotation tool, one article after another."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from acuerdo.errors import WrongUsage
from acuerdo.export.annotations import brat, doccano, label_studio, nif, web_annotation, xmi
from acuerdo.export.annotations.placed import place
from acuerdo.iri import article_key
from acuerdo.model import Article
from acuerdo.report import Fault
from acuerdo.vocabulary import Vocabulary

FORMATS = ("native", "brat", "label-studio", "doccano", "webannotation", "nif", "uima-xmi")
# Formats that hold many articles in one file, by the suffix of that file.
_ONE_FILE = {
    "native": (".json", ".jsonl"),
    "label-studio": (".json",),
    "doccano": (".jsonl",),
    "webannotation": (".json", ".jsonld"),
    "nif": (".ttl",),
}
_FIELDS = ("published", "date_basis", "publisher", "title", "url", "language", "license")


class Converted(Struct):
    """How many articles were written and what stayed out."""

    articles: int
    faults: list[Fault]


def convert(
    articles: Iterable[tuple[str, Article]], out: Path, to: str, known: Vocabulary
) -> Converted:
    """Write the articles in a format: into one file where the format has such files, else into a folder.

    Raises WrongUsage where `out` is a folder with files in it, or names a file for a format that needs a folder.
    """
    done = Converted(0, [])
    checked = _writable(articles, done, needs_xml=to == "uima-xmi")
    if out.suffix and out.suffix in _ONE_FILE.get(to, ()):
        _one_file(checked, out, to, known)
        return done
    if out.suffix and to in _ONE_FILE and not out.is_dir():
        raise WrongUsage(f"{out}: {to} is written to {' or '.join(_ONE_FILE[to])}, or to a folder")
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise WrongUsage(f"{out}: is a file, or a folder with files in it; name a new folder")
    out.mkdir(parents=True, exist_ok=True)
    if to == "doccano":
        # One file of everybody's work, as doccano calls it; another name would be an annotator's.
        _one_file(checked, out / "all.jsonl", to, known)
        return done
    _folder(checked, out, to, known)
    return done


def _writable(
    articles: Iterable[tuple[str, Article]], done: Converted, *, needs_xml: bool
) -> Iterator[Article]:
    """The articles that can be written, each key once."""
    seen: set[str] = set()
    for file, article in articles:
        key = article_key(article.id)
        fault = None
        if article.text is None:
            fault = Fault(
                "TEXT_MISSING",
                "the article has no text to show in a tool.",
                "Give it with --texts DIR.",
                file=file,
                article=article.id,
                dropped="article",
            )
        elif key in seen:
            fault = Fault(
                "DUPLICATE_DOCUMENT",
                "an article with this id was written already; the first stays.",
                "Give each article its own id.",
                file=file,
                article=article.id,
                dropped="article",
            )
        elif needs_xml and any(c < " " and c not in "\t\n\r" for c in article.text):
            fault = Fault(
                "CONTROL_CHARACTER",
                "XML cannot hold the control characters of its text.",
                "Clean the text and annotate it anew.",
                file=file,
                article=article.id,
                dropped="article",
            )
        if fault:
            done.faults.append(fault)
            continue
        seen.add(key)
        done.articles += 1
        yield article


def _is_choice(known: Vocabulary) -> Callable[[str], bool]:
    def is_choice(name: str) -> bool:
        found = known.find_property(name)
        return found is not None and found[0].scheme is not None

    return is_choice


def _dumped(tree: object) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=1)


def _native(article: Article) -> str:
    return msgspec.json.format(msgspec.json.encode(article), indent=1).decode()


def _tree(article: Article, to: str, known: Vocabulary) -> object:
    if to == "label-studio":
        return label_studio.task(place(article), _is_choice(known))
    return (
        doccano.document(place(article)) if to == "doccano" else web_annotation.page(place(article))
    )


def _one_file(articles: Iterator[Article], out: Path, to: str, known: Vocabulary) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    with partial.open("w", encoding="utf-8", newline="") as stream:
        if to == "nif":
            stream.writelines(f"{nif.write(article)}\n" for article in articles)
        elif out.suffix == ".jsonl":
            for article in articles:
                line = (
                    msgspec.json.encode(article).decode()
                    if to == "native"
                    else json.dumps(_tree(article, to, known), ensure_ascii=False)
                )
                stream.write(line + "\n")
        elif to == "native":
            _only_one(articles, stream, out)
        else:
            _array(stream, (_dumped(_tree(article, to, known)) for article in articles))
    partial.replace(out)


def _only_one(articles: Iterator[Article], stream: io.TextIOBase, out: Path) -> None:
    for number, article in enumerate(articles):
        if number:
            raise WrongUsage(
                f"{out}: a .json file holds one article; name a .jsonl file or a folder"
            )
        stream.write(_native(article) + "\n")


def _array(stream: io.TextIOBase, items: Iterator[str]) -> None:
    before = "["
    for item in items:
        stream.write(f"{before}\n{item}")
        before = ","
    stream.write("[]\n" if before == "[" else "\n]\n")


def _folder(articles: Iterator[Article], out: Path, to: str, known: Vocabulary) -> None:
    rows = []
    for article in articles:
        key = article_key(article.id)
        if to == "brat":
            for suffix, data in brat.write(place(article)).items():
                (out / f"{key}.{suffix}").write_bytes(data)
            rows.append(
                {
                    "file": key,
                    "id": article.id,
                    **{f: v for f in _FIELDS if (v := getattr(article, f)) is not None},
                }
            )
        elif to == "uima-xmi":
            (out / f"{key}.xmi").write_bytes(xmi.write(place(article)))
        elif to == "nif":
            (out / f"{key}.ttl").write_text(nif.write(article), encoding="utf-8", newline="")
        elif to == "native":
            (out / f"{key}.json").write_text(_native(article) + "\n", encoding="utf-8", newline="")
        else:
            tree = _tree(article, to, known)
            (out / f"{key}.json").write_text(
                _dumped([tree] if to == "label-studio" else tree) + "\n",
                encoding="utf-8",
                newline="",
            )
    if to == "brat":
        (out / "metadata.csv").write_text(_table(rows), encoding="utf-8", newline="")
    if to == "uima-xmi":
        (out / "TypeSystem.xml").write_text(xmi.type_system(), encoding="utf-8", newline="")


def _table(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["file", "id", *_FIELDS], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
