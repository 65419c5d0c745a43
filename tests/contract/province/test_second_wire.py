"""The wire of an adapter package: chosen by name, and once is once over a province that knows nothing again."""

from __future__ import annotations

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from yikatong_binzhou.gbk_text import from_form, referenced, resolved, to_form
from yikatong_binzhou.province import BinzhouProvince
from yikatong_binzhou.translation import BEIJING, read_time, value_of, written_time
from yikatong_binzhou.translation import load as load_interface

from app.domain.downlink import ChangePage
from app.domain.operation import Outcome
from app.domain.refusal import Refusal
from app.province.call_kinds import CallKind, TimeOuts
from app.province.endpoint import Endpoint
from app.province.late import LateProvince
from app.province.port import NOT_OFFERED, Away, UploadBatch, UploadItem
from app.province.wire_names import REFERENCE, names
from app.province.wires import ProvinceClient, open_wire
from app.services.device_line import why_not_ready
from app.services.settings import FILE_NAME, Settings, load
from app.training.process import TrainingProvince
from tests.adapters.binzhou_server import Binzhou, Fault
from tests.adapters.installed import PACKAGE, metadata_of
from tests.contract.outbox.scenery import DarkCounter
from tests.contract.province.conftest import BINZHOU, DEVICE, Desk, batch, operation, send
from tests.empty_journal import open_empty
from tests.unit.journal.scenery import StillClock

pytestmark = [pytest.mark.usefixtures("wire"), pytest.mark.parametrize("wire", [BINZHOU], indirect=True)]


