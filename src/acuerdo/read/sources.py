"""Where files come from: a file, a folder, an archive, an archive in an archive; never from outside of them.

Archives are read in memory and never unpacked to disk, so a member's name is only a name. What an archive
may unpack to is bounded, in size and in ratio.
"""

import gzip
import io
import os
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from acuerdo.errors import WrongUsage
from acuerdo.read import utf8
from acuerdo.report import Fault, escaped

FILE_LIMIT = 1 << 30
MEMBER_LIMIT = 256 << 20
MEMBERS_LIMIT = 100_000
RATIO_LIMIT = 200  # text packs 3 to 20 times; what packs more than this and is large is a bomb
NESTING_LIMIT = 2
_SMALL = 10 << 20
_STEP = 1 << 20
STDIN = Path("-")
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


class Source:
    """One file: what it is called, where it lies below what was named, and how its bytes are had."""

    __slots__ = ("_contents", "_head", "folder", "name", "path")

    def __init__(
        self, name: str, path: str, folder: "Folder", contents: Callable[[int], bytes]
    ) -> None:
        self.name, self.path, self.folder = name, path, folder
        self._contents = contents
        self._head: tuple[int, bytes] | None = None  # how many were asked for, and what came

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, without the dot; `.gz` does not count."""
        name = self.path.rpartition("/")[2].lower().removesuffix(".gz")
        return name.rpartition(".")[2] if "." in name else ""

    @property
    def stem(self) -> str:
        """The path without its suffix."""
        path = self.path[:-3] if self.path.lower().endswith(".gz") else self.path
        head, dot, _ = path.rpartition(".")
        return head if dot and "/" not in path[len(head) :] else path

    def sibling(self, suffix: str) -> "Source | None":
        """The file beside this one that differs in its suffix alone."""
        files = self.folder.files
        names = (
            f"{self.stem}.{suffix}",
            f"{self.stem}.{suffix}.gz",
            f"{self.stem}.{suffix.upper()}",
        )
        return next((found for name in names if (found := files.get(name))), None)

    def head(self, size: int = 8192) -> bytes:
        """The first bytes; empty when the file cannot be read."""
        if self._head is None or len(self._head[1]) == self._head[0] < size:
            try:
                self._head = (size, self._contents(size))
            except _UNREADABLE:
                self._head = (size, b"")
        return self._head[1]

    def forget(self) -> None:
        """Let go of the first bytes: a corpus has many files."""
        self._head = None

    def contents(self) -> bytes | Fault:
        """All bytes; a fault when the file is empty, too large or cannot be read."""
        try:
            data = self._contents(FILE_LIMIT + 1)
        except _UNREADABLE as error:
            return self.unreadable(getattr(error, "strerror", None) or str(error))
        if len(data) > FILE_LIMIT:
            return self.unreadable(f"it holds more than {FILE_LIMIT >> 30} GB")
        if not data.strip(b"\xef\xbb\xbf \t\r\n"):
            return Fault(
                "FILE_EMPTY",
                "the file holds nothing.",
                "Export it again from the annotation tool.",
                file=self.name,
                dropped="file",
            )
        return data

    def text(self) -> str | Fault:
        """All of it as UTF-8 without a byte order mark; line ends and normal form are left alone."""
        data = self.contents()
        if isinstance(data, Fault):
            return data
        text = utf8.decoded(data, self.name)
        return text if isinstance(text, Fault) else text.removeprefix("\ufeff")

    def unreadable(
        self,
        reason: str,
        hint: str = "Check the path, its permissions, and that the archive is whole.",
    ) -> Fault:
        """The fault that says why the file cannot be read."""
        return Fault(
            "FILE_UNREADABLE",
            f"the file cannot be read: {reason}.",
            hint,
            file=self.name,
            dropped="file",
        )


class Folder:
    """The files of one folder or archive, by path, in an order that does not depend on the disk."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.files: dict[str, Source] = {}
        self.faults: list[Fault] = []
        self.kept: dict[str, Any] = {}  # what readers found out about the folder as a whole

    def add(self, path: str, name: str, contents: Callable[[int], bytes]) -> None:
        """Enter a file by its path below the folder."""
        self.files[path] = Source(name, path, self, contents)

    def __iter__(self) -> Iterator[Source]:
        return (self.files[path] for path in sorted(self.files, key=lambda p: p.split("/")))


