"""Made-up articles with mistakes at a known rate, as N-Triples and N-Quads: what the engines are timed on.

Seeded, so that every run and every machine has the same data. An article has about 196 triples: its
metadata, agencies, a place, officials with memberships, mentions with selectors, meetings, agreements and
statements; 40 % of the people and organisations come from a pool that the articles share. One graph beside
the articles holds topics, publishers, states and subclass axioms.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

NS = "https://example.org/bench#"
DATA = "https://example.org/data/"
A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
SUBCLASS = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
XSD = "http://www.w3.org/2001/XMLSchema#"
STATES, TOPICS, PUBLISHERS, PLACES, POOL = 2, 8, 31, 8, 401

Triple = tuple[str, str, str]


def n(name: str) -> str:
    """A term of the benchmark's vocabulary."""
    return f"<{NS}{name}>"


def d(name: str) -> str:
    """A thing of the benchmark's data."""
    return f"<{DATA}{name}>"


def typed(value: object, datatype: str) -> str:
    """A literal with an XSD datatype."""
    return f'"{value}"^^<{XSD}{datatype}>'


def both(text: str) -> list[str]:
    """A label in English and Spanish."""
    return [f'"{text}"@en', f'"{text} (es)"@es']


class Article:
    """The triples of one article."""

    def __init__(self, number: int, chance: random.Random, faults: float) -> None:
        self.number, self.chance, self.faults = number, chance, faults
        self.node = d(f"article/{number:05}")
        self.out: list[Triple] = []
        self.count = 0

    def say(self, subject: str, name: str, *values: str) -> None:
        """Triples with one subject and property."""
        predicate = name if name.startswith("<") else n(name)
        self.out += [(subject, predicate, value) for value in values]

    def wrong(self, share: float = 1.0) -> bool:
        """Whether to make a mistake here."""
        return self.chance.random() < self.faults * share

    def new(self, kind: str) -> str:
        """A node of this article."""
        self.count += 1
        return d(f"article/{self.number:05}/{kind}/{self.count}")

    def shared(self, kind: str) -> str:
        """A node of this article, or (40 %) one that others have too."""
        if self.chance.random() < 0.4:
            return d(f"{kind}/{self.chance.randrange(POOL)}")
        return self.new(kind)

    def triples(self) -> list[Triple]:
        """Everything that the article says."""
        self.metadata()
        agencies = [self.agency() for _ in range(self.chance.randint(1, 2))]
        place = d(f"place/{self.chance.randrange(PLACES)}")
        self.place(place)
        people = [self.official(agencies) for _ in range(self.chance.randint(2, 4))]
        if self.chance.random() < 0.5:
            self.gang(agencies[0], place)
        mentions = [self.mention(people + agencies) for _ in range(self.chance.randint(6, 12))]
        meetings = [
            self.meeting(people, place, mentions[0]) for _ in range(self.chance.randint(1, 2))
        ]
        for _ in range(self.chance.randint(0, 2)):
            self.agreement(agencies, meetings[0], mentions[-1])
        for _ in range(self.chance.randint(1, 4)):
            self.statement(self.chance.choice(people), meetings[0], mentions[-1])
        return self.out

    def metadata(self) -> None:
        """The article itself."""
        key = f"{self.number % 1000:03}_{self.chance.randrange(16**16):016x}"
        self.say(self.node, A, n("Article"))
        if not self.wrong():
            self.say(self.node, "title", f'"Article {self.number}"@en')
        self.say(self.node, "identifier", '"bad id"' if self.wrong() else f'"{key}"')
        day = f"2017-{self.chance.randint(1, 12):02}-{self.chance.randint(1, 28):02}"
        self.say(self.node, "issued", f'"{day}"' if self.wrong() else typed(day, "date"))
        self.say(self.node, "language", '"en"')
        self.say(self.node, "publisher", d(f"publisher/{self.chance.randrange(PUBLISHERS)}"))
        self.say(self.node, "wordCount", typed(self.chance.randint(200, 1200), "integer"))
        self.say(self.node, "wasDerivedFrom", d(f"source/{self.number}"))

    def agency(self) -> str:
        """An agency of one of two states."""
        node = self.shared("agency")
        name = node[len(DATA) + 1 : -1].replace("/", " ")
        self.say(node, A, n("Agency"))
        self.say(node, LABEL, *both(name))
        self.say(node, "state", d(f"state/{len(name) % STATES}"))
        self.say(node, "altLabel", f'"{name[:20]} X"')
        return node

    def place(self, node: str) -> None:
        """A place with coordinates."""
        number = int(node[:-1].rpartition("/")[2])
        self.say(node, A, n("Place"))
        self.say(node, LABEL, f'"Place {number}"@en')
        self.say(node, "latitude", typed(f"{19 + number}.5", "decimal"))
        self.say(node, "longitude", typed(f"-{99 - number}.25", "decimal"))

    def official(self, agencies: list[str]) -> str:
        """A person with a membership in an agency."""
        node = self.shared("person")
        name = node[len(DATA) + 1 : -1].replace("/", " ")
        self.say(node, A, n("Official"))
        self.say(node, LABEL, f'"{name}"')
        self.say(node, "givenName", '"Ana"')
        if not self.wrong():
            self.say(node, "familyName", '"Ruiz"')
        self.say(node, "sameAs", f"<http://www.wikidata.org/entity/Q{len(name) * 1000 + 7}>")
        membership = self.new("membership")
        self.say(node, "hasMembership", membership)
        self.say(membership, A, n("Membership"))
        self.say(membership, "member", node)
        organization = '"an office"' if self.wrong() else self.chance.choice(agencies)
        self.say(membership, "organization", organization)
        self.say(membership, "role", n(self.chance.choice(["minister", "director", "envoy"])))
        self.say(membership, "from", typed("2016-05-01", "date"))
        if self.chance.random() < 0.6:
            until = "2015-05-01" if self.wrong() else "2018-05-01"
            self.say(membership, "until", typed(until, "date"))
        return node

    def gang(self, agency: str, place: str) -> None:
        """A criminal organisation that an agency designated."""
        node = self.new("gang")
        self.say(node, A, n("CriminalOrganization"))
        self.say(node, LABEL, f'"Gang {self.number}"@en')
        self.say(node, "designatedBy", agency)
        self.say(node, "operatesIn", place)

    def mention(self, bodies: list[str]) -> str:
        """An annotation with its target and selector."""
        node, target, selector = self.new("mention"), self.new("target"), self.new("selector")
        self.say(node, A, n("Annotation"))
        self.say(node, "hasBody", self.chance.choice(bodies))
        self.say(node, "hasTarget", target)
        self.say(node, "motivatedBy", n("identifying"))
        self.say(target, A, n("SpecificResource"))
        self.say(target, "hasSource", self.node)
        self.say(target, "hasSelector", selector)
        start = self.chance.randint(0, 4000)
        ends = [start, start + self.chance.randint(3, 40)]
        if self.wrong(0.5):
            ends.reverse()
        self.say(selector, A, n("TextPositionSelector"))
        self.say(selector, "start", typed(ends[0], "integer"))
        self.say(selector, "end", typed(ends[1], "integer"))
        self.say(selector, "exact", f'"words {self.count}"')
        return node

    def meeting(self, people: list[str], place: str, evidence: str) -> str:
        """A meeting of some of the people."""
        node = self.new("meeting")
        self.say(node, A, n("Meeting"))
        self.say(node, LABEL, f'"Meeting {self.count}"@en')
        guests = people[:1] if self.wrong() else people
        self.say(node, "participant", *guests)
        self.say(node, "place", place)
        year = 2016 if self.wrong() else 2017
        self.say(node, "begins", typed("2017-03-01T10:00:00-06:00", "dateTime"))
        self.say(node, "ends", typed(f"{year}-03-01T17:00:00Z", "dateTime"))
        self.say(node, "mode", n("inPerson"))
        self.say(node, "wasDerivedFrom", self.node)
        self.say(node, "evidence", evidence)
        return node

    def agreement(self, parties: list[str], meeting: str, evidence: str) -> None:
        """What was agreed at a meeting."""
        node = self.new("agreement")
        self.say(node, A, n("Agreement"))
        self.say(node, LABEL, *both(f"Agreement {self.count}"))
        states = [d(f"state/{k}") for k in range(STATES)]
        self.say(node, "party", *(states[:1] if self.wrong() else states))
        topics = self.chance.sample(range(TOPICS), self.chance.randint(1, 3))
        self.say(node, "topic", *(d(f"topic/{k}") for k in topics))
        if self.wrong(0.5):
            self.say(node, "topic", d("topic/none"))
        self.say(node, "reachedAt", meeting)
        self.say(node, "wasDerivedFrom", self.node)
        self.say(node, "evidence", evidence)
        self.say(node, "negotiator", *parties)

    def statement(self, speaker: str, meeting: str, evidence: str) -> None:
        """What somebody said."""
        node = self.new("statement")
        self.say(node, A, n("Statement"))
        self.say(node, "speaker", speaker)
        self.say(node, "text", f'"We agreed, number {self.count}."@en')
        self.say(node, "about", meeting)
        share = "1.40" if self.wrong() else f"0.{self.chance.randint(10, 99)}"
        self.say(node, "confidence", typed(share, "decimal"))
        self.say(node, "wasDerivedFrom", self.node)
        self.say(node, "evidence", evidence)


