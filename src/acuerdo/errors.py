"""The errors that reach a user, each one line: where, what was met, what to do.

AcuerdoError                 exit 1   never raised itself
├── WrongUsage               exit 2   an argument, or a path that cannot be opened; nothing was written
├── BadSource                exit 3   a file that the run needs as a whole is bad: ontology, shapes, overlay, decisions
├── BadQuery                 exit 4   a question or query that cannot be answered as asked
├── LimitReached             exit 5   time, memory or size
├── GraphUnusable            exit 6   the graph directory: held by another build, corrupt, disk full
└── RemoteFailed             exit 7   an endpoint or store elsewhere refuses, dies, or does not hold what it was sent

What is wrong with an *article* is not an exception but a `report.Fault`: the rest of the corpus goes on.
"""

from pathlib import Path


class AcuerdoError(Exception):
    """Base of all errors shown to a user; `str()` is the line that is printed."""

    exit_code = 1


class WrongUsage(AcuerdoError):
    """The call cannot be carried out as given; nothing was written."""

    exit_code = 2


class BadSource(AcuerdoError):
    """A file that the whole run needs cannot be used; `where` is `file[:line[:column]]`."""

    exit_code = 3

    def __init__(
        self, path: Path | str, reason: str, line: int | None = None, column: int | None = None
    ) -> None:
        self.path, self.reason, self.line, self.column = str(path), reason, line, column
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {reason}")


class BadQuery(AcuerdoError):
    """A query is malformed, unknown, or lacks a parameter."""

    exit_code = 4


class LimitReached(AcuerdoError):
    """A time or resource limit ended the work."""

    exit_code = 5


class GraphUnusable(AcuerdoError):
    """The graph directory cannot be read or written; what was published before still stands."""

    exit_code = 6


class RemoteFailed(AcuerdoError):
    """An endpoint or store elsewhere refused, died, or does not hold what it was sent."""

    exit_code = 7
