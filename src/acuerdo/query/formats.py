"""How answers look: tables for a terminal, Markdown and HTML (escaped), and which RDF formats there are."""

import csv
import datetime as dt
import html as _html
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from acuerdo.query.sparql import PREFIXES
from acuerdo.query.values import Plain

if TYPE_CHECKING:
    from rich.table import Table

RESULTS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
}
GRAPHS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
}
SENTENCE, GAP = "sentence", 2
FOR_ROWS = ("table", *RESULTS, "md")

_WEB = re.compile(r"https?://[^\s<>\"]+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#|~])")
Rows = Sequence[Sequence[Plain | None]]


def text(value: Plain | None) -> str:
    """A plain value as SPARQL writes it: ISO dates, `true`, nothing for an unbound one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def csv_rows(out: IO[bytes], columns: Sequence[str], solutions: Iterable[Iterable[object]]) -> None:
    """The rows as SPARQL 1.1 CSV. Oxigraph's own writer leaves an IRI with a comma unquoted, as every passage's is."""
    wrapped = io.TextIOWrapper(out, "utf-8", newline="")
    writer = csv.writer(wrapped)
    writer.writerow(columns)
    for solution in solutions:
        writer.writerow(
            term.value if isinstance(term, ox.NamedNode | ox.Literal) else "" for term in solution
        )
    wrapped.flush()
    wrapped.detach()


def short(value: str, base: str) -> str:
    """An IRI of the graph or of a vocabulary without the part that all of its kind share.

    >>> short("https://w3id.org/acuerdo/status/occurred", "https://example.org/")
    'status/occurred'
    """
    for start in (base + "id/" if base else "", "https://w3id.org/acuerdo/ns#"):
        if start and value.startswith(start):
            return value.removeprefix(start) if "#" not in start else "ac:" + value[len(start) :]
    known = "https://w3id.org/acuerdo/"
    if value.startswith(known) and not value.startswith(known + "demo/"):
        return value.removeprefix(known)
    return value


def shown(columns: Sequence[str]) -> list[int]:
    """The columns that a person reads: the IRI of what has a label stays out."""
    return [i for i, name in enumerate(columns) if name + "Label" not in columns]


def _cells(columns: Sequence[str], rows: Rows, base: str) -> Iterable[list[str]]:
    places = shown(columns)
    for row in rows:
        values = list(row)
        yield [visible(short(_readable(columns, values, i), base)) for i in places]


def _readable(columns: Sequence[str], values: Sequence[Plain | None], place: int) -> str:
    """A cell's text; a thing without a label shows its IRI."""
    value = text(values[place])
    name = columns[place]
    if not value and name.endswith("Label") and name.removesuffix("Label") in columns:
        return text(values[columns.index(name.removesuffix("Label"))])
    return value


def visible(value: str) -> str:
    """Text on one line in which nothing steers a terminal."""
    return "".join(
        c if c.isprintable() else " " if c in "\n\t" else c.encode("unicode_escape").decode()
        for c in value
    )


def heading(name: str) -> str:
    """A column's name in words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Label") or name).lower()


def table(columns: Sequence[str], rows: Rows, base: str = "", width: int | None = None) -> str:
    """The rows as a table for a terminal, wrapped to its width; a sentence stands below its row.

    A sentence is as long as all other cells together: in a column of its own it would be a tower of
    single words.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    names = [columns[place] for place in shown(columns)]
    below = names.index(SENTENCE) if SENTENCE in names and len(names) > 1 else None
    whole = list(_cells(columns, rows, base))
    heads, *lines = (
        [cell for place, cell in enumerate(cells) if place != below]
        for cells in ([heading(n) for n in names], *whole)
    )
    console = Console(width=width, highlight=False)
    widths = _fitted(heads, lines, console.width)
    with console.capture() as captured:
        console.print(_line(heads, widths, style="bold"))
        console.print("─" * min(console.width, sum(widths) + GAP * (len(widths) - 1)))
        for cells, full in zip(lines, whole, strict=True):
            console.print(_line(cells, widths))
            if below is not None and full[below]:
                console.print(Padding(Text(full[below], style="italic"), (0, 0, 1, 4)))
    count = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    return f"{captured.get()}{count}\n"


def _fitted(heads: Sequence[str], lines: Sequence[Sequence[str]], width: int) -> list[int]:
    """Widths of the columns: as wide as their cells where there is room, else the widest give way."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(heads, *lines, strict=True)]
    room = max(width - GAP * (len(widths) - 1), len(widths))
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    return [max(1, wide) for wide in widths]


def _line(cells: Sequence[str], widths: Sequence[int], style: str = "") -> "Table":
    """One row as a grid of fixed widths, so that rows stand under each other."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    for wide in widths:
        grid.add_column(width=wide, overflow="fold")
    grid.add_row(*(Text(cell, style=style) for cell in cells))
    return grid


def escaped(value: str) -> str:
    """Text on one line in which nothing is Markdown or HTML."""
    return _MARKDOWN.sub(r"\\\1", _html.escape(visible(value), quote=False))


def markdown(columns: Sequence[str], rows: Rows, base: str = "") -> str:
    """The rows as a Markdown table in which no value is markup."""
    places = shown(columns)
    lines = [
        "| " + " | ".join(escaped(heading(columns[place])) for place in places) + " |",
        "|" + " --- |" * len(places),
    ]
    lines += [
        "| " + " | ".join(map(escaped, cells)) + " |" for cells in _cells(columns, rows, base)
    ]
    return "\n".join(lines) + "\n"


def html(columns: Sequence[str], rows: Rows, base: str, limit: int) -> str:
    """The first rows as an HTML table; every value escaped, links to http and https only."""
    heads = "".join(f"<th>{_html.escape(name)}</th>" for name in columns)
    lines = [f"<table><thead><tr>{heads}</tr></thead><tbody>"]
    for row in rows[:limit]:
        cells = "".join(f"<td>{_html_cell(value, base)}</td>" for value in row)
        lines.append(f"<tr>{cells}</tr>")
    more = f"<p>{len(rows) - limit:,} more rows</p>" if len(rows) > limit else ""
    return "".join(lines) + "</tbody></table>" + more


def _html_cell(value: Plain | None, base: str) -> str:
    words = text(value)
    if isinstance(value, str) and _WEB.fullmatch(value):
        return f'<a href="{_html.escape(words)}">{_html.escape(short(words, base))}</a>'
    return _html.escape(words)


def prefixes_of(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """The well-known prefixes that occur in the triples."""
    written = " ".join(map(str, triples))
    return {name: iri for name, iri in PREFIXES.items() if f"<{iri}" in written}
