"""Makes or finds the journal's key in the session's keyring: `python -m tests.contract.keyring.secret_service FOLDER`.

Run it inside a D-Bus session. Prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import machine_key_store


def main() -> None:
    """Open the journal, write a row, close."""
    folder = Path(sys.argv[1])
    journal = Journal.open(folder, machine_key_store(folder), SystemClock())
    if isinstance(journal, Refusal):
        found: dict[str, object] = {"refusal": journal.code}
    else:
        row = journal.run(lambda tx: tx.audit("test", "0007", "done")).result()
        found = {"row": row, "strength": journal.key_strength}
        journal.close()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
