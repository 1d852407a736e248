"""Queries whose answer is known, made from the tables of Wikidata people beside the project.

One index serves all: people of the NIL queries are taken out of it, the alias that is asked is taken out
of its person's names, and the tenures from the one that is asked on are taken out of the stale people.
The split goes by QID, so nobody is in both halves.
"""

import csv
import hashlib
import random
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from acuerdo.link.entity import PERSON, Item, Mention
from acuerdo.link.index import Candidates, items, write
from acuerdo.link.names import name, title
from acuerdo.link.snapshot import Draft, Snapshot

SEED = 20261124
TABLES = (
    "people people_names people_positions positions agencies agencies_names territories".split()
)
_SIZES = {"nil": 1013, "stale": 1000, "typo": 800, "initial": 500, "plain": 500}


@dataclass(frozen=True)
class Query:
    """A mention with its answer; `gold` is empty where the person is not in the index."""

    mention: Mention
    gold: str
    kind: str
    company: tuple[str, ...] = ()  # QIDs of people whom it meets, and who are linked already

    @property
    def train(self) -> bool:
        """Seven of ten QIDs are for learning."""
        return hashlib.sha256(self.mention.subject.encode()).digest()[0] % 10 < 7

    def context(self, level: str) -> "Query":
        """The same with less context: `name`, `date` or `role`, the last two also with company."""
        m = self.mention
        bare = Mention(m.subject, m.kind, m.label, m.names)
        dated = Mention(m.subject, m.kind, m.label, m.names, m.years, (), m.countries)
        kept = {"name": bare, "date": dated, "date company": dated, "role": m, "role company": m}
        company = self.company if level.endswith("company") else ()
        return replace(self, mention=kept[level], company=company)


