"""The whole visit on real processes: killed at several points, the province killed and back, the ledger exact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.hall.training_staff import training_password
from tests.programs import Counter, Province, run, run_json, steps


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """One province for the module: its holders are put back to normal, its ledger is read as what was added."""
    served = Province(tmp_path_factory.mktemp("province"))
    served.start()
    yield served
    served.kill()


@pytest.fixture(autouse=True)
def _normal_cards(province: Province) -> None:
    for row in province.get("/training/holders?limit=5000"):
        if row["profile"] in ("gen1", "gen2", "gen3") and row["social"] != "normal":
            province.post(f"/training/cards/{row['card_id']}/state", {"social": "normal"})


def assert_exact(counter: Counter, province: Province, operations: int) -> None:
    """Every operation of the journal is in the province's ledger once, and the chain is whole."""
    rows = counter.outbox()
    ours = {row.op_id for row in rows}
    ledger = {op_id: applied for op_id, applied in province.ledger().items() if op_id in ours}
    assert len(rows) == operations
    assert [row.device_seq for row in sorted(rows, key=lambda row: row.device_seq)] == list(range(1, operations + 1))
    for row in rows:
        assert row.state == "applied", row
        assert ledger[row.op_id] == 1
    assert len(ledger) == operations
    verified = counter.verify()
    assert verified.ok, verified
    assert verified.rows > operations


@pytest.mark.usefixtures("children_measured")
def test_a_loss_and_its_release_reach_the_province_once(tmp_path: Path, province: Province) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen3")
    lost = counter.visit("loss")
    assert lost.returncode == 0, lost.stderr
    shown = steps(lost)
    assert (shown["issue"]["holder"], shown["issue"]["note"], shown["identify"]["note"]) == ("郑**", None, None)
    assert shown["identify"]["authenticated"]
    assert not shown["identify"]["offline"]
    assert shown["submit"]["state"] == "applied"
    assert shown["receipt"]["printed"] == "printed"
    released = counter.visit("release")
    assert released.returncode == 0, released.stderr
    assert steps(released)["submit"]["state"] == "applied"
    again = counter.visit("release")
    assert again.returncode == 2
    assert "CARD-IS-NORMAL" in again.stderr
    assert_exact(counter, province, 2)


@pytest.mark.parametrize(
    "fault",
    [
        "after_commit@call_ticket",
        "after_commit@register_temporary_loss",
        "after_upload",
    ],
)
def test_killed_anywhere_nothing_is_lost_or_doubled(tmp_path: Path, province: Province, fault: str) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen2")
    killed = counter.visit("loss", fault=fault)
    assert killed.returncode == -9, (killed.stdout, killed.stderr)
    saved = len(counter.outbox())
    assert saved == (0 if "ticket" in fault else 1)
    assert counter.drain()["pending"] == 0
    if not saved:
        finished = counter.visit("loss")
        assert finished.returncode == 0, finished.stderr
    assert_exact(counter, province, 1)


@pytest.mark.parametrize(
    ("field", "code"), [("business=xyz", "FIELD-NOT-CHOICE"), ("busines=other", "INPUT-WRONG"), ("x", "INPUT-WRONG")]
)
def test_what_cannot_be_chosen_is_refused_and_nothing_is_saved(
    tmp_path: Path, province: Province, field: str, code: str
) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen1")
    arguments = ("visit", "--data", str(counter.folder), "--do", "intake", "--field", field)
    refused = run(*arguments, stdin=training_password() + "\n")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert refused.stderr.startswith(code)
    assert counter.outbox() == ()


def test_offline_the_visit_goes_on_and_catches_up(tmp_path: Path, province: Province) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen3")
    assert counter.visit("intake").returncode == 0
    province.kill()
    offline = counter.visit("loss", phone="13900000000")
    assert offline.returncode == 0, offline.stderr
    assert steps(offline)["identify"]["offline"]
    assert steps(offline)["submit"]["state"] == "queued"
    refused = counter.visit("release")
    assert refused.returncode == 2
    assert "OFFLINE-NEVER" in refused.stderr
    waiting = [row for row in counter.outbox() if row.state == "queued"]
    assert len(waiting) == 1
    assert waiting[0].destination == "province"
    province.start()
    drained = counter.drain()
    assert (drained["pending"], drained["tasks"]) == (0, 0)
    assert_exact(counter, province, 2)


def test_a_reply_that_is_lost_after_applying_is_not_applied_twice(tmp_path: Path, province: Province) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen1")
    province.post("/training/faults", {"mode": "drop_reply", "count": 2, "path": "/v1/operations"})
    assert counter.visit("loss", drain=20).returncode == 0
    assert_exact(counter, province, 1)


def test_a_loss_whose_card_has_moved_goes_to_a_person(tmp_path: Path, province: Province) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen2")
    assert counter.visit("intake").returncode == 0
    province.kill()
    assert counter.visit("loss", phone="13900000000").returncode == 0
    province.start()
    card_id = next(row["card_id"] for row in province.get("/training/holders?limit=5000") if row["profile"] == "gen2")
    province.post(f"/training/cards/{card_id}/state", {"social": "lost_formal"})
    drained = counter.drain()
    assert (drained["pending"], drained["tasks"]) == (0, 1)
    rows = {row.kind: row for row in counter.outbox()}
    assert rows["temporary_loss"].state == "conflict"
    assert rows["temporary_loss"].reason == "OP-STATE-MOVED"
    assert province.ledger().get(rows["temporary_loss"].op_id, 0) == 0


@pytest.mark.usefixtures("children_measured")
def test_the_verbs_tell_the_same_story(tmp_path: Path, province: Province) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen1")
    assert counter.visit("loss").returncode == 0
    folder = str(counter.folder)
    rows = run_json("outbox", "list", "--data", folder)
    assert set(rows[0]) >= {
        "op_id",
        "kind",
        "order_key",
        "destination",
        "device_seq",
        "state",
        "attempts",
        "age_s",
        "reason",
    }
    assert [row["state"] for row in rows] == ["applied"]
    assert run_json("outbox", "drain", "--training", "--data", folder)["pending"] == 0
    verified = run_json("journal", "verify", "--data", folder)
    assert (verified["ok"], verified["first_bad"]) == (True, None)
    findings = run_json("doctor", "--training", "--data", folder)
    assert {"probe", "state", "sentence", "remedy"} == set(findings[0])
    assert {found["probe"]: found["state"] for found in findings}["journal"] == "ok"
