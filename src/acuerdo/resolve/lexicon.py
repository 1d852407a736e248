"""What the keys and values of an annotation mean for the class it stands on, looked up once each."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from acuerdo.dates import InvalidDateError, bounds, canonical, is_day
from acuerdo.iri import AC, MONTH, is_iri
from acuerdo.model import Entity, Scalar
from acuerdo.vocabulary import RDF, XSD, Class, Concept, Property, Vocabulary, fold

ArgKind = Literal["time", "role", "object", "inverse", "literal", "concept"]
Attrs = Mapping[str, Scalar | tuple[Scalar, ...]]
# Values that are kept with what they mean; more would be a corpus, not a vocabulary.
REMEMBERED = 10_000
EDTF, NOT_BEFORE, NOT_AFTER, IN_MONTH = (
    f"<{AC}{name}>" for name in ("edtf", "notBefore", "notAfter", "inMonth")
)


class Arg(Struct, frozen=True, eq=False):
    """How an argument is written: the property (the stored direction), or the role it plays.

    `head` is the predicate as a term and a blank; `of_nodes` is false where a value belongs, `acyclic`
    true where the property must not lead back to where it began.
    """

    kind: ArgKind
    predicate: str
    head: str
    of_nodes: bool
    acyclic: bool
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
    """The attributes of one class by key, each looked up once; `x-…` keys are never mapped."""

    def __init__(self, lexicon: "Lexicon", cls: Class) -> None:
        self.lexicon, self.cls = lexicon, cls

    def __missing__(self, key: str) -> Property | None:
        own = key.startswith("x-")
        found = self.lexicon.vocabulary.find_property(key, self.cls) if not own else None
        prop = self[key] = found[0] if found and not found[1] else None
        return prop


class _Facts(dict[tuple[str, Scalar, type], tuple[str, ...] | None]):
    """What an attribute of one class says, by key, value and the value's type (1 is not true)."""

    def __init__(self, lexicon: "Lexicon", cls: Class, attrs: _Attrs) -> None:
        self.lexicon, self.cls, self.attrs = lexicon, cls, attrs

    def __missing__(self, said: tuple[str, Scalar, type]) -> tuple[str, ...] | None:
        if len(self) > REMEMBERED:
            self.clear()
        key, value, _ = said
        prop = self.attrs[key]
        term = self.lexicon.term(self.cls, prop, value) if prop is not None else None
        if prop is None or term is None:
            found = None
        elif prop.iri == AC + "edtf":
            found = dated(str(value))
        else:
            found = (f"<{prop.iri}> {term}",)
        self[said] = found
        return found


class _Notations(dict[tuple[str, str], str | None]):
    """The notation of the concept that an attribute of one class has as its value, looked up once."""

    def __init__(self, lexicon: "Lexicon", cls: Class, attrs: _Attrs) -> None:
        self.lexicon, self.cls, self.attrs = lexicon, cls, attrs

    def __missing__(self, said: tuple[str, str]) -> str | None:
        if len(self) > REMEMBERED:
            self.clear()
        key, value = said
        prop = self.attrs[key]
        scheme = self.lexicon.scheme(self.cls, prop) if prop is not None else None
        concept = self.lexicon.vocabulary.find_concept(scheme, value) if scheme else None
        found = self[said] = concept.notation if concept else None
        return found


class Form(Struct, frozen=True, eq=False):
    """What is the same for all nodes of one class, looked up once.

    A fact is a predicate and an object with a blank between, as they stand in a line behind its subject.
    """

    cls: Class
    typed: str
    args: Mapping[str, Arg | None]
    attrs: Mapping[str, Property | None]
    facts: Mapping[tuple[str, Scalar, type], tuple[str, ...] | None]
    notations: Mapping[tuple[str, str], str | None]
    person: bool
    tenure: bool
    participation: bool
    event: bool
    wants_date: bool
    governs: bool
    rank: int


