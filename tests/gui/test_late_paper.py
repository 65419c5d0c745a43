"""A receipt whose printer ran out of paper: the clerk is told, and told again when it is paper after all."""

from __future__ import annotations

import os
from functools import partial

import pytest

import app.services.workplace
from app.domain.refusal import Refusal
from app.services.events import PrintMoved
from hardware.ports import PrintOutcome
from hardware.printers.print_watch import PrintWatch
from hardware.virtual.printer import PrintFault, VirtualPrinter
from tests.gui.test_visit_privacy import read_card
from tests.open_face import PATIENCE_MS, face_on, sign_in, submit_loss

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")


@needs_display
def test_paper_that_comes_late_is_told(tmp_path, province, qapp, qtbot, monkeypatch, texts, sentences):
    printers: list[VirtualPrinter] = []

    def without_paper(settings):
        printers.append(VirtualPrinter(settings.folder / "papers", PrintFault.NO_PAPER_AT_START))
        return printers[0]

    monkeypatch.setattr(app.services.workplace, "open_printer", without_paper)
    monkeypatch.setattr(app.services.workplace, "PrintWatch", partial(PrintWatch, poll_s=0.05))
    with face_on(tmp_path / "data", province, "gen2", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        read_card(flow, qtbot)
        submit_loss(flow, qtbot)
        screen = flow.service.receipt
        flow.act("print")
        qtbot.waitUntil(lambda: screen._printer.text() == texts("ui.print.no_paper"), timeout=PATIENCE_MS)
        assert screen._message.text.startswith(sentences.of(Refusal("PRINT-NO-PAPER")).text)
        printers[0].set_fault(None)
        qtbot.waitUntil(lambda: screen._printer.text() == texts("ui.print.printed"), timeout=PATIENCE_MS)
        assert not screen._message.text
        flow._on_event(PrintMoved("another job", 1, PrintOutcome.PRINTED))
        assert not flow.window._message.text
        flow._on_event(PrintMoved("another job", 1, PrintOutcome.FAILED))
        assert flow.window._message.text.startswith(sentences.of(Refusal("PRINT-LATE-FAILED")).text)
