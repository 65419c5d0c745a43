"""What was promised stands: kill -9 at named points, full disks, second processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.fault_point import FAULT_VARIABLE
from app.journal.journal import Journal
from app.journal.keys import KEY_STORE_VARIABLE, FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only
from tests.crash.journal.deliver_once import ANCHOR_POINTS
from tests.crash.journal.lose_disk import ALL_POINTS
from tests.crash.journal.purge_once import POINTS as PURGE_POINTS
from tests.crash.journal.reconcile_once import POINTS as RECONCILE_POINTS
from tests.memory_folder import memory_folder

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the loops fork, which Windows does not")


def program(name: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", f"tests.crash.journal.{name}", *map(str, arguments)]


def run(name: str, *arguments: object) -> list[dict[str, object]]:
    environment = {key: value for key, value in os.environ.items() if key != FAULT_VARIABLE}
    environment[KEY_STORE_VARIABLE] = "file"
    done = subprocess.run(
        program(name, *arguments), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_kills_while_everything_is_sealed_anew_lose_no_value_and_no_key(tmp_path: Path) -> None:
    (found,) = run("reseal_kills", tmp_path, 8, 20261122)
    assert (found["kills"], found["wrong"]) == (8, 0)
    keys = found["keys"]
    assert isinstance(keys, dict)
    assert (keys["active"], keys.get("retiring", 0)) == (1, 0)
    assert keys["destroyed"] >= 8


def test_death_at_each_point_of_an_anchor_leaves_one_effect_each_and_all_rows_anchored(tmp_path: Path) -> None:
    found = run("deliver_once", tmp_path)
    assert [row["point"] for row in found] == list(ANCHOR_POINTS)
    for row in found:
        assert row["died"] == 9, row
        assert row["again"] == 0, row
        assert row["states"] == ["applied"] * 3, row
        assert row["sequence"] == [1, 2, 3], row
        assert row["effects_in_order"], row
        assert (row["settled_rows"], row["chain"]) == (3, True), row
        assert (row["exposed"], row["first_key_wiped"]) == (0, True), row


@pytest.mark.parametrize(("rounds", "seed"), [(4, 20261122), pytest.param(500, 7, marks=pytest.mark.long)])
def test_a_lost_disk_loses_no_more_than_the_lag(rounds: int, seed: int) -> None:
    with memory_folder() as folder:
        (found,) = run("lose_disk", folder, rounds, seed)
    assert found["rounds"] == rounds
    assert found["promised"] > 3 * rounds
    assert [found[name] for name in ("lost", "half", "disorder", "chain", "trouble")] == [0] * 5


def test_a_copier_that_forgets_what_it_has_not_read_is_caught() -> None:
    with memory_folder() as folder:
        (found,) = run("lose_disk", folder, 20, 1, "pruned_unread")
    assert found["lost"] > 0


def test_death_at_each_point_of_copying_and_restoring_loses_nothing_that_was_copied() -> None:
    with memory_folder() as folder:
        found = run("lose_disk", folder, "points")
    assert [row["point"] for row in found] == list(ALL_POINTS)
    for row in found:
        assert (row["died"], row["again"]) == (9, 0), row
        assert [row[name] for name in ("lost", "half", "disorder", "chain", "behind")] == [0] * 5, row


def test_death_at_each_point_of_a_purge_leaves_it_done_or_not_and_counted_once() -> None:
    with memory_folder() as folder:
        found = run("purge_once", folder)
    assert [row["point"] for row in found] == list(PURGE_POINTS)
    for row in found:
        assert (row["died"], row["again"], row["chain"]) == (9, 0, True), row
        assert (row["receipts"], row["operations"], row["deliveries"]) == (1, 5, 5), row
        assert row["told"] == ['{"logs":"0","print_jobs":"0","receipts":"4"}'], row


def test_death_at_each_commit_of_asking_the_province_pulls_everything_back_once() -> None:
    with memory_folder() as folder:
        found = run("reconcile_once", folder)
    assert [row["point"] for row in found] == list(RECONCILE_POINTS)
    for row in found:
        assert row["died"] == 9, row
        assert all(row[name] for name in ("sent", "pulled_once", "effects_once", "all_here", "chain")), row


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk needs the right to mount: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_full_disk_refuses_and_work_goes_on_when_there_is_room(small_disk: Path) -> None:
    (found,) = run("fill_disk", small_disk / "data")
    assert found["code"] == "DISK-FULL"
    assert found["promised"] > 5
    assert found["after"] == found["rows"] == found["promised"] + 1
    assert found["ok"]


def test_disk_that_fails_refuses_and_work_goes_on_when_it_is_well(tmp_path: Path) -> None:
    (found,) = run("fill_disk", tmp_path / "data", 600_000)
    assert found["code"] in ("JOURNAL-DISK-FAILING", "DISK-FULL")
    assert found["promised"] > 5
    assert found["after"] == found["rows"] == found["promised"] + 1
    assert found["ok"]


def test_second_process_is_refused_reads_and_takes_over_after_a_kill(tmp_path: Path) -> None:
    store = FolderKeyStore(tmp_path, no_ring)
    with subprocess.Popen(
        program("hold_journal", tmp_path), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "open"
        assert Journal.open(tmp_path, store, SystemClock()) == Refusal("JOURNAL-BUSY")
        reader = read_only(tmp_path, store, SystemClock())
        assert isinstance(reader, JournalReader)
        assert reader.read(lambda tx: tx.verify()).ok
        reader.close()
        holder.kill()
    journal = Journal.open(tmp_path, store, SystemClock())
    assert isinstance(journal, Journal)
    assert journal.run(lambda tx: tx.audit("test", "0007", "done")).result() == 1
    journal.close()
