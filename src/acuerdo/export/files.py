"""Files as they leave: packed, hashed on the way, and in place only when they are whole."""

import gzip
import hashlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from acuerdo.errors import WrongUsage
from acuerdo.store.lines import larger


class Written:
    """What a file became: its bytes as stored, and their SHA-256."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self.bytes, self._sha256 = out, 0, hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Pass the bytes on, counted and hashed."""
        self.bytes += len(data)
        self._sha256.update(data)
        self._out.write(data)
        return len(data)

    def flush(self) -> None:
        """Flush what lies below; packers ask for it."""
        self._out.flush()

    @property
    def sha256(self) -> str:
        """The sum of all bytes so far, in hex."""
        return self._sha256.hexdigest()


def write(out: IO[bytes], packed: str, pieces: Iterable[bytes]) -> Written:
    """Write the pieces to `out`, packed as `.gz`, `.zst` or (empty) not at all; the same bytes each time."""
    written = Written(out)
    with ExitStack() as stack:
        sink = _packer(packed, cast("IO[bytes]", written), stack)
        for block in larger(pieces):
            sink.write(block)
    written.flush()
    return written


def _packer(packed: str, written: IO[bytes], stack: ExitStack) -> Any:
    if packed == ".gz":
        # No name and no time: a gzip header must not tell one run from the next.
        return stack.enter_context(gzip.GzipFile("", "wb", 6, written, mtime=0))
    if packed == ".zst":
        try:
            import zstandard
        except ImportError as error:
            raise WrongUsage(".zst needs the package zstandard: pip install zstandard") from error
        packer = zstandard.ZstdCompressor(level=9).stream_writer(written, closefd=False)
        return stack.enter_context(packer)
    return written


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """`path` for writing, `-` for standard output; a regular file appears only when it is complete."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    special = path.exists() and not path.is_file()
    part = path if special else path.with_name(path.name + ".part")
    try:
        with part.open("wb") as out:
            yield out
        if not special:
            part.replace(path)
    except OSError as error:
        raise WrongUsage(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        if not special:
            part.unlink(missing_ok=True)
