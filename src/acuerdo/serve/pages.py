"""HTML from the server: escaped by default, no script, nothing from elsewhere."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from acuerdo.serve.exchange import Exchange, Headers

_HERE = Path(__file__).parent
POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'"
)
HTML: Headers = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", POLICY),
    (b"vary", b"Accept"),
    (b"cache-control", b"no-cache"),
]
STATIC = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["outside"] = outside
    environment.filters["tail"] = tail
    return environment


def outside(iri: str) -> str:
    """The IRI where a link may lead there, else nothing: `javascript:` is an IRI too."""
    try:
        return iri if urlsplit(iri).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def tail(iri: str) -> str:
    """What stands behind the last `/` or `#`, for IRIs without a label."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or iri


class Places:
    """Where the things of one graph are on this server."""

    def __init__(self, base: str) -> None:
        self._base = base + "id/"

    def __call__(self, iri: str) -> str:
        """The path of our page about a thing; the IRI itself where it is another's; nothing where no link may lead."""
        if iri.startswith(self._base):
            path, _, fragment = iri[len(self._base) :].partition("#")
            return (
                "/page/"
                + quote(path, safe="/%:@!$&'()*+,;=-._~")
                + (f"#{quote(fragment)}" if fragment else "")
            )
        return outside(iri)


async def send_page(exchange: Exchange, name: str, content: dict[str, Any]) -> None:
    """Render a template and send it."""
    body = _templates().get_template(name).render(content)
    await exchange.whole(200, HTML, body.encode())


async def send_static(exchange: Exchange, name: str) -> bool:
    """Send one of our own files; False where there is none of that name."""
    if name not in STATIC:
        return False
    headers = [(b"content-type", STATIC[name].encode()), (b"cache-control", b"max-age=3600")]
    await exchange.whole(200, headers, (_HERE / "static" / name).read_bytes())
    return True
