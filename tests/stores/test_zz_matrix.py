"""The table in the docs is what the conformance tests found in this very run."""

import os
from pathlib import Path

import pytest

from stores import test_conformance, test_questions
from stores.conftest import FOUND, VERSIONS
from stores.servers import STORES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "stores.md"
BEGIN, END = "<!-- begin: matrix -->", "<!-- end: matrix -->"


def table() -> str:
    """Checks down, stores across."""
    checks = {
        name.split("_")[1].upper(): function.__doc__.splitlines()[0]
        for name, function in (vars(test_conformance) | vars(test_questions)).items()
        if name.startswith("test_c")
    }
    heads = [f"{store} {VERSIONS[store]}" for store in STORES]
    lines = [f"| | check | {' | '.join(heads)} |", "|---" * (2 + len(heads)) + "|"]
    for check in sorted(checks, key=lambda c: int(c[1:])):
        cells = [FOUND.get((check, store), "**no**") for store in STORES]
        lines.append(f"| {check} | {checks[check]} | {' | '.join(cells)} |")
    return "\n".join(lines)


@pytest.mark.slow
def test_the_matrix_in_the_docs_is_what_was_found() -> None:
    """Written anew with ACUERDO_WRITE_MATRIX=1."""
    if set(VERSIONS) != set(STORES):
        pytest.skip("not every store ran")
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    if os.environ.get("ACUERDO_WRITE_MATRIX"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page
