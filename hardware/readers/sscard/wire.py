"""JSON lines between the program and the process that a maker's library lives in: UTF-8, one request, one answer.

Requests: `{"load": name, "path": file, "convention": "stdcall"}`, answered by `{"loaded": name}`, and
`{"call": function, "library": name, "arguments": [word, …]}`, answered by `{"returned": n, "out": [word, …]}`.
Whatever did not come to that is `{"fault": kind, "detail": text}`. A word is `int N`, `text …`, `hex …`, `out` or
`counted` on the way there, `text …` or `hex …` on the way back. A host turns text into GBK and back; what GBK has no
place for crosses as hex, so that the 32-bit host in C, which speaks the same, needs no table of GB 18030.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TypeAlias

ENCODING = "gb18030"
"""What a driver's text is in: GBK, and where a name needs it GB 18030."""
CAPACITY = 64 * 1024
"""Bytes of every buffer that a driver writes into; the interface asks for 512 to 20 × 1024 (card.md 4.2)."""
LONGEST_LINE = 8 * 1024 * 1024
"""Bytes of an answer: several buffers in hexadecimal, or a text of which every character is escaped."""


class Convention(StrEnum):
    """How a 32-bit Windows library takes its arguments; everywhere else both are the same."""

    STDCALL = "stdcall"
    CDECL = "cdecl"


class Out(Enum):
    """A buffer that the driver fills."""

    TEXT = "out"
    """`char*`: text in GBK, ended by NUL."""
    COUNTED = "counted"
    """`char*` followed by `int*`: as many bytes as the driver counts."""


Argument: TypeAlias = int | str | bytes | Out
"""A 32-bit number, a text, its bytes, or a buffer."""


class HostFaultKind(StrEnum):
    """What a host answers instead of a result; all but the last end it."""

    NO_LIBRARY = "no_library"
    WRONG_BITS = "wrong_bits"
    CRASHED = "crashed"
    OVERRUN = "overrun"
    REQUEST = "request"
    NO_FUNCTION = "no_function"


@dataclass(frozen=True)
class Loaded:
    """A library is there."""

    name: str


@dataclass(frozen=True)
class Returned:
    """What a function returned, a signed 32-bit number, and its buffers; bytes where text was none, or was counted."""

    number: int
    out: tuple[str | bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class HostFault:
    """Why a request came to nothing; the detail names files and codes, never data of a card."""

    kind: HostFaultKind
    detail: str = ""


Answer: TypeAlias = Loaded | Returned | HostFault


class NotOfTheWire(ValueError):
    """A line that is none of the above."""


def load_request(name: str, path: str, convention: Convention) -> bytes:
    """Ask for a library."""
    return _line({"load": name, "path": path, "convention": convention.value})


def call_request(library: str, function: str, arguments: Sequence[Argument]) -> bytes:
    """Ask for a call."""
    return _line({"call": function, "library": library, "arguments": [_word(each) for each in arguments]})


def parse_answer(line: bytes) -> Answer:
    """Read an answer; raises NotOfTheWire."""
    match _object(line):
        case {"loaded": str(name)}:
            return Loaded(name)
        case {"returned": int(number), "out": list(words)} if -(1 << 31) <= number < 1 << 31:
            return Returned(number, tuple(_out(word) for word in words))
        case {"fault": str(kind), "detail": str(detail)} if kind in set(HostFaultKind):
            return HostFault(HostFaultKind(kind), detail)
        case _:
            raise NotOfTheWire("answer")


@dataclass(frozen=True)
class LoadRequest:
    """A request as a host reads it."""

    name: str
    path: str
    convention: Convention


@dataclass(frozen=True)
class CallRequest:
    """A request as a host reads it."""

    loaded: str
    function: str
    arguments: tuple[Argument, ...] = field(repr=False)


def parse_request(line: bytes) -> LoadRequest | CallRequest:
    """Read a request; raises NotOfTheWire."""
    match _object(line):
        case {"load": str(name), "path": str(path), "convention": str(convention)} if convention in set(Convention):
            return LoadRequest(name, path, Convention(convention))
        case {"call": str(function), "library": str(library), "arguments": list(words)}:
            return CallRequest(library, function, tuple(_argument(word) for word in words))
        case _:
            raise NotOfTheWire("request")


def answer_line(answer: Answer) -> bytes:
    """Write an answer."""
    match answer:
        case Loaded(name):
            return _line({"loaded": name})
        case Returned(number, out):
            words = [f"text {each}" if isinstance(each, str) else f"hex {each.hex()}" for each in out]
            return _line({"returned": number, "out": words})
        case HostFault(kind, detail):
            return _line({"fault": kind.value, "detail": detail})


def _word(argument: Argument) -> str:
    match argument:
        case int():
            return f"int {argument}"
        case str():
            return f"text {argument}" if _in_gbk(argument) else f"hex {argument.encode(ENCODING).hex()}"
        case bytes():
            return f"hex {argument.hex()}"
        case Out():
            return str(argument.value)


def _in_gbk(text: str) -> bool:
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def _argument(word: object) -> Argument:
    kind, _, value = word.partition(" ") if isinstance(word, str) else ("", "", "")
    try:
        match kind:
            case "int":
                return int(value)
            case "text":
                return value
            case "hex":
                return bytes.fromhex(value)
            case _:
                return Out(kind)
    except ValueError as error:
        raise NotOfTheWire("argument") from error


def _out(word: object) -> str | bytes:
    kind, _, value = word.partition(" ") if isinstance(word, str) else ("", "", "")
    try:
        match kind:
            case "text":
                return value
            case "hex":
                return bytes.fromhex(value)
            case _:
                raise NotOfTheWire("out")
    except ValueError as error:
        raise NotOfTheWire("out") from error


def _line(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _object(line: bytes) -> dict[str, object]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NotOfTheWire("json") from error
    if not isinstance(fields, dict):
        raise NotOfTheWire("object")
    return fields
