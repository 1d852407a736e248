"""Counts the rows of a serialised result as its bytes go by, and cuts it behind a row.

The engine writes results much faster than Python iterates over them, so the count reads what it wrote. Two rows meet at a
seam that cannot stand inside a value; the last bytes of each piece are held back, because a seam may lie across two.
"""

from typing import ClassVar


class Rows:
    """Passes pieces on until `limit` rows have gone by; what then remains is a complete document."""

    seam: ClassVar[bytes]
    offset: ClassVar[int]  # from a seam's start to the end of the row before it
    closing: ClassVar[bytes]
    ahead: ClassVar[int] = 1  # bytes behind the seam that are needed to know it
    first: ClassVar[int] = 0  # seams before the first row ends

    def __init__(self, limit: int) -> None:
        self._limit = limit + self.first
        self.seams, self.cut = 0, False
        self._held = b""

    @property
    def rows(self) -> int:
        """Rows passed on so far, as far as they can be told apart."""
        return max(0, self.seams - self.first)

    def feed(self, data: bytes) -> bytes:
        """The bytes that can be sent; `cut` is true when they end the document early."""
        if self.cut:
            return b""
        piece = self._held + data
        known = max(0, len(piece) - len(self.seam) - self.ahead + 1)
        found = self._count(piece, known)
        if self.seams + found >= self._limit:
            end = self._place(piece, self._limit - self.seams)
            self.seams, self.cut, self._held = self._limit, True, b""
            return piece[: end + self.offset] + self.closing
        self.seams += found
        self._held = piece[known:]
        self._pass(piece[:known])
        return piece[:known]

    def finish(self) -> bytes:
        """What was held back."""
        rest, self._held = self._held, b""
        return rest

    def _window(self, piece: bytes, known: int) -> bytes:
        """The part in which every seam that starts before `known` is complete."""
        return piece[: known + len(self.seam) - 1]

    def _count(self, piece: bytes, known: int) -> int:
        return self._window(piece, known).count(self.seam)

    def _place(self, piece: bytes, number: int) -> int:
        """Where seam `number` of this piece starts."""
        at = -1
        for _ in range(number):
            at = piece.find(self.seam, at + 1)
        return at

    def _pass(self, piece: bytes) -> None:
        """Note what must be remembered of bytes that have gone by."""


class XmlRows(Rows):
    """`<` is escaped in values."""

    seam, offset, closing = b"</result><result>", 9, b"</results></sparql>"


class JsonRows(Rows):
    """In a value the seam's quote would be escaped, or be the value's last byte: then `,`, `}` or `]` follows.

    A row without any binding (`{}`) makes no seam: it costs three bytes, and the limit on bytes sees those.
    """

    seam, offset, closing = b'}},{"', 2, b"]}}"
    _no_seam = (b'}},{",', b'}},{"}', b'}},{"]')

    def _count(self, piece: bytes, known: int) -> int:
        found = super()._count(piece, known)
        if found:
            window = piece[: known + len(self.seam)]
            found -= sum(window.count(other) for other in self._no_seam)
        return found

    def _place(self, piece: bytes, number: int) -> int:
        at = -1
        while number:
            at = piece.find(self.seam, at + 1)
            number -= piece[at : at + len(self.seam) + 1] not in self._no_seam
        return at


class TsvRows(Rows):
    """A line break in a value is escaped; the first line is the header."""

    seam, offset, closing, first = b"\n", 1, b"", 1


class CsvRows(TsvRows):
    """A line break inside quotes belongs to a value."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._quoted = False

    def _count(self, piece: bytes, known: int) -> int:
        if not self._quoted and b'"' not in piece:
            return super()._count(piece, known)
        outside = self._window(piece, known).split(b'"')[self._quoted :: 2]
        return sum(part.count(b"\n") for part in outside)

    def _place(self, piece: bytes, number: int) -> int:
        quoted, at = self._quoted, -1
        while number:
            at += 1
            if piece[at] == 0x22:
                quoted = not quoted
            elif piece[at] == 0x0A and not quoted:
                number -= 1
        return at

    def _pass(self, piece: bytes) -> None:
        self._quoted ^= piece.count(b'"') % 2 == 1


COUNTERS: dict[str, type[Rows]] = {"json": JsonRows, "xml": XmlRows, "csv": CsvRows, "tsv": TsvRows}