@pytest.fixture
def other(binzhou: tuple[str, Binzhou]) -> Iterator[Callable[[float], BinzhouProvince]]:
    """Makes clients of the façade that wait so long for a request that had no answer."""
    made: list[BinzhouProvince] = []

    def make(settle_s: float) -> BinzhouProvince:
        made.append(BinzhouProvince(Endpoint(binzhou[0], DEVICE, True, BINZHOU), settle_s))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_a_wire_is_found_by_the_metadata_of_its_package(
    binzhou: tuple[str, Binzhou], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names() == (REFERENCE,)
    with pytest.raises(KeyError):
        open_wire(Endpoint(binzhou[0], DEVICE, True), BINZHOU)
    monkeypatch.syspath_prepend(metadata_of(PACKAGE, tmp_path / "site"))
    assert names() == (REFERENCE, BINZHOU)
    opened = open_wire(Endpoint(binzhou[0], DEVICE, True, BINZHOU), BINZHOU)
    assert isinstance(opened.clock(), datetime)
    assert opened.code_maps.social.knows("B")
    opened.close()
    late = LateProvince(Endpoint(binzhou[0], DEVICE, True, BINZHOU), BINZHOU)
    assert isinstance(late.clock(), datetime)
    late.close()
    (tmp_path / FILE_NAME).write_text(f'wire = "{BINZHOU}"\ncode_map = "{BINZHOU}"\n', "utf-8")
    settings = load(tmp_path, training=True, hall_url=None)
    assert isinstance(settings, Settings)
    assert (settings.wire, settings.endpoint("http://127.0.0.1:9").code_map) == (BINZHOU, BINZHOU)


def test_real_work_by_another_wire_wants_the_provinces_root_and_no_enrolment(
    province: TrainingProvince, binzhou: tuple[str, Binzhou], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    monkeypatch.syspath_prepend(metadata_of(PACKAGE, tmp_path / "site"))
    lines = {"province_url": "https://province.example", "device": DEVICE, "region": "350102", "hall_name": "某厅"}
    lines |= {"wire": BINZHOU, "code_map": BINZHOU, "province_ca": str(province.authority)}
    text = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    settings = load(tmp_path, training=False, hall_url=None)
    assert isinstance(settings, Settings)
    assert (settings.missing(), why_not_ready(settings)) == (None, None)
    assert why_not_ready(replace(settings, wire=REFERENCE)) == Refusal("LINE-NOT-ENROLLED")
    unusable = why_not_ready(replace(settings, province_ca=tmp_path / "none.pem"))
    assert unusable is not None
    assert unusable.code == "LINE-AUTHORITY-UNUSABLE"
    at = replace(settings.endpoint(province.secure_url), authority=None)
    strange, known = (BinzhouProvince(replace(at, authority=root)) for root in (None, province.authority))
    assert strange.clock() == Refusal("LINE-PROVINCE-UNKNOWN")
    assert isinstance(known.clock(), Refusal)
    assert known.clock() != Refusal("LINE-PROVINCE-UNKNOWN")
    strange.close()
    known.close()


def test_a_wire_that_the_program_was_not_built_with_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('wire = "binzhou"\n', "utf-8")
    refused = load(tmp_path, training=True, hall_url=None)
    assert isinstance(refused, Refusal)
    assert refused.code == "SETTINGS-WRONG"
    assert "第 1 行的 wire" in dict(refused.facts)["detail"]


def test_a_province_of_the_internet_is_none_for_training() -> None:
    with pytest.raises(ValueError, match="on this machine"):
        BinzhouProvince(Endpoint("http://province.example", DEVICE, True, BINZHOU))


def test_what_it_does_not_have_is_told_as_that(client: ProvinceClient) -> None:
    assert client.sealing_key() == Refusal(NOT_OFFERED)
    assert client.release_key(DEVICE, "00", "00") == Refusal(NOT_OFFERED)


def test_the_province_itself_does_twice_what_comes_twice(client: ProvinceClient, desk: Desk) -> None:
    """What the adapter is there for: without it each of these would be an operation."""
    assert desk.facade is not None
    item = operation("intake", citizen_number="350100190001010012")
    send(client, item)
    form = dict(next(row for row in desk.facade.records if row["lsh"] == item.op_id))
    desk.facade.answer("saveCardSl", form)
    assert desk.applied(item.op_id) == 2


def test_a_lost_reply_is_asked_for_and_not_sent_again(client: ProvinceClient, desk: Desk) -> None:
    assert desk.facade is not None
    desk.facade.fault = Fault("drop_reply", "saveCard", 1)
    loss = operation("temporary_loss", card_id=desk.card("normal")["card_id"])
    assert client.upload(batch(loss)) == Away(Refusal("PROVINCE-AWAY"))
    (answer,) = send(client, loss)
    assert (answer.outcome, desk.facade.received[loss.op_id], desk.applied(loss.op_id)) == (Outcome.APPLIED, 1, 1)


def test_a_request_that_is_late_is_waited_for(
    other: Callable[[float], BinzhouProvince], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.facade is not None
    late = other(1.5)
    monkeypatch.setattr(late._line, "_time_outs", {kind: TimeOuts(1, 1, 0.2, 1) for kind in CallKind})
    desk.facade.fault = Fault("none", "saveCard", 1, latency_s=0.8)
    intake, same_key = operation("intake"), operation("intake")
    assert late.upload(batch(intake)) == Away(Refusal("PROVINCE-AWAY"))
    held = late.upload(batch(intake, same_key))
    assert isinstance(held, tuple)
    assert [(answer.outcome, answer.reason) for answer in held] == [(Outcome.RETRY, "PROVINCE-BUSY")] * 2
    until = time.monotonic() + 5
    while desk.applied(intake.op_id) is None and time.monotonic() < until:
        time.sleep(0.05)
    monkeypatch.undo()
    answers = send(late, intake, same_key)
    assert [answer.outcome for answer in answers] == [Outcome.APPLIED] * 2
    assert (desk.applied(intake.op_id), desk.applied(same_key.op_id)) == (1, 1)


def test_what_the_client_before_may_have_sent_is_waited_for(
    other: Callable[[float], BinzhouProvince], desk: Desk
) -> None:
    assert desk.facade is not None
    started = other(0.6)
    old, new = operation("intake", age_s=30.0), operation("intake", age_s=0.0)
    old = UploadItem(**{**vars(old), "order_key": "person-2"})
    assert [answer.outcome for answer in send(started, old, new)] == [Outcome.RETRY, Outcome.APPLIED]
    assert desk.facade.received[old.op_id] == 0
    time.sleep(0.6)
    assert [answer.outcome for answer in send(started, old)] == [Outcome.APPLIED]


def test_what_follows_an_undecided_one_of_its_key_waits(client: ProvinceClient, desk: Desk) -> None:
    assert desk.facade is not None
    first, second, third = (operation("intake") for _ in range(3))
    third = UploadItem(**{**vars(third), "order_key": "person-9"})
    # Asked and sent, asked and not taken.
    desk.facade.choose = _turns("none", "none", "none", "http500")
    try:
        answers = client.upload(UploadBatch(DEVICE, "incarnation-1", [first, second, third]))
    finally:
        desk.facade.choose = None
    assert isinstance(answers, tuple)
    assert [answer.outcome for answer in answers] == [Outcome.APPLIED, Outcome.RETRY, Outcome.RETRY]
    assert [answer.outcome for answer in send(client, first, second, third)] == [Outcome.APPLIED] * 3
    assert [desk.applied(item.op_id) for item in (first, second, third)] == [1, 1, 1]


def _turns(*modes: str) -> Callable[[str], str]:
    left = list(modes)
    return lambda _method: left.pop(0) if left else "none"


@pytest.mark.parametrize("kinds", [("drop_reply",), ("drop_reply", "drop_request", "http500", "busy")])
def test_an_outbox_is_drained_once_and_in_order_over_a_bad_line(
    other: Callable[[float], BinzhouProvince],
    desk: Desk,
    tmp_path: Path,
    kinds: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facade = desk.facade
    assert facade is not None
    chance, met = random.Random(9), Counter[str]()

    def choose(_method: str) -> str:
        mode = chance.choice(kinds) if chance.random() < 0.3 else "none"
        met[mode] += 1
        return mode

    clock = StillClock()
    journal = open_empty(tmp_path / "counter", clock)
    counter = DarkCounter(journal, clock, other(0.0))
    monkeypatch.setattr("tests.contract.outbox.scenery.PERSONS", 5)
    # Every empty journal here is the same incarnation, whose numbers begin with one.
    facade.records.clear()
    facade.choose = choose
    try:
        counter.register(30)
        counter.drain(rounds=600)
    finally:
        facade.choose = None
        journal.close()
    assert all(met[kind] for kind in kinds)
    mine = facade.records
    assert sorted(row["lsh"] for row in mine) == sorted(made.op_id for made in counter.made)
    assert {facade.received[made.op_id] for made in counter.made} == {1}
    assert sorted(int(row["sbxh"]) for row in mine) == list(range(1, 31))
    came: dict[str, list[str]] = defaultdict(list)
    for row in mine:
        came[row["yxj"]].append(row["lsh"])
    wanted: dict[str, list[str]] = defaultdict(list)
    for made in counter.made:
        wanted[made.order_key].append(made.op_id)
    assert came == wanted


def test_changes_come_by_pages_with_their_tombstones(client: ProvinceClient, desk: Desk) -> None:
    card = desk.card("normal")
    start = client.changes(0, 500)
    assert isinstance(start, ChangePage)
    desk.post(f"/training/cards/{card['card_id']}/state", {"social": "lost_temporary"}).raise_for_status()
    desk.post(f"/training/cards/{card['card_id']}/state", {"social": "cancelled"}).raise_for_status()
    first = client.changes(start.last, 1)
    assert isinstance(first, ChangePage)
    assert (len(first.changes), first.more) == (1, True)
    assert first.changes[0].state.social.value == "lost_temporary"
    second = client.changes(first.last, 1)
    assert isinstance(second, ChangePage)
    assert (second.changes[0].state.tombstone, second.more) == ("cancellation", False)
    assert client.changes(second.last, 5) == ChangePage((), second.last, False)


def test_characters_that_gbk_does_not_have_arrive_as_they_were() -> None:
    for text in ("张三", "㛃𬭚", "a&b=c+d e%&#38;", "&#2;", "&#99999999;", ""):
        assert from_form(to_form({"xm": text})) == {"xm": text}
        assert resolved([{"xm": referenced(text)}]) == [{"xm": text}]
    assert to_form({"xm": "张三"}) == b"xm=%D5%C5%C8%FD"
    assert resolved("&#9999999;") == "&#9999999;"


def test_times_are_beijings() -> None:
    moment = datetime(2026, 11, 23, 2, 30, 5, 120_000, tzinfo=UTC)
    assert written_time(moment) == "20261123103005120000"
    assert read_time("20261123103005") == datetime(2026, 11, 23, 10, 30, 5, tzinfo=BEIJING)
    codes = load_interface().codes
    assert value_of("20261123", "day", codes) == "2026-11-23"
    for kind in ("number", "flag", "day", "time", "reason"):
        assert value_of("没有", kind, codes) == "没有"
        assert value_of(7, kind, codes) == 7
