"""What keeps a counter in touch with the province: circuit, heartbeat, and the sender of what waits."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from app.catalogue import sagas
from app.domain.clock import SystemClock
from app.journal import limits, work_limit_table
from app.journal.anchor_places import AnchorFile
from app.journal.anchors import Anchoring
from app.journal.dispatch import Watchers
from app.journal.downlink import Downlink
from app.journal.journal import Journal
from app.journal.outbox_values import OutboxSummary
from app.journal.reconcile import Reconciling
from app.journal.sender import Sender
from app.province.circuit import Circuit
from app.province.late import LateProvince
from app.province.late_ecards import LateEcards
from app.services.contact import Contact
from app.services.events import (
    DeliverySettled,
    Event,
    EventBus,
    LimitsMoved,
    OutboxChanged,
    ProvinceChanged,
    StopTold,
    Trouble,
)
from app.services.late_guard import LateGuard
from app.services.province_address import Address
from app.services.retention import Retention
from app.services.second_copy import open_second_copy
from app.services.settings import Settings
from app.services.stop_watch import StopWatch, load_notice
from app.services.work_gauge import WorkGauge


@dataclass(frozen=True)
class ProvinceLine:
    """Asks, listens and sends on threads of its own."""

    circuit: Circuit
    contact: Contact
    sender: Sender
    gauge: WorkGauge
    downlink: Downlink
    stops: StopWatch
    guard: LateGuard
    """What signs and checks; the bank's door uses it too."""
    ecards: LateEcards


def open_line(address: Address, settings: Settings, journal: Journal, bus: EventBus, stack: ExitStack) -> ProvinceLine:
    """Ask the province for the first time and keep in touch from now on; the stack gets what ends it."""
    clock = SystemClock()
    guard = LateGuard(settings, address, journal, bus, clock)
    endpoint = replace(settings.endpoint(address.url), authority=address.authority)
    province = LateProvince(endpoint, settings.wire, guard)
    stack.callback(province.close)
    gauge = WorkGauge(
        journal, clock, settings.folder, work_limit_table.load(), lambda found: bus.publish(LimitsMoved(found))
    )
    circuit = Circuit(
        province, clock, lambda online: bus.publish(ProvinceChanged(online, clock.now())), on_time=gauge.met
    )
    places = (AnchorFile(settings.folder),)
    anchoring = Anchoring(journal, circuit, clock, settings.device, places, lambda told: bus.publish(Trouble(told)))
    reconciling = Reconciling(journal, circuit, settings.device, lambda told: bus.publish(Trouble(told)))
    table = limits.load()
    delay_s = 0.0 if settings.training else table.start_delay_s
    sender = Sender(
        journal,
        circuit,
        clock,
        settings.device,
        table,
        _watchers(bus),
        start_delay_s=delay_s,
        anchoring=anchoring,
        reconciling=reconciling,
        when_idle=Retention(journal, circuit, circuit, clock, settings.folder).when_idle,
    )
    stack.callback(bus.subscribe(lambda event: sender.came_or_went() if isinstance(event, ProvinceChanged) else None))
    open_second_copy(settings, journal, bus, stack)
    stops = StopWatch(journal, clock, sagas.load(), load_notice(), lambda told: bus.publish(StopTold(told)))
    downlink = Downlink(journal, circuit, clock, table)
    stack.callback(bus.subscribe(lambda event: _wake(downlink, event)))

    def beat() -> None:
        gauge.beat()
        stops.beat()
        guard.beat()

    contact = Contact(circuit, beat=beat)
    contact.start()
    stack.callback(contact.stop)
    sender.start()
    stack.callback(sender.stop)
    downlink.start()
    stack.callback(downlink.stop)
    ecards = LateEcards(circuit, province, settings.device)
    return ProvinceLine(circuit, contact, sender, gauge, downlink, stops, guard, ecards)


def _wake(downlink: Downlink, event: Event) -> None:
    # What was settled may have kept a change aside.
    if isinstance(event, DeliverySettled) or (isinstance(event, ProvinceChanged) and event.online):
        downlink.wake()


def _watchers(bus: EventBus) -> Watchers:
    def settled(op_id: str, state: str, reason: str | None) -> None:
        bus.publish(DeliverySettled(op_id, state, reason))

    def summary(found: OutboxSummary) -> None:
        bus.publish(OutboxChanged(found.pending, found.oldest_age_s, found.tasks))

    return Watchers(settled, summary, on_trouble=lambda refusal: bus.publish(Trouble(refusal)))
