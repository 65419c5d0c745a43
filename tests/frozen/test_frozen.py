"""The frozen program itself, from a path with Chinese characters and a space, with nothing of the sources in reach."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from hardware.readers.sscard.card_driver import CardDriver
from hardware.readers.sscard.driver_host import FROZEN_VERB, DriverHost
from hardware.readers.sscard.functions import Interface
from hardware.virtual.private_pcscd import missing
from tests.contract.hardware.sscard.maker import compiled, put
from tests.frozen.conftest import PROJECT, Frozen, bare_environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TOUR_S = 240
NEVER_FROZEN = re.compile(r"(Qt6?(Qml|Quick|Network|OpenGL|Designer|Pdf)|libgtk|tkinter|pytest|mypy|PyInstaller)")


def test_it_tells_its_version_and_size(frozen: Frozen, capsys: pytest.CaptureFixture[str]) -> None:
    seconds = []
    for _start in range(3):
        begun = time.monotonic()
        done = frozen.run("--version")
        seconds.append(time.monotonic() - begun)
        assert (done.returncode, done.stdout.strip(), done.stderr) == (0, f"yikatong {version('yikatong-counter')}", "")
    size = sum(file.stat().st_size for file in frozen.folder.rglob("*") if file.is_file() and not file.is_symlink())
    with capsys.disabled():
        sys.stdout.write(
            f"\nfrozen: built in {frozen.build_s:.0f} s, {size / 1e6:.0f} MB, "
            f"--version {seconds[0]:.2f} s the first time, {min(seconds):.2f} s the best of three\n"
        )


def test_it_carries_every_resource_and_nothing_idle(frozen: Frozen) -> None:
    inside = frozen.folder / "_internal"
    missing = [
        file.relative_to(PROJECT)
        for room in ("app", "hardware", "ui", "resources")
        for file in (PROJECT / room).rglob("*")
        if file.is_file() and file.suffix not in {".py", ".pyc"} and not (inside / file.relative_to(PROJECT)).is_file()
    ]
    assert not missing
    idle = [file.relative_to(inside) for file in inside.rglob("*") if NEVER_FROZEN.search(file.name)]
    assert not idle
    assert [file.name for file in inside.rglob("*.qm")] == ["qtbase_zh_CN.qm"]
    assert not list(inside.rglob("direct_url.json")), "the place where it was built is nobody's business"


def test_doctor_names_its_probes_in_chinese_under_any_locale(frozen: Frozen, tmp_path: Path) -> None:
    data = tmp_path / "数据 目录"
    done = frozen.run("doctor", "--training", "--data", str(data), "--json", LC_ALL="C", LANG="C")
    assert done.returncode in (0, 2), done.stderr
    probes = {found["probe"]: found for found in json.loads(done.stdout)}
    assert {"data_folder", "journal_key", "journal", "reader", "printer", "fonts", "province"} <= set(probes)
    assert probes["fonts"]["state"] == "ok"
    assert "数据 目录" in probes["data_folder"]["sentence"]


def test_an_empty_folder_is_one_line_and_exit_2(frozen: Frozen, tmp_path: Path) -> None:
    done = frozen.run("outbox", "list", "--data", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("JOURNAL-NONE ")
    assert done.stderr.count("\n") == 1


def test_it_reads_a_code_from_a_picture(frozen: Frozen, tmp_path: Path) -> None:
    picture = tmp_path / "电子码.png"
    raw = memoryview(zxingcpp.create_barcode("YKT-0001", zxingcpp.BarcodeFormat.QRCode).to_image(scale=5))
    Image.frombytes("L", (raw.shape[1], raw.shape[0]), bytes(raw)).save(picture)
    done = frozen.run("scan", str(picture), "--json", "--reveal")
    assert done.returncode == 0, done.stderr
    assert [found["text"] for found in json.loads(done.stdout)] == ["YKT-0001"]


def test_the_child_that_renders_receipts_is_there_and_not_in_the_help(frozen: Frozen) -> None:
    child = frozen.run("_receipt-worker")
    assert (child.returncode, child.stdout, child.stderr) == (0, "", "")
    told = frozen.run("--help")
    assert told.returncode == 0
    assert "outbox" in told.stdout
    assert "_receipt" not in told.stdout


def test_the_tour_plays_the_whole_visit(frozen: Frozen, tmp_path: Path) -> None:
    out = tmp_path / "一次 来访"
    done = frozen.run("tour", "--out", str(out), timeout=TOUR_S)
    told = json.loads((out / "tour.json").read_text(encoding="utf-8"))
    failed = [step["name"] for step in told["steps"] if not step["ok"]]
    assert (done.returncode, told["ok"], failed) == (0, True, []), f"{told['failure']}\n{done.stderr[-2000:]}"
    assert told["reader"] in (("pcscd", "private_pcscd") if missing() is None else ("pcscd", "in_process"))
    assert told["ledger"]
    assert all(row["applied"] == 1 for row in told["ledger"])
    assert all((out / step["screenshot"]).stat().st_size > 0 for step in told["steps"])
    assert list((out / "receipts").glob("*.pdf"))


def test_it_starts_itself_as_a_drivers_process_and_reads_a_card_through_a_makers_library(
    frozen: Frozen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no C compiler: gcc is not installed")
    maker = put(compiled(tmp_path), tmp_path)
    for name in os.environ.keys() - bare_environment().keys():
        monkeypatch.delenv(name, raising=False)
    host = DriverHost([maker.driver], [str(frozen.program), FROZEN_VERB])
    try:
        assert CardDriver(host).read_base(Interface.CONTACT, None).name == "张三"
    finally:
        host.close()
