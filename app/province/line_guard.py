"""Signs what goes to the province, seals what is sensitive in it, and takes only replies that the province signed."""

from __future__ import annotations

import secrets
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote

from app.domain.clock import Clock
from app.domain.line import LineSecrets
from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.province import line_text
from app.province.line_sealing import sealed, sensitive_fields
from app.province.line_text import RequestHead

FALSE_REPLY = "LINE-REPLY-FALSE"
EXPIRED = "LINE-CERTIFICATE-EXPIRED"
_KEY_BYTES = 16
_REQUESTS_A_KEY = 1000


class Keys(Protocol):
    """Where the device's keys come from; the first call may ask for them at the province."""

    def secrets(self) -> LineSecrets | Refusal | None:
        """Return the keys, why there are none, or None where nothing is signed. May block as a call does."""
        ...

    def forget(self) -> None:
        """The province does not know these keys any more."""
        ...


class Counter(Protocol):
    """The device's counter of requests; raises OSError when no number can be reserved."""

    def next(self) -> int:
        """Return the next number."""
        ...

    def go_above(self, number: int) -> None:
        """Go on above a number."""
        ...


@dataclass(frozen=True)
class Signed:
    """One request as it goes out; `secrets` None for one that nothing is signed of."""

    headers: Mapping[str, str]
    content: bytes
    secrets: LineSecrets | None = None

    @property
    def signature(self) -> str:
        """Return the request's signature, to which a reply is bound."""
        return self.headers.get(line_text.SIGNATURE, "")


class LineGuard:
    """The security of one device's line; shared by its doors, safe to call from several threads.

    `on_false` is told of each reply that the province did not sign.
    """

    def __init__(
        self,
        keys: Keys,
        counter: Counter,
        clock: Clock,
        on_false: Callable[[Refusal], None],
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; `trust` is who may answer over TLS, and what is shown to them."""
        self.trust = trust
        self._keys = keys
        self._counter = counter
        self._clock = clock
        self._on_false = on_false
        self._fields = sensitive_fields()
        self._lock = threading.Lock()
        self._sealing: tuple[bytes, bytes, str] = (b"", b"", "")
        self._sealed = 0
        self._ahead = timedelta(0)

    def sign(
        self, device: str, method: str, target: str, body: Mapping[str, object] | None, op_id: str
    ) -> Signed | Refusal:
        """Make a request: its body in canonical JSON with what is sensitive sealed, and the headers of the line.

        Refusals: LINE-CERTIFICATE-EXPIRED, LINE-COUNTER-UNKEPT, and what `Keys.secrets` refuses.
        """
        found = self._keys.secrets()
        if isinstance(found, Refusal):
            return found
        if found is None:
            return Signed({}, b"" if body is None else canonical_json(body).encode())
        now = self._clock.now() - self._ahead
        if now >= found.expires_at:
            return Refusal.of(EXPIRED, day=found.expires_at.date().isoformat())
        content, wrapped = b"", ""
        if body is not None:
            key, wrapped = self._sealing_key(found)
            content = canonical_json(sealed(body, self._fields, key)).encode()
        try:
            number = self._counter.next()
        except OSError:
            return Refusal("LINE-COUNTER-UNKEPT")
        head = RequestHead(
            device=quote(device, safe=""),
            key_id=found.key_id,
            counter=str(number),
            time=now.isoformat(timespec="milliseconds"),
            op_id=quote(op_id, safe=""),
            sealed=wrapped,
        )
        signature = line_text.sign_request(found, line_text.request_text(head, method, target, content))
        return Signed(head.headers(signature), content, found)

    def tell_time(self, told: datetime) -> None:
        """Take the province's time: requests are dated by it, for a machine whose clock is off works on."""
        self._ahead = self._clock.now() - told

    def is_authentic(self, sent: Signed, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        """Tell whether the province signed this reply to this request; where nothing is signed, any is taken."""
        if sent.secrets is None:
            return True
        text = line_text.reply_text(sent.signature, status, body, headers.get("Retry-After", ""))
        return line_text.is_province(sent.secrets, text, headers.get(line_text.SIGNATURE, ""))

    def note_false(self, field: str) -> Refusal:
        """Tell of a reply that is not the province's, and return what the caller gets instead of it."""
        refusal = Refusal.of(FALSE_REPLY, field=field)
        self._on_false(refusal)
        return refusal

    def note_stranger(self, code: str) -> None:
        """Tell of somebody who answers in the province's place."""
        self._on_false(Refusal(code))

    def go_above(self, number: int) -> None:
        """Go on above a counter that the province has seen."""
        self._counter.go_above(number)

    def forget(self) -> None:
        """Forget keys that the province does not know any more."""
        self._keys.forget()

    def _sealing_key(self, found: LineSecrets) -> tuple[bytes, str]:
        """Return the key that fields are sealed under, and itself wrapped for the province; it serves many requests."""
        with self._lock:
            for_key, key, wrapped = self._sealing
            self._sealed += 1
            if for_key != found.sealing_key or self._sealed > _REQUESTS_A_KEY:
                from hardware.crypto import sm2

                key = secrets.token_bytes(_KEY_BYTES)
                wrapped = sm2.encrypt(found.sealing_key, key).hex()
                self._sealing, self._sealed = (found.sealing_key, key, wrapped), 1
            return key, wrapped
