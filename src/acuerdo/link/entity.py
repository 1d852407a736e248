"""What is compared: a mention of the graph, and an item of Wikidata."""

from msgspec import Struct

from acuerdo.link.names import Name

PERSON, ORGANIZATION, POST, PLACE = "person", "organization", "post", "place"
KINDS = (PERSON, ORGANIZATION, POST, PLACE)
FICTION = "fictional thing"  # nothing of a graph is one


class Position(Struct, frozen=True, array_like=True):
    """A post held: its words or QID, ISO dates as precise as stated (empty where not), whose it is."""

    text: str
    start: str = ""
    end: str = ""
    jurisdiction: str = ""
    qid: str = ""


class Item(Struct, frozen=True, array_like=True):
    """One item of Wikidata as far as linking needs it."""

    qid: str
    kind: str  # "" where the snapshot does not say, or says what cannot be linked
    label: str
    names: tuple[Name, ...]
    types: tuple[str, ...] = ()  # QIDs of instance of (P31)
    birth: str = ""
    death: str = ""
    countries: tuple[str, ...] = ()
    positions: tuple[Position, ...] = ()
    parties: tuple[str, ...] = ()
    description: str = ""
    source: str = ""

    @property
    def number(self) -> int:
        """The number of the QID, by which ties are ordered."""
        return int(self.qid[1:])


class Mention(Struct, frozen=True):
    """One thing of the graph that may have an item: all that its articles say of it."""

    subject: str
    kind: str
    label: str
    names: tuple[str, ...]
    years: tuple[int, ...] = ()  # of the articles and events it takes part in
    roles: tuple[str, ...] = ()  # the words for the posts it holds there
    countries: tuple[str, ...] = ()  # ISO 3166 codes or QIDs
    qids: tuple[str, ...] = ()  # stated by the registry or an annotator
    company: tuple[str, ...] = ()  # subjects that take part in the same events
    type_label: str = ""