def folders(paths: list[Path]) -> Iterator[tuple[Path, Folder]]:
    """One folder for each path named; a single file is a folder of one that sees its neighbours as siblings.

    `-` is standard input.
    Hidden files, and links that lead out of their folder or back into it, are passed over. Raises WrongUsage
    for a path that does not exist.
    """
    for path in paths:
        if not exists(path):
            raise WrongUsage(f"{path}: there is no such file or folder")
        if path.is_dir():
            yield path, _of_directory(path)
        elif not path.is_file():
            yield path, _of_pipe(path)
        else:
            yield path, _of_file(path)


def exists(path: Path) -> bool:
    """Whether a path that was named can be read from; `-` always can."""
    return path == STDIN or path.exists()


def _of_pipe(path: Path) -> Folder:
    """What can be read once only, held in memory: standard input, a pipe, a device."""
    folder = Folder(str(path))
    try:
        with sys.stdin.buffer if path == STDIN else path.open("rb") as stream:
            data = _in_steps(stream, FILE_LIMIT + 1)
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or str(error)
        folder.faults.append(Source(str(path), path.name, folder, bytes).unreadable(reason))
        return folder
    if data.startswith(_ZIP):
        _open_zip(folder, "", str(path), lambda: io.BytesIO(data), 1)
    else:
        folder.add(path.name, str(path), _held(data))
    return folder


def _held(data: bytes) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        return _unpacked(io.BytesIO(data), size) if data.startswith(_GZIP) else data[:size]

    return read


def _of_file(path: Path) -> Folder:
    folder = Folder(str(path))
    if _is_zip(path):
        _open_zip(folder, "", str(path), lambda: path.open("rb"), 1)
        return folder
    folder.add(path.name, str(path), _reader(path))
    return _Beside(folder, path.parent)


class _Beside(Folder):
    """A single file whose siblings are looked up on disk only when a format asks for them."""

    def __init__(self, folder: Folder, parent: Path) -> None:
        super().__init__(folder.name)
        own = next(iter(folder))
        self.files = _Neighbours(self, parent)
        dict.__setitem__(self.files, own.path, own)
        own.folder = self


class _Neighbours(dict[str, Source]):
    def __init__(self, folder: Folder, parent: Path) -> None:
        super().__init__()
        self._folder, self._parent = folder, parent

    def get(self, path: str, default: Source | None = None) -> Source | None:  # type: ignore[override]
        found = super().get(path)
        if found is not None or "/" in path or not (self._parent / path).is_file():
            return found or default
        beside = self._parent / path
        return Source(str(beside), path, self._folder, _reader(beside))


def _of_directory(root: Path) -> Folder:
    folder = Folder(str(root))
    top = root.resolve()

    def closed(error: OSError) -> None:
        name = str(error.filename)
        reason = error.strerror or str(error)
        folder.faults.append(Source(name, name, folder, bytes).unreadable(reason))

    for here, below, names in os.walk(root, followlinks=False, onerror=closed):
        below[:] = sorted(
            d for d in below if not d.startswith(".") and not _is_graph_directory(Path(here, d))
        )
        for name in sorted(names):
            path = Path(here, name)
            if name.startswith(".") or not path.is_file() or not path.resolve().is_relative_to(top):
                continue
            relative = path.relative_to(root).as_posix()
            if _is_zip(path):
                _open_zip(folder, f"{relative}!", str(path), lambda p=path: p.open("rb"), 1)  # type: ignore[misc]
            else:
                folder.add(relative, str(path), _reader(path))
    return folder


def _is_graph_directory(path: Path) -> bool:
    """Whether a folder is what `acuerdo build` makes, so that `acuerdo build .` does not read its own work."""
    made = ((path / "CURRENT", path / "builds"), (path / "lock", path / "cache" / "shards"))
    try:
        return any(file.is_file() and folder.is_dir() for file, folder in made)
    except OSError:  # a folder that may not be looked into is named when it is walked
        return False


def _reader(path: Path) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        with path.open("rb") as stream:
            packed = stream.peek(2)[:2] == _GZIP
            if packed:
                return _unpacked(stream, size)
            known = os.fstat(stream.fileno())
            if stat.S_ISREG(known.st_mode):
                # Asking for more than there is would have it set aside first.
                return stream.read(min(size, known.st_size + 1))
            return _in_steps(stream, size)

    return read


