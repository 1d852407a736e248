"""Who is shown in which post by one article: whom it makes an official, and in what capacity somebody acts."""

from collections import defaultdict

from acuerdo.iri import AC
from acuerdo.model import Event
from acuerdo.resolve import Resolved, World
from acuerdo.resolve.tenures import in_office

# What says of a tenure when it was held.
_WHEN = frozenset({AC + "end", AC + "edtf"})


class Offices:
    """The tenures of an article; `held` has those in which each holder is in office."""

    def __init__(self, resolved: Resolved, world: World) -> None:
        self.article, self.iris, self.classes = resolved.article, resolved.iris, resolved.classes
        self.lexicon, self.registry = world.lexicon, world.registry
        self.forms = world.lexicon.forms
        self.held: defaultdict[str, set[str]] = defaultdict(set)
        for event in self.article.events:
            if self.forms[self.classes[event.id]].tenure and self.in_office(event):
                for holder in self.named(event, "holder"):
                    self.held[holder].add(self.iris[event.id])
        self._public = self._public_posts()

    def capacity(self, actor: str) -> str | None:
        """The one tenure in which somebody acts; None where the article shows none, or several."""
        held = self.held.get(actor)
        return next(iter(held)) if held and len(held) == 1 else None

    def in_office(self, tenure: Event) -> bool:
        """Whether the holder is in the post by the time of the article, or was when it says."""
        cls = self.classes[tenure.id]
        begin = str(self._said(tenure).get(AC + "begin", ""))
        return in_office(self.lexicon, cls, tenure) and begin <= self.article.published

    def says_when(self, tenure: Event) -> bool:
        """Whether the article says, by whatever label, when the post was held, and so not that it is held now.

        "Mayor since 2019" is in office on the day of the article.
        """
        args = self.forms[self.classes[tenure.id]].args
        named = {arg.predicate for key in tenure.args if (arg := args[key])}
        return not (named | self._said(tenure).keys()).isdisjoint(_WHEN)

    def officials(self, tenure: Event) -> list[str]:
        """Whom a tenure makes an official: the holder of a post in an agency or a jurisdiction."""
        if self._public.isdisjoint(self.named(tenure, "post")):
            return []
        return self.named(tenure, "holder")

    def named(self, event: Event, name: str) -> list[str]:
        """The IRIs that an event names under a property."""
        found, known = [], self.forms[self.classes[event.id]].args
        for key, ids in event.args.items():
            arg = known[key]
            if arg is not None and arg.predicate == AC + name and arg.kind == "object":
                found += [self.iris[i] for i in ids if i in self.iris]
        return found

    def _said(self, event: Event) -> dict[str, object]:
        """The attributes of an event by property."""
        known = self.forms[self.classes[event.id]].attrs
        return {prop.iri: value for k, value in event.attrs.items() if (prop := known[k])}

    def _public_posts(self) -> set[str]:
        """The posts that registry or article place in an agency or a jurisdiction."""
        public = set()
        for relation in self.article.relations:
            source, target = self.iris.get(relation.source), self.iris.get(relation.target)
            arg = self.forms[self.classes[relation.source]].args[relation.type]
            if source and target and arg is not None and arg.predicate == AC + "postIn":
                post, place = (
                    (source, relation.target) if arg.kind == "object" else (target, relation.source)
                )
                if self.forms[self.classes[place]].governs or self._is_public(self.iris[place]):
                    public.add(post)
        for event in self.article.events:
            for post in self.named(event, "post"):
                if any(self._is_public(org) for org in self.registry.about(post, "postIn")):
                    public.add(post)
        return public

    def _is_public(self, organization: str) -> bool:
        classes = self.lexicon.vocabulary.classes
        types = self.registry.types.get(organization, ())
        return any(self.forms[classes[cls]].governs for cls in types if cls in classes)
