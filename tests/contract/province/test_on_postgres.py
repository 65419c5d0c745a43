"""The training province on a real PostgreSQL server: the same people, the same answers, once each."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from app.domain.clock import SystemClock
from app.domain.digest import payload_sm3
from app.domain.operation import Outcome, canonical_json
from app.province.code_map import load as load_code_maps
from app.training.application import Desks, make_desks
from app.training.schema import CHANGES, PERSONS
from app.training.seeding import seed_store
from app.training.service_models import ProgressBody, ServiceCheckBody
from app.training.store import open_store
from app.training.whom import WhomBody
from app.training.wire_models import BatchBody
from tests.contract.province.postgres import missing, postgres

MAPS = load_code_maps()
THREADS = 4


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    reason = missing()
    if reason is not None:
        pytest.skip(f"no real PostgreSQL: {reason}")
    # A socket's path may have a hundred characters; a test's own folder has more.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, postgres(Path(folder)) as url:
        opened = open_store(Path(folder), url)
        seed_store(opened, MAPS, seed=7, holders=120)
        yield opened
        opened.dispose()


@pytest.fixture
def desks(engine: Engine) -> Desks:
    made = make_desks(engine, MAPS, SystemClock())
    made.make_keys()
    return made


def batch(number: int, card_id: str, kind: str) -> BatchBody:
    """Make a batch of one operation."""
    payload = canonical_json({"card_id": card_id})
    item = {
        "op_id": f"op-{number}",
        "device_seq": number,
        "kind": kind,
        "order_key": "p",
        "payload": payload,
        "payload_sm3": payload_sm3(payload),
        "schema_ver": 1,
        "occurred_at": SystemClock().now(),
    }
    return BatchBody.model_validate({"device": "W1", "incarnation": "i", "items": [item]})


def normal_card(desks: Desks, place: int) -> str:
    listed = [row for row in desks.holders.list(None, 500) if row.social == "normal" and row.person == "normal"]
    card_id = listed[place].card_id
    assert card_id is not None
    return card_id


def test_the_same_people_are_there(engine: Engine, tmp_path: Path) -> None:
    other = open_store(tmp_path)
    seed_store(other, MAPS, seed=7, holders=120)
    people = []
    for store in (engine, other):
        with store.begin() as connection:
            people.append([tuple(row) for row in connection.execute(select(PERSONS).order_by(PERSONS.c.id)).all()])
    other.dispose()
    assert people[0] == people[1]


def test_operations_requests_and_changes_take_effect_once(engine: Engine, desks: Desks) -> None:
    card_id = normal_card(desks, 0)
    whom = WhomBody(card_id=card_id)
    for number, kind in ((1, "replace"), (2, "undo"), (3, "temporary_loss")):
        (answer,) = desks.operations.take(batch(number, card_id, kind))
        assert answer.outcome is Outcome.APPLIED, (kind, answer.reason)
        assert desks.operations.take(batch(number, card_id, kind)) == [answer]
    progress = desks.services.services.progress(ProgressBody(whom=whom, purpose="test"))
    assert [request.open for request in progress.requests] == [False]  # type: ignore[union-attr]
    check = desks.services.services.check(
        ServiceCheckBody.model_validate({"service": "replace_lost", "whom": whom, "purpose": "test"})
    )
    assert check.reason == "SERVICE-FORMAL-LOSS-FIRST"  # type: ignore[union-attr]
    assert {row.applied for row in desks.operations.ledger()} == {1}
    with engine.begin() as connection:
        numbers = connection.execute(select(CHANGES.c.seq).order_by(CHANGES.c.seq)).scalars().all()
    assert list(numbers) == list(range(1, len(numbers) + 1))


def test_requests_at_once_come_one_after_the_other(engine: Engine, desks: Desks) -> None:
    with engine.begin() as connection:
        before = connection.execute(select(func.count()).select_from(CHANGES)).scalar_one()
    cards = [normal_card(desks, place) for place in range(3, 3 + THREADS)]
    answers: list[Outcome] = []

    def take(place: int) -> None:
        for _ in range(3):
            (answer,) = desks.operations.take(batch(100 + place, cards[place], "temporary_loss"))
            answers.append(answer.outcome)

    threads = [threading.Thread(target=take, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [Outcome.APPLIED] * (3 * THREADS)
    with engine.begin() as connection:
        after = connection.execute(select(func.count()).select_from(CHANGES)).scalar_one()
    assert after - before == THREADS
