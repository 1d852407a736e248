"""A table for a person: rows under each other, the sentence below its row."""

from acuerdo.query import formats

COLUMNS = ("person", "personLabel", "date", "sentence")
ROWS = [
    ("https://e/x", "Ana Ruiz", "2024-03-05", "Ana Ruiz spoke for an hour. " * 6),
    ("https://e/y", "Tom Lee", None, None),
]


def test_a_sentence_stands_below_its_row_and_is_never_a_tower() -> None:
    lines = formats.table(COLUMNS, ROWS, width=60).splitlines()
    assert lines[0].split() == ["person", "date"]
    row = next(i for i, line in enumerate(lines) if line.startswith("Ana Ruiz"))
    assert lines[row + 1].startswith("    Ana Ruiz spoke for an hour.")
    assert all(len(line) <= 60 for line in lines)
    assert lines[-1] == "2 rows"


def test_wide_cells_wrap_and_keep_their_columns() -> None:
    rows = [("a" * 100, "b" * 5), ("c", "d")]
    lines = formats.table(("one", "two"), rows, width=40).splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert {line.index("d") for line in lines if line.startswith("c ")} == {lines[0].index("two")}


def test_no_rows_are_a_heading_and_a_count() -> None:
    assert formats.table(("one",), [], width=40).splitlines()[-1] == "0 rows"
