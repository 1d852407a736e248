"""Spans of one type that cross: nested ones are normal, crossing ones are most often a slip of the mouse."""

from bisect import bisect_right, insort
from operator import itemgetter

from acuerdo.model import Article
from acuerdo.report import Fault

Place = tuple[int, int]


def faults(article: Article, file: str) -> list[Fault]:
    """A warning for each span that begins inside another of its type and ends outside of it."""
    places = sorted((m.start, -m.end) for e in article.entities for m in e.mentions)
    if not _any_cross(places):
        return []
    by_type: dict[str, list[tuple[int, int, str]]] = {}
    for entity in article.entities:
        for mention in entity.mentions:
            by_type.setdefault(entity.type, []).append((mention.start, -mention.end, entity.id))
    return [
        Fault(
            "SPANS_CROSS",
            f"it crosses {other!r}, which is a {kind} too.",
            "Correct one of the two, if it is not meant.",
            file=file,
            article=article.id,
            annotation=ident,
            start=start,
            end=end,
        )
        for kind, spans in by_type.items()
        for start, end, ident, other in _crossing(sorted(spans))
    ]


def _any_cross(places: list[Place]) -> bool:
    """Whether any two spans cross, whatever their types: in one pass over the ends that are still open."""
    open_ends: list[int] = []
    for start, negative in places:
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        if open_ends and open_ends[-1] < -negative:
            return True
        open_ends.append(-negative)
    return False


def _crossing(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str, str]]:
    found = []
    open_ends: list[tuple[int, str]] = []  # of what began earlier, the nearest end first
    for start, negative, ident in spans:
        del open_ends[: bisect_right(open_ends, start, key=itemgetter(0))]
        if open_ends and open_ends[0][0] < -negative:
            found.append((start, -negative, ident, open_ends[0][1]))
        insort(open_ends, (-negative, ident))
    return found
