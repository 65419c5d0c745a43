from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.card.decode import Undecodable
from hardware.card.element_value import OldMeaning, PartValue, decode_cyclic, decode_element, decode_file
from hardware.card.elements import Generation
from hardware.card.file_map import Structure
from hardware.card.file_map_table import load_file_map

FILES = load_file_map()
VECTORS = tomllib.loads(Path(__file__).with_name("element_vectors.toml").read_text("utf-8"))
RECORDS = [(file, element) for file in FILES.files for element in file.elements]
CYCLIC = [file for file in FILES.files if file.structure is Structure.CYCLIC]
MEDICAL = FILES.file("DF04EF05")
OFFLINE = FILES.file("DF04EF06")
HOLDER = FILES.file("SSSEEF06")
FIRST, SECOND = Generation.FIRST, Generation.SECOND


def vector(file, key):
    found = VECTORS.get(file.name, {}).get(key)
    assert found is not None, f"{file.name} {key} has no test vector"
    return bytes.fromhex(found["raw"]), found["value"]


@pytest.mark.parametrize(("file", "element"), RECORDS, ids=lambda part: getattr(part, "name", ""))
def test_every_element_of_the_map_decodes_its_vector(file, element):
    raw, expected = vector(file, f"{element.tag:02X}")
    assert len(raw) == element.length
    value = decode_element(element, raw, SECOND)
    if element.parts:
        assert value == tuple(map(PartValue, (part.name for part in element.parts), expected))
    else:
        assert value == expected


@pytest.mark.parametrize("file", CYCLIC, ids=lambda file: file.name)
def test_every_cyclic_file_of_the_map_decodes_its_vector(file):
    raw, expected = vector(file, "record")
    value = decode_cyclic(file, raw)
    assert value == tuple(map(PartValue, (part.name for part in file.record), expected))


def test_there_is_no_vector_for_nothing():
    known = {(file.name, f"{element.tag:02X}") for file, element in RECORDS}
    known |= {(file.name, "record") for file in CYCLIC}
    assert {(name, key) for name, keys in VECTORS.items() for key in keys} == known


@pytest.mark.parametrize(("file", "element"), RECORDS, ids=lambda part: getattr(part, "name", ""))
def test_wholly_ff_is_not_written(file, element):
    assert decode_element(element, b"\xff" * element.length, SECOND) is None


def test_a_cyclic_record_that_was_never_written_or_has_another_length():
    file = FILES.file("DF04EF15")
    assert decode_cyclic(file, b"\xff\xff\xff") is None
    assert decode_cyclic(file, b"\x00\x01") == Undecodable()


def test_a_nested_value_may_lack_parts_and_end_in_fill():
    degree = FILES.file("DF01EF15").element(0x40)
    raw = bytes.fromhex("5703323031").ljust(degree.length, b"\xff")
    assert [part.value for part in decode_element(degree, raw, SECOND)] == ["201", None, None]
    assert decode_element(degree, b"\x57\x30\x31", SECOND) == Undecodable()
    assert decode_element(degree, b"\x57", SECOND) == Undecodable()


@pytest.mark.parametrize(
    ("tag", "raw", "value"),
    [
        (0x84, "639900EEEEEE", "639900"),
        (0x84, "639900EE", "639900"),
        (0x84, "639900123456", OldMeaning()),
        (0x84, "639900", "639900"),
        (0x81, "3331303030303031EE", "31000001"),
        (0x81, "333130303030303132", OldMeaning()),
        (0x80, "2016010100", Undecodable()),
    ],
)
def test_a_1_0_record_says_by_ee_that_it_follows_the_later_meaning(tag, raw, value):
    element = MEDICAL.element(tag)
    assert decode_element(element, bytes.fromhex(raw), FIRST) == value


def test_ee_says_nothing_on_a_later_card():
    element = MEDICAL.element(0x84)
    assert decode_element(element, bytes.fromhex("639900EE"), SECOND) == Undecodable()


@pytest.mark.parametrize(
    ("judge", "amount"), [("31EE", "00012345"), ("3131", OldMeaning()), (None, OldMeaning()), ("31", "00012345")]
)
def test_92_is_judged_by_90(judge, amount):
    raw = {(0x92, 1): bytes.fromhex("00012345")}
    if judge is not None:
        raw[0x90, 1] = bytes.fromhex(judge)
    assert decode_file(OFFLINE, raw, FIRST)[0x92, 1] == amount
    assert decode_file(OFFLINE, raw, SECOND)[0x92, 1] == "00012345"


@pytest.mark.parametrize("name", ["阿依古丽·艾合买提江·玛尔丹𠮷𡈽", "测试员甲", "阿卜杜热合曼·阿卜杜热西提江江·麦"])
def test_a_name_is_whole_under_its_first_tag(name):
    encoded = name.encode("gb18030")
    raw = {(0x09, 1): encoded[:30].ljust(30, b"\x00"), (0x4E, 1): encoded[30:].ljust(20, b"\x00")}
    assert decode_file(HOLDER, raw, SECOND) == {(0x09, 1): name}


def test_a_name_without_extension_and_a_tag_that_the_map_lacks():
    assert decode_file(HOLDER, {(0x09, 1): "张三".encode("gbk"), (0x7E, 1): b"x"}, FIRST) == {(0x09, 1): "张三"}


def test_each_record_of_a_repeated_tag_has_its_place():
    raw, expected = vector(FILES.file("DF01EF15"), "40")
    found = decode_file(FILES.file("DF01EF15"), {(0x40, 1): raw, (0x40, 2): b"\xff" * len(raw)}, SECOND)
    assert [part.value for part in found[0x40, 1]] == expected
    assert found[0x40, 2] is None


@given(st.data(), st.sampled_from(RECORDS), st.sampled_from(Generation))
def test_no_bytes_raise(data, place, generation):
    file, element = place
    raw = data.draw(st.binary(max_size=element.length + 4))
    decode_element(element, raw, generation)
    decode_file(file, {(element.tag, 1): raw}, generation)


@given(st.sampled_from(CYCLIC), st.binary(max_size=0x60))
def test_no_cyclic_record_raises(file, raw):
    decode_cyclic(file, raw)
