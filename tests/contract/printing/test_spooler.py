"""CupsPrinter against a real cupsd: the same bytes, and the truth about paper."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.services.receipt_content import ReceiptContent
from app.services.receipt_paper import render_receipt
from app.services.receipt_preview import page_images
from hardware.ports import DocumentPrinter, PrinterStatus, PrintOutcome
from hardware.printers import ipp
from hardware.printers.ipp import JobState, ask_job_state
from hardware.printers.spooler import CupsPrinter

if TYPE_CHECKING:
    from tests.contract.printing.conftest import Paper, Spooler


def reach(printer: DocumentPrinter, job_id: str, outcome: PrintOutcome, seconds: float = 20) -> None:
    """Wait until a job has an outcome."""
    deadline = time.monotonic() + seconds
    while (told := printer.job_outcome(job_id)) is not outcome:
        assert time.monotonic() < deadline, told
        time.sleep(0.05)


def taken(answer: str | PrinterStatus) -> str:
    assert isinstance(answer, str), answer
    return answer


@pytest.fixture(autouse=True)
def fresh_queues(spooler: Spooler) -> None:
    for queue in ("listener", "tray", "gone"):
        spooler.run("cancel", "-a", queue)
        spooler.run("cupsaccept", queue)
        spooler.run("cupsenable", queue)
    (spooler.printer / "paper").touch()


def test_the_bytes_previewed_are_the_bytes_printed(spooler: Spooler, paper: Paper) -> None:
    content = ReceiptContent(
        "社会保障卡临时挂失回执", "350102-20261122-00317", "鼓楼区政务服务中心", "3", "0317", "2026-11-22 10:43:58",
        "𠮷田㐀", "350102********1629", "临时挂失", "临时挂失即时生效。",
    )  # fmt: skip
    pdf = render_receipt(content)
    assert len(page_images(pdf, 72)) == 1
    printer = CupsPrinter("listener", spooler.server)
    assert printer.status() == PrinterStatus("listener", PrintOutcome.ACCEPTED)
    job_id = taken(printer.submit(pdf, content.title))
    reach(printer, job_id, PrintOutcome.PRINTED)
    assert paper.documents[-1] == pdf


def test_any_bytes_pass_unchanged(spooler: Spooler, paper: Paper) -> None:
    document = bytes(range(256)) * 2000
    printer = CupsPrinter("listener", spooler.server)
    reach(printer, taken(printer.submit(document, "-d other --title")), PrintOutcome.PRINTED)
    assert paper.documents[-1] == document


def test_no_paper_keeps_the_job_and_paper_prints_it(spooler: Spooler) -> None:
    (spooler.printer / "paper").unlink()
    printer = CupsPrinter("tray", spooler.server)
    job_id = taken(printer.submit(b"%PDF-receipt", "t"))
    reach(printer, job_id, PrintOutcome.NO_PAPER, seconds=5)
    told = printer.status()
    assert (told.outcome, told.detail) == (PrintOutcome.NO_PAPER, "out of paper")
    (spooler.printer / "paper").touch()
    spooler.run("cupsenable", "tray")
    reach(printer, job_id, PrintOutcome.PRINTED)
    out = spooler.printer / f"{job_id.rpartition('-')[2]}.out"
    assert out.read_bytes() == b"%PDF-receipt"
    assert printer.status().outcome is PrintOutcome.ACCEPTED


def test_a_printer_that_is_off_stops_the_job_and_keeps_it(spooler: Spooler) -> None:
    printer = CupsPrinter("gone", spooler.server)
    job_id = taken(printer.submit(b"kept", "t"))
    reach(printer, job_id, PrintOutcome.STOPPED)
    assert job_id in spooler.run("lpstat", "-W", "not-completed", "-o", "gone")
    spooler.run("cancel", job_id)
    reach(printer, job_id, PrintOutcome.FAILED)


def test_a_disabled_queue_keeps_the_job_until_it_is_enabled(spooler: Spooler, paper: Paper) -> None:
    printer = CupsPrinter("listener", spooler.server)
    spooler.run("cupsdisable", "-r", "tray open", "listener")
    assert printer.status() == PrinterStatus("listener", PrintOutcome.STOPPED, "tray open")
    before = len(paper.documents)
    job_id = taken(printer.submit(b"later", "t"))
    assert printer.job_outcome(job_id) is PrintOutcome.STOPPED
    assert len(paper.documents) == before
    spooler.run("cupsenable", "listener")
    reach(printer, job_id, PrintOutcome.PRINTED)
    assert paper.documents[-1] == b"later"


def test_a_queue_that_takes_no_jobs_says_so(spooler: Spooler) -> None:
    spooler.run("cupsreject", "listener")
    refused = CupsPrinter("listener", spooler.server).submit(b"x", "t")
    assert isinstance(refused, PrinterStatus)
    assert refused.outcome is PrintOutcome.STOPPED


def test_a_queue_that_is_not_there(spooler: Spooler) -> None:
    printer = CupsPrinter("nowhere", spooler.server)
    refused = printer.submit(b"x", "t")
    assert isinstance(refused, PrinterStatus)
    assert refused.outcome is PrintOutcome.NO_PRINTER
    assert printer.status().outcome is PrintOutcome.NO_PRINTER
    assert printer.job_outcome("nowhere-9998") is PrintOutcome.FAILED
    assert CupsPrinter("listener", spooler.server).job_outcome("listener-9999") is PrintOutcome.FAILED


def test_the_default_queue_is_used_when_none_is_named(spooler: Spooler, paper: Paper) -> None:
    printer = CupsPrinter(None, spooler.server)
    nobody = printer.submit(b"x", "t")
    assert isinstance(nobody, PrinterStatus)
    assert nobody.outcome is PrintOutcome.NO_PRINTER
    assert printer.status().outcome is PrintOutcome.NO_PRINTER
    spooler.run("lpadmin", "-d", "listener")
    try:
        assert printer.status().name == "listener"
        reach(printer, taken(printer.submit(b"by default", "t")), PrintOutcome.PRINTED)
        assert paper.documents[-1] == b"by default"
    finally:
        spooler.run("lpadmin", "-x", "listener")
        spooler.run("lpadmin", "-p", "listener", "-E", "-v", f"socket://127.0.0.1:{paper.port}", "-m", "raw")


def test_a_job_is_found_by_its_title_waiting_and_ended(spooler: Spooler) -> None:
    printer = CupsPrinter("listener", spooler.server)
    assert printer.find("回执 甲-1") is None
    ended = taken(printer.submit(b"first", "回执 甲-1"))
    reach(printer, ended, PrintOutcome.PRINTED)
    spooler.run("cupsdisable", "-r", "tray open", "listener")
    waiting = taken(printer.submit(b"second", "回执 乙-1"))
    newer = taken(printer.submit(b"third", "回执 乙-1"))
    assert (printer.find("回执 甲-1"), printer.find("回执 乙-1")) == (ended, newer)
    spooler.run("cupsenable", "listener")
    reach(printer, waiting, PrintOutcome.PRINTED)
    reach(printer, newer, PrintOutcome.PRINTED)
    assert printer.find("回执 乙-1") == newer


def test_no_spooler_is_no_printer(tmp_path: Path) -> None:
    printer = CupsPrinter("listener", str(tmp_path / "no.sock"))
    refused = printer.submit(b"x", "t")
    assert isinstance(refused, PrinterStatus)
    assert refused.outcome is PrintOutcome.NO_PRINTER
    assert printer.job_outcome("listener-1") is PrintOutcome.NO_PRINTER
    sought = printer.find("t")
    assert isinstance(sought, PrinterStatus)
    assert sought.outcome is PrintOutcome.NO_PRINTER


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (None, PrintOutcome.NO_PRINTER),
        ("sleep 20", PrintOutcome.FAILED),
        ("echo odd >&2; exit 1", PrintOutcome.FAILED),
    ],
)
def test_commands_that_are_missing_hang_or_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, outcome: PrintOutcome
) -> None:
    if script is not None:
        for name in ("lp", "lpstat"):
            (tmp_path / name).write_text(f"#!/bin/sh\n{'exec ' if 'sleep' in script else ''}{script}\n")
            (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if script else str(tmp_path))
    printer = CupsPrinter("q", None, command_s=0.3)
    refused = printer.submit(b"x", "t")
    assert isinstance(refused, PrinterStatus)
    assert refused.outcome is outcome
    if outcome is PrintOutcome.NO_PRINTER or "sleep" in str(script):
        assert printer.status().outcome is outcome
        assert CupsPrinter(None, None, command_s=0.3).status().outcome is outcome


# version, status, request, job attributes, an enum job-state of four bytes whose last is still to come
_TOLD = b"\x01\x01\x00\x00\x00\x00\x00\x01\x02\x23\x00\x09job-state\x00\x04\x00\x00\x00"


class _Answering(BaseHTTPRequestHandler):
    """A server that answers every question with the bytes of its class."""

    body = b""
    status = 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, _TOLD + b"\x08\x03", JobState.ABORTED),
        (200, _TOLD + b"\x63\x03", None),
        (200, b"\x01\x01\x04\x06\x00\x00\x00\x01\x03", JobState.UNKNOWN),
        (200, b"\x01\x01\x00\x00\x00\x00\x00\x01\x02\x23\xff", None),
        (200, b"nonsense of another kind", None),
        (426, b"", None),
    ],
)  # fmt: skip
def test_a_server_that_answers_oddly_is_not_believed(status: int, body: bytes, state: JobState | None) -> None:
    handler = type("Handler", (_Answering,), {"body": body, "status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        assert ask_job_state(f"127.0.0.1:{server.server_address[1]}", 1, timeout=5) is state
        server.shutdown()
        thread.join()


def test_without_a_server_named_the_machines_own_is_asked(
    spooler: Spooler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ipp, "DEFAULT_SOCKET", Path(spooler.server))
    assert ask_job_state(None, 9999, timeout=5) is JobState.UNKNOWN
    monkeypatch.setattr(ipp, "DEFAULT_SOCKET", tmp_path / "no.sock")
    monkeypatch.setattr(ipp, "DEFAULT_PORT", int(dead_port()))
    assert ask_job_state(None, 9999, timeout=5) is None


def dead_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


def test_reports_and_low_supplies_do_not_stop_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = "printer q is idle.  enabled since today\n\tForm mounted:\n\tAlerts: toner-low-warning media-empty-report\n"
    (tmp_path / "lpstat").write_text(f"#!/bin/sh\ncat <<'EOF'\n{told}EOF\n")
    (tmp_path / "lpstat").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert CupsPrinter("q").status() == PrinterStatus("q", PrintOutcome.ACCEPTED)
