from __future__ import annotations

import pytest

from hardware.card import apdu
from hardware.card.element_value import decode_file
from hardware.card.elements import Generation
from hardware.card.file_map import Access
from hardware.card.file_map_table import load_file_map, load_key_ids
from hardware.card.read_card import recognize
from hardware.card.read_file import By, FileContents, read_file
from hardware.virtual.training_card import training_card
from tests.unit.hardware.direct_channel import channel_to
from tests.unit.hardware.virtual.terminal import GENERATIONS, terminal


def read(card, sfi: int, p1: int, mode: int = 0b100) -> str:
    first = card.ask(f"00B2{p1:02X}{sfi << 3 | mode:02X}00")
    return card.ask(f"00B2{p1:02X}{sfi << 3 | mode:02X}{first[2:]}") if first.startswith("6C") else first


def test_a_directory_is_read_with_the_pin_or_its_key_and_forgets_both_when_left():
    card = terminal("gen2")
    card.select("DF01")
    assert read(card, 0x06, 0x28, 0) == "6982"
    assert card.verify(card.pin) == "9000"
    assert bytes.fromhex(read(card, 0x06, 0x28, 0)[4:-4]).rstrip(b"\0") == b"13500000102"
    card.ask("00A40200020006")
    card.select("DF01")
    assert read(card, 0x06, 0x28, 0).endswith("9000")
    card.select()
    card.select("DF01")
    assert read(card, 0x06, 0x28, 0) == "6982"
    assert card.prove("RK1DF01") == "9000"
    assert read(card, 0x06, 0x28, 0).endswith("9000")


def test_the_file_for_use_offline_needs_pin_and_key():
    card = terminal("gen2")
    card.select("DF04")
    card.verify(card.pin)
    assert read(card, 0x06, 1) == "6982"
    card.prove("RK1DF04")
    assert read(card, 0x06, 1).endswith("9000")
    card.select("SSSE")
    card.select("DF04")
    card.prove("RK1DF04")
    assert read(card, 0x06, 1) == "6982"


def test_unemployment_has_a_read_key_of_its_own():
    card = terminal("gen2")
    card.select("DF03")
    card.prove("RK1DF03")
    assert read(card, 0x05, 1) == "6982"
    card.prove("RK2DF03")
    assert read(card, 0x05, 1).endswith("9000")


@pytest.mark.parametrize("name", GENERATIONS)
def test_every_file_of_the_map_opens_by_its_right_only(name):
    card = terminal(name)
    generation = card.card._state.generation
    found = 0
    for directory in load_file_map().directories:
        for file in directory.files:
            if (directory.name, file.sfi) not in card.card._state.memory.files:
                continue
            found += 1
            card.ask("00A40000")
            card.select()
            if directory.name != "SSSE":
                card.select(directory.name)
            right = file.read[generation]
            apdu = f"00B0{0x80 | file.sfi:02X}0001" if file.length else f"00B201{file.sfi << 3 | 4:02X}00"
            empty = "6A83" if file.record else "6C"
            shut = card.ask(apdu)
            if right.access is Access.FREE:
                assert shut != "6982", file.name
                continue
            assert shut == "6982", file.name
            if right.access in (Access.PIN, Access.PIN_AND_KEY):
                card.verify(card.pin)
            if right.access.needs_key:
                assert card.prove(right.key) == "9000", file.name
            assert card.ask(apdu).startswith("6C" if not (file.record or file.length) else (empty, "00", "FF")), (
                file.name
            )
    assert found >= 30


def test_record_modes():
    card = terminal("gen2")
    whole = read(card, 5, 1, 0b101)
    backwards = read(card, 5, 1, 0b110)
    assert whole != backwards
    assert sorted(whole[:-4]) == sorted(backwards[:-4])
    assert read(card, 5, 7, 0b100) == read(card, 5, 0x07, 0b000) == read(card, 5, 0x07, 0b001)
    card.ask("00A40200020005")
    tags = [read(card, 0, 0, 0b010)[:2] for _ in range(8)]
    assert tags == ["01", "02", "03", "04", "05", "06", "07", "6A"]
    assert [read(card, 0, 0, 0b011)[:2], read(card, 0, 0, 0b100)[:2]] == ["06", "06"]


def test_repeated_tags_are_told_apart_by_next():
    card = terminal("gen2")
    card.select("DF03")
    card.verify(card.pin)
    card.ask("00A40200020019")
    assert [read(card, 0, 0x79, 0b010)[-4:] for _ in range(5)] == ["9000"] * 4 + ["6A83"]


@pytest.mark.parametrize("secured", [False, True])
def test_a_record_is_written_after_its_key_and_stays(secured):
    card = terminal("gen3")
    record = "280F" + b"13500009999".hex() + "00" * 4
    card.select("DF01")
    assert card.ask(f"00DC2830 11 {record}") == "6982"
    assert card.prove("UK4DF01") == "9000"
    if secured:
        assert card.secured("04DC2830", "STKDF01", record) == "9000"
    else:
        assert card.ask(f"00DC2830 11 {record}") == "9000"
    card.card.insert()
    card.select()
    card.select("DF01")
    card.verify(card.pin)
    assert read(card, 6, 0x28, 0) == record.upper() + "9000"


