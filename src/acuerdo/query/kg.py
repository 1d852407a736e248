"""A built graph that answers: opened read-only at the build that `CURRENT` names."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyoxigraph as ox

from acuerdo.errors import BadQuery, GraphUnusable
from acuerdo.iri import MONTH
from acuerdo.query import names, question, sparql, values
from acuerdo.query.question import Parameter, Question
from acuerdo.query.solutions import Solutions, Triples
from acuerdo.store.directory import Build, Directory

Answer = Solutions | Triples | bool
Run = Callable[[str], ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean]
DEFAULT = Path("kg")
# The parser is recursive: thousands of parentheses would end the process.
DEEPEST = 256


class Kg:
    """One build of a graph. Without FROM a query sees the union of all graphs; GRAPH sees each."""

    def __init__(self, store: ox.Store, base: str, digest: str = "") -> None:
        self.store, self.base, self.digest = store, base, digest

    def query(self, asked: str | Path | Question, /, **parameters: object) -> Answer:
        """The answer to a shipped question, a `.rq` file or a SPARQL text.

        A SELECT gives Solutions, a CONSTRUCT or DESCRIBE Triples, an ASK a bool. Raises BadQuery with
        line and column for what is no SPARQL, and for a parameter that is unknown or of another type.
        """
        wanted = chosen(asked)
        given = {
            name: values.terms(wanted.parameter(name), value, self.resolve)
            for name, value in parameters.items()
            if value is not None
        }
        return answer(wanted, wanted.fill(given, self.months), self.run, self.base)

    def run(self, text: str) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
        """Pyoxigraph's own answer to a SPARQL text over the union of all graphs."""
        return self.store.query(
            text,
            prefixes=sparql.PREFIXES,
            use_default_graph_as_union=not sparql.names_graphs(text),
        )

    def select(self, text: str) -> ox.QuerySolutions:
        """Pyoxigraph's solutions of a SELECT over the union of all graphs."""
        found = self.run(text)
        assert isinstance(found, ox.QuerySolutions)
        return found

    def months(self) -> list[str]:
        """The months (`2017-02`, `open`) that anything in the graph is dated in."""
        found = self.select("SELECT DISTINCT ?month WHERE { ?month a ac:Month }")
        return [row["month"].value.removeprefix(MONTH) for row in found]

    def resolve(self, parameter: Parameter, text: str) -> list[str]:
        """The IRIs that a name or the tail of an IRI means; raises BadQuery for none or too many."""
        return names.meant(self.run, self.base, parameter, text)


def chosen(asked: str | Path | Question) -> Question:
    """The question that was named: shipped, in a file, or a SPARQL text."""
    if isinstance(asked, Question):
        return asked
    if isinstance(asked, Path):
        return question.read(asked)
    if question.is_name(asked):
        return question.load(asked)
    if "\n" not in asked and asked.endswith(".rq"):
        return question.read(Path(asked))
    return question.parse(asked, "query")


def answer(asked: Question, text: str, run: Run, base: str) -> Answer:
    """What an engine says to a filled question, as plain Python can use it."""

    def solutions() -> ox.QuerySolutions:
        found = run(text)
        assert isinstance(found, ox.QuerySolutions)
        return found

    if sparql.depth(text) > DEEPEST:
        raise BadQuery(f"{asked.name}: nested more than {DEEPEST} deep")
    kind = sparql.form(text)
    if kind is None:
        raise BadQuery(f"{asked.name}: no SELECT, ASK, CONSTRUCT or DESCRIBE; a graph is only read")
    try:
        if kind == "SELECT":
            return Solutions(solutions, base)
        found = run(text)
        if isinstance(found, ox.QueryTriples):
            return Triples(found)
        return bool(found)
    except SyntaxError as error:
        raise BadQuery(_located(asked.name, text, str(error))) from error
    except (OSError, RuntimeError) as error:
        raise BadQuery(f"{asked.name}: {error}") from error


def _located(name: str, text: str, message: str) -> str:
    """An engine's `error at 3:17: expected one of …` as `name:3:17: …`, in words."""
    found = re.match(r"error at (\d+):(\d+): (?:expected (?:one of )?)?(.*)", message, re.DOTALL)
    if found is None:
        return f"{name}: {message}"
    line, column = int(found[1]), int(found[2])
    near = (text.splitlines()[line - 1 : line] or [""])[0][
        max(0, column - 20) : column + 20
    ].strip()
    if "Prefix not found" in found[3] or found[3] == "IRI parsing failed":
        return f"{name}:{line}:{column}: no such prefix, or no IRI, near '{near}'"
    wanted = [word for word in found[3].split(", ") if word.isascii() and word.isupper()]
    hint = f"; expected {', '.join(wanted[:6])}{' …' if len(wanted) > 6 else ''}" if wanted else ""
    return f"{name}:{line}:{column}: not SPARQL near '{near}'{hint}"


class _Manifest(msgspec.Struct):
    """The one thing of a manifest that questions need; the rest is skipped unread."""

    base: str


def open_kg(kg: Path | str = DEFAULT) -> Kg:
    """The graph in a directory, read-only, as its last build left it.

    Raises WrongUsage where there is none and GraphUnusable where it cannot be read.
    """
    build = Directory(Path(kg)).current()
    base = base_of(build)
    return Kg(build.open(), base, build.digest)


def base_of(build: Build) -> str:
    """The base IRI of a build's data; raises GraphUnusable where its manifest cannot be read."""
    path = build.folder / "manifest.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Manifest).base
    except (OSError, msgspec.MsgspecError) as error:
        raise GraphUnusable(f"{path}: cannot be read ({error}); build again") from error
