"""One physical box is one actor: its chip, PSAM, resident ID and pad are used in turn, on one thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar


class BoxFaultKind(StrEnum):
    """Why a box could not be used; what the world did, not a defect."""

    NO_LIBRARY = "no_library"
    WRONG_BITS = "wrong_bits"
    NO_LINE = "no_line"
    HUNG = "hung"
    DIED = "died"
    GARBAGE = "garbage"
    OVERRUN = "overrun"
    STOPPED = "stopped"


@dataclass(frozen=True)
class BoxFault:
    """How a use of a box ended early; the detail names files, functions and codes, never data of a card."""

    kind: BoxFaultKind
    detail: str = ""


class BoxLost(Exception):
    """The box, its line or its driver cannot be used any longer and is opened anew; ends in a BoxFault."""

    def __init__(self, kind: BoxFaultKind, detail: str = "") -> None:
        super().__init__(f"{kind} {detail}")
        self.fault = BoxFault(kind, detail)


class Opened(Protocol):
    """A box that is open: a driver's host, or a serial line."""

    def close(self) -> None:
        """Let go of it; may be called again."""
        ...


D = TypeVar("D", bound=Opened)
T = TypeVar("T")


class ReaderBox(Generic[D]):
    """The owner of one box. `open_box` raises BoxLost; it is called for the first use, and again after a loss.

    `open_box` and all work run on the owner thread.
    """

    def __init__(self, open_box: Callable[[], D], name: str = "reader-box") -> None:
        self._open_box = open_box
        self._box: D | None = None
        self._mailbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the owner thread; the box is opened by its first use."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the work in hand, answer what waits with STOPPED, close the box and end the thread."""
        with self._gate:
            self._closed = True
            self._mailbox.put(None)
        self._thread.join()

    def use(self, work: Callable[[D], T]) -> Future[T | BoxFault]:
        """Run work with the box; the future holds a BoxFault when the box is lost, and raises a defect of `work`.

        The box must not be kept.
        """
        future: Future[T | BoxFault] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            if self._closed:
                future.set_result(BoxFault(BoxFaultKind.STOPPED))
                return
            try:
                future.set_result(work(self._opened()))
            except BoxLost as lost:
                self._close()
                future.set_result(lost.fault)
            except Exception as defect:  # noqa: BLE001 - a defect belongs to whoever waits for the future
                future.set_exception(defect)

        with self._gate:
            if self._closed:
                future.set_result(BoxFault(BoxFaultKind.STOPPED))
            else:
                self._mailbox.put(job)
        return future

    def _run(self) -> None:
        while (job := self._mailbox.get()) is not None:
            job()
        self._close()

    def _opened(self) -> D:
        self._assert_owner()
        if self._box is None:
            self._box = self._open_box()
        return self._box

    def _close(self) -> None:
        self._assert_owner()
        box, self._box = self._box, None
        if box is not None:
            box.close()

    def _assert_owner(self) -> None:
        assert threading.current_thread() is self._thread, "only the owner thread touches a box"
