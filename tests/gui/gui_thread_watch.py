"""Notes whatever the GUI thread does that may block: sockets, databases, processes, fsync, sleeping, waiting."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

BLOCKING = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.sendto",
    "sqlite3.connect",
    "subprocess.Popen",
    "os.posix_spawn",
    "os.fork",
    "os.system",
)


class GuiThreadWatch:
    """Holds what was seen while it was on; an audit hook can never be taken off, so one is kept and switched."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._on = False
        self._gui = threading.get_ident()
        sys.addaudithook(self._hear)

    def _hear(self, name: str, _arguments: tuple[Any, ...]) -> None:
        if self._on and name in BLOCKING:
            self.note(name)

    def note(self, what: str) -> None:
        """Note something if it happens on the GUI thread now."""
        if self._on and threading.get_ident() == self._gui:
            frame = sys._getframe(2)
            self.seen.append(f"{what} ({frame.f_code.co_filename}:{frame.f_lineno})")

    @contextmanager
    def on(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        """Watch; the calling thread is the GUI's. Databases are watched by their statements, whatever their driver."""
        self.seen, self._gui = [], threading.get_ident()

        def statement(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
            self.note(f"SQL {text.split()[0]}")

        event.listen(Engine, "before_cursor_execute", statement)
        with monkeypatch.context() as patch:
            for place, name in ((os, "fsync"), (os, "fdatasync"), (time, "sleep")):
                patch.setattr(place, name, self._noting(name, getattr(place, name)))
            patch.setattr(Future, "result", self._noting_wait(Future.result))
            self._on = True
            try:
                yield self.seen
            finally:
                self._on = False
                event.remove(Engine, "before_cursor_execute", statement)

    def _noting(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            self.note(name)
            return call(*arguments)

        return noted

    def _noting_wait(self, wait: Callable[..., Any]) -> Callable[..., Any]:
        def noted(future: Future[Any], timeout: float | None = None) -> Any:
            if not future.done():
                self.note("waiting for a future")
            return wait(future, timeout)

        return noted
