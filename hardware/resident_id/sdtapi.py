"""`sdtapi.dll` in a host of libraries: the same reader through its maker's functions (card.md 6.3)."""

from __future__ import annotations

from hardware.readers.box import BoxFaultKind, BoxLost
from hardware.readers.sscard.card_driver import Calls
from hardware.readers.sscard.driver_host import NoFunction
from hardware.readers.sscard.wire import Argument, Out
from hardware.resident_id.command import Sw3
from hardware.resident_id.sam import SamReading

LIBRARY = "sdtapi"
CALL_S = 10.0
FIRST_USB_PORT = 1001
"""Ports 1–16 are serial, 1001–1016 USB."""
_LEAVE_OPEN = 0
"""ifOpen: the port was opened before, and stays so."""


class SdtApiSam:
    """The security module behind sdtapi; a Sam, used in the work that a box is given."""

    def __init__(self, host: Calls, port: int = FIRST_USB_PORT, library: str = LIBRARY) -> None:
        self._host = host
        self._port = port
        self._library = library

    def open(self) -> int:
        """Open the port; returns SW3."""
        return self._call("SDT_OpenPort")[0]

    def close(self) -> int:
        """Close the port."""
        return self._call("SDT_ClosePort")[0]

    def find(self) -> int:
        """Look for a card."""
        return self._call("SDT_StartFindIDCard", Out.TEXT, _LEAVE_OPEN)[0]

    def select(self) -> int:
        """Select the card that was found."""
        return self._call("SDT_SelectIDCard", Out.TEXT, _LEAVE_OPEN)[0]

    def read(self) -> SamReading:
        """Read text and photo."""
        code, out = self._call("SDT_ReadBaseMsg", Out.COUNTED, Out.COUNTED, _LEAVE_OPEN)
        return SamReading(code, *out) if code == Sw3.GOOD else SamReading(code)

    def newest_address(self) -> SamReading:
        """Read the address that was noted later; a library without that function has none."""
        code, out = self._call("SDT_ReadNewAppMsg", Out.COUNTED, _LEAVE_OPEN, optional=True)
        return SamReading(code, *out) if code == Sw3.GOOD else SamReading(code)

    def _call(self, function: str, *given: Argument, optional: bool = False) -> tuple[int, tuple[bytes, ...]]:
        """Call a function with the port before its own arguments; raises BoxLost."""
        answer = self._host.call(self._library, function, (self._port, *given), CALL_S)
        if isinstance(answer, NoFunction):
            if optional:
                return Sw3.NO_CONTENT, ()
            raise BoxLost(BoxFaultKind.NO_LIBRARY, function)
        return answer.number, tuple(each for each in answer.out if isinstance(each, bytes))
