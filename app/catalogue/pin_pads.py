"""How serial pads for the 社保密码 speak: the table `resources/catalogue/pin_pads.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from app.catalogue.tables import TableError, number, read_table, string, table
from hardware.pin_pad.pad_frames import BYTE_OF_CHECK, BYTE_OF_KEY, KEY_WORDS, PadFrames
from hardware.pin_pad.pin_digits import LEAST, MOST

_FILE = "pin_pads.toml"


def load() -> Mapping[str, PadFrames]:
    """Read the pads by name; raises TableError naming the pad."""
    return pads_of(read_table("catalogue", _FILE))


def pads_of(rows: Mapping[str, object]) -> Mapping[str, PadFrames]:
    """Type the table."""
    return {name: _pad(table(row, f"{_FILE}: {name}"), f"{_FILE}: {name}") for name, row in rows.items()}


def _pad(row: Mapping[str, object], where: str) -> PadFrames:
    codes = table(row.get("keys"), where)
    frame = tuple(string(row.get("frame"), where).split())
    for part in set(frame) - {BYTE_OF_KEY, BYTE_OF_CHECK}:
        _bytes(part, where)
    keys = {int.from_bytes(_bytes(code, where)): string(word, where) for code, word in codes.items()}
    if any(code > 0xFF for code in keys) or frame.count(BYTE_OF_KEY) != 1 or set(keys.values()) != KEY_WORDS:
        raise TableError(f"{where}: a frame has one kk, and ten digits, enter, cancel and back have a code each")
    begin, end = (_bytes(string(row.get(key), where), where) for key in ("begin", "end"))
    most = number(row.get("most"), where)
    if not LEAST <= most <= MOST:
        raise TableError(f"{where}: most is not from {LEAST} to {MOST}")
    timeout_s = float(number(row.get("timeout_s"), where))
    return PadFrames(number(row.get("baud"), where), begin, end, frame, keys, timeout_s, most)


def _bytes(text: str, where: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise TableError(f"{where}: {text!r} is not hexadecimal") from error
