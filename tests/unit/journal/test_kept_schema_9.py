"""A journal of the ninth schema, some of its deliveries answered and one half sent: its queue is counted right.

`kept/schema_9` was written by the program of that schema; people in it are fictional.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.operation import DeliveryState, Destination, Outcome
from app.journal.journal import Journal

KEPT = Path(__file__).with_name("kept") / "schema_9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "数据"))


def test_what_waited_before_and_comes_after_is_counted(journal: Journal, do: Callable) -> None:
    rows = do(lambda tx: tx.rows())
    found = Counter((row.destination, row.state) for row in rows)
    assert found == {
        (Destination.PROVINCE, DeliveryState.QUEUED): 5,
        (Destination.PROVINCE, DeliveryState.APPLIED): 1,
        (Destination.PROVINCE, DeliveryState.REJECTED): 1,
        (Destination.PROVINCE, DeliveryState.CONFLICT): 1,
        (Destination.HALL, DeliveryState.QUEUED): 1,
        (Destination.HALL, DeliveryState.APPLIED): 1,
    }
    assert do(lambda tx: tx.summary()).pending == 6
    (first, *_others) = do(lambda tx: tx.lease(Destination.PROVINCE))
    do(lambda tx: tx.settle(first.operation.op_id, Destination.PROVINCE, Outcome.APPLIED))
    (at_hall,) = [row for row in rows if (row.destination, row.state) == (Destination.HALL, DeliveryState.QUEUED)]
    assert do(lambda tx: tx.set_aside(at_hall.op_id, Destination.HALL, "OP-STATE"))
    assert do(lambda tx: tx.summary()).pending == 4
