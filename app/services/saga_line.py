"""What carries sagas on: the bank's door, the hall's and the province's acts, the engine, and its thread."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from app.catalogue import sagas
from app.hall.hall import Hall
from app.journal import limits
from app.journal.journal import Journal
from app.journal.saga_engine import Moved, SagaEngine
from app.journal.saga_runner import SagaRunner
from app.province.late_bank import LateBank
from app.services.events import DeliverySettled, Event, EventBus, ProvinceChanged, SagaMoved, Trouble
from app.services.formal_loss import formal_loss_acts
from app.services.hall_steps import hall_acts
from app.services.province_line import ProvinceLine
from app.services.settings import Settings


@dataclass(frozen=True)
class SagaLine:
    """The engine that commands begin sagas with, and the thread that goes on with them."""

    engine: SagaEngine
    runner: SagaRunner


def open_sagas(
    settings: Settings, bus: EventBus, journal: Journal, hall: Hall, line: ProvinceLine, stack: ExitStack
) -> SagaLine:
    """Settle what an earlier process left, and carry on from now on; the stack gets what ends it."""
    bank = LateBank(settings.bank_url, settings.device, settings.training, line.guard)
    stack.callback(bank.close)
    acts = {**hall_acts(hall), **formal_loss_acts(bank, journal, line.sender.kick)}
    telling = Moved(lambda view, step: bus.publish(SagaMoved(view.saga.saga_id, step, view.state)))
    engine = SagaEngine(journal, sagas.load(), acts, lambda: line.circuit.online, limits.load(), telling)
    runner = SagaRunner(journal, engine, lambda refusal: bus.publish(Trouble(refusal)))
    stack.callback(bus.subscribe(lambda event: _wake(runner, event)))
    runner.start()
    stack.callback(runner.stop)
    return SagaLine(engine, runner)


def _wake(runner: SagaRunner, event: Event) -> None:
    if isinstance(event, DeliverySettled):
        runner.settled(event.op_id)
    elif isinstance(event, ProvinceChanged) and event.online:
        runner.kick()
