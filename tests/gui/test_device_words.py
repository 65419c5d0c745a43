"""Each device's light has a word and a tone for each of its states."""

from __future__ import annotations

import pytest

from hardware.ports import PrinterStatus, PrintOutcome, ReaderState, ReaderStatus
from hardware.scanners.line_state import LineState
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


@pytest.mark.parametrize(("state", "tone"), [(LineState.READY, "ok"), (LineState.AWAY, "warn")])
def test_a_scanner_has_a_light_once_one_is_set(texts, state, tone) -> None:
    words = DeviceWords(texts)
    words.scanner = state
    (light,) = words.lights()
    assert (light.name, light.state) == (texts("devices.scanner"), tone)
    assert light.word == texts(f"devices.scanner_state.{state}")
