"""The walk through what a person has to decide: one question a time, every answer kept at once.

The walk knows nothing of a terminal. It holds the rows of the links and of the proposals, gives the open
ones one after the other, and writes the file after each answer, so that a broken connection loses nothing.
"""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from acuerdo.iri import Bases
from acuerdo.link import linker, sssom, within
from acuerdo.link.mentions import Facts
from acuerdo.link.sssom import MappingSet, Row


class Reviewer(Struct, frozen=True):
    """Who decides; the id is a CURIE such as `orcid:0000-0002-1825-0097`."""

    id: str
    label: str
    day: str


class Question(Struct, frozen=True):
    """One open row, and what is known of both sides."""

    path: Path
    row: Row
    left: tuple[str, ...]
    right: tuple[str, ...]


class Walk:
    """The open rows of links and proposals, answered in order; each answer can be taken back."""

    def __init__(self, links: Path, decisions: Path, facts: Facts, bases: Bases) -> None:
        self.facts, self.bases = facts, bases
        files = {linker.link_file(links): True, decisions / within.FILE: False}
        self.sets = {path: sssom.read(path, items=items) for path, items in files.items()}
        self._before: list[tuple[Path, Row, Row]] = []
        self._skipped: list[tuple[Path, tuple[str, str]]] = []

    def next(self) -> Question | None:
        """The next open row, most likely ones first within each thing; None at the end."""
        for path, row in self._open():
            if (path, row.pair) not in self._skipped:
                return Question(path, row, self.told(row.subject_id), self._right(path, row))
        return None

    def left(self) -> int:
        """How many rows a person has still to decide."""
        return sum(1 for _ in self._open())

    def _open(self) -> Iterator[tuple[Path, Row]]:
        """The open rows; a thing that has its item is not asked about again."""
        for path, found in self.sets.items():
            decided = {
                r.subject_id
                for r in found.rows
                if path.name == sssom.FILE and r.reviewed and not r.rejected
            }
            yield from ((path, r) for r in found.rows if r.open and r.subject_id not in decided)

    def told(self, thing: str, most: int = 4) -> tuple[str, ...]:
        """What the graph says of a thing: its other names, and sentences that name it."""
        iri = sssom.subject_iri(thing, self.bases)
        lines = (
            [f"also: {', '.join(self.facts.names(iri)[1:6])}"]
            if len(self.facts.names(iri)) > 1
            else []
        )
        for passage in sorted(self.facts.about(iri, "evidencedBy"))[:most]:
            title = " / ".join(
                t
                for a in self.facts.about(passage, "passageOf")
                for t in self.facts.about(a, "title")
            )
            words = " ".join(self.facts.about(passage, "words")) or "(no words stored)"
            lines.append(f"{title}: {words}" if title else words)
        return tuple(lines)

    def _right(self, path: Path, row: Row) -> tuple[str, ...]:
        said = (f"{row.confidence} {row.comment}".strip(),)
        if path.name == sssom.FILE:
            others = [r.subject_id for r in self.sets[path].rows if _has(r, row)]
            return (
                row.object_category.replace("|", ", ")
                or "its type was not checked: it would not be stated",
                f"https://www.wikidata.org/wiki/{sssom.qid(row.object_id)}",
                *said,
                *(f"already the item of {other}" for other in others),
            )
        return (*self.told(row.object_id), *said)

    def accept(self, question: Question, who: Reviewer) -> None:
        """They are one."""
        self._answer(question, who, "")

    def reject(self, question: Question, who: Reviewer) -> None:
        """They are two; the row stays so that nobody is asked again."""
        self._answer(question, who, "Not")

    def skip(self, question: Question) -> None:
        """Not now: the row stays open and is not shown again in this walk."""
        self._skipped.append((question.path, question.row.pair))

    def _answer(self, question: Question, who: Reviewer, modifier: str) -> None:
        after = sssom.changed(
            question.row,
            predicate_modifier=modifier,
            mapping_justification=sssom.CURATED,
            reviewer_id=who.id,
            reviewer_label=who.label,
            review_date=who.day,
        )
        self._before.append((question.path, question.row, after))
        self._put(question.path, question.row, after)

    def undo(self) -> bool:
        """Take the last answer back; False where there is none."""
        if not self._before:
            return False
        path, before, after = self._before.pop()
        self._put(path, after, before)
        return True

    def _put(self, path: Path, old: Row, new: Row) -> None:
        # Read again: somebody may have the file open in an editor too.
        found = sssom.read(path, items=path.name == sssom.FILE)
        rows = tuple(new if row.pair == old.pair else row for row in found.rows)
        self.sets[path] = MappingSet(rows, found.header)
        sssom.write(path, rows, self.bases, found.header)


def _has(one: Row, asked: Row) -> bool:
    """Whether another thing has the item that is asked about."""
    return one.stands and one.object_id == asked.object_id and one.subject_id != asked.subject_id
