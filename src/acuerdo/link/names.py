"""Names by part: how a name in an article and a name of an item agree, token by token.

Spanish names end in two surnames of which the second is often dropped, English ones have a middle name
of which an initial is left; both lose their accents in a newsroom. So two names are aligned from the
front, and what is left over is told apart by where it stood: at the end (a maternal surname), inside
(a middle name), in front (a given name), or on both sides (a contradiction).
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct

from acuerdo.errors import WrongUsage

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe"})
SUFFIXES = {
    "jr": "jr",
    "junior": "jr",
    "hijo": "jr",
    "sr": "sr",
    "ii": "ii",
    "iii": "iii",
    "iv": "iv",
}
PARTICLES = frozenset("de del la las los y e da das do dos di du le van von der den the of".split())
HONORIFICS = frozenset(
    "mr mrs ms miss dr sir dame don dona sen rep gov president presidente presidenta secretary "
    "secretario secretaria senator senador senadora ambassador embajador embajadora general "
    "gral almirante admiral lic licenciado licenciada ing hon".split()
)
_FUZZY = 0.88  # Jaro-Winkler below this is another name: Juan and Julia are .83
_INITIAL = 0.9


class Name(Struct, frozen=True, array_like=True):
    """A name as written, its folded tokens without particles and suffix, and the suffix (`jr`, `iii`)."""

    text: str
    tokens: tuple[str, ...]
    suffix: str = ""


class Alignment(Struct, frozen=True):
    """How two names agree; every field is a feature that a reviewer is shown."""

    score: float  # mean agreement of the shorter name's tokens, 0 to 1
    exact: bool
    given: float  # agreement of the first tokens
    surname: float  # agreement of the mention's last token with a token of the item that is not its first
    matched: tuple[str, ...]
    extra_mention: int  # tokens that the item does not have
    tail: int  # item tokens after the last matched one: a maternal surname that was dropped
    inner: int  # item tokens between matched ones: a middle name that was dropped
    head: int  # item tokens before the first matched one
    skips: bool  # the item's last token agrees, the one before it is dropped: its first surname, in Spanish
    conflict: bool  # each has a token that the other lacks
    initials: int
    slips: tuple[str, ...]  # the mention's tokens that agree but for a letter or two
    reordered: bool
    suffix: int  # 1 agree, 0 none has one, -1 one has one, -2 they differ


@lru_cache(maxsize=65536)
def fold(text: str) -> tuple[str, ...]:
    """The lower-case words of a text without accents and punctuation.

    >>> fold("José Antonio Meade-Kuribreña")
    ('jose', 'antonio', 'meade', 'kuribrena')
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    kept = [c for c in decomposed if not unicodedata.combining(c)]
    return tuple("".join(c if c.isalnum() else " " for c in kept if c not in "'’").split())


_ACRONYM = re.compile(r"\b(?:\w\.){2,}")


@lru_cache(maxsize=65536)
def title(text: str) -> Name:
    """The words of the name of a post, an organisation or a place; `U.S.` is one word.

    >>> title("U.S. Secretary of State").tokens
    ('us', 'secretary', 'state')
    """
    words = fold(_ACRONYM.sub(lambda found: found[0].replace(".", "") + " ", text))
    return Name(text, tuple(w for w in words if w not in PARTICLES) or words)


@lru_cache(maxsize=65536)
def name(text: str) -> Name:
    """The parts of a person's name that identify.

    >>> name("Dr. Juan Ramón de la Fuente Jr.")
    Name(text='Dr. Juan Ramón de la Fuente Jr.', tokens=('juan', 'ramon', 'fuente'), suffix='jr')
    """
    words = list(fold(text))
    while len(words) > 1 and words[0] in HONORIFICS:
        words.pop(0)
    suffix = ""
    while len(words) > 2 and words[-1] in SUFFIXES:
        suffix = SUFFIXES[words.pop()]
    kept = tuple(w for w in words if w not in PARTICLES)
    return Name(text, kept or tuple(words), suffix)


@lru_cache(maxsize=1)
def _kernel() -> Callable[..., float]:
    """Jaro-Winkler; `build` writes links without it, only linking compares names."""
    try:
        from rapidfuzz.distance import JaroWinkler
    except ImportError:
        raise WrongUsage("names are compared by rapidfuzz; pip install 'acuerdo[link]'") from None
    found: Callable[..., float] = JaroWinkler.similarity
    return found


def alike(one: str, other: str) -> float:
    """How well two tokens agree: 1 equal, .9 an initial, above .88 a slip of the pen, else 0."""
    if one == other:
        return 1.0
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else 0.0
    if len(one) < 4 or len(other) < 4 or abs(len(one) - len(other)) > 3:
        return 0.0
    return float(_kernel()(one, other, score_cutoff=_FUZZY))


def _pairs(mention: Sequence[str], item: Sequence[str]) -> list[tuple[int, int, float]]:
    """Which token answers which, equal ones first, then the best of the rest, each used once."""
    free = dict(enumerate(item))
    found: list[tuple[int, int, float]] = []
    rest: list[int] = []
    for i, token in enumerate(mention):
        at = next((j for j, other in free.items() if other == token), None)
        if at is None:
            rest.append(i)
        else:
            found.append((i, at, 1.0))
            del free[at]
    for i in rest:
        best = max(((alike(mention[i], other), -j) for j, other in free.items()), default=(0.0, 0))
        if best[0] > 0:
            found.append((i, -best[1], best[0]))
            del free[-best[1]]
    found.sort()
    return found


def _suffixes(one: str, other: str) -> int:
    if one == other:
        return 1 if one else 0
    return -2 if one and other else -1


def align(mention: Name, item: Name) -> Alignment:
    """How a name of an article agrees with a name of an item."""
    a, b = mention.tokens, item.tokens
    pairs = _pairs(a, b)
    if not pairs:
        return Alignment(0, False, 0, 0, (), len(a), len(b), 0, 0, False, True, 0, (), False, 0)
    total = sum(p[2] for p in pairs)
    used = [p[1] for p in pairs]
    first, last = min(used), max(used)
    extra = len(a) - len(pairs)
    left = len(b) - len(pairs)
    return Alignment(
        score=total / min(len(a), len(b)),
        exact=a == b,
        given=pairs[0][2] if pairs[0][:2] == (0, 0) else 0.0,
        surname=next((s for i, j, s in pairs if i == len(a) - 1 and j > 0), 0.0),
        matched=tuple(b[j] for j in used),
        extra_mention=extra,
        tail=len(b) - 1 - last,
        inner=last - first + 1 - len(pairs),
        head=first,
        skips=last == len(b) - 1 and last - 1 not in used and len(b) > 2,
        conflict=extra > 0 and left > 0,
        initials=sum(1 for i, j, s in pairs if s == _INITIAL and min(len(a[i]), len(b[j])) == 1),
        slips=tuple(a[i] for i, j, s in pairs if s < 1 and min(len(a[i]), len(b[j])) > 1),
        reordered=used != sorted(used),
        suffix=_suffixes(mention.suffix, item.suffix),
    )


def worth(alignment: Alignment) -> float:
    """A single figure by which the best of several names is chosen; the scorer learns its own."""
    return (
        alignment.score
        + 0.02 * len(alignment.matched)
        + 0.02 * alignment.exact
        - 0.10 * alignment.extra_mention
        - 0.04 * (alignment.tail + alignment.inner)
        - 0.08 * alignment.head
        - 0.20 * alignment.conflict
        - 0.05 * alignment.reordered
        + 0.03 * alignment.suffix
    )
