"""A question: a `.rq` file that any SPARQL 1.1 store runs as it is, and that says what it takes and gives.

The header stands in comments at the top; a parameter is a `VALUES` line that ends in `# param <name>`
and holds the default (`UNDEF`: any). A value replaces what stands in its braces, as a serialised term, in every marked line
of that parameter: a sub-SELECT sees none of outside.
A line that ends in `# months <first> <last>` gets the month nodes between two such days: they lead an engine to the few
things of a time, where a filter would read all; the filter stays, so the rows are the same without them.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from acuerdo import assets
from acuerdo.dates import NAMED_AT_MOST, months_between
from acuerdo.errors import BadQuery, WrongUsage
from acuerdo.iri import MONTH

_FIELD = re.compile(r"#\s*(title|title-es|description|description-es|statuses|tested-by):\s*(.*)")
_PARAM = re.compile(r"#\s*param\s+([A-Za-z]\w*):\s*([^=]+?)\s*=\s*(.*)")
_COLUMN = re.compile(r"#\s*column\s+([A-Za-z]\w*):\s*(.*)")
_MORE = re.compile(r"#\s{3,}(\S.*)")
_DEFAULT = re.compile(
    r"^([ \t]*VALUES\s+\?(\w+)\s*\{)([^}\n]*)(\}[ \t]*#\s*param\s+(\w+)[ \t]*)$", re.MULTILINE
)
_MONTHS = re.compile(
    r"^([ \t]*VALUES\s+\?\w+\s*\{)\s*UNDEF\s*(\}[ \t]*#\s*months\s+(\w+)\s+(\w+)[ \t]*)$",
    re.MULTILINE,
)
_DAY = re.compile(r'"(\d{4}-\d\d-\d\d)"\^\^<http://www\.w3\.org/2001/XMLSchema#date>')
_OPEN = "open"
Calendar = Callable[[], Iterable[str]]
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Parameter(Struct, frozen=True):
    """What a question takes: a type that a value is checked against, and what the value means."""

    name: str
    type: str
    meaning: str
    default: str

    @property
    def option(self) -> str:
        """The name as a command-line option."""
        return (
            "--" + re.sub(r"(?<=[a-z])([A-Z])|_", lambda m: "-" + (m[1] or ""), self.name).lower()
        )

    @property
    def optional(self) -> bool:
        """Whether the question asks for any value when none is given."""
        return self.default == "UNDEF"


class Column(Struct, frozen=True):
    """A column of the answer and what stands in it."""

    name: str
    type: str


class Question(Struct, frozen=True):
    """A query with its title, parameters and columns; `fill` makes it ready to run."""

    name: str
    text: str
    title: str = ""
    title_es: str = ""
    description: str = ""
    description_es: str = ""
    statuses: str = ""
    tested_by: str = ""
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[Column, ...] = ()

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; raises BadQuery with the nearest one."""
        known = {p.name: p for p in self.parameters}
        if name not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise BadQuery(f"{self.name}: no parameter '{name}'; {near(name, known) or takes}")
        return known[name]

    def fill(self, terms: Mapping[str, Iterable[str]], calendar: Calendar | None = None) -> str:
        """The query with serialised terms in the marked lines; what is not given keeps its default.

        `calendar` gives the months of all that is dated in the graph; with it a range that is open at one
        end is led by its months too.
        """
        given = {self.parameter(name).name: " ".join(values) for name, values in terms.items()}

        def filled(line: re.Match[str]) -> str:
            name = line[5]
            return f"{line[1]} {given[name]} {line[4]}" if name in given else line[0]

        def by_month(line: re.Match[str]) -> str:
            months = _months(given.get(line[3], ""), given.get(line[4], ""), calendar)
            if not months:
                return line[0]
            return f"{line[1]} {' '.join(f'<{MONTH}{name}>' for name in months)} {line[2]}"

        return _MONTHS.sub(by_month, _DEFAULT.sub(filled, self.text))


