"""Whether a request comes from whom it says, as it was sent, once and in time; else what it is refused with."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from app.domain.clock import Clock
from app.domain.line import Signing
from app.domain.operation import canonical_json
from app.province import line_text
from app.province.line_sealing import NotSealed, sensitive_fields, unsealed
from app.province.line_text import RequestHead
from app.training.line_counters import LineCounters, Seen
from app.training.line_desk import DeviceKey, LineDesk
from app.training.line_rules import LineRules
from hardware.crypto import sm2

OPEN_PATHS = frozenset({"/v1/clock", "/v1/line/certificates"})
"""What may be asked without certificate and signature."""

_COUNTER = re.compile(r"[1-9][0-9]{0,17}")
_DEVICE_PATH = re.compile(r"/v1/devices/([^/?]*)/")
_JSON = re.compile(r"application/json(; *charset=utf-8)?", re.IGNORECASE)
_HOSTS = frozenset({"127.0.0.1", "localhost"})
_LONGEST_HEAD = 16 * 1024
_KEYS_KEPT = 512
_WRAPPED_LONGEST = 1000


@dataclass(frozen=True)
class Incoming:
    """A request as it came; `fingerprint` is of the certificate that TLS proved, None for none."""

    secure: bool
    fingerprint: str | None
    method: str
    path: str
    target: str
    """Path and query as they were on the wire."""
    headers: Sequence[tuple[str, str]]
    """Names in lower case, in their order."""
    body: bytes

    def all_of(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for found, value in self.headers if found == name.lower()]

    def one(self, name: str) -> str:
        """Return the first value of a header, or nothing."""
        return next(iter(self.all_of(name)), "")


@dataclass(frozen=True)
class Denied:
    """Why a request goes no further; `message` is for the device's program."""

    status: int
    code: str
    message: str = ""


@dataclass(frozen=True)
class Admitted:
    """A request that may go on, and its body with everything sealed opened."""

    body: bytes


