"""Names by part: what a newsroom changes of a name, and what makes it another one."""

import pytest

from acuerdo.link.names import align, name, title


@pytest.mark.parametrize(
    ("mention", "item", "field", "value"),
    [
        ("Luis Videgaray", "Luis Videgaray Caso", "tail", 1),
        ("Vidal Soberón", "Vidal Francisco Soberón Sanz", "inner", 1),
        ("Manuel Ortiz Prado", "Andrés Manuel Ortiz Prado", "head", 1),
        ("John Kelly", "John F. Kelly", "inner", 1),
        ("J. Kelly", "John Kelly", "initials", 1),
        ("Jose Pena", "José Peña", "exact", True),
        ("Kelly John", "John Kelly", "reordered", True),
        ("Juan de la Fuente", "Juan Fuente", "exact", True),
        ("Donald Trump", "Donald Trump Jr.", "suffix", -1),
        ("Donald Trump Jr.", "Donald Trump Jr", "suffix", 1),
        ("Ann Lee III", "Ann Lee Jr.", "suffix", -2),
        ("John R. Kelly", "John F. Kelly", "conflict", True),
        ("Carlos Ruiz", "Carla Ruiz", "conflict", False),
        ("Marcelo Ebrrad", "Marcelo Ebrard", "slips", ("ebrrad",)),
    ],
)
def test_an_alignment_tells_how_two_names_differ(mention, item, field, value) -> None:
    assert getattr(align(name(mention), name(item)), field) == value


def test_names_without_a_common_token_do_not_agree() -> None:
    found = align(name("Ana Duarte"), name("Luis Videgaray"))
    assert found.score == 0
    assert found.conflict


def test_a_title_before_a_name_is_no_part_of_it_but_begins_the_name_of_a_post() -> None:
    assert name("Secretary Marco Rubio").tokens == ("marco", "rubio")
    assert title("Secretary of the Navy").tokens == ("secretary", "navy")