class _Forms(dict[Class, Form]):
    """The form of each class, made once."""

    def __init__(self, lexicon: "Lexicon") -> None:
        self.lexicon = lexicon

    def __missing__(self, cls: Class) -> Form:
        above, attrs = cls.ancestors, _Attrs(self.lexicon, cls)
        form = self[cls] = Form(
            cls,
            f"<{RDF}type> <{cls.iri}>",
            _Args(self.lexicon, cls),
            attrs,
            _Facts(self.lexicon, cls, attrs),
            _Notations(self.lexicon, cls, attrs),
            person=AC + "Person" in above,
            tenure=AC + "Tenure" in above,
            participation=AC + "Participation" in above,
            event=AC + "Event" in above,
            wants_date=AC + "Event" in above and AC + "Statement" not in above,
            governs=not above.isdisjoint({AC + "Agency", AC + "Jurisdiction"}),
            # Where a post or an agency belongs helps to tell it, so places and organisations come first.
            rank=2 - (AC + "Organization" in above) - 2 * (AC + "Place" in above),
        )
        return form


class _Types(dict[str, Class | Property | None]):
    """What each type label means, looked up once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def __missing__(self, label: str) -> Class | Property | None:
        known = self.vocabulary
        found = self[label] = known.find_class(label) or known.find_value_property(label)
        return found


class Lexicon:
    """Lookups into the vocabulary, each answered once; a corpus repeats a few dozen of them.

    `types` holds the class of a type label, or the datatype property for a type that only carries a
    value; `forms` what is the same for all nodes of a class.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.types: Mapping[str, Class | Property | None] = _Types(vocabulary)
        self.forms: Mapping[Class, Form] = _Forms(self)
        self._terms: dict[tuple[str, str, Scalar, type], str | None] = {}
        self._implied: dict[tuple[str, str], dict[str, str]] = {}

    def implied(self, label: str, cls: Class) -> Mapping[str, str]:
        """What a type label says beside the class: a notation, by the name of its property."""
        found = self._implied.get((label, cls.iri))
        if found is None:
            implied = self.vocabulary.implied(label, cls)
            properties = self.vocabulary.properties
            found = {properties[iri].name: concept.notation for iri, concept in implied.items()}
            self._implied[label, cls.iri] = found
        return found

    def find_arg(self, cls: Class, key: str) -> Arg | None:
        """The meaning of one key, from the ontology: a property first, then a role."""
        found = self.vocabulary.find_property(key, cls)
        role = self.vocabulary.find_role(key, cls) if self.forms[cls].event else None
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

    def term(self, cls: Class, prop: Property, value: Scalar) -> str | None:
        """A value as an N-Triples term: a concept, a property or a typed literal; None when it is none."""
        key = (cls.iri, prop.iri, value, type(value))
        if key not in self._terms:
            if len(self._terms) > REMEMBERED:
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
    acyclic = prop is not None and prop.acyclic
    return Arg(kind, predicate, f"<{predicate}> ", nodes, acyclic, concept, prop)


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


@lru_cache(maxsize=32768)
def bounded(value: str) -> tuple[str, ...]:
    """The facts that make a date findable: its strict bounds and the months that it touches."""
    found = bounds(value)
    days = ((NOT_BEFORE, found.lower), (NOT_AFTER, found.upper))
    return (
        *(f'{predicate} "{day}"^^<{XSD}date>' for predicate, day in days if day),
        *(f"{IN_MONTH} <{MONTH}{name}>" for name in found.months),
    )


def dated(value: str) -> tuple[str, ...]:
    """The facts of a date: as it was written, and what makes it findable."""
    return (f'{EDTF} "{escape(value)}"', *bounded(value))


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


_ESCAPES = {
    ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t",
    ord("\b"): "\\b", ord("\f"): "\\f",
    **{c: f"\\u{c:04X}" for c in [*range(8), 0x0B, *range(0x0E, 0x20), 0x7F]},
}  # fmt: skip


def escape(text: str) -> str:
    """The body of an N-Quads literal, in the canonical form of RDF 1.1 and RDFC-1.0."""
    # Most words have nothing to escape, and asking is far cheaper than translating; controls do not print.
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return text.translate(_ESCAPES)
