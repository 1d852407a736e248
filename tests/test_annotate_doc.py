"""The how-to on annotating says what the tool does."""

import re
import sys

import pytest

from acuerdo import assets

sys.path.insert(0, str(assets.ROOT / "tools"))
annotate = pytest.importorskip("annotate", reason="tools/ is not part of a wheel")
PAGE = assets.ROOT / "docs" / "how-to" / "annotate.md"


def test_the_example_of_the_page_becomes_an_article() -> None:
    blocks = re.findall(r"```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (marked,) = [block for block in blocks if block.startswith("[[@1|")]
    (facts,) = [block for block in blocks if block.startswith("Article ")]
    made = annotate.make_article(marked, facts + "\nAgency guard\n")
    assert [event["type"] for event in made["events"]] == ["Tenure", "Meeting"]
    assert made["relations"][0]["type"] == "memberOf"
