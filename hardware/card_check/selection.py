"""T1, T2, T15: what is selected and found, and the answer to reset."""

from __future__ import annotations

from hardware.card.elements import SSSE_NAME
from hardware.card.tlv import find
from hardware.card_check.bench import CheckBench
from hardware.card_check.finding import Outcome

_HISTORY = 13
_REGION = slice(7, 9)
"""T8 and T9 of the historical bytes: the first four digits of the region (card.md 3)."""


def application_and_master_file(bench: CheckBench) -> Outcome:
    """T1: SELECT SSSE answers an FCI with the name in tag 84; the MF by 3F00 and by nothing."""
    selected = bench.select("SSSE")
    bench.expect("SELECT SSSE", selected.status, 0x9000)
    bench.demand(find(selected.data, 0x6F, 0x84) == SSSE_NAME, "FCI 84")
    bench.expect("SELECT 3F00", bench.send("00A40000023F00").status, 0x9000)
    bench.expect("SELECT MF", bench.send("00A40000").status, 0x9000)
    return bench.outcome()


def unknown_name(bench: CheckBench) -> Outcome:
    """T2: a name that no application has is not found."""
    bench.expect("SELECT F000000000", bench.send("00A4040005F000000000").status, 0x6A82)
    return bench.outcome()


def historical_bytes(bench: CheckBench) -> Outcome:
    """T15: 13 historical bytes, of which T8 and T9 are the first four digits of the 识别码."""
    history = bench.facts.history
    bench.demand(len(history) == _HISTORY, f"{len(history)} historical bytes")
    bench.demand(history[_REGION].hex() == bench.facts.card_id[:4], "T8 T9")
    return bench.outcome()
