"""Persons, receipts and acceptance numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.journal.acceptance_numbers import device_part
from app.journal.journal import Journal
from tests.unit.journal.scenery import CITIZEN_NUMBER, StillClock


def test_person_is_random_and_found_again(do: Callable, raw: Callable) -> None:
    first = do(lambda tx: tx.person_ref(CITIZEN_NUMBER))
    assert do(lambda tx: tx.person_ref(CITIZEN_NUMBER)) == first
    assert do(lambda tx: tx.person_ref("35010219900101122x")) == do(lambda tx: tx.person_ref("35010219900101122X"))
    assert do(lambda tx: tx.person_ref("350102199001011255")) != first
    assert CITIZEN_NUMBER not in str(raw().execute("SELECT * FROM person").fetchall())


def test_receipt_keeps_its_bytes(do: Callable, clock: StillClock) -> None:
    digest = do(lambda tx: tx.save_receipt("job-1", "op-1", "受理回执", b"%PDF-1.7 ..."))
    clock.pass_by(1)
    do(lambda tx: tx.save_receipt("job-2", "op-1", "受理回执（重印）", b"%PDF-1.7 2"))
    kept = do(lambda tx: tx.receipt("job-1"))
    assert (kept.op_id, kept.title, kept.pdf, kept.pdf_sm3) == ("op-1", "受理回执", b"%PDF-1.7 ...", digest)
    assert [r.job_id for r in do(lambda tx: tx.receipts_of("op-1"))] == ["job-1", "job-2"]
    assert do(lambda tx: tx.receipt("job-3")) is None


def test_print_job_moves(do: Callable, clock: StillClock) -> None:
    for job in ("job-1", "job-2"):
        do(lambda tx, j=job: tx.save_receipt(j, "op-1", "受理回执", b"%PDF"))
        do(lambda tx, j=job: tx.print_job_state(j, 1, "queued", None))
        clock.pass_by(1)
    do(lambda tx: tx.print_job_state("job-1", 1, "printed", "cups-7"))
    do(lambda tx: tx.print_job_state("job-1", 2, "no_paper", None))
    jobs = do(lambda tx: tx.print_jobs("job-1"))
    assert [(j.copy, j.state, j.spool_id) for j in jobs] == [(2, "no_paper", None), (1, "printed", "cups-7")]
    assert len(do(lambda tx: tx.print_jobs())) == 3


def test_acceptance_numbers_count_per_region_and_day(journal: Journal, do: Callable) -> None:
    part = device_part(journal.machine_id)
    asked = [("350102", "2026-11-22"), ("350102", "2026-11-22"), ("350203", "2026-11-22"), ("350102", "2026-11-23")]
    made = [do(lambda tx, a=a: tx.next_acceptance_no(*a)) for a in asked]
    assert made == [
        f"350102-20261122-{part}-00001",
        f"350102-20261122-{part}-00002",
        f"350203-20261122-{part}-00001",
        f"350102-20261123-{part}-00001",
    ]
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{6}", part)


def test_windows_have_parts_of_their_own() -> None:
    assert len({device_part(f"machine-{n}") for n in range(2000)}) == 2000
