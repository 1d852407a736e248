"""No offset is trusted: the unit is found, the words compared, and nothing moves unasked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acuerdo.model import Entity, Mention
from acuerdo.read.anchor import anchor
from acuerdo.read.draft import Draft

EMOJI = "😀😀 Ana Ruiz met Tom Lee in Quito – café 😀 Ana Ruiz left."


def units(text: str, unit: str) -> list[int]:
    width = {
        "code points": lambda c: 1,
        "UTF-16 units": lambda c: 1 + (c >= "\U00010000"),
        "bytes": lambda c: len(c.encode()),
    }[unit]
    before = [0]
    for character in text:
        before.append(before[-1] + width(character))
    return before


def draft(text: str, *spans: tuple[int, int, str | None], **more) -> Draft:
    entities = [
        Entity(f"e{n}", "Person", mentions=(Mention(a, b, words),))
        for n, (a, b, words) in enumerate(spans)
    ]
    return Draft("d", "f", text=text, entities=entities, **more)


def mentions(made: Draft) -> list[tuple[int, int, str | None]]:
    return [(m.start, m.end, m.text) for e in made.entities for m in e.mentions]


WORDS = ["Ana Ruiz", "Tom Lee", "Quito", "café"]


@pytest.mark.parametrize("unit", ["code points", "UTF-16 units", "bytes"])
def test_the_unit_is_the_one_in_which_words_agree(unit):
    at = units(EMOJI, unit)
    spans = [(at[EMOJI.index(w)], at[EMOJI.index(w) + len(w)], w) for w in WORDS]
    made = draft(EMOJI, *spans)
    anchor(made)
    assert mentions(made) == [(EMOJI.index(w), EMOJI.index(w) + len(w), w) for w in WORDS]
    assert made.faults == []


@given(
    text=st.text(st.sampled_from("abé中😀𝒳 "), min_size=4, max_size=40),
    unit=st.sampled_from(["UTF-16 units", "bytes", "code points"]),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_spans_without_words_are_read_in_the_unit_of_the_format(text, unit, data):
    start, end = sorted(
        data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True))
    )
    at = units(text, unit)
    made = draft(text, (at[start], at[end], None), unit=unit, sure=True)
    anchor(made)
    assert mentions(made) == [(start, end, text[start:end])]


def test_white_space_may_differ():
    made = draft("Ana\n  Ruiz left", (0, 10, "Ana Ruiz"))
    anchor(made)
    assert mentions(made) == [(0, 10, "Ana\n  Ruiz")]


def test_nothing_moves_unasked():
    made = draft("xx Ana Ruiz left", (0, 8, "Ana Ruiz"))
    anchor(made)
    assert mentions(made) == [(0, 8, "Ana Ruiz")]
    assert made.faults == []


def test_a_span_whose_words_stand_once_moves_on_request_and_is_named():
    made = draft("xx Ana Ruiz left", (0, 8, "Ana Ruiz"))
    anchor(made, repair=True)
    assert mentions(made) == [(3, 11, "Ana Ruiz")]
    (fault,) = made.faults
    assert (fault.code, fault.level, fault.annotation) == ("SPAN_MOVED", "warning", "e0")
    assert "[0,8)" in fault.sentence
    assert "[3,11)" in fault.sentence


def test_an_ambiguous_span_never_moves():
    made = draft("xx Ana met Ana", (0, 3, "Ana"))
    anchor(made, repair=True)
    assert mentions(made) == [(0, 3, "Ana")]
    assert made.faults == []


@pytest.mark.parametrize("sure", [0, 1, 2], ids=["first", "middle", "last"])
def test_repeated_words_follow_a_neighbour_that_is_sure(sure):
    text = "xx Ana met Ben Ana left Ana"
    spans = [(0, 3, "Ana"), (8, 11, "Ben"), (12, 15, "Ana")]
    order = (
        [spans[1], spans[0], spans[2]]
        if sure == 0
        else spans
        if sure == 1
        else [spans[0], spans[2], spans[1]]
    )
    made = draft(text, *order)
    anchor(made, repair=True)
    assert sorted(mentions(made)) == [(3, 6, "Ana"), (11, 14, "Ben"), (15, 18, "Ana")]


def test_thirty_thousand_spans_take_little_time():
    import time

    text = "".join(f"Person{n:05d} spoke. " for n in range(3000))
    spans = [(text.index(w := f"Person{n:05d}"), text.index(w) + 11, w) for n in range(0, 3000, 1)]
    drafts = [draft(text, *spans) for _ in range(10)]
    before = time.process_time()
    for made in drafts:
        anchor(made)
    assert time.process_time() - before < 1.5
