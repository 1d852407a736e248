"""W3C Web Annotation in JSON-LD: annotations, pages, collections, lists; Hypothesis and Recogito too.

An annotation on words is a mention with its tags and links; one that links two others is a relation. The
text stands in the target, or in a `.txt` beside the file.
"""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec

from acuerdo.model import Agent, Entity, Mention, Relation
from acuerdo.read import json_text
from acuerdo.read.draft import SAME, Draft, word
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.report import Fault, escaped

NAME = "webannotation"
_TAGGING = {"tagging", "classifying", "oa:tagging", "oa:classifying", None}
_LINKING = {"identifying", "linking", "oa:identifying", "oa:linking", "semantic-tagging"}
_BELOW = ("items", "first", "rows", "@graph")
_CHARS = re.compile(r"char=(\d+),(\d+)")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")


def sniff_tree(tree: Any) -> bool:
    """An annotation, a page or collection of them, or an answer of Hypothesis."""
    if not isinstance(tree, dict):
        return False
    if _types(tree) & {"Annotation", "AnnotationPage", "AnnotationCollection"}:
        return True
    rows = tree.get("rows")
    if isinstance(rows, list) and "total" in tree:
        return not rows or (isinstance(rows[0], dict) and "target" in rows[0])
    return isinstance(tree.get("target"), list | dict) and _selectors(tree) != []


def read(source: Source) -> Iterator[Draft | Fault]:
    """The documents that the annotations of a file are about, each with a layer for each creator."""
    data = source.contents()
    if isinstance(data, Fault):
        yield data
        return
    corpus = _Corpus(source)
    for document in json_text.documents(data, source.name):
        if isinstance(document, Fault):
            yield document
            continue
        yield from document.faults
        corpus.add(document.tree)
    yield from corpus.drafts()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _types(tree: dict[str, Any]) -> set[str]:
    return {
        str(t).removeprefix("oa:").removeprefix("as:")
        for t in _list(tree.get("type", tree.get("@type")))
    }


def _iri(value: Any) -> str | None:
    """The IRI of a resource that is given by name or as an object."""
    if isinstance(value, dict):
        value = value.get("id", value.get("@id"))
    return value if isinstance(value, str) and value else None


def _targets(annotation: dict[str, Any]) -> list[Any]:
    return _list(annotation.get("target", annotation.get("hasTarget")))


