"""Who we are to a store. Secrets come from the environment or the keyring, never from the command line."""

import importlib
import os
from collections.abc import Generator
from urllib.parse import urlsplit

import httpx

from acuerdo.errors import WrongUsage
from acuerdo.push.profiles import AuthKind

USER, PASSWORD, TOKEN, SIGNER = (
    f"ACUERDO_PUSH_{name}" for name in ("USER", "PASSWORD", "TOKEN", "SIGNER")
)


class Bearer(httpx.Auth):
    """A token in the Authorization header."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with the token."""
        request.headers["Authorization"] = self._header
        yield request


def credentials(
    kind: AuthKind | None, user: str | None, url: str, usual: AuthKind
) -> httpx.Auth | None:
    """What to sign requests with. Without `kind`: what the environment has secrets for, else none."""
    user = user or os.environ.get(USER)
    kind = kind or _implied(user, usual)
    if kind == "none":
        return None
    if kind == "signed":
        return _signer()
    if kind == "bearer":
        return Bearer(_secret(TOKEN, user or "token", url))
    if not user:
        raise WrongUsage(f"--auth {kind} needs --user (or {USER})")
    scheme = httpx.DigestAuth if kind == "digest" else httpx.BasicAuth
    return scheme(user, _secret(PASSWORD, user, url))


def _implied(user: str | None, usual: AuthKind) -> AuthKind:
    if os.environ.get(TOKEN):
        return "bearer"
    if os.environ.get(SIGNER):
        return "signed"
    if user:
        return "digest" if usual == "digest" else "basic"
    return "none"


def _secret(variable: str, user: str, url: str) -> str:
    found = os.environ.get(variable)
    if found:
        return found
    host = urlsplit(url).hostname or ""
    stored = _from_keyring(f"{user}@{host}")
    if stored is None:
        raise WrongUsage(
            f"no secret: set {variable}, or store one with `keyring set acuerdo {user}@{host}`"
        )
    return stored


def _from_keyring(account: str) -> str | None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password("acuerdo", account)
    except keyring.errors.KeyringError:
        return None
    return found


def _signer() -> httpx.Auth:
    """The hook for signed requests: `module:factory` in the environment, called without arguments."""
    named = os.environ.get(SIGNER, "")
    module, _, factory = named.partition(":")
    if not module or not factory:
        raise WrongUsage(f"--auth signed needs {SIGNER}=module:factory, which gives an httpx.Auth")
    try:
        made = getattr(importlib.import_module(module), factory)()
    except (ImportError, AttributeError) as error:
        raise WrongUsage(f"{SIGNER}={named}: {error}") from error
    if not isinstance(made, httpx.Auth):
        raise WrongUsage(f"{SIGNER}={named}: gives {type(made).__name__}, not an httpx.Auth")
    return made
