"""The thread that owns a printer: everything asked of it waits in one mailbox."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from hardware.ports import DocumentPrinter, PrinterStatus, PrintOutcome


class PrinterActor:
    """One thread for one printer, started by the first question; nothing may be asked after `stop`."""

    def __init__(self, printer: DocumentPrinter) -> None:
        self._printer = printer
        self._mailbox = ThreadPoolExecutor(max_workers=1, thread_name_prefix="printer")

    def status(self) -> Future[PrinterStatus]:
        """Ask the spooler for the printer's state."""
        return self._mailbox.submit(self._printer.status)

    def submit(self, document: bytes, title: str) -> Future[str | PrinterStatus]:
        """Hand over the bytes unchanged; the spooler's job id, or why not."""
        return self._mailbox.submit(self._printer.submit, document, title)

    def job_outcome(self, job_id: str) -> Future[PrintOutcome]:
        """Ask what became of a job."""
        return self._mailbox.submit(self._printer.job_outcome, job_id)

    def find(self, title: str) -> Future[str | PrinterStatus | None]:
        """Look for the job that was queued under a title."""
        return self._mailbox.submit(self._printer.find, title)

    def stop(self) -> None:
        """Finish what is in hand, cancel what waits, end the thread."""
        self._mailbox.shutdown(cancel_futures=True)
