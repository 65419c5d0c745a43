"""How many operations the training province takes in a second, in batches of 100 that change cards."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from app.domain.digest import payload_sm3
from app.domain.op_id import new_op_id
from app.domain.operation import canonical_json
from app.training.process import TrainingProvince

AT_ONCE = 100
_MOST_LISTED = 5000
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Taken:
    """Operations that were applied, and the seconds that the province took for them."""

    operations: int
    seconds: float

    @property
    def rate(self) -> float:
        """Return operations a second."""
        return self.operations / self.seconds


def race(folder: Path, operations: int, holders: int) -> Taken:
    """Register the temporary loss of as many normal cards, batch after batch on one line."""
    province = TrainingProvince.start(folder, seed=7, holders=holders)
    try:
        with httpx.Client(base_url=province.url, trust_env=False, timeout=30, headers=_JSON) as client:
            listed = client.get(f"/training/holders?social=normal&limit={_MOST_LISTED}").json()
            cards = [row["card_id"] for row in listed if row["person"] == "normal"][:operations]
            assert len(cards) == operations, len(cards)
            batches = [_batch(cards[start : start + AT_ONCE], start) for start in range(0, operations, AT_ONCE)]
            started = time.perf_counter()
            for batch in batches:
                answers = client.post("/v1/operations", content=batch).json()["answers"]
                assert {answer["outcome"] for answer in answers} == {"applied"}
            return Taken(operations, time.perf_counter() - started)
    finally:
        province.stop()


def _batch(cards: Sequence[str], first: int) -> bytes:
    now = datetime.now(UTC)
    items = []
    for number, card_id in enumerate(cards, first + 1):
        payload = canonical_json({"card_id": card_id, "reason": "lost", "contact_phone": "19900000000"})
        items.append(
            {
                "op_id": new_op_id(now),
                "device_seq": number,
                "kind": "temporary_loss",
                "order_key": f"person-{number}",
                "payload": payload,
                "payload_sm3": payload_sm3(payload),
                "schema_ver": 1,
                "occurred_at": now.isoformat(),
            }
        )
    return json.dumps({"device": "bench", "incarnation": "1", "items": items}).encode()
