"""The counter's copy: begun, told and ended as `counter.toml` says; doctor names how far it is behind."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from app.catalogue import sentences
from app.domain.clock import SystemClock
from app.journal.journal import Journal
from app.journal.keys import KEY_STORE_VARIABLE, machine_key_store
from app.services.doctor import PROBES, Health
from app.services.events import CopyMoved, Event, EventBus
from app.services.second_copy import open_second_copy
from app.services.setting_checks import CHECKS
from app.services.settings import Settings, load
from tests.memory_folder import memory_folder

probe = dict(PROBES)["second_place"]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv(KEY_STORE_VARIABLE, "file")
    with memory_folder() as root:
        for name in ("data", "usb"):
            (root / name).mkdir()
        (root / "data" / "counter.toml").write_text(f'second_place = "{root / "usb"}"\n')
        found = load(root / "data", True, None)
        assert isinstance(found, Settings)
        yield found


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    opened = Journal.open(settings.folder, machine_key_store(settings.folder), SystemClock())
    assert isinstance(opened, Journal)
    yield opened
    opened.close()


def told(settings: Settings) -> tuple[Health, str]:
    state, refusal = probe(settings)
    assert refusal.code in sentences.load().entries
    return state, refusal.code


def test_it_is_copied_and_told_while_the_counter_is_open(settings: Settings, journal: Journal) -> None:
    assert told(settings) == (Health.WARN, "DOCTOR-SECOND-NOT-YET")
    seen: queue.Queue[Event] = queue.Queue()
    bus = EventBus()
    bus.subscribe(seen.put)
    with ExitStack() as stack:
        open_second_copy(settings, journal, bus, stack)
        assert seen.get(timeout=10) == CopyMoved(0, 0.0, True)
        journal.run(lambda tx: tx.audit("test", "0007", "done")).result()
    assert journal.run(lambda tx: tx.copy_lag()).result().rows == 0
    assert told(settings) == (Health.OK, "DOCTOR-SECOND-LAG")
    journal.run(lambda tx: tx.audit("test", "0007", "done")).result()
    state, refusal = probe(settings)
    assert (state, dict(refusal.facts)["rows"]) == (Health.OK, "2")


def test_without_the_setting_nothing_is_noted_any_more(settings: Settings, journal: Journal) -> None:
    journal.run(lambda tx: tx.copying(True)).result()
    bare = replace(settings, second_place=None)
    with ExitStack() as stack:
        open_second_copy(bare, journal, EventBus(), stack)
    assert journal.run(lambda tx: tx.copy_lag()).result() is None
    assert told(bare) == (Health.OK, "DOCTOR-SECOND-NONE")
    assert told(replace(bare, training=False)) == (Health.WARN, "DOCTOR-SECOND-NONE")


def test_a_place_that_is_not_there_is_told(settings: Settings, tmp_path: Path) -> None:
    assert told(replace(settings, second_place=tmp_path / "gone")) == (Health.FAIL, "DOCTOR-SECOND-AWAY")


@pytest.mark.parametrize(("value", "fits"), [("/media/usb", True), ("usb", False), (7, False), ("/a\n", False)])
def test_the_setting_is_a_full_path(value: object, fits: bool) -> None:
    assert CHECKS["second_place"](value, True) is fits
