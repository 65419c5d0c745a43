"""Names the other programs of this machine that use cards, as far as the system tells.

PC/SC says that somebody holds a card, never who. Linux shows which programs of the same account have loaded the
library of the card service; elsewhere nothing is known without rights that a counter has not.
"""

from __future__ import annotations

import os
from pathlib import Path

_LIBRARY = "libpcsclite.so"
_SERVICE = "pcscd"


def card_programs(processes: Path = Path("/proc"), own: int | None = None) -> tuple[str, ...]:
    """Return the names of other processes that have the card library loaded, sorted; empty where nobody can tell."""
    this = str(os.getpid() if own is None else own)
    found = {
        name
        for process in processes.glob("[0-9]*")
        if process.name != this and _uses_cards(process) and (name := _name(process)) not in ("", _SERVICE)
    }
    return tuple(sorted(found))


def _uses_cards(process: Path) -> bool:
    return _LIBRARY in _text(process / "maps")


def _name(process: Path) -> str:
    return _text(process / "comm").strip()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        # It has ended meanwhile, or is another account's.
        return ""
