"""Links to knowledge bases as tools write them, in the one way the native format has."""

import re
from collections.abc import Mapping

REF = "acuerdo:"  # a registry key, which is a `ref` and no link
_QID = re.compile(
    r"(?:wd:|wikidata:|https?://(?:www\.|m\.)?wikidata\.org/(?:wiki|entity)/(?:Special:EntityPage/)?)?(Q[1-9]\d*)",
    re.IGNORECASE,
)
_NIL = (
    "http://aksw.org/notInWiki/",
    "http://aksw.org/unknown_entity/",
    "http://www.ontologydesignpatterns.org/data/oke-challenge/",
    "NIL",
    "--NME--",
)
_ENTITY = re.compile(
    r"https?://(?:www\.wikidata\.org/(?:entity|wiki)/Q\d+|(?:\w+\.)?dbpedia\.org/resource/\S+)"
)
_IRI = re.compile(r"(?:https?|urn|tag|mailto|info|ark|doi)[:].", re.IGNORECASE)


def is_entity(value: object) -> bool:
    """Whether a value is the IRI of a thing in Wikidata or DBpedia, so that it is a link wherever it stands."""
    return isinstance(value, str) and _ENTITY.fullmatch(value) is not None


def link(given: str, overlay: Mapping[str, str | None]) -> str | None:
    """The link as `wd:Q…`, an IRI or `acuerdo:key`; empty when it says that there is none; None when unknown."""
    given = given.strip()
    if not given:
        return ""
    for prefix, template in overlay.items():
        if given.startswith(prefix):
            rest = given[len(prefix) :].lstrip(":")
            return template.replace("{}", rest) if template else ""
    found = _QID.fullmatch(given)
    if found:
        return f"wd:{found[1].upper()}"
    if given.startswith(_NIL):
        return ""
    if given.startswith(REF):
        return given
    page = re.fullmatch(r"https?://(?:www\.)?dbpedia\.org/page/(.+)", given)
    if page:
        return f"http://dbpedia.org/resource/{page[1]}"
    return given if _IRI.match(given) and not re.search(r"[\s<>\"{}|\\^`]", given) else None
