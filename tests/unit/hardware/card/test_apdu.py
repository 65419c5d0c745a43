from __future__ import annotations

import pytest

from hardware.card import apdu
from hardware.card.elements import SSSE_NAME
from hardware.card.status_word import StatusWord, more_bytes, right_length, tries_left
from hardware.ports import CardFaultKind, CardGone
from tests.unit.hardware.direct_channel import ScriptedChannel


def test_commands_have_the_bytes_seen_working():
    assert apdu.select_by_name(SSSE_NAME).hex().upper() == "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
    assert apdu.read_record(5, 7, 11).hex().upper() == "00B2072C0B"
    assert apdu.get_challenge(8).hex().upper() == "0084000008"
    assert apdu.internal_authenticate(b"\x11" * 8, b"\x22" * 8).hex() == "0088000010" + "11" * 8 + "22" * 8
    assert apdu.external_authenticate(0x0A, b"\x11" * 8, b"\x22" * 8).hex() == "0082000a10" + "11" * 8 + "22" * 8
    assert apdu.get_response(256).hex().upper() == "00C0000000"
    assert apdu.command(0xA4, 0, 0, cla=0x04).hex().upper() == "04A40000"


@pytest.mark.parametrize(("data", "le"), [(bytes(256), None), (b"", 257), (b"", -1)])
def test_what_is_no_short_apdu_is_a_defect(data, le):
    with pytest.raises(ValueError, match="short"):
        apdu.command(0xB2, 0, 0, data, le)


def test_an_immediate_answer_is_taken():
    assert apdu.exchange(ScriptedChannel(["AABB9000"]), b"\0\xb2\1\4\0") == apdu.Response(b"\xaa\xbb", 0x9000)


def test_6cxx_sends_the_command_again_with_that_length():
    channel = ScriptedChannel(["6C12", "AA9000"])
    assert apdu.exchange(channel, bytes.fromhex("00B2012C00")).data == b"\xaa"
    assert channel.sent == ["00B2012C00", "00B2012C12"]


@pytest.mark.parametrize(
    ("sent", "again"), [("00A40000", "00A4000012"), ("00A4000002DF01", "00A4000002DF0112"), ("00A4000002DF0100", None)]
)
def test_6cxx_puts_the_length_where_it_belongs(sent, again):
    channel = ScriptedChannel(["6C12", "9000"])
    assert apdu.exchange(channel, bytes.fromhex(sent)).ok
    assert channel.sent[1] == (again or "00A4000002DF0112")


def test_61xx_fetches_and_joins_until_the_end():
    channel = ScriptedChannel(["AA6102", "BBCC6100", "DD9000"])
    assert apdu.exchange(channel, b"\0\xa4\0\0") == apdu.Response(b"\xaa\xbb\xcc\xdd", 0x9000)
    assert channel.sent[1:] == ["00C0000002", "00C0000000"]


def test_a_refusal_is_returned():
    answer = apdu.exchange(ScriptedChannel(["6A82"]), b"\0\xa4\0\0")
    assert not answer.ok
    assert answer.status == StatusWord.FILE_NOT_FOUND


def test_a_card_that_never_ends_is_malformed():
    with pytest.raises(CardGone) as raised:
        apdu.exchange(ScriptedChannel(["6101"] * 100), b"\0\xa4\0\0")
    assert raised.value.fault.kind is CardFaultKind.MALFORMED


def test_status_words_that_carry_a_number():
    assert (more_bytes(0x611E), more_bytes(0x6100), more_bytes(0x9000)) == (0x1E, 256, None)
    assert (right_length(0x6C12), right_length(0x6C00), right_length(0x6A83)) == (0x12, 256, None)
    assert (tries_left(0x63C2), tries_left(0x63C0), tries_left(0x6983)) == (2, 0, None)
