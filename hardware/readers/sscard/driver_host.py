"""The program's side of a driver's process: starts it, asks it within a time limit, and ends it when it hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.readers.box import BoxFaultKind, BoxLost
from hardware.readers.sscard.wire import (
    ENCODING,
    LONGEST_LINE,
    Answer,
    Argument,
    Convention,
    HostFault,
    HostFaultKind,
    Loaded,
    NotOfTheWire,
    Out,
    Returned,
    call_request,
    load_request,
    parse_answer,
)

FROZEN_VERB = "_driver-host"
START_S = 20.0
"""Seconds in which a host is there and a library is loaded; a frozen program starts in under one."""
LEAVE_S = 3.0

# `-m` looks into the working folder first, and a folder there may bear the name of one of ours.
_PROGRAM_ROOT = Path(__file__).parents[3]
_LOST: Mapping[HostFaultKind, BoxFaultKind] = {
    HostFaultKind.NO_LIBRARY: BoxFaultKind.NO_LIBRARY,
    HostFaultKind.WRONG_BITS: BoxFaultKind.WRONG_BITS,
    HostFaultKind.CRASHED: BoxFaultKind.DIED,
    HostFaultKind.OVERRUN: BoxFaultKind.OVERRUN,
    HostFaultKind.REQUEST: BoxFaultKind.GARBAGE,
}


@dataclass(frozen=True)
class DriverLibrary:
    """A maker's library as the settings name it."""

    name: str
    path: Path
    convention: Convention = Convention.STDCALL


@dataclass(frozen=True)
class NoFunction:
    """The library does not have a function; the host goes on."""

    function: str


class DriverHost:
    """One process with the libraries of one box, of one bitness; used by the thread that made it.

    `command` starts the host: this program itself, or the 32-bit one. Raises BoxLost.
    """

    def __init__(
        self, libraries: Sequence[DriverLibrary], command: Sequence[str] | None = None, start_s: float = START_S
    ) -> None:
        self._owner = threading.current_thread()
        self._folders = tuple(dict.fromkeys(library.path.parent for library in libraries))
        try:
            self._child = subprocess.Popen(
                command or own_command(),
                cwd=_PROGRAM_ROOT,
                env=_environment(self._folders),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What a maker's library prints may be personal.
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise BoxLost(BoxFaultKind.NO_LIBRARY, f"host: {error.strerror}") from error
        try:
            for library in libraries:
                self._load(library, start_s)
        except BoxLost:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._child.pid

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the libraries' folders; the last of them is the host's working folder."""
        return self._folders

    def call(self, library: str, function: str, arguments: Sequence[Argument], wait_s: float) -> Returned | NoFunction:
        """Call a function; raises BoxLost, and the host is ended, when it hangs, dies or answers anything else."""
        answer = self._ask(call_request(library, function, arguments), function, wait_s)
        match answer:
            case Returned(number, out):
                buffers = (each for each in arguments if isinstance(each, Out))
                return Returned(number, tuple(map(_text, buffers, out)))
            case HostFault(HostFaultKind.NO_FUNCTION):
                return NoFunction(function)
            case _:
                raise self._lost(answer, function)

    def close(self) -> None:
        """End the process; killed when it does not leave by itself. May be called again."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.close()
        except OSError:
            self._child.kill()
        try:
            self._child.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child.stdout.close()

    def _load(self, library: DriverLibrary, start_s: float) -> None:
        request = load_request(library.name, str(library.path.absolute()), library.convention)
        answer = self._ask(request, library.path.name, start_s)
        if answer != Loaded(library.name):
            raise self._lost(answer, library.path.name)

    def _lost(self, answer: Answer, what: str) -> BoxLost:
        self._child.kill()
        if isinstance(answer, HostFault):
            return BoxLost(_LOST.get(answer.kind, BoxFaultKind.GARBAGE), answer.detail or what)
        return BoxLost(BoxFaultKind.GARBAGE, what)

    def _ask(self, request: bytes, what: str, wait_s: float) -> Answer:
        assert threading.current_thread() is self._owner, "only the owner thread calls a driver"
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        hung = threading.Event()

        def give_up() -> None:
            hung.set()
            self._child.kill()

        guard = threading.Timer(wait_s, give_up)
        guard.start()
        try:
            self._child.stdin.write(request)
            self._child.stdin.flush()
            line = self._child.stdout.readline(LONGEST_LINE)
        except OSError:
            line = b""
        finally:
            guard.cancel()
            guard.join()
        if not line.endswith(b"\n"):
            self._child.kill()
            long = len(line) == LONGEST_LINE
            raise BoxLost(
                BoxFaultKind.HUNG if hung.is_set() else BoxFaultKind.GARBAGE if long else BoxFaultKind.DIED, what
            )
        try:
            return parse_answer(line)
        except NotOfTheWire as error:
            self._child.kill()
            raise BoxLost(BoxFaultKind.GARBAGE, what) from error


def _text(kind: Out, found: str | bytes) -> str | bytes:
    """Read text that a host could not: the four-byte characters of GB 18030; bytes where it is none."""
    if kind is Out.COUNTED or isinstance(found, str):
        return found
    try:
        return found.decode(ENCODING)
    except UnicodeDecodeError:
        return found


def own_command() -> tuple[str, ...]:
    """Return what starts a host of this program's own bitness."""
    if getattr(sys, "frozen", False):
        return (sys.executable, FROZEN_VERB)
    return (sys.executable, "-m", "hardware.readers.sscard.host")


def command32() -> tuple[str, ...]:
    """Return what starts the host of 32-bit Windows libraries; a package without it ends in NO_LIBRARY."""
    return (str(Path(__file__).parent / "host32.exe"),)


def _environment(folders: Sequence[Path]) -> dict[str, str]:
    environment = dict(os.environ)
    if sys.platform != "win32":
        # The loader looks into no folder of a library by itself.
        places = [str(folder.absolute()) for folder in folders]
        places += [place for place in (environment.get("LD_LIBRARY_PATH"),) if place]
        environment["LD_LIBRARY_PATH"] = os.pathsep.join(places)
    return environment
