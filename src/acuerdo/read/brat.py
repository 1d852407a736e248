"""brat standoff: `doc.ann` beside `doc.txt`. The format that INCEpTION and many corpora write too.

A trigger is a span with an event on it; everything else on a span is an entity. Lines may name what
stands below them, so references are resolved when all lines are known.
"""

import re
from collections.abc import Iterator

from acuerdo.model import Agent
from acuerdo.read import utf8
from acuerdo.read.draft import Draft, Layer
from acuerdo.read.sources import Source
from acuerdo.read.standoff import Standoff
from acuerdo.report import Fault, escaped

NAME = "brat"
SUFFIXES = ("ann", "a1", "a2")
_FIRST_LINE = re.compile(rb"(T\d+\t\S+ \d+ \d+|[REAMN]\d+\t\S|\*\t\S|#\d*\t\S)")


def sniff(source: Source) -> bool:
    """Whether the file is brat's, by its suffix or by its first line."""
    if source.suffix in SUFFIXES:
        return True
    return source.suffix == "" and _FIRST_LINE.match(source.head(256)) is not None


def read(source: Source) -> Iterator[Draft | Fault]:
    """The one document of an annotation file; `.a1` and `.a2` (BioNLP shared tasks) are one document."""
    if source.suffix == "a2" and source.sibling("a1"):
        return
    text = source.sibling("txt")
    if text is None:
        yield Fault(
            "TEXT_MISSING",
            f"there is no {escaped(source.stem + '.txt')} beside it.",
            "Copy the .txt next to the .ann.",
            file=source.name,
            article=source.stem,
            dropped="article",
        )
        return
    words = _decoded(text)
    lines = _decoded(source, empty_is_fine=True)
    for part in (words, lines):
        if isinstance(part, Fault):
            yield part
            return
    document, layer = _place(source)
    draft = Draft(document, source.name, text=str(words), layer=layer)
    if layer:
        draft.agents[layer] = Agent("person", layer)
    more = source.sibling("a2") if source.suffix == "a1" else None
    both = str(lines) + ("\n" + str(_decoded(more, empty_is_fine=True)) if more else "")
    Standoff(draft).read(both)
    yield draft


def peek(source: Source) -> Iterator[Layer]:
    """Document and layer of a file, from its place alone."""
    if not (source.suffix == "a2" and source.sibling("a1")):
        document, layer = _place(source)
        yield document, layer or "", False


def _place(source: Source) -> tuple[str, str | None]:
    """The document of a file and its annotator: brat knows none, so people keep a folder for each.

    Folders that hold the same text under the same name are annotators of that text.
    """
    places: dict[str, tuple[str, str]] = source.folder.kept.setdefault("brat", {}) or _annotators(
        source
    )
    return places.get(source.path, (source.stem, None))


def _annotators(source: Source) -> dict[str, tuple[str, str]]:
    by_name: dict[str, list[Source]] = {}
    for other in source.folder:
        if other.suffix in SUFFIXES and "/" in other.path:
            by_name.setdefault(other.path.partition("/")[2], []).append(other)
    places: dict[str, tuple[str, str]] = source.folder.kept["brat"]
    places[""] = ("", "")  # found out, whatever there is
    for name, files in by_name.items():
        texts = (
            {t.contents() if (t := f.sibling("txt")) else None for f in files}
            if len(files) > 1
            else set()
        )
        if len(texts) == 1 and isinstance(next(iter(texts)), bytes):
            places |= {f.path: (name.rpartition(".")[0], f.path.partition("/")[0]) for f in files}
    return places


def _decoded(source: Source, *, empty_is_fine: bool = False) -> str | Fault:
    data = source.contents()
    if isinstance(data, Fault):
        return "" if empty_is_fine and data.code == "FILE_EMPTY" else data
    # brat opens bytes as they are: line ends and normal form are left alone; only a BOM goes.
    text = utf8.decoded(data, source.name)
    return text if isinstance(text, Fault) else text.removeprefix("\ufeff")
