"""NAF and KAF of the NewsReader family: layers over terms, terms over word forms, word forms over the text.

Offsets of word forms are not trusted: each span carries the words of its forms, so that a file whose text
is shifted against them is noticed. A file without its text is given one from its word forms.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from acuerdo.model import Entity, Event, Mention, Relation
from acuerdo.read import xml_text
from acuerdo.read.draft import LABELS, Draft, joined
from acuerdo.read.sources import Source
from acuerdo.report import Fault

NAME = "naf"


def sniff(head: bytes) -> bool:
    """Whether the root element is NAF or KAF."""
    return b"<NAF" in head or b"<KAF" in head


def read(source: Source) -> Iterator[Draft | Fault]:
    """The one document of a file."""
    data = source.contents()
    root = xml_text.tree(data, source.name) if isinstance(data, bytes) else data
    if isinstance(root, Fault):
        yield root
        return
    words = root.findall("text/wf")
    raw = root.findtext("raw")
    if not words and not raw:
        yield Fault(
            "TEXT_MISSING",
            "the file has neither raw text nor word forms.",
            "Keep the text layer.",
            file=source.name,
            article=source.stem,
            dropped="article",
        )
        return
    yield _Layers(root, source, words, raw).draft


def _targets(element: ET.Element) -> list[str]:
    """What the span of an element names."""
    span = element.find("span")
    return [t.get("id", "") for t in span.iter("target")] if span is not None else []


def _ident(element: ET.Element, *older: str) -> str:
    given = element.get("id")  # asked for every word and term
    return given or next((v for name in older if (v := element.get(name))), "")


class _Layers:
    """The layers of one document."""

    def __init__(
        self, root: ET.Element, source: Source, words: list[ET.Element], raw: str | None
    ) -> None:
        self.forms = {_ident(w, "wid"): w for w in words}
        self.places, built = _places(words, raw)
        text = raw or built
        self.terms = {
            _ident(t, "tid"): [r.get("id", "") for r in t.iter("target")]
            for t in root.findall("terms/term")
        }
        self.draft = Draft(
            _public(root) or source.stem,
            source.name,
            text=text,
            unit="code points",
            metadata=_metadata(root),
        )
        self.by_span: dict[tuple[str, ...], str] = {}
        self.owners: list[tuple[frozenset[str], str]] = []
        self.happenings: dict[tuple[str, ...], str] = {}
        self._entities(root)
        self._times(root)
        self._predicates(root)
        self._coreference(root)
        self._links_between(root)

    def _words(self, targets: list[str]) -> list[str]:
        """The word forms of a span that names terms or word forms."""
        found = [w for t in targets for w in (self.terms.get(t) or [t]) if w in self.places]
        return sorted(dict.fromkeys(found), key=lambda w: self.places[w][0])

    def _mention(self, targets: list[str], ident: str) -> Mention | None:
        words = self._words(targets)
        if not words:
            self.draft.faults.note(
                "DANGLING_REFERENCE",
                "its span names no word of the text.",
                "Export the text and term layers too.",
                ident,
            )
            return None
        start, end = self.places[words[0]][0], self.places[words[-1]][1]
        return self.draft.mention(start, end, self._surface(words), ident)

    def _surface(self, words: list[str]) -> str:
        """The words of a span as their forms have them, a blank where the text has any."""
        surface, at = "", self.places[words[0]][0]
        for word in words:
            begin, stop = self.places[word]
            surface += " " * max(0, min(begin - at, 1)) + (self.forms[word].text or "")
            at = stop
        return surface

    # -- layers -------------------------------------------------------------------------------

    def _entities(self, root: ET.Element) -> None:
        for element in root.findall("entities/entity"):
            ident = _ident(element, "eid")
            mentions = self._mentions(element.findall("references/span"), ident)
            if mentions:
                links = _links(element)
                self.draft.entities.append(
                    Entity(
                        ident,
                        element.get("type", ""),
                        links=links,
                        mentions=mentions,
                        confidence=_confidence(element),
                    )
                )

    def _mentions(self, spans: list[ET.Element], ident: str) -> tuple[Mention, ...]:
        found = []
        for span in spans:
            targets = [t.get("id", "") for t in span.iter("target")]
            mention = self._mention(targets, ident)
            if mention:
                found.append(mention)
                self._owned(targets, ident)
        return tuple(found)

    def _owned(self, targets: list[str], ident: str) -> None:
        words = tuple(self._words(targets))
        self.by_span.setdefault(words, ident)
        self.owners.append((frozenset(words), ident))

    def _coreference(self, root: ET.Element) -> None:
        """A set of mentions joins the entities, or the predicates, that stand on them.

        Its other mentions become the first entity's. A set without any says nothing of what it is.
        """
        further: dict[str, list[Mention]] = {}
        for element in root.findall("coreferences/coref"):
            spans = [[t.get("id", "") for t in s.iter("target")] for s in element.iter("span")]
            named = [(t, tuple(self._words(t))) for t in spans]
            known = [i for _, words in named if (i := self._at(words))]
            for other in dict.fromkeys(known[1:]):
                if other != known[0]:
                    self.draft.same.append((known[0], other))
            for targets, words in named if known else ():
                if self._at(words) is None:
                    mention = self._mention(targets, known[0])
                    further.setdefault(known[0], []).extend([mention] if mention else [])
        self._mentioned(further)

    def _at(self, words: tuple[str, ...]) -> str | None:
        return self.by_span.get(words) or self.happenings.get(words)

    def _mentioned(self, further: Mapping[str, list[Mention]]) -> None:
        """Add the mentions that only coreference knows."""
        replace = msgspec.structs.replace
        self.draft.entities = [
            replace(e, mentions=(*e.mentions, *further[e.id])) if e.id in further else e
            for e in self.draft.entities
        ]
        self.draft.events = [
            replace(e, mentions=(*e.mentions, *further[e.id])) if e.id in further else e
            for e in self.draft.events
        ]

    def _times(self, root: ET.Element) -> None:
        for element in root.findall("timeExpressions/timex3"):
            ident = _ident(element, "tid")
            value = element.get("value")
            targets = [t.get("id", "") for t in element.iter("target")]
            if (
                element.get("functionInDocument") == "CREATION_TIME"
                or not targets
                or element.get("type") in {"DURATION", "SET"}
            ):
                continue
            mention = self._mention(targets, ident)
            if mention:
                self.draft.entities.append(Entity(ident, "Date", value=value, mentions=(mention,)))
                self._owned(targets, ident)

    def _predicates(self, root: ET.Element) -> None:
        predicates = [(_ident(e, "prid"), e) for e in root.findall("srl/predicate")]
        for ident, element in predicates:
            self.happenings.setdefault(tuple(self._words(_targets(element))), ident)
        for ident, element in predicates:
            mention = self._mention(_targets(element), ident)
            if mention is None:
                continue
            labels = _predicate_labels(element)
            args: dict[str, list[str]] = {}
            attrs: dict[str, Any] = {LABELS: tuple(labels[1:])} if len(labels) > 1 else {}
            for role in element.findall("role"):
                words = self._words(_targets(role))
                filler = self._filler(words, ident)
                if filler:
                    args.setdefault(_role(role), []).append(filler)
                elif words:
                    # What fills it is no thing of the file: its words are kept beside the event.
                    key = f"x-{_role(role)}"
                    attrs[key] = joined(attrs.get(key), self._surface(words))
            self.draft.events.append(
                Event(
                    ident,
                    labels[0],
                    mentions=(mention,),
                    attrs=attrs,
                    args={r: tuple(i) for r, i in args.items()},
                )
            )

    def _filler(self, words: list[str], predicate: str) -> str | None:
        """The entity or predicate whose span the role's is, or the only entity, else predicate, inside of it."""
        exact = self._at(tuple(words))
        if exact and exact != predicate:
            return exact
        all_ = set(words)
        inside = {ident for own, ident in self.owners if own and own <= all_}
        if not inside:
            inside = {i for own, i in self.happenings.items() if own and all_.issuperset(own)}
            inside.discard(predicate)
        return inside.pop() if len(inside) == 1 else None

    def _links_between(self, root: ET.Element) -> None:
        for path, label in (
            ("temporalRelations/tlink", "TLINK"),
            ("causalRelations/clink", "CLINK"),
        ):
            for element in root.findall(path):
                kind = element.get("relType")
                self.draft.relations.append(
                    Relation(
                        f"{label}.{kind}" if kind else label,
                        element.get("from", ""),
                        element.get("to", ""),
                        _ident(element),
                    )
                )


