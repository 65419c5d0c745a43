"""Holds a journal open in a process of its own: `python -m tests.crash.journal.hold_journal FOLDER`.

Says `open` or the code of the refusal, then keeps the journal until its standard input ends.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring


def main() -> None:
    """Open, say so, wait, close."""
    folder = Path(sys.argv[1])
    opened = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    sys.stdout.write(f"{opened.code if isinstance(opened, Refusal) else 'open'}\n")
    sys.stdout.flush()
    sys.stdin.read()
    if isinstance(opened, Journal):
        opened.close()


if __name__ == "__main__":
    main()
