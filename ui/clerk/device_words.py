"""The device lights' words, from what reader and printer said last."""

from __future__ import annotations

from app.catalogue.texts import Texts
from hardware.ports import PrinterStatus, PrintOutcome, ReaderState, ReaderStatus
from hardware.scanners.line_state import LineState
from ui.widgets.device_light import DeviceView

_READER_TONES = {
    ReaderState.NO_SERVICE: "off",
    ReaderState.NO_READER: "off",
    ReaderState.EMPTY: "ok",
    ReaderState.FOREIGN: "warn",
    ReaderState.READY: "ok",
    ReaderState.ON_REQUEST: "ok",
}
_PRINTER_TONES = {
    PrintOutcome.ACCEPTED: "ok",
    PrintOutcome.PRINTED: "ok",
    PrintOutcome.NO_PAPER: "warn",
    PrintOutcome.STOPPED: "warn",
    PrintOutcome.NO_PRINTER: "off",
    PrintOutcome.FAILED: "off",
}


class DeviceWords:
    """Keeps what was said last and puts it in words."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.reader: ReaderStatus | None = None
        self.printer: PrinterStatus | None = None
        self.scanner: LineState | None = None

    def reader_light(self) -> DeviceView:
        """Return the reader's light."""
        state = self.reader.state if self.reader is not None else ReaderState.NO_SERVICE
        return DeviceView(
            self._texts("devices.reader"), _READER_TONES[state], self._texts(f"devices.reader_state.{state}")
        )

    def lights(self) -> tuple[DeviceView, ...]:
        """Return the light of each device that was heard of; none while they are still being looked for."""
        reader = (self.reader_light(),) if self.reader is not None else ()
        return (*reader, *self._scanner_light(), *self._printer_light())

    def _scanner_light(self) -> tuple[DeviceView, ...]:
        if self.scanner is None:
            return ()
        tone = "ok" if self.scanner is LineState.READY else "warn"
        return (DeviceView(self._texts("devices.scanner"), tone, self._texts(f"devices.scanner_state.{self.scanner}")),)

    def _printer_light(self) -> tuple[DeviceView, ...]:
        if self.printer is None:
            return ()
        outcome = self.printer.outcome
        word = self._texts(f"devices.printer_state.{outcome}")
        return (DeviceView(self._texts("devices.printer"), _PRINTER_TONES[outcome], word),)
