"""A machine gets its certificate, a counter for real work speaks with it, and it is renewed before it ends."""

from __future__ import annotations

import io
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from app.domain.citizen_number import check_digit
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.line_keys import CERTIFICATE_FILE, LineKeys
from app.province.http_client import HttpProvince
from app.province.line_guard import LineGuard
from app.province.port import CardCheck, CardCheckRequest
from app.services.counter import Counter, open_counter
from app.services.device_line import DeviceLine, guard_for, make_guard, open_device_line
from app.services.events import EventBus
from app.services.folder_door import Place
from app.services.province_address import address_of
from app.services.settings import Settings, load
from app.services.staff_register import NewStaff, Secrets, register_staff
from app.training.process import TrainingProvince
from app.verbs.entry import main
from tests.contract.province.conftest import Desk
from tests.contract.province.line.attack_scene import OffClock

DEVICE = "窗口-81"
_NUMBER = "35010219900307162"


@pytest.fixture(autouse=True)
def _key_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")


def real_folder(folder: Path, province: TrainingProvince, device: str = DEVICE) -> Settings:
    """Set a folder up for real work against the training province's secure door."""
    folder.mkdir()
    lines = {
        "province_url": province.secure_url,
        "province_ca": province.authority.as_posix(),
        "device": device,
        "region": "350102",
        "hall_name": "某厅",
    }
    text = "".join(f'{key} = "{value}"\n' for key, value in lines.items())
    (folder / "counter.toml").write_text(text, encoding="utf-8")
    secrets = Secrets(_NUMBER + check_digit(_NUMBER), "Correct-horse-7")
    assert register_staff(Place(folder, False), NewStaff("0411", "何平", ("clerk",)), secrets) is None
    found = load(folder, training=False, hall_url=None)
    assert isinstance(found, Settings)
    return found


