"""Checks of the line itself: bounded replies, a word for what cannot be read, and when to come back."""

from __future__ import annotations

from http import HTTPStatus

from app.domain.refusal import Refusal
from app.province.check.bench import Bench
from app.province.check.family import Case, Family
from app.province.check.finding import Outcome, Reason, Seen, refused, told
from app.province.port import NOT_OFFERED, ProfileQuery

LARGEST_REPLY = 1024 * 1024
SLOWEST_S = 5.0
_KIB = 1024
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def replies_are_bounded(bench: Bench) -> Outcome:
    """No reply of this run was larger than 1 MiB or took more than five seconds."""
    bench.got(bench.client.clock())
    largest = max(bench.exchanges, key=lambda exchange: exchange.size)
    slowest = max(bench.exchanges, key=lambda exchange: exchange.seconds)
    count = f"{len(bench.exchanges)} replies"
    seen = (count, f"{largest.size / _KIB:.0f} KiB", f"{slowest.seconds:.2f} s")
    wrong = [f"{largest.path} {largest.size / _KIB:.0f} KiB"] if largest.size > LARGEST_REPLY else []
    wrong += [f"{slowest.path} {slowest.seconds:.1f} s"] if slowest.seconds > SLOWEST_S else []
    return Seen(seen, tuple(wrong))


def busy_says_when(bench: Bench) -> Outcome:
    """While it is maintained, and whenever it was busy in this run, the province says when to come back."""
    silent = {
        exchange.path for exchange in bench.exchanges if exchange.status in _BUSY and exchange.retry_after is None
    }
    if bench.maintenance is None:
        return Seen(wrong=tuple(sorted(silent))) if silent else Reason.NO_MAINTENANCE
    answer = bench.maintenance.clock()
    right = isinstance(answer, Refusal) and answer.code == "PROVINCE-BUSY" and "retry_after" in dict(answer.facts)
    return Seen((told(answer),), (*sorted(silent), *(() if right else (told(answer),))))


def unreadable_is_refused_with_a_code(bench: Bench) -> Outcome:
    """A question without its purpose is refused with a code, and does not break the province."""
    answer = bench.client.profile(ProfileQuery("", card_id=""))
    if not isinstance(answer, Refusal):
        return Seen(wrong=(told(answer),))
    if answer.code == NOT_OFFERED:
        return refused(answer)
    reason = dict(answer.facts).get("reason", "")
    coded = answer.code in ("CARD-UNKNOWN", "HOLDER-UNKNOWN") or (
        answer.code == "PROVINCE-REFUSED" and reason != "" and not reason.startswith("HTTP ")
    )
    return Seen((told(answer),), () if coded else (told(answer),))


LINE = Family("L", (Case(unreadable_is_refused_with_a_code), Case(busy_says_when), Case(replies_are_bounded)))
