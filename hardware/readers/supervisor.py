"""The owner of the card readers: one thread that watches, judges and uses them, and publishes five states."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from hardware.card.read_card import is_social, select_ssse
from hardware.ports import CardChannel, CardFault, CardFaultKind, CardGone, ReaderState, ReaderStatus
from hardware.readers.context import CardConnection, CardContext, Slot
from hardware.readers.reader_roles import ReaderRole, RolePattern, beside, is_wanted, role_of

traffic = logging.getLogger("hardware.apdu")

T = TypeVar("T")

_LOOK_AGAIN = 0.2
"""Seconds of one wait: the most that a wake-up lost between look and wait can cost."""
_SERVICE_AGAIN = 0.25
_BUSY_PATIENCE = 1.0
_BUSY_AGAIN = 0.05

_CARD_ROLES = (ReaderRole.CONTACT, ReaderRole.CONTACTLESS)

_FAULTS = {
    ReaderState.NO_SERVICE: CardFaultKind.NO_SERVICE,
    ReaderState.NO_READER: CardFaultKind.NO_READER,
    ReaderState.EMPTY: CardFaultKind.NO_CARD,
}

_Job = Callable[[CardChannel | CardFault], None]


class ReaderSupervisor:
    """Watches the readers that are wanted; cards of ours go before others, and those in a slot before those in the air.

    `wanted` is a shell pattern or words of a reader's name; `roles` tells which readers hold a PSAM or are not looked
    at. `publish` is called on the owner thread, once a change. `context_factory` opens a session with the service
    and raises CardGone(NO_SERVICE) while there is none.
    """

    def __init__(
        self,
        context_factory: Callable[[], CardContext],
        publish: Callable[[ReaderStatus], None],
        wanted: str | None = None,
        roles: Sequence[RolePattern] = (),
    ) -> None:
        self._context_factory = context_factory
        self._publish = publish
        self._wanted = wanted or ""
        self._roles = tuple(roles)
        self._mailbox: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._stopping = threading.Event()
        self._closed = False
        self._context: CardContext | None = None
        self._status = ReaderStatus(ReaderState.NO_SERVICE)
        self._shown: tuple[ReaderStatus, Slot | None] | None = None
        self._judged: dict[Slot, ReaderState] = {}
        self._sams: tuple[str, ...] = ()
        self._in_hand: tuple[CardContext, Slot] | None = None
        self._foreign = CardFault(CardFaultKind.FOREIGN)
        self._thread = threading.Thread(target=self._run, name="card-readers", daemon=True)

    @property
    def status(self) -> ReaderStatus:
        """Return what was published last; NO_SERVICE before the first look."""
        return self._status

    def start(self) -> None:
        """Start the owner thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the owner thread after the work in hand; what waits is answered with NO_SERVICE."""
        self._stopping.set()
        while self._thread.is_alive():
            self._wake()
            self._thread.join(_BUSY_AGAIN)
        with self._gate:
            self._closed = True
        self._refuse_waiting(CardFault(CardFaultKind.NO_SERVICE, "stopped"))

    def use(self, work: Callable[[CardChannel], T]) -> Future[T | CardFault]:
        """Run work on the owner thread with the card held exclusively and reset afterwards.

        The future holds a CardFault when there is no card of ours or it leaves; a defect in `work` is raised by it.
        The channel must not be kept.
        """
        future: Future[T | CardFault] = Future()

        def job(channel: CardChannel | CardFault) -> None:
            if not future.set_running_or_notify_cancel():
                return
            if isinstance(channel, CardFault):
                future.set_result(channel)
                return
            try:
                future.set_result(work(channel))
            except CardGone as gone:
                future.set_result(gone.fault)
            except Exception as defect:  # noqa: BLE001 - a defect belongs to whoever waits for the future
                future.set_exception(defect)

        with self._gate:
            if self._closed:
                job(CardFault(CardFaultKind.NO_SERVICE, "stopped"))
                return future
            self._mailbox.put(job)
        self._wake()
        return future

    def use_with_sam(self, work: Callable[[CardChannel, CardChannel | None], T]) -> Future[T | CardFault]:
        """Do as `use` does, with the PSAM of the same box held too; None where there is none that answers."""
        return self.use(lambda channel: self._beside_sam(channel, work))

    def _beside_sam(self, channel: CardChannel, work: Callable[[CardChannel, CardChannel | None], T]) -> T:
        sam = self._open_sam()
        if sam is None:
            return work(channel, None)
        try:
            return work(channel, _OwnedChannel(sam, self._assert_owner))
        finally:
            sam.close(reset=True)

    def _open_sam(self) -> CardConnection | None:
        self._assert_owner()
        assert self._in_hand is not None, "only while a card is in hand"
        context, slot = self._in_hand
        reader = beside(slot.reader, self._sams)
        try:
            return None if reader is None else self._connect(context, reader)
        except CardGone as gone:
            if gone.fault.kind is CardFaultKind.NO_SERVICE:
                raise
            return None

    def _wake(self) -> None:
        context = self._context
        if context is not None:
            context.wake()

    def _assert_owner(self) -> None:
        assert threading.current_thread() is self._thread, "only the owner thread touches a reader"

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                context = self._context_factory()
            except CardGone:
                self._show(ReaderStatus(ReaderState.NO_SERVICE), None)
                self._refuse_for(_SERVICE_AGAIN)
                continue
            self._context = context
            try:
                self._serve(context)
            except CardGone:
                self._show(ReaderStatus(ReaderState.NO_SERVICE), None)
            finally:
                self._context = None
                context.release()

    def _serve(self, context: CardContext) -> None:
        while not self._stopping.is_set():
            slot = self._look(context)
            try:
                job = self._mailbox.get_nowait()
            except queue.Empty:
                context.wait(_LOOK_AGAIN)
            else:
                self._work(context, slot, job)

    def _look(self, context: CardContext) -> Slot | None:
        """Judge what stands in the readers, publish it, and return the slot to work with."""
        self._assert_owner()
        there = [(role_of(slot.reader, self._roles), slot) for slot in context.slots()]
        self._sams = tuple(slot.reader for role, slot in there if role is ReaderRole.SAM and slot.present)
        slots = [
            slot for role in _CARD_ROLES for own, slot in there if own is role and is_wanted(slot.reader, self._wanted)
        ]
        known, self._judged = self._judged, {}
        for slot in slots:
            if slot.present:
                state = known.get(slot) or (ReaderState.FOREIGN if slot.mute else self._judge(context, slot))
                if state is not None:
                    self._judged[slot] = state
        chosen = next((slot for slot, state in self._judged.items() if state is ReaderState.READY), None)
        chosen = chosen or next(iter(self._judged), None)
        if chosen is not None:
            in_the_air = role_of(chosen.reader, self._roles) is ReaderRole.CONTACTLESS
            self._show(ReaderStatus(self._judged[chosen], chosen.reader, chosen.atr or None, in_the_air), chosen)
        elif slots:
            self._show(ReaderStatus(ReaderState.EMPTY, slots[0].reader), None)
        else:
            self._show(ReaderStatus(ReaderState.NO_READER), None)
        return chosen

    def _judge(self, context: CardContext, slot: Slot) -> ReaderState | None:
        """Tell by SELECT whether the card is ours; None when it left meanwhile."""
        try:
            connection = self._connect(context, slot.reader)
            try:
                answer = select_ssse(connection)
            finally:
                connection.close(reset=False)
        except CardGone as gone:
            match gone.fault.kind:
                case CardFaultKind.NO_SERVICE:
                    raise
                case CardFaultKind.BUSY:
                    # Another program holds it, so it cannot be judged: whoever uses it will be told.
                    return ReaderState.READY
                case CardFaultKind.MUTE | CardFaultKind.MALFORMED:
                    self._foreign = CardFault(CardFaultKind.FOREIGN, f"{gone.fault.kind} {gone.fault.detail}".strip())
                    return ReaderState.FOREIGN
                case _:
                    return None
        self._foreign = CardFault(CardFaultKind.FOREIGN, f"{answer.status:04X}")
        return ReaderState.READY if is_social(answer) else ReaderState.FOREIGN

    def _work(self, context: CardContext, slot: Slot | None, job: _Job) -> None:
        if slot is None or self._status.state is not ReaderState.READY:
            state = self._status.state
            job(self._foreign if state is ReaderState.FOREIGN else CardFault(_FAULTS[state]))
            return
        try:
            connection = self._connect(context, slot.reader)
        except CardGone as gone:
            job(gone.fault)
            if gone.fault.kind is CardFaultKind.NO_SERVICE:
                raise
            return
        self._in_hand = context, slot
        try:
            job(_OwnedChannel(connection, self._assert_owner))
        finally:
            self._in_hand = None
            connection.close(reset=True)

    def _connect(self, context: CardContext, reader: str) -> CardConnection:
        """Hold the card, waiting a little while another program has it; raises CardGone, a BUSY one with its name."""
        until = time.monotonic() + _BUSY_PATIENCE
        while True:
            try:
                return context.connect(reader)
            except CardGone as gone:
                if gone.fault.kind is not CardFaultKind.BUSY:
                    raise
                if time.monotonic() > until:
                    raise CardGone(CardFaultKind.BUSY, ", ".join(context.holders())) from gone
            self._stopping.wait(_BUSY_AGAIN)

    def _show(self, status: ReaderStatus, slot: Slot | None) -> None:
        last, last_slot = self._shown or (None, None)
        if status == last and slot == last_slot:
            return
        if status == last and slot is not None:
            # The same card was out and in again between two looks.
            self._tell(ReaderStatus(ReaderState.EMPTY, status.reader))
        self._shown = (status, slot)
        if status != last or slot is not None:
            self._tell(status)

    def _tell(self, status: ReaderStatus) -> None:
        self._status = status
        self._publish(status)

    def _refuse_for(self, seconds: float) -> None:
        """Answer the mailbox for a while in which there is no service."""
        until = time.monotonic() + seconds
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            try:
                job = self._mailbox.get(timeout=left)
            except queue.Empty:
                return
            job(CardFault(CardFaultKind.NO_SERVICE))

    def _refuse_waiting(self, fault: CardFault) -> None:
        while True:
            try:
                job = self._mailbox.get_nowait()
            except queue.Empty:
                return
            job(fault)


class _OwnedChannel:
    """A channel that only the owner thread may use."""

    def __init__(self, channel: CardConnection, assert_owner: Callable[[], None]) -> None:
        self._channel = channel
        self._assert_owner = assert_owner

    @property
    def atr(self) -> bytes:
        return self._channel.atr

    def keep_alive(self) -> None:
        self._assert_owner()
        self._channel.keep_alive()

    def features(self) -> bytes:
        self._assert_owner()
        return self._channel.features()

    def control(self, code: int, command: bytes) -> bytes:
        self._assert_owner()
        return self._channel.control(code, command)

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        self._assert_owner()
        answer, status = self._channel.transmit(apdu)
        # What a card says and is told is personal: only the command's header is logged.
        traffic.debug("%s +%d: %d bytes, %04X", apdu[:4].hex(), len(apdu) - 4, len(answer), status)
        return answer, status
