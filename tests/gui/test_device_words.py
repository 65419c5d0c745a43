"""Each device's light has a word and a tone for each of its states."""

from __future__ import annotations

import pytest

from hardware.ports import PrinterStatus, PrintOutcome, ReaderState, ReaderStatus
from ui.clerk.device_words import DeviceWords


@pytest.mark.parametrize("outcome", PrintOutcome)
def test_the_printer_is_told_beside_the_reader(texts, outcome) -> None:
    words = DeviceWords(texts)
    assert words.lights() == ()
    words.printer = PrinterStatus("回执", outcome)
    assert [light.name for light in words.lights()] == [texts("devices.printer")]
    words.reader = ReaderStatus(ReaderState.EMPTY)
    reader, printer = words.lights()
    assert reader.name == texts("devices.reader")
    assert printer.word == texts(f"devices.printer_state.{outcome}")
    assert (printer.state == "ok") == (outcome in (PrintOutcome.ACCEPTED, PrintOutcome.PRINTED))
