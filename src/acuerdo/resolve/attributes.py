"""What stands on an annotation by itself: its attributes, links, value, and when it was made."""

from typing import TypeVar

import msgspec

from acuerdo.dates import InvalidDateError, ReversedIntervalError, bounds
from acuerdo.iri import AC, is_iri, qid
from acuerdo.model import Article, Entity, Relation, Scalar
from acuerdo.report import Faults, Unit, escaped
from acuerdo.resolve.lexicon import literal
from acuerdo.resolve.world import World
from acuerdo.vocabulary import XSD, Class, Property

E = TypeVar("E", bound=Entity)
_EDTF = AC + "edtf"
# What a `value` says of such a node is written: the number of an amount, the size of a group.
_VALUED = frozenset({AC + "Amount", AC + "Group"})


class Described:
    """The checks of single annotations; `faults` gathers what they say."""

    def __init__(self, article: Article, world: World, file: str) -> None:
        self.article, self.faults = article, Faults(file, article.id)
        self.lexicon, self.vocabulary = world.lexicon, world.vocabulary
        self.changed = False

    def _with_implied(self, entity: E, cls: Class) -> E:
        """The annotation with what its label says beside the class, where it does not say so itself."""
        implied = self.lexicon.implied(entity.type, cls)
        if not implied:
            return entity
        known = self.lexicon.forms[cls].attrs
        said = {known[key] for key in entity.attrs}
        more = {name: value for name, value in implied.items() if known[name] not in said}
        if not more:
            return entity
        self.changed = True
        return msgspec.structs.replace(entity, attrs={**entity.attrs, **more})

    def _date_value(self, entity: Entity, value: str, unit: Unit) -> bool:
        """Whether a value is a date in EDTF."""
        try:
            bounds(value)
        except InvalidDateError as error:
            turned = isinstance(error, ReversedIntervalError)
            code = "INTERVAL_REVERSED" if turned else "DATE_INVALID"
            what = "ends before it begins" if turned else "is not a date"
            self.faults.note(code, f"{escaped(value)} {what}.", error.hint, entity.id, unit)
            return False
        return True

    def _described(self, entity: E, cls: Class, unit: Unit) -> E | None:
        """The annotation without attributes nobody knows; None where a known one has a wrong value."""
        if entity.at:
            self._when(entity, entity.id)
        if entity.value is not None and cls.ancestors.isdisjoint(_VALUED):
            self.faults.note(
                "VALUE_INVALID",
                f"a {cls.name} has no value; {escaped(str(entity.value))} is left out.",
                "Values stand on dates, amounts and groups; give a name as 'name'.",
                entity.id,
                "annotation",
            )
            entity = msgspec.structs.replace(entity, value=None)
        if not entity.attrs and not entity.links:
            return entity
        unknown = []
        form = self.lexicon.forms[cls]
        for key, value in entity.attrs.items():
            prop = form.attrs[key]
            if prop is None:
                if not key.startswith("x-"):
                    self._unknown_attribute(entity, cls, key)
                    unknown.append(key)
                continue
            for item in value if isinstance(value, tuple) else (value,):
                if form.facts[key, item, type(item)] is None:
                    self._wrong_value(entity, cls, prop, item, unit)
                    return None
        bad = [link for link in entity.links if not self._link(link, entity)]
        if not unknown and not bad:
            return entity
        return msgspec.structs.replace(
            entity,
            attrs={k: v for k, v in entity.attrs.items() if k not in unknown},
            links=tuple(link for link in entity.links if link not in bad),
        )

    def _unknown_attribute(self, entity: Entity, cls: Class, key: str) -> None:
        near = self.vocabulary.nearest(key, [p.name for p in self.vocabulary.properties.values()])
        hint = f"Did you mean '{near}'?" if near else "Own keys are written 'x-…'."
        self.faults.note(
            "UNKNOWN_KEY",
            f"attrs.{escaped(key)[1:-1]} is no property of {cls.name}.",
            hint,
            entity.id,
            "annotation",
        )

    def _wrong_value(
        self, entity: Entity, cls: Class, prop: Property, value: Scalar, unit: Unit
    ) -> None:
        scheme = self.lexicon.scheme(cls, prop)
        if scheme:
            known = self.vocabulary.notations(scheme)
            near = self.vocabulary.nearest(str(value), known)
            hint = f"Did you mean '{near}'?" if near else f"Write one of {', '.join(known[:12])}."
            self.faults.note(
                "UNKNOWN_TYPE",
                f"{prop.name} {escaped(str(value))} is not in its vocabulary.",
                hint,
                entity.id,
                unit,
            )
        elif prop.iri == AC + "edtf":
            self._date_value(entity, str(value), unit)
        elif (prop.datatype or "").endswith(("#date", "#dateTime")):
            self.faults.note(
                "DATE_INVALID",
                f"{prop.name} {escaped(str(value))} is not a date.",
                "Write 2017-02-08, 2017-02 or 2017.",
                entity.id,
                unit,
            )
        else:
            kind = (
                "a property of the ontology"
                if prop.name == "claimPredicate"
                else (prop.datatype or "an id under args").rpartition("#")[2]
            )
            self.faults.note(
                "VALUE_INVALID",
                f"{prop.name} {escaped(str(value))} is not {kind}.",
                "Correct the value.",
                entity.id,
                unit,
            )

    def _link(self, link: str, entity: Entity) -> bool:
        try:
            found = qid(link)
        except ValueError:
            self.faults.note(
                "QID_INVALID",
                f"the link {escaped(link)} is no Wikidata id.",
                "Write wd:Q and digits.",
                entity.id,
                "annotation",
            )
            return False
        if found is None and not is_iri(link):
            self.faults.note(
                "QID_INVALID",
                f"the link {escaped(link)} is no IRI.",
                "Write wd:Q… or an absolute IRI.",
                entity.id,
                "annotation",
            )
            return False
        return True

    def _when(self, annotation: Entity | Relation, name: str) -> None:
        """Name a time of annotation that is none: it would not be written."""
        if annotation.at and literal(annotation.at, XSD + "dateTime") is None:
            self.faults.note(
                "DATE_INVALID",
                f"at {escaped(annotation.at)} is not a time.",
                "Write when it was annotated as 2017-02-08T14:30:00Z.",
                name,
                "annotation",
            )

    def _days(self, entity: Entity, cls: Class) -> list[str]:
        """The dates that stand in the attributes, as EDTF."""
        found, known = list[str](), self.lexicon.forms[cls].attrs
        for key, given in entity.attrs.items():
            prop = known[key]
            if prop is not None and prop.iri == _EDTF:
                found += map(str, given if isinstance(given, tuple) else (given,))
        return found

    def _attrs_of_article(self) -> None:
        cls = self.lexicon.types["Article"]
        if not self.article.attrs or not isinstance(cls, Class):
            return
        whole = Entity(id=self.article.id, type="Article", attrs=self.article.attrs)
        kept = self._described(whole, cls, "article")
        attrs = kept.attrs if kept else {}
        if attrs != self.article.attrs:
            self.article = msgspec.structs.replace(self.article, attrs=attrs)
