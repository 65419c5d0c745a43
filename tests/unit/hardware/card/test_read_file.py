from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from hardware.card.apdu import exchange, select_by_name
from hardware.card.elements import SSSE_NAME, Generation
from hardware.card.file_map_table import load_file_map
from hardware.card.read_file import By, Closed, FileContents, read_file
from hardware.ports import CardFault, CardFaultKind
from tests.unit.hardware.direct_channel import ScriptedChannel, channel_to

FILES = load_file_map()
BASIC, HOLDER, PHOTO = (FILES.file(f"SSSEEF{sfi}") for sfi in ("05", "06", "08"))
DEGREE, SETTLED = FILES.file("DF01EF15"), FILES.file("DF04EF15")
SECOND = Generation.SECOND


@dataclass
class FileInMemory:
    """A transparent file that answers READ BINARY."""

    data: bytes
    atr: bytes = b""
    sent: list[str] = field(default_factory=list)

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        self.sent.append(apdu.hex().upper())
        offset = apdu[3] if apdu[2] & 0x80 else int.from_bytes(apdu[2:4])
        left = len(self.data) - offset
        if left <= 0:
            return b"", 0x6B00
        return (self.data[offset : offset + apdu[4]], 0x9000) if apdu[4] <= left else (b"", 0x6C00 | left)


def contents(outcome) -> FileContents:
    assert isinstance(outcome, FileContents), outcome
    return outcome


@pytest.mark.parametrize("name", ["gen1", "gen2", "gen3"])
def test_by_number_and_by_tag_say_the_same(name):
    channel = channel_to(name)
    exchange(channel, select_by_name(SSSE_NAME))
    generation = Generation(int(name[-1]))
    by_number = contents(read_file(channel, BASIC, generation)).elements
    assert by_number == contents(read_file(channel, BASIC, generation, By.TAG)).elements
    assert [tag for tag, _ in by_number] == [1, 2, 3, 4, 5, 6, 7]


def test_the_bytes_of_both_ways():
    by_number = ScriptedChannel(["6A83"] * 9)
    read_file(by_number, HOLDER, SECOND)
    assert by_number.sent[1:3] == ["00B2023420", "00B2033416"]
    by_tag = ScriptedChannel(["9000"] + ["6A83"] * 9)
    read_file(by_tag, HOLDER, SECOND, By.TAG)
    assert by_tag.sent[:4] == ["00A40200020006", "00B2080014", "00B2090020", "00B24E0016"]


def test_records_in_another_order_are_read_by_tag():
    told = ["2B0131", "290132"]
    channel = ScriptedChannel([told[0] + "9000", "9000", told[1] + "9000"])
    outcome = contents(read_file(channel, FILES.file("DF01EF07"), SECOND))
    assert outcome.elements == {(0x29, 1): b"2"}
    assert channel.sent == ["00B2013C03", "00A40200020007", "00B2290003"]


def test_a_repeated_tag_is_read_until_there_is_no_more():
    record = "4034" + "57033230315803350100" + "5928" + "41" * 40
    channel = ScriptedChannel(["9000", "2A01219000", record + "9000", record + "9000", "6A83"])
    outcome = contents(read_file(channel, DEGREE, SECOND, By.TAG))
    assert list(outcome.elements) == [(0x2A, 1), (0x40, 1), (0x40, 2)]
    assert channel.sent[2:] == ["00B2400036", "00B2400236", "00B2400236"]


def test_6cxx_gives_a_record_of_another_length():
    channel = ScriptedChannel(["6C04", "290231329000"])
    outcome = contents(read_file(channel, FILES.file("DF01EF07"), Generation.FIRST))
    assert outcome.elements == {(0x29, 1): b"12"}
    assert channel.sent == ["00B2013C03", "00B2013C04"]


def test_cyclic_records_come_newest_first():
    channel = ScriptedChannel(["0002329000", "0001319000", "6A83"])
    assert contents(read_file(channel, SETTLED, SECOND)).records == (b"\x00\x022", b"\x00\x011")
    assert channel.sent[0] == "00B201AC03"


@pytest.mark.parametrize(("length", "read"), [(4096, 4096), (5000, 4096), (700, 700), (480, 480), (1, 1)])
def test_a_transparent_file_is_read_in_blocks(length, read):
    channel = FileInMemory(bytes(at % 251 for at in range(length)))
    assert contents(read_file(channel, PHOTO, SECOND)).data == channel.data[:read]
    assert channel.sent[0] == "00B08800F0"
    assert all(apdu.startswith("00B00") for apdu in channel.sent[2:])


@pytest.mark.parametrize("status", ["6982", "6A82", "6981", "9303", "6A81"])
@pytest.mark.parametrize("file", [BASIC, SETTLED, PHOTO], ids=lambda file: file.name)
@pytest.mark.parametrize("by", By)
def test_what_is_not_open_is_closed_with_its_status_word(file, status, by):
    assert read_file(ScriptedChannel([status]), file, SECOND, by) == Closed(file, int(status, 16))


@pytest.mark.parametrize("answers", [["29029000"], ["9000", "290231329000"]])
def test_a_record_that_is_none_is_malformed(answers):
    file = FILES.file("DF01EF07")
    by = By.NUMBER if len(answers) == 1 else By.TAG
    answers = [answers[0], *(answer.replace("2902", "2A02") for answer in answers[1:])]
    assert read_file(ScriptedChannel(answers), file, SECOND, by) == CardFault(
        CardFaultKind.MALFORMED, "DF01EF07 tag 29"
    )


def test_what_was_read_does_not_show_itself():
    shown = repr(FileContents(replace(HOLDER, elements=()), {(9, 1): b"\xb2\xe2"}, (b"\xb2",), b"\xb2"))
    assert "b2" not in shown
    assert "xb2" not in shown
