"""The sample: what is drawn is looked at by another person, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.catalogue.services import SecondPersonRule
from app.domain.refusal import Refusal
from app.journal.transaction import Transaction
from app.services.doorway import Done
from app.services.second_person import draw_one_in
from tests.unit.second_person.scenery import CATALOGUE, Room, maker, room


@pytest.fixture
def window() -> Iterator[Room]:
    with room() as made:
        yield made


def release(window: Room, op_id: str, refused: Refusal | None = None) -> None:
    def handle(_tx: Transaction) -> Done[str] | Refusal:
        return refused or Done("done", op_id)

    window.doorway.execute("release_loss", maker(), handle, card_proved=True).result(timeout=10)


def test_only_what_was_drawn_and_done_is_on_the_list(window: Room) -> None:
    release(window, "op-1")
    window.drawn = True
    release(window, "op-2", Refusal("CARD-SEALED"))
    release(window, "op-3")
    window.doorway.execute("issue_ticket", maker(), lambda _tx: Done("done", "op-4")).result(timeout=10)
    (row,) = window.journal.run(lambda tx: tx.samples.open()).result()
    assert (row.op_id, row.command, row.staff_no, row.at) == ("op-3", "release_loss", "0317", window.clock.now())


def test_another_person_ticks_it_off_once(window: Room) -> None:
    window.drawn = True
    release(window, "op-1")

    def tick(staff_no: str) -> Refusal | None:
        who = maker(staff_no)
        return window.journal.run(
            lambda tx: tx.samples.tick("op-1", "release_loss", who.person_id, who.staff_no)
        ).result()

    assert tick("9317") == Refusal("SECOND-PERSON-SAME")
    assert tick("0102") is None
    assert tick("0102") == Refusal("TASK-CLOSED")
    assert window.journal.run(lambda tx: tx.samples.open()).result() == ()


def test_the_fraction_is_the_tables() -> None:
    assert CATALOGUE.second_person.sample_one_in == 20
    always, some = draw_one_in(SecondPersonRule(600, 1)), draw_one_in(SecondPersonRule(600, 4))
    assert all(always() for _ in range(50))
    drawn = sum(some() for _ in range(4000))
    assert 800 < drawn < 1200
