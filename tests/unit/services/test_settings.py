"""`counter.toml`: what is understood, and what is refused with the line's name."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.catalogue import sentences
from app.domain.refusal import Refusal
from app.services import settings
from app.services.setting_checks import CHECKS


def test_defaults_need_no_file(tmp_path: Path) -> None:
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert not isinstance(loaded, Refusal)
    assert loaded.training
    assert loaded.province_url is None
    assert loaded.window == "1"


def test_the_verb_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "counter.toml").write_text('hall_url = "sqlite:///a.db"\nwindow = 3\nsettle_wait_s = 0\n')
    loaded = settings.load(tmp_path, training=False, hall_url="sqlite:///b")
    assert not isinstance(loaded, Refusal)
    assert (loaded.hall_url, loaded.window, loaded.settle_wait_s) == ("sqlite:///b", "3", 0.0)


@pytest.mark.parametrize("content", [b"window = ", b"windows = 3", b"window = 1.5", b"\xff\xfe"])
def test_a_file_that_is_not_understood_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "counter.toml").write_bytes(content)
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert isinstance(loaded, Refusal)
    assert loaded.code == "SETTINGS-WRONG"


WRONG = {
    'province_url = "http://10.0.0.1:8000"': "province_url",
    'province_url = ""': "province_url",
    'province_url = "http://"': "province_url",
    'province_url = "http://[::1"': "province_url",
    'province_url = "http://127.0.0.1:http"': "province_url",
    'province_url = "ftp://127.0.0.1/"': "province_url",
    'hall_url = "nonsense"': "hall_url",
    'hall_url = "sqlite://"': "hall_url",
    'hall_url = "postgresql://10.0.0.1/x"': "hall_url",
    'hall_url = "mysql://127.0.0.1/x"': "hall_url",
    'reader = "virtual:nix"': "reader",
    'card_driver = "SSCardDriver.dll"': "card_driver",
    "card_driver = 3": "card_driver",
    'card_driver_type = "nix"': "card_driver_type",
    "card_driver_bits = 16": "card_driver_bits",
    "card_driver_bits = true": "card_driver_bits",
    'card_driver_type = "wuxi"': "card_driver_type",
    "card_driver_bits = 32": "card_driver_bits",
    'id_port = ""': "id_port",
    'id_driver = "sdtapi.dll"': "id_driver",
    'id_driver_type = "cvr"': "id_driver_type",
    'id_driver_type = "termb"': "id_driver_type",
    "id_driver_bits = 32": "id_driver_bits",
    'region = "深圳"': "region",
    'region = "3501"': "region",
    "window = true": "window",
    'window = "a\\nb"': "window",
    'window = ""': "window",
    "settle_wait_s = nan": "settle_wait_s",
    "settle_wait_s = -1": "settle_wait_s",
    "settle_wait_s = 61": "settle_wait_s",
    "settle_wait_s = true": "settle_wait_s",
    'device = " "': "device",
    "printer = 3": "printer",
    'hall_name = "x\\u001b[2J"': "hall_name",
    'scanner = ""': "scanner",
    "scanner = 3": "scanner",
    'scanner = "hid:0c2e"': "scanner",
    'scanner = "hid:VEND:PROD"': "scanner",
    "scanner_baud = 100": "scanner_baud",
    "scanner_baud = true": "scanner_baud",
    "camera = -1": "camera",
    "camera = true": "camera",
    'camera = "virtual:pictures"': "camera",
    'camera = "virtual:/folder-that-is-not-there"': "camera",
    "camera_wait_s = 4": "camera_wait_s",
    'pad = "COM4"': "pad",
    'pad = "serial:"': "pad",
    'pad_type = "nix"': "pad_type",
    "[unknown]": "unknown",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_line_that_cannot_be_used_is_named_with_what_is_expected(tmp_path: Path, line: str) -> None:
    (tmp_path / "counter.toml").write_text(f"# 设置\n\n{line}\n", encoding="utf-8")
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert isinstance(loaded, Refusal)
    told = sentences.load().of(loaded).line
    assert loaded.code == "SETTINGS-WRONG"
    assert f"第 3 行的 {WRONG[line]} " in told
    assert told.isprintable()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('reader = "ACME"\ncard_driver = "{path}"\n', "第 2 行的 card_driver 与 reader 只能设一个"),
        ('id_port = "COM3"\nid_driver = "{path}"\n', "第 2 行的 id_driver 与 id_port 只能设一个"),
        (
            'card_driver = "{path}"\nid_driver = "{path}"\nid_driver_bits = 32\n',
            "第 3 行的 id_driver_bits 与 card_driver 只能设一个",
        ),
    ],
)
def test_a_window_has_one_way_to_read_one_kind_of_card(tmp_path: Path, lines: str, told: str) -> None:
    text = lines.format(path=(tmp_path / "reader.dll").as_posix())
    (tmp_path / "counter.toml").write_text(text, encoding="utf-8")
    loaded = settings.load(tmp_path, training=False, hall_url=None)
    assert isinstance(loaded, Refusal)
    assert told in sentences.load().of(loaded).line


def test_a_reader_behind_its_makers_library_is_named_with_type_and_bits(tmp_path: Path) -> None:
    library = tmp_path / "SSCardDriver.dll"
    (tmp_path / "counter.toml").write_text(f'card_driver = "{library.as_posix()}"\n', encoding="utf-8")
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert isinstance(loaded, settings.Settings)
    assert (loaded.card_driver, loaded.card_driver_type, loaded.card_driver_bits) == (library, "national", 64)
    more = 'card_driver_type = "wuxi"\ncard_driver_bits = 32\n'
    (tmp_path / "counter.toml").write_text(f'card_driver = "{library.as_posix()}"\n{more}', encoding="utf-8")
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert isinstance(loaded, settings.Settings)
    assert (loaded.card_driver_type, loaded.card_driver_bits) == ("wuxi", 32)


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "counter.toml").mkdir()
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert isinstance(loaded, Refusal)
    assert loaded.code == "SETTINGS-WRONG"


@pytest.mark.parametrize("url", ["nonsense", "postgresql://10.0.0.1/x", "sqlite:///"])
def test_a_hall_of_the_verb_is_checked_too(tmp_path: Path, url: str) -> None:
    loaded = settings.load(tmp_path, training=True, hall_url=url)
    assert isinstance(loaded, Refusal)
    assert loaded.code == "INPUT-WRONG"


def test_real_work_may_go_elsewhere_and_has_no_defaults(tmp_path: Path) -> None:
    text = 'province_url = "https://province.example"\nhall_url = "postgresql://10.0.0.1/hall"\n'
    (tmp_path / "counter.toml").write_text(text, encoding="utf-8")
    loaded = settings.load(tmp_path, training=False, hall_url=None)
    assert not isinstance(loaded, Refusal)
    assert (loaded.device, loaded.region, loaded.hall_name) == ("", "", "")
    assert loaded.missing() == Refusal.of("SETTINGS-MISSING", keys="device, region, hall_name, province_ca")
    whole = replace(loaded, device="W-01", region="350102", hall_name="某厅", province_ca=tmp_path / "ca.pem")
    assert whole.missing() is None
    for open_one in ({"province_url": "http://127.0.0.1:9"}, {"bank_url": "http://bank.example"}):
        (address,) = open_one.values()
        assert replace(whole, **open_one).missing() == Refusal.of("LINE-ADDRESS-OPEN", address=address)
    assert replace(whole, province_url=None).missing() == Refusal("PROVINCE-NOT-SET")
    assert replace(loaded, training=True).missing() is None


def test_a_scanner_and_a_camera_are_named(tmp_path: Path) -> None:
    lines = f'scanner = "COM3"\nscanner_baud = 115200\ncamera = "virtual:{tmp_path.as_posix()}"\ncamera_wait_s = 20\n'
    (tmp_path / "counter.toml").write_text(lines, encoding="utf-8")
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert not isinstance(loaded, Refusal)
    assert (loaded.scanner, loaded.scanner_baud) == ("COM3", 115200)
    assert (loaded.camera, loaded.camera_wait_s) == (f"virtual:{tmp_path.as_posix()}", 20.0)
    real = settings.load(tmp_path, training=False, hall_url=None)
    assert isinstance(real, Refusal)
    assert "camera " in sentences.load().of(real).line


def test_the_readme_has_a_row_for_each_setting() -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    rows = re.search(r"\| key \| what it is .*?\n\n", text, re.DOTALL)
    assert rows is not None
    assert re.findall(r"^\| `(\w+)` \|", rows[0], re.MULTILINE) == list(CHECKS)
