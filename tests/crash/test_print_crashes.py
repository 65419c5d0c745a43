"""A receipt on its way to paper and kill -9: the next start asks the printer what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from tests.programs import Counter, Province


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    served = Province(tmp_path_factory.mktemp("province"))
    served.start()
    yield served
    served.kill()


def print_jobs(folder: Path) -> list[tuple[str, bool]]:
    """Return state of the copies, oldest first, and whether the spooler had them."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    jobs = journal.run(lambda tx: tx.print_jobs()).result()
    journal.close()
    return [(job.state, job.spool_id is not None) for job in reversed(jobs)]


@pytest.mark.parametrize(
    ("fault", "left", "found"),
    [
        ("after_commit@print_receipt", ("queued", False), ("failed", False)),
        ("after_spool", ("queued", False), ("printed", True)),
    ],
)
def test_the_next_start_asks_what_became_of_it(
    tmp_path: Path, province: Province, fault: str, left: tuple[str, bool], found: tuple[str, bool]
) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen1")
    killed = counter.visit("intake", fault=fault)
    assert killed.returncode == -9, (killed.stdout, killed.stderr)
    assert print_jobs(counter.folder) == [left]
    papers = len(list((counter.folder / "papers").glob("*.pdf")))
    assert papers == (1 if found[1] else 0)
    again = counter.visit("intake")
    assert again.returncode == 0, again.stderr
    assert print_jobs(counter.folder) == [found, ("printed", True)]
    assert len(list((counter.folder / "papers").glob("*.pdf"))) == papers + 1
