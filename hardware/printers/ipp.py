"""Two questions in IPP/1.1 (RFC 8010, 8011): the state of a job, and which job has a name. lpstat tells neither."""

from __future__ import annotations

import getpass
import http.client
import socket
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path

DEFAULT_SOCKET = Path("/run/cups/cups.sock")
DEFAULT_PORT = 631

_GET_JOB_ATTRIBUTES = 0x0009
_GET_JOBS = 0x000A
_NOT_FOUND = 0x0406
_OPERATION, _END = b"\x01", b"\x03"
_NAME, _KEYWORD, _URI, _CHARSET, _LANGUAGE = 0x42, 0x44, 0x45, 0x47, 0x48
_FIRST_VALUE_TAG = 0x10
"""Lower tags begin a group of attributes (RFC 8010 3.5.1)."""
_LONGEST_ANSWER = 4 * 1024 * 1024


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
    job = _attribute(_URI, "job-uri", f"ipp://localhost/jobs/{number}".encode())
    answer = _ask(server, "/jobs/", _GET_JOB_ATTRIBUTES, job + _wanted("job-state"), timeout)
    if answer is None:
        return None
    if int.from_bytes(answer[2:4], "big") == _NOT_FOUND:
        return JobState.UNKNOWN
    states = [int.from_bytes(group[b"job-state"], "big") for group in _groups(answer) if b"job-state" in group]
    return JobState(states[0]) if states and states[0] in set(JobState) else None


def find_job(server: str | None, queue: str, name: str, timeout: float) -> int | None:
    """Return the number of the newest job of a queue that has a name, ended ones too.

    0 when the server knows none, None when it cannot be asked; `server` and `timeout` as above.
    """
    where = _attribute(_URI, "printer-uri", f"ipp://localhost/printers/{queue}".encode())
    # Names are told to whoever queued the job.
    who = _attribute(_NAME, "requesting-user-name", getpass.getuser().encode())
    which = _attribute(_KEYWORD, "which-jobs", b"all")
    answer = _ask(server, f"/printers/{queue}", _GET_JOBS, where + who + _wanted("job-id", "job-name") + which, timeout)
    if answer is None:
        return None
    named = (group for group in _groups(answer) if group.get(b"job-name") == name.encode())
    return max((int.from_bytes(group[b"job-id"], "big") for group in named), default=0)


def _ask(server: str | None, path: str, operation: int, attributes: bytes, timeout: float) -> bytes | None:
    connection = _connection(server, timeout)
    try:
        connection.request("POST", path, _question(operation, attributes), {"Content-Type": "application/ipp"})
        answer = connection.getresponse()
        return answer.read(_LONGEST_ANSWER) if answer.status == http.client.OK else None
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


def _question(operation: int, attributes: bytes) -> bytes:
    head = b"\x01\x01" + operation.to_bytes(2, "big") + (1).to_bytes(4, "big")
    charset = _attribute(_CHARSET, "attributes-charset", b"utf-8")
    language = _attribute(_LANGUAGE, "attributes-natural-language", b"en")
    return head + _OPERATION + charset + language + attributes + _END


def _wanted(*names: str) -> bytes:
    """Ask for these attributes only; further values of one attribute have no name (RFC 8010 3.1.5)."""
    first, *others = names
    more = b"".join(_attribute(_KEYWORD, "", name.encode()) for name in others)
    return _attribute(_KEYWORD, "requested-attributes", first.encode()) + more


def _attribute(tag: int, name: str, value: bytes) -> bytes:
    return bytes([tag]) + len(name).to_bytes(2, "big") + name.encode() + len(value).to_bytes(2, "big") + value


def _groups(answer: bytes) -> list[Mapping[bytes, bytes]]:
    """Read an answer's attributes, group by group; of an attribute with many values the last."""
    groups: list[dict[bytes, bytes]] = []
    place = 8
    while place < len(answer) and answer[place : place + 1] != _END:
        if answer[place] < _FIRST_VALUE_TAG:
            groups.append({})
            place += 1
            continue
        name_end = place + 3 + int.from_bytes(answer[place + 1 : place + 3], "big")
        value = name_end + 2
        end = value + int.from_bytes(answer[name_end:value], "big")
        if groups:
            groups[-1][answer[place + 3 : name_end]] = answer[value:end]
        place = end
    return [*groups]
