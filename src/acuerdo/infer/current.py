"""Where things stand that articles share: one view over all of them, in `/graph/current`.

Each article says what it says in its own graph, for good. This graph is derived from all of them: for each
event, agreement, designation and body with a shared IRI, the status that the latest article gives it,
the tightest date among the articles that agree on that status, how many articles and publishers tell of
it, and whether they disagree. It can be dropped and made again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct

from acuerdo.infer.rules import TYPE, token
from acuerdo.iri import AC, FIXED
from acuerdo.vocabulary import XSD

_SHARED = ("event", "agreement", "designation", "body")
_STATUS, _ARTICLE = token(AC + "status"), token(AC + "Article")
_PUBLISHED, _PUBLISHER = token(AC + "published"), token(AC + "publisher")
_EDTF, _NOT_BEFORE, _NOT_AFTER = (token(AC + n) for n in ("edtf", "notBefore", "notAfter"))
_USED = frozenset({_STATUS, TYPE, _PUBLISHED, _PUBLISHER, _EDTF, _NOT_BEFORE, _NOT_AFTER})
_HAPPENED = frozenset({"occurred", "ongoing"})
# What cannot be said of a thing after it has happened, and what contradicts its happening at any time.
_BEFORE_HAND = frozenset({"planned", "proposed", "under-review", "postponed", "hypothetical"})


class Account(Struct, frozen=True, omit_defaults=True):
    """What one article says of one shared thing; days are as in data, empty where unknown."""

    thing: str
    article: str
    published: str
    publisher: str = ""
    status: str = ""
    edtf: str = ""
    first: str = ""
    last: str = ""


def accounts(asserted: bytes, base: str) -> list[Account]:
    """What an article's quads say of the things that it shares with others, by IRI."""
    prefixes = tuple(f"<{base}id/{segment}/".encode() for segment in _SHARED)
    values: defaultdict[bytes, dict[bytes, str]] = defaultdict(dict)
    article = b""
    for line in asserted.split(b"\n"):
        if line:
            subject, predicate, rest = line.split(b" ", 2)
            if predicate == TYPE and rest.startswith(_ARTICLE):
                article = subject
            if predicate in _USED:
                # A thing has one of each in an article; of several the first in order counts.
                values[subject].setdefault(predicate, _bare(rest))
    about = values.get(article, {})
    published = about.get(_PUBLISHED) or about.get(_NOT_AFTER) or about.get(_NOT_BEFORE) or ""
    return [
        Account(
            thing=_iri(thing),
            article=_iri(article),
            published=published[:10],
            publisher=about.get(_PUBLISHER, ""),
            status=said.get(_STATUS, "").rsplit("/", 1)[-1],
            edtf=said.get(_EDTF, ""),
            first=said.get(_NOT_BEFORE, ""),
            last=said.get(_NOT_AFTER, ""),
        )
        for thing, said in sorted(values.items())
        # A participation stands below its event and is no shared thing of its own.
        if thing.startswith(prefixes) and thing.count(b"/") == prefixes[0].count(b"/")
    ]


def current(told: Iterable[Account], base: str) -> bytes:
    """The sorted N-Quads of `/graph/current`, the same for the same accounts in any order."""
    by_thing: defaultdict[str, list[Account]] = defaultdict(list)
    for account in told:
        by_thing[account.thing].append(account)
    graph = f" <{base}graph/current> .\n"
    lines = {
        f"<{thing}> {statement}{graph}".encode()
        for thing, found in by_thing.items()
        for statement in _view(sorted(found, key=lambda a: (a.published, a.article)))
    }
    return b"".join(sorted(lines))


def _view(found: list[Account]) -> Iterator[str]:
    """The statements about one thing, from its accounts with the latest article last."""
    articles = {account.article for account in found}
    publishers = {account.publisher for account in found if account.publisher}
    yield f'<{AC}articleCount> "{len(articles)}"^^<{XSD}integer>'
    yield f'<{AC}publisherCount> "{len(publishers)}"^^<{XSD}integer>'
    yield f'<{AC}disputed> "{str(disputed(found)).lower()}"^^<{XSD}boolean>'
    stated = [account for account in found if account.status]
    if stated:
        yield f"<{AC}currentStatus> <{FIXED}status/{stated[-1].status}>"
    tightest = _tightest([a for a in found if not stated or a.status == stated[-1].status])
    if tightest is not None:
        if tightest.edtf:
            yield f'<{AC}edtf> "{tightest.edtf}"'
        for name, day in (("notBefore", tightest.first), ("notAfter", tightest.last)):
            if day:
                yield f'<{AC}{name}> "{day}"^^<{XSD}date>'


def _tightest(found: list[Account]) -> Account | None:
    """The account with the narrowest bounds; of equally narrow ones that of the latest article."""
    dated = [account for account in found if account.first or account.last]
    return min(reversed(dated), key=_width, default=None)


def _width(account: Account) -> tuple[int, int]:
    if not account.first or not account.last:
        return (1, 0)  # open at one end: wider than any closed interval
    (y1, m1, d1), (y2, m2, d2) = (_parts(day) for day in (account.first, account.last))
    return (0, (y2 - y1) * 372 + (m2 - m1) * 31 + d2 - d1)


def _parts(day: str) -> tuple[int, int, int]:
    year, month, of_month = day.rsplit("-", 2)
    return int(year), int(month), int(of_month)


def disputed(found: list[Account]) -> bool:
    """Whether accounts in order of publication disagree beyond what a course of events explains.

    A plan that is later reported, put off or called off is none; a thing that happened and was called
    off, that happened before it is a plan, or that has two statuses or two times at once, is one.
    """
    stated = [account for account in found if account.status]
    latest = {a.status for a in stated if a.published == stated[-1].published}
    statuses = {account.status for account in stated}
    happened = [account for account in stated if account.status in _HAPPENED]
    undone = any(
        later.status in _BEFORE_HAND and later.published > earlier.published
        for earlier in happened
        for later in stated
    )
    return (
        len(latest - {"alleged", "unconfirmed"}) > 1
        or bool(happened and "cancelled" in statuses)
        or undone
        or any(_apart(one, two) for one in happened for two in happened)
    )


def _apart(one: Account, two: Account) -> bool:
    return bool(one.last and two.first and one.last < two.first)


def _bare(rest: bytes) -> str:
    """The value of an object without the graph: an IRI, or the words of a literal."""
    if rest.startswith(b"<"):
        return rest[1 : rest.index(b">")].decode()
    return rest[1 : rest.rindex(b'"')].decode()


def _iri(term: bytes) -> str:
    return term.decode()[1:-1]
