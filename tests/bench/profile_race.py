"""Card in the reader to profile against one bare call, each call to the province made slower."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx

from app.catalogue import services, texts
from app.domain.actor import Actor
from app.domain.clock import SystemClock
from app.province.circuit import Circuit
from app.province.http_client import HttpProvince
from app.services.chip_reading import ChipReading
from app.services.identify import Identification
from app.services.views import VisitView
from app.training.process import TrainingProvince
from hardware.ports import CardChannel, CardFault
from hardware.virtual.profiles import load_profile
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import load_psam
from hardware.virtual.training_rules import training_region_rules
from tests.unit.hardware.direct_channel import DirectChannel, channel_to

T = TypeVar("T")
CARD, PSAM = "gen3", "training-city"
_CLERK = Actor("0317", "林晓", "p-0317", "3", frozenset({"visit.serve"}))


@dataclass
class _Reader:
    """A reader with card and PSAM in the process: what it costs is the program's own."""

    psam: bool

    def use(self, work: Callable[[CardChannel], T]) -> Future[T | CardFault]:
        done: Future[T | CardFault] = Future()
        done.set_result(work(channel_to(CARD)))
        return done

    def use_with_sam(self, work: Callable[[CardChannel, CardChannel | None], T]) -> Future[T | CardFault]:
        sam = DirectChannel(VirtualPsam(load_psam(PSAM))) if self.psam else None
        return self.use(lambda channel: work(channel, sam))


@dataclass
class Raced:
    """Seconds of each run."""

    ours: list[float] = field(default_factory=list)
    with_hsm: list[float] = field(default_factory=list)
    call: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Return how many times the slowest single call a profile takes."""
        return statistics.median(self.ours) / statistics.median(self.call)


def race(folder: Path, latency_s: float, runs: int) -> Raced:
    """Read a card to its profile, with PSAM and with the province's HSM, beside the one call bare."""
    province = TrainingProvince.start(folder, seed=7, holders=200)
    try:
        with httpx.Client(base_url=province.url, trust_env=False, timeout=30) as bare:
            bare.post("/training/faults", json={"latency_ms": round(latency_s * 1000)}).raise_for_status()
            return _race(province.url, bare, runs)
    finally:
        province.stop()


def _race(url: str, bare: httpx.Client, runs: int) -> Raced:
    found = Raced()
    line = HttpProvince(url, "bench", training=True)
    circuit = Circuit(line, SystemClock(), lambda _online: None)
    try:
        assert circuit.probe()
        holder = load_profile(CARD).holder
        assert holder is not None
        asked = {"card_id": holder.card_id, "authenticated": True, "device": "bench", "purpose": "window-visit"}
        for _ in range(runs):
            found.ours.append(_profile(circuit, psam=True))
            found.with_hsm.append(_profile(circuit, psam=False))
            started = time.perf_counter()
            bare.post("/v1/card-checks", json=asked).raise_for_status()
            found.call.append(time.perf_counter() - started)
    finally:
        line.close()
    return found


def _profile(circuit: Circuit, *, psam: bool) -> float:
    cards = ChipReading(_Reader(psam), training_region_rules)
    identification = Identification(cards, circuit, circuit, services.load(), texts.load(), "bench")
    started = time.perf_counter()
    visit = identification.by_card(_CLERK)
    took = time.perf_counter() - started
    assert isinstance(visit, VisitView), visit
    assert visit.profile is not None
    assert visit.identity.card_proof.done
    return took
