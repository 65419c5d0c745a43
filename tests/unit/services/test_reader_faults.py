"""Every number of a reader has its sentence and remedy, and an unknown one keeps itself."""

from __future__ import annotations

import pytest

from app.catalogue import reader_codes, reader_drivers, sentences
from app.domain.refusal import Refusal
from app.services.reader_faults import BOX_CODES, ID_CODES, refusal_of_box, refusal_of_card, refusal_of_id
from hardware.readers.box import BoxFault, BoxFaultKind
from hardware.readers.sscard.base_fields import MalformedReading
from hardware.readers.sscard.card_driver import DriverFacts, DriverRefusal, HsmAway
from hardware.readers.sscard.driver_host import NoFunction
from hardware.readers.sscard.functions import Interface
from hardware.readers.sscard.return_code import NEEDS_HSM
from hardware.readers.sscard.wire import Convention
from hardware.resident_id.command import Sw3
from hardware.resident_id.session import IdFault, IdFaultKind, fault_of

# card.md 4.4 and 6.1
LISTED = [
    *(-1, -2, -3, -4, -5, -11, -12, -13, -14, -15, -20, -21, -22, -23, -24, -25, -31, -32, -33, -34, -35, -36),
    *(-41, -42, -51, -52, -2201, -2202, -2203, -2204),
    *(-25538, -25537, -25536, -26368, -26881, -27009, -27010, -27011, -27012, -27013, -27016, -27264, -27265),
    *(-27266, -27267, -27272, -37634, -37635, -37891, -37894),
]


def said(refusal: Refusal) -> str:
    return sentences.load().of(refusal).line


@pytest.mark.parametrize("number", LISTED)
def test_every_listed_number_has_a_sentence_and_a_remedy(number):
    refusal = refusal_of_card(DriverRefusal("iReadCard", number, "驱动的话"))
    assert refusal.code not in ("SSCARD-UNKNOWN", "CHIP-STATUS-UNKNOWN")
    sentence = sentences.load().of(refusal)
    assert sentence.text
    assert sentence.remedy
    assert sentence.text != sentences.load().code("UNKNOWN").text


def test_every_code_of_the_tables_has_its_sentence():
    known = sentences.load().entries
    codes = {*reader_codes.load().all, *BOX_CODES.values(), *ID_CODES.values()}
    assert not {code for code in codes if code not in known}


@pytest.mark.parametrize("number", [-1201, -1301, -2213, -9999, 7, -(1 << 31)])
def test_an_unknown_number_keeps_itself_and_the_drivers_words(number):
    refusal = refusal_of_card(DriverRefusal("iReadCardBas", number, "厂家自己的提示"))
    assert refusal.code == "SSCARD-UNKNOWN"
    assert f"{number}：厂家自己的提示" in said(refusal)


def test_an_unknown_status_word_is_told_as_one():
    refusal = refusal_of_card(DriverRefusal("iReadCard", -0x6FFE))
    assert refusal.code == "CHIP-STATUS-UNKNOWN"
    assert "6FFE" in said(refusal)
    assert str(-0x6FFE) in said(refusal)


@pytest.mark.parametrize(
    ("number", "told"),
    [(-25538, "还可以输入 2 次"), (-25537, "还可以输入 1 次"), (-25536, "已锁定"), (-27011, "已锁定"), (-51, "剩3次")],
)
def test_tries_left_are_said_in_the_right_words(number, told):
    line = said(refusal_of_card(DriverRefusal("iVerifyPIN", number, "剩3次")))
    assert told in line
    assert "社保密码" in line


def test_words_that_are_never_said():
    entries = sentences.load().entries
    codes = {*reader_codes.load().all, *BOX_CODES.values(), *ID_CODES.values()}
    assert not [code for code in codes if "PIN" in "".join(entries[code]) or "银行密码" in "".join(entries[code])]


def test_other_outcomes_of_a_driver():
    assert "iReadCard_HSM_Step1" in said(refusal_of_card(NoFunction("iReadCard_HSM_Step1")))
    assert refusal_of_card(HsmAway("iReadCardBas", 1)) == Refusal("CARD-AUTH-AWAY")
    assert refusal_of_card(MalformedReading("count")) == Refusal.of("CARD-MALFORMED", detail="count")


@pytest.mark.parametrize("kind", BoxFaultKind)
def test_every_fault_of_a_box_is_told(kind):
    assert "iReadCardBas" in said(refusal_of_box(BoxFault(kind, "iReadCardBas"))) or kind is BoxFaultKind.STOPPED


@pytest.mark.parametrize("kind", IdFaultKind)
def test_every_fault_of_a_resident_id_is_told(kind):
    assert refusal_of_id(IdFault(kind)).code == ID_CODES[kind]


def test_every_code_of_a_resident_id_reader_is_told():
    unknown = set()
    for code in range(256):
        refusal = refusal_of_id(fault_of(code))
        assert refusal.code == ID_CODES[fault_of(code).kind]
        if refusal.code == "IDREADER-UNKNOWN":
            unknown.add(code)
            assert f"{code:02X}" in said(refusal)
    assert unknown == set(range(256)) - (set(Sw3) - {Sw3.GOOD, Sw3.FOUND, Sw3.UNKNOWN})


def test_take_away_is_said_though_the_reader_says_that_there_is_none():
    assert "拿开" in said(refusal_of_id(IdFault(IdFaultKind.TAKE_AWAY, 0x80)))


def test_the_national_line_is_what_the_driver_takes_for_granted():
    drivers = reader_drivers.load()
    assert drivers["national"] == reader_drivers.ReaderDriver(
        DriverFacts(), Convention.STDCALL, Interface.CONTACT_FIRST
    )
    assert drivers["national"].facts.needs_hsm == NEEDS_HSM


def test_regions_say_only_where_they_differ():
    drivers = reader_drivers.load()
    assert drivers["wuxi"].facts == DriverFacts(extras=("medical_number", "bank_card"))
    shenzhen = drivers["shenzhen"].facts
    assert (shenzhen.base_input, len(shenzhen.extras)) == ("", 4)
