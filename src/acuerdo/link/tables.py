"""The CSV tables that a snapshot may come as, told apart by their columns."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from acuerdo.link.entity import ORGANIZATION, PERSON, PLACE, POST, Position


class Items(Protocol):
    """What takes in the rows."""

    codes: dict[str, str]

    def draft(self, qid: str) -> Any:
        """The draft of an item."""


def _listed(text: str) -> dict[str, None]:
    return dict.fromkeys(part for part in text.split("|") if part)


def _person(snapshot: Items, row: dict[str, str]) -> None:
    draft = snapshot.draft(row["qid"])
    draft.kind = PERSON
    draft.birth, draft.death = row["birth"] or draft.birth, row["death"] or draft.death
    draft.types["Q5"] = None
    draft.call(row["label"])
    draft.countries.update(_listed(row["countries"]))


def _name(snapshot: Items, row: dict[str, str]) -> None:
    if row["name"].strip():
        snapshot.draft(row["qid"]).names[row["name"]] = None


def _position(snapshot: Items, row: dict[str, str]) -> None:
    found = Position(row["position"], row["start"], row["end"], row["jurisdiction"])
    snapshot.draft(row["qid"]).positions.append(found)


def _agency(snapshot: Items, row: dict[str, str]) -> None:
    draft = snapshot.draft(row["qid"])
    draft.types.update(_listed(row["p31"]))
    draft.kind = ORGANIZATION
    draft.description = row["description"]
    draft.call(row["label"])
    draft.countries.update(_listed(row["p17"]))


def _territory(snapshot: Items, row: dict[str, str]) -> None:
    draft = snapshot.draft(row["qid"])
    draft.kind = PLACE
    draft.call(row["name"])
    draft.names.update(_listed(row["full_name"]) | _listed(row["names_strong"]))
    code = row["code"]
    if code.isalpha() and len(code) == 2:
        snapshot.codes[code.upper()] = row["qid"]
    # names_weak holds names of other places (for Canada: Toronto); it is left out on purpose.
    draft.countries.update(_listed(code[:2].upper()))


def _post(snapshot: Items, row: dict[str, str]) -> None:
    draft = snapshot.draft(row["qid"])
    draft.kind = POST
    draft.call(row["label"])
    draft.countries.update(_listed(row["country"]))


_TABLES: tuple[tuple[set[str], Callable[[Items, dict[str, str]], None]], ...] = (
    ({"qid", "label", "birth", "death", "countries"}, _person),
    ({"qid", "position", "start", "end", "jurisdiction"}, _position),
    ({"qid", "label", "p31", "p17", "description"}, _agency),
    ({"qid", "name", "full_name", "code", "names_strong"}, _territory),
    ({"qid", "label", "country", "jurisdiction", "start", "end"}, _post),
    ({"qid", "name"}, _name),
)


def of(columns: Sequence[str]) -> Callable[[Items, dict[str, str]], None] | None:
    """What takes in a row of a table with these columns; None where it is no table that is known."""
    return next((take for need, take in _TABLES if need <= set(columns)), None)
