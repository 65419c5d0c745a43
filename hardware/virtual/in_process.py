"""A card service in the process, where there is no PC/SC service: the same readers' behaviour over virtual cards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.ports import CardFaultKind, CardGone
from hardware.readers.context import Slot
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.chip import CardSilent, VirtualChip
from hardware.virtual.profiles import CardProfile
from hardware.virtual.reader_pad import VirtualReaderPad

READER = "Virtual PCD 00 00"
SAM_READER = "Virtual PCD SAM 00 01"


@dataclass
class _Reader:
    name: str
    card: VirtualChip | None = None
    insertion: int = 0
    held: bool = False
    pad: VirtualReaderPad | None = None

    def slot(self) -> Slot:
        card = self.card
        return Slot(self.name, card is not None, False, card.atr if card is not None else b"", self.insertion)


@dataclass
class InProcessService:
    """Readers with slots; every method may be called from any thread."""

    reader_names: tuple[str, ...] = (READER,)
    _readers: dict[str, _Reader] = field(init=False)
    _running: bool = True
    _changes: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._readers = {name: _Reader(name) for name in self.reader_names}

    def insert(self, card: VirtualChip, reader: str = READER) -> None:
        """Put a card in, powered anew; one that is in falls out."""
        card.insert()
        with self._changed:
            slot = self._readers[reader]
            slot.card, slot.insertion, slot.held = card, slot.insertion + 1, False
            self._tell()

    def remove(self, reader: str = READER) -> None:
        """Take the card out; an empty reader stays as it is."""
        with self._changed:
            self._empty(self._readers[reader])

    def give_pad(self, pad: VirtualReaderPad, reader: str = READER) -> None:
        """Build a pad into a reader."""
        with self._changed:
            self._readers[reader].pad = pad

    def pad(self, reader: str) -> VirtualReaderPad | None:
        """Return a reader's own pad; None where it has none."""
        with self._changed:
            slot = self._readers.get(reader)
            return None if slot is None else slot.pad

    def plug_reader(self, reader: str) -> None:
        """Connect a reader."""
        with self._changed:
            self._readers.setdefault(reader, _Reader(reader))
            self._tell()

    def unplug_reader(self, reader: str) -> None:
        """Disconnect a reader with whatever is in it."""
        with self._changed:
            gone = self._readers.pop(reader, None)
            if gone is not None:
                self._empty(gone)
            self._tell()

    def stop(self) -> None:
        """Stop the service; sessions break."""
        with self._changed:
            self._running = False
            for reader in self._readers.values():
                reader.held = False
            self._tell()

    def start(self) -> None:
        """Start the service again."""
        with self._changed:
            self._running = True
            self._tell()

    def context(self) -> InProcessContext:
        """Open a session; raises CardGone(NO_SERVICE) while stopped."""
        with self._changed:
            self.check_running()
            return InProcessContext(self, self._changed)

    def check_running(self) -> None:
        """Raise CardGone(NO_SERVICE) while stopped."""
        if not self._running:
            raise CardGone(CardFaultKind.NO_SERVICE)

    def look(self) -> tuple[int, tuple[Slot, ...]]:
        """Return a number that every change raises, and the slots."""
        with self._changed:
            self.check_running()
            return self._changes, tuple(reader.slot() for reader in self._readers.values())

    def differs(self, changes: int) -> bool:
        """Tell whether anything changed since `look` gave this number."""
        return self._changes != changes

    def hold(self, reader: str) -> tuple[VirtualChip, int]:
        """Hold a card exclusively; raises CardGone."""
        with self._changed:
            self.check_running()
            slot = self._readers.get(reader)
            if slot is None:
                raise CardGone(CardFaultKind.NO_READER)
            if slot.card is None:
                raise CardGone(CardFaultKind.NO_CARD)
            if slot.held:
                raise CardGone(CardFaultKind.BUSY)
            slot.held = True
            return slot.card, slot.insertion

    def still_held(self, reader: str, insertion: int) -> None:
        """Raise CardGone unless the insertion that was held is still there."""
        with self._changed:
            self.check_running()
            slot = self._readers.get(reader)
            if slot is None or slot.card is None or slot.insertion != insertion:
                raise CardGone(CardFaultKind.PULLED)

    def torn(self, reader: str, insertion: int) -> None:
        """Note that a card tore itself out."""
        with self._changed:
            slot = self._readers.get(reader)
            if slot is not None and slot.insertion == insertion:
                self._empty(slot)

    def let_go(self, reader: str, insertion: int, *, reset: bool) -> None:
        """End a hold; another insertion's hold and its card stay as they are."""
        with self._changed:
            slot = self._readers.get(reader)
            if slot is not None and slot.insertion == insertion:
                slot.held = False
                if reset and slot.card is not None:
                    slot.card.reset()

    def _empty(self, reader: _Reader) -> None:
        if reader.card is not None:
            reader.card, reader.insertion, reader.held = None, reader.insertion + 1, False
            self._tell()

    def _tell(self) -> None:
        self._changes += 1
        self._changed.notify_all()


