"""Marks inside a text: `[[id|words]]` read into spans, spans written as marks, sentences found."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import click

# A mark is [[ids|words]]; a backslash takes the meaning from [, ] and itself.
TOKEN = re.compile(r"\\[\[\]\\]|\[\[(?P<ids>[^\[\]|\n]+)\||\]\]")
# What ends a sentence: a stop, closing quotes, white space, then something that can begin one.
STOP = re.compile(r"[.!?]+[\"”’')\]]*(?=\s+[\"“‘(¿¡]*[^\Wa-z_])|\n+")
SHORT = re.compile(
    r"(?:^|[\s(“\"])(?:[A-Z]\.)+$|(?:^|\s)(?:Mr|Ms|Mrs|Dr|Gen|Lt|Col|Gov|Sen|St|Sr|Sra|Lic|Ing)\.$"
)


class LineError(click.ClickException):
    """A line of the marked text or of the list of facts that cannot be read."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")


class Span(NamedTuple):
    """A stretch of the text with the id that marks it."""

    start: int
    end: int
    id: str


def read_marks(marked: str) -> tuple[str, list[Span]]:
    """The text without its marks, and the spans by place."""
    words: list[str] = []
    opened: list[tuple[int, str, int]] = []
    spans: list[Span] = []
    length = place = 0

    def keep(piece: str) -> None:
        nonlocal length
        words.append(piece)
        length += len(piece)

    for token in TOKEN.finditer(marked):
        keep(marked[place : token.start()])
        place = token.end()
        number = marked.count("\n", 0, token.start()) + 1
        if token["ids"]:
            opened.append((length, token["ids"], number))
        elif token[0] != "]]":
            keep(token[0][1])
        elif not opened:
            raise LineError(number, "]] closes no mark; write \\]\\] for the words")
        else:
            start, ids, _ = opened.pop()
            spans += [Span(start, length, name.strip()) for name in ids.split(",")]
    keep(marked[place:])
    if opened:
        raise LineError(opened[-1][2], f"[[{opened[-1][1]}| is never closed")
    return "".join(words), sorted(spans, key=lambda span: (span.start, -span.end, span.id))


def write_marks(text: str, spans: Iterable[Span]) -> str:
    """The text with its marks; spans must nest."""
    ids: dict[tuple[int, int], list[str]] = defaultdict(list)
    for span in spans:
        if span.id not in ids[span.start, span.end]:
            ids[span.start, span.end].append(span.id)
    out: list[str] = []
    ends: list[int] = []
    place = 0

    def copy_to(offset: int) -> None:
        nonlocal place
        while ends and ends[-1] <= offset:
            end = ends.pop()
            out.append(_escaped(text[place:end]) + "]]")
            place = end
        out.append(_escaped(text[place:offset]))
        place = offset

    for (start, end), names in sorted(ids.items(), key=lambda item: (item[0][0], -item[0][1])):
        copy_to(start)
        if ends and end > ends[-1]:
            raise click.ClickException(
                f"{names[0]} [{start},{end}) crosses another span; marks must nest"
            )
        out.append(f"[[{','.join(names)}|")
        ends.append(end)
    copy_to(len(text))
    return "".join(out)


def _escaped(piece: str) -> str:
    return re.sub(r"[\[\]\\]", r"\\\g<0>", piece)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends: a first guess that the annotator corrects."""
    start = 0
    for end in [*(stop.end() for stop in STOP.finditer(text)), len(text)]:
        piece = text[start:end]
        if SHORT.search(piece) and end < len(text):
            continue
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        start = end