def _selectors(annotation: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    todo = [
        s
        for t in _targets(annotation)
        if isinstance(t, dict)
        for s in _list(t.get("selector", t.get("hasSelector")))
    ]
    while todo and len(found) < 100:
        selector = todo.pop(0)
        if isinstance(selector, dict):
            found.append(selector)
            todo += _list(selector.get("refinedBy")) + _list(selector.get("items"))
    return found


def _is_ours(page: dict[str, Any]) -> bool:
    """Whether our own writer made the page."""
    generator = page.get("generator")
    name = generator.get("name") if isinstance(generator, dict) else None
    return isinstance(name, str) and name.startswith("acuerdo ")


class _Corpus:
    """The annotations of a file by the text that they are about."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.texts: dict[str, str] = {}
        self.metadata: dict[str, dict[str, Any]] = {}
        self.annotations: dict[str, list[dict[str, Any]]] = {}
        self.linking: list[dict[str, Any]] = []
        self.about: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.sides: dict[str, Any] = {}

    def add(self, tree: Any) -> None:
        todo = deque([tree])
        while todo:
            node = todo.popleft()
            if isinstance(node, list):
                todo.extendleft(reversed(node))
            elif not isinstance(node, dict):
                self.faults.append(
                    Fault(
                        "VALUE_INVALID",
                        "an annotation is a JSON object.",
                        "Export it again.",
                        file=self.source.name,
                        dropped="annotation",
                    )
                )
            elif (
                _types(node) & {"AnnotationPage", "AnnotationCollection"}
                or "rows" in node
                or "@graph" in node
            ):
                self._text_of(node.get("source", node.get("partOf")))
                about = _iri(node.get("source"))
                if about and _is_ours(node):
                    self.sides[about] = node.get("acuerdo", {})
                below = [
                    x for k in _BELOW for x in _list(node.get(k)) if isinstance(x, dict | list)
                ]
                todo.extendleft(reversed(below))
            else:
                self._annotation(node)

    def _text_of(self, resource: Any) -> None:
        iri = _iri(resource)
        if iri and isinstance(resource, dict):
            if isinstance(resource.get("value"), str):
                self.texts[iri] = resource["value"]
            said = {k: v for k, v in resource.items() if k != "id"} | {
                "id": resource.get("identifier")
            }
            self.metadata.setdefault(iri, {}).update(from_object(said))

    def _annotation(self, node: dict[str, Any]) -> None:
        targets = _targets(node)
        if not _selectors(node) and len(targets) == 2:
            self.linking.append(node)
            return
        for target in targets:
            if isinstance(target, dict):
                self._text_of(target.get("source"))
        iri = next(
            (
                i
                for t in targets
                if isinstance(t, dict) and (i := _iri(t.get("source", t.get("hasSource"))))
            ),
            None,
        )
        whole = next((i for t in targets if (i := _iri(t))), None)
        about = iri or (whole.partition("#")[0] if whole else None) or node.get("uri") or ""
        self.annotations.setdefault(str(about), []).append(node)
        self.about[_iri(node) or ""] = str(about)

    def drafts(self) -> Iterator[Draft | Fault]:
        yield from self.faults
        for node in self.linking:
            known = (self.about.get(_iri(target) or "") for target in _targets(node))
            about = next((about for about in known if about is not None), None)
            if about is None:
                yield Fault(
                    "DANGLING_REFERENCE",
                    "the annotation links nothing that is in the file.",
                    "Export all annotations.",
                    file=self.source.name,
                    annotation=_ident(node),
                    dropped="relation",
                )
            else:
                self.annotations[about].append(node)
        for about in list(dict.fromkeys((*self.texts, *self.annotations))):
            text = self.texts.get(about) or self._beside(about)
            ident = about or self.source.stem
            if text is None:
                yield Fault(
                    "TEXT_MISSING",
                    "the annotations do not carry the text.",
                    f"Put it beside them as {self.source.stem.rpartition('/')[2]}.txt.",
                    file=self.source.name,
                    article=ident,
                    dropped="article",
                )
                continue
            yield from self._layers(about, ident, text)

    def _beside(self, about: str) -> str | None:
        name = (
            re.split(r"[/#?]", about.rstrip("/"))[-1].rpartition(".")[0]
            or re.split(r"[/#?]", about.rstrip("/"))[-1]
        )
        place = self.source.path.rpartition("/")[0]
        for path in (f"{self.source.stem}.txt", f"{place}/{name}.txt".lstrip("/"), f"{name}.txt"):
            found = self.source.folder.files.get(path)
            data = found.contents() if found else None
            if isinstance(data, bytes):
                try:
                    return data.decode("utf-8-sig")
                except UnicodeDecodeError:
                    return None
        return None

    def _layers(self, about: str, ident: str, text: str) -> Iterator[Draft]:
        by_creator: dict[str, list[dict[str, Any]]] = {}
        agents: dict[str, Agent] = {}
        for node in self.annotations.get(about, ()):
            # What we wrote ourselves is one layer, and says of each annotation who made it.
            name, agent = ("", None) if about in self.sides else _creator(node)
            by_creator.setdefault(name, []).append(node)
            if agent:
                agents[name] = agent
        for name, nodes in by_creator.items() or [("", [])]:
            draft = Draft(
                ident,
                self.source.name,
                text=text,
                layer=name or None,
                metadata=self.metadata.get(about, {}),
            )
            draft.side = self.sides.get(about)
            if name in agents:
                draft.agents[name] = agents[name]
            _Annotations(draft, name if name in agents else None).read(nodes)
            yield draft


def _creator(node: dict[str, Any]) -> tuple[str, Agent | None]:
    given = next(
        iter(
            _list(
                node.get(
                    "creator", node.get("dcterms:creator", node.get("user", node.get("generator")))
                )
            )
        ),
        None,
    )
    if isinstance(given, str) and given:
        return given, Agent(
            "person", given, given if _IRI.fullmatch(given) and given.startswith("http") else None
        )
    if isinstance(given, dict):
        iri, name = _iri(given), given.get("name", given.get("nickname"))
        shown = name if isinstance(name, str) and name else iri
        kind = (
            "software"
            if _types(given) & {"Software", "SoftwareAgent"} or "creator" not in node
            else "person"
        )
        if shown:
            return shown, Agent(kind, shown, iri)  # type: ignore[arg-type]
    return "", None


class _Annotations:
    """The annotations of one creator on one text."""

    def __init__(self, draft: Draft, by: str | None) -> None:
        self.draft, self.by = draft, by
        self.known: set[str] = set()
        self.by_iri: dict[str, str] = {}

    def read(self, nodes: list[dict[str, Any]]) -> None:
        links = []
        for index, node in enumerate(nodes, start=1):
            if not _selectors(node) and len(_targets(node)) == 2:
                links.append((index, node))
            else:
                given = node.get("localId")
                ident = given if isinstance(given, str) and given else _ident(node) or f"a{index}"
                self.by_iri[_iri(node) or ident] = ident
                self._mention(node, ident)
        for index, node in links:
            self._link(node, _ident(node) or f"l{index}")

    def _mention(self, node: dict[str, Any], ident: str) -> None:
        mention = self._place(node, ident)
        if mention is None:
            return
        labels, links, said = self._bodies(node)
        if not labels and not links:
            self.draft.fault(
                "UNKNOWN_TYPE", "the annotation has no tag.", "Tag it with a class.", ident
            )
            return
        at = node.get("modified", node.get("created"))
        for number, label in enumerate(labels or ["Entity"]):
            own = ident if number == 0 else f"{ident}-{number + 1}"
            fields = {**said} if number == 0 else {}
            self.known.add(own)
            made = Entity(
                own,
                label,
                links=tuple(links),
                mentions=(mention,),
                by=self.by,
                at=at if isinstance(at, str) else None,
            )
            try:
                self.draft.entities.append(
                    msgspec.convert({**msgspec.to_builtins(made), **fields}, Entity)
                )
            except msgspec.ValidationError:
                self.draft.fault(
                    "VALUE_INVALID", "the description in its body is not ours.", "Remove it.", own
                )
                self.draft.entities.append(made)

    def _place(self, node: dict[str, Any], ident: str) -> Mention | None:
        start = end = exact = None
        more: list[tuple[int, int]] = []
        for selector in _selectors(node):
            kind = next(iter(_types(selector)), "")
            if kind == "TextQuoteSelector" and exact is None:
                exact = selector.get("exact")
            elif kind == "TextPositionSelector":
                if start is None:
                    start, end = selector.get("start"), selector.get("end")
                elif type(selector.get("start")) is int and type(selector.get("end")) is int:
                    more.append((selector["start"], selector["end"]))
            elif (
                kind == "FragmentSelector"
                and start is None
                and (found := _CHARS.search(str(selector.get("value"))))
            ):
                start, end = int(found[1]), int(found[2])
        whole = next((i for t in _targets(node) if (i := _iri(t))), None)
        if start is None and whole and (found := _CHARS.search(whole)):
            start, end = int(found[1]), int(found[2])
        if start is None and isinstance(exact, str) and exact:
            # Hypothesis and others that count in pages give the words alone.
            return self._quoted(node, exact, ident)
        return self.draft.mention(start, end, exact, ident, tuple(more))

    def _quoted(self, node: dict[str, Any], exact: str, ident: str) -> Mention | None:
        """A quote without a position: its only place, or the only one between its prefix and suffix."""
        quote = next(s for s in _selectors(node) if s.get("exact") == exact)
        before, after = str(quote.get("prefix") or ""), str(quote.get("suffix") or "")
        text = self.draft.text or ""
        for prefix, suffix in ((before, after), ("", "")):
            sought = prefix + exact + suffix
            first = text.find(sought)
            if first >= 0 and text.find(sought, first + 1) < 0:
                start = first + len(prefix)
                # The place is found in our own text, so it is already in code points: nobody may convert it.
                return _in_unit(self.draft, Mention(start, start + len(exact), exact))
        sentence = f"the quote {escaped(exact)} stands in the text {'not at all' if exact not in text else 'more than once'}."
        self.draft.fault("SURFACE_MISMATCH", sentence, "Give its position too.", ident)
        return None

    def _bodies(self, node: dict[str, Any]) -> tuple[list[str], list[str], dict[str, Any]]:
        labels = [t for t in _list(node.get("tags")) if isinstance(t, str)]
        links: list[str] = []
        said: dict[str, Any] = {}
        notes = [node["text"]] if isinstance(node.get("text"), str) and node["text"] else []
        for body in _list(node.get("body", node.get("hasBody", node.get("bodyValue")))):
            if isinstance(body, str):
                (links if _IRI.fullmatch(body) else labels).append(body)
                continue
            if not isinstance(body, dict):
                continue
            purpose, value = (
                word(body.get("purpose")),
                body.get("value", body.get("chars", body.get("label"))),
            )
            iri = _iri(body.get("source")) or _iri(body)
            if body.get("format") == "application/json" and isinstance(value, str):
                said |= _described(value)
            elif (
                isinstance(value, str)
                and (purpose in _TAGGING or _types(body) & {"Tag", "SemanticTag"})
                and value
            ):
                labels.append(value)
                links += [iri] if iri and purpose in _LINKING else []
            elif iri and _IRI.fullmatch(iri):
                (labels if purpose in {"classifying", "oa:classifying"} else links).append(iri)
            elif isinstance(value, str) and purpose in _LINKING and _IRI.fullmatch(value):
                links.append(value)
            elif isinstance(value, str) and value:
                notes.append(value)
        if notes:
            said["attrs"] = {
                **said.get("attrs", {}),
                "x-note": notes[0] if len(notes) == 1 else notes,
            }
        return list(dict.fromkeys(labels)), list(dict.fromkeys(links)), said

    def _link(self, node: dict[str, Any], ident: str) -> None:
        iris = [_iri(t) for t in _targets(node)]
        ends = [self.by_iri.get(iri or "", _short(iri)) for iri in iris]
        labels, links, _ = self._bodies(node)
        if None in ends or not self.known.issuperset(e for e in ends if e):
            if not self.known.isdisjoint(e for e in ends if e):
                self.draft.fault(
                    "DANGLING_REFERENCE",
                    "the annotation links something that is not in the file.",
                    "Export all annotations.",
                    ident,
                    "relation",
                )
            return
        for label in labels or links or [""]:
            if label == SAME:
                self.draft.same.append((str(ends[0]), str(ends[1])))
            else:
                self.draft.relations.append(
                    Relation(label, str(ends[0]), str(ends[1]), ident, by=self.by)
                )


def _in_unit(draft: Draft, mention: Mention) -> Mention:
    text = draft.text or ""
    if text.isascii() or draft.unit == "code points":
        return mention
    start = len(text[: mention.start].encode("utf-16-le")) // 2
    return Mention(start, start + len((mention.text or "").encode("utf-16-le")) // 2, mention.text)


def _described(value: str) -> dict[str, Any]:
    try:
        tree = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return {}
    keys = {"name", "ref", "value", "attrs", "confidence", "by", "at"}
    return {k: v for k, v in tree.items() if k in keys} if isinstance(tree, dict) else {}


def _ident(node: dict[str, Any]) -> str | None:
    return _short(_iri(node))


def _short(iri: str | None) -> str | None:
    """The last part of an annotation's IRI, which is its id in the article."""
    if iri is None:
        return None
    return re.split(r"[/#]", iri.rstrip("/#"))[-1].removeprefix("urn:uuid:") or iri
