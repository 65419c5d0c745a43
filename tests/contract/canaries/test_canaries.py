"""Two hundred values of fictional people go through real operations; nothing on the disk has one of them in clear."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from tests.contract.canaries.people import canaries, found_in, ways
from tests.unit.journal.test_audit_chain import decrypted_pages

ROOT = Path(__file__).parents[3]
VALUES = tuple(value for person in canaries() for value in person.values)


@pytest.mark.skipif(os.name != "posix", reason="the program is ended by SIGABRT")
def test_no_canary_is_in_anything_that_was_written(tmp_path: Path) -> None:
    import resource

    folder, temp = tmp_path / "data", tmp_path / "temp"
    temp.mkdir()
    environment = {**os.environ, "TMPDIR": str(temp), "YIKATONG_APDU_LOG": "1"}
    with (tmp_path / "output").open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "tests.contract.canaries.visits", str(folder)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=100,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
        )
    said = (tmp_path / "output").read_text(encoding="utf-8")
    assert done.returncode == -6, said[-3000:]
    assert said.count("stumbled over [number]") == len(canaries())
    assert "nobody caught builtins.ValueError" in said
    assert "Fatal Python error: Aborted" in said
    written = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert {"data/journal.db", "data/journal.db-wal", "data/hall.db", "output"} <= written.keys()
    assert [name for name in written if name.startswith("data/paper/spool/")]
    # The next start brings the log of the crash into the file; then its pages are read as who has the key reads them.
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    journal.close()
    key = FolderKeyStore(folder, no_ring).load()
    assert key is not None
    written["the journal, decrypted"] = decrypted_pages(folder / "journal.db", key)
    assert b"search_index" in written["the journal, decrypted"]
    assert {name: found for name, content in written.items() if (found := found_in(content, VALUES))} == {}


def test_the_search_finds_every_value_in_every_encoding() -> None:
    assert len(set(VALUES)) == 200
    for value in VALUES:
        for way, planted in ways(value):
            assert (value, way) in found_in(b"..." + planted + b"...", (value,))