def test_a_secured_write_needs_its_random_and_mac():
    card = terminal("gen2")
    card.select("DF01")
    card.prove("UK4DF01")
    record = "280F" + "31" * 15
    assert card.ask(f"04DC283015{record}00000000") == "6984"
    card.challenge()
    assert card.ask(f"04DC283015{record}00000000") == "6988"


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("00DC2834 11 280E" + "31" * 15, "6A85"),
        ("00DC0834 03 280131", "6A83"),
        ("00DC0034 03 280131", "6A83"),
        ("00DC0634 03 2F0131", "6A84"),
        ("00DC0330 03 2F0131", "6A84"),
        ("00DC0131 03 280131", "6A84"),
        ("00DC0135 03 280131", "6A86"),
        ("00DC2834 01 28", "6A85"),
        ("00D6860001AA", "6981"),
        ("00D6960000", "6700"),
        ("00D6967F02AABB", "6700"),
        ("00D6968001AA", "6B00"),
        ("00D6E00001AA", "6A86"),
    ],
)
def test_writes_that_are_refused(apdu, answer):
    card = terminal("gen2")
    card.select("DF01")
    card.prove("UK4DF01")
    card.prove("UK7DF01")
    assert card.ask(apdu) == answer


def test_a_transparent_file_is_written_and_read_in_pieces():
    card = terminal("gen2")
    card.select("DF01")
    card.prove("UK7DF01")
    assert card.ask("00D6961003AABBCC") == "9000"
    assert card.ask("00B0960F05") == "FFAABBCCFF9000"
    assert card.ask("00B0967E00") == "6C02"
    assert card.ask("00B0967E02") == "FFFF9000"
    assert card.ask("00B0968001") == "6B00"
    card.ask("00A40200020016")
    assert card.ask("00B0001003") == "AABBCC9000"


def test_a_cyclic_file_has_the_newest_first_and_drops_the_oldest():
    card = terminal("gen2")
    card.select("DF02")
    card.prove("UK3DF02")
    card.verify(card.pin)
    for count in range(6):
        assert card.ask("00DC003B55" + f"{count:02X}" * 0x55) == "9000"
    assert [read(card, 7, number)[:2] for number in range(1, 6)] == ["05", "04", "03", "02", "6A"]
    assert card.ask("00DC003B54" + "AA" * 0x54) == "6700"
    assert card.ask("00DC023C55" + "EE" * 0x55) == "9000"
    assert read(card, 7, 2)[:2] == "EE"
    assert card.ask("00DC053C55" + "EE" * 0x55) == "6A83"


def test_the_medical_details_are_written_by_nobody():
    card = terminal("gen2")
    card.select("DF04")
    card.verify(card.pin)
    card.prove("UK1DF04")
    assert card.ask("00DC00431C" + "00" * 0x1C) == "6982"


def test_a_card_written_again_keeps_its_old_lengths():
    card = terminal("gen1-ee")
    card.select("DF04")
    card.verify(card.pin)
    assert read(card, 5, 0x81, 0) == "810A3331303030303030EEEE9000"


@pytest.mark.parametrize("name", GENERATIONS)
def test_by_number_and_by_tag_the_reader_finds_the_same_in_every_file(name):
    channel = channel_to(name)
    facts = recognize(channel)
    known = training_card(channel, facts)
    read = 0
    for file in load_file_map().files:
        right = file.read[facts.generation]
        found = []
        for by in By:
            channel.transmit(apdu.command(0xA4, 0x00, 0x00))
            exchange = apdu.exchange(channel, apdu.select_by_name(load_file_map().directory(file.directory).aid))
            if not exchange.ok:
                continue
            apdu.exchange(channel, apdu.verify(known.pin.bcd))
            if right.key is not None:
                challenge = channel.transmit(apdu.get_challenge(8))[0]
                proof = known.keys.prove(right.key, challenge)
                channel.transmit(apdu.external_authenticate(load_key_ids().of(right.key), proof[:8], proof[8:]))
            found.append(read_file(channel, file, facts.generation, by))
        if found and isinstance(found[0], FileContents):
            assert found[0] == found[1], file.name
            read += 1
    assert read >= 30


def test_what_was_written_again_under_2_0_rules_is_read_with_its_new_meaning():
    channel = channel_to("gen1-ee")
    known = training_card(channel, recognize(channel))
    values = {}
    for name in ("DF04EF05", "DF04EF06"):
        file = load_file_map().file(name)
        apdu.exchange(channel, apdu.select_by_name(load_file_map().directory("DF04").aid))
        apdu.exchange(channel, apdu.verify(known.pin.bcd))
        proof = known.keys.prove("RK1DF04", channel.transmit(apdu.get_challenge(8))[0])
        channel.transmit(apdu.external_authenticate(load_key_ids().of("RK1DF04"), proof[:8], proof[8:]))
        contents = read_file(channel, file, Generation.FIRST)
        assert isinstance(contents, FileContents)
        values |= {tag: value for (tag, _), value in decode_file(file, contents.elements, Generation.FIRST).items()}
    assert (values[0x81], values[0x84], values[0x87]) == ("31000000", "350100", "35010001130000001")
    assert (values[0x90], values[0x92], values[0x93]) == ("1", "00012000", "02")
