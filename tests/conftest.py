"""House rules of every test: no unexpected warning in the log, no thread or window left behind."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping

import pytest

from hardware.virtual.private_pcscd import PcscService, missing, private_pcscd

_PATIENCE_S = 5.0
_FAILED_CHECKS = "YIKATONG_FAILED_CHECKS"
_LAB_RUN = "YIKATONG_LAB_RUN"
_COVERAGE = ("COV_", "COVERAGE_")
_FAST_FIRST = ("house", "unit", "bench", "hall", "fuzz", "a11y", "contract", "gui", "crash", "frozen")
_UNMEASURED = frozenset({"bench", "fuzz", "a11y", "gui", "crash", "frozen"})
"""Folders about windows, times and deaths: what app and hardware do is measured where it is asserted."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bench", action="store_true", help="run the benches")
    parser.addoption("--long", action="store_true", help="run the long tests")


def pytest_configure() -> None:
    """Name this run: the processes that share it write one ledger."""
    os.environ.setdefault(_LAB_RUN, uuid.uuid4().hex)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the folders fastest first, at random within each; mark what runs only when asked for."""
    folders = {name: rank for rank, name in enumerate(_FAST_FIRST)}
    items.sort(key=lambda item: folders[item.path.relative_to(config.rootpath / "tests").parts[0]])
    for item in items:
        if item.path.relative_to(config.rootpath / "tests").parts[0] in _UNMEASURED:
            item.add_marker("no_cover")
        for mark in ("bench", "long"):
            if item.get_closest_marker(mark) and not config.getoption(f"--{mark}"):
                item.add_marker(pytest.mark.skip(reason=f"runs with --{mark}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end, above pytest's own summary, what failed before pytest began, and what the crash lab found."""
    if failed := os.environ.get(_FAILED_CHECKS):
        terminalreporter.section("checks that failed before pytest", red=True)
        terminalreporter.line(failed)
    if (terminalreporter.config.rootpath / "out" / "crash_lab.jsonl").exists():
        from tests.crash.lab.ledger import markdown

        if made := markdown(terminalreporter.config.rootpath):
            terminalreporter.section("crash lab")
            terminalreporter.write_line(made)


def _taken_from_environment() -> dict[str, str]:
    return {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_COVERAGE)}


@pytest.fixture(scope="session", autouse=True)
def measuring() -> Iterator[Mapping[str, str]]:
    """Take coverage from the programs that tests start, whose start it doubles; hands it to who measures one."""
    taken = _taken_from_environment()
    yield taken
    os.environ.update(taken)


@pytest.fixture(autouse=True)
def _still_unmeasured(measuring: Mapping[str, str]) -> Iterator[None]:
    """Take it again: coverage puts it back where it goes on after a test that is not measured."""
    yield
    _taken_from_environment()


@pytest.fixture
def children_measured(measuring: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the programs that this test starts: they are what it is about."""
    for name, value in measuring.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Keep Qt offscreen where there is no screen; by argument, so that programs started by tests do not inherit it."""
    screenless = sys.platform == "linux" and not {"DISPLAY", "QT_QPA_PLATFORM"} & os.environ.keys()
    return ["tests", *(["-platform", "offscreen"] if screenless else [])]


@pytest.fixture(scope="session")
def pcsc() -> Iterator[PcscService]:
    """One PC/SC service of our own for all tests: a process keeps to the first that its library looked for."""
    reason = missing()
    if reason is not None:
        pytest.skip(f"no real PC/SC: {reason}")
    with private_pcscd() as service:
        yield service


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs WARNING or worse; `@pytest.mark.expects_log` allows it."""
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if handler.seen and not request.node.get_closest_marker("expects_log"):
        pytest.fail("unexpected log: " + "; ".join(handler.seen))


@pytest.fixture(autouse=True)
def _garbage_on_the_gui_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect where widgets are made, as the program does: freed by a worker's thread they end the process."""
    if "qapp" not in request.fixturenames:
        yield
        return
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """Fail a test that leaves a thread or a top-level window."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + _PATIENCE_S
    while (left := [thread for thread in threading.enumerate() if thread not in before]) and time.monotonic() < until:
        time.sleep(0.02)
    assert not left, f"threads left: {[thread.name for thread in left]}"
    widgets = sys.modules.get("PySide6.QtWidgets")
    app = widgets.QApplication.instance() if widgets is not None else None
    if app is not None:
        app.processEvents()
        shown = [widget for widget in app.topLevelWidgets() if widget.isVisible()]
        for widget in shown:
            # So that the next test is not blamed for it.
            widget.close()
        assert not shown, f"windows left: {[type(widget).__name__ for widget in shown]}"
