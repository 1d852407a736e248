"""The native format: one article a JSON document, or one a line in JSON Lines.

A well-formed article is decoded straight into structs. Only where that fails, or where a key stands
twice, is the document taken apart, so that the smallest wrong unit stays out and the rest goes on.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from acuerdo.model import Article, Entity, Event, Mention, Relation, Section
from acuerdo.read import json_text, utf8
from acuerdo.report import Fault, Unit, below, escaped
from acuerdo.vocabulary import fold

_DECODER = msgspec.json.Decoder(Article)
_LISTS: dict[str, tuple[type, Unit]] = {
    "entities": (Entity, "annotation"),
    "events": (Event, "event"),
    "relations": (Relation, "relation"),
}

# Keys of an article that no other format has at the top.
_TELLING = frozenset(
    "acuerdo published date_basis entities events relations sections agents".split()
)

Read = tuple[Article | None, list[Fault]]


class _Object(dict[str, Any]):
    """A JSON object that remembers the keys that stood in it twice."""

    twice: tuple[str, ...] = ()


def looks_native(data: bytes) -> bool:
    """Whether the first kilobyte names the native format's own marker."""
    return re.search(rb'"acuerdo"\s*:\s*\d', data[:4096]) is not None


def may_be(tree: Mapping[str, Any]) -> bool:
    """Whether an object that lacks the marker has at least a key of an article."""
    return not tree.keys().isdisjoint(_TELLING)


def read(data: bytes, file: str) -> Iterator[Read]:
    """The articles of a file in its order, each with its faults; `None` where the article stays out."""
    before = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    data = data[before:]
    if _is_lines(data, file):
        for number, line in enumerate(data.split(b"\n"), start=1):
            if line.strip():
                yield _line(line, file, number, before)
            before += len(line) + 1
    else:
        yield _document(data, file, None, before)


def _is_lines(data: bytes, file: str) -> bool:
    name = file.removesuffix(".gz")
    if name.endswith((".jsonl", ".ndjson")):
        return not _whole(data)
    head, _, rest = data.lstrip().partition(b"\n")
    return head.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")


def _whole(data: bytes) -> bool:
    """Whether a `.jsonl` file is in truth one pretty-printed document."""
    head = data.lstrip().partition(b"\n")[0].rstrip()
    return head in {b"{", b"["}


def _line(line: bytes, file: str, number: int, before: int) -> Read:
    if len(line) > json_text.LINE_LIMIT:
        return None, [json_text.too_long(line, file, number)]
    return _document(line, file, number, before)


def _document(data: bytes, file: str, line: int | None, before: int) -> Read:
    try:
        article = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return _salvage(data, file, line, before)
    if _may_repeat_keys(data, article):
        return _salvage(data, file, line, before)
    return article, []


def _may_repeat_keys(data: bytes, article: Article) -> bool:
    r"""Whether the document may hold a key twice: a count of quotes, wrong only towards a closer look.

    Written again, the article has each key once and no more quotes than the input; a key that stood
    twice is two quotes fewer. Only an escaped `\u0022`, written again as a plain quote, could hide that.
    """
    if data.count(b'"') != msgspec.json.encode(article).count(b'"'):
        return True
    return b"\\" in data and b"\\u0022" in data


# -- taking a document apart ------------------------------------------------------------------


def _salvage(data: bytes, file: str, line: int | None, before: int) -> Read:
    """What can be read; a fault that names no annotation says on which line the article stands."""
    article, faults = _taken_apart(data, file, line, before)
    if line is None:
        return article, faults
    placed = (
        fault
        if fault.line is not None or fault.byte is not None or fault.annotation is not None
        else msgspec.structs.replace(fault, line=line)
        for fault in faults
    )
    return article, list(placed)


def _taken_apart(data: bytes, file: str, line: int | None, before: int) -> Read:
    tree = _parse(data, file, line, before)
    if isinstance(tree, Fault):
        return None, [tree]
    if not isinstance(tree, dict):
        fault = _fault(
            file,
            None,
            None,
            "JSON_SYNTAX",
            "an article is a JSON object.",
            "Write one article a file, or one a line."
            if isinstance(tree, list)
            else "See `acuerdo schema article`.",
            "article",
        )
        return None, [fault]
    return _Salvage(file, tree).article()


