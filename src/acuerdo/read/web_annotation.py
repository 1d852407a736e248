"""W3C Web Annotation in JSON-LD: annotations, pages, collections, lists; Hypothesis and Recogito too.

An annotation on words is a mention with its tags and links; one that links two others is a relation. The
text stands in the target, or in a `.txt` beside the file.
"""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from acuerdo.model import Agent
from acuerdo.read import json_text
from acuerdo.read import web_model as web
from acuerdo.read.draft import Draft
from acuerdo.read.metadata import from_object
from acuerdo.read.sources import Source
from acuerdo.read.web_bodies import Annotations
from acuerdo.report import Fault

NAME = "webannotation"
_BELOW = ("items", "first", "rows", "@graph")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")


def sniff_tree(tree: Any) -> bool:
    """An annotation, a page or collection of them, or an answer of Hypothesis."""
    if not isinstance(tree, dict):
        return False
    if web.types(tree) & {"Annotation", "AnnotationPage", "AnnotationCollection"}:
        return True
    rows = tree.get("rows")
    if isinstance(rows, list) and "total" in tree:
        return not rows or (isinstance(rows[0], dict) and "target" in rows[0])
    return isinstance(tree.get("target"), list | dict) and web.selectors(tree) != []


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
                web.types(node) & {"AnnotationPage", "AnnotationCollection"}
                or "rows" in node
                or "@graph" in node
            ):
                self._text_of(node.get("source", node.get("partOf")))
                about = web.iri(node.get("source"))
                if about and _is_ours(node):
                    self.sides[about] = node.get("acuerdo", {})
                below = [
                    x
                    for k in _BELOW
                    for x in web.as_list(node.get(k))
                    if isinstance(x, dict | list)
                ]
                todo.extendleft(reversed(below))
            else:
                self._annotation(node)

    def _text_of(self, resource: Any) -> None:
        iri = web.iri(resource)
        if iri and isinstance(resource, dict):
            if isinstance(resource.get("value"), str):
                self.texts[iri] = resource["value"]
            said = {k: v for k, v in resource.items() if k != "id"} | {
                "id": resource.get("identifier")
            }
            self.metadata.setdefault(iri, {}).update(from_object(said))

    def _annotation(self, node: dict[str, Any]) -> None:
        targets = web.targets(node)
        if not web.selectors(node) and len(targets) == 2:
            self.linking.append(node)
            return
        for target in targets:
            if isinstance(target, dict):
                self._text_of(target.get("source"))
        iri = next(
            (
                i
                for t in targets
                if isinstance(t, dict) and (i := web.iri(t.get("source", t.get("hasSource"))))
            ),
            None,
        )
        whole = next((i for t in targets if (i := web.iri(t))), None)
        about = iri or (whole.partition("#")[0] if whole else None) or node.get("uri") or ""
        self._page_of(str(about), node.get("document"))
        self.annotations.setdefault(str(about), []).append(node)
        self.about[web.iri(node) or ""] = str(about)

    def _page_of(self, about: str, document: Any) -> None:
        """What Hypothesis says of the page: its address and title."""
        if isinstance(document, dict) and about.startswith("http"):
            titles = web.as_list(document.get("title"))
            said = {"url": about, "title": next(iter(titles), None)}
            self.metadata.setdefault(about, from_object(said))

    def drafts(self) -> Iterator[Draft | Fault]:
        yield from self.faults
        for node in self.linking:
            known = (self.about.get(web.iri(target) or "") for target in web.targets(node))
            about = next((about for about in known if about is not None), None)
            if about is None:
                yield Fault(
                    "DANGLING_REFERENCE",
                    "the annotation links nothing that is in the file.",
                    "Export all annotations.",
                    file=self.source.name,
                    annotation=web.ident(node),
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
            Annotations(draft, name if name in agents else None).read(nodes)
            yield draft


def _creator(node: dict[str, Any]) -> tuple[str, Agent | None]:
    given = next(
        iter(
            web.as_list(
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
        iri, name = web.iri(given), given.get("name", given.get("nickname"))
        shown = name if isinstance(name, str) and name else iri
        kind = (
            "software"
            if web.types(given) & {"Software", "SoftwareAgent"} or "creator" not in node
            else "person"
        )
        if shown:
            return shown, Agent(kind, shown, iri)  # type: ignore[arg-type]
    return "", None