class LineCheck:
    """Checks requests against devices' keys; used by one thread, the server's loop."""

    def __init__(self, desk: LineDesk, counters: LineCounters, clock: Clock, rules: LineRules) -> None:
        self._desk = desk
        self._counters = counters
        self._clock = clock
        self._rules = rules
        self._fields = sensitive_fields()
        self._opened: dict[str, bytes] = {}

    def framing(self, headers: Sequence[tuple[str, str]], has_body: bool) -> Denied | None:
        """Refuse what two readers could read differently, before the body is read."""
        names = [name for name, _value in headers]
        watched = ("content-length", "content-type", "host", *(name.lower() for name in line_text.HEADERS))
        if any(names.count(name) > 1 for name in watched):
            return Denied(400, "LINE-HEADERS")
        if "transfer-encoding" in names or "content-encoding" in names or "upgrade" in names:
            return Denied(400, "LINE-FRAMING")
        found = dict(headers)
        if sum(len(name) + len(value) for name, value in headers) > _LONGEST_HEAD:
            return Denied(400, "LINE-HEADERS")
        if found.get("host", "").rpartition(":")[0] not in _HOSTS:
            return Denied(400, "LINE-HEADERS")
        if has_body and not _JSON.fullmatch(found.get("content-type", "")):
            return Denied(415, "LINE-CONTENT-TYPE")
        return None

    def speaks_for_guarded(self, body: bytes) -> bool:
        """Tell whether an unsigned body names a device that has keys."""
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            return False
        named = found.get("device") if isinstance(found, Mapping) else None
        return isinstance(named, str) and self._desk.has_keys(named)

    def signer(self, request: Incoming) -> DeviceKey | None:
        """Return the keys that a request names, whether or not it is signed with them."""
        return self._desk.key(request.one(line_text.KEY))

    def check(self, request: Incoming) -> Admitted | Denied:
        """Decide about a request; its counter is used up only when everything else is right."""
        device = unquote(request.one(line_text.DEVICE))
        if not request.one(line_text.SIGNATURE):
            return self._unsigned(request, device)
        key = self.signer(request)
        if key is None:
            return Denied(401, "LINE-DEVICE-UNKNOWN")
        denied = self._of_its_certificate(request, key) or self._as_signed(request, key, device)
        denied = denied or self._in_time(request, key)
        if denied is not None:
            return denied
        return self._opened_body(request, device)

    def _unsigned(self, request: Incoming, device: str) -> Admitted | Denied:
        if request.path in OPEN_PATHS:
            return Admitted(request.body)
        if request.secure:
            return Denied(401, "LINE-CERTIFICATE-MISSING" if request.fingerprint is None else "LINE-UNSIGNED")
        # A device without keys is an older one, on this machine's loopback.
        half_signed = any(request.one(name) for name in line_text.HEADERS if name != line_text.DEVICE)
        if half_signed or self._desk.has_keys(device):
            return Denied(401, "LINE-UNSIGNED")
        return Admitted(request.body)

    def _of_its_certificate(self, request: Incoming, key: DeviceKey) -> Denied | None:
        if not request.secure or request.path in OPEN_PATHS:
            return None
        if request.fingerprint is None:
            return Denied(401, "LINE-CERTIFICATE-MISSING")
        certified = self._desk.certified(request.fingerprint)
        if certified is None:
            return Denied(403, "LINE-CERTIFICATE-UNKNOWN")
        return None if certified == key.key_id else Denied(403, "LINE-CERTIFICATE-OTHER")

    def _as_signed(self, request: Incoming, key: DeviceKey, device: str) -> Denied | None:
        head = RequestHead(
            request.one(line_text.DEVICE),
            key.key_id,
            request.one(line_text.COUNTER),
            request.one(line_text.TIME),
            request.one(line_text.OP),
            request.one(line_text.SEALED),
        )
        text = line_text.request_text(head, request.method, request.target, request.body)
        signature = request.one(line_text.SIGNATURE)
        if key.signing is Signing.HMAC_SM3:
            mine = line_text.hmac_sm3(key.shared_key, text)
            signed = hmac.compare_digest(mine.encode(), signature.encode())
        else:
            signed = line_text.is_sm2(key.public_key, text, signature)
        if not signed:
            return Denied(401, "LINE-SIGNATURE")
        return None if device == key.device else Denied(403, "LINE-DEVICE-OTHER")

    def _in_time(self, request: Incoming, key: DeviceKey) -> Denied | None:
        counter = request.one(line_text.COUNTER)
        if not _COUNTER.fullmatch(counter):
            return Denied(400, "LINE-HEADERS")
        # Whoever asks for the time may have a wrong one.
        if request.path not in OPEN_PATHS and not self._is_now(request.one(line_text.TIME)):
            return Denied(403, "LINE-CLOCK-OFF")
        match self._counters.take(key.key_id, int(counter)):
            case Seen.NEW:
                return None
            case Seen.BEFORE:
                return Denied(409, "LINE-REPLAYED")
            case Seen.BEHIND:
                return Denied(409, "LINE-COUNTER", str(self._counters.highest(key.key_id)))

    def _is_now(self, text: str) -> bool:
        try:
            then = datetime.fromisoformat(text)
        except ValueError:
            return False
        return then.tzinfo is not None and abs(then - self._clock.now()) <= self._rules.window

    def _opened_body(self, request: Incoming, device: str) -> Admitted | Denied:
        """Open what is sealed; a request speaks for its own device only."""
        named = _DEVICE_PATH.match(request.path)
        if named is not None and unquote(named[1]) != device:
            return Denied(403, "LINE-DEVICE-OTHER")
        if not request.body:
            return Admitted(request.body)
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return Denied(400, "LINE-JSON")
        if not isinstance(body, Mapping):
            return Admitted(request.body)
        if body.get("device", device) != device:
            return Denied(403, "LINE-DEVICE-OTHER")
        try:
            return Admitted(canonical_json(unsealed(body, self._fields, self._sealing_key(request))).encode())
        except NotSealed as wrong:
            return Denied(400, "LINE-NOT-SEALED", wrong.field)
        except RecursionError:
            return Denied(400, "LINE-JSON")

    def _sealing_key(self, request: Incoming) -> bytes:
        """Open the key that fields are sealed under; devices use one for many requests."""
        wrapped = request.one(line_text.SEALED)
        if wrapped not in self._opened:
            assert self._desk.sealing is not None, "opened first"
            try:
                raw = bytes.fromhex(wrapped) if len(wrapped) <= _WRAPPED_LONGEST else b""
            except ValueError:
                raw = b""
            key = sm2.decrypt(self._desk.sealing, raw)
            if key is None:
                raise NotSealed(line_text.SEALED)
            if len(self._opened) >= _KEYS_KEPT:
                self._opened.clear()
            self._opened[wrapped] = key
        return self._opened[wrapped]