def plain(text: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def swapped(text: str, rng: random.Random) -> str:
    """Two neighbouring letters inside one longer word change places."""
    places = [
        m.start() + i for m in re.finditer(r"[^\W\d_]{5,}", text) for i in range(1, len(m[0]) - 1)
    ]
    places = [i for i in places if text[i].lower() != text[i + 1].lower()]
    if not places:
        return text
    i = rng.choice(places)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def shortened(text: str) -> str:
    """A Spanish name without its second surname; unchanged where it has but one."""
    words = text.split()
    return (
        " ".join(words[:-1])
        if len(words) >= 3 and len(name(" ".join(words[:-1])).tokens) >= 2
        else text
    )


def with_initial(text: str) -> str:
    """A middle name as initial; where there is none, the given name."""
    words = text.split()
    at = 1 if len(words) >= 3 and len(words[1]) > 2 else 0
    return " ".join([*words[:at], words[at][0] + ".", *words[at + 1 :]])


def met(query: Query, index: Candidates) -> list[Item]:
    """The items of the company of a query."""
    return [item for qid in query.company if (item := index.by_qid(qid))]


class Maker:
    """Draws the queries and changes the drafts so that the index does not give the answer away."""

    def __init__(self, tables: Path, seed: int = SEED) -> None:
        self.snapshot = Snapshot()
        for table in TABLES:
            self.snapshot.read(tables / f"{table}.csv")
        self.tables, self.rng = tables, random.Random(seed)
        drafts = self.snapshot.items.values()
        self.people = [d for d in drafts if d.kind == PERSON and any(p.start for p in d.positions)]
        self.rng.shuffle(self.people)
        self.queries: list[Query] = []
        self.used: set[str] = set()

    def add(self, draft: Draft, text: str, kind: str, *, gold: bool = True) -> None:
        tenure = self.rng.choice([p for p in draft.positions if p.start])
        first = int(tenure.start[:4])
        last = min(int(tenure.end[:4] or first + 4) if tenure.end else first + 4, first + 8)
        mention = Mention(
            draft.qid,
            PERSON,
            text,
            (text,),
            (self.rng.randint(first, max(first, last)),),
            (tenure.text,),
            (tenure.jurisdiction,) if tenure.jurisdiction else (),
        )
        self.queries.append(Query(mention, draft.qid if gold else "", kind))
        if kind == "stale":
            draft.positions = [p for p in draft.positions if p.start and p.start < tenure.start]

    def accompany(self) -> None:
        """Give each query one to three people in office at the time, half of them of its own country."""
        rng = random.Random(SEED + 1)
        here = [d for d in self.people if d.qid in self.snapshot.items]
        office: dict[tuple[int, str], list[str]] = defaultdict(list)
        for draft in sorted(here, key=lambda d: int(d.qid[1:])):
            for tenure in draft.positions:
                first = int(tenure.start[:4]) if tenure.start else 9999
                last = int(tenure.end[:4]) if tenure.end[:4].isdigit() else first + 4
                for year in range(max(first, 1990), last + 1):
                    office[year, tenure.jurisdiction].append(draft.qid)
                    office[year, ""].append(draft.qid)
        for number, query in enumerate(self.queries):
            if query.mention.kind != PERSON:
                continue
            own = (query.mention.countries or ("",))[0]
            chosen = []
            for _ in range(rng.randint(1, 3)):
                near = office.get((query.mention.years[0], own if rng.random() < 0.5 else ""), [])
                chosen += [rng.choice(near)] if near else []
            company = tuple(q for q in chosen if q != query.mention.subject)
            self.queries[number] = replace(query, company=company)

    def fresh(self, kind: str) -> list[Draft]:
        """People nobody has asked for yet."""
        chosen = [d for d in self.people if d.qid not in self.used][: _SIZES[kind]]
        self.used |= {d.qid for d in chosen}
        return chosen

    def run(self) -> list[Query]:
        for draft in self.fresh("nil"):
            self.add(draft, draft.label, "nil", gold=False)
            del self.snapshot.items[draft.qid]
        self.people = [d for d in self.people if d.qid in self.snapshot.items]
        for draft in self.fresh("stale"):
            self.add(draft, draft.label, "stale")
        here = [d for d in self.people if d.qid not in self.used]
        for draft in here:
            self._aliases(draft)
        for draft in here:
            short = shortened(draft.label)
            if "MX" in draft.countries and short != draft.label:
                self.add(draft, short, "dropped surname")
            if plain(draft.label) != draft.label and draft.label.isprintable():
                self.add(draft, plain(draft.label), "no accents")
        for draft in self.fresh("typo"):
            self.add(draft, swapped(draft.label, self.rng), "typo")
        for draft in self.fresh("initial"):
            self.add(draft, with_initial(draft.label), "initial")
        for draft in self.fresh("plain"):
            self.add(draft, draft.label, "plain")
        self._namesakes()
        self._things()
        self.accompany()
        return self.queries

    def _aliases(self, draft: Draft) -> None:
        said = defaultdict(list)
        for text in draft.names:
            said[name(text).tokens].append(text)
        others = [k for k in said if k != name(draft.label).tokens and len(k) > 1]
        if not others:
            return
        asked = said[self.rng.choice(sorted(others))]
        for text in asked:
            del draft.names[text]
        self.add(draft, asked[0], "alias")

    def _things(self) -> None:
        """Agencies, posts and territories: one in six is out of the index, of the others a name is."""
        drafts = [d for d in self.snapshot.items.values() if d.kind != PERSON and d.names]
        for number, draft in enumerate(sorted(drafts, key=lambda d: int(d.qid[1:]))):
            context = (draft.qid, draft.kind)
            countries = tuple(draft.countries)[:1]
            if number % 6 == 0:
                asked, gold = draft.label, ""
                del self.snapshot.items[draft.qid]
            else:
                same = [n for n in draft.names if title(n).tokens == title(draft.label).tokens]
                others = [n for n in draft.names if n not in same and len(title(n).tokens) > 1]
                asked, gold = (
                    (self.rng.choice(others), draft.qid) if others else (draft.label, draft.qid)
                )
                if others and number % 2:
                    del draft.names[asked]
            mention = Mention(*context, asked, (asked,), countries=countries)
            self.queries.append(Query(mention, gold, "thing" if gold else "thing nil"))

    def _namesakes(self) -> None:
        with (self.tables / "confusable_names.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                for qid in row["qids"].split("|") if row["folded_name"] else ():
                    draft = self.snapshot.items.get(qid)
                    if draft and any(p.start for p in draft.positions):
                        self.add(draft, draft.label, "namesake")


def make(tables: Path, folder: Path) -> tuple[list[Query], Candidates]:
    """The queries and the index that they are asked of."""
    maker = Maker(tables)
    queries = maker.run()
    path = folder / "index.sqlite"
    write(path, items(maker.snapshot), {}, maker.snapshot.codes, f"benchmark {SEED}")
    return queries, Candidates(path)
