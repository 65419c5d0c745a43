"""The virtual printer and the thread that owns a printer."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from app.catalogue import sentences
from hardware.ports import PrinterStatus, PrintOutcome
from hardware.printers.print_thread import PrinterActor
from hardware.virtual.printer import PrintFault, VirtualPrinter

NO_PAPER = [PrintFault.NO_PAPER_AT_START, PrintFault.NO_PAPER_MIDWAY, PrintFault.NO_PAPER_AT_END]


def test_paper_lands_in_the_folder_byte_for_byte(tmp_path: Path) -> None:
    printer = VirtualPrinter(tmp_path)
    jobs = [printer.submit(document, "t") for document in (b"one", b"two")]
    assert jobs == ["virtual-0001", "virtual-0002"]
    assert [(tmp_path / f"{job}.pdf").read_bytes() for job in jobs] == [b"one", b"two"]
    assert [printer.job_outcome(job) for job in jobs] == [PrintOutcome.PRINTED] * 2
    assert printer.status() == PrinterStatus("virtual", PrintOutcome.ACCEPTED)
    assert printer.job_outcome("virtual-0003") is PrintOutcome.FAILED


@pytest.mark.parametrize("fault", list(PrintFault))
def test_a_fault_keeps_the_job_and_mending_prints_it_whole(tmp_path: Path, fault: PrintFault) -> None:
    printer = VirtualPrinter(tmp_path, fault)
    expected = PrintOutcome.NO_PAPER if fault in NO_PAPER else PrintOutcome.STOPPED
    first, second = (printer.submit(document, "t") for document in (b"first receipt", b"second"))
    assert printer.status().outcome is expected
    assert printer.job_outcome(first) is printer.job_outcome(second) is expected
    assert not list(tmp_path.glob("*.pdf"))
    torn = [file.read_bytes() for file in tmp_path.glob("*.torn")]
    assert torn == {"no_paper_midway": [b"first "], "no_paper_at_end": [b"first receipt"]}.get(fault, [])
    printer.set_fault(None)
    assert printer.job_outcome(first) is printer.job_outcome(second) is PrintOutcome.PRINTED
    assert (tmp_path / f"{first}.pdf").read_bytes() == b"first receipt"
    assert not list(tmp_path.glob("*.torn"))


def test_what_waits_outlives_the_program(tmp_path: Path) -> None:
    job = VirtualPrinter(tmp_path, PrintFault.STOPPED).submit(b"kept", "t")
    again = VirtualPrinter(tmp_path, PrintFault.NO_PAPER_AT_START)
    assert again.job_outcome(job) is PrintOutcome.NO_PAPER
    mended = VirtualPrinter(tmp_path)
    assert mended.job_outcome(job) is PrintOutcome.PRINTED
    assert mended.submit(b"next", "t") == "virtual-0002"


class SlowPrinter:
    """Notes the thread that asks, and waits until it is let go."""

    def __init__(self) -> None:
        self.threads: set[str] = set()
        self.go = threading.Event()
        self.begun = threading.Event()

    def status(self) -> PrinterStatus:
        self.threads.add(threading.current_thread().name)
        self.begun.set()
        self.go.wait(10)
        return PrinterStatus("slow", PrintOutcome.ACCEPTED)

    def submit(self, document: bytes, title: str) -> str | PrinterStatus:
        self.threads.add(threading.current_thread().name)
        if document == b"defect":
            raise ValueError("a defect")
        return f"{title}-1"

    def job_outcome(self, job_id: str) -> PrintOutcome:
        self.threads.add(threading.current_thread().name)
        return PrintOutcome.PRINTED

    def find(self, title: str) -> str | PrinterStatus | None:
        self.threads.add(threading.current_thread().name)
        return None


def test_one_thread_owns_the_printer_and_stop_ends_it() -> None:
    printer = SlowPrinter()
    actor = PrinterActor(printer)
    status, submitted = actor.status(), actor.submit(b"x", "t")
    outcome, defect = actor.job_outcome("t-1"), actor.submit(b"defect", "t")
    assert not submitted.done()
    printer.go.set()
    assert status.result(5).outcome is PrintOutcome.ACCEPTED
    assert (submitted.result(5), outcome.result(5)) == ("t-1", PrintOutcome.PRINTED)
    assert isinstance(defect.exception(5), ValueError)
    actor.stop()
    assert len(printer.threads) == 1
    assert threading.current_thread().name not in printer.threads
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("printer")]


def test_stop_finishes_what_is_in_hand_and_cancels_the_rest() -> None:
    printer = SlowPrinter()
    actor = PrinterActor(printer)
    in_hand, waiting = actor.status(), actor.submit(b"x", "t")
    assert printer.begun.wait(5)
    threading.Timer(0.2, printer.go.set).start()
    actor.stop()
    assert in_hand.result(0).name == "slow"
    with pytest.raises(CancelledError):
        waiting.result(0)


def test_every_outcome_that_hinders_has_a_sentence() -> None:
    table = sentences.load()
    hindering = set(PrintOutcome) - {PrintOutcome.ACCEPTED, PrintOutcome.PRINTED}
    assert all(f"PRINT-{outcome.value.upper().replace('_', '-')}" in table.entries for outcome in hindering)
