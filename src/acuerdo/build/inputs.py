"""Digests of all that a build depends on: the same digest means the same dump, manifest and report."""

import hashlib
import importlib.metadata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import acuerdo
from acuerdo.errors import BadSource, WrongUsage

# The stages whose code decides what the graph is; commands, servers and exports do not.
_STAGES = (
    "model dates iri vocabulary report read resolve mapping validate infer store link build".split()
)


def digest_of(parts: Iterable[str | bytes]) -> str:
    """SHA-256 over parts, each closed off so that no two lists of parts read alike."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(b"%d:" % len(data))
        total.update(data)
    return total.hexdigest()


def digest_of_files(files: Iterable[tuple[str, Path]]) -> str:
    """SHA-256 over files and the names they go by; their order plays no part."""
    parts: list[str | bytes] = []
    for name, path in sorted(files):
        try:
            parts += [name, path.read_bytes()]
        except OSError as error:
            raise BadSource(path, error.strerror or str(error)) from error
    return digest_of(parts)


def digest_of_folder(folder: Path | None) -> str:
    """SHA-256 over the files below a folder; that of no folder is that of an empty one."""
    if folder is None or not folder.is_dir():
        return digest_of(())
    return digest_of_files(_below(folder))


def _below(folder: Path, pattern: str = "*") -> list[tuple[str, Path]]:
    return [
        (path.relative_to(folder).as_posix(), path)
        for path in folder.rglob(pattern)
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    ]


def ontology_digests(folders: Sequence[Path]) -> dict[str, str]:
    """Digests of classes and properties, vocabularies and registry over all ontology folders."""
    kinds: dict[str, list[tuple[str, Path]]] = {"ontology": [], "vocabularies": [], "registry": []}
    for number, folder in enumerate(folders):
        for name, path in _below(folder, "*.ttl"):
            top = name.partition("/")[0]
            kind = {"vocab": "vocabularies", "registry": "registry"}.get(top, "ontology")
            kinds[kind].append((f"{number}/{name}", path))
    return {kind: digest_of_files(files) for kind, files in kinds.items()}


@lru_cache(maxsize=1)
def code_digest() -> str:
    """SHA-256 over the code of the stages: a changed mapper must not meet its old results."""
    root = Path(acuerdo.__file__).parent
    return digest_of_files(
        (name, path)
        for name, path in _below(root, "*.py")
        if name.partition("/")[0].removesuffix(".py") in _STAGES
    )


def engines(validator: str) -> dict[str, str]:
    """Names and versions of the engines that the graph went through."""
    return {name: importlib.metadata.version(name) for name in sorted({"pyoxigraph", validator})}


def folder_beside(kg: Path, given: Path | None, name: str) -> Path | None:
    """The folder a user named, or the one called `name` beside the graph directory where there is one."""
    if given is not None:
        if not given.is_dir():
            raise WrongUsage(f"{given}: there is no such folder of {name}")
        return given
    usual = kg.absolute().parent / name
    return usual if usual.is_dir() else None
