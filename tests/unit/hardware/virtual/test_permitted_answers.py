"""For every command, whatever is sent, the answer's status word is in that command's list (card.md 2.2)."""

from __future__ import annotations

import random

import pytest

from hardware.virtual.card_os import _COMMANDS, CardSilent
from hardware.virtual.permitted_answers import PERMITTED, permits
from tests.unit.hardware.virtual.terminal import GENERATIONS, SELECT, Terminal, terminal

CLASSES = (0x00, 0x04, 0x80, 0x84)
SHOTS = 1500


def fresh(name: str, chance: random.Random) -> Terminal:
    """A card somewhere in its life: any directory, some keys proved, the PIN verified or blocked, or all blocked."""
    card = terminal(name)
    card.select(chance.choice(["SSSE", "DF01", "DF02", "DF03", "DF04", "DF07"]))
    for key in chance.sample(["PUK", "UKSSSE", "RKSSSE", "RK1DF01", "UK1DF01", "UK7DF01", "UK3DF02"], 3):
        card.prove(key)
    match chance.randrange(8):
        case 0 | 1 | 2:
            card.verify(card.pin)
        case 3:
            for _ in range(3):
                card.verify("0000")
        case 4:
            card.secured("841E0001", "BK")
        case 5:
            card.secured("84160000", "BK")
        case 6:
            card.ask("00A40000")
    return card


def shot(ins: int, chance: random.Random) -> bytes:
    classes = _COMMANDS[ins][0]
    cla = chance.choice(classes) if chance.random() < 0.9 else chance.randrange(256)
    p1 = chance.choice([0, 0, 1, 2, 4, 0x28, chance.randrange(256)])
    p2 = chance.choice([0, 0, 1, 2, 0x0A, chance.randrange(1, 31) << 3 | chance.randrange(8), chance.randrange(256)])
    length = chance.choice([0, 1, 2, 3, 4, 6, 7, 8, 12, 16, 17, 20, chance.randrange(256)])
    data = chance.choice([chance.randbytes(length), bytes([0x28, max(length - 2, 0)]).ljust(length, b"1")[:length]])
    apdu = bytes([cla, ins, p1, p2])
    match chance.randrange(6):
        case 0:
            return apdu + chance.randbytes(chance.randrange(3))
        case 1 | 2:
            return apdu + bytes([chance.choice([0, 1, 4, 8, 16, chance.randrange(256)])])
        case 3:
            return apdu + bytes([length]) + data + bytes([chance.randrange(256)])
        case _:
            return apdu + bytes([length]) + data


@pytest.mark.parametrize("ins", sorted(_COMMANDS), ids=lambda ins: f"{ins:02X}")
def test_whatever_is_sent(ins):
    chance = random.Random(ins)
    seen: set[int] = set()
    card = fresh("gen2", chance)
    for count in range(SHOTS):
        if count % 30 == 0:
            card = fresh(chance.choice(GENERATIONS), chance)
        if chance.random() < 0.3:
            card.ask("0084000008")
        apdu = shot(ins, chance)
        try:
            answer = card.card.transmit(apdu)
        except CardSilent:
            pytest.fail(f"silent after {apdu.hex()}")
        status = int.from_bytes(answer[-2:])
        seen.add(status)
        assert permits(ins, status), f"{apdu.hex()}: {status:04X}"
    assert len(seen) >= 4
    assert 0x6E00 in seen


def test_every_command_of_the_lists_is_there():
    assert set(PERMITTED) == set(_COMMANDS)


@pytest.mark.parametrize(
    ("ins", "status", "allowed"),
    [
        (0x20, 0x63C2, True),
        (0xB2, 0x63C2, False),
        (0xB2, 0x6C14, True),
        (0xA4, 0x611E, True),
        (0xA4, 0x9302, False),
        (0xB2, 0x6700, False),
        (0x77, 0x6D00, True),
        (0x77, 0x9000, False),
    ],
)
def test_the_lists_tell_apart(ins, status, allowed):
    assert permits(ins, status) is allowed


def test_an_unknown_instruction_of_a_known_class_and_an_unknown_class():
    card = terminal("gen2")
    for ins in sorted(set(range(256)) - set(_COMMANDS)):
        assert card.ask(f"00{ins:02X}0000") == "6D00"
    for cla in sorted(set(range(256)) - {*CLASSES, 0xB0}):
        assert card.ask(f"{cla:02X}" + SELECT[2:]) == "6E00"
