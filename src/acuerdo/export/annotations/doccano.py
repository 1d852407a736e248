"""doccano JSON Lines with spans and relations, for projects of the type sequence labelling with relations."""

import msgspec

from acuerdo.export.annotations.placed import Placed, Span
from acuerdo.model import Article, Entity, Relation

Json = dict[str, object]


def document(placed: Placed) -> Json:
    """The line of an article: its entities by mention, one referent by `@same`, relations between entities."""
    article = placed.article
    spans, numbers = _numbered(placed)
    fields = ("title", "publisher", "published", "date_basis", "language", "url", "license")
    links = [
        link
        for link in placed.links
        if link.kind in {"relation", "same"} and {link.source, link.target} <= numbers.keys()
    ]
    return {
        "id": article.id,
        "text": article.text,
        **{name: v for name in fields if (v := getattr(article, name)) is not None},
        "entities": [
            {
                "id": n,
                "start_offset": s.mention.start,
                "end_offset": s.mention.end,
                "label": s.label,
            }
            for n, s in enumerate(spans, start=1)
        ],
        "relations": [
            {"id": n, "from_id": numbers[k.source], "to_id": numbers[k.target], "type": k.label}
            for n, k in enumerate(links, start=1)
        ],
    }


def _numbered(placed: Placed) -> tuple[list[Span], dict[str, int]]:
    entities = {e.id for e in placed.article.entities}
    further = {
        link.target for link in placed.links if link.kind == "same" and link.source in entities
    }
    spans = [
        s for s in placed.spans if (s.id in entities or s.id in further) and not s.mention.more
    ]
    return spans, {s.id: n for n, s in enumerate(spans, start=1)}


def reduced(placed: Placed) -> Article:
    """What comes back from doccano: classes and spans of entities, bare relations between them."""
    article = placed.article
    _, numbers = _numbered(placed)
    entities = []
    for entity in article.entities:
        whole = tuple(m for m in entity.mentions if not m.more)
        if entity.id in numbers:
            entities.append(Entity(str(numbers[entity.id]), entity.type, mentions=whole))
    links = [
        link
        for link in placed.links
        if link.kind in {"relation", "same"} and {link.source, link.target} <= numbers.keys()
    ]
    relations = tuple(
        Relation(k.label, str(numbers[k.source]), str(numbers[k.target]), f"r{n}")
        for n, k in enumerate(links, start=1)
        if k.kind == "relation"
    )
    return msgspec.structs.replace(
        article,
        sections=(),
        agents={},
        attrs={},
        entities=tuple(entities),
        events=(),
        relations=relations,
    )
