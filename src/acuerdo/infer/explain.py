"""Why something follows from an article: the steps down to what the article or the registry states."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from acuerdo.infer.article import derive
from acuerdo.infer.context import Context
from acuerdo.infer.facts import Fact, Trace
from acuerdo.infer.rules import TYPE, Token

Ground = Literal["inferred", "article", "registry"]


class Step(Struct, frozen=True):
    """One statement of an explanation; the statements it rests on follow one deeper."""

    depth: int
    subject: str
    predicate: str
    object: str
    ground: Ground


def explain(wanted: Fact, asserted: bytes, context: Context) -> list[Step]:
    """The steps that lead to a fact in one article; empty where it does not follow there."""
    trace: Trace = {}
    if wanted not in derive(asserted, context, trace):
        return []
    return list(_steps(wanted, 0, trace, context, set()))


def fact(subject: str, predicate: str, object_: str) -> Fact:
    """A triple of IRIs as inference writes it."""
    s, p, o = (f"<{iri}>".encode() for iri in (subject, predicate, object_))
    return Fact(o, s) if p == TYPE else Fact(p, s, o)


def _steps(
    wanted: Fact, depth: int, trace: Trace, context: Context, told: set[Fact]
) -> Iterator[Step]:
    """Depth first; what was told once is named again but not explained again."""
    ground: Ground = "inferred" if wanted in trace else "article"
    if wanted in context.known:
        ground = "registry"
    yield Step(depth, *_terms(wanted), ground)
    if ground == "inferred" and wanted not in told:
        told.add(wanted)
        for premise in trace[wanted]:
            yield from _steps(premise, depth + 1, trace, context, told)


def _terms(shown: Fact) -> tuple[str, str, str]:
    if shown.object is None:
        return _bare(shown.subject), _bare(TYPE), _bare(shown.predicate)
    return _bare(shown.subject), _bare(shown.predicate), _bare(shown.object)


def _bare(term: Token) -> str:
    text = term.decode()
    return text[1:-1] if text.startswith("<") else text