def _places(words: list[ET.Element], raw: str | None) -> tuple[dict[str, tuple[int, int]], str]:
    """Where each word form stands by its offset; without offsets or text, where the rebuilt text has it."""
    places: dict[str, tuple[int, int]] = {}
    parts: list[str] = []
    length, sentence = 0, None
    for word in words:
        ident, text = _ident(word, "wid"), word.text or ""
        offset = word.get("offset", "")
        if raw and offset.isascii() and offset.isdigit() and len(offset) < 12:
            places[ident] = (int(offset), int(offset) + len(text))
            continue
        if raw:
            at = raw.find(text, length)
            length = at + len(text) if at >= 0 else length
            places[ident] = (max(at, 0), max(at, 0) + len(text))
            continue
        gap = "" if not parts else "\n" if word.get("sent") != sentence else " "
        parts += [gap, text]
        places[ident] = (length + len(gap), length + len(gap) + len(text))
        length, sentence = length + len(gap) + len(text), word.get("sent")
    return places, "".join(parts)


def _public(root: ET.Element) -> str | None:
    public = root.find("nafHeader/public")
    public = public if public is not None else root.find("kafHeader/public")
    return next(
        (v for n in ("publicId", "uri") if public is not None and (v := public.get(n))), None
    )


def _metadata(root: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    language = root.get("{http://www.w3.org/XML/1998/namespace}lang")
    if language:
        found["language"] = language
    header = next(
        (h for h in (root.find("nafHeader"), root.find("kafHeader")) if h is not None), None
    )
    described = header.find("fileDesc") if header is not None else None
    public = header.find("public") if header is not None else None
    if described is not None:
        created = described.get("creationtime")
        if created and created[:4].isdigit():
            found |= {"published": created[:10], "date_basis": "external"}
        for name, field in (("title", "title"), ("publisher", "publisher")):
            if described.get(name):
                found[field] = described.get(name)
    if public is not None and (public.get("uri") or "").startswith("http"):
        found["url"] = public.get("uri")
    return found


def _references(element: ET.Element) -> list[tuple[float, str]]:
    found = []
    for reference in element.iter("externalRef"):
        iri = reference.get("reference") or ""
        try:
            weight = float(reference.get("confidence", "0"))
        except ValueError:
            weight = 0.0
        if iri:
            found.append((weight, iri))
    return found


def _links(element: ET.Element) -> tuple[str, ...]:
    """The best link to DBpedia or Wikidata that the linker gave."""
    known = [
        (weight, iri)
        for weight, iri in _references(element)
        if "dbpedia.org" in iri or "wikidata.org" in iri
    ]
    return (max(known, key=lambda pair: pair[0])[1],) if known else ()


def _confidence(element: ET.Element) -> float | None:
    weights = [
        weight
        for weight, iri in _references(element)
        if "dbpedia.org" in iri or "wikidata.org" in iri
    ]
    best = max(weights, default=0.0)
    return best if 0 < best <= 1 else None


def _predicate_labels(element: ET.Element) -> list[str]:
    """What kind of event a predicate is, the ontology of events before the word senses."""
    references = [
        (r.get("resource", ""), r.get("reference", ""))
        for r in element.findall("externalReferences/externalRef")
    ]
    order = ("ESO", "FrameNet", "EventType", "VerbNet", "PropBank")
    ranked = sorted(
        references, key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)
    )
    labels = [reference for _, reference in ranked if reference]
    return list(dict.fromkeys([*labels, element.get("uri") or "predicate"]))


def _role(role: ET.Element) -> str:
    return role.get("semRole") or "argument"
