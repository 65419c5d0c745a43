"""A card read through a real library, by PSAM and by HSM: card.md 4.4, and T18, T20 and T21 of its list."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from hardware.readers.box import BoxFault, BoxFaultKind, ReaderBox
from hardware.readers.sscard.base_fields import BaseReading
from hardware.readers.sscard.card_driver import CardDriver, DriverFacts, DriverRefusal, HsmAway, HsmQuestion, NotDone
from hardware.readers.sscard.driver_host import DriverHost
from hardware.readers.sscard.file_address import FileItems, file_address, parse_values
from hardware.readers.sscard.functions import READ_FILES, VERIFY_PIN, WRITE_FILES, Interface, Parameter
from hardware.readers.sscard.hsm_question import AuthenticatorSteps
from hardware.virtual.hsm import VirtualHsm
from tests.contract.hardware.sscard.maker import BASE, CARD_ID, HISTORY, Maker

CLOSED = f"639900|||{CARD_ID}||{HISTORY}|3.00|20231001|20331001|000000000000||"
OPEN = BASE.replace("|1.00|", "|3.00|")
STEP1 = f"639900|{HISTORY}|03|{CARD_ID}|1122334455667788|A1B2C3D4E5F60718|8877665544332211|0102030405060708|"
HSM = AuthenticatorSteps(VirtualHsm())
BY_HSM = {
    "iReadCardBas": CLOSED,
    "iReadCardBas_HSM_Step1": STEP1,
    "iReadCardBas_HSM_Step2": OPEN,
    "key": HSM.key(HsmQuestion("iReadCardBas", 1, STEP1)),
    "wrong_key": "加密机结果不符",
}


def read(box: ReaderBox[DriverHost], hsm: AuthenticatorSteps | None) -> BaseReading | NotDone | BoxFault:
    return box.use(lambda host: CardDriver(host).read_base(Interface.CONTACT, hsm)).result(30)


def test_a_card_is_read_by_psam(maker: Maker, box: ReaderBox[DriverHost]) -> None:
    card = read(box, None)
    assert isinstance(card, BaseReading)
    assert (card.name, card.card_number, card.terminal) == ("张三", "X00000019", "410100813475")


def test_a_third_generation_card_is_opened_by_the_hsm(maker, box):
    maker.set(settings=BY_HSM)
    assert read(box, None).closed
    card = read(box, HSM)
    assert (card.name, card.authenticated) == ("张三", True)
    assert maker.calls()[-1] == f"iReadCardBas_HSM_Step2({BY_HSM['key']})"


def test_an_hsm_whose_result_does_not_fit_opens_nothing(maker, box):
    maker.set(settings={**BY_HSM, "key": "00"})
    assert read(box, HSM) == DriverRefusal("iReadCardBas_HSM_Step2", -25, "加密机结果不符")


def test_without_a_psam_the_hsm_is_asked_and_without_a_card_it_is_not(maker, box):
    maker.set("code", {**BY_HSM, "only": "iReadCardBas", "number": "-2201", "text": "无PSAM卡"})
    assert read(box, HSM).name == "张三"
    assert read(box, None) == HsmAway("iReadCardBas", 0)
    maker.set("code", {**BY_HSM, "only": "iReadCardBas", "number": "-2", "text": "无卡"})
    asked = len(maker.calls())
    assert read(box, HSM) == DriverRefusal("iReadCardBas", -2, "无卡")
    assert maker.calls()[asked:] == ["iReadCardBas(1)"]


def test_a_card_pulled_between_the_steps_leaves_a_box_that_works(maker, box):
    maker.set("code", {**BY_HSM, "only": "iReadCardBas_HSM_Step2", "number": "-2", "text": "无卡"})
    assert read(box, HSM) == DriverRefusal("iReadCardBas_HSM_Step2", -2, "无卡")
    maker.set()
    assert read(box, None).name == "张三"


@pytest.mark.parametrize("mode", ["crash", "hang"])
def test_a_driver_lost_between_the_steps_leaves_a_box_that_works(maker, box, mode):
    maker.set(mode, {**BY_HSM, "only": "iReadCardBas_HSM_Step2"})
    work = lambda host: CardDriver(host, DriverFacts(wait_s=0.5)).read_base(Interface.CONTACT, HSM)  # noqa: E731
    kind = BoxFaultKind.DIED if mode == "crash" else BoxFaultKind.HUNG
    assert box.use(work).result(30) == BoxFault(kind, "iReadCardBas_HSM_Step2")
    maker.set()
    assert read(box, None).name == "张三"


def test_a_card_that_was_exchanged_is_found(maker, box):
    first = read(box, None)
    other = f"{CARD_ID[:-4]}0000|A12345674|"
    files = (FileItems("SSSEEF05", ("06", "07")), FileItems("DF01EF06", ("28",)))
    values = {
        Parameter.INTERFACE: Interface.CONTACT,
        Parameter.READ_RIGHT: 2,
        Parameter.CARD: first.card_info,
        Parameter.FILES: file_address(files),
        Parameter.DATA: "13900000000|$",
    }
    answer = {"iReadCard": "20201001|X00000019|$13900000000|$", "wrong_card": "卡信息与卡内不符"}
    maker.set(settings={**answer, "card_info": first.card_info})
    text = box.use(lambda host: CardDriver(host).do(READ_FILES, values, None)).result(30)
    assert parse_values(text, files) == (("20201001", "X00000019"), ("13900000000",))
    maker.set(settings={**answer, "card_info": other})
    for function in (READ_FILES, WRITE_FILES):
        refusal = box.use(lambda host, function=function: CardDriver(host).do(function, values, HSM)).result(30)
        assert refusal == DriverRefusal(function.name, -22, "卡信息与卡内不符")


def test_a_holder_at_the_keypad_is_waited_for_longer_than_a_driver(maker, box):
    maker.set("slow", {"seconds": "1"})
    facts = DriverFacts(wait_s=0.3, keypad_s=20)
    values = {Parameter.INTERFACE: Interface.CONTACT}
    assert box.use(lambda host: CardDriver(host, facts).run(VERIFY_PIN, values)).result(30) == ""
    fault = box.use(lambda host: CardDriver(host, facts).read_base(Interface.CONTACT, None)).result(30)
    assert fault == BoxFault(BoxFaultKind.HUNG, "iReadCardBas")


@pytest.mark.parametrize(("mode", "part"), [("garbage", "encoding"), ("greedy", "count")])
def test_garbage_is_no_card(maker, box, mode, part):
    maker.set(mode)
    assert read(box, None).part == part


@pytest.mark.skipif(sys.platform != "linux", reason="handles are counted in /proc")
def test_twenty_lost_drivers_leave_no_handle_thread_or_process(maker, box):
    assert read(box, None).name == "张三"
    handles, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    pids = set()
    for number in range(20):
        pids.add(box.use(lambda host: host.pid).result(30))
        maker.set(("crash", "exit", "overrun", "unterminated")[number % 4])
        assert read(box, None).kind in (BoxFaultKind.DIED, BoxFaultKind.OVERRUN)
        maker.set()
        assert read(box, None).name == "张三"
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == (handles, threads)
    assert len(pids) == 20
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
