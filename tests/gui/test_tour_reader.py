"""Which reader the tour reads its cards with: a real PC/SC service wherever there can be one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from hardware.virtual.private_pcscd import PcscdNotStarted, PcscService
from tests.contract.virtual_card import plugged
from ui.tour import card_reader
from ui.tour.card_reader import CardService, some_card_reader


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(card_reader, "SERVICE_SOCKET", tmp_path / "absent")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, pcsc: PcscService) -> PcscService:
    """The tests' own service in the place of the machine's."""
    monkeypatch.setattr(card_reader, "SERVICE_SOCKET", pcsc.socket_path)
    monkeypatch.setattr(card_reader, "VPCD_PORT", pcsc.port)
    return pcsc


def test_a_service_that_runs_with_an_empty_virtual_reader_is_used(running: PcscService) -> None:
    with some_card_reader() as reader:
        assert (reader.service, reader.setting) == (CardService.RUNNING, 'reader = "Virtual PCD 00 00"')


def test_somebody_elses_card_is_left_in_and_the_tour_has_a_service_of_its_own(
    running: PcscService, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plugged("gen2", running.port):
        until = time.monotonic() + 20
        while card_reader._empty_virtual_reader_runs():
            assert time.monotonic() < until, "the card was not noticed"
        # The library of this process keeps to the tests' own service.
        monkeypatch.setattr(card_reader, "pcsc_runs", lambda: True)
        with some_card_reader() as reader:
            assert reader.service is CardService.PRIVATE


@pytest.mark.usefixtures("nothing_runs")
def test_a_machine_without_pcscd_reads_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_reader, "missing", lambda: "not installed")
    with some_card_reader() as reader:
        assert (reader.service, reader.setting) == (CardService.IN_PROCESS, 'reader = "virtual"')


@pytest.mark.usefixtures("nothing_runs")
def test_a_service_that_no_library_reaches_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_reader, "missing", lambda: None)
    monkeypatch.setattr(card_reader, "private_pcscd", lambda: nullcontext(PcscService(Path(), 1)))
    monkeypatch.setattr(card_reader, "pcsc_runs", lambda: False)
    with some_card_reader() as reader:
        assert reader.service is CardService.IN_PROCESS


@pytest.mark.usefixtures("nothing_runs")
def test_a_service_that_does_not_start_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def broken() -> Iterator[PcscService]:
        raise PcscdNotStarted
        yield

    monkeypatch.setattr(card_reader, "missing", lambda: None)
    monkeypatch.setattr(card_reader, "private_pcscd", broken)
    with some_card_reader() as reader:
        assert reader.service is CardService.IN_PROCESS
