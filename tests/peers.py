"""Programs of other people that slow tests run; `tests/stores/install` brings them."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip a test whose program is not here, or fail it where everything must run."""
    words = f"{what} is missing: run `tests/stores/install`"
    if os.environ.get("ACUERDO_REQUIRE_STORES"):
        pytest.fail(words)
    pytest.skip(words)
