"""A corpus of any size, the same for the same seed: about 190 quads an article.

    python benchmarks/generate.py 5000 > /tmp/corpus.jsonl

Articles of realistic length with accents and curly quotes; 40 % of the people come from a shared pool, so
that articles overlap; every offset is that of the text. The words are invented and mean nothing.
"""

import json
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

GIVEN = "Ana José Lucía Andrés Inés Martín Sofía Raúl Begoña Tomás Núria Iván Mónica Héctor Elena Óscar Petra Nils Ada Bram".split()
FAMILY = "Núñez Ibáñez Peña Muñoz Ordóñez García Salcedo Weaver Holt Brandt Okafor Lindqvist Arévalo Güiza Treviño Marsh Calder Rivas".split()
PLACES = [
    ("Puerto Alba", "place"),
    ("Valle Hondo", "place"),
    ("Ciudad Norte", "place"),
    ("Cañada Real", "place"),
    ("Lake Brandt", "place"),
    ("San Ísidro", "place"),
]
STATES = ["Ruritania", "Sylvania", "Costaguana", "Graustark"]
TOPICS = "drug-trafficking arms-trafficking migration money-laundering security-cooperation tariffs".split()
CHANNELS = "twitter press-conference radio-interview press-release".split()
FILLER = [
    "Observers of the border region described the weeks before as tense but orderly, and shopkeepers on both sides kept their doors open.",
    "The figures published in spring, “provisional” by the ministry’s own account, had raised more questions than they settled.",
    "Nobody at the table wished to speak about money — that, an adviser said, would come later.",
    "Along the río the old customs house still stands, its windows boarded since the flood.",
    "Similar talks had been announced twice in the past decade and had come to nothing.",
    "Residents in the valley said they had heard such promises before; “mañana,” one of them shrugged.",
]