class InProcessContext:
    """One session with the service in the process; a CardContext."""

    def __init__(self, service: InProcessService, changed: threading.Condition) -> None:
        self._service = service
        self._changed = changed
        self._seen = 0
        self._woken = False

    def slots(self) -> tuple[Slot, ...]:
        """Return every reader now; raises CardGone(NO_SERVICE)."""
        self._seen, slots = self._service.look()
        return slots

    def wait(self, seconds: float) -> None:
        """Return when something changed, when woken, or in time; raises CardGone(NO_SERVICE)."""
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._service.differs(self._seen), seconds)
            self._woken = False
            self._service.check_running()

    def wake(self) -> None:
        """End a wait."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def connect(self, reader: str) -> InProcessConnection:
        """Hold the card exclusively; raises CardGone."""
        card, insertion = self._service.hold(reader)
        return InProcessConnection(self._service, reader, card, insertion)

    def holders(self) -> tuple[str, ...]:
        """Return nobody: whoever holds a virtual card has no name."""
        return ()

    def release(self) -> None:
        """End the session; nothing is kept."""


class InProcessConnection:
    """A virtual card held exclusively; a CardConnection."""

    def __init__(self, service: InProcessService, reader: str, card: VirtualChip, insertion: int) -> None:
        self._service = service
        self._reader = reader
        self._card = card
        self._insertion = insertion

    @property
    def atr(self) -> bytes:
        """Return the answer to reset."""
        return self._card.atr

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """Send one command; raises CardGone."""
        self._service.still_held(self._reader, self._insertion)
        try:
            answer = self._card.transmit(apdu)
        except CardSilent as silent:
            if not self._card.gone:
                raise CardGone(CardFaultKind.MUTE) from silent
            self._service.torn(self._reader, self._insertion)
            raise CardGone(CardFaultKind.PULLED) from silent
        self._service.still_held(self._reader, self._insertion)
        return answer[:-2], int.from_bytes(answer[-2:])

    def keep_alive(self) -> None:
        """Raise CardGone unless the card is still there."""
        self._service.still_held(self._reader, self._insertion)

    def features(self) -> bytes:
        """Return the features of the reader's pad; empty where it has none."""
        pad = self._service.pad(self._reader)
        return b"" if pad is None else pad.features()

    def control(self, code: int, command: bytes) -> bytes:
        """Let the reader's pad ask the holder and the card; raises CardGone."""
        pad = self._service.pad(self._reader)
        assert pad is not None, "a control code comes out of the features"
        return pad.control(code, command, self.transmit)

    def close(self, *, reset: bool) -> None:
        """Let go of the card."""
        self._service.let_go(self._reader, self._insertion, reset=reset)


def virtual_context(profile: CardProfile | None, delay: float = 0.0) -> Callable[[], InProcessContext]:
    """Return a supervisor's context factory with one reader, and a card in it unless `profile` is None."""
    service = InProcessService()
    if profile is not None:
        service.insert(VirtualCard(profile, delay))
    return service.context
