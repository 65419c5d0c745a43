"""One typed bus: everything that happens off the GUI thread comes back as one of these values."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.domain.province_stop import ToldStop
from app.domain.refusal import Refusal
from app.domain.work_limits import Standing
from hardware.camera.camera_state import CameraState
from hardware.ports import PrinterStatus, PrintOutcome, ReaderStatus
from hardware.scanners.line_state import LineState


@dataclass(frozen=True)
class ReaderChanged:
    """The reader supervisor published a state."""

    status: ReaderStatus


@dataclass(frozen=True)
class ProvinceChanged:
    """The province came or went."""

    online: bool
    since: datetime


@dataclass(frozen=True)
class OutboxChanged:
    """What waits for delivery."""

    pending: int
    oldest_age_s: float
    tasks: int
    """Rows that wait for a person."""


@dataclass(frozen=True)
class LimitsMoved:
    """How much of each limit of work without the province is used; sent again while one is to be told of."""

    standing: Standing


@dataclass(frozen=True)
class StopTold:
    """A stop of the province to tell of, as announced; None when there is none any more."""

    told: ToldStop | None


@dataclass(frozen=True)
class CopyMoved:
    """What the second place does not have yet; `whole` tells whether it has a copy at all."""

    rows: int
    age_s: float
    whole: bool


@dataclass(frozen=True)
class DeliverySettled:
    """One delivery reached an end: applied, rejected or conflict."""

    op_id: str
    state: str
    reason: str | None


@dataclass(frozen=True)
class SagaMoved:
    """A saga goes on, or came to rest: `step` is what is being done in the world now, empty at rest."""

    op_id: str
    step: str
    state: str


@dataclass(frozen=True)
class QueueChanged:
    """The hall's queue moved; ask for the view again."""


@dataclass(frozen=True)
class PrinterChanged:
    """The receipt printer's spooler published a state."""

    status: PrinterStatus


@dataclass(frozen=True)
class PrintMoved:
    """A print job that nobody waited for any more came to another state."""

    job_id: str
    copy: int
    outcome: PrintOutcome


@dataclass(frozen=True)
class ScannerChanged:
    """The serial scanner's line came or went."""

    state: LineState


@dataclass(frozen=True)
class CameraMoved:
    """The camera that looks for a code came or went."""

    state: CameraState


@dataclass(frozen=True)
class LookEnded:
    """The camera is given back; `refusal` says why it gave no code, None after a code and where nobody wants one."""

    refusal: Refusal | None


@dataclass(frozen=True)
class Trouble:
    """The world went wrong outside any visit: disk full, clock off."""

    refusal: Refusal


Event = (
    ReaderChanged
    | ProvinceChanged
    | OutboxChanged
    | LimitsMoved
    | StopTold
    | CopyMoved
    | DeliverySettled
    | SagaMoved
    | QueueChanged
    | PrinterChanged
    | PrintMoved
    | ScannerChanged
    | CameraMoved
    | LookEnded
    | Trouble
)
Listener = Callable[[Event], None]


class EventBus:
    """Carries events to listeners on the thread that publishes; a face adds its own bridge."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; returns what takes it off again."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(kept for kept in self._listeners if kept is not listener)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Hand an event to every listener."""
        for listener in self._listeners:
            listener(event)
