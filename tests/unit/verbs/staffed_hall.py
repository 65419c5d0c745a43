"""A hall with a security administrator and a clerk who have passwords of their own."""

from __future__ import annotations

from pathlib import Path

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall

PASSWORD = "Quite-Long-1234"
SECURITY, CLERK = "0901", "0317"


def make_staffed_hall(folder: Path) -> None:
    """Make the hall of a data folder."""
    hall = Hall.open(hall_url(folder), SystemClock())
    assert isinstance(hall, Hall)
    for number, role in ((SECURITY, "security"), (CLERK, "clerk")):
        added = hall.add_staff(number, "林晓", f"p-{number}", PASSWORD, (role,), op_id=f"op-{number}")
        assert not isinstance(added, Refusal)
    hall.close()
