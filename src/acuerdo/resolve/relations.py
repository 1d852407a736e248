"""Relations that are more than a pair, and relations that must not lead back to themselves."""

from collections.abc import Iterator, Mapping

from acuerdo.model import Entity, Event, Relation
from acuerdo.resolve.lexicon import Arg, Lexicon
from acuerdo.vocabulary import Class


def name_of(relation: Relation) -> str:
    """What a relation is called in faults and in the IRI of its evidence."""
    return relation.id or f"{relation.type}({relation.source},{relation.target})"


def as_node(relation: Relation, lexicon: Lexicon, entities: Mapping[str, Entity]) -> Event | None:
    """The n-ary node that a relation stands for whose label names a class ("per:title": a tenure).

    Its ends are the properties of that class tagged `@source` and `@target`. Without evidence of its own
    the first mention of its target is the trigger: the words that say which post it is.
    """
    cls = lexicon.types[relation.type]
    if not isinstance(cls, Class):
        return None
    source, target = (lexicon.forms[cls].args[label] for label in ("@source", "@target"))
    if source is None or target is None or source.prop is None or target.prop is None:
        return None
    end = entities.get(relation.target)
    return Event(
        id=relation.id or f"{relation.type}.{relation.source}.{relation.target}",
        type=relation.type,
        args={"@source": (relation.source,), "@target": (relation.target,)},
        mentions=end.mentions[:1] if end is not None and not relation.evidence else (),
        evidence=relation.evidence,
        attrs=relation.attrs,
        by=relation.by,
        at=relation.at,
        confidence=relation.confidence,
    )


class Circles:
    """The edges of properties that must not lead back, in the order in which they were taken."""

    def __init__(self) -> None:
        self._above: dict[str, dict[str, set[str]]] = {}

    def closes(self, arg: Arg, source: str, target: str) -> bool:
        """Whether the edge would close a circle; taken where it does not."""
        if not arg.acyclic:
            return False
        child, parent = (source, target) if arg.kind == "object" else (target, source)
        edges = self._above.setdefault(arg.predicate, {})
        if child in _reached(edges, parent):
            return True
        edges.setdefault(child, set()).add(parent)
        return False


def _reached(edges: Mapping[str, set[str]], start: str) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        new = edges.get(todo.pop(), set()) - seen
        seen |= new
        todo += new
    return seen


def edges_of(event: Event, args: Mapping[str, Arg | None]) -> Iterator[tuple[str, Arg, str]]:
    """The arguments of an event that lead to another node by an acyclic property: key, meaning, id."""
    for key, ids in event.args.items():
        arg = args[key]
        if arg is not None and arg.acyclic:
            for ident in ids:
                yield key, arg, ident
