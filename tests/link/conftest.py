"""A small invented snapshot: its people do not exist, and their QIDs are beyond those that Wikidata has given."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from acuerdo.build import Options, build
from acuerdo.link.entity import PERSON, Mention
from acuerdo.link.index import Candidates, opened

PEOPLE = """qid,label,birth,death,countries
Q900000000001,Aurelio Zárate Montes,1955-03-02,,MX
Q900000000002,Aurelio Zárate Montes Jr.,1985,,MX
Q900000000003,Jonah F. Kettering,1950-05-11,,US
Q900000000004,Jonah R. Kettering,1948,,US
Q900000000005,Marco Ribalta,1971-05-28,,US
Q900000000006,Mario Ribalta,1970,,US
Q900000000007,Inés Quirarte Belmonte,1962-06-24,,MX
Q900000000008,Tadeo Villagrán,1901,1960,MX
Q900000000009,Nadia Olmstead,2010,,US
Q900000000010,Ana Duarte Salas,1960,,MX
Q900000000011,Ana Duarte Salas,1964,,MX
Q900000000012,Berenice Oropeza Linares,1970,,MX
"""
POSITIONS = """qid,position,start,end,jurisdiction
Q900000000001,Governor of Costa Brava,2000-01-01,2004-01-01,MX
Q900000000002,Chairman of the Harbour Board,2014-01-01,,MX
Q900000000003,Secretary of Homeland Security,2017-01-20,2017-07-31,US
Q900000000004,Member of the House of Delegates,2015-01-01,2019-01-01,US
Q900000000005,Secretary of State,2015-01-21,,US
Q900000000007,Secretary of Foreign Affairs,2012-12-04,2018-12-01,MX
Q900000000012,Harbour Master,2014-01-01,2020-01-01,MX
"""
NAMES = """qid,name,lang,kind
Q900000000007,Inés Quirarte,es,alias
"""


@pytest.fixture(scope="session")
def tables(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("tables")
    for name, text in (("people", PEOPLE), ("positions", POSITIONS), ("names", NAMES)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.csv"))


@pytest.fixture(scope="session")
def index(tables, tmp_path_factory) -> Iterator[Candidates]:
    found, warnings = opened(tables, tmp_path_factory.mktemp("index"))
    assert warnings == []
    yield found
    found.close()


def person(name: str, *roles: str, years=(2017,), countries=("MX",), qids=()) -> Mention:
    return Mention("s", PERSON, name, (name,), years, roles, countries, qids, (), "Person")


def entity(qid: str, label: str, *types: str, **claims: object) -> str:
    """A line of a JSON dump."""

    def item(value: str) -> dict:
        return {"mainsnak": {"datavalue": {"value": {"id": value}}}, "rank": "normal"}

    return json.dumps(
        {
            "id": qid,
            "labels": {"en": {"language": "en", "value": label}},
            "aliases": {},
            "claims": {"P31": [item(t) for t in types], **claims},
        }
    )


def article(
    key: str, day: str, name: str, venue: str = "Mexico City", event: str = "Meeting"
) -> dict:
    """One meeting of a minister nobody knows with Marco Rubio, told in this article's own words."""
    text = f"{name} received Marco Rubio in {venue}. He is the harbour minister of Costa Brava."
    rubio, place = text.index("Marco"), text.index(venue)
    post = text.index("harbour")
    whole = {"start": 0, "end": text.index(".") + 1}
    return {
        "acuerdo": 1,
        "id": key,
        "published": day,
        "date_basis": "stated",
        "language": "en",
        "title": f"Visit told by {key}",
        "text": text,
        "entities": [
            {"id": "m", "type": "Person", "mentions": [{"start": 0, "end": len(name)}]},
            {
                "id": "r",
                "type": "Person",
                "ref": "person/marco-rubio",
                "mentions": [{"start": rubio, "end": rubio + 11}],
            },
            {
                "id": "p",
                "type": "Place",
                "ref": "place/mexico-city",
                "mentions": [{"start": place, "end": place + len(venue)}],
            },
            {"id": "o", "type": "Post", "mentions": [{"start": post, "end": len(text) - 1}]},
            {"id": "d", "type": "Date", "value": day},
        ],
        "events": [
            {
                "id": "e",
                "type": event,
                "mentions": [{"start": len(name) + 1, "end": len(name) + 9}],
                "attrs": {"status": "occurred"},
                "args": {"host": ["m"], "visitor": ["r"], "venue": ["p"], "time": ["d"]},
                "evidence": [whole],
            },
            {
                "id": "t",
                "type": "Tenure",
                "attrs": {"capacity": "substantive"},
                "args": {"holder": ["m"], "post": ["o"]},
                "evidence": [{"start": text.index("He is"), "end": len(text)}],
            },
        ],
    }


ARTICLES = (
    article("one", "2025-03-04", "Evaristo Quiñones Lara"),
    article("two", "2025-03-04", "Evaristo Quinones"),
    article("three", "2025-05-20", "Evelio Paredes"),
)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("within")
    for one in ARTICLES:
        path = folder / "articles" / f"{one['id']}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(one), encoding="utf-8")
    build(Options((folder / "articles",), folder / "kg", jobs=1))
    return folder


@pytest.fixture
def place(built, tmp_path) -> Path:
    """A copy, so that each test decides for itself."""
    shutil.copytree(built, tmp_path / "w", symlinks=True)
    return tmp_path / "w"
