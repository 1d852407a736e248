"""Candidates from Wikidata itself: names searched, items and their classes fetched in batches, all cached."""

from collections.abc import Iterable, Sequence
from typing import Any

from acuerdo.errors import RemoteFailed
from acuerdo.link.entity import Mention
from acuerdo.link.snapshot import Snapshot
from acuerdo.link.web import DAY, Web

API = "https://www.wikidata.org/w/api.php"
LANGUAGES = ("en", "es")
BATCH = 50  # what wbgetentities takes at once
_FEW = 3
_CLASSES = 5  # steps up `subclass of` until an organisation shows that it is one
_KEEP_CLASSES = 100 * DAY


class Wikidata:
    """The action API of Wikidata or of another Wikibase."""

    def __init__(self, web: Web, api: str = API) -> None:
        self.web, self.api = web, api

    def _ask(self, **params: str) -> dict[str, Any]:
        return self.web.get(self.api, {"format": "json", "maxlag": "5", **params})

    def search(self, text: str) -> list[str]:
        """The QIDs that names and aliases give, in two languages; where they are few, those that the text gives."""
        found: dict[str, None] = {}
        for language in LANGUAGES:
            answer = self._ask(
                action="wbsearchentities",
                search=text,
                language=language,
                uselang="en",
                type="item",
                limit="10",
            )
            found.update(dict.fromkeys(hit["id"] for hit in answer.get("search", ())))
        if len(found) < _FEW:
            answer = self._ask(
                action="query", list="search", srsearch=text, srnamespace="0", srlimit="10"
            )
            hits = answer.get("query", {}).get("search", ())
            found.update(dict.fromkeys(hit["title"] for hit in hits))
        return [qid for qid in found if qid[:1] == "Q"]

    def entities(self, qids: Iterable[str], keep: float = 0.0) -> list[dict[str, Any]]:
        """The entities, at most fifty a request; those kept are not asked for, missing ones are left out."""
        cache, since = self.web.cache, min(self.web.since(), self.web.manners.now() - keep)
        wanted = sorted(set(qids), key=lambda q: int(q[1:]))
        known = {q: cache.get("entity", q, since) for q in wanted}
        missing = [q for q in wanted if known[q] is None]
        for at in range(0, len(missing), BATCH):
            known.update(self._batch(missing[at : at + BATCH]))
        return [e for q in wanted if (e := known[q]) is not None and "missing" not in e]

    def _batch(self, qids: Sequence[str]) -> dict[str, dict[str, Any]]:
        # Not through the cache of answers: each entity is kept by itself, whatever batch it comes in.
        answer = self.web.fetch(self._address(qids))
        if "error" in answer:  # one id that never was spoils the batch: ask for each half
            if len(qids) == 1:
                return self._kept({qids[0]: {"id": qids[0], "missing": ""}})
            half = len(qids) // 2
            return {**self._batch(qids[:half]), **self._batch(qids[half:])}
        told = answer.get("entities")
        if not isinstance(told, dict):
            raise RemoteFailed(f"{self.api}: an answer without entities")
        by_asked = dict(told)
        for entity in told.values():
            origin = entity.get("redirects", {}).get("from")
            if origin:
                by_asked[origin] = entity
        return self._kept({q: by_asked[q] for q in qids if q in by_asked})

    def _address(self, qids: Sequence[str]) -> str:
        import httpx

        params = {
            "action": "wbgetentities",
            "ids": "|".join(qids),
            "props": "labels|aliases|descriptions|claims|info",
            "languages": "|".join((*LANGUAGES, "mul")),
            "format": "json",
            "maxlag": "5",
        }
        return str(httpx.URL(self.api, params=dict(sorted(params.items()))))

    def _kept(self, found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        for qid, entity in found.items():
            self.web.cache.put("entity", qid, self.web.manners.now(), entity)
        return found


def candidates(found: Iterable[Mention], wikidata: Wikidata, into: Snapshot) -> None:
    """Fetch what may be meant by the mentions, with the posts that it names and the classes that it is of."""
    qids: dict[str, None] = {}
    for mention in found:
        qids.update(dict.fromkeys(mention.qids))
        # A stated item is only checked; nothing else could be linked instead of it.
        for text in () if mention.qids else _searched(mention):
            qids.update(dict.fromkeys(wikidata.search(text)))
    _take(wikidata.entities(qids), into)
    posts = {p.qid for q in qids if q in into.items for p in into.items[q].positions if p.qid}
    _take(wikidata.entities(posts - into.items.keys(), _KEEP_CLASSES), into)
    for _ in range(_CLASSES):
        classes = {t for d in into.items.values() for t in d.types} | {
            p for parents in into.parents.values() for p in parents
        }
        above = sorted(classes - into.items.keys() - into.redirects.keys())
        if not above:
            break
        _take(wikidata.entities(above, _KEEP_CLASSES), into)
        for qid in above:
            into.draft(qid)  # asked for, even where there is no answer


def _take(entities: Iterable[dict[str, Any]], into: Snapshot) -> None:
    for entity in entities:
        try:
            into.take_json(entity)
        except (KeyError, TypeError, ValueError, AttributeError):
            into.warnings.append(
                f"{entity.get('id', '?')}: its entity data are not understood; left out"
            )


def _searched(mention: Mention, most: int = 3) -> list[str]:
    """The names to search for: the label, and longer or other names up to a few."""
    names = [n for n in mention.names if len(n) > 3]
    return [mention.label, *(n for n in names if n != mention.label)][:most]
