"""Answers kept for whoever asks the same of the same build again."""

from collections import OrderedDict
from typing import NamedTuple

SHARE = 64  # an answer may fill this part of the room at most


class Kept(NamedTuple):
    """A whole answer."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    rows: int


class Room:
    """The answers asked for last, up to a number of bytes; the tag that names one is over build and job."""

    def __init__(self, room: int) -> None:
        self._room, self._size = room, 0
        self._answers: OrderedDict[bytes, Kept] = OrderedDict()
        self.hits = 0

    def get(self, tag: bytes) -> Kept | None:
        """The answer of that tag."""
        found = self._answers.get(tag)
        if found is not None:
            self._answers.move_to_end(tag)
            self.hits += 1
        return found

    def put(self, tag: bytes, kept: Kept) -> None:
        """Keep an answer, at the expense of those not asked for longest."""
        cost = len(kept.body) + 1000
        if cost * SHARE > self._room:
            return
        if tag in self._answers:
            return
        self._answers[tag] = kept
        self._size += cost
        while self._size > self._room:
            _, old = self._answers.popitem(last=False)
            self._size -= len(old.body) + 1000
