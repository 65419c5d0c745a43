"""Training and real work never share a folder or a hall."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from app.domain.citizen_number import check_digit
from app.domain.clock import SystemClock
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.training_staff import training_password
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.services import settings
from app.services.books import open_books
from app.services.counter import Counter, open_counter
from app.services.events import EventBus
from app.services.folder_door import Place
from app.services.offline_folder import drain
from app.services.staff_register import NewStaff, Secrets, register_staff
from app.training.line_authority import make_authority

READY = "LINE-NOT-ENROLLED"
"""What a folder for real work is told when nothing of its mode is against it: it lacks the province's certificate."""
PASSWORD = "Correct-horse-7"
PERSON = NewStaff("0411", "何平", ("clerk",))
SECRETS = Secrets("35010219900307162" + check_digit("35010219900307162"), PASSWORD)


@pytest.fixture(autouse=True)
def _key_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")


def open_one(folder: Path, training: bool, url: str | None = None) -> str:
    """Open a counter and close it again; returns its refusal's code, or nothing."""
    found = settings.load(folder, training, url)
    assert not isinstance(found, Refusal), found
    counter = open_counter(found, EventBus(), ask_province=False)
    if isinstance(counter, Refusal):
        return counter.code
    assert isinstance(counter, Counter)
    counter.close()
    return ""


def write_settings(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "ca.pem").write_text(make_authority(SystemClock().now()).pem, encoding="ascii")
    province = ("province_url", "https://127.0.0.1:9"), ("province_ca", (folder / "ca.pem").as_posix())
    lines = *province, ("device", "W-01"), ("region", "350102"), ("hall_name", "某厅")
    text = "".join(f'{key} = "{value}"\n' for key, value in lines)
    (folder / "counter.toml").write_text(text, encoding="utf-8")


def signs_in(folder: Path, staff_no: str, password: str) -> bool:
    hall = Hall.open(hall_url(folder), SystemClock())
    assert isinstance(hall, Hall)
    answer = hall.check_password(staff_no, password)
    hall.close()
    return not isinstance(answer, Refusal)


def test_a_folder_for_real_work_is_refused_to_training_and_gets_no_training_staff(tmp_path: Path) -> None:
    write_settings(tmp_path)
    assert register_staff(Place(tmp_path, False, None), PERSON, SECRETS) is None
    assert open_one(tmp_path, training=True) == "FOLDER-IS-REAL"
    assert open_one(tmp_path, training=False) == READY
    assert signs_in(tmp_path, "0411", PASSWORD)
    assert not signs_in(tmp_path, "0317", training_password())


def test_a_folder_for_training_is_refused_to_real_work(tmp_path: Path) -> None:
    write_settings(tmp_path)
    assert open_one(tmp_path, training=True) == ""
    assert open_one(tmp_path, training=False) == "FOLDER-IS-TRAINING"
    assert register_staff(Place(tmp_path, False, None), PERSON, SECRETS) == Refusal("FOLDER-IS-TRAINING")
    assert open_one(tmp_path, training=True) == ""


def test_a_hall_for_real_work_is_never_seeded_and_the_new_folder_stays_unmarked(tmp_path: Path) -> None:
    real, new = tmp_path / "real", tmp_path / "new"
    write_settings(real)
    write_settings(new)
    assert register_staff(Place(real, False, None), PERSON, SECRETS) is None
    assert open_one(new, True, hall_url(real)) == "HALL-IS-REAL"
    assert not signs_in(real, "0317", training_password())
    assert open_one(new, training=False) == READY


def test_a_hall_for_training_is_refused_to_real_work(tmp_path: Path) -> None:
    training, real = tmp_path / "training", tmp_path / "real"
    write_settings(training)
    write_settings(real)
    assert open_one(training, training=True) == ""
    assert open_one(real, False, hall_url(training)) == "HALL-IS-TRAINING"


def test_a_folder_of_an_older_program_is_marked_by_its_next_start(tmp_path: Path) -> None:
    write_settings(tmp_path)
    journal = Journal.open(tmp_path, FolderKeyStore(tmp_path, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    journal.close()
    assert drain(tmp_path, training=False, province_url=None, timeout_s=0) == Refusal("JOURNAL-UNMARKED")
    with ExitStack() as stack:
        found = settings.load(tmp_path, True, None)
        assert not isinstance(found, Refusal)
        books = open_books(found, SystemClock(), stack)
        assert not isinstance(books, Refusal)
        assert books[0].mode is Mode.TRAINING
    assert open_one(tmp_path, training=False) == "FOLDER-IS-TRAINING"


def test_what_waits_is_drained_in_the_folders_own_mode(tmp_path: Path) -> None:
    write_settings(tmp_path)
    assert drain(tmp_path, training=True, province_url=None, timeout_s=0) == Refusal("JOURNAL-NONE")
    assert register_staff(Place(tmp_path, False, None), PERSON, SECRETS) is None
    assert drain(tmp_path, training=True, province_url=None, timeout_s=0) == Refusal("FOLDER-IS-REAL")
    answer = drain(tmp_path, training=False, province_url=None, timeout_s=0)
    assert not isinstance(answer, Refusal)
    assert answer["pending"] == 0


def test_an_address_that_is_none_is_refused_whatever_waits(tmp_path: Path) -> None:
    write_settings(tmp_path)
    assert register_staff(Place(tmp_path, False, None), PERSON, SECRETS) is None
    answer = drain(tmp_path, training=False, province_url="notaurl", timeout_s=0)
    assert isinstance(answer, Refusal)
    assert answer.code == "INPUT-WRONG"
