"""Fault files: what they say happens, when they say it; what cannot be meant is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.refusal import Refusal
from app.training.fault_plan import FaultPlan, load
from app.training.faults import BANK, PROVINCE, FaultBox
from app.training.wire_models import FaultBody


class Seconds:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "faults.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    text = 'seed = 7\nclock_offset_s = -3600\n[[fault]]\nmode = "drop_reply"\npath = "/v1/operations"\nshare = 10\n'
    plan = load(write(tmp_path, text))
    assert isinstance(plan, FaultPlan)
    assert plan.clock_offset_s == -3600
    assert plan.faults == (FaultBody(mode="drop_reply", path="/v1/operations", share=10),)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[[fault]]\nmode = "explode"', "fault.0.mode"),
        ("[[fault]]\nshare = 0", "fault.0.share"),
        ("[[fault]]\nlatency = 5", "fault.0.latency"),
        ("clock_offset_s = 1e12", "clock_offset_s"),
        ("clock_offset_s = nan", "clock_offset_s"),
        ("sead = 1", "sead"),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(tmp_path: Path, text: str, where: str) -> None:
    found = load(write(tmp_path, text))
    assert isinstance(found, Refusal)
    assert (found.code, dict(found.facts)["reason"]) == ("TRAINING-FAULTS-UNUSABLE", where)


def test_a_file_that_is_not_there_or_no_toml_is_a_refusal(tmp_path: Path) -> None:
    for file in (tmp_path / "nothing.toml", write(tmp_path, "[[")):
        found = load(file)
        assert isinstance(found, Refusal)
        assert found.code == "TRAINING-FAULTS-UNUSABLE"


def test_a_fault_has_its_time_and_its_number() -> None:
    seconds = Seconds()
    fault = FaultBody(mode="busy", from_s=10, until_s=20, count=2)
    plan = FaultPlan([fault], seconds=seconds)
    met = []
    for seconds.now in (0, 9.9, 10, 11, 12, 20):
        met.append(plan.take("/v1/clock", PROVINCE).mode)
    assert met == ["none", "none", "busy", "busy", "none", "none"]
    again = FaultPlan([fault], seconds=seconds)
    seconds.now += 30
    assert again.take("/v1/clock", PROVINCE).mode == "none"


def test_a_share_is_met_as_often_as_it_says_and_alike_each_time() -> None:
    def met(seed: int) -> list[str]:
        plan = FaultPlan([FaultBody(mode="away", share=10)], seed)
        return [plan.take("/v1/clock", PROVINCE).mode for _ in range(2000)]

    assert met(7) == met(7) != met(8)
    assert 150 <= met(7).count("away") <= 250


def test_a_fault_belongs_to_its_path_and_the_first_that_fits_happens() -> None:
    rules = [FaultBody(mode="busy", path="/v1/op"), FaultBody(mode="away", path=BANK), FaultBody(mode="refuse")]
    plan = FaultPlan(rules)
    assert plan.take("/v1/operations", PROVINCE).mode == "busy"
    assert plan.take("/v1/clock", PROVINCE).mode == "refuse"
    assert plan.take("/bank/v1/losses", BANK).mode == "away"


def test_what_is_told_at_the_desk_goes_before_the_file() -> None:
    box = FaultBox(FaultPlan([FaultBody(mode="busy")]))
    box.set(FaultBody(mode="refuse", count=1))
    assert [box.take("/v1/clock").mode for _ in range(3)] == ["refuse", "busy", "busy"]
