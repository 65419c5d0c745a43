"""The rules that every test is held to, tried on tests that break them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.house.sources import ROOT

OFFENDERS = """
import logging, threading, time
import pytest

def test_logs():
    logging.getLogger("some.room").warning("a surprise")

@pytest.mark.expects_log
def test_logs_on_purpose():
    logging.getLogger("some.room").warning("no surprise")

def test_leaves_a_thread():
    threading.Thread(target=time.sleep, args=(2.0,), name="forgotten", daemon=True).start()

def test_leaves_a_window(qapp):
    from PySide6.QtWidgets import QWidget
    qapp.forgotten = QWidget()
    qapp.forgotten.show()

def test_is_not_blamed_for_the_one_before(qapp):
    assert qapp

@pytest.mark.bench
def test_bench(): pass

@pytest.mark.long
def test_long(): pass
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the offenders."""
    folder = tmp_path_factory.mktemp("offenders")
    tests = folder / "tests" / "unit"
    tests.mkdir(parents=True)
    conftest = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    (tests / "conftest.py").write_text(conftest.replace("_PATIENCE_S = 5.0", "_PATIENCE_S = 0.1"), encoding="utf-8")
    (tests / "test_offenders.py").write_text(OFFENDERS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n bench: b\n long: l\n expects_log: e\n", encoding="utf-8")
    left_out = ("DISPLAY", "QT_QPA_PLATFORM")
    environment = {k: v for k, v in os.environ.items() if k not in left_out and not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "no:randomly", "-p", "no:cacheprovider", str(tests)],
        cwd=folder,
        env={**environment, "YIKATONG_FAILED_CHECKS": "ruff check"},
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree(folder)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "unexpected log: WARNING some.room: a surprise",
        "threads left: ['forgotten']",
        "windows left: ['QWidget']",
        "runs with --bench",
        "runs with --long",
        "checks that failed before pytest",
        "5 passed, 2 skipped, 3 errors",
    ],
)
def test_a_broken_rule_is_told(told: str, line: str) -> None:
    assert line in told


def test_a_test_that_keeps_the_rules_is_left_alone(told: str) -> None:
    assert "ERROR test_offenders.py::test_logs_on_purpose" not in told
    assert "ERROR test_offenders.py::test_is_not_blamed_for_the_one_before" not in told