def enrol(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> int:
    """Run the verb with a code on stdin."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{code}\n"))
    return main(["province", "enrol", "--data", str(folder), "--json"])


def test_a_counter_for_real_work_starts_with_a_certificate_and_not_without(
    tmp_path: Path,
    province: TrainingProvince,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "real"
    settings = real_folder(folder, province)
    assert open_counter(settings, EventBus()) == Refusal("LINE-NOT-ENROLLED")
    unusable = replace(settings, province_ca=tmp_path / "none.pem")
    assert open_counter(unusable, EventBus()) == Refusal.of("LINE-AUTHORITY-UNUSABLE", file=unusable.province_ca)
    assert enrol(monkeypatch, folder, "NO-SUCH-CODE") == 2
    assert capsys.readouterr().err.startswith("LINE-CODE-WRONG ")
    code = desk.post("/training/enrolment-codes", {"device": DEVICE}).json()["code"]
    assert enrol(monkeypatch, folder, code) == 0
    assert json.loads(capsys.readouterr().out)["device"] == DEVICE
    before = len(desk.get("/training/alarms"))
    counter = open_counter(settings, EventBus())
    assert isinstance(counter, Counter), counter
    with closing(counter):
        assert counter.circuit.online
        asked = CardCheckRequest(desk.card("normal")["card_id"], None, True, DEVICE)
        assert isinstance(counter.circuit.check_card(asked), CardCheck)
        events = [row.event for row in counter.journal.run(lambda tx: tx.audit_rows(100)).result()]
    assert "line.enrolled" in events
    assert "line.reply_false" not in events
    assert desk.get("/training/alarms")[before:] == []


@pytest.fixture
def line(tmp_path: Path, province: TrainingProvince, desk: Desk) -> tuple[DeviceLine, Settings, OffClock]:
    """Give an enrolled line of its own, with a clock that can be set."""
    settings = real_folder(tmp_path / "real", province)
    clock = OffClock()
    made = open_device_line(settings, address_of(settings, province.secure_url), clock)
    code = desk.post("/training/enrolment-codes", {"device": DEVICE}).json()["code"]
    assert not isinstance(made.enrol(code), Refusal)
    return made, settings, clock


Line = tuple[DeviceLine, Settings, OffClock]


def certificate(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / CERTIFICATE_FILE).read_bytes())


def test_a_certificate_is_renewed_before_it_ends_over_the_line_as_it_is(line: Line) -> None:
    device_line, settings, clock = line
    guard = make_guard(device_line, settings, clock, pytest.fail)
    first = certificate(settings.folder)
    with closing(HttpProvince(settings.province_url or "", DEVICE, training=False, guard=guard)) as client:
        assert isinstance(client.clock(), datetime)
        device_line.renew_if_due(guard)
        assert certificate(settings.folder) == first
        device_line._found = replace(device_line._found, renew_at=datetime.now(UTC) - timedelta(days=1))  # type: ignore[type-var]
        device_line.renew_if_due(guard)
        second = certificate(settings.folder)
        assert second != first
        assert second.public_key() != first.public_key()
        assert client.check_card(CardCheckRequest("F" * 32, None, True, DEVICE)) == Refusal("CARD-UNKNOWN")
        device_line.renew_if_due(guard)
        assert certificate(settings.folder) == second
    again = guard_for(settings, settings.province_url or "")
    assert isinstance(again, LineGuard)
    with closing(HttpProvince(settings.province_url or "", DEVICE, training=False, guard=again)) as client:
        assert client.check_card(CardCheckRequest("F" * 32, None, True, DEVICE)) == Refusal("CARD-UNKNOWN")


def test_an_expired_certificate_is_not_shown_and_says_so(line: Line) -> None:
    device_line, settings, clock = line
    guard = make_guard(device_line, settings, clock, pytest.fail)
    clock.off = timedelta(days=91)
    with closing(HttpProvince(settings.province_url or "", DEVICE, training=False, guard=guard)) as client:
        found = client.clock()
    assert isinstance(found, Refusal)
    assert found.code == "LINE-CERTIFICATE-EXPIRED"


def test_keys_that_were_taken_back_are_not_given_up_by_a_word_of_the_network(line: Line, desk: Desk) -> None:
    device_line, settings, clock = line
    assert desk.post(f"/training/line/{DEVICE}/revocation", {}).json() >= 1
    guard = make_guard(device_line, settings, clock, pytest.fail)
    with closing(HttpProvince(settings.province_url or "", DEVICE, training=False, guard=guard)) as client:
        asked = CardCheckRequest("F" * 32, None, True, DEVICE)
        assert client.check_card(asked) == Refusal("LINE-DEVICE-UNKNOWN")
    assert LineKeys(settings.folder, FolderKeyStore(settings.folder, no_ring)).load() is not None


def test_a_copied_folder_without_the_journals_key_has_no_line(line: Line) -> None:
    _line, settings, _clock = line
    (settings.folder / "journal.key").unlink()
    FolderKeyStore(settings.folder, no_ring).create()
    assert LineKeys(settings.folder, FolderKeyStore(settings.folder, no_ring)).load() is None


def test_a_training_counter_gets_keys_by_itself_and_anew_when_the_province_lost_them(
    tmp_path: Path, province: TrainingProvince, desk: Desk
) -> None:
    journal = Journal.open(tmp_path, FolderKeyStore(tmp_path, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    journal.close()
    (tmp_path / "counter.toml").write_text(f'province_url = "{province.url}"\ndevice = "窗口-82"\n', encoding="utf-8")
    settings = load(tmp_path, training=True, hall_url=None)
    assert isinstance(settings, Settings)
    guard = guard_for(settings, province.url)
    assert isinstance(guard, LineGuard)
    asked = CardCheckRequest("F" * 32, None, True, "窗口-82")
    with closing(HttpProvince(province.url, "窗口-82", training=True, guard=guard)) as client:
        assert client.check_card(asked) == Refusal("CARD-UNKNOWN")
        desk.post("/training/line/窗口-82/revocation", {})
        assert client.check_card(asked) == Refusal("LINE-DEVICE-UNKNOWN")
        assert client.check_card(asked) == Refusal("CARD-UNKNOWN")
    with closing(HttpProvince(province.url, "窗口-82", training=True)) as unsigned:
        refused = unsigned.check_card(asked)
    assert refused == Refusal("LINE-UNSIGNED")


def test_a_counter_that_was_restored_goes_on_above_what_the_province_saw(tmp_path: Path, line: Line) -> None:
    device_line, settings, clock = line
    guard = make_guard(device_line, settings, clock, pytest.fail)
    guard.go_above(50_000)
    asked = CardCheckRequest("F" * 32, None, True, DEVICE)
    with closing(HttpProvince(settings.province_url or "", DEVICE, training=False, guard=guard)) as client:
        assert client.check_card(asked) == Refusal("CARD-UNKNOWN")
    (settings.folder / "line.counter").write_text("3")
    again = make_guard(device_line, settings, clock, pytest.fail)
    with closing(HttpProvince(settings.province_url or "", DEVICE, training=False, guard=again)) as client:
        assert client.check_card(asked) == Refusal("CARD-UNKNOWN")


def test_a_line_signed_by_sm2_works_both_ways(tmp_path: Path, province: TrainingProvince, desk: Desk) -> None:
    settings = replace(real_folder(tmp_path / "real", province), line_signing="sm2")
    clock = SystemClock()
    made = open_device_line(settings, address_of(settings, province.secure_url), clock)
    code = desk.post("/training/enrolment-codes", {"device": DEVICE}).json()["code"]
    assert not isinstance(made.enrol(code), Refusal)
    guard = make_guard(made, settings, clock, pytest.fail)
    with closing(HttpProvince(province.secure_url, DEVICE, training=False, guard=guard)) as client:
        asked = CardCheckRequest(desk.card("normal")["card_id"], None, True, DEVICE)
        assert isinstance(client.check_card(asked), CardCheck)
        assert client.check_card(replace(asked, card_id="F" * 32)) == Refusal("CARD-UNKNOWN")
