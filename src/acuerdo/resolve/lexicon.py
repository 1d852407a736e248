"""What the keys and values of an annotation mean for the class it stands on, looked up once each."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Literal

from msgspec import Struct

from acuerdo.dates import InvalidDateError, bounds, canonical, is_day
from acuerdo.iri import AC, is_iri
from acuerdo.model import Entity, Scalar
from acuerdo.vocabulary import XSD, Class, Concept, Property, Vocabulary, fold

ArgKind = Literal["time", "role", "object", "inverse", "literal", "concept"]


class Arg(Struct, frozen=True, eq=False):
    """How an argument is written: the property (the stored direction), or the role it plays.

    `head` is the predicate as a term between two blanks; `of_nodes` is false where a value belongs.
    """

    kind: ArgKind
    predicate: str
    head: str
    of_nodes: bool
    concept: str = ""
    prop: Property | None = None


class _Args(dict[str, Arg | None]):
    """The arguments of one class by key, each looked up once."""

    def __init__(self, lexicon: "Lexicon", cls: Class) -> None:
        self.lexicon, self.cls = lexicon, cls

    def __missing__(self, key: str) -> Arg | None:
        found = self[key] = self.lexicon.find_arg(self.cls, key)
        return found


class _Attrs(dict[str, Property | None]):
    """The attributes of one class by key, each looked up once."""

    def __init__(self, lexicon: "Lexicon", cls: Class) -> None:
        self.lexicon, self.cls = lexicon, cls

    def __missing__(self, key: str) -> Property | None:
        found = self.lexicon.vocabulary.find_property(key, self.cls)
        prop = self[key] = found[0] if found and not found[1] else None
        return prop


class Lexicon:
    """Lookups into the vocabulary, each answered once; a corpus repeats a few dozen of them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._types: dict[str, Class | Property | None] = {}
        self._args: dict[str, _Args] = {}
        self._attrs: dict[str, _Attrs] = {}
        self._terms: dict[tuple[str, str, Scalar, type], str | None] = {}
        self._implied: dict[tuple[str, str], dict[str, str]] = {}
        self._notations: dict[tuple[str, str, str], str | None] = {}

    @cached_property
    def event(self) -> str:
        """The class whose instances have participations and dates."""
        return AC + "Event"

    def type(self, label: str) -> Class | Property | None:
        """The class of a type label, or the datatype property for a type that only carries a value."""
        if label not in self._types:
            self._types[label] = self.vocabulary.find_class(
                label
            ) or self.vocabulary.find_value_property(label)
        return self._types[label]

    def implied(self, label: str, cls: Class) -> Mapping[str, str]:
        """What a type label says beside the class: a notation, by the name of its property."""
        found = self._implied.get((label, cls.iri))
        if found is None:
            implied = self.vocabulary.implied(label, cls)
            properties = self.vocabulary.properties
            found = {properties[iri].name: concept.notation for iri, concept in implied.items()}
            self._implied[label, cls.iri] = found
        return found

    def args(self, cls: Class) -> Mapping[str, Arg | None]:
        """What each argument key means on an event of the class; None for one that means nothing."""
        found = self._args.get(cls.iri)
        if found is None:
            found = self._args[cls.iri] = _Args(self, cls)
        return found

    def attrs(self, cls: Class) -> Mapping[str, Property | None]:
        """The property that each attribute key names on the class; None for an unknown one."""
        found = self._attrs.get(cls.iri)
        if found is None:
            found = self._attrs[cls.iri] = _Attrs(self, cls)
        return found

    def find_arg(self, cls: Class, key: str) -> Arg | None:
        """The meaning of one key, from the ontology: a property first, then a role."""
        found = self.vocabulary.find_property(key, cls)
        role = self.vocabulary.find_role(key, cls) if self.event in cls.ancestors else None
        # "participant" is a property of a participation and a role in a meeting: the domain decides.
        # "subject" is a role and a tag of a property: a thing's own name goes before a tag.
        if found and not (role and (found[0].domain is None or _own_name(key, role, found[0]))):
            return _property_arg(*found)
        return _arg("role", AC + "hasParticipation", None, role.iri) if role else None

    def scheme(self, cls: Class, prop: Property) -> str | None:
        """The concept scheme of a property's values on the class; `kind` has one for each class."""
        if prop.name == "kind":
            return cls.kind_scheme or prop.scheme
        return prop.scheme

    def notation(self, cls: Class, prop: Property, value: str) -> str | None:
        """The notation of the concept that a value of the property names; None for none."""
        key = (cls.iri, prop.iri, value)
        if key not in self._notations:
            if len(self._notations) > 100_000:
                self._notations.clear()
            scheme = self.scheme(cls, prop)
            concept = self.vocabulary.find_concept(scheme, value) if scheme else None
            self._notations[key] = concept.notation if concept else None
        return self._notations[key]

    def term(self, cls: Class, prop: Property, value: Scalar) -> str | None:
        """A value as an N-Triples term: a concept, a property or a typed literal; None when it is none."""
        key = (cls.iri, prop.iri, value, type(value))
        if key not in self._terms:
            if len(self._terms) > 100_000:
                self._terms.clear()
            self._terms[key] = self._term(cls, prop, value)
        return self._terms[key]

    def _term(self, cls: Class, prop: Property, value: Scalar) -> str | None:
        scheme = self.scheme(cls, prop)
        if scheme:
            concept = self.vocabulary.find_concept(scheme, str(value))
            return f"<{concept.iri}>" if concept else None
        if prop.iri == AC + "edtf" and not _is_edtf(str(value)):
            return None
        if prop.name == "claimPredicate":
            found = self.vocabulary.find_property(str(value))
            return f"<{found[0].iri}>" if found else None
        if prop.literal:
            return literal(value, prop.datatype)
        return None


