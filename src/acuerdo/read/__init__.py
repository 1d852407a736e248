"""From files to articles: decode, attach texts, check spans and references.

The only stage that reads annotation files. Every format ends in `model.Article`; what is wrong is named
in faults and stays out in the smallest unit, the rest of the corpus goes on.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from acuerdo.model import Article
from acuerdo.read import checking, files, native, texts
from acuerdo.report import Fault

SUFFIXES = tuple(f"{s}{z}" for s in (".json", ".jsonl", ".ndjson") for z in ("", ".gz"))


class Read(Struct, frozen=True):
    """One article of one file, or the faults for which there is none."""

    file: str
    article: Article | None
    faults: tuple[Fault, ...]


def articles(paths: list[Path], text_files: Mapping[str, Path] | None = None) -> Iterator[Read]:
    """The checked articles of files and folders, in stable order; texts attached by digest.

    Lazy: one file is in memory at a time. Raises WrongUsage for a path that does not exist.
    """
    found = 0
    for path in files.walk(paths, SUFFIXES):
        for read in file_articles(path, dict(text_files or {})):
            found += 1
            yield read
    if not found:
        fault = Fault(
            "NO_DOCUMENTS",
            "there is no article in what was named.",
            "Name a file or folder with .json or .jsonl articles.",
            file=str(paths[0]) if paths else "",
            dropped="file",
        )
        yield Read(fault.file, None, (fault,))


def file_articles(path: Path, text_files: Mapping[str, Path]) -> Iterator[Read]:
    """The checked articles of one file, in its order."""
    data = files.contents(path)
    if isinstance(data, Fault):
        yield Read(str(path), None, (data,))
        return
    for article, faults in native.read(data, str(path)):
        if article is None:
            yield Read(str(path), None, tuple(faults))
            continue
        checked, more = checking.check(texts.attach(article, text_files), str(path))
        yield Read(str(path), checked, (*faults, *more))
