"""Every IRI that acuerdo mints, and the checks that make one safe to write.

Terms, shapes and vocabularies live under a fixed base for good; `id/` and `graph/` under the user's.
Slugs come from registry keys and local ids, never from a label that an editor may correct.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache

from msgspec import Struct

FIXED = "https://w3id.org/acuerdo/"
AC = FIXED + "ns#"
ACSH = FIXED + "shapes#"
MONTH = FIXED + "month/"
DEMO_BASE = FIXED + "demo/"
WIKIDATA = "http://www.wikidata.org/entity/"

_WORDS = re.compile(r"[a-z0-9]+")
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
# RFC 3987 absolute IRI as SPARQL and N-Quads allow it: a scheme, then nothing that ends or breaks a term.
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f-\x9f\ud800-\udfff]+")
_LOCAL_SAFE = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~-]+")
_REF = re.compile(r"[a-z]+(?:-[a-z]+)*/[a-z0-9][a-z0-9._~-]*")
_QID = re.compile(r"Q[1-9][0-9]{0,11}")
_WIKIDATA_LINK = re.compile(
    r"(?:wd:|wikidata:|https?://(?:www\.)?wikidata\.org/(?:entity|wiki)/)(.*)", re.DOTALL
)


class Bases(Struct, frozen=True):
    """The user's base IRI, from which `id/` and `graph/` are made."""

    base: str = DEMO_BASE

    @property
    def id(self) -> str:
        """Prefix of everything that an article or the registry names."""
        return self.base + "id/"

    @property
    def graph(self) -> str:
        """Prefix of all named graphs."""
        return self.base + "graph/"


def is_iri(text: str) -> bool:
    """Whether `text` is an absolute IRI that every RDF syntax can write as it is."""
    return _ABSOLUTE.fullmatch(text) is not None


def is_base(text: str) -> bool:
    """Whether `text` may be a base: an http(s) IRI that ends in `/` and has no query or fragment."""
    return (
        text.startswith(("https://", "http://"))
        and text.endswith("/")
        and is_iri(text)
        and "?" not in text
        and "#" not in text
    )


def is_ref(text: str) -> bool:
    """Whether `text` is the part of a shared IRI after `/id/`: `segment/slug`."""
    return _REF.fullmatch(text) is not None


@lru_cache(maxsize=65536)
def slug(name: str) -> str:
    """Lower-case ASCII words joined by `-`; where folding loses a letter, 8 hex of SHA-256 follow.

    >>> slug("Miguel Ángel Osorio Chong")
    'miguel-angel-osorio-chong'
    >>> slug("Łódź")
    'odz-15b5a26f'
    """
    composed = name if name.isascii() else unicodedata.normalize("NFC", name)
    folded = composed.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        folded = "".join([c for c in decomposed if c.isascii() or not unicodedata.combining(c)])
    text = "-".join(_WORDS.findall(folded))
    lost = not folded.isascii() and any(not c.isascii() and c.isalnum() for c in folded)
    if lost or not text:
        digest = hashlib.sha256(composed.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        text = f"{text}-{digest}" if text else digest
    return text


def article_key(identifier: str) -> str:
    """The key of an article: its id where that is one already, else a slug and 10 hex of SHA-256.

    >>> article_key("briefs-001")
    'briefs-001'
    """
    if _KEY.fullmatch(identifier):
        return identifier
    digest = hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{slug(identifier)[:60].rstrip('-')}-{digest}"


def is_local_safe(identifier: str) -> bool:
    """Whether a local id stands in an IRI without being encoded."""
    return _LOCAL_SAFE.fullmatch(identifier) is not None


@lru_cache(maxsize=65536)
def local(identifier: str) -> str:
    """A local id as one IRI path segment; unsafe characters are percent-encoded as UTF-8.

    `.` and `..` lead elsewhere in a path, encoded or not: 8 hex of SHA-256 follow them.
    """
    if _LOCAL_SAFE.fullmatch(identifier):
        return identifier
    if identifier in {".", ".."}:
        return f"{identifier}~{hashlib.sha256(identifier.encode()).hexdigest()[:8]}"
    out = []
    for char in identifier:
        if char.isascii() and (char.isalnum() or char in "._~-"):
            out.append(char)
        else:
            out.extend(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
    return "".join(out)


def entity(article: str, identifier: str) -> str:
    """The IRI of what only this article knows, below the article's own IRI."""
    return f"{article}/entity/{local(identifier)}"


def tail(bases: Bases, iri: str) -> str:
    """The part of an IRI after `/id/`, which names an actor inside other IRIs."""
    return iri.removeprefix(bases.id)


def participation(bases: Bases, event: str, actor: str) -> str:
    """One actor has one participation in an event, whichever article tells of it."""
    return f"{event}/participation/{tail(bases, actor)}"


def tenure(bases: Bases, person: str, post: str, capacity: str | None, number: int | None) -> str:
    """The IRI of a shared person's tenure of a shared post; capacity when not substantive."""
    parts = [tail(bases, person).partition("/")[2], tail(bases, post).partition("/")[2]]
    if capacity not in {None, "substantive"}:
        parts.append(str(capacity))
    if number is not None:
        parts.append(str(number))
    return f"{bases.id}tenure/{'--'.join(parts)}"


def month(year_month: str) -> str:
    """The node of a calendar month (`2017-02`), or of `open`."""
    return MONTH + year_month


def qid(link: str) -> str | None:
    """The Wikidata id of a link, `None` for a link to elsewhere; raises ValueError for a broken one.

    >>> qid("wd:Q723917"), qid("https://www.wikidata.org/wiki/Q42"), qid("https://example.org/x")
    ('Q723917', 'Q42', None)
    """
    found = _WIKIDATA_LINK.fullmatch(link)
    if found is None:
        return None
    if _QID.fullmatch(found[1]) is None:
        raise ValueError(link)
    return found[1]