def _in_steps(stream: BinaryIO, size: int) -> bytes:
    parts, total = [], 0
    while total < size and (part := stream.read(min(size - total, _STEP))):
        parts.append(part)
        total += len(part)
    return b"".join(parts)


def _unpacked(stream: BinaryIO, size: int) -> bytes:
    """The first `size` bytes of a gzip stream; raises ValueError where it is a bomb."""
    parts, total = [], 0
    with gzip.open(stream) as unpacked:
        while total < size and (part := unpacked.read(min(size - total, _STEP))):
            parts.append(part)
            total += len(part)
            if total > _SMALL and total > RATIO_LIMIT * max(stream.tell(), 1):
                raise ValueError("it unpacks to more than 200 times its size")
    return b"".join(parts)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) in _ZIP
    except OSError:
        return False


def _open_zip(
    folder: Folder, prefix: str, name: str, opened: Callable[[], BinaryIO], depth: int
) -> None:
    """Add the members of an archive; what cannot be trusted becomes a fault."""
    try:
        with opened() as stream, zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS_LIMIT:
                folder.faults.append(_refused(name, f"it has more than {MEMBERS_LIMIT} members"))
                return
            for member in members:
                _add_member(folder, prefix, name, opened, archive, member, depth)
    except _UNREADABLE as error:
        folder.faults.append(_refused(name, str(error) or type(error).__name__))


def _add_member(
    folder: Folder,
    prefix: str,
    name: str,
    opened: Callable[[], BinaryIO],
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    depth: int,
) -> None:
    path, shown = member.filename.replace("\\", "/"), f"{name}!{member.filename}"
    parts = path.split("/")
    if (
        member.is_dir()
        or any(p.startswith(".") and p not in {".", ".."} for p in parts)
        or parts[0] == "__MACOSX"
    ):
        return
    reason = _distrust(path, parts, member)
    if reason:
        folder.faults.append(_refused(shown, reason))
    elif archive.open(member).read(4) == b"PK\x03\x04" and not path.endswith(
        (".spacy", ".docx", ".xlsx")
    ):
        if depth >= NESTING_LIMIT:
            folder.faults.append(_refused(shown, "archives are nested too deep"))
        else:
            read = _member_reader(opened, member)
            _open_zip(
                folder,
                f"{prefix}{path}!",
                shown,
                lambda: io.BytesIO(read(MEMBER_LIMIT + 1)),
                depth + 1,
            )
    else:
        folder.add(f"{prefix}{path}", shown, _member_reader(opened, member))


def _distrust(path: str, parts: list[str], member: zipfile.ZipInfo) -> str | None:
    if path.startswith("/") or ".." in parts or (len(path) > 1 and path[1] == ":"):
        return f"the member {escaped(path)} leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return f"the member {escaped(path)} is a link"
    if member.flag_bits & 1:
        return "the member is encrypted"
    if member.file_size > MEMBER_LIMIT:
        return f"the member unpacks to more than {MEMBER_LIMIT >> 20} MB"
    if member.file_size > _SMALL and member.file_size > RATIO_LIMIT * max(member.compress_size, 1):
        return "the member unpacks to more than 200 times its size"
    return None


def _member_reader(
    opened: Callable[[], BinaryIO], member: zipfile.ZipInfo
) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        # The size in the directory is only what the archive claims: the limit counts bytes that come out.
        limit = min(size, MEMBER_LIMIT + 1)
        with (
            opened() as stream,
            zipfile.ZipFile(stream) as archive,
            archive.open(member) as unpacked,
        ):
            data = unpacked.read(limit)
            if data[:2] == _GZIP:
                data = _unpacked(io.BytesIO(data), limit)
        if len(data) > MEMBER_LIMIT:
            raise ValueError(f"it unpacks to more than {MEMBER_LIMIT >> 20} MB")
        return data

    return read


def _refused(name: str, reason: str) -> Fault:
    return Fault(
        "FILE_UNREADABLE",
        f"the archive is refused: {reason}.",
        "Pack the exported files again, without anything else.",
        file=name,
        dropped="file",
    )
