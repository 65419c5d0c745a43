"""What lies on a window's desk, as one value: replaced whole, so that whoever looks sees one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.actor import Actor
from app.services.views import FormView, ReviewView, TicketView, VisitView


@dataclass(frozen=True)
class InHand:
    """Who works, whose number was called, whose visit it is, and what is being filled in."""

    actor: Actor | None = None
    ticket: TicketView | None = None
    visit: VisitView | None = None
    form: FormView | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    """What the reviewed form was filled in with."""
    review: ReviewView | None = None

    def put_aside(self) -> InHand:
        """Keep clerk and number, and nothing of the holder."""
        return InHand(self.actor, self.ticket)