def _parse(data: bytes, file: str, line: int | None, before: int) -> Any | Fault:
    text = utf8.decoded(data, file, line=line, before=before, unit="article" if line else "file")
    if isinstance(text, Fault):
        return text
    try:
        return json_text.loaded(text, _object)
    except (ValueError, RecursionError) as error:
        fault = json_text.syntax(error, text, file, line)
        return msgspec.structs.replace(fault, dropped="article")


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        made.twice = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return made


def _fault(
    file: str,
    article: str | None,
    annotation: str | None,
    code: str,
    sentence: str,
    hint: str,
    unit: Unit,
) -> Fault:
    return Fault(
        code, sentence, hint, file=file, article=article, annotation=annotation, dropped=unit
    )


class _Salvage:
    """One document taken apart: what can be read becomes an article, the rest faults."""

    def __init__(self, file: str, tree: dict[str, Any]) -> None:
        self.file, self.tree, self.faults = file, tree, list[Fault]()
        ident = tree.get("id")
        self.ident = ident if isinstance(ident, str) else None

    def article(self) -> Read:
        top = {key: value for key, value in self.tree.items() if key not in _LISTS}
        fault = self._repeated(self.tree, "$", None, "article") or next(
            (f for f in (self._unsound_below(v, below("$", k)) for k, v in top.items()) if f), None
        )
        if fault is None:
            fault = self._surrogate(top, None, "article")
        if fault is None:
            fault = self._not_lists()
        if fault:
            return None, [fault]
        lists = {
            key: tuple(self._items(key, self.tree.get(key, []), *_LISTS[key])) for key in _LISTS
        }
        try:
            made = msgspec.convert(top, Article)
        except (msgspec.ValidationError, RecursionError) as error:
            return None, [*self.faults, self._explain(error, "$", None, "article")]
        return msgspec.structs.replace(made, **lists), self.faults

    def _not_lists(self) -> Fault | None:
        for key in _LISTS:
            if not isinstance(self.tree.get(key, []), list):
                return _fault(
                    self.file,
                    self.ident,
                    None,
                    "VALUE_INVALID",
                    f"$.{key} is not a list.",
                    "See `acuerdo schema article`.",
                    "article",
                )
        return None

    def _items(self, key: str, items: list[Any], kind: type, unit: Unit) -> Iterator[Any]:
        for index, item in enumerate(items):
            path = f"$.{key}[{index}]"
            ident = item.get("id") if isinstance(item, dict) else None
            ident = ident if isinstance(ident, str) else None
            fault = self._unsound_below(item, path, ident, unit) or self._surrogate(
                item, ident, unit
            )
            if fault:
                self.faults.append(fault)
                continue
            try:
                yield msgspec.convert(item, kind)
            except (msgspec.ValidationError, RecursionError) as error:
                made = self._without_bad_spans(item, kind, path, ident)
                if made is None:
                    self.faults.append(self._explain(error, path, ident, unit))
                else:
                    yield made

    def _without_bad_spans(self, item: Any, kind: type, path: str, ident: str | None) -> Any | None:
        """The annotation less the mentions that cannot be read, when these were all that was wrong."""
        if not isinstance(item, dict):
            return None
        kept, faults = dict(item), list[Fault]()
        for key in ("mentions", "evidence"):
            spans = item.get(key)
            if not isinstance(spans, list):
                continue
            good = []
            for index, span in enumerate(spans):
                try:
                    good.append(msgspec.convert(span, Mention))
                except (msgspec.ValidationError, RecursionError) as error:
                    faults.append(
                        self._explain(error, f"{path}.{key}[{index}]", ident, "annotation")
                    )
            kept[key] = [msgspec.to_builtins(span) for span in good]
        if not faults or not any(kept.get(key) for key in ("mentions", "evidence")):
            return None
        try:
            made: Any = msgspec.convert(kept, kind)
        except (msgspec.ValidationError, RecursionError):
            return None
        self.faults += faults
        return made

    def _repeated(self, tree: Any, path: str, ident: str | None, unit: Unit) -> Fault | None:
        twice = getattr(tree, "twice", ())
        if not twice:
            return None
        return _fault(
            self.file,
            self.ident,
            ident,
            "JSON_DUPLICATE_KEY",
            f"{path} has the key {escaped(twice[0])} twice.",
            "Keep one of the two.",
            unit,
        )

    def _infinite(self, node: Any, path: str, ident: str | None, unit: Unit) -> Fault | None:
        if not isinstance(node, float) or not math.isinf(node):
            return None
        offset = _OFFSET.search(path) is not None
        return _fault(
            self.file,
            self.ident,
            ident,
            "OFFSET_OUT_OF_RANGE" if offset else "VALUE_INVALID",
            f"{path} is a number too large to be held.",
            "Correct the number.",
            unit,
        )

    def _unsound_below(
        self, tree: Any, path: str, ident: str | None = None, unit: Unit = "article"
    ) -> Fault | None:
        todo = [(tree, path)]
        while todo:
            node, where = todo.pop()
            found = self._repeated(node, where, ident, unit) or self._infinite(
                node, where, ident, unit
            )
            if found:
                return found
            if isinstance(node, dict):
                todo += [(value, below(where, key)) for key, value in node.items()]
            elif isinstance(node, list):
                todo += [(value, f"{where}[{i}]") for i, value in enumerate(node)]
        return None

    def _surrogate(self, tree: Any, ident: str | None, unit: Unit) -> Fault | None:
        try:
            json.dumps(tree, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            return _fault(
                self.file,
                self.ident,
                ident,
                "INVALID_UNICODE",
                f"half of a surrogate pair (\\u{ord(error.object[error.start]):04x}) stands alone.",
                "Export again with whole characters.",
                unit,
            )
        except (RecursionError, ValueError):
            return None
        return None

    def _explain(self, error: Exception, path: str, ident: str | None, unit: Unit) -> Fault:
        """A fault in our words for what msgspec met; its message ends in `- at `$.path``."""
        reason, _, below = str(error).partition(" - at `$")
        where = path + below.rstrip("`")
        code, sentence, hint = _code_of(reason, where)
        return _fault(self.file, self.ident, ident, code, sentence, hint, unit)


_OFFSET = re.compile(r"\.(start|end)$|\.more(\[|$)")


def _code_of(reason: str, where: str) -> tuple[str, str, str]:
    offset = _OFFSET.search(where) is not None
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", reason, re.DOTALL)
    if unknown:
        near = _nearest_key(unknown[1])
        hint = f"Did you mean '{near}'?" if near else "Own keys go under attrs as 'x-…'."
        return "UNKNOWN_KEY", f"{where} has the unknown key {escaped(unknown[1])}.", hint
    missing = re.fullmatch(r"Object missing required field `(.*)`", reason)
    if missing:
        code = "DATE_MISSING" if missing[1] in {"published", "date_basis"} else "VALUE_INVALID"
        return code, f"{where} lacks '{missing[1]}'.", "See `acuerdo schema article`."
    if offset and "of length" in reason:
        return (
            "FRAGMENTS_INVALID",
            f"{where} is not two offsets.",
            "Write each further fragment as [start, end].",
        )
    if offset and ">= 0" in reason:
        return "OFFSET_OUT_OF_RANGE", f"{where} is negative.", "Offsets count from 0."
    if offset:
        got = reason.rpartition("got ")[2].strip("`") or "something else"
        return (
            "OFFSET_TYPE",
            f"{where} is a {got}, not a whole number.",
            "Write offsets as whole numbers of code points.",
        )
    enum = re.fullmatch(r"Invalid enum value '(.*)'", reason, re.DOTALL)
    if enum:
        reason = f"invalid value {escaped(enum[1])}"
    return (
        "VALUE_INVALID",
        f"{where}: {reason[:1].lower()}{reason[1:]}.",
        "See `acuerdo schema article`.",
    )


_KEYS = {
    fold(name): name
    for struct in (Article, Entity, Event, Mention, Relation, Section)
    for name in struct.__struct_fields__
}


def _nearest_key(key: str) -> str | None:
    import difflib

    near = difflib.get_close_matches(fold(key), _KEYS, n=1, cutoff=0.7)
    return _KEYS[near[0]] if near else None
