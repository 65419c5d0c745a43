"""The province is slow, refuses, breaks, drops its reply, talks nonsense, is busy, is away."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from app.domain.clock import SystemClock
from app.domain.operation import Outcome
from app.domain.refusal import Refusal
from app.province.call_kinds import CallKind, TimeOuts
from app.province.circuit import Circuit, CircuitState
from app.province.http_client import HttpProvince
from app.province.port import Away, CardCheckRequest, ProfileQuery
from app.province.wires import ProvinceClient
from app.training.process import TrainingProvince
from tests.contract.province.conftest import BOTH_WIRES, DEVICE, Desk, batch, operation, send


def test_a_slow_province_is_waited_for(client: HttpProvince, desk: Desk) -> None:
    desk.fault(latency_ms=300, path="/v1/clock")
    started = time.monotonic()
    assert not isinstance(client.clock(), Refusal)
    assert time.monotonic() - started >= 0.3


def test_a_province_slower_than_the_time_out_is_away(
    client: HttpProvince, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = {kind: TimeOuts(1, 1, 0.3, 1) for kind in CallKind}
    monkeypatch.setattr(client._line, "_time_outs", slow)
    desk.fault(latency_ms=900, path="/v1/operations", count=1)
    loss = operation("temporary_loss", card_id=desk.card("normal")["card_id"])
    assert client.upload(batch(loss)) == Away(Refusal("PROVINCE-AWAY"))
    monkeypatch.undo()
    (answer,) = send(client, loss)
    assert answer.outcome is Outcome.APPLIED
    assert desk.applied(loss.op_id) == 1


@BOTH_WIRES
@pytest.mark.parametrize(
    ("mode", "refusal", "retry_after"),
    [
        ("refuse", Refusal.of("PROVINCE-REFUSED", status=403, reason="TRAINING-REFUSES"), None),
        ("http500", Refusal("PROVINCE-BUSY"), None),
        ("busy", Refusal.of("PROVINCE-BUSY", retry_after="1"), 1.0),
        ("nonsense", Refusal.of("PROVINCE-NONSENSE", field="JSON"), None),
        ("drop_reply", Refusal("PROVINCE-AWAY"), None),
    ],
)
def test_every_fault_is_a_value_on_every_call(
    client: ProvinceClient, desk: Desk, mode: str, refusal: Refusal, retry_after: float | None
) -> None:
    desk.fault(mode=mode)
    assert client.clock() == refusal
    assert client.check_card(CardCheckRequest("F" * 32, None, True, DEVICE)) == refusal
    assert client.profile(ProfileQuery("test", card_id="F" * 32)) == refusal
    assert client.operation_status("op") == refusal
    assert client.upload(batch(operation("intake"))) == Away(refusal, retry_after)


def test_a_reply_dropped_after_applying_and_the_operation_sent_again_has_one_effect(
    client: HttpProvince, desk: Desk
) -> None:
    desk.fault(mode="drop_reply", count=2, path="/v1/operations")
    loss = operation("temporary_loss", card_id=desk.card("normal")["card_id"])
    assert client.upload(batch(loss)) == Away(Refusal("PROVINCE-AWAY"))
    assert desk.applied(loss.op_id) == 1
    assert client.upload(batch(loss)) == Away(Refusal("PROVINCE-AWAY"))
    (answer,) = send(client, loss)
    assert answer.outcome is Outcome.APPLIED
    assert desk.applied(loss.op_id) == 1


def test_a_fault_meets_its_path_and_its_count_only(client: HttpProvince, desk: Desk) -> None:
    desk.fault(mode="http500", count=1, path="/v1/card-checks")
    assert not isinstance(client.clock(), Refusal)
    assert client.check_card(CardCheckRequest("F" * 32, None, True, DEVICE)) == Refusal("PROVINCE-BUSY")
    assert client.check_card(CardCheckRequest("F" * 32, None, True, DEVICE)) == Refusal("CARD-UNKNOWN")


def test_the_server_bounds_what_it_is_sent(province: TrainingProvince) -> None:
    with httpx.Client(base_url=province.url, trust_env=False) as line:
        assert line.post("/v1/operations", content=b" " * (1024 * 1024 + 1)).status_code == 413
        assert line.post("/v1/operations", content=iter([b"{}"])).json()["code"] == "REQUEST-TOO-LARGE"
        malformed = line.post("/v1/holders/profile", json={"purpose": 5})
        assert malformed.json() == {"code": "REQUEST-MALFORMED", "message": "body.purpose"}
        assert line.post("/v1/holders/profile", json={"purpose": "test"}).status_code == 422
        assert line.get("/v1/clock", headers={"Host": "elsewhere.example"}).status_code == 400


def test_away_is_noticed_at_once_and_the_return_by_itself(tmp_path: Path) -> None:
    province = TrainingProvince.start(tmp_path, holders=30)
    port = httpx.URL(province.url).port
    assert port is not None
    client = HttpProvince(province.url, DEVICE, training=True)
    seen: list[bool] = []
    circuit = Circuit(client, SystemClock(), seen.append, jitter=lambda _low, _high: 0.02)
    again: TrainingProvince | None = None
    line = httpx.Client(trust_env=False)
    try:
        loss = operation("temporary_loss", card_id=Desk(province.url, line).card("normal")["card_id"])
        send(client, loss)
        assert circuit.probe()
        province.kill()
        assert circuit.clock() == Refusal("PROVINCE-AWAY")
        assert circuit.state is CircuitState.OPEN
        again = TrainingProvince.start(tmp_path, port=port, holders=30)
        until = time.monotonic() + 10
        while not circuit.probe() and time.monotonic() < until:
            time.sleep(0.02)
        assert seen == [True, False, True]
        assert Desk(again.url, line).applied(loss.op_id) == 1
        (answer,) = send(client, loss)
        assert answer.outcome is Outcome.APPLIED
    finally:
        line.close()
        client.close()
        province.stop()
        if again is not None:
            again.stop()
