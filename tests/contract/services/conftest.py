"""A counter opened in the process over a real training province, journal and hall, with a card in a virtual reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.domain.actor import Actor
from app.domain.operation import OutboxRow
from app.domain.refusal import Refusal
from app.services.counter import Counter, open_counter
from app.services.events import EventBus
from app.services.settings import Settings, load
from app.services.views import TaskView
from tests.contract.hardware.sscard.conftest import built, maker
from tests.programs import Counter as Folder
from tests.programs import Province

__all__ = ["built", "maker"]

OpenCounter = Callable[[str], Counter]


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    served = Province(tmp_path / "province")
    served.start()
    yield served
    served.kill()


@pytest.fixture
def opened(tmp_path: Path, province: Province, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenCounter]:
    """Open counters by the profile of the card in their reader; they are closed at the end."""
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    with ExitStack() as stack:

        def make(profile: str) -> Counter:
            folder = Folder.make(tmp_path / f"counter-{profile}", province, profile).folder
            settings = load(folder, training=True, hall_url=None)
            assert isinstance(settings, Settings)
            counter = open_counter(settings, EventBus())
            assert isinstance(counter, Counter), counter
            stack.callback(counter.close)
            return counter

        yield make


def signed_in_actor(counter: Counter) -> Actor:
    """Return who is signed in."""
    actor = counter.desk.in_hand.actor
    assert actor is not None
    return actor


def tasks_of(counter: Counter) -> tuple[TaskView, ...]:
    """Return the tasks as whoever is signed in sees them."""
    found = counter.ledger.tasks(signed_in_actor(counter))
    assert not isinstance(found, Refusal), found
    return found


def rows_of(counter: Counter) -> tuple[OutboxRow, ...]:
    """Return the delivery rows as whoever is signed in sees them."""
    found = counter.ledger.outbox(signed_in_actor(counter))
    assert not isinstance(found, Refusal), found
    return found.rows
