"""A training province in a process of its own, its client, and cards that no other test has touched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from yikatong_binzhou.province import BinzhouProvince

from app.domain.digest import payload_sm3
from app.domain.op_id import new_op_id
from app.domain.operation import canonical_json
from app.domain.states import SocialState
from app.province.endpoint import Endpoint
from app.province.http_client import HttpProvince
from app.province.port import ItemAnswer, UploadBatch, UploadItem
from app.province.wire_names import REFERENCE
from app.province.wires import ProvinceClient
from app.training.process import TrainingProvince
from tests.adapters.binzhou_server import Binzhou, Fault, binzhou_server

DEVICE = "窗口-03"
BINZHOU = "binzhou"
BOTH_WIRES = pytest.mark.parametrize("wire", [REFERENCE, BINZHOU], indirect=True)
"""For tests of what every wire does; without it a test is about the reference wire."""
_BINZHOU_SEES = {SocialState.LOCKED: SocialState.UNKNOWN, SocialState.VOID: SocialState.CANCELLED}
_sequence = itertools.count(1)


@dataclass
class Desk:
    """The training pages of a running province."""

    url: str
    line: httpx.Client
    facade: Binzhou | None = None
    """What stands between the client and the province where its wire is another one."""
    taken: set[str] = field(default_factory=set)

    def get(self, path: str) -> Any:
        return self.line.get(self.url + path).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.line.post(self.url + path, json=body)

    def fault(self, **fault: Any) -> None:
        if self.facade is not None:
            self.facade.fault = Fault(fault.get("mode", "none"))
        else:
            self.post("/training/faults", fault).raise_for_status()

    def seen(self, social: SocialState) -> SocialState:
        """Return what the wire has for a state: not each province has a code for each."""
        return _BINZHOU_SEES.get(social, social) if self.facade is not None else social

    def applied(self, op_id: str) -> int | None:
        if self.facade is not None:
            return self.facade.effects(op_id)
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
        started = TrainingProvince.start(tmp_path_factory.mktemp("province"), seed=7, holders=1500)
    yield started
    started.stop()


@pytest.fixture(scope="package")
def wire(request: pytest.FixtureRequest) -> str:
    """The wire that a test is about."""
    return str(getattr(request, "param", REFERENCE))


@pytest.fixture(scope="package")
def shared_desk(province: TrainingProvince) -> Iterator[Desk]:
    with httpx.Client(trust_env=False, limits=httpx.Limits(keepalive_expiry=1)) as line:
        yield Desk(province.url, line)


@pytest.fixture(scope="package")
def binzhou(province: TrainingProvince) -> Iterator[tuple[str, Binzhou]]:
    with binzhou_server(province.url) as served:
        yield served


@pytest.fixture(scope="package")
def facade(wire: str, request: pytest.FixtureRequest) -> Binzhou | None:
    """What stands before the province where the wire is another one; made before the test, whose thread it outlives."""
    return request.getfixturevalue("binzhou")[1] if wire == BINZHOU else None


@pytest.fixture
def desk(shared_desk: Desk, facade: Binzhou | None) -> Iterator[Desk]:
    of_wire = Desk(shared_desk.url, shared_desk.line, facade, shared_desk.taken)
    yield of_wire
    of_wire.fault()


@pytest.fixture(scope="package")
def client(province: TrainingProvince, wire: str, request: pytest.FixtureRequest) -> Iterator[ProvinceClient]:
    if wire == BINZHOU:
        url, _facade = request.getfixturevalue("binzhou")
        made: ProvinceClient = BinzhouProvince(Endpoint(url, DEVICE, True, BINZHOU), settle_s=0.0)
    else:
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


def send(client: ProvinceClient, *items: UploadItem) -> tuple[ItemAnswer, ...]:
    """Deliver operations that have to arrive."""
    answers = client.upload(batch(*items))
    assert isinstance(answers, tuple)
    return answers
