"""Stores as data: where each takes queries, updates, graphs and quads, and what it is known to do to them."""

import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec

from acuerdo.errors import BadSource, WrongUsage

AuthKind = Literal["none", "basic", "digest", "bearer", "signed"]
_SECRET_NAMES = frozenset("access-token token apikey api-key key password".split())


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of store; `profiles.toml` says what each field means."""

    title: str
    example: str
    query: str
    union: str
    update: str | None = None
    graph: str | None = None
    quads: str | None = None
    quads_type: str = "application/n-quads"
    triples_type: str = "application/n-triples"
    preamble: str = ""
    put: bool = True
    read: bool = True
    read_type: str = "application/n-triples"
    gzip: bool = True
    trig: bool = False
    sha1: str = ""
    base64: bool = False
    writers: int = 1
    batch_bytes: int = 8_000_000
    raw_updates: bool = False
    update_triples: int = 500
    auth: AuthKind = "none"
    losses: tuple[str, ...] = ()


def shipped() -> dict[str, Profile]:
    """The profiles of the package, by name."""
    return _decoded(Path(__file__).with_name("profiles.toml"))


def named(name: str) -> Profile:
    """The profile of that name, or the only one of a TOML file of the user's."""
    if name.endswith(".toml"):
        found = _decoded(Path(name))
        if len(found) != 1:
            raise WrongUsage(f"{name}: holds {len(found)} profiles, a file of yours holds one")
        return next(iter(found.values()))
    known = shipped()
    if name not in known:
        raise WrongUsage(f"no profile {name!r}; one of {', '.join(known)}, or a .toml file")
    return known[name]


def _decoded(path: Path) -> dict[str, Profile]:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), dict[str, Profile])
    except OSError as error:
        raise WrongUsage(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, msgspec.ValidationError) as error:
        raise BadSource(path, str(error)) from error


class Target(msgspec.Struct, frozen=True):
    """A store at an address."""

    profile: Profile
    url: str
    query_url: str

    def graph_url(self, graph: bytes) -> str:
        """The Graph Store address of a graph, given as `<IRI>`."""
        assert self.profile.graph is not None
        iri = quote(graph[1:-1].decode(), safe="")
        return self.profile.graph.replace("{url}", self.url).replace("{graph}", iri)

    @property
    def update_url(self) -> str | None:
        """Where updates go, if anywhere."""
        return self.profile.update and self.profile.update.replace("{url}", self.url)

    @property
    def quads_url(self) -> str | None:
        """Where N-Quads go, if anywhere."""
        return self.profile.quads and self.profile.quads.replace("{url}", self.url)


def target(profile: Profile, url: str, query_url: str | None = None) -> Target:
    """The store at `url`; refuses an address that carries a secret or is no http(s) address."""
    for address in filter(None, (url, query_url)):
        _check_address(address, profile)
    asked = query_url or profile.query.replace("{url}", url.rstrip("/"))
    if not asked:
        raise WrongUsage("this profile needs --query-url: what was sent is checked with queries")
    return Target(profile, url.rstrip("/"), asked)


def _check_address(url: str, profile: Profile) -> None:
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError as error:
        raise WrongUsage(f"{url!r} is no address ({error})") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_number:
        raise WrongUsage(f"{url!r} is no http or https address; for example {profile.example}")
    if parts.username or parts.password:
        raise WrongUsage(
            "an address must not carry a password; use --user and ACUERDO_PUSH_PASSWORD"
        )
    if any(name.lower() in _SECRET_NAMES for name, _ in parse_qsl(parts.query)):
        raise WrongUsage("an address must not carry a token; use ACUERDO_PUSH_TOKEN")
