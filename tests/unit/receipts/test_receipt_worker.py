"""The rendering process: lazy, long-lived, replaced when it dies, ended by stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import CancelledError
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.services import receipt_worker
from app.services.receipt_content import ReceiptContent, from_json, to_json
from app.services.receipt_paper import render_receipt
from app.services.receipt_worker import ReceiptWorker, RenderingFailed, serve

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def worker() -> Iterator[ReceiptWorker]:
    started = ReceiptWorker()
    yield started
    started.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("receipts")]
    assert not _children()


def script(tmp_path: Path, body: str) -> tuple[str, ...]:
    """A child that misbehaves as told; it keeps count of its starts in a file."""
    file = tmp_path / "child.py"
    file.write_text(f"import os, sys, time\nopen({str(tmp_path / 'starts')!r}, 'a').write('x')\n{body}")
    return sys.executable, str(file)


@pytest.mark.usefixtures("children_measured")
def test_the_child_renders_the_same_bytes_as_the_process_itself(worker: ReceiptWorker, content: ReceiptContent) -> None:
    odd = replace(content, holder="𠮷田㐀", reprint=1, rows=(), signature_lines=("领卡人", "代领人"), language="en")
    first, second = worker.render(content), worker.render(odd)
    assert first.result(60) == render_receipt(content)
    assert second.result(60) == render_receipt(odd)
    assert from_json(to_json(odd)) == odd


def test_nothing_is_started_before_the_first_receipt() -> None:
    worker = ReceiptWorker(("/no/such/program",))
    assert worker._child is None
    worker.stop()


def test_a_killed_child_is_replaced(worker: ReceiptWorker, content: ReceiptContent) -> None:
    assert worker.render(content).result(60)
    (child,) = _children()
    os.kill(child, signal.SIGKILL)
    assert worker.render(content).result(60) == render_receipt(content)


def test_a_child_that_dies_twice_fails_that_receipt_and_no_other(content: ReceiptContent, tmp_path: Path) -> None:
    worker = ReceiptWorker(script(tmp_path, "sys.stdin.readline(); sys.stdout.write('{\"bytes\": 9}\\nshort')"))
    assert isinstance(worker.render(content).exception(60), RenderingFailed)
    assert isinstance(worker.render(content).exception(60), RenderingFailed)
    worker.stop()
    assert (tmp_path / "starts").read_text() == "xxxx"


def test_a_child_that_hangs_is_killed(content: ReceiptContent, tmp_path: Path) -> None:
    worker = ReceiptWorker(script(tmp_path, "time.sleep(60)"), render_s=0.5)
    assert isinstance(worker.render(content).exception(30), RenderingFailed)
    worker.stop()


def test_a_child_that_does_not_leave_is_ended(
    content: ReceiptContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_worker, "LEAVE_S", 0.2)
    body = "sys.stdin.readline(); os.write(1, b'{\"bytes\": 2}\\nok')\nwhile True: time.sleep(1)"
    worker = ReceiptWorker(script(tmp_path, body))
    assert worker.render(content).result(30) == b"ok"
    worker.stop()


@pytest.mark.usefixtures("children_measured")
def test_a_defect_comes_back_with_its_trace(worker: ReceiptWorker, content: ReceiptContent) -> None:
    broken = replace(content, language="no such language")
    with pytest.raises(RenderingFailed, match="KeyError"):
        worker.render(broken).result(60)
    assert worker.render(content).result(60)


def test_after_stop_nothing_is_rendered(content: ReceiptContent, tmp_path: Path) -> None:
    worker = ReceiptWorker(
        script(tmp_path, "sys.stdin.readline(); time.sleep(0.6); os.write(1, b'{\"bytes\": 2}\\nok')")
    )
    in_hand, waiting = worker.render(content), worker.render(content)
    while not in_hand.running():
        threading.Event().wait(0.01)
    worker.stop()
    assert in_hand.result(1) == b"ok"
    with pytest.raises(CancelledError):
        waiting.result(1)
    with pytest.raises(RuntimeError):
        worker.render(content)


def test_the_frozen_program_is_its_own_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert ReceiptWorker()._command == (sys.executable, "_receipt-worker")


def test_serving_answers_line_by_line(content: ReceiptContent) -> None:
    answers = BytesIO()
    serve(BytesIO(to_json(content).encode() + b"\n{}\n"), answers)
    head, rest = answers.getvalue().split(b"\n", 1)
    assert head == b'{"bytes": %d}' % len(render_receipt(content))
    assert b'{"defect": "Traceback' in rest


def test_the_face_does_not_load_reportlab() -> None:
    import subprocess

    code = "import sys, app.services.receipt_worker; sys.exit('reportlab' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def _children() -> list[int]:
    """Children of this process that render receipts."""
    pids = [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    return [int(pid) for pid in pids if b"receipt_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
