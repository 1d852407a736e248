"""UIMA CAS XMI with its type system: a project that INCEpTION imports, with layers of its own names.

A span layer `custom.Span` with label, links and a slot `arguments`; a relation layer; one structure for
what the article says as a whole. Offsets are UTF-16 units.
"""

import io
import zipfile
from xml.sax.saxutils import quoteattr

import msgspec

from acuerdo.export.annotations.placed import Placed, Span
from acuerdo.model import Entity

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:tcas="http:///uima/tcas.ecore" '
    'xmlns:custom="http:///custom.ecore" xmi:version="2.0">\n<cas:NULL xmi:id="0"/>\n'
)
_SPAN_FEATURES = (
    "label",
    "localId",
    "identifier",
    "name",
    "ref",
    "value",
    "by",
    "at",
    "confidence",
    "side",
)
_ARTICLE_FEATURES = (
    "id",
    "title",
    "publisher",
    "published",
    "date_basis",
    "language",
    "url",
    "license",
)
_STRING, _ANNOTATION, _TOP, _LINK = (
    "uima.cas.String",
    "uima.tcas.Annotation",
    "uima.cas.TOP",
    "custom.SpanArgumentsLink",
)
_TYPES: dict[str, tuple[str, dict[str, str]]] = {
    "custom.Span": (
        _ANNOTATION,
        {**dict.fromkeys(_SPAN_FEATURES, _STRING), "arguments": "uima.cas.FSArray"},
    ),
    _LINK: (_TOP, {"role": _STRING, "target": "custom.Span"}),
    "custom.Relation": (
        _ANNOTATION,
        {"label": _STRING, "Governor": "custom.Span", "Dependent": "custom.Span"},
    ),
    "custom.ArticleMetadata": (
        "uima.tcas.Annotation",
        dict.fromkeys((*_ARTICLE_FEATURES, "side"), _STRING),
    ),
}


def write(placed: Placed) -> bytes:
    """The CAS of an article."""
    return _Cas(placed).xmi().encode("utf-8")


def archive(placed: Placed, name: str) -> bytes:
    """The CAS and its type system in one archive, as INCEpTION packs them; the same bytes for the same article."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for member, data in (
            (f"{name}.xmi", write(placed)),
            ("TypeSystem.xml", type_system().encode("utf-8")),
        ):
            packed.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def type_system() -> str:
    """The types in UIMA's own notation."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier">\n<types>\n'
    ]
    for name, (parent, features) in _TYPES.items():
        described = "".join(_feature(n, range_) for n, range_ in features.items())
        parts.append(
            f"<typeDescription><name>{name}</name><description/><supertypeName>{parent}</supertypeName><features>{described}</features></typeDescription>\n"
        )
    return "".join([*parts, "</types>\n</typeSystemDescription>\n"])


def _feature(name: str, range_: str) -> str:
    element = f"<elementType>{_LINK}</elementType>" if range_ == "uima.cas.FSArray" else ""
    return f"<featureDescription><name>{name}</name><description/><rangeTypeName>{range_}</rangeTypeName>{element}</featureDescription>"


class _Cas:
    def __init__(self, placed: Placed) -> None:
        self.placed = placed
        text = placed.article.text or ""
        self.before = [0]
        for character in text:
            self.before.append(self.before[-1] + (2 if character >= "\U00010000" else 1))
        self.last = 9
        self.ids = {span.id: self._next() for span in placed.spans}
        self.members: list[int] = list(self.ids.values())

    def _next(self) -> int:
        self.last += 1
        return self.last

    def xmi(self) -> str:
        article = self.placed.article
        out = [_HEAD, self._metadata()]
        for span in self.placed.spans:
            out += self._span(span)
        for link in self.placed.links:
            if link.kind in {"relation", "same"}:
                out.append(self._relation(link.label, link.source, link.target))
        text = quoteattr(article.text or "", {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
        out.append(
            f'<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString={text}/>\n'
        )
        out.append(
            f'<cas:View sofa="1" members="{" ".join(map(str, self.members))}"/>\n</xmi:XMI>\n'
        )
        return "".join(out)

    def _element(self, name: str, ident: int, features: dict[str, object]) -> str:
        said = "".join(
            f" {k}={quoteattr(str(v), {chr(10): '&#10;', chr(13): '&#13;', chr(9): '&#9;'})}"
            for k, v in features.items()
            if v is not None
        )
        return f'<{name} xmi:id="{ident}"{said}/>\n'

    def _metadata(self) -> str:
        article = self.placed.article
        fields: dict[str, object] = {k: getattr(article, k) for k in _ARTICLE_FEATURES}
        side = msgspec.json.encode(self.placed.side).decode()
        ident = self._next()
        self.members.append(ident)
        return self._element(
            "custom:ArticleMetadata",
            ident,
            {
                "sofa": 1,
                "begin": 0,
                "end": self.before[-1],
                **fields,
                "side": side if side != "{}" else None,
            },
        )

    def _span(self, span: Span) -> list[str]:
        links = [
            link
            for link in self.placed.links
            if link.source == span.id and link.kind in {"argument", "evidence"}
        ]
        slots = [
            self._element(
                "custom:SpanArgumentsLink",
                self._next(),
                {"role": link.label, "target": self.ids[link.target]},
            )
            for link in links
        ]
        ids = [slot.split('"')[1] for slot in slots]
        place: dict[str, object] = {
            "sofa": 1,
            "begin": self.before[span.mention.start],
            "end": self.before[span.mention.end],
            "label": span.label,
            "localId": span.id,
        }
        said = _said(span.thing) if span.thing else {}
        side = {k: v for k in ("side",) if (v := said.pop(k, None)) is not None}
        own = side.get("side", {})
        if span.mention.more:
            own = {**own, "more": [[self.before[a], self.before[b]] for a, b in span.mention.more]}  # type: ignore[dict-item]
        kept = msgspec.json.encode(own).decode() if own else None
        return [
            *slots,
            self._element(
                "custom:Span",
                self.ids[span.id],
                {**place, **said, "side": kept, "arguments": " ".join(ids) or None},
            ),
        ]

    def _relation(self, label: str, source: str, target: str) -> str:
        ident = self._next()
        self.members.append(ident)
        end = next(s for s in self.placed.spans if s.id == target).mention
        return self._element(
            "custom:Relation",
            ident,
            {
                "sofa": 1,
                "begin": self.before[end.start],
                "end": self.before[end.end],
                "Governor": self.ids[source],
                "Dependent": self.ids[target],
                "label": label,
            },
        )


def _said(thing: Entity) -> dict[str, object]:
    """The features of a span: simple ones by name, the first link as its identifier, the rest together."""
    said: dict[str, object] = {
        k: getattr(thing, k) for k in ("name", "ref", "by", "at", "confidence")
    }
    rest: dict[str, object] = {}
    if thing.links:
        said["identifier"] = thing.links[0]
    if len(thing.links) > 1:
        rest["links"] = thing.links[1:]
    if isinstance(thing.value, str):
        said["value"] = thing.value
    elif thing.value is not None:
        rest["value"] = thing.value
    if thing.attrs:
        rest["attrs"] = thing.attrs
    if rest:
        said["side"] = rest
    return said
