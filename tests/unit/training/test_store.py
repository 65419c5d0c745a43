"""The training province's file: seeded once, added to, and items that fail alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import DatabaseError

from app.domain.digest import payload_sm3
from app.domain.operation import Outcome, canonical_json
from app.domain.states import SocialState
from app.province.code_map import load as load_maps
from app.training.holders import HolderDesk
from app.training.operations import OperationDesk
from app.training.rules import CHECK_LIFE
from app.training.schema import CARD_CHECKS, CARDS, EFFECTS, LOOKUPS, PERSONS, SEEDING
from app.training.seeding import seed_store
from app.training.store import FILE_NAME, is_local, open_store, stamp
from app.training.wire_models import BatchBody, OperationBody, ProfileBody
from hardware.virtual.profiles import holder_profiles

MAPS = load_maps()
START = datetime(2026, 11, 22, 2, tzinfo=UTC)


class HandClock:
    def __init__(self) -> None:
        self.wall = START

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return 0.0

    def boot_id(self) -> str:
        return "boot"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_store(tmp_path)
    seed_store(opened, MAPS, seed=3, holders=40)
    yield opened
    opened.dispose()


@pytest.fixture
def desk(engine: Engine, clock: HandClock) -> OperationDesk:
    return OperationDesk(engine, MAPS, clock)


def rows(engine: Engine) -> list[tuple[object, ...]]:
    with engine.begin() as connection:
        return [tuple(row) for row in connection.execute(select(PERSONS)).all()] + [
            tuple(row) for row in connection.execute(select(CARDS)).all()
        ]


def test_pragmas(engine: Engine) -> None:
    with engine.begin() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_filled_file_keeps_its_people(engine: Engine) -> None:
    before = rows(engine)
    seed_store(engine, MAPS, seed=99, holders=500)
    assert rows(engine) == before
    with engine.begin() as connection:
        assert connection.execute(select(SEEDING.c.seed, SEEDING.c.holders)).all() == [(3, 40)]


def test_two_files_of_one_seed_are_alike(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = open_store(tmp_path / "other")
    seed_store(other, MAPS, seed=3, holders=40)
    assert rows(other) == rows(engine)
    other.dispose()


def test_every_card_profile_is_a_holder_and_a_missing_one_is_added(engine: Engine) -> None:
    profiles = {profile.name for profile in holder_profiles()}
    named = select(CARDS.c.profile).where(CARDS.c.profile.is_not(None))
    with engine.begin() as connection:
        assert set(connection.execute(named).scalars()) == profiles
        lost = connection.execute(select(CARDS.c.id, CARDS.c.person_id).where(CARDS.c.profile == "gen3")).one()
        connection.execute(text("DELETE FROM insurances WHERE person_id = :id"), {"id": lost.person_id})
        connection.execute(text("DELETE FROM cards WHERE id = :id"), {"id": lost.id})
        connection.execute(text("DELETE FROM persons WHERE id = :id"), {"id": lost.person_id})
    seed_store(engine, MAPS, seed=3, holders=40)
    with engine.begin() as connection:
        assert set(connection.execute(named).scalars()) == profiles


def test_no_holders_at_all_is_possible(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    engine = open_store(tmp_path / "empty")
    seed_store(engine, MAPS, seed=1, holders=0)
    with engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(PERSONS)).scalar() == len(holder_profiles())
    engine.dispose()


def test_a_file_that_is_no_database_is_an_error_of_the_database(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"garbage" * 1000)
    with pytest.raises(DatabaseError):
        open_store(tmp_path)


def normal_cards(engine: Engine) -> list[tuple[int, str]]:
    chosen = (
        select(CARDS.c.id, CARDS.c.card_id)
        .join(PERSONS, CARDS.c.person_id == PERSONS.c.id)
        .where(CARDS.c.social_code == "1", PERSONS.c.person_code == "1")
        .order_by(CARDS.c.id)
    )
    with engine.begin() as connection:
        return [(row[0], row[1]) for row in connection.execute(chosen)]


def item(sequence: int, kind: str, card_id: str, occurred_at: datetime = START, **more: object) -> OperationBody:
    payload = canonical_json({"card_id": card_id, **more})
    return OperationBody(
        op_id=f"op-{sequence}",
        device_seq=sequence,
        kind=kind,
        order_key="p",
        payload=payload,
        payload_sm3=payload_sm3(payload),
        schema_ver=1,
        occurred_at=occurred_at,
    )


def batch(*items: OperationBody) -> BatchBody:
    return BatchBody(device="d", incarnation="i", items=list(items))


def test_an_item_that_the_database_will_not_have_leaves_no_trace_and_no_neighbour_behind(
    engine: Engine, desk: OperationDesk
) -> None:
    (first, _), (second, second_id), (third, _) = normal_cards(engine)[:3]
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER no_effect BEFORE INSERT ON effects WHEN NEW.card = "
                f"{int(second)} BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        )
    cards = dict(normal_cards(engine))
    answers = desk.take(
        batch(*(item(number, "temporary_loss", cards[key]) for number, key in enumerate((first, second, third), 1)))
    )
    assert [(answer.outcome, answer.reason) for answer in answers] == [
        (Outcome.APPLIED, None),
        (Outcome.RETRY, "PROVINCE-BUSY"),
        (Outcome.APPLIED, None),
    ]
    assert {row.op_id: row.applied for row in desk.ledger()} == {"op-1": 1, "op-3": 1}
    assert desk.answer_on("op-2") is None
    with engine.begin() as connection:
        state = connection.execute(select(CARDS.c.social_code).where(CARDS.c.card_id == second_id)).scalar()
        connection.execute(text("DROP TRIGGER no_effect"))
    assert state == "1"
    (again,) = desk.take(batch(item(2, "temporary_loss", second_id)))
    assert again.outcome is Outcome.APPLIED


def test_the_ledger_would_show_a_second_effect(engine: Engine, desk: OperationDesk) -> None:
    (_, card_id) = normal_cards(engine)[0]
    desk.take(batch(item(1, "temporary_loss", card_id)))
    with engine.begin() as connection:
        connection.execute(insert(EFFECTS).values(op_id="op-1", card=None, kind="temporary_loss", at=stamp(START)))
    assert [row.applied for row in desk.ledger()] == [2]


@pytest.mark.parametrize(("age", "reason"), [(CHECK_LIFE, None), (CHECK_LIFE + timedelta(seconds=1), "OP-CHECK-OLD")])
def test_a_check_backs_a_release_for_a_day(
    engine: Engine, desk: OperationDesk, clock: HandClock, age: timedelta, reason: str | None
) -> None:
    key, card_id = normal_cards(engine)[0]
    assert desk.move(card_id, SocialState.LOST_TEMPORARY)
    with engine.begin() as connection:
        connection.execute(
            insert(CARD_CHECKS).values(
                check_id="c", card=key, device="d", authenticated=True, usable=False, at=stamp(START)
            )
        )
    clock.wall = START + age
    (answer,) = desk.take(batch(item(1, "release_loss", card_id, occurred_at=clock.wall, check_id="c")))
    assert answer.reason == reason


def test_an_operation_older_than_the_state_is_a_conflict_and_a_younger_one_is_not(
    engine: Engine, desk: OperationDesk
) -> None:
    (_, moved), (_, still) = normal_cards(engine)[:2]
    desk.move(moved, SocialState.NORMAL)
    answers = desk.take(
        batch(
            item(1, "temporary_loss", moved, occurred_at=START - timedelta(seconds=1)),
            item(2, "temporary_loss", still, occurred_at=START - timedelta(days=300)),
            item(3, "temporary_loss", moved, occurred_at=START),
        )
    )
    assert [answer.outcome for answer in answers] == [Outcome.CONFLICT, Outcome.APPLIED, Outcome.APPLIED]


def test_the_purpose_of_a_lookup_is_kept(engine: Engine, clock: HandClock) -> None:
    (_, card_id) = normal_cards(engine)[0]
    assert HolderDesk(engine, MAPS, clock).profile(ProfileBody(purpose="window-visit", card_id=card_id)) is not None
    with engine.begin() as connection:
        assert connection.execute(select(LOOKUPS.c.purpose)).scalars().all() == ["window-visit"]


def test_a_person_is_found_by_the_living_card(engine: Engine, clock: HandClock) -> None:
    holders = HolderDesk(engine, MAPS, clock)
    listed = holders.list(None, 5000)
    numbers = [row.citizen_number for row in listed]
    twice = next(number for number in numbers if numbers.count(number) == 2)
    found = holders.profile(ProfileBody(purpose="t", citizen_number=twice))
    assert found is not None
    assert found.social_code == "1"
    assert len(holders.list(SocialState.NORMAL, 2)) == 2


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("postgresql://me@127.0.0.1/training", True),
        ("postgresql+psycopg://me@/training?host=/var/run/postgresql", True),
        ("postgresql:///training", True),
        ("sqlite:///x.sqlite", True),
        ("postgresql://me@10.0.0.1/training", False),
        ("postgresql://me@localhost/training?host=db.example", False),
        ("postgresql:///training?hostaddr=10.0.0.1", False),
        ("nonsense", False),
    ],
)
def test_only_a_database_of_this_machine_may_be_named(url: str, local: bool) -> None:
    assert is_local(url) is local
