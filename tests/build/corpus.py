"""Small corpora of made-up articles for builds: any number, each with two people who meet."""

import json
from pathlib import Path

TEXT = "{one} met {two} in Quito on 5 March 2024 to discuss ports. Ms. {last} said the talks went well."


def article(number: int, one: str = "Ana Ruiz", two: str = "Tom Lee", **more: object) -> dict:
    """One article in the native format; the same arguments give the same article."""
    text = TEXT.format(one=one, two=two, last=one.rpartition(" ")[2])

    def at(words: str) -> dict:
        start = text.index(words)
        return {"start": start, "end": start + len(words), "text": words}

    return {
        "acuerdo": 1,
        "id": f"art-{number:04}",
        "published": "2024-03-06",
        "date_basis": "stated",
        "language": "en",
        "text": text,
        "entities": [
            {"id": "one", "type": "Person", "name": one, "mentions": [at(one)]},
            {"id": "two", "type": "Person", "name": two, "mentions": [at(two)]},
            {"id": "quito", "type": "Place", "name": "Quito", "mentions": [at("Quito")]},
            {"id": "day", "type": "Date", "value": "2024-03-05", "mentions": [at("5 March 2024")]},
        ],
        "events": [
            {
                "id": "talks",
                "type": "Meeting",
                "attrs": {"status": "occurred"},
                "mentions": [at("met")],
                "args": {"participant": ["one", "two"], "venue": ["quito"], "time": ["day"]},
            }
        ],
        **more,
    }


def write(folder: Path, *articles: dict) -> Path:
    """A folder with one file an article."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in articles:
        (folder / f"{one['id']}.json").write_text(json.dumps(one), encoding="utf-8")
    return folder
