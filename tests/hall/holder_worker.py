"""One process of the hall: takes a number by card for the same holders as every other; prints the numbers as JSON."""

from __future__ import annotations

import json
import sys
import uuid

from app.domain.clock import SystemClock
from app.hall.hall import Hall
from app.hall.values import HallTicket, IssuedBy


def main(url: str, holders: int) -> None:
    hall = Hall.open(url, SystemClock(), busy_s=30)
    assert isinstance(hall, Hall), hall
    key = hall.day_key()
    assert isinstance(key, bytes), key
    numbers = []
    for holder in range(holders):
        index = f"{key.hex()[:8]}-{holder}"
        ticket = hall.issue(str(uuid.uuid4()), "A" if holder % 3 else "B", IssuedBy.CARD, index)
        assert isinstance(ticket, HallTicket), ticket
        numbers.append(ticket.number)
    hall.close()
    json.dump(numbers, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
