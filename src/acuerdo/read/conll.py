"""CoNLL columns with IOB tags: one token a line, the text put together from the tokens.

The tag is the last column that holds such tags. Both IOB schemes and BIOES are read; a blank line ends a
sentence, `-DOCSTART-` or `# newdoc` a document.
"""

import re
from collections.abc import Iterator

from acuerdo.model import Entity, Mention
from acuerdo.read import utf8
from acuerdo.read.draft import Draft
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "conll"
SUFFIXES = (
    "conll",
    "conllu",
    "conll03",
    "conll2003",
    "iob",
    "iob2",
    "bio",
    "bioes",
    "tsv",
    "txt",
    "train",
    "testa",
    "testb",
)
HEAD = 8192  # how much of a file is looked at
WEBANNO = b"#FORMAT=WebAnno TSV"
_TAG = re.compile(r"(?:[BIESLUM]-\S.*|O|_)")
_PREFIX = re.compile(r"([BIESLUM])-(\S.*)")
Row = tuple[str, str, bool]  # token, tag, whether a blank follows


def sniff(head: bytes) -> bool:
    """Whether the first lines are columns whose last is an IOB tag, and one of them begins an entity or is outside."""
    try:
        text = head.decode("utf-8", "ignore").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return False
    lines = [
        line
        # The last line of a longer file may be cut.
        for line in text.split("\n")[: -1 if len(head) >= HEAD else None]
        if line.strip() and not line.startswith(("#", "-DOCSTART-"))
    ][:60]
    rows = [_columns(line.rstrip("\r")) for line in lines]
    column = _tag_column(rows) if rows else -1
    return (
        len(rows) >= 2
        and all(len(row) >= 2 and _TAG.fullmatch(row[column]) for row in rows)
        and any(row[column] != "_" for row in rows)
    )


def _columns(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def _tag_column(rows: list[list[str]]) -> int:
    """The last column that holds tags in every row, counted from the end, or the first one after the token."""
    width = min(len(row) for row in rows)
    for column in range(-1, -width, -1):
        cells = [row[column] for row in rows]
        if all(_TAG.fullmatch(cell) for cell in cells) and any(cell != "_" for cell in cells):
            return column
    return -1


def read(source: Source) -> Iterator[Draft | Fault]:
    """The documents of a file."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    text = utf8.decoded(data, source.name)
    if isinstance(text, Fault):
        yield text
        return
    text = text.removeprefix("\ufeff")
    stem = source.stem.rpartition("/")[2]
    for number, (said, sentences) in enumerate(_documents(text), start=1):
        ident = str(said.get("id") or (stem if number == 1 else f"{stem}-{number}"))
        yield _draft(ident, said, sentences, source)


def _documents(text: str) -> Iterator[tuple[dict[str, str], list[list[tuple[int, list[str]]]]]]:
    """The rows of each document by sentence with their line numbers, and what its comments say."""
    said: dict[str, str] = {}
    sentences: list[list[tuple[int, list[str]]]] = [[]]
    for number, full in enumerate(text.split("\n"), start=1):
        line = full.rstrip("\r")
        if line.startswith(("-DOCSTART-", "# newdoc")):
            if any(sentences):
                yield said, [s for s in sentences if s]
            said, sentences = {}, [[]]
        if line.startswith("# newdoc id"):
            said["id"] = line.partition("=")[2].strip()
        elif line.startswith("#") and "\t" not in line:
            name, sign, value = line[1:].partition("=")
            if sign and name.strip() in {"published", "language", "url", "title", "publisher"}:
                said[name.strip()] = value.strip()
        elif not line.strip():
            sentences.append([])
        elif not line.startswith("-DOCSTART-"):
            sentences[-1].append((number, _columns(line)))
    if any(sentences):
        yield said, [s for s in sentences if s]


def _draft(
    ident: str, said: dict[str, str], sentences: list[list[tuple[int, list[str]]]], source: Source
) -> Draft:
    draft = Draft(
        ident,
        source.name,
        metadata=from_object({k: v for k, v in said.items() if k != "id"}),
        unit="code points",
        sure=True,
    )
    numbered = all(
        row[0].replace("-", "").replace(".", "").isdigit()
        for s in sentences
        for _, row in s[:3]
        if len(row) > 2
    )
    column = _tag_column([row for sentence in sentences for _, row in sentence] or [["", ""]])
    parts: list[str] = []
    length = 0
    for index, sentence in enumerate(sentences):
        rows = []
        for number, row in sentence:
            if len(row) < 2 or not _TAG.fullmatch(row[column]):
                draft.fault(
                    "VALUE_INVALID",
                    "the row has no IOB tag.",
                    "Write a token and its tag.",
                    None,
                    "annotation",
                    number,
                )
            token = row[1] if numbered and len(row) > 2 else row[0]
            tag = row[column] if len(row) > 1 and _TAG.fullmatch(row[column]) else "O"
            rows.append((token, tag, "SpaceAfter=No" not in row[-1]))
        written, spans = _sentence(rows, length)
        for label, start, end in spans:
            _add(draft, label, start, end)
        gap = "\n" if index < len(sentences) - 1 else ""
        parts.append(written + gap)
        length += len(written) + len(gap)
    draft.text = "".join(parts)
    return draft


def _add(draft: Draft, label: str, start: int, end: int) -> None:
    ident = f"{start}-{end}"
    draft.entities.append(Entity(ident, label, mentions=(Mention(start, end),)))


def _sentence(rows: list[Row], offset: int) -> tuple[str, list[tuple[str, int, int]]]:
    """The words of a sentence, and its entities by label, start and end."""
    text, places = "", list[tuple[int, int]]()
    for position, (token, _, blank) in enumerate(rows):
        start = offset + len(text)
        text += token + (" " if blank and position < len(rows) - 1 else "")
        places.append((start, start + len(token)))
    found = runs([tag for _, tag, _ in rows])
    return text, [(label, places[first][0], places[last][1]) for label, first, last in found]


def runs(tags: list[str]) -> list[tuple[str, int, int]]:
    """The entities of a sentence's tags by label, first and last token; a label that changes, or a new beginning, ends one."""
    found = list[tuple[str, int, int]]()
    label, first = "", 0
    for position, tag in enumerate(tags):
        match = _PREFIX.fullmatch(tag)
        prefix, name = (match[1], match[2]) if match else ("", "")
        if label and (name != label or prefix in "BSU"):
            found.append((label, first, position - 1))
            label = ""
        if name and not label:
            label, first = name, position
        if label and prefix in "ESL" and prefix:
            found.append((label, first, position))
            label = ""
    if label:
        found.append((label, first, len(tags) - 1))
    return found
