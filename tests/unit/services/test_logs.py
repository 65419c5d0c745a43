"""Every handler of the program redacts; what nobody catches is logged without its message; APDUs are off."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import logs
from app.services.logs import APDU_LOGGER, OFF, RedactionFilter, forget_names, keep_out_of_logs
from tests.house.sources import ROOT

NUMBER, NAME = "350102199001011239", "司马相如"
MAKERS = {"basicConfig", "dictConfig", "fileConfig", "addHandler", "StreamHandler", "FileHandler", "MemoryHandler"}

EVERY_HANDLER = """
import json, logging
from app.verbs import entry
from app.services.logs import start_logs, RedactionFilter
start_logs()
import app.training.server, ui.clerk.face, app.services.receipt_worker, app.services.workplace, uvicorn
uvicorn.Config(lambda: None, log_level="warning", log_config=None)
loggers = [logging.getLogger(), *(l for l in logging.root.manager.loggerDict.values() if isinstance(l, logging.Logger))]
print(json.dumps([
    [l.name, type(h).__name__, any(isinstance(f, RedactionFilter) for f in h.filters)]
    for l in loggers for h in l.handlers if not isinstance(h, logging.NullHandler)
]))
"""

UNCAUGHT = """
import threading
from app.services.logs import start_logs
start_logs()
def fall():
    raise ValueError("350102199001011239")
thread = threading.Thread(target=fall)
thread.start()
thread.join()
fall()
"""


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_every_handler_in_the_running_program_redacts() -> None:
    done = python(EVERY_HANDLER)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [["root", "StreamHandler", True]]


def test_no_other_module_makes_a_handler() -> None:
    made = []
    for folder in ("app", "hardware", "ui"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
                if name in MAKERS:
                    made.append(file.relative_to(ROOT).as_posix())
    assert set(made) == {"app/services/logs.py"}


def test_what_nobody_catches_is_told_by_type_and_place_only() -> None:
    done = python(UNCAUGHT)
    assert done.returncode == 1
    assert NUMBER not in done.stderr
    assert done.stderr.count("builtins.ValueError") == 2
    assert "in fall" in done.stderr


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactionFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield logging.getLogger("own"), stream
    root.removeHandler(handler)


@pytest.mark.expects_log
def test_arguments_messages_and_traces_are_cleaned(written: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = written
    keep_out_of_logs((NAME, None))
    log.warning("for %s of %s", NUMBER, {"name": NAME})
    try:
        int(NUMBER + "x")
    except ValueError:
        log.exception("reading %r", NAME.encode(), stack_info=True)
    found = stream.getvalue()
    assert NUMBER not in found
    assert NAME not in found
    assert "for [number] of {'name': '[name]'}" in found
    assert "test_logs.py" in found
    forget_names()
    log.warning(NAME)
    assert NAME in stream.getvalue()


def test_apdu_traffic_is_off_and_holds_headers_only(caplog: pytest.LogCaptureFixture) -> None:
    from hardware.readers.supervisor import _OwnedChannel, traffic

    class Card:
        atr = b""

        def transmit(self, apdu: bytes) -> tuple[bytes, int]:
            return NUMBER.encode(), 0x9000

    assert traffic.name == APDU_LOGGER
    channel = _OwnedChannel(Card(), lambda: None)
    with caplog.at_level(logging.DEBUG):
        traffic.setLevel(OFF)
        channel.transmit(bytes.fromhex("00B2050400") + NUMBER.encode())
        assert caplog.records == []
        traffic.setLevel(logging.DEBUG)
        channel.transmit(bytes.fromhex("00B2050400") + NUMBER.encode())
        traffic.setLevel(logging.NOTSET)
    (record,) = caplog.records
    assert record.getMessage() == "00b20504 +19: 18 bytes, 9000"


def test_a_program_starts_with_apdus_off_unless_asked(tmp_path: Path) -> None:
    ask = (
        "import logging; from app.services.logs import start_logs; start_logs({!r});"
        " print(logging.getLogger({!r}).level)"
    )
    assert python(ask.format({}, APDU_LOGGER)).stdout.strip() == str(OFF)
    assert python(ask.format({"YIKATONG_APDU_LOG": "1"}, APDU_LOGGER)).stdout.strip() == str(logging.DEBUG)
    assert logs.log.name == "app.services.logs"
