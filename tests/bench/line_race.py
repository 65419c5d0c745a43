"""What guarding the line costs: signing and checking in the process, and whole batches against the same ones bare."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.domain.clock import SystemClock
from app.domain.digest import payload_sm3
from app.domain.line import LineSecrets, Signing
from app.domain.op_id import new_op_id
from app.domain.operation import canonical_json
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.line_counter import LineCounter
from app.province import line_text
from app.province.http_client import HttpProvince
from app.province.line_guard import LineGuard, Signed
from app.province.port import UploadBatch, UploadItem
from app.province.upload_body import item_body
from app.services.device_line import guard_for
from app.services.settings import Settings, load
from app.training.process import TrainingProvince
from hardware.crypto import sm2

DEVICE = "bench"
BATCH = 100


@dataclass(frozen=True)
class Cost:
    """Seconds for one request: making it in JSON, guarding it too, and checking its reply."""

    bare: float
    guarded: float
    checked: float


@dataclass(frozen=True)
class Uploaded:
    """Seconds of both sides for the same number of operations."""

    operations: int
    guarded: float
    bare: float


class _Held:
    """Keys that are there."""

    def __init__(self, found: LineSecrets) -> None:
        self._found = found

    def secrets(self) -> LineSecrets:
        return self._found

    def forget(self) -> None:
        raise AssertionError("nobody tells this bench to forget")


def cost(folder: Path, signing: Signing, items: int, runs: int) -> Cost:
    """Measure one request of so many operations, least of some runs; no network."""
    device, province = sm2.make_pair(), sm2.make_pair()
    later = datetime.now(UTC) + timedelta(days=9)
    shared = bytes(range(32))
    public = province.public
    keys = LineSecrets(DEVICE, "00" * 16, signing, device.private, device.public, shared, public, public, later, later)
    guard = LineGuard(_Held(keys), LineCounter(folder), SystemClock(), lambda _refusal: None)
    body = {"device": DEVICE, "items": [item_body(item) for item in made(items, 0)]}

    def sign() -> Signed:
        found = guard.sign(DEVICE, "POST", "/v1/operations", body, "")
        assert isinstance(found, Signed)
        return found

    sent, reply = sign(), b'{"answers": []}' * items
    text = line_text.reply_text(sent.signature, 200, reply, "")
    by_hmac = signing is Signing.HMAC_SM3
    signature = line_text.hmac_sm3(shared, text) if by_hmac else sm2.sign(province, text).hex()
    heads = {line_text.SIGNATURE: signature}
    assert guard.is_authentic(sent, 200, heads, reply)
    return Cost(
        _least(lambda: canonical_json(body).encode(), runs),
        _least(sign, runs),
        _least(lambda: guard.is_authentic(sent, 200, heads, reply), runs),
    )


def upload_race(folder: Path, batches: int) -> Uploaded:
    """Upload the same number of operations guarded and bare, by turns, to one province."""
    province = TrainingProvince.start(folder / "province", seed=7, holders=20)
    try:
        counter = folder / "counter"
        counter.mkdir()
        Journal.open(counter, FolderKeyStore(counter, no_ring), SystemClock()).close()  # type: ignore[union-attr]
        (counter / "counter.toml").write_text(f'device = "{DEVICE}"\nprovince_url = "{province.url}"\n')
        settings = load(counter, training=True, hall_url=None)
        assert isinstance(settings, Settings)
        guard = guard_for(settings, province.url)
        assert isinstance(guard, LineGuard)
        with (
            closing(HttpProvince(province.url, DEVICE, training=True, guard=guard)) as guarded,
            closing(HttpProvince(province.url, "bare", training=True)) as bare,
        ):
            taken = {"guarded": 0.0, "bare": 0.0}
            for number in range(batches + 1):
                for name, client, device in (("guarded", guarded, DEVICE), ("bare", bare, "bare")):
                    batch = UploadBatch(device, "incarnation", made(BATCH, number * BATCH))
                    began = time.perf_counter()
                    answers = client.upload(batch)
                    # The first batch enrols, connects and warms up.
                    taken[name] += time.perf_counter() - began if number else 0.0
                    assert isinstance(answers, tuple), answers
            return Uploaded(batches * BATCH, taken["guarded"], taken["bare"])
    finally:
        province.stop()


def made(count: int, first: int) -> list[UploadItem]:
    """Make operations that no province has seen."""
    now = datetime.now(UTC)
    found = []
    for number in range(first, first + count):
        payload = canonical_json({"card_id": f"{number:032X}", "note": "补办资料 " * 8, "offline": True})
        digest = payload_sm3(payload)
        found.append(UploadItem(new_op_id(now), number + 1, "intake", f"p-{number}", payload, digest, 1, now, None))
    return found


def _least(work: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)
