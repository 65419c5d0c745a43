"""One process of the hall: issues numbers and calls them, as fast as it can; prints what it got as JSON."""

from __future__ import annotations

import json
import sys
import uuid

from app.domain.clock import SystemClock
from app.hall.hall import Hall
from app.hall.values import HallTicket, IssuedBy


def main(url: str, window: str, count: int) -> None:
    hall = Hall.open(url, SystemClock(), busy_s=30)
    assert isinstance(hall, Hall), hall
    issued: list[str] = []
    called: list[str] = []
    for turn in range(count):
        ticket = hall.issue(str(uuid.uuid4()), "A" if turn % 3 else "B", IssuedBy.TAP)
        assert isinstance(ticket, HallTicket), ticket
        issued.append(ticket.number)
    while True:
        claimed = hall.claim_next(str(uuid.uuid4()), window)
        if claimed is None:
            break
        assert isinstance(claimed, HallTicket), claimed
        called.append(claimed.number)
        hall.finish(str(uuid.uuid4()), claimed.ticket_id, window)
    hall.close()
    json.dump({"issued": issued, "called": called}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
