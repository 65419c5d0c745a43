"""A training province in a process of its own, its client, and cards that no other test has touched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.domain.digest import payload_sm3
from app.domain.op_id import new_op_id
from app.domain.operation import canonical_json
from app.province.http_client import HttpProvince
from app.province.port import ItemAnswer, UploadBatch, UploadItem
from app.training.process import TrainingProvince

DEVICE = "窗口-03"
_sequence = itertools.count(1)


@dataclass
class Desk:
    """The training pages of a running province."""

    url: str
    line: httpx.Client
    taken: set[str] = field(default_factory=set)

    def get(self, path: str) -> Any:
        return self.line.get(self.url + path).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.line.post(self.url + path, json=body)

    def fault(self, **fault: Any) -> None:
        self.post("/training/faults", fault).raise_for_status()

    def applied(self, op_id: str) -> int | None:
        return {row["op_id"]: row["applied"] for row in self.get("/training/ledger")}.get(op_id)

    def card(self, social: str) -> dict[str, Any]:
        """Return a living holder's card in a state; never the same twice."""
        for row in self.get(f"/training/holders?social={social}&limit=5000"):
            if row["card_id"] not in self.taken and row["person"] == "normal" and row["profile"] is None:
                self.taken.add(row["card_id"])
                return dict(row)
        raise AssertionError(social)


@pytest.fixture(autouse=True)
def _measured(children_measured: None) -> None:
    """Measure every province that a test starts here."""


@pytest.fixture(scope="package")
def province(tmp_path_factory: pytest.TempPathFactory, measuring: Mapping[str, str]) -> Iterator[TrainingProvince]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in measuring.items():
            patch.setenv(name, value)
        started = TrainingProvince.start(tmp_path_factory.mktemp("province"), seed=7, holders=400)
    yield started
    started.stop()


@pytest.fixture(scope="package")
def shared_desk(province: TrainingProvince) -> Iterator[Desk]:
    with httpx.Client(trust_env=False, limits=httpx.Limits(keepalive_expiry=1)) as line:
        yield Desk(province.url, line)


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    yield shared_desk
    shared_desk.fault()


@pytest.fixture(scope="package")
def client(province: TrainingProvince) -> Iterator[HttpProvince]:
    made = HttpProvince(province.url, DEVICE, training=True)
    yield made
    made.close()


def operation(
    kind: str,
    *,
    base_version: int | None = None,
    occurred_at: datetime | None = None,
    schema_ver: int = 1,
    age_s: float | None = None,
    **payload: object,
) -> UploadItem:
    """Make an operation that the province has never seen."""
    now = datetime.now(UTC)
    text = canonical_json({"reason": "lost", "contact_phone": "19900000000", "offline": False, **payload})
    return UploadItem(
        op_id=new_op_id(now),
        device_seq=next(_sequence),
        kind=kind,
        order_key="person-1",
        payload=text,
        payload_sm3=payload_sm3(text),
        schema_ver=schema_ver,
        occurred_at=occurred_at or now,
        base_version=base_version,
        age_s=age_s,
    )


def batch(*items: UploadItem) -> UploadBatch:
    """Put operations into one batch."""
    return UploadBatch(DEVICE, "incarnation-1", items)


def send(client: HttpProvince, *items: UploadItem) -> tuple[ItemAnswer, ...]:
    """Deliver operations that have to arrive."""
    answers = client.upload(batch(*items))
    assert isinstance(answers, tuple)
    return answers
