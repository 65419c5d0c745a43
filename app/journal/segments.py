"""One segment of a copy: a header, then sealed frames; what a crash tore at the end does not open and is left out.

`YKTCOPY1 ‖ length (4) ‖ header (JSON) ‖ frames`, each frame `length (4) ‖ SM4-GCM(JSON)`, bound to the SM3 of what is
before the frames and to its own number. The segment's key is random and stands in the header, sealed under a key that
is derived from the journal's; the journal's own key stands there too, sealed for the province, once it is enrolled.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from app.domain.digest import sm3
from app.domain.operation import canonical_json
from hardware.crypto import sm4_gcm

MAGIC = b"YKTCOPY1"
_LENGTH = struct.Struct(">I")
_NUMBER = struct.Struct(">Q")
_PURPOSE = b"yikatong/second-place/1"
_LONGEST_HEADER = 1 << 16

Value = str | int | float | bytes | None
Row = tuple[str, Sequence[Value] | None]
"""A row's key, and its values; None for a row that is gone."""


@dataclass(frozen=True)
class Rows:
    """Rows of one table, each as it was when it was copied."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Frame:
    """Some rows; the last one of a step brings the copy to a state that the journal really had."""

    parts: Sequence[Rows]
    last: bool


@dataclass(frozen=True)
class Header:
    """What a segment says of itself; `wrapped` and `escrow` are hex."""

    generation: int
    number: int
    after: int
    """The segment that was kept for sure before, 0 for none, and how many of its bytes: fewer, and rows are missing."""
    after_size: int
    schema_ver: int
    machine_id: str
    incarnation: str
    device: str
    made_at: str
    key_name: str
    """The journal key's name in the keyring of its machine; empty where it is in a file."""
    escrow: str = ""
    wrapped: str = ""


@dataclass
class Sealer:
    """Makes the bytes of one segment, in order."""

    header: Header
    key: bytes = field(repr=False)
    bound: bytes
    start: bytes = field(repr=False)
    frames: int = 0

    @classmethod
    def of(cls, header: Header, journal_key: bytes) -> Sealer:
        """Make a segment's key; `start` is what the segment begins with."""
        key = secrets.token_bytes(sm4_gcm.KEY_BYTES)
        bare = {**vars(header), "wrapped": ""}
        wrapped = sm4_gcm.seal(_wrapping(journal_key), key, canonical_json(bare).encode())
        written = canonical_json({**bare, "wrapped": wrapped.hex()}).encode()
        start = MAGIC + _LENGTH.pack(len(written)) + written
        return cls(header, key, sm3(start), start)

    def seal(self, frame: Frame) -> bytes:
        """Return the next frame's bytes."""
        sealed = sm4_gcm.seal(self.key, _packed(frame), self.bound + _NUMBER.pack(self.frames))
        self.frames += 1
        return _LENGTH.pack(len(sealed)) + sealed


def read_header(content: bytes) -> tuple[Header, int] | None:
    """Return a segment's header and where its frames begin; None for what is no segment or was torn."""
    begin = len(MAGIC) + _LENGTH.size
    if len(content) < begin or not content.startswith(MAGIC):
        return None
    (length,) = _LENGTH.unpack_from(content, len(MAGIC))
    if length > _LONGEST_HEADER or len(content) < begin + length:
        return None
    try:
        header = Header(**json.loads(content[begin : begin + length]))
    except (ValueError, TypeError):
        return None
    return header, begin + length


def opens(header: Header, journal_key: bytes) -> bool:
    """Tell whether this is the key of the journal that was copied."""
    return _segment_key(header, journal_key) is not None


def read_frames(content: bytes, journal_key: bytes) -> Iterator[tuple[Frame, int]] | None:
    """Return the frames of a segment as far as they open, each with where it ends; None for another journal's key."""
    found = read_header(content)
    if found is None:
        return iter(())
    header, begin = found
    key = _segment_key(header, journal_key)
    return None if key is None else _frames(content, begin, key)


def _frames(content: bytes, begin: int, key: bytes) -> Iterator[tuple[Frame, int]]:
    bound, place, number = sm3(content[:begin]), begin, 0
    while place + _LENGTH.size <= len(content):
        (length,) = _LENGTH.unpack_from(content, place)
        end = place + _LENGTH.size + length
        if end > len(content):
            return
        clear = sm4_gcm.unseal(key, content[place + _LENGTH.size : end], bound + _NUMBER.pack(number))
        if clear is None:
            return
        yield _unpacked(clear), end
        place, number = end, number + 1


def _segment_key(header: Header, journal_key: bytes) -> bytes | None:
    bare = canonical_json({**vars(header), "wrapped": ""}).encode()
    try:
        return sm4_gcm.unseal(_wrapping(journal_key), bytes.fromhex(header.wrapped), bare)
    except ValueError:
        return None


def _wrapping(journal_key: bytes) -> bytes:
    return hmac.digest(journal_key, _PURPOSE, "sm3")[: sm4_gcm.KEY_BYTES]


def _packed(frame: Frame) -> bytes:
    parts = [
        {
            "table": part.table,
            "columns": list(part.columns),
            "key": list(part.key),
            "rows": [
                [key, None if values is None else [_told(value) for value in values]] for key, values in part.rows
            ],
        }
        for part in frame.parts
    ]
    return canonical_json({"last": frame.last, "parts": parts}).encode()


def _unpacked(clear: bytes) -> Frame:
    # Whoever sealed it had the segment's key: it is what `_packed` made.
    told = cast(Mapping[str, object], json.loads(clear))
    parts = cast(Sequence[Mapping[str, Sequence[object]]], told["parts"])
    return Frame([_rows(part) for part in parts], told["last"] is True)


def _rows(part: Mapping[str, Sequence[object]]) -> Rows:
    rows = cast(Sequence[tuple[str, Sequence[object] | None]], part["rows"])
    columns, key = (tuple(str(name) for name in part[field]) for field in ("columns", "key"))
    values = [(named, None if told is None else [_value(value) for value in told]) for named, told in rows]
    return Rows(str(part["table"]), columns, key, values)


def _told(value: Value) -> object:
    return {"b": base64.b64encode(value).decode("ascii")} if isinstance(value, bytes) else value


def _value(told: object) -> Value:
    if isinstance(told, dict):
        return base64.b64decode(told["b"])
    return cast(Value, told)
