"""Texts that lie apart from their annotations, found by digest: what a file is called does not matter."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from acuerdo.errors import WrongUsage
from acuerdo.model import Article


def index(folders: list[Path]) -> dict[str, Path]:
    """SHA-256 of every file in the folders, hidden ones left out; raises WrongUsage for one that cannot be read."""
    found: dict[str, Path] = {}
    for folder in folders:
        if not folder.exists():
            raise WrongUsage(f"{folder}: there is no such folder of texts")
        files = (
            [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
        )
        for path in files:
            if not path.name.startswith("."):
                try:
                    data = path.read_bytes()
                except OSError as error:
                    raise WrongUsage(f"{path}: {error.strerror}") from error
                found.setdefault(hashlib.sha256(data).hexdigest(), path)
    return found


def attach(article: Article, texts: Mapping[str, Path]) -> Article:
    """The article with its text where a file has its digest; the same article otherwise."""
    if article.text is not None or article.sha256 is None:
        return article
    path = texts.get(article.sha256)
    if path is None:
        return article
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return article
    return msgspec.structs.replace(article, text=text)
