"""W3C Web Annotation: a page of annotations a document, every resource with an IRI of its own.

A span is an annotation with its class as a tag, its links as bodies, a quote and a position. Arguments,
relations and coreference are annotations that link two others.
"""

import msgspec

from acuerdo import __version__
from acuerdo.export.annotations.placed import Link, Placed, Span
from acuerdo.iri import DEMO_BASE, article_key, is_iri, local
from acuerdo.model import Article

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_AROUND = 32
Json = dict[str, object]


def page(placed: Placed, base: str = DEMO_BASE) -> Json:
    """The annotation page of an article."""
    article = placed.article
    root = article.id if is_iri(article.id) else f"{base}id/article/{article_key(article.id)}"
    source = _source(article, root)
    items = [_annotation(span, root, article) for span in placed.spans]
    items += [_linking(link, root, number) for number, link in enumerate(placed.links, start=1)]
    made: Json = {
        "@context": CONTEXT,
        "id": f"{root}/annotations",
        "type": "AnnotationPage",
        "generator": _software(),
        "source": source,
        "items": items,
    }
    side = msgspec.to_builtins(placed.side)
    if side:
        # JSON-LD leaves out what its context does not know: other readers do not see it.
        made["acuerdo"] = side
    return made


def _software() -> Json:
    return {"id": "https://w3id.org/acuerdo/", "type": "Software", "name": f"acuerdo {__version__}"}


def _source(article: Article, root: str) -> Json:
    source: Json = {
        "id": root,
        "type": "Text",
        "format": "text/plain",
        "value": article.text,
        "identifier": article.id,
    }
    fields = ("title", "publisher", "published", "date_basis", "language", "url", "license")
    return source | {name: v for name in fields if (v := getattr(article, name)) is not None}


def _annotation(span: Span, root: str, article: Article) -> Json:
    iri = f"{root}/annotation/{local(span.id)}"
    bodies: list[Json] = [
        {"id": f"{iri}/tag", "type": "TextualBody", "purpose": "tagging", "value": span.label}
    ]
    thing = span.thing
    made: Json = {"id": iri, "type": "Annotation", "motivation": "tagging", "localId": span.id}
    if thing is not None:
        for number, link in enumerate(thing.links, start=1):
            bodies.append(
                {
                    "id": f"{iri}/link/{number}",
                    "type": "SpecificResource",
                    "purpose": "identifying",
                    "source": _expanded(link),
                }
            )
        said = {
            k: v
            for k in ("name", "ref", "value", "by", "at", "confidence")
            if (v := getattr(thing, k)) is not None
        }
        if thing.attrs:
            said["attrs"] = thing.attrs
        if said:
            bodies.append(
                {
                    "id": f"{iri}/description",
                    "type": "TextualBody",
                    "purpose": "describing",
                    "format": "application/json",
                    "value": msgspec.json.encode(said).decode(),
                }
            )
        made |= _creator(thing.by, thing.at, article)
    return made | {"body": bodies, "target": _target(span, iri, root, article.text or "")}


def _creator(by: str | None, at: str | None, article: Article) -> Json:
    made: Json = {}
    if by is not None:
        agent = article.agents.get(by)
        kind = "Software" if agent and agent.kind == "software" else "Person"
        made["creator"] = {
            **({"id": agent.iri} if agent and agent.iri else {}),
            "type": kind,
            "name": (agent.name if agent and agent.name else by),
        }
    if at is not None:
        made["created"] = at
    return made


def _target(span: Span, iri: str, root: str, text: str) -> Json:
    mention = span.mention
    last = mention.more[-1][1] if mention.more else mention.end
    quote = {
        "id": f"{iri}/quote", "type": "TextQuoteSelector", "exact": mention.text,
        "prefix": text[max(0, mention.start - _AROUND) : mention.start], "suffix": text[last : last + _AROUND],
    }  # fmt: skip
    positions = [
        {
            "id": f"{iri}/position/{number}",
            "type": "TextPositionSelector",
            "start": start,
            "end": end,
        }
        for number, (start, end) in enumerate(
            ((mention.start, mention.end), *mention.more), start=1
        )
    ]
    return {
        "id": f"{iri}/target",
        "type": "SpecificResource",
        "source": root,
        "selector": [quote, *positions],
    }


def _linking(link: Link, root: str, number: int) -> Json:
    iri = f"{root}/annotation/link/{number}"
    ends = [{"id": f"{root}/annotation/{local(ident)}"} for ident in (link.source, link.target)]
    body = {"id": f"{iri}/tag", "type": "TextualBody", "purpose": "tagging", "value": link.label}
    return {
        "id": iri,
        "type": "Annotation",
        "motivation": "linking",
        "body": [body],
        "target": ends,
    }


def _expanded(link: str) -> str:
    return f"http://www.wikidata.org/entity/{link[3:]}" if link.startswith("wd:") else link
