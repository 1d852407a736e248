"""NIF 2.1 in Turtle: the text, and each mention with its class, links and confidence; no events."""

import json
import re

import msgspec

from acuerdo.iri import AC, DEMO_BASE, FIXED, article_key, is_iri
from acuerdo.model import Article, Entity, Mention

_PREFIXES = """@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix itsrdf: <http://www.w3.org/2005/11/its/rdf#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def write(article: Article, base: str = DEMO_BASE) -> str:
    """The context of an article and a string for each mention of its entities."""
    text = article.text or ""
    root = (
        article.id
        if is_iri(article.id) and "#" not in article.id
        else f"{base}id/article/{article_key(article.id)}"
    )
    context = f"<{root}#char=0,{len(text)}>"
    tag = f"@{article.language}" if _LANGUAGE.fullmatch(article.language) else ""
    said = [
        f"{context} a nif:Context , nif:OffsetBasedString ;",
        f"  nif:isString {_quoted(text)}{tag} ;",
        f'  nif:beginIndex "0"^^xsd:nonNegativeInteger ; nif:endIndex "{len(text)}"^^xsd:nonNegativeInteger ;',
    ]
    fields = {
        "identifier": article.id,
        "issued": article.published,
        "title": article.title,
        "publisher": article.publisher,
        "license": article.license,
    }
    said += [
        f"  dcterms:{name} {_quoted(value)} ;"
        for name, value in fields.items()
        if value is not None
    ]
    said.append(f"  <{AC}dateBasis> <{FIXED}date-basis/{article.date_basis}> ;")
    if article.url is not None and is_iri(article.url):
        said.append(f"  nif:sourceUrl <{article.url}> ;")
    said.append(f'  nif:predLang "{article.language}" .')
    strings = [
        _string(entity, mention, ident, root, context)
        for entity, mention, ident in _mentions(article)
    ]
    return _PREFIXES + "\n" + "\n".join(said) + "\n" + "".join(strings)


def _mentions(article: Article) -> list[tuple[Entity, Mention, str]]:
    """Each mention with its fragment; two entities on one span are two strings."""
    # The context has the fragment of the whole text for itself.
    found, seen = [], {f"0,{len(article.text or '')}": 1}
    for entity in article.entities:
        for mention in entity.mentions:
            if mention.more:
                continue
            place = f"{mention.start},{mention.end}"
            seen[place] = seen.get(place, 0) + 1
            found.append(
                (entity, mention, place if seen[place] == 1 else f"{place};n={seen[place]}")
            )
    return found


def _string(entity: Entity, mention: Mention, place: str, root: str, context: str) -> str:
    lines = [
        f"\n<{root}#char={place}> a nif:OffsetBasedString , nif:EntityOccurrence ;",
        f'  nif:beginIndex "{mention.start}"^^xsd:nonNegativeInteger ; nif:endIndex "{mention.end}"^^xsd:nonNegativeInteger ;',
        f"  nif:anchorOf {_quoted(mention.text or '')} ;",
        f"  itsrdf:taClassRef <{_class(entity.type)}> ;",
    ]
    links = [f"acuerdo:{entity.ref}"] if entity.ref else []
    links += [
        f"http://www.wikidata.org/entity/{link[3:]}" if link.startswith("wd:") else link
        for link in entity.links
    ]
    lines += [f"  itsrdf:taIdentRef <{link}> ;" for link in links if is_iri(link)]
    if entity.confidence is not None:
        lines.append(f'  itsrdf:taConfidence "{entity.confidence!r}"^^xsd:double ;')
    return "\n".join([*lines, f"  nif:referenceContext {context} .", ""])


def _class(label: str) -> str:
    return label if is_iri(label) else AC + re.sub(r"[^A-Za-z0-9._-]", "", label)


def _quoted(text: str) -> str:
    """A Turtle string; JSON's escapes are among Turtle's, once those above the BMP are left as they are."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def reduced(article: Article) -> Article:
    """What comes back from NIF: an entity for each mention, with class, key, links and confidence."""
    entities = tuple(
        Entity(
            place.replace(",", "-").replace(";n=", "-n-"),
            entity.type,
            ref=entity.ref,
            links=entity.links,
            mentions=(mention,),
            confidence=entity.confidence,
        )
        for entity, mention, place in _mentions(article)
    )
    return msgspec.structs.replace(
        article, sections=(), agents={}, attrs={}, entities=entities, events=(), relations=()
    )
