"""The 21 cases on virtual cards without a reader, and each of them on a card that is wrong in just that."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from hardware.card.authentication import CardFacts
from hardware.card.read_card import recognize
from hardware.card_check.cases import (
    CHIP_CASES,
    DRIVER_CASES,
    LAST_CASE,
    PULLED_CASE,
    check_chip,
    check_driver,
    check_last,
    check_pulled,
)
from hardware.card_check.finding import Finding, Reason, Verdict
from hardware.card_check.ports import CheckMeans, DriverAnswer, NoAnswer, Permission
from hardware.ports import CardFaultKind, CardGone, Pin
from hardware.virtual.chip import CardSilent
from hardware.virtual.training_card import training_card
from tests.unit.hardware.direct_channel import DirectChannel, channel_to
from tests.unit.hardware.virtual.terminal import GENERATIONS


@dataclass
class DirectHand:
    """Pulls a card that is in no reader."""

    channel: DirectChannel

    def pull(self) -> None:
        self.channel.card.pull_after(0)

    def wait(self) -> bool:
        raise AssertionError("a channel without a reader is not waited for")


ERROR, OTHER = DriverAnswer(-23, "传入参数不合法"), DriverAnswer(-22, "传入的卡信息与卡内不符")


@dataclass
class ScriptedDriver:
    """A national driver that says what it was told to."""

    base: DriverAnswer | NoAnswer
    error: DriverAnswer | NoAnswer = ERROR
    other: DriverAnswer | NoAnswer = OTHER

    def read_base(self) -> DriverAnswer | NoAnswer:
        return self.base

    def read_card(self, card_info: str, file_address: str) -> DriverAnswer | NoAnswer:
        return self.other if card_info else self.error


def driver_for(facts: CardFacts, **changes: DriverAnswer | NoAnswer) -> ScriptedDriver:
    history = facts.history.hex().upper()
    fields = (facts.region, "", "A20000203", facts.card_id, "", history, "2.00", "20160315", "20360315", "0" * 12, "1")
    return replace(ScriptedDriver(DriverAnswer(0, "".join(f"{field}|" for field in fields))), **changes)


def checked(channel: DirectChannel, permission: Permission = Permission.BLOCKING) -> dict[int, Finding]:
    facts = recognize(channel)
    assert isinstance(facts, CardFacts)
    known = training_card(channel, facts)
    means = CheckMeans(permission, known.pin if known else None, known.keys if known else None)
    found = [*check_chip(channel, facts, means), *check_driver(facts, driver_for(facts))]
    found.append(check_pulled(channel, DirectHand(channel)))
    channel.card.insert()
    if permission is Permission.BLOCKING:
        found.append(check_last(channel, facts, means))
    return {finding.case: finding for finding in found}


@pytest.mark.parametrize("name", GENERATIONS)
def test_every_case_passes_on_every_generation(name):
    found = checked(channel_to(name))
    assert sorted(found) == list(range(1, 22))
    assert {finding.name: finding.seen for finding in found.values() if finding.verdict is not Verdict.PASS} == {}


def test_a_check_that_nobody_allowed_to_block_does_not():
    channel = channel_to("gen2")
    with pytest.raises(AssertionError, match="nobody allowed"):
        check_last(channel, recognize(channel), CheckMeans(Permission.WRITING))


def test_a_straight_card_passes_too():
    from hardware.virtual.profiles import CardTrait

    channel = channel_to("gen2")
    profile = replace(channel.card.profile, traits=frozenset({CardTrait.STRAIGHT}))
    found = checked(DirectChannel(type(channel.card)(profile)))
    assert {finding.verdict for finding in found.values()} == {Verdict.PASS}


@pytest.mark.parametrize("name", GENERATIONS)
def test_a_check_that_may_not_block_leaves_the_card_as_it_was(name):
    channel = channel_to(name)
    before = channel.card._state.memory
    pin, tries = before.pin, dict(before.tries)
    basic = [file.records[:] for (directory, _), file in before.files.items() if directory == "SSSE"]
    found = checked(channel, Permission.WRITING)
    assert LAST_CASE not in found
    assert {finding.verdict for finding in found.values()} == {Verdict.PASS}
    assert (before.pin, before.tries, before.application_blocked) == (pin, tries, False)
    assert [file.records for (directory, _), file in before.files.items() if directory == "SSSE"] == basic


def test_a_check_that_may_only_read_says_why_it_leaves_cases_out():
    channel = channel_to("gen3")
    facts = recognize(channel)
    found = (*check_chip(channel, facts, CheckMeans()), *check_driver(facts, None))
    left_out = {finding.case: finding.reason for finding in found if finding.verdict is Verdict.NOT_APPLICABLE}
    assert left_out == {
        7: Reason.WRITES,
        8: Reason.WRITES,
        9: Reason.WRITES,
        10: Reason.NO_KEYS,
        11: Reason.WRITES,
        12: Reason.WRITES,
        13: Reason.WRITES,
        16: Reason.NO_KEYS,
        18: Reason.NO_DRIVER,
        19: Reason.NO_DRIVER,
        21: Reason.NO_DRIVER,
    }
    assert {finding.verdict for finding in found if finding.case not in left_out} == {Verdict.PASS}
    writing = {0xDC, 0xD6, 0x20, 0x5E, 0x24, 0x1E, 0x16, 0x82}
    assert not [apdu.hex() for apdu in channel.sent if apdu[1] in writing]


def test_a_real_card_without_keys_is_not_driven_to_its_last_try():
    channel = channel_to("gen2")
    facts = recognize(channel)
    means = CheckMeans(Permission.WRITING, Pin(channel.card.profile.chip.pin))
    lowest = []
    channel.change = lambda apdu, answer: lowest.append(channel.card._state.memory.tries["PIN"]) or answer
    found = {finding.case: finding for finding in check_chip(channel, facts, means)}
    assert [found[case].verdict for case in (7, 8, 11)] == [Verdict.PASS] * 3
    assert [found[case].reason for case in (9, 10, 12, 13)] == [Reason.NO_KEYS] * 4
    assert min(lowest) == 2
    assert channel.card._state.memory.tries["PIN"] == 3


def test_few_tries_are_left_alone():
    channel = channel_to("gen2")
    channel.card._state.memory.tries["PIN"] = 1
    found = checked(channel, Permission.WRITING)
    assert [found[case].reason for case in (7, 8, 9)] == [Reason.FEW_TRIES] * 3


def test_a_card_without_a_password():
    channel = channel_to("rare-name")
    found = checked(channel, Permission.WRITING)
    assert [found[case].reason for case in (7, 8, 9, 11, 12)] == [Reason.NO_PIN] * 5


def answered(head: str, answer: str):
    wanted = bytes.fromhex(head)
    return lambda apdu, said: bytes.fromhex(answer) if apdu.startswith(wanted) else said


@pytest.mark.parametrize(
    ("case", "name", "change"),
    [
        (1, "gen2", answered("00A40000", "6A86")),
        (2, "gen2", answered("00A4040005F0", "9000")),
        (3, "gen2", answered("00B2062C06", "0604209913FF9000")),
        (4, "gen2", answered("00B2013414", "6982")),
        (4, "gen3", answered("00B2013414", "9000")),
        (5, "gen2", answered("00B2072C00", "6700")),
        (6, "gen2", answered("00B2082C00", "6A82")),
        (7, "gen2", answered("00200000", "63C3")),
        (8, "gen2", answered("805E", "9000")),
        (9, "gen2", answered("84240000", "9000")),
        (10, "gen2", answered("0082", "9000")),
        (11, "gen2", answered("00B20134", "0601319000")),
        (12, "gen2", answered("00B20134", "6982")),
        (13, "gen2", answered("00B2013C", "30" * 0x55 + "9000")),
        (14, "gen2", answered("841E", "6988")),
        (16, "gen2", answered("00B24E30", "6A83")),
        (16, "gen1", answered("00B24E30", "4E009000")),
        (17, "gen2", answered("00B2042C0E", "040C" + "00" * 12 + "9000")),
    ],
)
def test_a_card_that_is_wrong_in_one_thing_fails_there(case, name, change):
    channel = channel_to(name)
    facts = recognize(channel)
    known = training_card(channel, facts)
    channel.change = change
    means = CheckMeans(Permission.BLOCKING, known.pin, known.keys)
    findings = (*check_chip(channel, facts, means), check_last(channel, facts, means))
    found = {finding.case: finding for finding in findings}
    assert found[case].verdict is Verdict.FAIL
    assert found[case].seen


def test_a_wrong_length_is_told_by_its_tag():
    assert checked(channel_to("bad-tlv"), Permission.READING)[3].seen == ("SSSEEF05 07: length 12 of 9",)


def test_a_name_that_does_not_decode_is_told_by_its_tag_and_not_shown():
    assert checked(channel_to("bad-gbk"), Permission.READING)[3].seen == ("SSSEEF06 09: does not decode",)


def test_a_region_that_is_not_in_the_answer_to_reset():
    channel = channel_to("gen2")
    facts = replace(recognize(channel), history=bytes(12))
    found = {finding.case: finding for finding in check_chip(channel, facts, CheckMeans())}
    assert found[15].seen == ("12 historical bytes", "T8 T9")


@pytest.mark.parametrize(
    ("case", "driver", "seen"),
    [
        (18, {"base": DriverAnswer(-2, "无卡")}, ("iReadCardBas: -2",)),
        (18, {"base": DriverAnswer(0, "639900|")}, ("1 fields", "field 1", "field 4", "field 6")),
        (18, {"base": DriverAnswer(0, "639900")}, ("no | at the end", "0 fields", "field 1", "field 4", "field 6")),
        (18, {"base": NoAnswer("iReadCardBas: hung")}, ("iReadCardBas: hung",)),
        (19, {"error": DriverAnswer(-23, " ")}, ("no words",)),
        (19, {"error": DriverAnswer(0, "words")}, ("iReadCard: 0",)),
        (19, {"error": NoAnswer("no iReadCard")}, ("no iReadCard",)),
        (21, {"other": DriverAnswer(0, "")}, ("iReadCard: 0, -22 expected",)),
        (21, {"other": NoAnswer("iReadCard: died")}, ("iReadCard: died",)),
    ],
)
def test_a_driver_that_is_wrong_in_one_thing(case, driver, seen):
    facts = recognize(channel_to("gen2"))
    found = {finding.case: finding for finding in check_driver(facts, driver_for(facts, **driver))}
    assert found[case].verdict is Verdict.FAIL
    assert found[case].seen == seen


def test_a_driver_whose_psam_cannot_is_not_blamed():
    facts = recognize(channel_to("gen3"))
    answer = DriverAnswer(-2201, "无PSAM卡", needs_hsm=True)
    found = {finding.case: finding for finding in check_driver(facts, driver_for(facts, base=answer))}
    assert (found[18].verdict, found[18].reason) == (Verdict.NOT_APPLICABLE, Reason.NEEDS_HSM)


class TouchedChannel(DirectChannel):
    """A channel that notices that its card left."""

    def keep_alive(self) -> None:
        if self.card.gone:
            raise CardGone(CardFaultKind.PULLED)


@dataclass
class SlowHand:
    """Pulls at the third moment, or never in time."""

    channel: DirectChannel
    moments: int
    at: int = 0
    asked: bool = False

    def pull(self) -> None:
        self.asked = True

    def wait(self) -> bool:
        assert self.asked
        self.at += 1
        if self.at == 3:
            self.channel.card.pull_after(0)
            with suppress(CardSilent):
                self.channel.card.transmit(bytes(4))
        return self.at < self.moments


def test_a_person_who_pulls_slowly_is_waited_for():
    channel = TouchedChannel(channel_to("gen3").card)
    assert check_pulled(channel, SlowHand(channel, 9)).verdict is Verdict.PASS
    assert [apdu[1] for apdu in channel.sent].count(0x88) == 1


def test_a_person_who_does_not_pull_in_time_fails_nothing():
    channel = TouchedChannel(channel_to("gen3").card)
    found = check_pulled(channel, SlowHand(channel, 2))
    assert (found.verdict, found.reason) == (Verdict.NOT_APPLICABLE, Reason.NOT_PULLED)
    assert 0x88 not in [apdu[1] for apdu in channel.sent]


def test_every_case_of_the_sheet_is_there():
    assert sorted({*CHIP_CASES, *DRIVER_CASES, PULLED_CASE, LAST_CASE}) == list(range(1, 22))


def test_a_copy_of_a_training_card_is_none():
    channel = channel_to("cloned")
    assert training_card(channel, recognize(channel)) is None


def test_what_is_seen_holds_nothing_personal():
    channel = channel_to("gen2")
    facts = recognize(channel)
    holder = channel.card.profile.holder
    known = training_card(channel, facts)
    channel.change = lambda apdu, answer: answer[:-2] + b"\x6f\x00" if apdu[1] in (0xB2, 0xA4, 0x20) else answer
    found = check_chip(channel, facts, CheckMeans(Permission.BLOCKING, known.pin, known.keys))
    said = "".join(note for finding in found for note in finding.seen)
    assert said
    for secret in (holder.citizen_number, holder.name, holder.card_number, known.pin.digits):
        assert secret not in said
