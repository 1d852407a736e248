"""The article as every reader delivers it and every later stage takes it: the native format.

Offsets are Unicode code points of the text as stored, half-open. The structs are frozen and hold
plain values; `msgspec` decodes them from JSON at about 600 MB/s and checks the types on the way.
What only a look across fields can tell (offsets, references, dates) is checked in `read`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Offset = Annotated[int, Meta(ge=0, description="Unicode code points from the start of the text")]
Confidence = Annotated[float, Meta(ge=0, le=1)]
Scalar = str | int | float | bool
SectionKind = Literal["headline", "body", "caption", "byline", "furniture"]
DateBasis = Literal["stated", "inferred", "external"]


class Mention(Struct, frozen=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """A span of the text; `more` holds further fragments of a discontinuous one."""

    start: Offset
    end: Offset
    text: str | None = None
    digest: str | None = None
    more: tuple[tuple[Offset, Offset], ...] = ()


class Section(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A stretch of the text that is not running prose; what no section covers is body."""

    start: Offset
    end: Offset
    kind: SectionKind


class Agent(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Who made an annotation."""

    kind: Literal["person", "software"]
    name: str | None = None
    iri: str | None = None


class Entity(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A referent with its mentions; dates and amounts are entities with a `value`."""

    id: str
    type: str
    name: str | None = None
    ref: str | None = None
    links: tuple[str, ...] = ()
    value: Scalar | None = None
    mentions: tuple[Mention, ...] = ()
    attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
    by: str | None = None
    at: str | None = None
    confidence: Confidence | None = None


class Event(Entity, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Any n-ary node: a meeting, a tenure, a claim; `args` maps a role to ids of entities or events."""

    args: dict[str, tuple[str, ...]] = {}
    evidence: tuple[Mention, ...] = ()


class Relation(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A binary relation between two entities or events."""

    type: str
    source: str
    target: str
    id: str | None = None
    evidence: tuple[Mention, ...] = ()
    attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
    by: str | None = None
    at: str | None = None
    confidence: Confidence | None = None


class Article(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One annotated article; without `text`, `sha256` of its UTF-8 text stands for it."""

    acuerdo: Literal[1]
    id: Annotated[str, Meta(min_length=1)]
    published: str
    date_basis: DateBasis
    language: str
    url: str | None = None
    title: str | None = None
    publisher: str | None = None
    license: str | None = None
    text: str | None = None
    sha256: str | None = None
    attrs: dict[str, Scalar | tuple[Scalar, ...]] = {}
    sections: tuple[Section, ...] = ()
    agents: dict[str, Agent] = {}
    entities: tuple[Entity, ...] = ()
    events: tuple[Event, ...] = ()
    relations: tuple[Relation, ...] = ()


def json_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of the native format."""
    return msgspec.json.schema(Article)
