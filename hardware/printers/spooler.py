"""A CUPS queue through its own commands lp and lpstat: bytes go in unchanged (`-o raw`), states come out."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

from hardware.ports import PrinterStatus, PrintOutcome
from hardware.printers.ipp import JobState, ask_job_state, find_job

COMMAND_S = 10.0
"""A command that takes longer, in seconds, is ended."""

_REQUEST = re.compile(r"request id is (\S+-\d+)")
_ALERT = re.compile(r"^(.*?)(?:-(error|warning|report))?$")

# printer-state-reasons (RFC 8011 5.4.12, PWG 5100.9) that only a person at the printer can end.
_NO_PAPER = frozenset({"media-empty", "media-needed"})
_STOPPING = frozenset(
    {"paused", "media-jam", "cover-open", "door-open", "interlock-open", "offline", "shutdown", "timed-out"}
    | {"marker-supply-empty", "toner-empty"}
)
# What the backends of CUPS say while they try to reach a printer that does not answer; no reason code tells it.
_UNREACHABLE = ("may not exist or is unavailable", "not responding", "Unable to locate printer", "not connected")


@dataclass(frozen=True)
class _Answer:
    """What a command said."""

    code: int
    output: str
    errors: str


class CupsPrinter:
    """One queue of a CUPS server; every call may block up to 20 seconds, never on the GUI thread.

    `queue` None means the server's default; `server` is what CUPS_SERVER may hold (host:port or a socket's path), None
    the machine's own.
    """

    def __init__(self, queue: str | None, server: str | None = None, command_s: float = COMMAND_S) -> None:
        self._queue = queue
        self._server = server
        self._command_s = command_s

    def status(self) -> PrinterStatus:
        """Ask for the queue's state: ACCEPTED when it would print now, NO_PAPER, STOPPED, NO_PRINTER or FAILED."""
        queue = self._name()
        return queue if isinstance(queue, PrinterStatus) else self._status_of(queue)

    def submit(self, document: bytes, title: str) -> str | PrinterStatus:
        """Queue the bytes unchanged; a stopped printer keeps the job too."""
        queue = self._name()
        if isinstance(queue, PrinterStatus):
            return queue
        answer = self._run("lp", "-d", queue, "-o", "raw", "-t", title, "-", document=document)
        if isinstance(answer, PrinterStatus):
            return answer
        request = _REQUEST.search(answer.output)
        if answer.code == 0 and request is not None:
            return request.group(1)
        if "not accepting" in answer.errors:
            return PrinterStatus(queue, PrintOutcome.STOPPED, answer.errors)
        if "does not exist" in answer.errors:
            return PrinterStatus(queue, PrintOutcome.NO_PRINTER, answer.errors)
        return PrinterStatus(queue, PrintOutcome.FAILED, answer.errors)

    def job_outcome(self, job_id: str) -> PrintOutcome:
        """Ask what became of a job; one that was cancelled or that the spooler does not know is FAILED."""
        queue, _, number = job_id.rpartition("-")
        match ask_job_state(self._server, int(number), self._command_s):
            case JobState.COMPLETED:
                return PrintOutcome.PRINTED
            case JobState.CANCELED | JobState.ABORTED | JobState.UNKNOWN:
                return PrintOutcome.FAILED
            case None:
                return PrintOutcome.NO_PRINTER
            case _:
                return self._status_of(queue).outcome

    def find(self, title: str) -> str | PrinterStatus | None:
        """Look for the job that was queued under a title, also one that has ended."""
        queue = self._name()
        if isinstance(queue, PrinterStatus):
            return queue
        number = find_job(self._server, queue, title, self._command_s)
        if number is None:
            return PrinterStatus(queue, PrintOutcome.NO_PRINTER, "the spooler does not answer")
        return f"{queue}-{number}" if number else None

    def _name(self) -> str | PrinterStatus:
        """Return the queue's name, asking for the default when none was given."""
        if self._queue is not None:
            return self._queue
        answer = self._run("lpstat", "-d")
        if isinstance(answer, PrinterStatus):
            return answer
        name = answer.output.partition("destination: ")[2].strip()
        return name or PrinterStatus(None, PrintOutcome.NO_PRINTER, "no default printer")

    def _status_of(self, queue: str) -> PrinterStatus:
        answer = self._run("lpstat", "-l", "-p", queue)
        if isinstance(answer, PrinterStatus):
            return answer
        if answer.code != 0:
            return PrinterStatus(queue, PrintOutcome.NO_PRINTER, answer.errors)
        lines = [line.strip() for line in answer.output.splitlines()]
        message = lines[1] if len(lines) > 1 and not lines[1].startswith("Form mounted") else ""
        outcome = _outcome_of(answer.output)
        if outcome is PrintOutcome.ACCEPTED and f"{queue} disabled" in lines[0]:
            outcome = PrintOutcome.STOPPED
        return PrinterStatus(queue, outcome, message)

    def _run(self, *command: str, document: bytes = b"") -> _Answer | PrinterStatus:
        environment = os.environ | {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
        if self._server is not None:
            environment["CUPS_SERVER"] = self._server
        try:
            done = subprocess.run(
                command, input=document, capture_output=True, env=environment, timeout=self._command_s, check=False
            )
        except FileNotFoundError:
            return PrinterStatus(self._queue, PrintOutcome.NO_PRINTER, f"{command[0]} is not installed")
        except subprocess.TimeoutExpired:
            return PrinterStatus(self._queue, PrintOutcome.FAILED, f"{command[0]} did not answer")
        return _Answer(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def _outcome_of(told: str) -> PrintOutcome:
    """Read the reasons and the message that lpstat gives for a printer."""
    alerts = set()
    for line in told.splitlines():
        name, _, value = line.strip().partition(": ")
        if name == "Alerts":
            reasons = (_ALERT.fullmatch(word) for word in value.split())
            alerts |= {match.group(1) for match in reasons if match is not None and match.group(2) != "report"}
    if alerts & _NO_PAPER:
        return PrintOutcome.NO_PAPER
    if alerts & _STOPPING or any(message in told for message in _UNREACHABLE):
        return PrintOutcome.STOPPED
    return PrintOutcome.ACCEPTED
