"""What every test may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the project; tests that need it skip where it is missing."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        assert "ACUERDO_REQUIRE_SHARED" not in os.environ, f"{folder} is missing"
        pytest.skip("the reference material (../shared) is not beside the project")
    return folder