def _own_name(key: str, role: Concept, prop: Property) -> bool:
    return fold(role.notation) == fold(key) != fold(prop.name)


def _property_arg(prop: Property, inverse: bool) -> Arg:
    if prop.iri == AC + "edtf":
        return _arg("time", prop.iri, prop)
    if prop.scheme:
        return _arg("concept", prop.iri, prop)
    if prop.literal:
        return _arg("literal", prop.iri, prop)
    turned = inverse ^ (prop.stored is not None)
    return _arg("inverse" if turned else "object", prop.stored or prop.iri, prop)


def _arg(kind: ArgKind, predicate: str, prop: Property | None, concept: str = "") -> Arg:
    nodes = kind in {"object", "inverse", "role"}
    return Arg(kind, predicate, f" <{predicate}> ", nodes, concept, prop)


def _is_edtf(text: str) -> bool:
    try:
        bounds(text)
    except InvalidDateError:
        return False
    return True


def words_of_value(entity: Entity, text: str | None) -> Scalar | None:
    """What an annotated value says: its `value`, else its name, else the words of its first mention."""
    if entity.value is not None:
        return entity.value
    if entity.name is not None or not entity.mentions:
        return entity.name
    first = entity.mentions[0]
    if first.text is None and text is not None:
        return text[first.start : first.end]
    return first.text


def literal(value: Scalar, datatype: str | None) -> str | None:
    """A typed literal in its canonical form; None when the value is not of the type."""
    kind = (datatype or XSD + "string").removeprefix(XSD)
    text = str(value).strip() if not isinstance(value, bool) else str(value).lower()
    if kind == "integer":
        return (
            f'"{int(text)}"^^<{XSD}integer>'
            if text.lstrip("+-").isdigit() and text.isascii()
            else None
        )
    if kind == "decimal":
        return _decimal(text)
    if kind == "boolean":
        return f'"{text}"^^<{XSD}boolean>' if text in {"true", "false"} else None
    if kind == "anyURI":
        return f'"{text}"^^<{XSD}anyURI>' if is_iri(text) else None
    if kind in {"date", "dateTime"}:
        return _date(text)
    return f'"{escape(str(value))}"'


def _decimal(text: str) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    plain = "0" if plain in {"-0", ""} else plain
    return f'"{plain}"^^<{XSD}decimal>'


def _date(text: str) -> str | None:
    """A day as xsd:date, a month or year as the g-types: the precision that was given, no day invented."""
    try:
        bounds(text)
    except InvalidDateError:
        return None
    text = text.rstrip("~?%")
    if is_day(text):
        kind = "dateTime" if "T" in text else "date"
        return f'"{canonical(text)}"^^<{XSD}{kind}>'
    if len(text) == 7 and text[5:].isdigit() and int(text[5:]) <= 12:
        return f'"{text}"^^<{XSD}gYearMonth>'
    if len(text) == 4 and text.isdigit():
        return f'"{text}"^^<{XSD}gYear>'
    return None


_TO_ESCAPE = re.compile('[\\\\"\\x00-\\x1f\\x7f]')
_ESCAPES = {
    ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t",
    ord("\b"): "\\b", ord("\f"): "\\f",
    **{c: f"\\u{c:04X}" for c in [*range(8), 0x0B, *range(0x0E, 0x20), 0x7F]},
}  # fmt: skip


def escape(text: str) -> str:
    """The body of an N-Quads literal, in the canonical form of RDF 1.1 and RDFC-1.0."""
    # Most words have nothing to escape, and asking is eight times cheaper than translating.
    return text.translate(_ESCAPES) if _TO_ESCAPE.search(text) else text
