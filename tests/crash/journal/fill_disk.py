"""Fills a disk under an open journal: `python -m tests.crash.journal.fill_disk FOLDER [FILE_LIMIT]`.

With FILE_LIMIT no file may grow beyond that many bytes. Prints one line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from app.domain.clock import SystemClock
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.trouble import JournalRefused


def main() -> None:
    """Write until the disk refuses, free some space, write again."""
    folder = Path(sys.argv[1])
    ballast = folder.parent / "ballast"
    if len(sys.argv) == 2:
        ballast.write_bytes(b"x" * 500_000)
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(journal, Journal), journal
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    if len(sys.argv) == 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), unlimited[1]))
    promised, code = 0, ""
    while not code:
        try:
            journal.run(lambda tx: tx.audit("test", "0007", "done", detail={"text": "x" * 20_000})).result()
            promised += 1
        except JournalRefused as refused:
            code = refused.refusal.code
    ballast.unlink(missing_ok=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    after = journal.run(lambda tx: tx.audit("test", "0007", "done")).result()
    chain = journal.run(lambda tx: tx.verify()).result()
    journal.close()
    sys.stdout.write(
        json.dumps({"code": code, "promised": promised, "after": after, "rows": chain.rows, "ok": chain.ok}) + "\n"
    )


if __name__ == "__main__":
    main()