def _months(first: str, last: str, calendar: Calendar | None) -> tuple[str, ...]:
    """The months of a range whose ends are serialised days or empty; none where it cannot be told or is long."""
    days = [_DAY.fullmatch(end) for end in (first, last)]
    since, until = (dt.date.fromisoformat(day[1]) if day else None for day in days)
    if since and until:
        return months_between(since, until)
    if calendar is None or not (since or until) or (first and not since) or (last and not until):
        return ()
    known = set(calendar())
    found = [m for m in known - {_OPEN} if first[1:8] <= m <= (last[1:8] or m)]
    return (*sorted(found), _OPEN) if known and len(found) < NAMED_AT_MOST else ()


def near(name: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?`, or nothing where no known name is near."""
    import difflib

    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.55)
    return f"did you mean '{found[0]}'?" if found else ""


def parse(text: str, name: str) -> Question:
    """A question from the text of a `.rq` file; one without a header has no parameters.

    Raises BadQuery where header and marked lines do not agree.
    """
    fields: dict[str, str] = {}
    params: dict[str, tuple[str, str]] = {}
    columns: list[Column] = []
    last = ""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        if found := _FIELD.match(line):
            last = found[1]
            fields[last] = found[2].strip()
        elif found := _PARAM.match(line):
            params[found[1]] = (found[2], found[3].strip())
        elif found := _COLUMN.match(line):
            columns.append(Column(found[1], found[2].strip()))
        elif last in fields and (found := _MORE.match(line)):
            fields[last] += " " + found[1].strip()
            continue
        last = last if _FIELD.match(line) else ""
    return Question(
        name,
        text,
        **{key.replace("-", "_"): value for key, value in fields.items()},
        parameters=_parameters(text, name, params),
        columns=tuple(columns),
    )


def _parameters(
    text: str, name: str, declared: dict[str, tuple[str, str]]
) -> tuple[Parameter, ...]:
    defaults: dict[str, str] = {}
    for line in _DEFAULT.finditer(text):
        place = f"{name}:{text.count(chr(10), 0, line.start()) + 1}"
        if line[2] != line[5]:
            raise BadQuery(f"{place}: '# param {line[5]}' stands behind VALUES ?{line[2]}")
        if line[5] not in declared:
            raise BadQuery(f"{place}: the header lacks '# param {line[5]}: <type> = <meaning>'")
        defaults[line[5]] = line[3].strip()
    for line in _MONTHS.finditer(text):
        for day in {line[3], line[4]} - defaults.keys():
            place = f"{name}:{text.count(chr(10), 0, line.start()) + 1}"
            raise BadQuery(f"{place}: '# months' names '{day}', which is no parameter")
    for wanted in declared:
        if wanted not in defaults:
            raise BadQuery(f"{name}: no line 'VALUES ?{wanted} {{ … }}  # param {wanted}'")
    return tuple(Parameter(n, t, m, defaults[n]) for n, (t, m) in declared.items())


def folder() -> Path:
    """Where the shipped questions are."""
    return assets.path("queries")


def names() -> list[str]:
    """The names of the shipped questions, sorted."""
    return sorted(path.stem for path in folder().glob("*.rq"))


def is_name(text: str) -> bool:
    """Whether `text` has the form of a question's name rather than of SPARQL or a path."""
    return _NAME.fullmatch(text) is not None


def load(name: str) -> Question:
    """A shipped question; raises BadQuery with the nearest name for one that there is not."""
    path = folder() / f"{name}.rq"
    if not is_name(name) or not path.is_file():
        hint = near(name, names()) or "`acuerdo questions` lists them"
        raise BadQuery(f"no question '{name}'; {hint}")
    return parse(path.read_text(encoding="utf-8"), name)


def read(path: Path) -> Question:
    """The question in a user's own file; raises WrongUsage where it cannot be read."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"), str(path))
    except OSError as error:
        raise WrongUsage(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{path}: not UTF-8 at byte {error.start}") from error


def questions() -> list[Question]:
    """All shipped questions, by name."""
    return [load(name) for name in names()]
