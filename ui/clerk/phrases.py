"""Short phrases that several screens make from the same values."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from app.catalogue.regions import Regions
from app.catalogue.sentences import Sentence, Sentences
from app.catalogue.texts import Texts
from app.domain.clock import HALL_ZONE

if TYPE_CHECKING:
    from app.services.views import TicketView


def known(texts: Texts, group: str, code: str) -> str:
    """Return the word for a code, or the code itself where the table has none."""
    return texts.entries.get(f"{group}.{code}", code)


def region(texts: Texts, regions: Regions, code: str) -> str:
    """Return a region's name and code; a code that is not known is shown as such, none at all as a dash."""
    if not code:
        return "—"
    name = regions.name(code)
    return texts("ui.region.unknown", code=code) if name is None else texts("ui.region.known", name=name, code=code)


def number_given(texts: Texts, sentences: Sentences, ticket: TicketView) -> Sentence:
    """Say which number was given, whose it is, and what is the matter with it."""
    parts = (ticket.number, ticket.masked_name, texts("ui.queue.priority") if ticket.priority else None)
    text = texts("ui.queue.given", number=" · ".join(part for part in parts if part))
    problem = sentences.of(ticket.problem) if ticket.problem is not None else Sentence("", "", "")
    return Sentence(problem.code, text + problem.text, problem.remedy)


def breakable(number: str) -> str:
    """Return an acceptance number that may go on in the next line after each hyphen."""
    return number.replace("-", "-\u200b")


def lasting(texts: Texts, seconds: float) -> str:
    """Say how long something has lasted, in one or two units."""
    minutes = int(max(seconds, 0) // 60)
    if minutes < 1:
        return texts("ui.time.seconds", seconds=int(max(seconds, 0)))
    if minutes < 60:
        return texts("ui.time.minutes", minutes=minutes)
    if minutes < 24 * 60:
        return texts("ui.time.hours", hours=minutes // 60, minutes=minutes % 60)
    return texts("ui.time.days", days=minutes // (24 * 60))


def time_of_day(moment: datetime) -> str:
    """Write the hall's time of day."""
    return f"{moment.astimezone(HALL_ZONE):%H:%M:%S}"


def day(value: date | None) -> str:
    """Write a date, or a dash."""
    return value.isoformat() if value is not None else "—"


def month(value: date | None) -> str:
    """Write year and month, or a dash."""
    return f"{value:%Y-%m}" if value is not None else "—"


def age(born: date, today: date) -> int:
    """Return completed years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
