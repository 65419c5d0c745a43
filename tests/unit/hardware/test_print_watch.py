"""The printer's light: told once a change, on a thread that ends when told."""

from __future__ import annotations

import queue
from pathlib import Path

from hardware.ports import PrinterStatus, PrintOutcome
from hardware.printers.print_thread import PrinterActor
from hardware.printers.print_watch import PrintWatch
from hardware.virtual.printer import PrintFault, VirtualPrinter


def test_a_change_is_told_once(tmp_path: Path) -> None:
    printer = VirtualPrinter(tmp_path)
    actor = PrinterActor(printer)
    told: queue.Queue[PrinterStatus] = queue.Queue()
    watch = PrintWatch(actor, told.put, poll_s=0.01)
    watch.start()
    assert told.get(timeout=5).outcome is PrintOutcome.ACCEPTED
    printer.set_fault(PrintFault.NO_PAPER_AT_START)
    assert told.get(timeout=5).outcome is PrintOutcome.NO_PAPER
    printer.set_fault(None)
    assert told.get(timeout=5).outcome is PrintOutcome.ACCEPTED
    for _ in range(20):
        actor.status().result()
    watch.stop()
    actor.stop()
    assert told.empty()


def test_one_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    actor = PrinterActor(VirtualPrinter(tmp_path))
    PrintWatch(actor, lambda _status: None).stop()
    actor.stop()
