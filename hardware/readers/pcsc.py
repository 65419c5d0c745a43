"""PC/SC through pyscard's low level: the only module that imports it. Figures and codes: platform.md."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from smartcard import scard

from hardware.ports import CardFaultKind, CardGone
from hardware.readers.card_programs import card_programs
from hardware.readers.context import Slot

_HOT_PLUG = "\\\\?PnP?\\Notification"
_STILL_THERE = 0.6
"""Seconds in which a service notices a removal; vpcd's slots are polled each 0.4 s."""

_KINDS: Mapping[int, CardFaultKind] = {
    0x80100003: CardFaultKind.NO_SERVICE,  # invalid handle: the service was restarted
    0x80100013: CardFaultKind.NO_SERVICE,  # communication with the service broke
    0x8010001D: CardFaultKind.NO_SERVICE,
    0x8010001E: CardFaultKind.NO_SERVICE,
    0x8010006A: CardFaultKind.NO_SERVICE,  # the service lets nobody in: its policy, or its end
    0x80100009: CardFaultKind.NO_READER,
    0x80100017: CardFaultKind.NO_READER,
    0x8010002E: CardFaultKind.NO_READER,
    0x8010000C: CardFaultKind.NO_CARD,
    0x8010000B: CardFaultKind.BUSY,
    0x80100016: CardFaultKind.PULLED,
    0x80100068: CardFaultKind.PULLED,
    0x80100069: CardFaultKind.PULLED,
    0x8010000A: CardFaultKind.MUTE,
    0x8010000F: CardFaultKind.MUTE,
    0x80100066: CardFaultKind.MUTE,
    0x80100067: CardFaultKind.MUTE,
}
_OK = 0
_TIMEOUT = 0x8010000A
_CANCELLED = 0x80100002
_NO_READERS = 0x8010002E
_READER_LEFT = (0x80100009, 0x80100017)
_NOT_TRANSACTED = 0x80100016
_GET_FEATURES = 3400
"""CM_IOCTL_GET_FEATURE_REQUEST (PC/SC part 10, 2.2); each system makes another control code of it."""


def open_context() -> PcscContext:
    """Open a session with the PC/SC service; raises CardGone(NO_SERVICE)."""
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code & 0xFFFFFFFF != _OK:
        raise CardGone(CardFaultKind.NO_SERVICE, _hex(code))
    return PcscContext(int(context))


class PcscContext:
    """One session with the PC/SC service; a CardContext."""

    def __init__(self, context: int) -> None:
        self._context = context
        self._known: list[tuple[str, int]] = []

    def slots(self) -> tuple[Slot, ...]:
        """Return every reader now, in the service's order; raises CardGone(NO_SERVICE)."""
        code, names = scard.SCardListReaders(self._context, [])
        if code & 0xFFFFFFFF == _NO_READERS:
            names = []
        else:
            _check(code)
        found = self._changes(0, [(str(name), scard.SCARD_STATE_UNAWARE) for name in names]) if names else ()
        self._known = [(name, state & ~scard.SCARD_STATE_CHANGED) for name, state, _ in found]
        return tuple(
            Slot(
                name,
                bool(state & scard.SCARD_STATE_PRESENT),
                bool(state & scard.SCARD_STATE_MUTE),
                atr,
                state >> 16,
            )
            for name, state, atr in found
        )

    def wait(self, seconds: float) -> None:
        """Return when a reader or card comes or goes, when woken, or in time; raises CardGone(NO_SERVICE)."""
        self._changes(round(seconds * 1000), [*self._known, (_HOT_PLUG, len(self._known) << 16)])

    def wake(self) -> None:
        """End a wait that has begun; harmless at any other time."""
        scard.SCardCancel(self._context)

    def connect(self, reader: str) -> PcscConnection:
        """Power the card and hold it exclusively; raises CardGone."""
        code, handle, protocol = scard.SCardConnect(
            self._context, reader, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        )
        _check(code)
        return PcscConnection(self, reader, int(handle), int(protocol))

    def holders(self) -> tuple[str, ...]:
        """Return the names of other programs that use the service, as far as the system tells."""
        return card_programs()

    def release(self) -> None:
        """End the session; open connections end with it."""
        scard.SCardReleaseContext(self._context)

    def card_left(self, reader: str) -> bool:
        """Watch a reader for as long as the service may need to notice a removal; tell whether the card left."""
        until = time.monotonic() + _STILL_THERE
        state = scard.SCARD_STATE_UNAWARE
        while True:
            left = max(until - time.monotonic(), 0.0)
            found = self._changes(round(left * 1000), [(reader, state)])
            if not found or not found[0][1] & scard.SCARD_STATE_PRESENT:
                return True
            if left == 0.0:
                return False
            state = found[0][1] & ~scard.SCARD_STATE_CHANGED

    def _changes(self, milliseconds: int, known: Sequence[tuple[str, int]]) -> tuple[tuple[str, int, bytes], ...]:
        """Ask for changes; nothing when a reader of the list has left."""
        code, states = scard.SCardGetStatusChange(self._context, milliseconds, list(known))
        if code & 0xFFFFFFFF in _READER_LEFT:
            return ()
        if code & 0xFFFFFFFF not in (_TIMEOUT, _CANCELLED):
            _check(code)
        return tuple((str(name), int(state), bytes(atr)) for name, state, atr in states)


