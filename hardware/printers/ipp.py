"""One question in IPP/1.1 (RFC 8010, 8011): the state of a job. lpstat lists ended jobs, but not how they ended."""

from __future__ import annotations

import http.client
import socket
from enum import IntEnum
from pathlib import Path

DEFAULT_SOCKET = Path("/run/cups/cups.sock")
DEFAULT_PORT = 631

_GET_JOB_ATTRIBUTES = 0x0009
_NOT_FOUND = 0x0406
_OPERATION, _END = b"\x01", b"\x03"
_KEYWORD, _URI, _CHARSET, _LANGUAGE = 0x44, 0x45, 0x47, 0x48


class JobState(IntEnum):
    """job-state of RFC 8011 5.3.7; UNKNOWN is ours, for a job that the server does not know."""

    UNKNOWN = 0
    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


def ask_job_state(server: str | None, number: int, timeout: float) -> JobState | None:
    """Ask a CUPS server for a job's state; None when it cannot be asked.

    `server` is what CUPS_SERVER may hold (a socket's path or host:port), None the machine's own; `timeout` in seconds.
    """
    connection = _connection(server, timeout)
    try:
        connection.request("POST", "/jobs/", _question(number), {"Content-Type": "application/ipp"})
        answer = connection.getresponse()
        return _job_state(answer.read(65536)) if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's path."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(server: str | None, timeout: float) -> http.client.HTTPConnection:
    if server is None and DEFAULT_SOCKET.exists():
        server = str(DEFAULT_SOCKET)
    if server is not None and server.startswith("/"):
        return _SocketConnection(server, timeout)
    host, _, port = (server or "localhost").partition(":")
    return http.client.HTTPConnection(host, int(port) if port.isdigit() else DEFAULT_PORT, timeout=timeout)


def _question(number: int) -> bytes:
    head = b"\x01\x01" + _GET_JOB_ATTRIBUTES.to_bytes(2, "big") + (1).to_bytes(4, "big")
    attributes = (
        _attribute(_CHARSET, "attributes-charset", b"utf-8"),
        _attribute(_LANGUAGE, "attributes-natural-language", b"en"),
        _attribute(_URI, "job-uri", f"ipp://localhost/jobs/{number}".encode()),
        _attribute(_KEYWORD, "requested-attributes", b"job-state"),
    )
    return head + _OPERATION + b"".join(attributes) + _END


def _attribute(tag: int, name: str, value: bytes) -> bytes:
    return bytes([tag]) + len(name).to_bytes(2, "big") + name.encode() + len(value).to_bytes(2, "big") + value


def _job_state(answer: bytes) -> JobState | None:
    if int.from_bytes(answer[2:4], "big") == _NOT_FOUND:
        return JobState.UNKNOWN
    place = 8
    while place < len(answer) and answer[place : place + 1] != _END:
        if answer[place] < 0x10:
            place += 1
            continue
        name_end = place + 3 + int.from_bytes(answer[place + 1 : place + 3], "big")
        value = name_end + 2
        end = value + int.from_bytes(answer[name_end:value], "big")
        if answer[place + 3 : name_end] == b"job-state":
            state = int.from_bytes(answer[value:end], "big")
            return JobState(state) if state in set(JobState) else None
        place = end
    return None
