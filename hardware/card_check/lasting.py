"""T13 and T14: cyclic files, and the end of an application."""

from __future__ import annotations

from hardware.card import apdu
from hardware.card.file_map import Structure
from hardware.card.file_map_table import load_file_map
from hardware.card_check.bench import CheckBench
from hardware.card_check.finding import Outcome, Reason
from hardware.card_check.ports import Permission

_NO_FILE = 0x6A82
_APPEND = 0b011


def newest_is_number_one(bench: CheckBench) -> Outcome:
    """T13: what is appended to a cyclic file is its first record, and pushes out the oldest.

    The file of medical details is appended to by a purchase only; the first cyclic file with a key to write it does
    as well. Its entries are test entries afterwards.
    """
    keys = bench.means.keys
    if not bench.means.may_write:
        return Reason.WRITES
    if keys is None:
        return Reason.NO_KEYS
    file = next(file for file in load_file_map().files if file.structure is Structure.CYCLIC and file.write.key)
    key, read_key = file.write.key, file.read[bench.facts.generation].key
    assert key is not None
    assert read_key is not None
    if not bench.select(file.directory).ok:
        return Reason.NO_FILE
    bench.expect("0082 read", bench.prove(keys, read_key), 0x9000)
    bench.expect("0082 write", bench.prove(keys, key), 0x9000)
    append = f"00DC00{file.sfi << 3 | _APPEND:02X}{file.record_length:02X}"
    entries = [bytes([0x30 + count]) * file.record_length for count in range(file.least_records + 1)]
    for entry in entries:
        status = bench.send(append + entry.hex()).status
        if status == _NO_FILE:
            return Reason.NO_FILE
        bench.expect("00DC append", status, 0x9000)
    for number, entry in enumerate(reversed(entries[1:]), 1):
        read = bench.send(apdu.read_record(file.sfi, number, file.record_length))
        bench.expect(f"record {number}", read.status, 0x9000)
        bench.demand(read.data == entry, f"record {number}: another entry")
    return bench.outcome()


def application_block(bench: CheckBench) -> Outcome:
    """T14: after APPLICATION BLOCK a SELECT is told 9303. Run last: nothing else works afterwards."""
    assert bench.means.permission is Permission.BLOCKING, "nobody allowed it"
    keys = bench.means.keys
    if keys is None:
        return Reason.NO_KEYS
    bench.expect("841E", bench.secured(keys, "BK", "841E0001"), 0x9000)
    bench.expect("SELECT SSSE", bench.select("SSSE").status, 0x9303)
    return bench.outcome()
