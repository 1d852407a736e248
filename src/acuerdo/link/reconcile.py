"""The Reconciliation API 0.2 over our graph: people with a table ask which of our things their rows mean.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ The answers come from the scorer
that links to Wikidata; `match` is true only where it would link without a person. No network, no store.
"""

import html
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from acuerdo import __version__
from acuerdo.iri import Bases
from acuerdo.link.entity import KINDS, PERSON, Item, Mention
from acuerdo.link.features import FEATURES, features, overlap
from acuerdo.link.index import Candidates, write
from acuerdo.link.names import align, fold, name, title
from acuerdo.link.score import Decision, Scored, decide, ranked
from acuerdo.link.within import as_item
from acuerdo.vocabulary import Vocabulary

SCHEMA_SPACE = "https://w3id.org/acuerdo/ns#"
MOST = 100  # queries in one batch
PAGE = 20  # suggestions at once
_LONG = 300  # characters of one name
_ROOTS = ("Person", "Organization", "Post", "Place")
_STRICT = {"any", "all", "should"}
_PROPERTIES = {"country": "Country (ISO 3166 code)", "post": "Post held", "year": "Year"}


class BadBatch(ValueError):
    """The queries are not as the specification wants them; the text says what is wrong."""


class Reconciler:
    """The things of one graph, ready to be asked for."""

    def __init__(self, found: Sequence[Mention], bases: Bases, vocabulary: Vocabulary) -> None:
        self.bases, self.found = bases, list(found)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "things.sqlite"
            each = (as_item(n, m) for n, m in enumerate(self.found, start=1))
            write(path, each, {}, {}, "reconcile")
            self._index = Candidates(path, whole=True)
        by_iri = vocabulary.classes
        broader = {
            c.name: frozenset(by_iri[a].name for a in c.ancestors if a in by_iri)
            for c in by_iri.values()
        }
        # The classes of which there is something here, up to the four that all belong to.
        self.types = {
            t: broader[t]
            for m in sorted(self.found, key=lambda m: m.type_label)
            for t in sorted(broader.get(m.type_label, ()))
            if broader[t] & set(_ROOTS)
        }
        self._by_id = {self._id(m): n for n, m in enumerate(self.found, start=1)}

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def manifest(self, origin: str) -> dict[str, Any]:
        """What the service is and where its parts are."""
        service = {"service_url": origin}
        return {
            "versions": ["0.2"],
            "name": "acuerdo",
            "identifierSpace": self.bases.id,
            "schemaSpace": SCHEMA_SPACE,
            "defaultTypes": [self._type(t) for t in sorted(self.types)],
            "batchSize": MOST,
            "serviceVersion": __version__,
            "view": {"url": f"{origin}/reconcile/view?id={{{{id}}}}"},
            "preview": {
                "url": f"{origin}/reconcile/preview?id={{{{id}}}}",
                "width": 430,
                "height": 300,
            },
            "suggest": {
                part: {**service, "service_path": f"/reconcile/suggest/{part}"}
                for part in ("entity", "type", "property")
            },
        }

    @staticmethod
    def _type(label: str) -> dict[str, Any]:
        return {"id": label, "name": label}

    def _described(self, label: str) -> dict[str, Any]:
        """A type with those that are next above it."""
        above = self.types[label] & self.types.keys() - {label}
        direct = sorted(t for t in above if not any(t in self.types[o] - {o} for o in above))
        return {**self._type(label), "broader": [self._type(t) for t in direct]}

    def answers(self, batch: object) -> dict[str, Any]:
        """The candidates of each query of a batch; raises BadBatch."""
        if not isinstance(batch, dict) or not batch:
            raise BadBatch("the queries are no JSON object of queries by key")
        if len(batch) > MOST:
            raise BadBatch(f"{len(batch)} queries in one batch; {MOST} are allowed")
        return {key: {"result": self._answer(key, query)} for key, query in batch.items()}

    def _answer(self, key: str, query: object) -> list[dict[str, Any]]:
        if not isinstance(query, dict):
            raise BadBatch(f"the query {key[:40]!r} is no JSON object")
        limit = query.get("limit", 5)
        if not isinstance(limit, (int, float)) or isinstance(limit, bool) or limit < 1:
            raise BadBatch(f"the limit of the query {key[:40]!r} is no number from 1 on")
        text = self._text(key, query)
        wanted, strict = self._wanted(key, query)
        given = _given(key, query.get("properties"))
        rows = self._named(text, given) if text else self._holding(given)
        fits = [r for r in rows if not wanted or self._is(self._thing(r[0].item), wanted, strict)]
        if strict == "should":  # then types only break ties
            fits = sorted(rows, key=lambda r: (-r[0].probability, r not in fits, r[0].item.number))
        certain = sum(match for _, match in fits) == 1
        return [
            self._candidate(s, match=match and certain) for s, match in fits[: min(int(limit), 50)]
        ]

    def _named(self, text: str, given: Mention) -> list[tuple[Scored, bool]]:
        """The things of a name, best first, and whether each would be linked without a person."""
        rows: list[tuple[Scored, bool]] = []
        for kind in KINDS:
            asked = msgspec.structs.replace(given, kind=kind, label=text, names=(text,))
            sure = decide(asked, self._index)
            chosen = sure.ranked[0].item.qid if sure.decision is Decision.AUTO else ""
            rows += [(s, s.item.qid == chosen) for s in ranked(asked, self._index)]
        number = self._by_id.get(text.removeprefix(self.bases.id))
        if number is not None:  # its identifier is the surest name of a thing
            item = self._index.item(number - 1)
            figures = features(given, item, align(item.names[0], item.names[0]), self._index)
            itself = Scored(item, 1.0, figures, align(item.names[0], item.names[0]))
            rows = [(itself, True), *((s, False) for s, _ in rows if s.item.qid != item.qid)]
        rows.sort(key=lambda r: (-round(r[0].probability, 12), r[0].item.number))
        return rows

    def _holding(self, given: Mention) -> list[tuple[Scored, bool]]:
        """Who held a post, asked for without a name: never certain, as likely as the words agree."""
        found = []
        for number, thing in enumerate(self.found):
            share = max((overlap(r, p) for r in given.roles for p in thing.roles), default=0.0)
            elsewhere = given.countries and not set(given.countries) & set(thing.countries)
            then = not given.years or not thing.years or set(given.years) & set(thing.years)
            if share >= 0.5 and then and not elsewhere:
                item = self._index.item(number)
                own = align(item.names[0], item.names[0])
                figures = features(given, item, own, self._index)
                found.append((Scored(item, share / 2, figures, own), False))
        found.sort(key=lambda r: (-round(r[0].probability, 12), r[0].item.number))
        return found

    @staticmethod
    def _text(key: str, query: dict[str, Any]) -> str:
        text = query.get("query")
        if text is None and query.get("properties"):
            return ""
        if not isinstance(text, str):
            raise BadBatch(f"the query {key[:40]!r} has no text under 'query', and no properties")
        return text[:_LONG]

    @staticmethod
    def _wanted(key: str, query: dict[str, Any]) -> tuple[frozenset[str], str]:
        given, strict = query.get("type"), query.get("type_strict", "any")
        asked = [given] if isinstance(given, str) else given or []
        if not isinstance(asked, list) or not all(isinstance(t, str) for t in asked):
            raise BadBatch(
                f"the type of the query {key[:40]!r} is neither a string nor a list of strings"
            )
        if strict not in _STRICT:
            raise BadBatch(f"type_strict of the query {key[:40]!r} is none of any, all, should")
        return frozenset(t.removeprefix(SCHEMA_SPACE) for t in asked), strict

    def _is(self, thing: Mention, wanted: frozenset[str], strict: str) -> bool:
        # What is of a class is of all that are broader: an official is a person.
        own = self.types.get(thing.type_label, frozenset({thing.type_label}))
        return wanted <= own if strict == "all" else bool(wanted & own)

    def _thing(self, item: Item) -> Mention:
        return self.found[item.number - 1]

    def _id(self, mention: Mention) -> str:
        return mention.subject.removeprefix(self.bases.id)

    def _candidate(self, scored: Scored, *, match: bool) -> dict[str, Any]:
        mention = self._thing(scored.item)
        figures = zip(FEATURES, scored.figures, strict=True)
        return {
            "id": self._id(mention),
            "name": mention.label,
            "description": ", ".join(mention.roles[:2] or mention.countries),
            "type": [self._type(mention.type_label)],
            "score": round(100 * scored.probability, 2),
            "match": match,
            "features": [{"id": f, "value": round(v, 4)} for f, v in figures if f != "item"],
        }

    def suggest(self, part: str, prefix: str, cursor: int = 0) -> dict[str, Any]:
        """What begins with some letters, or has them as its identifier: things, types or properties."""
        letters = " ".join(fold(prefix[:_LONG]))
        found: list[dict[str, Any]]
        if part == "type":
            found = [
                self._described(t)
                for t in sorted(self.types)
                if " ".join(fold(t)).startswith(letters)
            ]
        elif part == "property":
            found = [
                {"id": p, "name": label}
                for p, label in _PROPERTIES.items()
                if p.startswith(letters) or " ".join(fold(label)).startswith(letters)
            ]
        else:
            own = self._by_id.get(prefix.removeprefix(self.bases.id))
            things = [self.found[own - 1]] if own else []
            things += [
                m
                for m in self.found
                if letters and any(_begins(n, letters, m.kind) for n in m.names)
            ]
            found = [
                {"id": self._id(m), "name": m.label, "notable": [self._type(m.type_label)]}
                for m in dict.fromkeys(things)
            ]
        return {"result": found[cursor : cursor + PAGE]}

    def knows(self, thing: str) -> bool:
        """Whether there is a thing of that id."""
        return thing in self._by_id

    def preview(self, thing: str) -> str | None:
        """A small page about a thing; None where there is none of that id."""
        number = self._by_id.get(thing)
        if number is None:
            return None
        mention = self.found[number - 1]
        lines = [
            ", ".join(mention.names[1:6]),
            ", ".join(mention.roles[:4]),
            ", ".join(mention.countries),
        ]
        body = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
        label = html.escape(mention.label)
        return f"<!doctype html><meta charset=utf-8><title>{label}</title><h1>{label}</h1>{body}"


def _begins(text: str, letters: str, kind: str) -> bool:
    words = (name if kind == PERSON else title)(text).tokens
    return " ".join(fold(text)).startswith(letters) or any(w.startswith(letters) for w in words)


def _given(key: str, properties: object) -> Mention:
    """The context that a query brings along; properties that are not known here say nothing."""
    if properties is None:
        return Mention("query", "", "", ())
    if not isinstance(properties, list) or not all(isinstance(p, dict) for p in properties):
        raise BadBatch(f"the properties of the query {key[:40]!r} are no list of objects")
    countries: list[str] = []
    roles: list[str] = []
    years: list[int] = []
    for one in properties:
        values = one.get("v")
        for value in values if isinstance(values, list) else [values]:
            text = str(value.get("name") or value.get("id") if isinstance(value, dict) else value)[
                :_LONG
            ]
            if one.get("pid") == "country":
                countries.append(text.upper())
            elif one.get("pid") == "post":
                roles.append(text)
            elif one.get("pid") == "year" and text[:4].isdecimal():
                years.append(int(text[:4]))
    return Mention("query", "", "", (), tuple(years), tuple(roles), tuple(countries))
