"""acuerdo from Python: the stages that people call, each with the arguments that matter."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from acuerdo.iri import DEMO_BASE

if TYPE_CHECKING:
    from acuerdo.build import Built
    from acuerdo.export import Exported
    from acuerdo.query import Answer, Kg, Question
    from acuerdo.validate import Report, Validator
    from acuerdo.validate.engines import EngineName

Paths = Iterable[Path | str]
DEFAULT = Path("kg")


def build(
    *sources: Path | str,
    kg: Path | str = DEFAULT,
    texts: Paths = (),
    base: str = DEMO_BASE,
    ontology: Paths = (),
    jobs: int = 0,
) -> "Built":
    """Make the graph of annotated articles current in the directory `kg`.

    What is wrong with an article stays out in the smallest unit and stands in `faults` and `findings`;
    the same input again does nothing. Raises WrongUsage, BadSource and GraphUnusable.

    >>> import acuerdo
    >>> built = acuerdo.build("examples/briefs", kg="kg")
    >>> built.new, built.articles > 10
    (True, True)
    >>> acuerdo.build("examples/briefs", kg="kg").new
    False
    """
    from acuerdo.build import Options
    from acuerdo.build import build as run

    return run(
        Options(
            tuple(map(Path, sources)),
            kg=Path(kg),
            texts=tuple(map(Path, texts)),
            base=base,
            ontology=tuple(map(Path, ontology)),
            jobs=jobs,
        )
    )


def open_kg(kg: Path | str = DEFAULT) -> "Kg":
    """The graph in a directory, read-only, as its last build left it.

    >>> import acuerdo
    >>> kg = acuerdo.open_kg("kg")
    >>> kg.query("ASK { ?call a ac:Call }")
    True
    >>> for row in kg.query("cancelled-events", since="2024-01-01"):
    ...     print(row.byLabel, row["date"], row.sentence, sep=" | ")
    Morocco | 2024-10-08 | Morocco has called off the summit of the two interior ministers that was to open in Tangier on 8 October.
    """
    from acuerdo.query import open_kg as opened

    return opened(kg)


def query(
    asked: "str | Path | Question", /, kg: Path | str = DEFAULT, **parameters: object
) -> "Answer":
    """The answer to a shipped question, a `.rq` file or a SPARQL text over the graph in a directory.

    Rows for SELECT, triples for CONSTRUCT and DESCRIBE, a bool for ASK. Raises BadQuery.

    >>> import acuerdo
    >>> rows = acuerdo.query("who-met-whom", since="2024-01-01", until="2024-05-31")
    >>> [(row.oneLabel, row.otherLabel, row.date) for row in rows]
    [('Carlos Mendoza', 'Gabriela Salazar Ponce', '2024-05-24')]
    """
    return open_kg(kg).query(asked, **parameters)


def validate(
    *files: Path | str,
    kg: Path | str = DEFAULT,
    shapes: Paths = (),
    engine: "EngineName | None" = None,
) -> "Report":
    """What SHACL finds in RDF files, or without any in the graph of the directory `kg`.

    >>> import acuerdo
    >>> report = acuerdo.validate(kg="kg")
    >>> report.conforms, report.count()["violation"]
    (True, 0)
    """
    return validated(tuple(map(Path, files)), Path(kg), tuple(map(Path, shapes)), engine)[0]


def validated(
    files: tuple[Path, ...], kg: Path, shapes: tuple[Path, ...], engine: "EngineName | None"
) -> "tuple[Report, Validator]":
    """The report on files or on a graph directory, and the validator whose shapes it speaks of."""
    return (
        _files_validated(files, shapes, engine) if files else _graph_validated(kg, shapes, engine)
    )


def _files_validated(
    files: tuple[Path, ...], shapes: tuple[Path, ...], engine: "EngineName | None"
) -> "tuple[Report, Validator]":
    from acuerdo.validate import Context, Report, Validator, article_shapes, data
    from acuerdo.validate.sift import own

    if shapes:
        validator = Validator(shapes, engine=engine)
        return data.check(files, validator), validator
    validator = Validator(article_shapes(), Context.shipped(), engine)
    triples = data.ntriples(files)
    report = validator.check(triples + validator.context.closure(triples.encode()))
    return Report(own(report.findings, triples.encode()), report.engine), validator


def _graph_validated(
    kg: Path, shapes: tuple[Path, ...], engine: "EngineName | None"
) -> "tuple[Report, Validator]":
    from acuerdo.export import opened
    from acuerdo.validate import Validator, article_shapes
    from acuerdo.validate.shapes import graph_shapes
    from acuerdo.validate.whole import whole

    article = Validator(shapes or article_shapes(), engine=engine)
    across = article if shapes else Validator(graph_shapes(), engine=engine)
    with opened(kg) as source:
        lines, inside = source.lines(), None if shapes else article
        return whole(lines, lambda graph: source.place(graph)[0], inside, across), article


def export(
    output: Path | str,
    *,
    kg: Path | str = DEFAULT,
    form: str | None = None,
    layers: Iterable[str] = (),
    articles: Iterable[str] = (),
) -> "Exported":
    """Write the graph of a directory as nq, nt, ttl, trig, jsonld or rdfxml, by suffix or `form`.

    Formats without graphs write each triple once. Raises WrongUsage and GraphUnusable.

    >>> import acuerdo
    >>> done = acuerdo.export("graph.trig", kg="kg", layers=["article"])
    >>> done.files, done.quads > 1000
    (1, True)
    """
    from acuerdo.export import Selection, opened, to_file
    from acuerdo.export.formats import chosen

    with opened(Path(kg)) as source:
        selection = Selection(source, tuple(layers), tuple(articles))
        found, packed = chosen(str(output), form)
        return to_file(source, selection, Path(output), found, packed=packed)
