from __future__ import annotations

import pytest

from hardware.readers.sscard.file_address import FileItems, file_address, parse_values

# card.md 4.2
ASKED = (FileItems("SSSEEF05", ("06", "07")), FileItems("DF01EF06", ("28",)))


def test_the_example_of_the_interface():
    assert file_address(ASKED) == "SSSEEF05|06|07|$DF01EF06|28|$"


def test_repeated_tags_records_and_transparent_files():
    files = (FileItems("DF01EF15", ("40:2",)), FileItems("DF04EF08", ("1", "2")), FileItems("SSSEEF08"))
    assert file_address(files) == "DF01EF15|40:2|$DF04EF08|1|2|$SSSEEF08|$"


def test_the_answer_mirrors_the_question():
    assert parse_values("20201001|X00000019|$13900000000|$", ASKED) == (("20201001", "X00000019"), ("13900000000",))
    assert parse_values("|X00000019|$|$", ASKED) == (("", "X00000019"), ("",))
    assert parse_values("1^2^3|4^5^6|$", [FileItems("DF04EF08", ("1", "2"))]) == (("1^2^3", "4^5^6"),)
    assert parse_values("424D|$", [FileItems("SSSEEF08")]) == (("424D",),)


@pytest.mark.parametrize("text", ["", "$", "a|$", "a|b|$", "a|$b|$", "a|b|c|$d|$", "a|b|$c|$d|$", "a|b|$c|d|$"])
def test_an_answer_to_another_question_is_none(text):
    assert parse_values(text, ASKED) is None
