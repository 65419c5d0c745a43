"""T7 to T9: the 社保密码, its tries, its change, and unblocking; afterwards it is what it was."""

from __future__ import annotations

from hardware.card import apdu
from hardware.card.status_word import tries_left
from hardware.card_check.bench import CheckBench
from hardware.card_check.finding import Outcome, Reason
from hardware.card_check.ports import KeyHolder
from hardware.ports import Pin

_UNBLOCK = "84240000"
_PUK, _MESSAGING = "PUK", "STKSSSE"


def tries_are_counted(bench: CheckBench) -> Outcome:
    """T7: wrong ones count down, asking does not, a right one fills; to the end only where it can be unblocked."""
    pin = _known_pin(bench)
    if isinstance(pin, Reason):
        return pin
    wrong = _another(pin)
    left = _tries(bench)
    if left is None or left < 2:
        return Reason.FEW_TRIES
    bench.expect("VERIFY wrong", bench.send(apdu.verify(wrong.bcd)).status, 0x63C0 | left - 1)
    bench.expect("VERIFY empty", bench.send(apdu.verify()).status, 0x63C0 | left - 1)
    bench.expect("VERIFY right", bench.send(apdu.verify(pin.bcd)).status, 0x9000)
    full = _tries(bench)
    bench.demand(full is not None and full >= left, "VERIFY right: not filled")
    keys = bench.means.keys
    if keys is not None and full is not None:
        for count in range(full - 1, -1, -1):
            bench.expect("VERIFY wrong", bench.send(apdu.verify(wrong.bcd)).status, 0x63C0 | count)
        bench.expect("VERIFY blocked", bench.send(apdu.verify(pin.bcd)).status, 0x6983)
        _unblock(bench, keys)
        bench.expect("VERIFY unblocked", bench.send(apdu.verify(pin.bcd)).status, 0x9000)
    return bench.outcome()


def change(bench: CheckBench) -> Outcome:
    """T8: CHANGE PIN takes no wrong old one; after a right one the old one is refused. Changed back at the end."""
    pin = _known_pin(bench)
    if isinstance(pin, Reason):
        return pin
    other = _another(pin)
    left = _tries(bench)
    if left is None or left < 2:
        return Reason.FEW_TRIES
    bench.expect("805E wrong", bench.send(apdu.change_pin(other.bcd, pin.bcd)).status, 0x63C0 | left - 1)
    changed = bench.send(apdu.change_pin(pin.bcd, other.bcd))
    bench.expect("805E right", changed.status, 0x9000)
    if changed.ok:
        answer = bench.send(apdu.verify(pin.bcd)).status
        bench.demand(tries_left(answer) is not None, f"VERIFY old: {answer:04X}")
        bench.expect("VERIFY new", bench.send(apdu.verify(other.bcd)).status, 0x9000)
        bench.expect("805E back", bench.send(apdu.change_pin(other.bcd, pin.bcd)).status, 0x9000)
    else:
        bench.send(apdu.verify(pin.bcd))
    return bench.outcome()


def unblocking(bench: CheckBench) -> Outcome:
    """T9: 8424 without a random 6984, with a wrong MAC 6988 (9302 by some cards), right: the counter is full."""
    keys = bench.means.keys
    pin = _known_pin(bench)
    if keys is None or isinstance(pin, Reason):
        return pin if isinstance(pin, Reason) else Reason.NO_KEYS
    full = _tries(bench)
    if full is None or full < 2:
        return Reason.FEW_TRIES
    bench.send(apdu.verify(_another(pin).bcd))
    bench.expect("0082 06", bench.prove(keys, _PUK), 0x9000)
    bench.expect("8424 without random", bench.send(_UNBLOCK + "0400000000").status, 0x6984)
    bench.challenge()
    bench.expect("8424 wrong MAC", bench.send(_UNBLOCK + "0400000000").status, 0x6988, 0x9302)
    bench.expect("8424", bench.secured(keys, _MESSAGING, _UNBLOCK), 0x9000)
    left = _tries(bench)
    bench.demand(left is not None and left >= full, "8424: not filled")
    return bench.outcome()


def _known_pin(bench: CheckBench) -> Pin | Reason:
    if not bench.means.may_write:
        return Reason.WRITES
    return bench.means.pin if bench.means.pin is not None else Reason.NO_PIN


def _tries(bench: CheckBench) -> int | None:
    return tries_left(bench.send(apdu.verify()).status)


def _another(pin: Pin) -> Pin:
    """Return as many digits, each of them another one."""
    return Pin("".join(str((int(digit) + 1) % 10) for digit in pin.digits))


def _unblock(bench: CheckBench, keys: KeyHolder) -> None:
    bench.expect("0082 06", bench.prove(keys, _PUK), 0x9000)
    bench.expect("8424", bench.secured(keys, _MESSAGING, _UNBLOCK), 0x9000)
