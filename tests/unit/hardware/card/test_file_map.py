from __future__ import annotations

import pytest

from hardware.card.elements import SSSE_NAME, Generation
from hardware.card.file_map import Access, FileClass, Right, Structure
from hardware.card.file_map_table import (
    FILE_MAP,
    KEY_IDS,
    FileMapError,
    load_file_map,
    load_key_ids,
    read_file_map,
    read_key_ids,
)

FILES = load_file_map()


def test_every_file_of_the_sheet_is_in_the_map():
    assert {directory.name: len(directory.files) for directory in FILES.directories} == {
        "SSSE": 4,
        "DF01": 12,
        "DF02": 6,
        "DF03": 8,
        "DF04": 4,
        "DF07": 3,
    }
    assert FILES.directory("SSSE").aid == SSSE_NAME
    assert FILES.directory("DF07").aid.hex().upper() == "D15600000504"


@pytest.mark.parametrize(
    ("name", "generation", "right"),
    [
        ("SSSEEF05", Generation.THIRD, Right(Access.FREE)),
        ("SSSEEF06", Generation.SECOND, Right(Access.FREE)),
        ("SSSEEF06", Generation.THIRD, Right(Access.KEY, "RKSSSE")),
        ("SSSEEF08", Generation.SECOND, Right(Access.KEY, "RKSSSE")),
        ("DF01EF05", Generation.THIRD, Right(Access.PIN_OR_KEY, "RK1DF01")),
        ("DF03EF05", Generation.FIRST, Right(Access.PIN_OR_KEY, "RK2DF03")),
        ("DF04EF06", Generation.FIRST, Right(Access.PIN_AND_KEY, "RK1DF04")),
        ("DF04EF08", Generation.FIRST, Right(Access.PIN)),
        ("DF07EF06", Generation.SECOND, Right(Access.KEY, "RK2DF07")),
    ],
)
def test_read_rights(name, generation, right):
    assert FILES.file(name).read[generation] == right


def test_write_rights():
    assert FILES.file("DF01EF06").write == Right(Access.KEY, "UK4DF01")
    assert FILES.file("DF04EF08").write == Right(Access.NEVER)


def test_cyclic_records_have_the_printed_length():
    cyclic = {file.name: file.record_length for file in FILES.files if file.structure is Structure.CYCLIC}
    assert cyclic == {"DF02EF07": 0x55, "DF02EF16": 0x12, "DF04EF08": 0x1C, "DF04EF15": 0x03}
    assert FILES.file("DF04EF08").least_records == 30


def test_a_repeated_tag_takes_a_record_each():
    degree = FILES.file("DF01EF15")
    assert [degree.record_number(0x40, Generation.THIRD, nth) for nth in (1, 2, 3, 4)] == [2, 3, 4, None]
    skills = FILES.file("DF02EF05")
    assert skills.record_number(0x44, Generation.SECOND) == 5
    assert skills.record_number(0x45, Generation.SECOND) is None


def test_classes():
    reserved = [file.name for file in FILES.files if file.file_class is FileClass.RESERVED]
    assert reserved == [f"DF01EF{sfi}" for sfi in ("16", "17", "18", "19", "1A")]
    assert FILES.file("DF07EF05").file_class is FileClass.DEFINED


def test_every_key_that_a_file_names_has_an_id():
    ids = load_key_ids()
    rights = [right for file in FILES.files for right in (*file.read.values(), file.write)]
    assert all(ids.of(right.key) for right in rights if right.key is not None)
    assert (ids.of("RKSSSE"), ids.of("PUK"), ids.of("UK1DF01"), ids.of("STKDF01")) == (0x0A, 0x06, 0x83, 0x82)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('name = "DF01EF07"', 'name = "DF01EF08"', "DF01EF08: sfi"),
        ("tag = 0x02", "tag = 0x01", "SSSEEF05: a tag is given twice"),
        ("length = 0x34", "length = 0x35", "DF01EF15 40: 52 bytes in 53"),
        ('structure = "transparent"', 'structure = "record"', "SSSEEF07: elements"),
        ('read = "pin"', 'read = "pn"', "DF04EF08: read"),
        ('read_key = "RKSSSE"', "", "SSSEEF06: read_key"),
        ("judged_by = 0x90", "judged_by = 0x91", "DF04EF06: 92 is judged by an absent tag"),
        ("least_records = 30", "", "DF04EF08: records"),
        ("since = 2", "since = 9", "SSSEEF06 4E: since"),
        ("[directory.DF07]", "[directory.DF08]", "no directory holds"),
        ("[[file]]", "[[file", "file_map.toml"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(tmp_path, before, after, told):
    text = FILE_MAP.read_text("utf-8")
    assert before in text
    changed = tmp_path / "file_map.toml"
    changed.write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(FileMapError, match=told):
        read_file_map(changed)


@pytest.mark.parametrize(("before", "after"), [("RK = 0x0A", "RK = 0x8A"), ("RK1 = 0x91", "RK1 = 0x11")])
def test_a_key_id_says_by_bit_7_whose_key_it_is(tmp_path, before, after):
    changed = tmp_path / "key_ids.toml"
    changed.write_text(KEY_IDS.read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(FileMapError, match="bit 7"):
        read_key_ids(changed)
