"""One person, one ordering key: by number, by card, and when a card turns out to be a known person's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.digest import sm3_hex
from app.domain.operation import Destination, OperationKind, Outcome
from app.journal.digest import keyed_hex
from app.journal.journal import Journal
from tests.unit.journal.first_schema import first_schema
from tests.unit.journal.scenery import CITIZEN_NUMBER, StillClock, operation

PROVINCE = Destination.PROVINCE
CARD = "350100D1560000050000A303FFFFFFFF"
OLD_CARD = "350100D1560000050000A301FFFFFFFF"
OTHER_NUMBER = "350102199001011255"


def enqueue(do: Callable, clock: StillClock, number: str | None, card: str | None) -> str:
    """Take one operation for whoever the window knows, as a card service does; returns its op_id."""

    def work(tx) -> str:
        ref = tx.person_ref(number, card)
        wanted = replace(operation(clock, ref, OperationKind.INTAKE), order_key=ref)
        tx.enqueue(wanted, (PROVINCE,))
        return wanted.op_id

    return do(work)


def keys_of(do: Callable) -> dict[str, str]:
    """Return by op_id whose a delivery is now."""
    return {row.op_id: row.order_key for row in do(lambda tx: tx.rows())}


def drain(do: Callable) -> list[str]:
    """Send until nothing is left; no batch may hold two operations of one person."""
    sent: list[str] = []
    while batch := do(lambda tx: tx.lease(PROVINCE)):
        whose = keys_of(do)
        assert len({whose[delivery.operation.op_id] for delivery in batch}) == len(batch)
        for delivery in batch:
            do(lambda tx, d=delivery: tx.settle(d.operation.op_id, PROVINCE, Outcome.APPLIED))
            sent.append(delivery.operation.op_id)
    return sent


def test_a_card_read_offline_and_then_online_is_one_person(do: Callable, clock: StillClock) -> None:
    offline = do(lambda tx: tx.person_ref(None, CARD))
    assert do(lambda tx: tx.person_ref(None, CARD)) == offline
    assert do(lambda tx: tx.person_ref(CITIZEN_NUMBER, CARD)) == offline
    assert do(lambda tx: tx.person_ref(CITIZEN_NUMBER, None)) == offline
    assert do(lambda tx: tx.person_ref(None, CARD.lower())) == offline


def test_a_card_read_online_is_known_offline(do: Callable) -> None:
    online = do(lambda tx: tx.person_ref(CITIZEN_NUMBER, CARD))
    assert do(lambda tx: tx.person_ref(None, CARD)) == online
    assert do(lambda tx: tx.person_ref(None, OLD_CARD)) != online


def test_what_waits_under_a_card_goes_before_what_comes_under_the_number(do: Callable, clock: StillClock) -> None:
    by_number = enqueue(do, clock, CITIZEN_NUMBER, OLD_CARD)
    by_card = enqueue(do, clock, None, CARD)
    stranger = enqueue(do, clock, OTHER_NUMBER, None)
    (first, second, _) = do(lambda tx: tx.lease(PROVINCE))
    assert (first.operation.op_id, second.operation.op_id) == (by_number, by_card)
    for op_id in (by_number, by_card, stranger):
        do(lambda tx, o=op_id: tx.settle(o, PROVINCE, Outcome.RETRY, next_try_in=0.0))
    joined = enqueue(do, clock, CITIZEN_NUMBER, CARD)
    again = enqueue(do, clock, None, CARD)
    keys = keys_of(do)
    assert len({keys[op_id] for op_id in (by_number, by_card, joined, again)}) == 1
    assert do(lambda tx: tx.operation(by_card)).order_key != keys[by_card]
    assert drain(do) == [by_number, stranger, by_card, joined, again]


def test_a_delivery_in_flight_still_holds_up_what_follows(do: Callable, clock: StillClock) -> None:
    enqueue(do, clock, CITIZEN_NUMBER, OLD_CARD)
    by_card = enqueue(do, clock, None, CARD)
    assert len(do(lambda tx: tx.lease(PROVINCE))) == 2
    joined = enqueue(do, clock, CITIZEN_NUMBER, CARD)
    assert do(lambda tx: tx.lease(PROVINCE)) == ()
    do(lambda tx: tx.settle(by_card, PROVINCE, Outcome.APPLIED))
    assert do(lambda tx: tx.lease(PROVINCE)) == ()
    assert do(lambda tx: tx.delivery_state(joined, PROVINCE))[0] == "queued"


@pytest.mark.parametrize("seen_before", ["by card, then joined", "by card", "never"])
def test_a_card_that_names_another_number_joins_nobody(do: Callable, seen_before: str) -> None:
    if seen_before == "by card, then joined":
        do(lambda tx: tx.person_ref(CITIZEN_NUMBER, None))
    if seen_before != "never":
        do(lambda tx: tx.person_ref(None, CARD))
    first = do(lambda tx: tx.person_ref(CITIZEN_NUMBER, CARD))
    other = do(lambda tx: tx.person_ref(OTHER_NUMBER, CARD))
    assert first != other
    assert do(lambda tx: tx.person_ref(CITIZEN_NUMBER, None)) == first
    assert do(lambda tx: tx.person_ref(None, CARD)) == first


def test_somebody_has_a_number_or_a_card(do: Callable) -> None:
    with pytest.raises(ValueError, match="neither"):
        do(lambda tx: tx.person_ref(None, None))


def test_neither_number_nor_card_is_stored(do: Callable, raw: Callable) -> None:
    do(lambda tx: tx.person_ref(None, CARD))
    do(lambda tx: tx.person_ref(CITIZEN_NUMBER, OLD_CARD))
    do(lambda tx: tx.person_ref(CITIZEN_NUMBER, CARD))
    stored = str([raw().execute(f"SELECT * FROM {table}").fetchall() for table in ("person", "person_card")])
    assert CITIZEN_NUMBER not in stored
    assert "A303" not in stored


def test_a_delivery_changes_its_key_only_where_persons_were_joined(
    journal: Journal, do: Callable, clock: StillClock
) -> None:
    enqueue(do, clock, CITIZEN_NUMBER, CARD)
    with pytest.raises(Exception, match="keeps its person"):
        do(lambda _tx: journal._book.connection.exec_driver_sql("UPDATE delivery SET order_key = 'x'"))


def test_persons_of_the_first_schema_are_found_and_joined(
    open_journal: Callable[[], Journal], clock: StillClock, folder: Path
) -> None:
    old, keys = first_schema(folder)
    for ref, known_by in (("ref-of-number", CITIZEN_NUMBER), ("ref-of-card", CARD)):
        hashed = keyed_hex(keys.citizen_index, known_by.encode())
        old.execute("INSERT INTO person (person_ref, citizen_index) VALUES (?, ?)", (ref, hashed))
    now = clock.now().isoformat(timespec="microseconds")
    written = (
        "op-1",
        "temporary_loss",
        "ref-of-card",
        "{}",
        sm3_hex(b"{}"),
        now,
        1000.0,
        "boot-1",
        "0007",
        "no-1",
        3,
        1,
    )
    old.execute(f"INSERT INTO operation VALUES ({', '.join('?' * len(written))})", written)
    old.execute(
        "INSERT INTO delivery (op_id, destination, device_seq, order_key, state, attempts)"
        " VALUES ('op-1', 'province', 1, 'ref-of-card', 'queued', 0)"
    )
    old.close()
    journal = open_journal()
    assert journal.run(lambda tx: tx.person_ref(None, CARD)).result() == "ref-of-card"
    assert journal.run(lambda tx: tx.person_ref(CITIZEN_NUMBER, CARD)).result() == "ref-of-number"
    assert journal.run(lambda tx: tx.person_ref(None, CARD)).result() == "ref-of-number"
    assert [row.order_key for row in journal.run(lambda tx: tx.rows()).result()] == ["ref-of-number"]


PEOPLE = {"a": CITIZEN_NUMBER, "b": OTHER_NUMBER}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    visits=st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.sampled_from(["number", "card", "both"])),
        min_size=1,
        max_size=10,
    )
)
def test_however_a_person_is_known_their_operations_stay_in_order(
    do: Callable, clock: StillClock, visits: list[tuple[str, int, str]]
) -> None:
    """Once number and card were seen together, everything of that person is delivered in the order it was taken."""
    run = do(lambda tx: tx.next_acceptance_no("350102", "2026-11-22"))
    taken: list[tuple[str, str]] = []
    joined: set[tuple[str, int]] = set()
    for person, card, known_by in visits:
        number = None if known_by == "card" else f"{PEOPLE[person]}{run}"
        card_id = None if known_by == "number" else f"{person}{card}{run}"
        taken.append((person, enqueue(do, clock, number, card_id)))
        if known_by != "number":
            joined.add((person, card))
    for person, card in joined:
        do(lambda tx, p=person, c=card: tx.person_ref(f"{PEOPLE[p]}{run}", f"{p}{c}{run}"))
    sent = drain(do)
    for person in "ab":
        ours = [op_id for whose, op_id in taken if whose == person]
        assert [op_id for op_id in sent if op_id in ours] == ours