class PcscConnection:
    """A card held exclusively; a CardConnection."""

    def __init__(self, context: PcscContext, reader: str, handle: int, protocol: int) -> None:
        self._context = context
        self._reader = reader
        self._handle = handle
        self._failed = False
        self._protocol = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        code, _, _, _, atr = scard.SCardStatus(handle)
        self._atr = bytes(atr) if code & 0xFFFFFFFF == _OK else b""

    @property
    def atr(self) -> bytes:
        """Return the answer to reset."""
        return self._atr

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """Send one command; raises CardGone, told apart into pulled and mute."""
        code, answer = scard.SCardTransmit(self._handle, self._protocol, list(apdu))
        self._failed = self._failed or len(answer) < 2
        if code & 0xFFFFFFFF != _NOT_TRANSACTED:
            _check(code)
        if len(answer) < 2:
            left = self._context.card_left(self._reader)
            raise CardGone(CardFaultKind.PULLED if left else CardFaultKind.MUTE, _hex(code) if code else "")
        return bytes(answer[:-2]), int(answer[-2]) << 8 | int(answer[-1])

    def keep_alive(self) -> None:
        """Ask for the card's state, which Windows counts as use; raises CardGone."""
        code, *_state = scard.SCardStatus(self._handle)
        _check(code)

    def features(self) -> bytes:
        """Ask CM_IOCTL_GET_FEATURE_REQUEST; empty where the reader's driver knows no such request."""
        code, answer = scard.SCardControl(self._handle, scard.SCARD_CTL_CODE(_GET_FEATURES), [])
        return bytes(answer) if code & 0xFFFFFFFF == _OK else b""

    def control(self, code: int, command: bytes) -> bytes:
        """Send a control code to the reader; waits as long as the reader does. Raises CardGone."""
        failed, answer = scard.SCardControl(self._handle, code, list(command))
        _check(failed)
        return bytes(answer)

    def close(self, *, reset: bool) -> None:
        """Let go of the card; what goes wrong with that changes nothing.

        A card that left is not reset: pcscd would note the removal itself, and take a card that comes before its
        next poll for the one that left.
        """
        scard.SCardDisconnect(
            self._handle, scard.SCARD_RESET_CARD if reset and not self._failed else scard.SCARD_LEAVE_CARD
        )


def _check(code: int) -> None:
    if code & 0xFFFFFFFF != _OK:
        raise CardGone(_KINDS.get(code & 0xFFFFFFFF, CardFaultKind.MUTE), _hex(code))


def _hex(code: int) -> str:
    return f"{code & 0xFFFFFFFF:08X}"
