"""A counter whose line goes through the attack proxy, its neighbour, and what both sides wrote down."""

from __future__ import annotations

import json
import ssl
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from app.domain.clock import SystemClock
from app.domain.line import LineSecrets, Signing
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.line_counter import LineCounter
from app.province import line_enrolment, line_text, line_tls
from app.province.call_kinds import CallKind, TimeOuts
from app.province.http_client import HttpProvince
from app.province.line_enrolment import Asking, Issued
from app.province.line_guard import LineGuard
from app.province.line_text import RequestHead
from app.province.port import CardCheck, CardCheckRequest
from app.services.events import EventBus
from app.services.late_guard import AUDIT_FALSE, false_reply_noter
from app.training.process import TrainingProvince
from tests.contract.province.conftest import Desk
from tests.contract.province.line.attack_proxy import AttackProxy, Message, exchange

COUNTER, NEIGHBOUR = "窗口-71", "窗口-72"
PHRASE = "not a secret: of a test"
CHECKS = "/v1/card-checks"
_SHORT = {kind: TimeOuts(2, 8, 0.6, 2) for kind in CallKind}
_LONG = {kind: TimeOuts(2, 8, 8, 2) for kind in CallKind}


@dataclass
class Held:
    """Keys of one device, as `line_guard.Keys`."""

    found: LineSecrets
    forgotten: int = 0

    def secrets(self) -> LineSecrets:
        return self.found

    def forget(self) -> None:
        self.forgotten += 1


class OffClock:
    """A machine's clock that is wrong by so much."""

    def __init__(self, off: timedelta = timedelta(0)) -> None:
        self.off = off
        self._real = SystemClock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def monotonic(self) -> float:
        return self._real.monotonic()

    def boot_id(self) -> str:
        return self._real.boot_id()


def enrolled(province: TrainingProvince, device: str, signing: Signing = Signing.HMAC_SM3) -> Issued:
    """Have a device enrolled over TLS with a code of the training page."""
    code = line_enrolment.training_code(Asking(province.url, device, PHRASE))
    assert isinstance(code, str)
    asking = Asking(province.secure_url, device, PHRASE, line_tls.trust(province.authority))
    issued = line_enrolment.enrol(asking, code, signing)
    assert isinstance(issued, Issued), issued
    return issued


@dataclass
class Scene:
    """Everything an attack needs; `client` speaks through the proxy, as the counter."""

    province: TrainingProvince
    desk: Desk
    folder: Path
    journal: Journal
    proxy: AttackProxy
    own: Issued
    other: Issued
    clock: OffClock = field(default_factory=OffClock)

    def __post_init__(self) -> None:
        self.bus = EventBus()
        self.keys = Held(self.own.secrets)
        self.counter = LineCounter(self.folder)
        self.guard = LineGuard(self.keys, self.counter, self.clock, false_reply_noter(self.journal, self.bus))
        self.client = HttpProvince(self.proxy.url, COUNTER, training=True, guard=self.guard)
        self.card = self.desk.card("normal")["card_id"]
        self.hurried(False)

    def hurried(self, hurried: bool) -> None:
        """Have the client wait for a short while only, or as long as the province may."""
        self.client._line._time_outs = _SHORT if hurried else _LONG  # type: ignore[attr-defined]

    def check(self) -> CardCheck | Refusal:
        """Ask what a counter asks at each card."""
        return self.client.check_card(CardCheckRequest(self.card, None, True, COUNTER))

    def works(self) -> bool:
        """Tell whether the counter is usable: a call of each kind goes through."""
        return isinstance(self.check(), CardCheck) and isinstance(self.client.clock(), datetime)

    def alarms(self) -> list[str]:
        """Return the codes of the province's alarm rows, oldest first."""
        return [row["code"] for row in self.desk.get("/training/alarms")]

    def alarms_after(self, before: int, code: str) -> list[str]:
        """Return what came after so many; waits a moment for a code that is written down behind the reply."""
        until = time.monotonic() + 3
        while code not in (found := self.alarms()[before:]) and time.monotonic() < until:
            time.sleep(0.02)
        return found

    def audited(self) -> list[dict[str, str]]:
        """Return what the counter's audit chain has of false replies, oldest first."""
        rows = self.journal.run(lambda tx: tx.audit_rows(10_000)).result()
        return [json.loads(row.detail) for row in rows if row.event == AUDIT_FALSE]

    def upstream(self) -> tuple[str, int]:
        """Return the province's open address."""
        return self.proxy.upstream

    def secure(self, file: Path | None, highest: ssl.TLSVersion | None = None) -> HttpProvince:
        """Return a client of the secure door that shows the certificate in a file, or none."""
        trust = line_tls.trust(self.province.authority)
        if highest is not None:
            trust.set_ciphers("ALL:@SECLEVEL=0")
            trust.minimum_version, trust.maximum_version = ssl.TLSVersion.TLSv1, highest
        if file is not None:
            line_tls.show_certificate(trust, file, PHRASE)
        guard = LineGuard(self.keys, self.counter, self.clock, false_reply_noter(self.journal, self.bus), trust)
        return HttpProvince(self.province.secure_url, COUNTER, training=True, guard=guard)

    def checked_over(self, client: HttpProvince) -> CardCheck | Refusal:
        """Ask over another client, and close it."""
        found = client.check_card(CardCheckRequest(self.card, None, True, COUNTER))
        client.close()
        return found

    def forged(
        self, method: str, target: str, body: bytes, secrets: LineSecrets | None = None, **head: str
    ) -> tuple[int, dict[str, Any]]:
        """Send what a holder of the keys could send, whatever it says of itself; returns status and JSON."""
        used = secrets or self.own.secrets
        told = RequestHead(
            device=quote(used.device, safe=""),
            key_id=used.key_id,
            counter=str(self.counter.next()),
            time=datetime.now(UTC).isoformat(),
        )
        told = replace(told, **head)
        signature = line_text.sign_request(used, line_text.request_text(told, method, target, body))
        headers = {
            "Host": urlsplit(self.province.url).netloc,
            "Connection": "close",
            "X-Device": told.device,
            **told.headers(signature),
        }
        if body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        message = Message(f"{method} {target} HTTP/1.1", tuple(headers.items()), body)
        reply = exchange(self.upstream(), [message.raw()])
        assert reply is not None
        return int(reply.start.split()[1]), json.loads(reply.body)

    def close(self) -> None:
        """Close client and proxy."""
        self.client.close()
        self.proxy.stop()
