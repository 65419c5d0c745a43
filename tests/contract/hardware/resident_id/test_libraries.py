"""sdtapi and termb in a host of libraries: a real one compiled from C, one box with chip and resident ID."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from hardware.readers.box import BoxFault, BoxFaultKind, ReaderBox
from hardware.readers.combined_box import CombinedBox, open_combined_box
from hardware.readers.sscard.base_fields import BaseReading
from hardware.readers.sscard.card_driver import DriverFacts
from hardware.readers.sscard.driver_host import DriverLibrary
from hardware.readers.sscard.functions import Interface
from hardware.resident_id.session import IdFault, IdFaultKind, IdReading
from hardware.resident_id.termb import LEFT_BEHIND
from hardware.resident_id.text_block import IdKind, decode_text_block
from hardware.virtual.sdt_reader import text_block
from tests.contract.hardware.sscard.maker import Maker, compiled, put
from tests.unit.hardware.resident_id.people import PEOPLE

PERSON = {
    "GetPeopleName": "测试员甲",
    "GetPeopleSex": "女",
    "GetPeopleNation": "汉",
    "GetPeopleBirthday": "1990年03月07日",
    "GetPeopleAddress": "测试省测试市训练区虚构路1号",
    "GetPeopleIDCode": "110101199003070011",
    "GetDepartment": "测试市公安局",
    "GetStartDate": "2015.01.01",
    "GetEndDate": "长期",
}

Open = Callable[[str], ReaderBox[CombinedBox]]


@pytest.fixture
def maker(built: Path, tmp_path: Path) -> Maker:
    return put(compiled(built), tmp_path)


@pytest.fixture
def open_box(maker: Maker) -> Iterator[Open]:
    boxes: list[ReaderBox[CombinedBox]] = []

    def build(name: str) -> ReaderBox[CombinedBox]:
        ids = DriverLibrary(name, maker.driver.path)
        box = ReaderBox(lambda: open_combined_box(maker.driver, DriverFacts(), ids))
        boxes.append(box)
        box.start()
        return box

    yield build
    for box in boxes:
        box.stop()


def read_id(box: ReaderBox[CombinedBox]) -> IdReading | IdFault | BoxFault | None:
    return box.use(lambda opened: opened.read_id()).result(30)


def lay(maker: Maker, kind: IdKind, newest: str = "") -> bytes:
    text = text_block(kind, PEOPLE[kind])
    (maker.folder / "text.bin").write_bytes(text)
    (maker.folder / "photo.bin").write_bytes(b"\x01" * 1024)
    if newest:
        (maker.folder / "newest.bin").write_bytes(newest.ljust(35).encode("utf-16-le"))
    return text


def test_chip_and_resident_id_of_one_box(maker, open_box):
    text = lay(maker, IdKind.CITIZEN, newest="测试市新区虚构路9号")
    box = open_box("sdtapi")
    reading = read_id(box)
    assert reading.card.newest_address == "测试市新区虚构路9号"
    assert reading.card.number == decode_text_block(text).number
    card = box.use(lambda opened: opened.card.read_base(Interface.CONTACT, None)).result(30)
    assert isinstance(card, BaseReading)
    assert [line.partition("(")[0] for line in maker.calls()] == [
        "SDT_OpenPort",
        "SDT_StartFindIDCard",
        "SDT_SelectIDCard",
        "SDT_ReadBaseMsg",
        "SDT_ReadNewAppMsg",
        "iReadCardBas",
    ]
    assert maker.calls()[:3] == ["SDT_OpenPort(1001)", "SDT_StartFindIDCard(1001,0)", "SDT_SelectIDCard(1001,0)"]


@pytest.mark.parametrize("kind", [IdKind.HK_MACAU_TAIWAN, IdKind.FOREIGNER_2017, IdKind.FOREIGNER_2023])
def test_sdtapi_gives_every_kind_whole(maker, open_box, kind):
    text = lay(maker, kind)
    assert read_id(open_box("sdtapi")) == IdReading(decode_text_block(text))


def test_sdtapi_without_a_card_or_a_port(maker, open_box):
    maker.set("code", {"only": "SDT_StartFindIDCard", "number": "128"})
    assert read_id(open_box("sdtapi")) == IdFault(IdFaultKind.NO_CARD, 0x80)
    maker.set("code", {"only": "SDT_OpenPort", "number": "2"})
    assert read_id(open_box("sdtapi")) == BoxFault(BoxFaultKind.NO_LINE, "SDT_OpenPort 2")


def test_termb_gives_its_fields_and_leaves_nothing_on_the_disk(maker, open_box):
    maker.set(settings=PERSON)
    reading = read_id(open_box("termb"))
    card = reading.card
    assert (card.name, card.number, card.address) == (
        "测试员甲",
        "110101199003070011",
        "测试省测试市训练区虚构路1号",
    )
    assert (card.birth_date, card.valid_from, card.valid_to) == (date(1990, 3, 7), date(2015, 1, 1), None)
    assert (card.long_term, card.undecodable) == (True, ())
    assert reading.photo == b"BMfictional"
    assert not [name for name in LEFT_BEHIND if (maker.folder / name).exists()]
    assert maker.calls()[-1] == "CVR_CloseComm()"


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("CVR_InitComm", IdFaultKind.LINE),
        ("CVR_Authenticate", IdFaultKind.NO_CARD),
        ("CVR_Read_Content", IdFaultKind.NOT_READ),
    ],
)
def test_termb_refuses_and_leaves_nothing_either(maker, open_box, function, kind):
    maker.set("code", {**PERSON, "only": function, "number": "2"})
    assert read_id(open_box("termb")) == IdFault(kind, 2, function)
    assert not [name for name in LEFT_BEHIND if (maker.folder / name).exists()]


def test_termb_that_dies_in_a_read_leaves_nothing(maker, open_box):
    maker.set("exit", {**PERSON, "only": "CVR_Read_Content"})
    assert read_id(open_box("termb")) == BoxFault(BoxFaultKind.DIED, "CVR_Read_Content")
    assert not [name for name in LEFT_BEHIND if (maker.folder / name).exists()]


def test_what_a_dead_program_left_is_deleted_when_the_box_is_opened(maker, open_box):
    for name in LEFT_BEHIND:
        (maker.folder / name).write_text("left", encoding="utf-8")
    box = open_box("termb")
    box.use(lambda _opened: None).result(30)
    assert not [name for name in LEFT_BEHIND if (maker.folder / name).exists()]


def test_what_cannot_be_deleted_is_told(maker, open_box):
    maker.set("code", {**PERSON, "only": "CVR_Authenticate", "number": "2"})
    (maker.folder / "wz.txt").mkdir()
    assert read_id(open_box("termb")) == IdFault(IdFaultKind.LEFT_ON_DISK, None, "wz.txt")


def test_a_box_without_a_library_for_it_reads_no_resident_id(maker):
    box = ReaderBox(lambda: open_combined_box(maker.driver, DriverFacts()))
    box.start()
    assert read_id(box) is None
    box.stop()
