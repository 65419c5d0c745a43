"""From a driver's answers to outcomes: when the HSM is asked, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from hardware.card.authentication import HsmQuestion as CardQuestion
from hardware.card.authentication import HsmReply
from hardware.readers.sscard.base_fields import BaseReading, MalformedReading
from hardware.readers.sscard.card_driver import (
    CardDriver,
    DriverFacts,
    DriverRefusal,
    HsmAway,
    HsmQuestion,
)
from hardware.readers.sscard.driver_host import NoFunction
from hardware.readers.sscard.functions import (
    CHANGE_PIN,
    READ_FILES,
    RELOAD_PIN,
    RELOAD_PIN_HSM,
    VERIFY_PIN,
    WRITE_FILES,
    Interface,
    Parameter,
)
from hardware.readers.sscard.hsm_question import AuthenticatorSteps, card_question
from hardware.readers.sscard.return_code import NEEDS_HSM
from hardware.readers.sscard.wire import Argument, Out, Returned
from hardware.virtual.hsm import VirtualHsm
from tests.unit.hardware.readers.sscard.samples import CARD_ID, HISTORY, NATIONAL, STEP1, UNAUTHENTICATED

CARD = f"{CARD_ID}|X00000019|"


@dataclass
class Host:
    """Answers by function; notes what it was asked."""

    answers: Mapping[str, Returned | NoFunction]
    calls: list[tuple[str, tuple[Argument, ...], float]] = field(default_factory=list)

    def call(self, _library: str, function: str, given: tuple[Argument, ...], wait_s: float) -> Returned | NoFunction:
        self.calls.append((function, given, wait_s))
        return self.answers.get(function, NoFunction(function))

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.calls]


@dataclass
class Hsm:
    """Answers each question with the next key."""

    keys: list[str | None]
    asked: list[HsmQuestion] = field(default_factory=list)

    def key(self, question: HsmQuestion) -> str | None:
        self.asked.append(question)
        return self.keys.pop(0)


def says(text: str | bytes, number: int = 0) -> Returned:
    return Returned(number, (text,))


def driver(facts: DriverFacts | None = None, /, **answers: Returned) -> tuple[CardDriver, Host]:
    host = Host(answers)
    return CardDriver(host, facts), host


def test_a_card_that_the_psam_opens_asks_no_hsm():
    made, host = driver(iReadCardBas=says(NATIONAL))
    hsm = Hsm([])
    assert made.read_base(Interface.CONTACT, hsm).authenticated
    assert (host.calls, hsm.asked) == ([("iReadCardBas", (1, Out.TEXT), 30.0)], [])


@pytest.mark.parametrize("number", sorted(NEEDS_HSM))
def test_five_negatives_go_to_the_hsm(number):
    made, host = driver(
        iReadCardBas=says("PSAM", number),
        iReadCardBas_HSM_Step1=says(STEP1),
        iReadCardBas_HSM_Step2=says(NATIONAL),
    )
    hsm = Hsm(["AA|BB|"])
    assert made.read_base(Interface.CONTACT, hsm).name == "张三"
    assert hsm.asked == [HsmQuestion("iReadCardBas", 1, STEP1)]
    assert host.calls[2][1] == ("AA|BB|", Out.TEXT)


@pytest.mark.parametrize("number", [-1, -2, -3, -4, -11, -20, -21, -22, -23, -25, -2204, -1201, -25538, -27010, -27271])
def test_no_other_negative_goes_to_the_hsm(number):
    made, host = driver(iReadCardBas=says("无卡", number))
    hsm = Hsm([])
    assert made.read_base(Interface.CONTACT, hsm) == DriverRefusal("iReadCardBas", number, "无卡")
    assert (host.names, hsm.asked) == (["iReadCardBas"], [])


def test_an_empty_holder_on_a_third_generation_card_goes_to_the_hsm():
    made, host = driver(
        iReadCardBas=says(UNAUTHENTICATED),
        iReadCardBas_HSM_Step1=says(STEP1),
        iReadCardBas_HSM_Step2=says(NATIONAL.replace("1.00", "3.00")),
    )
    assert made.read_base(Interface.CONTACT, Hsm(["K"])).name == "张三"
    assert host.names == ["iReadCardBas", "iReadCardBas_HSM_Step1", "iReadCardBas_HSM_Step2"]


@pytest.mark.parametrize("hsm", [None, Hsm([None])])
def test_with_the_hsm_away_a_third_generation_card_is_read_as_far_as_it_goes(hsm):
    made, _ = driver(iReadCardBas=says(UNAUTHENTICATED), iReadCardBas_HSM_Step1=says(STEP1))
    reading = made.read_base(Interface.CONTACT, hsm)
    assert isinstance(reading, BaseReading)
    assert (reading.closed, reading.authenticated) == (True, False)


WITHOUT_PSAM = NATIONAL.replace("410100813475", "0" * 12)


def test_a_card_read_without_a_psam_is_proved_by_the_hsm():
    made, host = driver(
        iReadCardBas=says(WITHOUT_PSAM), iReadCardBas_HSM_Step1=says(STEP1), iReadCardBas_HSM_Step2=says(WITHOUT_PSAM)
    )
    assert made.read_base(Interface.CONTACT, Hsm(["K"])).authenticated
    assert host.names == ["iReadCardBas", "iReadCardBas_HSM_Step1", "iReadCardBas_HSM_Step2"]


@pytest.mark.parametrize("hsm", [None, Hsm([None]), Hsm([])])
def test_a_card_read_without_a_psam_is_proved_by_nobody_else(hsm):
    answers = {"iReadCardBas": says(WITHOUT_PSAM)}
    if hsm is not None and hsm.keys:
        answers["iReadCardBas_HSM_Step1"] = says(STEP1)
    made, _ = driver(None, **answers)
    reading = made.read_base(Interface.CONTACT, hsm)
    assert (reading.name, reading.authenticated) == ("张三", False)


def test_with_the_hsm_away_a_card_without_psam_is_not_read():
    made, _ = driver(iReadCardBas=says("", -2201), iReadCardBas_HSM_Step1=says(STEP1))
    assert made.read_base(Interface.CONTACT, None) == HsmAway("iReadCardBas", 0)
    assert made.read_base(Interface.CONTACT, Hsm([None])) == HsmAway("iReadCardBas", 1)


def test_a_driver_without_the_hsm_set_says_so():
    made, _ = driver(iReadCardBas=says("", -2201))
    assert made.read_base(Interface.CONTACT, Hsm([])) == NoFunction("iReadCardBas_HSM_Step1")


def test_a_card_pulled_between_the_steps_ends_cleanly():
    made, _ = driver(
        iReadCardBas=says("", -2201), iReadCardBas_HSM_Step1=says(STEP1), iReadCardBas_HSM_Step2=says("无卡", -2)
    )
    assert made.read_base(Interface.CONTACT, Hsm(["K"])) == DriverRefusal("iReadCardBas_HSM_Step2", -2, "无卡")


def test_an_exchanged_card_is_found():
    made, host = driver(iReadCard=says("卡信息不符", -22))
    values = {
        Parameter.INTERFACE: 1,
        Parameter.READ_RIGHT: 2,
        Parameter.CARD: CARD,
        Parameter.FILES: "SSSEEF06|09|$",
    }
    assert made.do(READ_FILES, values, Hsm([])) == DriverRefusal("iReadCard", -22, "卡信息不符")
    assert host.calls[0][1] == (1, 2, CARD, "SSSEEF06|09|$", Out.TEXT)


def test_three_steps_carry_their_strings_unread():
    made, host = driver(
        iReloadPIN=says("", -2201),
        iReloadPIN_HSM_Step1=says("one|\x7f"),
        iReloadPIN_HSM_Step2=says("two"),
        iReloadPIN_HSM_Step3=says("three"),
    )
    hsm = Hsm(["key one", "key two"])
    assert made.do(RELOAD_PIN, {Parameter.INTERFACE: 1, Parameter.CARD: CARD}, hsm) == "three"
    assert hsm.asked == [HsmQuestion("iReloadPIN", 1, "one|\x7f"), HsmQuestion("iReloadPIN", 2, "two")]
    assert [given[0] for _, given, _ in host.calls[2:]] == ["key one", "key two"]


def test_an_hsm_that_leaves_in_the_middle_ends_the_operation():
    made, host = driver(iReloadPIN_HSM_Step1=says("one"), iReloadPIN_HSM_Step2=says("two"))
    values = {Parameter.INTERFACE: 1, Parameter.CARD: CARD}
    assert made.run_by_hsm(RELOAD_PIN_HSM, values, Hsm(["key", None])) == HsmAway("iReloadPIN", 2)
    assert host.names == ["iReloadPIN_HSM_Step1", "iReloadPIN_HSM_Step2"]


@pytest.mark.parametrize("function", [VERIFY_PIN, CHANGE_PIN])
def test_what_has_no_hsm_group_stays_with_the_psam(function):
    made, host = driver(**{function.name: says("", -2201)})
    assert made.do(function, {Parameter.INTERFACE: 1}, Hsm([])).number == -2201
    assert host.calls == [(function.name, (1, Out.TEXT), 120.0)]


def test_data_goes_with_the_step_that_writes():
    made, host = driver(iWriteCard=says("", -24), iWriteCard_HSM_Step1=says("q"), iWriteCard_HSM_Step2=says(""))
    values = {Parameter.INTERFACE: 1, Parameter.CARD: CARD, Parameter.FILES: "F|$", Parameter.DATA: "D|$"}
    assert made.do(WRITE_FILES, values, Hsm(["K"])) == ""
    assert [given for _, given, _ in host.calls[1:]] == [(1, CARD, "F|$", Out.TEXT), ("K", "D|$", Out.TEXT)]


def test_a_positive_number_is_good_only_where_the_maker_says_so():
    made, _ = driver(iReadCardBas=says(NATIONAL, 1))
    assert made.read_base(Interface.CONTACT, None).number == 1
    made, _ = driver(DriverFacts(positive_is_good=True), iReadCardBas=says(NATIONAL, 1))
    assert made.read_base(Interface.CONTACT, None).name == "张三"


def test_a_makers_extra_input_goes_before_the_buffer():
    made, host = driver(DriverFacts(base_input="extra"), iReadCardBas=says(NATIONAL))
    made.read_base(Interface.CONTACTLESS_FIRST, None)
    assert host.calls[0][1] == (4, "extra", Out.TEXT)


@pytest.mark.parametrize("text", [b"\xff|", "short|"])
def test_garbage_is_malformed(text):
    made, _ = driver(iReadCardBas=says(text))
    assert isinstance(made.read_base(Interface.CONTACT, Hsm([])), MalformedReading)


def test_step_1_is_the_question_that_the_chips_own_authentication_asks():
    asked = card_question(STEP1)
    assert asked == CardQuestion(
        "639900",
        bytes.fromhex(HISTORY),
        "03",
        CARD_ID,
        bytes.fromhex("1122334455667788"),
        bytes.fromhex("A1B2C3D4E5F60718"),
        bytes.fromhex("8877665544332211"),
        bytes.fromhex("0102030405060708"),
    )
    assert card_question(STEP1 + "410100813475|") == asked
    older = card_question(f"639900|{HISTORY}|01|{CARD_ID}|1122334455667788|A1B2C3D4E5F60718|||")
    assert (older.external_process, older.external_original) == (b"", b"")


@pytest.mark.parametrize(
    "text", ["", "|||||||", STEP1.replace("1122334455667788", ""), STEP1.replace(HISTORY, "00"), STEP1.lower()[:80]]
)
def test_a_step_1_that_is_not_whole_asks_nobody(text):
    assert card_question(text) is None
    assert AuthenticatorSteps(VirtualHsm()).key(HsmQuestion("iReadCardBas", 1, text)) is None


def test_the_training_hsm_answers_a_drivers_step_1():
    key = AuthenticatorSteps(VirtualHsm()).key(HsmQuestion("iReadCardBas", 1, STEP1))
    internal, external, rest = key.split("|")
    assert (len(internal), internal[16:], len(external), external[16:], rest) == (
        32,
        "A1B2C3D4E5F60718",
        32,
        "0102030405060708",
        "",
    )
    assert AuthenticatorSteps(VirtualHsm()).key(HsmQuestion("iReloadPIN", 1, STEP1)) is None


class AwayHsm:
    def answer(self, _question: CardQuestion) -> HsmReply | None:
        return None


def test_an_hsm_that_is_away_has_no_key():
    assert AuthenticatorSteps(AwayHsm()).key(HsmQuestion("iReadCardBas", 1, STEP1)) is None
