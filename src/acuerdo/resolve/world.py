"""All that mapping needs beside the article: vocabulary, registry, bases and what people decided."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from acuerdo import vocabulary
from acuerdo.errors import WrongUsage
from acuerdo.iri import DEMO_BASE, Bases, is_base
from acuerdo.resolve import registry
from acuerdo.resolve.lexicon import Lexicon
from acuerdo.resolve.registry import Registry
from acuerdo.vocabulary import Vocabulary


class World:
    """What is known before an article is read; made once a process, never changed.

    `same` maps IRIs to the IRI that a person decided stands for them; `apart` holds pairs that a
    person decided are two things, so that no name joins them.
    """

    def __init__(
        self,
        bases: Bases,
        vocab: Vocabulary,
        known: Registry,
        same: Mapping[str, str] | None = None,
        apart: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.bases, self.vocabulary, self.registry = bases, vocab, known
        self.same, self.apart = dict(same or {}), apart
        self.lexicon = Lexicon(vocab)
        self.segments = frozenset(s for c in vocab.classes.values() for s in c.segments)


def load(
    folders: Sequence[Path],
    base: str = DEMO_BASE,
    same: Mapping[str, str] | None = None,
    apart: frozenset[tuple[str, str]] = frozenset(),
) -> World:
    """The world of one or more ontology folders under a base; raises BadSource or WrongUsage."""
    if not is_base(base):
        raise WrongUsage(f"{base}: not a base IRI; write an http(s) IRI that ends in '/'")
    bases = Bases(base)
    return World(bases, vocabulary.load(*folders), registry.load(folders, bases), same, apart)
