"""Receipts rendered in a process of their own, so that no interpreter of a face is held.

The child reads one JSON line a receipt and answers with one JSON line, `{"bytes": n}` followed by the PDF's n bytes, or
`{"defect": trace}`. It ends when its input ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

from app.services.logs import start_logs
from app.services.receipt_content import ReceiptContent, from_json, to_json

FROZEN_VERB = "_receipt-worker"
RENDER_S = 30.0
"""A child that takes longer for a receipt, in seconds, is ended."""
LEAVE_S = 5.0
"""How long, in seconds, a child may take to leave once its input has ended."""


class RenderingFailed(Exception):
    """A receipt could not be rendered: a defect of the program; holds the child's trace."""


class ReceiptWorker:
    """One thread that owns one child process; both are started by the first receipt."""

    def __init__(self, command: tuple[str, ...] | None = None, render_s: float = RENDER_S) -> None:
        self._command = command or _own_command()
        self._render_s = render_s
        self._owner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="receipts")
        self._child: subprocess.Popen[bytes] | None = None

    def render(self, content: ReceiptContent) -> Future[bytes]:
        """Ask for a receipt's PDF; the future raises RenderingFailed, or is cancelled by `stop`. Not after `stop`."""
        return self._owner.submit(self._rendered, content)

    def stop(self) -> None:
        """Finish the receipt in hand, cancel what waits, end the thread and the child."""
        self._owner.shutdown(cancel_futures=True)
        if self._child is not None:
            _end(self._child)
            self._child = None

    def _rendered(self, content: ReceiptContent) -> bytes:
        """Ask the child; one that was killed, by the system or for its slowness, is replaced once."""
        for _chance in range(2):
            if self._child is None:
                self._child = self._start()
            answer = self._ask(self._child, content)
            if isinstance(answer, bytes):
                return answer
            if answer is not None:
                raise RenderingFailed(answer)
            _end(self._child)
            self._child = None
        raise RenderingFailed("the rendering process ended twice")

    def _start(self) -> subprocess.Popen[bytes]:
        # A program without a console has no standard error that a child could inherit.
        error = None if sys.stderr is not None else subprocess.DEVNULL
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=error)

    def _ask(self, child: subprocess.Popen[bytes], content: ReceiptContent) -> bytes | str | None:
        """Return the PDF, the trace of a defect, or None when the child is gone."""
        assert child.stdin is not None
        assert child.stdout is not None
        guard = threading.Timer(self._render_s, child.kill)
        guard.start()
        try:
            child.stdin.write(to_json(content).encode() + b"\n")
            child.stdin.flush()
            return _read_answer(child.stdout)
        except OSError:
            return None
        finally:
            guard.cancel()
            guard.join()


def _read_answer(stream: IO[bytes]) -> bytes | str | None:
    head = stream.readline()
    if not head.endswith(b"\n"):
        return None
    answer = json.loads(head)
    if "defect" in answer:
        return str(answer["defect"])
    pdf = stream.read(answer["bytes"])
    return pdf if len(pdf) == answer["bytes"] else None


def _end(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.close()
    except OSError:
        child.kill()
    try:
        child.wait(timeout=LEAVE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    child.stdout.close()


def _own_command() -> tuple[str, ...]:
    if getattr(sys, "frozen", False):
        return (sys.executable, FROZEN_VERB)
    return (sys.executable, "-m", "app.services.receipt_worker")


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Render one receipt a line until the input ends: what the child does."""
    # reportlab is loaded here and nowhere in a face's own process.
    from app.services.receipt_paper import render_receipt

    for line in requests:
        try:
            pdf = render_receipt(from_json(line.decode()))
        except Exception:  # noqa: BLE001 - any defect goes back to the asker, who raises it
            answers.write(json.dumps({"defect": traceback.format_exc()}).encode() + b"\n")
        else:
            answers.write(json.dumps({"bytes": len(pdf)}).encode() + b"\n" + pdf)
        answers.flush()


def main() -> int:
    """Serve on standard input and output; without a word when whoever asked is gone."""
    start_logs()
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # What is still in the buffer would be written, and fail, at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
