"""T10 to T12: randoms serve once, and what was shown belongs to a directory."""

from __future__ import annotations

from hardware.card import apdu
from hardware.card.file_map import CardFile
from hardware.card.file_map_table import load_file_map, load_key_ids
from hardware.card_check.bench import CheckBench
from hardware.card_check.finding import Outcome, Reason

_UNBLOCKING = "PUK"


def random_serves_once(bench: CheckBench) -> Outcome:
    """T10: a proof made with a random that was used already is refused."""
    keys = bench.means.keys
    if keys is None:
        return Reason.NO_KEYS
    proof = keys.prove(_UNBLOCKING, bench.challenge())
    command = apdu.external_authenticate(load_key_ids().of(_UNBLOCKING), proof[:8], proof[8:])
    bench.expect("0082", bench.send(command).status, 0x9000)
    again = bench.send(command).status
    bench.demand(again != 0x9000, f"0082 again: {again:04X}")
    return bench.outcome()


def directory_with_pin(bench: CheckBench) -> Outcome:
    """T11: DF01 is shut without the 社保密码 and open with it; another file keeps it, another directory drops it."""
    pin = bench.means.pin
    if not bench.means.may_write:
        return Reason.WRITES
    if pin is None:
        return Reason.NO_PIN
    file = load_file_map().file("DF01EF06")
    bench.expect("DF01", bench.select("DF01").status, 0x9000)
    bench.expect("without VERIFY", _read(bench, file), 0x6982)
    bench.expect("VERIFY", bench.send(apdu.verify(pin.bcd)).status, 0x9000)
    bench.expect("after VERIFY", _read(bench, file), 0x9000)
    bench.expect("SELECT EF", bench.send(apdu.select_file(load_file_map().file("DF01EF05").file_id)).status, 0x9000)
    bench.expect("another EF", _read(bench, file), 0x9000)
    bench.select("SSSE")
    bench.select("DF01")
    bench.expect("DF01 again", _read(bench, file), 0x6982)
    return bench.outcome()


def pin_and_key(bench: CheckBench) -> Outcome:
    """T12: EF06 of DF04 asks for the 社保密码 and the read key, and one alone is not enough."""
    pin, keys = bench.means.pin, bench.means.keys
    if not bench.means.may_write:
        return Reason.WRITES
    if pin is None or keys is None:
        return Reason.NO_PIN if pin is None else Reason.NO_KEYS
    file = load_file_map().file("DF04EF06")
    right = file.read[bench.facts.generation]
    assert right.key is not None
    bench.expect("DF04", bench.select("DF04").status, 0x9000)
    bench.expect("VERIFY", bench.send(apdu.verify(pin.bcd)).status, 0x9000)
    bench.expect("VERIFY alone", _read(bench, file), 0x6982)
    bench.expect("0082", bench.prove(keys, right.key), 0x9000)
    bench.expect("both", _read(bench, file), 0x9000)
    bench.select("SSSE")
    bench.select("DF04")
    bench.expect("0082", bench.prove(keys, right.key), 0x9000)
    bench.expect("key alone", _read(bench, file), 0x6982)
    return bench.outcome()


def _read(bench: CheckBench, file: CardFile) -> int:
    return bench.send(apdu.read_record(file.sfi, 1, file.elements[0].length + 2)).status