class Draft:
    """A text that grows while its spans are noted."""

    def __init__(self) -> None:
        self.text = ""

    def say(self, *parts: str | tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
        """Append a sentence; a pair of words and a list is a mention noted in that list."""
        start = len(self.text)
        for part in parts:
            if isinstance(part, str):
                self.text += part
            else:
                words, spans = part
                at = len(self.text)
                self.text += words
                spans.append({"start": at, "end": at + len(words), "text": words})
        end = len(self.text)
        self.text += " "
        return {"start": start, "end": end}


def articles(count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """`count` articles in the native format, as plain values."""
    draw = random.Random(seed)
    pool = [f"{draw.choice(GIVEN)} {draw.choice(FAMILY)} {draw.choice(FAMILY)}" for _ in range(400)]
    for number in range(count):
        yield _article(draw, pool, number)


def _article(draw: random.Random, pool: list[str], number: int) -> dict[str, Any]:
    published = date(2015, 1, 1) + timedelta(days=draw.randrange(3650))
    day = published - timedelta(days=1)
    draft, entities, events, relations = Draft(), [], [], []
    people = [_person(draw, pool, i) for i in range(draw.randint(4, 5))]
    state, other = draw.sample(STATES, 2)
    place, _ = draw.choice(PLACES)
    spans: dict[str, list[dict[str, Any]]] = {
        k: [] for k in ("state", "place", "agency", "post", "day")
    }
    met, said, agreed, later = [], [], [], []
    first, second = people[0], people[1]
    draft.say(draw.choice(FILLER))
    evidence = draft.say(
        f"{other} and ", (state, spans["state"]), ": ", ("minister of security", spans["post"]), " ",
        (first["name"], first["mentions"]), (" met ", met), (second["name"], second["mentions"]), " in ",
        (place, spans["place"]), (" on Tuesday", spans["day"]), ", the ", ("Security Ministry", spans["agency"]), " announced.",
    )  # fmt: skip
    draft.say(draw.choice(FILLER))
    quoted = draft.say(
        (first["name"].rsplit(" ", 1)[0], first["mentions"]),
        (" said", said),
        " the talks on the frontier had been “útil”.",
    )
    deal = draft.say(
        "The two sides ",
        ("agreed", agreed),
        f" to share what they know about the roads, {other} said.",
    )
    third = draft.say(
        (second["name"], second["mentions"]),
        (" told reporters", later),
        " that not all was settled.",
    )
    for person in people[2:]:
        draft.say(
            "Also at the table sat ",
            (person["name"], person["mentions"]),
            f", an adviser from {other}.",
        )
    for _ in range(draw.randint(6, 14)):
        draft.say(draw.choice(FILLER))
    entities += people
    entities += [
        {
            "id": "state",
            "type": "Country",
            "name": state,
            "ref": f"country/{state.lower()}",
            "mentions": spans["state"],
        },
        {"id": "place", "type": "Place", "name": place, "mentions": spans["place"]},
        {
            "id": "agency",
            "type": "Agency",
            "name": "Security Ministry",
            "mentions": spans["agency"],
        },
        {"id": "post", "type": "Post", "name": "minister of security", "mentions": spans["post"]},
        {"id": "day", "type": "Date", "value": day.isoformat(), "mentions": spans["day"]},
    ]
    events += [
        {"id": "meeting", "type": "Meeting", "mentions": met, "evidence": [evidence],
         "args": {"participant": [p["id"] for p in people], "venue": ["place"], "time": ["day"]},
         "attrs": {"status": "occurred", "topic": draw.sample(TOPICS, 2)}},
        {"id": "tenure", "type": "Tenure", "mentions": spans["post"], "evidence": [evidence],
         "args": {"holder": [first["id"]], "post": ["post"]}, "attrs": {"capacity": "substantive"}},
        {"id": "statement", "type": "Statement", "mentions": said, "evidence": [quoted],
         "args": {"speaker": [first["id"]], "time": ["day"]},
         "attrs": {"channel": draw.choice(CHANNELS), "illocution": "assert", "status": "occurred"}},
        {"id": "agreement", "type": "Agreement", "mentions": agreed, "evidence": [deal],
         "args": {"party": ["state", "agency"], "reachedAt": ["meeting"], "time": ["day"]},
         "attrs": {"status": "occurred", "topic": draw.choice(TOPICS)}},
        {"id": "remark", "type": "Statement", "mentions": later, "evidence": [third],
         "args": {"speaker": [second["id"]], "conveys": ["claim"]},
         "attrs": {"channel": draw.choice(CHANNELS), "illocution": "assert", "status": "occurred"}},
        {"id": "claim", "type": "Claim", "mentions": later, "evidence": [third],
         "args": {"claimSubject": ["agreement"]},
         "attrs": {"claimPredicate": "status", "claimValue": "unsettled", "polarity": "affirmed", "modality": "probable"}},
    ]  # fmt: skip
    relations += [
        {
            "id": "r1",
            "type": "postIn",
            "source": "post",
            "target": "agency",
            "evidence": [evidence],
        },
        {
            "id": "r2",
            "type": "jurisdiction",
            "source": "agency",
            "target": "state",
            "evidence": [evidence],
        },
    ]
    return {
        "acuerdo": 1, "id": f"bench-{number:07d}", "published": published.isoformat(), "date_basis": "stated",
        "language": "en", "title": f"Talks in {place}", "publisher": draw.choice(["The Dispatch", "El Diario", "The Ledger"]),
        "text": draft.text.rstrip(), "entities": entities, "events": events, "relations": relations,
    }  # fmt: skip


def _person(draw: random.Random, pool: list[str], index: int) -> dict[str, Any]:
    if draw.random() < 0.4:
        chosen = draw.randrange(len(pool))
        return {
            "id": f"p{index}",
            "type": "Person",
            "name": pool[chosen],
            "ref": f"person/pool-{chosen:03d}",
            "mentions": [],
        }
    name = f"{draw.choice(GIVEN)} {draw.choice(FAMILY)} {draw.choice(FAMILY)}"
    return {"id": f"p{index}", "type": "Person", "name": name, "mentions": []}


if __name__ == "__main__":
    for article in articles(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 7):
        sys.stdout.write(json.dumps(article, ensure_ascii=False, separators=(",", ":")) + "\n")
