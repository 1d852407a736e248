"""Which build of a graph directory is published, and a watch on the pointer that says so."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from acuerdo.errors import GraphUnusable

DEMO_BASE = "https://w3id.org/acuerdo/demo/"


class Build(NamedTuple):
    """One published build."""

    digest: str
    folder: Path

    @property
    def store(self) -> str:
        """The folder of the engine's files."""
        return str(self.folder / "store")

    @property
    def base(self) -> str:
        """The base of its data IRIs."""
        base = self.manifest().get("base")
        return base if isinstance(base, str) else DEMO_BASE

    def manifest(self) -> dict[str, Any]:
        """Counts, versions and base, as the build wrote them; empty where there is none."""
        return _manifest(self.folder)


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
