"""What keeps a counter in touch with the province: circuit, heartbeat, and the sender of what waits."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from app.domain.clock import SystemClock
from app.journal import limits
from app.journal.anchor_places import AnchorFile
from app.journal.anchors import Anchoring
from app.journal.dispatch import Watchers
from app.journal.journal import Journal
from app.journal.outbox_values import OutboxSummary
from app.journal.sender import Sender
from app.province.circuit import Circuit
from app.province.late import LateProvince
from app.services.contact import Contact
from app.services.events import DeliverySettled, EventBus, OutboxChanged, ProvinceChanged, Trouble
from app.services.settings import Settings


@dataclass(frozen=True)
class ProvinceLine:
    """Asks, listens and sends on threads of its own."""

    circuit: Circuit
    contact: Contact
    sender: Sender


def open_line(url: str, settings: Settings, journal: Journal, bus: EventBus, stack: ExitStack) -> ProvinceLine:
    """Ask the province for the first time and keep in touch from now on; the stack gets what ends it."""
    clock = SystemClock()
    province = LateProvince(url, settings.device, settings.training)
    stack.callback(province.close)
    circuit = Circuit(province, clock, lambda online: bus.publish(ProvinceChanged(online, clock.now())))
    places = (AnchorFile(settings.folder),)
    anchoring = Anchoring(journal, circuit, clock, settings.device, places, lambda told: bus.publish(Trouble(told)))
    sender = Sender(journal, circuit, clock, settings.device, limits.load(), _watchers(bus), anchoring=anchoring)
    stack.callback(bus.subscribe(lambda event: sender.kick() if isinstance(event, ProvinceChanged) else None))
    contact = Contact(circuit)
    contact.start()
    stack.callback(contact.stop)
    sender.start()
    stack.callback(sender.stop)
    return ProvinceLine(circuit, contact, sender)


def _watchers(bus: EventBus) -> Watchers:
    def settled(op_id: str, state: str, reason: str | None) -> None:
        bus.publish(DeliverySettled(op_id, state, reason))

    def summary(found: OutboxSummary) -> None:
        bus.publish(OutboxChanged(found.pending, found.oldest_age_s, found.tasks))

    return Watchers(settled, summary, on_trouble=lambda refusal: bus.publish(Trouble(refusal)))
