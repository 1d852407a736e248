"""From files to articles: decode, attach texts, check spans and references.

The only stage that reads annotation files. Every format ends in `model.Article`; what is wrong is named
in faults and stays out in the smallest unit, the rest of the corpus goes on.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from acuerdo.model import Article
from acuerdo.read import checking, crossing, native, sources, texts, tools
from acuerdo.read.tools import Reading
from acuerdo.report import Fault

__all__ = ["Read", "Reading", "articles"]


class Read(Struct, frozen=True):
    """One article of one file, or the faults for which there is none."""

    file: str
    article: Article | None
    faults: tuple[Fault, ...]


def articles(
    paths: list[Path],
    text_files: Mapping[str, Path] | None = None,
    reading: Reading = Reading(),  # noqa: B008 frozen
) -> Iterator[Read]:
    """The checked articles of files, folders and archives, in stable order; texts attached by digest.

    Files of annotation tools are found by their content and read as `reading` says. Lazy: one file is in
    memory at a time. Raises WrongUsage for a path that does not exist.
    """
    found = 0
    for path, folder in sources.folders(paths):
        for read in _of_folder(folder, text_files or {}, reading, named=not path.is_dir()):
            found += 1
            yield read
    if not found:
        fault = Fault(
            "NO_DOCUMENTS",
            "there is no article in what was named.",
            "Name files or folders of articles, or of an annotation tool's export.",
            file=str(paths[0]) if paths else "",
            dropped="file",
        )
        yield Read(fault.file, None, (fault,))


def _of_folder(
    folder: sources.Folder, text_files: Mapping[str, Path], reading: Reading, *, named: bool
) -> Iterator[Read]:
    for fault in folder.faults:
        yield Read(fault.file, None, (fault,))
    defaults = tools.defaults_of(folder, reading)
    for source, draft in tools.drafts(folder, reading, named=named):
        if draft is None:
            yield from _native(source, text_files)
        elif isinstance(draft, Fault):
            yield Read(source.name, None, (draft,))
        else:
            article, faults = tools.article(draft, reading, defaults)
            yield _checked(article, faults, source.name)


def _native(source: sources.Source, text_files: Mapping[str, Path]) -> Iterator[Read]:
    """The checked articles of one file in the native format, in its order."""
    data = source.contents()
    if isinstance(data, Fault):
        yield Read(source.name, None, (data,))
        return
    for article, faults in native.read(data, source.name):
        attached = texts.attach(article, text_files) if article is not None else None
        yield _checked(attached, faults, source.name)


def _checked(article: Article | None, faults: list[Fault], file: str) -> Read:
    if article is None:
        return Read(file, None, tuple(faults))
    checked, more = checking.check(article, file)
    if checked is not None:
        more += crossing.faults(checked, file)
    return Read(file, checked, (*faults, *more))
