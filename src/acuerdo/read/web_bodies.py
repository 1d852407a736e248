"""The annotations of one creator on one text, with what their bodies say."""

import re
from typing import Any

import msgspec

from acuerdo.model import Entity, Mention, Relation
from acuerdo.read import web_model as web
from acuerdo.read.draft import SAME, Draft, word
from acuerdo.report import escaped

_TAGGING = {"tagging", "classifying", "oa:tagging", "oa:classifying", None}
_LINKING = {"identifying", "linking", "oa:identifying", "oa:linking", "semantic-tagging"}
_OF_PAGES = {"RangeSelector", "XPathSelector", "CssSelector"}
_CHARS = re.compile(r"char=(\d+),(\d+)")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")


class Annotations:
    """The annotations of one creator on one text."""

    def __init__(self, draft: Draft, by: str | None) -> None:
        self.draft, self.by = draft, by
        self.known: set[str] = set()
        self.by_iri: dict[str, str] = {}

    def read(self, nodes: list[dict[str, Any]]) -> None:
        """Put all annotations into the draft, what links them last."""
        links = []
        for index, node in enumerate(nodes, start=1):
            if not web.selectors(node) and len(web.targets(node)) == 2:
                links.append((index, node))
            else:
                given = node.get("localId")
                ident = (
                    given if isinstance(given, str) and given else web.ident(node) or f"a{index}"
                )
                self.by_iri[web.iri(node) or ident] = ident
                self._mention(node, ident)
        for index, node in links:
            self._link(node, web.ident(node) or f"l{index}")

    def _mention(self, node: dict[str, Any], ident: str) -> None:
        mention = self._place(node, ident)
        if mention is None:
            return
        labels, links, said = self._bodies(node)
        if not labels and not links:
            self.draft.faults.note(
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
                self.draft.faults.note(
                    "VALUE_INVALID", "the description in its body is not ours.", "Remove it.", own
                )
                self.draft.entities.append(made)

    def _place(self, node: dict[str, Any], ident: str) -> Mention | None:
        start = end = exact = None
        more: list[tuple[int, int]] = []
        for selector in web.selectors(node):
            kind = next(iter(web.types(selector)), "")
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
        whole = next((i for t in web.targets(node) if (i := web.iri(t))), None)
        if start is None and whole and (found := _CHARS.search(whole)):
            start, end = int(found[1]), int(found[2])
        if (
            isinstance(exact, str)
            and exact
            and (start is None or self._in_page(node, start, exact))
        ):
            return self._quoted(node, exact, ident)
        return self.draft.mention(start, end, exact, ident, tuple(more))

    def _in_page(self, node: dict[str, Any], start: Any, exact: str) -> bool:
        """Whether a position counts in the whole page, as Hypothesis does it, and not in the article's text."""
        kinds = {kind for s in web.selectors(node) for kind in web.types(s)}
        shown = type(start) is int and (self.draft.text or "").startswith(exact, start)
        return not kinds.isdisjoint(_OF_PAGES) and not shown

    def _quoted(self, node: dict[str, Any], exact: str, ident: str) -> Mention | None:
        """A quote without a position: its only place, or the only one between its prefix and suffix."""
        quote = next(s for s in web.selectors(node) if s.get("exact") == exact)
        before, after = (_folded(quote.get(side)) for side in ("prefix", "suffix"))
        text = self.draft.text or ""
        # A page breaks its lines elsewhere than the text: any white space is as good as another.
        words = r"\s+".join(map(re.escape, exact.split()))
        places = [f.span() for f in re.finditer(words, text)] if words else []
        between = [
            (a, b)
            for a, b in places
            if _ends_alike(_folded(text[max(0, a - 200) : a]), before)
            and _ends_alike(_folded(text[b : b + 200])[::-1], after[::-1])
        ]
        for found in (places, between):
            if len(found) == 1:
                # The place is found in our own text, so it is in code points and shows its own words.
                ((start, end),) = found
                return _in_unit(self.draft, Mention(start, end, text[start:end]))
        sentence = f"the quote {escaped(exact)} stands in the text {'more than once' if places else 'not at all'}."
        self.draft.faults.note("SURFACE_MISMATCH", sentence, "Give its position too.", ident)
        return None

    def _bodies(self, node: dict[str, Any]) -> tuple[list[str], list[str], dict[str, Any]]:
        labels = [t for t in web.as_list(node.get("tags")) if isinstance(t, str)]
        links: list[str] = []
        said: dict[str, Any] = {}
        notes = [node["text"]] if isinstance(node.get("text"), str) and node["text"] else []
        for body in web.as_list(node.get("body", node.get("hasBody", node.get("bodyValue")))):
            if isinstance(body, str):
                (links if _IRI.fullmatch(body) else labels).append(body)
                continue
            if not isinstance(body, dict):
                continue
            purpose, value = (
                word(body.get("purpose")),
                body.get("value", body.get("chars", body.get("label"))),
            )
            iri = web.iri(body.get("source")) or web.iri(body)
            if body.get("format") == "application/json" and isinstance(value, str):
                said |= _described(value)
            elif (
                isinstance(value, str)
                and (purpose in _TAGGING or web.types(body) & {"Tag", "SemanticTag"})
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
        iris = [web.iri(t) for t in web.targets(node)]
        ends = [self.by_iri.get(iri or "", web.short(iri)) for iri in iris]
        labels, links, _ = self._bodies(node)
        if None in ends or not self.known.issuperset(e for e in ends if e):
            if not self.known.isdisjoint(e for e in ends if e):
                self.draft.faults.note(
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


def _folded(words: Any) -> str:
    return " ".join(words.split()) if isinstance(words, str) else ""


def _ends_alike(text: str, context: str) -> bool:
    """Whether the text ends as the context does, as far as both go."""
    shared = min(len(text), len(context))
    return not shared or text[-shared:] == context[-shared:]


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
