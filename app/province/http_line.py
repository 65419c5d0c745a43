"""One HTTP line to a platform: bounded replies, time-outs, and what went wrong as a value with the platform's code."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import httpx

from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.province import call_kinds, line_text, line_tls, wire
from app.province.call_kinds import CallKind, TimeOuts
from app.province.line_guard import LineGuard, Signed
from app.province.training_address import require_loopback

_LARGEST_REPLY = 4 * 1024 * 1024
_LONGEST_RETRY_AFTER_S = 3600.0
# Shorter than any server keeps an idle connection, so that a request does not meet one being closed.
_KEEP_ALIVE_S = 3.0
_LINE = "LINE-"
_COUNTER_PASSED = "LINE-COUNTER"
_DIGITS = 19
_OF_STRANGERS = frozenset({line_tls.PROVINCE_UNKNOWN, line_tls.TLS_REFUSED})
"""Of somebody who answers, but not as the province would."""
_UNABLE_TO_SIGN = frozenset({"LINE-DEVICE-UNKNOWN"})
_BUSY_STATUSES = frozenset({408, 425, 429})


@dataclass(frozen=True)
class LineCodes:
    """The refusals of one platform; `named` are codes of its own that pass as they are."""

    away: str
    busy: str
    refused: str
    nonsense: str
    named: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Content:
    """What a request carries; `kind` is its Content-Type."""

    body: bytes
    kind: str


@dataclass(frozen=True)
class Exchange:
    """One request that was answered, for whoever watches a line; nothing of what was said."""

    path: str
    """Without what follows a question mark."""
    status: int
    size: int
    """Bytes of the reply as far as it was read."""
    seconds: float
    retry_after: float | None


@dataclass(frozen=True)
class Reply:
    """A reply that was read to its end."""

    status: int
    body: bytes


@dataclass(frozen=True)
class NoReply:
    """No reply that says what was asked; `retry_after` in seconds when it said so."""

    refusal: Refusal
    retry_after: float | None = None
    counter_above: int | None = None
    """The province has passed this request's counter and is at this one; it did not take the request."""


Watch = Callable[[Exchange], None]


