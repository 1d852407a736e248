"""What can be wrong with an article, whatever format it came from: its head, ids, names and references; and its spans.

Nothing is repaired: the smallest unit stays out, with a fault that says why. A mention is dropped alone;
an entity or event goes when it had spans and none is left; then whatever referred to it loses that
reference. The result is the article as if the dropped units had never been written.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from acuerdo.dates import InvalidDateError, bounds
from acuerdo.iri import is_iri, is_local_safe
from acuerdo.model import Article, Entity, Event, Relation
from acuerdo.read.sound import sound
from acuerdo.read.spans import CONTROL, Spans
from acuerdo.report import Fault, Faults, Unit, escaped

E = TypeVar("E", bound=Entity)

_SUSPICIOUS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{5,8})*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_language(tag: str) -> bool:
    """Whether a BCP 47 tag is well formed, as far as news needs it."""
    return _LANGUAGE.fullmatch(tag) is not None


def check(article: Article, file: str) -> tuple[Article | None, list[Fault]]:
    """The article without what is wrong in it, and the faults; `None` when it stays out as a whole."""
    faults = list(_of_the_whole(article, file))
    if any(fault.dropped for fault in faults):
        return None, faults
    article, of_fields = _without_bad_fields(article, file)
    faults += of_fields
    if sound(article):
        return article, faults
    checked = _Check(article, file)
    result = checked.run()
    return result, faults + checked.faults


def _of_the_whole(article: Article, file: str) -> Iterator[Fault]:
    def fault(code: str, sentence: str, hint: str, dropped: Unit | None = "article") -> Fault:
        return Fault(code, sentence, hint, file=file, article=article.id, dropped=dropped)

    if CONTROL.search(article.id):
        yield fault(
            "CONTROL_CHARACTER",
            f"the id {escaped(article.id)} holds a control character.",
            "Remove it.",
        )
    if article.text is None and article.sha256 is None:
        yield fault(
            "TEXT_MISSING", "there is neither text nor sha256.", "Give one, or --texts DIR."
        )
    elif article.text == "":
        yield fault("TEXT_MISSING", "the text is empty.", "Export the article with its text.")
    if article.sha256 is not None and _SHA256.fullmatch(article.sha256) is None:
        yield fault(
            "TEXT_MISSING",
            f"sha256 {escaped(article.sha256)} is not 64 hex digits in small letters.",
            "Write the SHA-256 of the UTF-8 text.",
        )
    elif article.text is not None and article.sha256 is not None:
        found = hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest()
        if found != article.sha256:
            yield fault(
                "TEXT_CHANGED",
                f"the text has SHA-256 {found[:12]}…, not {article.sha256[:12]}….",
                "Annotate the changed text anew, or restore the old one.",
            )
    try:
        bounds(article.published)
    except InvalidDateError as error:
        yield fault("DATE_INVALID", f"published {escaped(error.value)} is not a date.", error.hint)
    if not is_language(article.language):
        yield fault(
            "LANG_TAG_INVALID",
            f"{escaped(article.language)} is not a language tag; names stay untagged.",
            "Write en, es or es-mx.",
            None,
        )
    size = len(article.text) if article.text is not None else None
    for section in article.sections:
        if section.end <= section.start or (size is not None and section.end > size):
            yield fault(
                "OFFSET_OUT_OF_RANGE",
                f"the section [{section.start},{section.end}) does not lie in the text.",
                "Correct the section's offsets.",
            )


def _without_bad_fields(article: Article, file: str) -> tuple[Article, list[Fault]]:
    """The article without what no graph could carry of its own title, address and agents."""
    faults: list[Fault] = []

    def fault(code: str, sentence: str, hint: str) -> None:
        faults.append(
            Fault(code, sentence, hint, file=file, article=article.id, dropped="annotation")
        )

    given: dict[str, object] = {}
    for name in ("title", "publisher", "license"):
        value = getattr(article, name)
        if value is not None and CONTROL.search(value):
            fault(
                "CONTROL_CHARACTER",
                f"the {name} {escaped(value)} holds a control character.",
                "Remove it.",
            )
            given[name] = None
    if article.url and not is_iri(article.url):
        fault(
            "VALUE_INVALID", f"the url {escaped(article.url)} is no IRI.", "Write it as https://…."
        )
        given["url"] = None
    agents = {}
    for name, agent in article.agents.items():
        if CONTROL.search(name) or CONTROL.search(agent.name or ""):
            shown = escaped(agent.name or name)
            fault(
                "CONTROL_CHARACTER", f"the agent {shown} holds a control character.", "Remove it."
            )
            continue
        if agent.iri and not is_iri(agent.iri):
            fault(
                "VALUE_INVALID",
                f"the iri {escaped(agent.iri)} of the agent {escaped(name)} is none.",
                "Write it as https://….",
            )
            agents[name] = msgspec.structs.replace(agent, iri=None)
        else:
            agents[name] = agent
    if not faults:
        return article, faults
    return msgspec.structs.replace(article, agents=agents, **given), faults


class _Check:
    """One article on its way through the checks of its annotations."""

    def __init__(self, article: Article, file: str) -> None:
        self.article, self.faults = article, Faults(file, article.id)
        self.spans = Spans(article, self.faults)

    def run(self) -> Article:
        article = self.article
        entities = self._unique([e for e in map(self._entity, article.entities) if e], "annotation")
        events = self._unique([e for e in map(self._event, article.events) if e], "event", entities)
        known = {e.id for e in entities} | {e.id for e in events}
        events = [self._arguments(event, known) for event in events]
        relations = [r for r in map(self._relation, article.relations) if r]
        relations = self._named_once([r for r in relations if self._ends(r, known)])
        if not self.faults:
            return article
        return msgspec.structs.replace(
            article, entities=tuple(entities), events=tuple(events), relations=tuple(relations)
        )

    # -- annotations --------------------------------------------------------------------------

    def _entity(self, entity: Entity) -> Entity | None:
        if not self._strings(entity, "annotation"):
            return None
        if not entity.mentions:
            return entity
        kept = tuple(m for m in entity.mentions if self.spans.accepts(m, entity.id))
        if len(kept) == len(entity.mentions):
            return entity
        return msgspec.structs.replace(entity, mentions=kept) if kept else None

    def _event(self, event: Event) -> Event | None:
        if not self._strings(event, "event"):
            return None
        mentions = tuple(m for m in event.mentions if self.spans.accepts(m, event.id))
        evidence = tuple(m for m in event.evidence if self.spans.accepts(m, event.id))
        before, after = len(event.mentions) + len(event.evidence), len(mentions) + len(evidence)
        if before == after:
            return event
        # The trigger is what the annotator saw; without any of its spans the event rests on nothing.
        if after == 0 or (event.mentions and not mentions):
            return None
        return msgspec.structs.replace(event, mentions=mentions, evidence=evidence)

    def _relation(self, relation: Relation) -> Relation | None:
        for what, value in (("id", relation.id), ("annotator", relation.by)):
            if value is not None and CONTROL.search(value):
                self.faults.note(
                    "CONTROL_CHARACTER",
                    f"the {what} holds a control character.",
                    "Remove it.",
                    relation.id,
                    "relation",
                )
                return None
        evidence = tuple(m for m in relation.evidence if self.spans.accepts(m, relation.id))
        if len(evidence) == len(relation.evidence):
            return relation
        return msgspec.structs.replace(relation, evidence=evidence) if evidence else None

    def _strings(self, entity: Entity, unit: Unit) -> bool:
        """Whether id and name can stand in IRIs and literals; doubtful ones are named and kept."""
        if not entity.id:
            self.faults.note(
                "VALUE_INVALID", "the id is empty.", "Give every annotation an id.", entity.id, unit
            )
            return False
        if not is_local_safe(entity.id):
            if CONTROL.search(entity.id):
                self.faults.note(
                    "CONTROL_CHARACTER",
                    f"the id {escaped(entity.id)} holds a control character.",
                    "Remove it.",
                    entity.id,
                    unit,
                )
                return False
            self.faults.note(
                "IRI_UNSAFE_ID",
                f"the id {escaped(entity.id)} is written otherwise in its IRI.",
                "Use letters, digits, '.', '_' and '-'.",
                entity.id,
                None,
            )
        name = entity.name
        # Control, bidi and zero-width characters are none that print.
        if name is not None and not name.isprintable():
            if CONTROL.search(name):
                self.faults.note(
                    "CONTROL_CHARACTER",
                    f"the name {escaped(name)} holds a control character.",
                    "Remove it.",
                    entity.id,
                    unit,
                )
                return False
            if _SUSPICIOUS.search(name):
                self.faults.note(
                    "SUSPICIOUS_CHARACTER",
                    f"the name {escaped(name)} holds an invisible character.",
                    "Remove it if it is not meant.",
                    entity.id,
                    None,
                )
        return self._literals(entity, unit)

    def _literals(self, entity: Entity, unit: Unit) -> bool:
        if not entity.attrs and not isinstance(entity.value, str) and entity.by is None:
            return True
        values: list[object] = [entity.value, entity.by]
        for given in entity.attrs.values():
            values += given if isinstance(given, tuple) else [given]
        for value in values:
            if isinstance(value, str) and not value.isprintable() and CONTROL.search(value):
                self.faults.note(
                    "CONTROL_CHARACTER",
                    f"the value {escaped(value)} holds a control character.",
                    "Remove it.",
                    entity.id,
                    unit,
                )
                return False
        return True

    # -- references ---------------------------------------------------------------------------

    def _named_once(self, relations: list[Relation]) -> list[Relation]:
        """The relations, of several that have one id the first; most have none."""
        seen: set[str] = set()
        kept = []
        for relation in relations:
            if relation.id is not None and relation.id in seen:
                self._twice(relation.id, "relation")
                continue
            if relation.id is not None:
                seen.add(relation.id)
            kept.append(relation)
        return kept

    def _twice(self, ident: str, unit: Unit) -> None:
        self.faults.note(
            "DUPLICATE_ID",
            f"the id {escaped(ident)} stands twice; the first stays.",
            "Give each annotation its own id.",
            ident,
            unit,
        )

    def _unique(self, items: list[E], unit: Unit, before: Iterable[Entity] = ()) -> list[E]:
        seen = {e.id for e in before}
        kept = []
        for item in items:
            if item.id in seen:
                self._twice(item.id, unit)
            else:
                seen.add(item.id)
                kept.append(item)
        return kept

    def _arguments(self, event: Event, known: set[str]) -> Event:
        for ids in event.args.values():
            if not known.issuperset(ids) or event.id in ids:
                break
        else:
            return event
        kept = {}
        for role, ids in event.args.items():
            good = []
            for ident in ids:
                if ident == event.id:
                    self.faults.note(
                        "RELATION_CYCLE",
                        f"the event is its own {escaped(role)}.",
                        "Name another event.",
                        event.id,
                        "relation",
                    )
                elif ident not in known:
                    self.faults.note(
                        "DANGLING_REFERENCE",
                        f"{escaped(role)} names {escaped(ident)}, which is not in the article or was dropped.",
                        "Correct the id.",
                        event.id,
                        "relation",
                    )
                else:
                    good.append(ident)
            if good:
                kept[role] = tuple(good)
        return msgspec.structs.replace(event, args=kept)

    def _ends(self, relation: Relation, known: set[str]) -> bool:
        name = relation.id or f"{relation.type}({relation.source},{relation.target})"
        for ident in (relation.source, relation.target):
            if ident not in known:
                self.faults.note(
                    "DANGLING_REFERENCE",
                    f"the relation names {escaped(ident)}, which is not in the article or was dropped.",
                    "Correct the id.",
                    name,
                    "relation",
                )
                return False
        if relation.source == relation.target:
            self.faults.note(
                "RELATION_SELF",
                f"{escaped(relation.source)} is related to itself.",
                "Name two things.",
                name,
                "relation",
            )
            return False
        return True
