"""Two real processes on one hall: every number once, every ticket called once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from app.hall.hall import Hall

COUNT = 300
WORKER = Path(__file__).with_name("queue_worker.py")
HOLDERS = Path(__file__).with_name("holder_worker.py")


def test_two_processes_issue_and_call_without_duplicate_gap_or_loss(hall: Hall, url: str) -> None:
    workers = [
        subprocess.Popen([sys.executable, WORKER, url, window, str(COUNT)], stdout=subprocess.PIPE)
        for window in ("1", "2")
    ]
    answers = [json.loads(worker.communicate(timeout=100)[0]) for worker in workers]

    issued = [number for answer in answers for number in answer["issued"]]
    by_group = {group: sorted(int(n[1:]) for n in issued if n[0] == group) for group in "AB"}
    assert by_group == {"A": list(range(1, 401)), "B": list(range(1, 201))}

    called = [number for answer in answers for number in answer["called"]]
    assert sorted(called) == sorted(issued)
    view = hall.view("1")
    assert sum(len(answer["called"]) for answer in answers) == 2 * COUNT
    assert view.counts == (("A", 0), ("B", 0), ("Y", 0))


def test_two_processes_open_a_new_hall_at_once(url: str) -> None:
    workers = [
        subprocess.Popen([sys.executable, WORKER, url, window, "1"], stdout=subprocess.PIPE)
        for window in ("1", "2", "3")
    ]
    answers = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    assert sorted(n for answer in answers for n in answer["issued"]) == ["B001", "B002", "B003"]


def test_two_processes_give_each_holder_one_number(url: str) -> None:
    """On a new hall, so that they also race for its tables and for the key of the day."""
    workers = [subprocess.Popen([sys.executable, HOLDERS, url, "60"], stdout=subprocess.PIPE) for _ in range(2)]
    first, second = [json.loads(worker.communicate(timeout=100)[0]) for worker in workers]
    assert first == second
    assert sorted(first) == [*(f"A{n:03d}" for n in range(1, 41)), *(f"B{n:03d}" for n in range(1, 21))]
