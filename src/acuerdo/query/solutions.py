"""Answers: rows of plain Python values, graphs, yes or no; each knows how to be shown and written."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

import pyoxigraph as ox

from acuerdo.errors import WrongUsage
from acuerdo.query import formats
from acuerdo.query.values import Plain, plain

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

SHOWN_IN_NOTEBOOK = 50


class Row(tuple[Plain | None, ...]):
    """One solution: a tuple whose values are found by place, by column name, or as attributes."""

    __slots__ = ()
    _places: Mapping[str, int] = {}

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self._places[key] if isinstance(key, str) else key)

    def __getattr__(self, name: str) -> Plain | None:
        if name not in self._places:
            raise AttributeError(f"no column '{name}'; there are {', '.join(self._places)}")
        value: Plain | None = tuple.__getitem__(self, self._places[name])
        return value

    def as_dict(self) -> dict[str, Plain | None]:
        """The row as column name to value."""
        return dict(zip(self._places, self, strict=True))


def _row_type(columns: tuple[str, ...]) -> type[Row]:
    places = {name: place for place, name in enumerate(columns)}
    return type("Row", (Row,), {"__slots__": (), "_places": places})


class Solutions:
    """The rows of a SELECT, in its order; iterate, index, count, or turn into a data frame.

    Lazy: the rows are read when they are first asked for. `write` streams where nothing was read yet.
    """

    def __init__(self, ask: Callable[[], ox.QuerySolutions], base: str = "") -> None:
        self._ask, self._base = ask, base
        self._fresh: ox.QuerySolutions | None = ask()
        self.columns = tuple(v.value for v in self._fresh.variables)

    def raw(self) -> ox.QuerySolutions:
        """The solutions as RDF terms, from the first one on."""
        fresh, self._fresh = self._fresh, None
        return fresh if fresh is not None else self._ask()

    @cached_property
    def rows(self) -> list[Row]:
        """All rows."""
        make = _row_type(self.columns)
        return [make(plain(term) for term in solution) for solution in self.raw()]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> Row:
        return self.rows[place]

    def write(self, out: IO[bytes], form: str) -> None:
        """Write all rows as csv, tsv, json (SPARQL 1.1 results), md or table."""
        machine = formats.RESULTS.get(form)
        if form == "csv":
            formats.csv_rows(out, self.columns, self.raw())
        elif machine is not None:
            self.raw().serialize(out, machine)
        elif form == "md":
            out.write(formats.markdown(self.columns, self.rows, self._base).encode())
        elif form == "table":
            out.write(formats.table(self.columns, self.rows, self._base).encode())
        else:
            raise WrongUsage(f"rows cannot be written as {form}; {', '.join(formats.FOR_ROWS)} can")

    def suits(self, *, terminal: bool) -> str:
        """The format for a person at a terminal, or for a program."""
        return "table" if terminal else "csv"

    def to_pandas(self) -> "pd.DataFrame":
        """The rows as a pandas data frame (extra `pandas`)."""
        pandas = _optional("pandas")
        return pandas.DataFrame([tuple(row) for row in self.rows], columns=list(self.columns))

    def to_polars(self) -> "pl.DataFrame":
        """The rows as a Polars data frame (extra `polars`); a column of mixed types becomes text."""
        polars = _optional("polars")
        frame: pl.DataFrame = polars.DataFrame(
            dict(zip(self.columns, self._uniform(), strict=True))
        )
        return frame

    def to_arrow(self) -> "pa.Table":
        """The rows as an Arrow table (extra `parquet`); a column of mixed types becomes text."""
        pyarrow = _optional("pyarrow", "parquet")
        return pyarrow.table(dict(zip(self.columns, self._uniform(), strict=True)))

    def _uniform(self) -> Iterator[list[Plain | None]]:
        for place in range(len(self.columns)):
            values = [tuple.__getitem__(row, place) for row in self.rows]
            mixed = len({type(value) for value in values if value is not None}) > 1
            yield [str(v) if v is not None else None for v in values] if mixed else values

    def __repr__(self) -> str:
        return f"<{len(self)} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        return formats.html(self.columns, self.rows, self._base, SHOWN_IN_NOTEBOOK)

    def _repr_markdown_(self) -> str:
        return formats.markdown(self.columns, self.rows[:SHOWN_IN_NOTEBOOK], self._base)


class Triples:
    """The graph of a CONSTRUCT or DESCRIBE, each triple once, sorted."""

    def __init__(self, triples: Iterator[ox.Triple]) -> None:
        self._triples = sorted(set(triples), key=str)

    def __iter__(self) -> Iterator[tuple[str, str, Plain | None]]:
        for triple in self._triples:
            yield _name(triple.subject), triple.predicate.value, plain(triple.object)

    def __len__(self) -> int:
        return len(self._triples)

    def write(self, out: IO[bytes], form: str) -> None:
        """Write the graph as ttl, nt or jsonld."""
        rdf = formats.GRAPHS.get(form)
        if rdf is None:
            raise WrongUsage(
                f"a graph cannot be written as {form}; {', '.join(formats.GRAPHS)} can"
            )
        prefixes = formats.prefixes_of(self._triples) if form == "ttl" else None
        ox.serialize(self._triples, out, rdf, prefixes=prefixes)

    def suits(self, *, terminal: bool) -> str:  # noqa: ARG002 - Turtle is for people and programs
        """The format for a person at a terminal, or for a program."""
        return "ttl"

    def __repr__(self) -> str:
        return f"<{len(self)} triples>"

    def __str__(self) -> str:
        from io import BytesIO

        out = BytesIO()
        self.write(out, "ttl")
        return out.getvalue().decode()


def _name(node: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    return str(node) if isinstance(node, ox.Triple) else node.value


def _optional(module: str, extra: str = "") -> Any:
    """An optional package; raises WrongUsage that says how to get it."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        extra = extra or module
        raise WrongUsage(f"{module} is not installed; pip install 'acuerdo[{extra}]'") from error
