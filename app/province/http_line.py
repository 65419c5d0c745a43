"""One HTTP line to a platform: bounded replies, time-outs, and what went wrong as a value with the platform's code."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

import httpx

from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.province import wire
from app.province.training_address import require_loopback

READ_S = 5.0
_CONNECT_S = 2.0
_LARGEST_REPLY = 4 * 1024 * 1024
_LONGEST_RETRY_AFTER_S = 3600.0
# Shorter than any server keeps an idle connection, so that a request does not meet one being closed.
_KEEP_ALIVE_S = 3.0
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
        watch: Watch = lambda _exchange: None,
    ) -> None:
        """Prepare the line; no contact yet. `watch` is told of each exchange, on the thread that asked.

        Raises ValueError in training for an address that is not loopback: fictional data must not reach a real
        platform, nor a real holder's data the training one.
        """
        if training:
            require_loopback(base_url)
        self._codes = codes
        self._watch = watch
        self._client = httpx.Client(
            base_url=base_url,
            transport=transport,
            headers={"X-Device": quote(device, safe=""), "Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(READ_S, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=8, keepalive_expiry=_KEEP_ALIVE_S),
            follow_redirects=False,
            trust_env=False,
            verify=_trust(base_url),
        )

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        read_s: float = READ_S,
        absent_code: str | None = None,
    ) -> Reply | NoReply:
        """Ask once; a reply whose code is `absent_code` counts as a reply."""
        content = None if body is None else Content(canonical_json(body).encode("utf-8"), "application/json")
        return self.exchange(method, path, content, read_s, absent_code)

    def exchange(
        self,
        method: str,
        path: str,
        content: Content | None = None,
        read_s: float = READ_S,
        absent_code: str | None = None,
    ) -> Reply | NoReply:
        """Ask once with a body of any kind, as a wire that is not JSON does; else as `ask`."""
        body, headers = (None, {}) if content is None else (content.body, {"Content-Type": content.kind})
        timeout = httpx.Timeout(read_s, connect=_CONNECT_S)
        began = time.monotonic()
        try:
            with self._client.stream(method, path, content=body, headers=headers, timeout=timeout) as response:
                reply = self._bounded(response, time.monotonic() + read_s)
                self._watch(_exchange(response, time.monotonic() - began))
                return reply if isinstance(reply, NoReply) else self._judged(response, reply, absent_code)
        except httpx.TransportError:
            return NoReply(Refusal(self._codes.away))
        except httpx.DecodingError:
            return NoReply(Refusal.of(self._codes.nonsense, field="encoding"))

    def _bounded(self, response: httpx.Response, deadline: float) -> bytes | NoReply:
        # A read time-out counts each piece; a reply that trickles needs an end of its own.
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _LARGEST_REPLY:
                return NoReply(Refusal.of(self._codes.nonsense, field="length"))
            if time.monotonic() > deadline:
                return NoReply(Refusal(self._codes.away))
        return bytes(body)

    def _judged(self, response: httpx.Response, body: bytes, absent_code: str | None) -> Reply | NoReply:
        status = response.status_code
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
        return NoReply(Refusal.of(self._codes.refused, status=status, reason=code or f"HTTP {status}"))


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


def _trust(base_url: str) -> ssl.SSLContext:
    # Loading the trusted roots costs more than the rest of the start; without TLS nothing is to be trusted.
    if urlsplit(base_url).scheme == "https":
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
