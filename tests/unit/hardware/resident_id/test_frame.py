"""SDT frames against the bytes of card.md 6.1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.resident_id.command import Command, Sw3
from hardware.resident_id.frame import (
    LONGEST,
    PREAMBLE,
    FrameFault,
    SdtAnswer,
    Taken,
    encode_answer,
    encode_command,
    take_answer,
)

FRAMES = {
    Command.SAM_STATUS: "000311FFED",
    Command.SAM_ID: "000312FFEE",
    Command.FIND: "0003200122",
    Command.SELECT: "0003200221",
    Command.READ: "0003300132",
    Command.READ_NEWEST_ADDRESS: "0003300330",
    Command.READ_WITH_FINGERPRINT: "0003301023",
}
ANSWERS = {
    "000400009094": SdtAnswer(b"\x00\x00\x90"),
    "000800009F0000000097": SdtAnswer(b"\x00\x00\x9f", bytes(4)),
    "000C00009000000000000000009C": SdtAnswer(b"\x00\x00\x90", bytes(8)),
    "000400004145": SdtAnswer(b"\x00\x00\x41"),
    "000400008084": SdtAnswer(b"\x00\x00\x80"),
    "000400008185": SdtAnswer(b"\x00\x00\x81"),
}


def frame(content: str) -> bytes:
    return PREAMBLE + bytes.fromhex(content)


@pytest.mark.parametrize("command", Command)
def test_every_command_has_its_vector(command):
    assert encode_command(*command.value) == frame(FRAMES[command])


@pytest.mark.parametrize(("content", "answer"), ANSWERS.items())
def test_answers(content, answer):
    assert take_answer(frame(content)) == Taken(answer, b"")
    assert encode_answer(answer) == frame(content)


def test_a_read_is_1295_bytes():
    whole = encode_answer(SdtAnswer(b"\x00\x00\x90", bytes.fromhex("01000400") + bytes(256 + 1024)))
    assert len(whole) == 1295
    assert take_answer(whole).answer.code == Sw3.GOOD


def test_a_frame_comes_in_pieces_of_any_size():
    whole = frame("000800009F0000000097")
    assert [take_answer(whole[:length]) for length in range(len(whole))] == [None] * len(whole)
    assert take_answer(whole + b"more").rest == b"more"


def test_noise_before_a_frame_is_passed_over():
    assert take_answer(b"\x00\xaa\xaa\x96\x69\xaa" + frame("000400009094")).answer.code == Sw3.GOOD
    assert take_answer(b"\xaa" * 4 + bytes.fromhex("9669000400009094")).answer.code == Sw3.GOOD


def test_a_wrong_checksum_costs_only_its_own_frame():
    taken = take_answer(frame("000400009095") + frame("000400008084"))
    assert taken.answer is FrameFault.CHECKSUM
    assert take_answer(taken.rest).answer.code == Sw3.FIND_FAILED


@pytest.mark.parametrize("length", [0, 1, 2, 3, LONGEST + 1, 0xFFFF])
def test_a_length_that_cannot_be(length):
    taken = take_answer(PREAMBLE + length.to_bytes(2) + bytes(10))
    assert taken.answer is FrameFault.LENGTH


@pytest.mark.parametrize("times", [1, 3, 2000])
def test_a_preamble_in_noise_does_not_hide_the_frame_behind_it(times):
    noise = (PREAMBLE + b"\x00\x00") * times
    assert take_answer(noise + frame("000400009094")).answer.code == 0x90
    assert take_answer(noise + PREAMBLE + b"\x00") is None


@given(st.binary(max_size=300), st.binary(min_size=3, max_size=3), st.binary(max_size=40))
def test_whatever_is_sent_comes_back(data, status, behind):
    assert take_answer(encode_answer(SdtAnswer(status, data)) + behind) == Taken(SdtAnswer(status, data), behind)


def test_what_a_card_says_is_not_in_a_repr():
    assert "secret" not in repr(take_answer(encode_answer(SdtAnswer(b"\x00\x00\x90", b"secret")) + b"secret"))
