"""T3 to T6, T16, T17: EF05 and EF06, their elements, and who may read them."""

from __future__ import annotations

from hardware.card import apdu
from hardware.card.decode import Undecodable, join_name
from hardware.card.element_value import decode_element
from hardware.card.elements import Generation
from hardware.card.file_map import CardFile, DataElement
from hardware.card.file_map_table import load_file_map
from hardware.card.status_word import right_length
from hardware.card.tlv import Malformed, parse_record
from hardware.card_check.bench import CheckBench
from hardware.card_check.finding import Outcome, Reason

_READ_KEY = "RKSSSE"
_ISSUER = "D156000005"
_AGENCY = "9156000002"
_EXTENSION = 0x4E
_NAME = 0x09


def elements(bench: CheckBench) -> Outcome:
    """T3: each element of EF05 and EF06 has its tag, length and type; EF06 of 3.0 with its key only."""
    files = [load_file_map().file("SSSEEF05")]
    if _opened(bench):
        files.append(load_file_map().file("SSSEEF06"))
    for file in files:
        number = 0
        for element in file.elements_of(bench.facts.generation):
            for _ in range(element.times):
                number += 1
                _check_element(bench, file, element, number)
    return bench.outcome()


def read_rights(bench: CheckBench) -> Outcome:
    """T4: EF05 is free; EF06 is free on 1.0 and 2.0, and shut on 3.0 before its key is shown."""
    shut = bench.facts.generation is Generation.THIRD
    bench.expect("EF05", bench.send("00B2012C12").status, 0x9000)
    bench.expect("EF06", bench.send("00B2013414").status, 0x6982 if shut else 0x9000)
    keys = bench.means.keys
    if shut and keys is not None:
        bench.expect("0082 0A", bench.prove(keys, _READ_KEY), 0x9000)
        bench.expect("EF06", bench.send("00B2013414").status, 0x9000)
    return bench.outcome()


def length_asked_for(bench: CheckBench) -> Outcome:
    """T5: Le 00 is told the true length, and with it the record comes; some cards answer at once."""
    status = bench.bare("00B2072C00")
    bench.demand(status == 0x9000 or right_length(status) == 0x0B, f"00B2072C00: {status:04X}")
    bench.expect("00B2072C0B", bench.send("00B2072C0B").status, 0x9000)
    return bench.outcome()


def what_is_not_there(bench: CheckBench) -> Outcome:
    """T6: EF05 has no record 8, and is no transparent file."""
    bench.expect("00B2082C00", bench.send("00B2082C00").status, 0x6A83)
    bench.expect("00B0850001", bench.send("00B0850001").status, 0x6981)
    return bench.outcome()


def version_and_behaviour(bench: CheckBench) -> Outcome:
    """T16: 姓名扩展 is there from 2.0 on."""
    if not _opened(bench):
        return Reason.NO_KEYS
    status = bench.send(apdu.read_by_tag(_EXTENSION, 0x16, sfi=0x06)).status
    first = bench.facts.generation is Generation.FIRST
    bench.expect("EF06 4E", status, 0x6A83 if first else 0x9000)
    return bench.outcome()


def card_id_and_agency(bench: CheckBench) -> Outcome:
    """T17: bytes 4 to 8 of the 识别码, and the beginning of 初始化机构编号."""
    bench.demand(bench.facts.card_id[6:16] == _ISSUER, "EF05 01")
    agency = bench.send(apdu.read_record(0x05, 4, 0x0E))
    bench.expect("EF05 04", agency.status, 0x9000)
    bench.demand(agency.data[2:].hex().upper().startswith(_AGENCY), "EF05 04")
    return bench.outcome()


def _opened(bench: CheckBench) -> bool:
    """Show the read key of EF06 where the card asks for it; tell whether EF06 is open."""
    if bench.facts.generation is not Generation.THIRD:
        return True
    keys = bench.means.keys
    return keys is not None and bench.prove(keys, _READ_KEY) == 0x9000


def _check_element(bench: CheckBench, file: CardFile, element: DataElement, number: int) -> None:
    where = f"{file.name} {element.tag:02X}"
    answer = bench.send(apdu.read_record(file.sfi, number, element.length + 2))
    bench.expect(where, answer.status, 0x9000)
    if not answer.ok:
        return
    record = parse_record(answer.data)
    if isinstance(record, Malformed):
        bench.demand(False, f"{where}: {record.reason}")
        return
    bench.demand(record.tag == element.tag, f"{where}: tag {record.tag:02X}")
    bench.demand(len(record.value) == element.length, f"{where}: {len(record.value)} bytes, {element.length} expected")
    value = record.value
    if element.tag == _NAME and file.element(_EXTENSION) in file.elements_of(bench.facts.generation):
        # A character of four bytes may lie across both.
        extension = bench.send(apdu.read_record(file.sfi, number + 1, 0x16))
        value = join_name(value, extension.data[2:])
    if element.tag != _EXTENSION:
        decoded = decode_element(element, value, bench.facts.generation)
        bench.demand(not isinstance(decoded, Undecodable), f"{where}: does not decode")
