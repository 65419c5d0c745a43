"""A printer for training and tests: puts its paper into a folder, and runs out of it or stops when told."""

from __future__ import annotations

import threading
from enum import StrEnum
from pathlib import Path

from hardware.ports import PrinterStatus, PrintOutcome

NAME = "virtual"


class PrintFault(StrEnum):
    """What goes wrong with the next document; the spooler keeps it until the fault is taken away."""

    NO_PAPER_AT_START = "no_paper_at_start"
    NO_PAPER_MIDWAY = "no_paper_midway"
    NO_PAPER_AT_END = "no_paper_at_end"
    STOPPED = "stopped"


class VirtualPrinter:
    """Prints `virtual-0001` as `virtual-0001.pdf`, byte for byte; what waits lies in `spool` and outlives the program.

    The folder is all its memory, so that a job can be asked for after a kill.
    """

    def __init__(self, folder: Path, fault: PrintFault | None = None) -> None:
        self._folder = folder
        self._spool = folder / "spool"
        self._spool.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._fault = fault
        self._print_waiting()

    def set_fault(self, fault: PrintFault | None) -> None:
        """Break the printer, or mend it with None: then all that waits is printed, in order."""
        with self._lock:
            self._fault = fault
            self._print_waiting()

    def status(self) -> PrinterStatus:
        """Tell the printer's state: ACCEPTED when it would print now."""
        with self._lock:
            return PrinterStatus(NAME, _outcome(self._fault))

    def submit(self, document: bytes, title: str) -> str | PrinterStatus:
        """Take the bytes; a broken printer keeps the job."""
        with self._lock:
            job_id = f"{NAME}-{self._last() + 1:04d}"
            part = self._spool / f"{job_id}.part"
            part.write_bytes(document)
            (self._spool / f"{job_id}.title").write_text(title, encoding="utf-8")
            part.rename(self._spool / f"{job_id}.pdf")
            self._print_waiting()
            return job_id

    def job_outcome(self, job_id: str) -> PrintOutcome:
        """Tell what became of a job; one that the folder does not know is FAILED."""
        with self._lock:
            if (self._spool / f"{job_id}.pdf").exists():
                return _outcome(self._fault)
            return PrintOutcome.PRINTED if (self._folder / f"{job_id}.pdf").exists() else PrintOutcome.FAILED

    def find(self, title: str) -> str | None:
        """Look for the job that was queued under a title."""
        with self._lock:
            told = sorted(self._spool.glob("*.title"), reverse=True)
            return next((file.stem for file in told if file.read_text(encoding="utf-8") == title), None)

    def _print_waiting(self) -> None:
        for waiting in sorted(self._spool.glob(f"{NAME}-*.pdf")):
            torn = self._folder / f"{waiting.stem}.torn"
            if self._fault is PrintFault.NO_PAPER_MIDWAY:
                torn.write_bytes(waiting.read_bytes()[: waiting.stat().st_size // 2])
            if self._fault is PrintFault.NO_PAPER_AT_END:
                torn.write_bytes(waiting.read_bytes())
            if self._fault is not None:
                return
            torn.unlink(missing_ok=True)
            waiting.rename(self._folder / waiting.name)

    def _last(self) -> int:
        made = [*self._folder.glob(f"{NAME}-*.pdf"), *self._spool.glob(f"{NAME}-*.pdf")]
        return max((int(file.stem.rpartition("-")[2]) for file in made), default=0)


def _outcome(fault: PrintFault | None) -> PrintOutcome:
    if fault is None:
        return PrintOutcome.ACCEPTED
    return PrintOutcome.STOPPED if fault is PrintFault.STOPPED else PrintOutcome.NO_PAPER
