"""What is served: the build of a graph directory that `CURRENT` names, or a store that somebody else runs."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from acuerdo.errors import GraphUnusable

DEMO_BASE = "https://w3id.org/acuerdo/demo/"


class Build(NamedTuple):
    """One published build; with an `endpoint` a store elsewhere, which has no folder."""

    digest: str
    folder: Path
    endpoint: str = ""
    base_there: str = ""
    union_there: str = ""  # what stands for the union of its graphs, where that must be said

    @property
    def store(self) -> str:
        """What a worker opens: the folder of the engine's files, or an address."""
        return self.endpoint or str(self.folder / "store")

    @property
    def settled(self) -> bool:
        """Whether it never changes, so that an answer may be kept; nobody tells us of changes elsewhere."""
        return not self.endpoint

    @property
    def base(self) -> str:
        """The base of its data IRIs."""
        if self.base_there:
            return self.base_there
        base = self.manifest().get("base")
        return base if isinstance(base, str) else DEMO_BASE

    def manifest(self) -> dict[str, Any]:
        """Counts, versions and base, as the build wrote them; empty where there is none."""
        return {} if self.endpoint else _manifest(self.folder)


def elsewhere(url: str, base: str, union: str | None) -> Build:
    """The store behind an endpoint."""
    digest = "endpoint-" + hashlib.sha256(url.encode()).hexdigest()[:12]
    return Build(digest, Path(), url, base, union or "")


@lru_cache(maxsize=8)
def _manifest(folder: Path) -> dict[str, Any]:
    """A build never changes, so one reading is enough."""
    try:
        content = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def published(kg: Path) -> Build:
    """The build that `CURRENT` points to."""
    try:
        digest = (kg / "CURRENT").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise GraphUnusable(f"{kg}: no published graph; run `acuerdo build` first") from error
    if not digest or "/" in digest or digest.startswith("."):
        raise GraphUnusable(f"{kg / 'CURRENT'}: {digest!r} is not the name of a build")
    build = Build(digest, kg / "builds" / digest)
    if not Path(build.store).is_dir():
        raise GraphUnusable(f"{kg / 'CURRENT'}: build {digest} has no store")
    return build