def common() -> list[Triple]:
    """What all articles name: topics, publishers, states, the class tree."""
    out: list[Triple] = [(d(f"topic/{k}"), A, n("Topic")) for k in range(TOPICS)]
    for k in range(PUBLISHERS):
        out += [
            (d(f"publisher/{k}"), A, n("Publisher")),
            (d(f"publisher/{k}"), LABEL, f'"P{k}"'),
        ]
    out += [(d(f"state/{k}"), A, n("State")) for k in range(STATES)]
    tree = {"Official": "Person", "Person": "Entity", "Agency": "Organization"}
    tree |= {"Organization": "Entity", "CriminalOrganization": "Organization", "State": "Entity"}
    return out + [(n(low), SUBCLASS, n(high)) for low, high in tree.items()]


def articles(count: int, faults: float = 0.01, seed: int = 7) -> Iterator[list[Triple]]:
    """The triples of each article in turn."""
    chance = random.Random(seed)
    for number in range(count):
        yield Article(number, chance, faults).triples()


def ntriples(triples: list[Triple]) -> str:
    """The triples as text, each once."""
    return "".join(f"{s} {p} {o} .\n" for s, p, o in dict.fromkeys(triples))


def main() -> None:
    """Write `articles.nt` and `articles.nq` into a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    seen: set[Triple] = set()
    with (
        (given.folder / "articles.nt").open("w") as flat,
        (given.folder / "articles.nq").open("w") as named,
    ):
        graphs = [(d("graph/common"), common())]
        for number, triples in enumerate(articles(given.count)):
            graphs.append((d(f"graph/{number}"), triples))
            for graph, told in graphs:
                fresh = [t for t in dict.fromkeys(told) if t not in seen]
                seen.update(fresh)
                flat.write(ntriples(fresh))
                named.writelines(f"{s} {p} {o} {graph} .\n" for s, p, o in dict.fromkeys(told))
            graphs = []
    print(f"{len(seen):,} triples of {given.count:,} articles in {given.folder}")


if __name__ == "__main__":
    main()
