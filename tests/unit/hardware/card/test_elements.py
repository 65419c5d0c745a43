from __future__ import annotations

import pytest

from hardware.card.elements import EF05, EF06, PROTECTED, Generation, generation_of
from hardware.card.identity_elements import elements_of, identity_elements
from hardware.card.read_card import identity_apdus

SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
BASIC = ["00B2032C06", "00B2012C12", "00B2052C06", "00B2062C06", "00B2072C0B"]
FIRST = ["00B2013414", "00B2023420", "00B2033403", "00B2043403", "00B2053405", "00B2063406"]
LATER = ["00B2013414", "00B2023420", "00B2033416", "00B2043403", "00B2053403", "00B2063405", "00B2073406"]


@pytest.mark.parametrize(
    ("generation", "expected"),
    [
        (Generation.FIRST, [SELECT, *BASIC, *FIRST]),
        (Generation.SECOND, [SELECT, *BASIC, *LATER]),
        (Generation.THIRD, [SELECT, *BASIC]),
    ],
)
def test_the_least_commands_are_those_seen_working(generation, expected):
    assert [apdu.hex().upper() for apdu in identity_apdus(generation)] == expected


@pytest.mark.parametrize(
    ("version", "generation"),
    [
        ("1.00", Generation.FIRST),
        ("", Generation.FIRST),
        ("2.01", Generation.SECOND),
        ("3.00", Generation.THIRD),
        ("4.00", None),
        ("x", None),
    ],
)
def test_the_version_tells_the_generation(version, generation):
    assert generation_of(version) is generation


def test_a_tag_stands_once_and_a_record_number_once_a_file():
    elements = identity_elements()
    assert len({element.tag for element in elements}) == len(elements)
    for generation in Generation:
        for sfi in (EF05, EF06):
            numbers = [element.records[generation] for element in elements_of(generation, sfi)]
            assert len(set(numbers)) == len(numbers)


def test_what_is_protected_is_what_ef06_holds():
    held = {element.name for element in elements_of(Generation.THIRD, EF06)}
    assert set(PROTECTED) == held - {"name_extension"}
