"""The process that a maker's library lives in: it may hang, crash or print there without harm to the program.

Serves the lines of `wire` on its standard input and output, one call at a time on the main thread, and ends with its
input. The library's folder becomes the working folder and is searched for sister libraries (card.md 4.5.2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from hardware.readers.sscard.wire import (
    CAPACITY,
    ENCODING,
    Answer,
    Argument,
    CallRequest,
    Convention,
    HostFault,
    HostFaultKind,
    Loaded,
    LoadRequest,
    NotOfTheWire,
    Out,
    Returned,
    answer_line,
    parse_request,
)

_GUARD = b"\xa5" * CAPACITY
"""Stands behind each buffer: where it was written over, the driver did not keep to 64 KiB."""
_LEAVE_S = 1.0
"""Seconds that a call in hand still has once whoever asked is gone."""
_BAD_EXE_FORMAT = 193
_ENDING = frozenset(HostFaultKind) - {HostFaultKind.NO_FUNCTION}


class _Libraries:
    """What was loaded, by the name it was asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, ctypes.CDLL] = {}

    def answer(self, line: bytes) -> Answer:
        try:
            request = parse_request(line)
        except NotOfTheWire as error:
            return HostFault(HostFaultKind.REQUEST, str(error))
        match request:
            case LoadRequest():
                return self._load(request)
            case CallRequest():
                library = self._loaded.get(request.loaded)
                if library is None:
                    return HostFault(HostFaultKind.REQUEST, f"{request.loaded} is not loaded")
                return _call(library, request.function, request.arguments)

    def _load(self, request: LoadRequest) -> Answer:
        file = Path(request.path).absolute()
        try:
            os.chdir(file.parent)
            self._loaded[request.name] = _open(file, request.convention)
        except OSError as error:
            wrong = getattr(error, "winerror", None) == _BAD_EXE_FORMAT or "wrong ELF class" in str(error)
            return HostFault(HostFaultKind.WRONG_BITS if wrong else HostFaultKind.NO_LIBRARY, str(error))
        return Loaded(request.name)


def _open(file: Path, convention: Convention) -> ctypes.CDLL:
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetDllDirectoryW(str(file.parent))
        # The plain search order: the other one does not look into the folder that was just set.
        kind = ctypes.WinDLL if convention is Convention.STDCALL else ctypes.CDLL
        opened = kind(str(file), winmode=0)
    else:
        opened = ctypes.CDLL(str(file))
    return opened


def _call(library: ctypes.CDLL, name: str, arguments: Sequence[Argument]) -> Answer:
    try:
        function = getattr(library, name)
    except AttributeError:
        return HostFault(HostFaultKind.NO_FUNCTION, name)
    function.restype = ctypes.c_int32
    given: list[object] = []
    buffers: list[tuple[ctypes.Array[ctypes.c_char], ctypes.c_int32 | None]] = []
    for argument in arguments:
        match argument:
            case int():
                given.append(ctypes.c_int32(argument))
            case str():
                given.append(ctypes.c_char_p(argument.encode(ENCODING, "replace")))
            case bytes():
                given.append(ctypes.c_char_p(argument))
            case Out():
                buffer = ctypes.create_string_buffer(bytes(CAPACITY) + _GUARD, 2 * CAPACITY)
                count = ctypes.c_int32(CAPACITY) if argument is Out.COUNTED else None
                buffers.append((buffer, count))
                given += [buffer] if count is None else [buffer, ctypes.byref(count)]
    try:
        number = int(function(*given))
    except OSError:
        # Windows lets a crash be caught; the library's memory is not to be trusted any more.
        return HostFault(HostFaultKind.CRASHED, name)
    out: list[str | bytes] = []
    for buffer, count in buffers:
        found = _found(buffer.raw, None if count is None else count.value)
        if found is None:
            return HostFault(HostFaultKind.OVERRUN, name)
        out.append(found)
    return Returned(number, tuple(out))


def _found(raw: bytes, count: int | None) -> str | bytes | None:
    """Return what stands in a buffer: text, or bytes where it is none; None when the driver left its bounds."""
    if raw[CAPACITY:] != _GUARD:
        return None
    if count is not None:
        return raw[:count] if 0 <= count <= CAPACITY else None
    end = raw.find(b"\x00", 0, CAPACITY)
    if end < 0:
        return None
    try:
        return raw[:end].decode(ENCODING)
    except UnicodeDecodeError:
        return raw[:end]


def _private_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep standard input and output to ourselves: what a driver reads and prints there would break the lines."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return requests, answers


def _watch(requests: IO[bytes], lines: SimpleQueue[bytes | None]) -> None:
    """Hand lines over; when whoever asks is gone, end the process even out of a call that hangs."""
    for line in requests:
        lines.put(line)
    lines.put(None)
    threading.Timer(_LEAVE_S, _leave).start()


def _leave() -> None:
    os._exit(0)


def serve(lines: Callable[[], bytes | None], answers: IO[bytes]) -> None:
    """Answer lines until there is none, or until a fault after which the library cannot be used."""
    libraries = _Libraries()
    while (line := lines()) is not None:
        answer = libraries.answer(line)
        answers.write(answer_line(answer))
        answers.flush()
        if isinstance(answer, HostFault) and answer.kind in _ENDING:
            return


def main() -> int:
    """Serve on standard input and output."""
    requests, answers = _private_streams()
    lines: SimpleQueue[bytes | None] = SimpleQueue()
    threading.Thread(target=_watch, args=(requests, lines), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        serve(lines.get, answers)
    # Without a maker's own clean-up, which may wait for a reader that is gone.
    _leave()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