class HttpLine:
    """One connection pool to one platform; safe to use from several threads."""

    def __init__(
        self,
        base_url: str,
        device: str,
        training: bool,
        codes: LineCodes,
        transport: httpx.BaseTransport | None = None,
        guard: LineGuard | None = None,
        watch: Watch = lambda _exchange: None,
        authority: Path | None = None,
    ) -> None:
        """Prepare the line; no contact yet. Without a guard nothing is signed.

        `watch` is told of each exchange, on the thread that asked. `authority` has the certificates (PEM) that the
        platform is known by where there is no guard, which has its own; OSError for a file that cannot be used.

        Raises ValueError in training for an address that is not loopback: fictional data must not reach a real
        platform, nor a real holder's data the training one.
        """
        if training:
            require_loopback(base_url)
        self._codes = codes
        self._device = device
        self._guard = guard
        self._time_outs = call_kinds.load()
        self._watch = watch
        self._client = httpx.Client(
            base_url=base_url,
            transport=transport,
            headers={"X-Device": quote(device, safe=""), "Accept": "application/json", "Accept-Encoding": "identity"},
            limits=httpx.Limits(max_connections=8, keepalive_expiry=_KEEP_ALIVE_S),
            follow_redirects=False,
            trust_env=False,
            verify=(guard and guard.trust) or line_tls.trust_for(base_url, authority),
        )

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        kind: CallKind = CallKind.QUESTION,
        absent_code: str | None = None,
        op_id: str = "",
    ) -> Reply | NoReply:
        """Ask once; a reply whose code is `absent_code` counts as a reply. `op_id` is signed with the request.

        A request whose counter the province has passed was not taken: it goes out once more, above it.
        """
        reply = self._ask(method, path, body, kind, absent_code, op_id)
        if isinstance(reply, NoReply) and reply.counter_above is not None and self._guard is not None:
            self._guard.go_above(reply.counter_above)
            return self._ask(method, path, body, kind, absent_code, op_id)
        return reply

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        kind: CallKind,
        absent_code: str | None,
        op_id: str,
    ) -> Reply | NoReply:
        sent = self._signed(method, path, body, op_id)
        if isinstance(sent, Refusal):
            return NoReply(sent)
        return self._exchanged(method, path, sent, None if body is None else "application/json", kind, absent_code)

    def exchange(self, method: str, path: str, content: Content, kind: CallKind = CallKind.QUESTION) -> Reply | NoReply:
        """Ask once with a body of any kind, as a wire that is not JSON does: not signed, for its province knows no such
        signatures, but over the same TLS.
        """
        return self._exchanged(method, path, Signed({}, content.body), content.kind, kind, None)

    def _exchanged(
        self, method: str, path: str, sent: Signed, content_type: str | None, kind: CallKind, absent_code: str | None
    ) -> Reply | NoReply:
        types = {} if content_type is None else {"Content-Type": content_type}
        limits = self._time_outs[kind]
        began = time.monotonic()
        try:
            with self._client.stream(
                method,
                path,
                content=None if content_type is None else sent.content,
                headers={**types, **sent.headers},
                timeout=_timeout(limits),
            ) as response:
                reply = self._bounded(response, sent, time.monotonic() + limits.read_s)
                self._watch(_exchange(response, time.monotonic() - began))
                return reply if isinstance(reply, NoReply) else self._judged(response, sent, reply, absent_code)
        except httpx.TransportError as error:
            return self._failed(error, sent)
        finally:
            # A province has no use for them, and whoever changes replies must not make this machine say anything.
            self._client.cookies.clear()

    def _signed(self, method: str, path: str, body: Mapping[str, object] | None, op_id: str) -> Signed | Refusal:
        if self._guard is None:
            return Signed({}, b"" if body is None else canonical_json(body).encode("utf-8"))
        return self._guard.sign(self._device, method, path, body, op_id)

    def _failed(self, error: httpx.TransportError, sent: Signed) -> NoReply:
        code = line_tls.refusal_code(error)
        if code in _OF_STRANGERS and self._guard is not None:
            self._guard.note_stranger(code)
        if code is not None:
            return NoReply(Refusal(code))
        if isinstance(error, httpx.RemoteProtocolError) and _is_malformed(error):
            return self._false("framing", sent, self._codes.away)
        return NoReply(Refusal(self._codes.away))

    def _false(self, field: str, sent: Signed, code: str) -> NoReply:
        """Return no reply: where replies are signed it is told of, else it has the platform's own code."""
        if self._guard is not None and sent.secrets is not None:
            return NoReply(self._guard.note_false(field))
        return NoReply(Refusal(code) if code == self._codes.away else Refusal.of(code, field=field))

    def _bounded(self, response: httpx.Response, sent: Signed, deadline: float) -> bytes | NoReply:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            return self._false("encoding", sent, self._codes.nonsense)
        # A read time-out counts each piece; a reply that trickles needs an end of its own.
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _LARGEST_REPLY:
                return self._false("length", sent, self._codes.nonsense)
            if time.monotonic() > deadline:
                return self._false("slow", sent, self._codes.away)
        return bytes(body)

    def _judged(self, response: httpx.Response, sent: Signed, body: bytes, absent_code: str | None) -> Reply | NoReply:
        status = response.status_code
        if self._guard is not None and not self._guard.is_authentic(sent, status, response.headers, body):
            return self._unsigned(response, sent, body)
        if "Set-Cookie" in response.headers:
            return self._false("cookie", sent, self._codes.nonsense)
        if response.is_success:
            return Reply(status, body)
        if response.is_server_error or status in _BUSY_STATUSES:
            retry_after = _retry_after(response.headers.get("Retry-After"))
            facts = {} if retry_after is None else {"retry_after": f"{retry_after:g}"}
            return NoReply(Refusal.of(self._codes.busy, **facts), retry_after)
        if not response.is_client_error:
            return NoReply(Refusal.of(self._codes.nonsense, field=f"HTTP {status}"))
        code = wire.parse_problem(body)
        if code is not None and code == absent_code:
            return Reply(status, body)
        if code in self._codes.named:
            return NoReply(Refusal(code))
        if code is not None and code.startswith(_LINE):
            return _line_refusal(code, body)
        return NoReply(Refusal.of(self._codes.refused, status=status, reason=code or f"HTTP {status}"))

    def _unsigned(self, response: httpx.Response, sent: Signed, body: bytes) -> NoReply:
        """Take nothing from a reply that the province did not sign, but that whoever stands before it is in trouble."""
        if response.is_server_error and line_text.SIGNATURE not in response.headers:
            return NoReply(Refusal(self._codes.busy))
        code = wire.parse_problem(body) if response.is_client_error else None
        if code in _UNABLE_TO_SIGN and self._guard is not None:
            # It cannot sign for a device that it does not know.
            self._guard.forget()
            return NoReply(Refusal(code or ""))
        return self._false("signature", sent, self._codes.nonsense)


def _timeout(limits: TimeOuts) -> httpx.Timeout:
    return httpx.Timeout(connect=limits.connect_s, write=limits.write_s, read=limits.read_s, pool=limits.pool_s)


def _is_malformed(error: httpx.RemoteProtocolError) -> bool:
    """Tell a reply that is no HTTP, or ends too early, from a connection that ended before any: h11 found it so."""
    return any(type(cause).__module__.startswith("h11.") for cause in line_tls.causes(error))


def _line_refusal(code: str, body: bytes) -> NoReply:
    above = wire.parse_problem_message(body)
    if code == _COUNTER_PASSED and above is not None and above.isascii() and above.isdigit() and len(above) < _DIGITS:
        return NoReply(Refusal(code), counter_above=int(above))
    return NoReply(Refusal(code))


def _exchange(response: httpx.Response, seconds: float) -> Exchange:
    retry_after = _retry_after(response.headers.get("Retry-After"))
    size = response.num_bytes_downloaded
    return Exchange(response.url.path, response.status_code, size, seconds, retry_after)


def _retry_after(header: str | None) -> float | None:
    """Read Retry-After (RFC 9110 10.2.3): seconds or an HTTP date; None when absent or unreadable."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        seconds = float(header)
    else:
        try:
            then = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S)
