"""The N-Quads of one article graph in, the N-Quads of what follows from it out."""

from collections import defaultdict

from acuerdo.errors import BadSource
from acuerdo.infer import claims
from acuerdo.infer.context import Context
from acuerdo.infer.facts import Chaining, Fact, Trace
from acuerdo.infer.rules import TYPE, Token, token

_ASSERTED, _INFERRED = b"/graph/article/", b"/graph/inferred/"

Lines = dict[Token, dict[Token, set[Token]]]


def infer_article(asserted: bytes, context: Context) -> bytes:
    """The sorted N-Quads of `/graph/inferred/{key}`; empty where nothing follows.

    Written are the consequences of terms that say `ac:materialised`, without what is asserted in the
    article, the registry or the vocabularies. Raises BadSource for quads of any other graph.
    """
    if not asserted:
        return b""
    graph = inferred_graph(asserted)
    lines = [_line(fact, graph) for fact in derive(asserted, context)]
    return b"".join(sorted(lines))


def infer_known(context: Context, graph: str) -> bytes:
    """The sorted N-Quads of what follows from registry and vocabularies alone, whatever an article says."""
    name = token(graph)
    return b"".join(sorted(_line(fact, name) for fact in context.consequences))


def derive(asserted: bytes, context: Context, trace: Trace | None = None) -> list[Fact]:
    """What follows and is to be written; with `trace`, the premises of every step."""
    values = _values(asserted, context)
    given = _facts(values, context)
    chaining = Chaining(context.ways, context.known, trace)
    derived = [*chaining.run(given)]
    conflicts = list(claims.conflicts(values, chaining.facts, context))
    if trace is not None:
        trace.update((fact, claims.premises(fact, values)) for fact in conflicts)
    derived += conflicts
    # A given fact may also follow from others; it is asserted and stays so.
    said = {*given, *_said_conflicts(values)}
    return [f for f in dict.fromkeys(derived) if f.predicate in context.written and f not in said]


def _said_conflicts(values: Lines) -> list[Fact]:
    return [
        Fact(predicate, subject, object_)
        for predicate in (claims.CONTRADICTS, claims.REVISED_BY)
        for subject, objects in values.get(predicate, {}).items()
        for object_ in objects
    ]


def inferred_graph(asserted: bytes) -> Token:
    """The name of the graph that holds what follows from these quads."""
    first = asserted[: asserted.index(b"\n")]
    name = first.rsplit(b" ", 2)[-2]
    if _ASSERTED not in name:
        raise BadSource("infer", f"not the graph of an article: {name.decode(errors='replace')}")
    return name.replace(_ASSERTED, _INFERRED, 1)


def _values(asserted: bytes, context: Context) -> Lines:
    """Objects by predicate and subject, of the predicates that some rule or claim uses."""
    wanted = context.binary | claims.USED | {TYPE, claims.CONTRADICTS, claims.REVISED_BY}
    found: Lines = defaultdict(dict)
    for line in asserted.split(b"\n"):
        if not line:
            continue
        subject, predicate, rest = line.split(b" ", 2)
        if predicate in wanted:
            # An IRI has no space; a literal keeps its spaces and loses graph and full stop.
            object_ = rest.split(b" ", 1)[0] if rest[:1] == b"<" else rest.rsplit(b" ", 2)[0]
            found[predicate].setdefault(subject, set()).add(object_)
    return found


def _facts(values: Lines, context: Context) -> list[Fact]:
    """The facts in the order of their terms, so that explanations do not depend on set order."""
    facts = [
        Fact(cls, subject)
        for subject, classes in values.get(TYPE, {}).items()
        for cls in classes & context.classes
    ]
    for predicate in context.binary & values.keys():
        for subject, objects in values[predicate].items():
            facts += [Fact(predicate, subject, o) for o in objects if o.startswith(b"<")]
    return sorted(facts)


def _line(fact: Fact, graph: Token) -> bytes:
    if fact.object is None:
        return b"%s %s %s %s .\n" % (fact.subject, TYPE, fact.predicate, graph)
    return b"%s %s %s %s .\n" % (fact.subject, fact.predicate, fact.object, graph)
