"""FollowTheMoney entities, one JSON object a line, for Aleph, OpenAleph and nomenklatura.

Only what the reporter's own voice asserts and what registries know: claims, and events that were planned,
cancelled, proposed or alleged, are left out, since a FollowTheMoney property is a fact. Ids are made of the IRI.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator

from acuerdo.export.views import rows
from acuerdo.query import Kg

Properties = defaultdict[str, set[str]]
# The most special class decides; an organization that is neither public nor criminal stays one.
_SCHEMATA = {
    "Person": "Person",
    "Official": "Person",
    "Agency": "PublicBody",
    "Post": "Position",
    "PublicPost": "Position",
}


def pieces(kg: Kg) -> Iterator[bytes]:
    """The entities as JSON lines, sorted by id."""
    found: dict[str, tuple[str, Properties]] = {}
    for part in (_agents, _articles, _occupancies, _events, _sanctions):
        for iri, schema, properties in part(kg):
            known = found.setdefault(_id(iri), (schema, defaultdict(set)))
            for name, values in properties.items():
                known[1][name] |= {value for value in values if value}
    for key, (schema, properties) in sorted(_complete(found).items()):
        plain = {name: sorted(values) for name, values in sorted(properties.items()) if values}
        entity = {"id": key, "schema": schema, "properties": plain}
        yield json.dumps(entity, ensure_ascii=False).encode() + b"\n"


def _id(iri: str) -> str:
    return "acuerdo-" + hashlib.sha256(iri.encode()).hexdigest()[:24]


def _complete(found: dict[str, tuple[str, Properties]]) -> dict[str, tuple[str, Properties]]:
    """Without entities that lack a name, and references to them."""
    named = {"Person", "PublicBody", "Organization", "Position", "Event"}
    kept = {k: v for k, v in found.items() if v[0] not in named or v[1]["name"]}
    for _, properties in kept.values():
        for name in ("holder", "post", "involved", "entity", "proof"):
            properties[name] = {key for key in properties[name] if key in kept}
    needed = {"Occupancy": ("holder", "post"), "Sanction": ("entity",)}
    return {
        key: (schema, properties)
        for key, (schema, properties) in kept.items()
        if all(properties[name] for name in needed.get(schema, ()))
    }


def _properties(**values: str) -> Properties:
    return defaultdict(set, {name: {value} for name, value in values.items() if value})


def _agents(kg: Kg) -> Iterator[tuple[str, str, Properties]]:
    classes: defaultdict[str, set[str]] = defaultdict(set)
    told: defaultdict[str, Properties] = defaultdict(lambda: defaultdict(set))
    for agent, kind, name, wikidata in rows(kg, "graph/agents"):
        classes[agent].add(kind.rpartition("#")[2])
        told[agent]["name"].add(name)
        told[agent]["wikidataId"].add(wikidata.rpartition("/")[2])
    for agent, names in classes.items():
        schemata = {_SCHEMATA[name] for name in names if name in _SCHEMATA}
        schema = min(schemata) if schemata else "Organization"
        if "CriminalOrganization" in names:
            told[agent]["topics"].add("crime")
        yield agent, schema, told[agent]


def _articles(kg: Kg) -> Iterator[tuple[str, str, Properties]]:
    for iri, title, publisher, published, language, url in rows(kg, "graph/articles"):
        code = {"en": "eng", "es": "spa"}.get(language, "")
        yield (
            iri,
            "Article",
            _properties(
                title=title,
                publisher=publisher,
                publishedAt=published[:10],
                language=code,
                sourceUrl=url,
            ),
        )


def _occupancies(kg: Kg) -> Iterator[tuple[str, str, Properties]]:
    for tenure, person, _, post, _, capacity, begin, end, attested, _ in rows(kg, "tenures"):
        # Somebody who held a post once, or is to hold it, does not occupy it.
        if post and capacity in {"substantive", "acting"}:
            yield (
                tenure,
                "Occupancy",
                _properties(
                    holder=_id(person), post=_id(post), startDate=begin, endDate=end, date=attested
                ),
            )


def _events(kg: Kg) -> Iterator[tuple[str, str, Properties]]:
    for event, kind, name, not_before, not_after, participant, article in rows(kg, "graph/events"):
        label = name or f"{kind.rpartition('#')[2]} {event.rpartition('/')[2]}"
        yield (
            event,
            "Event",
            _properties(
                name=label,
                startDate=not_before,
                endDate=not_after,
                involved=_id(participant) if participant else "",
                proof=_id(article),
            ),
        )


def _sanctions(kg: Kg) -> Iterator[tuple[str, str, Properties]]:
    for iri, organization, authority, program, since in rows(kg, "graph/designations"):
        told = _properties(
            entity=_id(organization), authority=authority, program=program, startDate=since
        )
        yield iri, "Sanction", told
