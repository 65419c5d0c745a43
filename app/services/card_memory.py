"""What this machine remembers of a card: whose it is, and where its bank is rung."""

from __future__ import annotations

from dataclasses import replace

from app.catalogue.banks import Banks
from app.domain.actor import Actor
from app.domain.downlink import CardState, Tombstone
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import PersonState, SocialState
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.bank_words import bank_line
from app.services.doorway import Done, Doorway
from app.services.views import TicketView, VisitView


class CardMemory:
    """Opens visits in the journal."""

    def __init__(self, journal: Journal, doorway: Doorway, banks: Banks) -> None:
        self._journal = journal
        self._doorway = doorway
        self._banks = banks

    def open_visit(self, visit: VisitView, actor: Actor, ticket: TicketView | None) -> VisitView | Refusal:
        """Note that a visit begins, and return it with what is remembered of the card."""
        detail: tuple[tuple[str, str], ...] = (
            (("number_of_another", ticket.number),) if visit.notice is not None and ticket is not None else ()
        )
        if visit.ecard is not None:
            given = visit.ecard
            detail += (
                ("authorisation", given.number),
                ("items", ",".join(given.items)),
                ("purpose", given.purpose),
                ("valid_until", given.valid_until.isoformat()),
            )
        return self._doorway.execute(
            "open_visit", actor, lambda tx: Done(_remembered(tx, visit, actor, self._banks), detail=detail)
        ).result()

    def with_waiting(self, visit: VisitView) -> VisitView:
        """Return a visit with what waits now of its holder."""
        identity = visit.identity
        waiting = self._journal.run(lambda tx: tx.waiting_for(identity.citizen_number, identity.card_id)).result()
        return replace(visit, waiting=waiting)


def _remembered(tx: Transaction, visit: VisitView, actor: Actor, banks: Banks) -> VisitView:
    """Note what a visit tells of its card, and add what earlier ones told; offline a 3.0 card says nothing itself."""
    identity, profile = visit.identity, visit.profile
    line = None
    if profile is not None:
        tx.person_ref(profile.citizen_number, identity.card_id)
        tx.card_seen(identity.card_id, profile.citizen_number, _state(profile))
        line = bank_line(profile, banks)
        if line is not None:
            tx.set_bank_line(identity.card_id, line)
    known = tx.known_card(identity.card_id) if profile is None else None
    own = actor.person_id.upper()
    return replace(
        visit,
        waiting=tx.waiting_for(identity.citizen_number, identity.card_id),
        known=known,
        bank_line=line or tx.bank_line(identity.card_id),
        own_record=bool(own)
        and (own == (identity.citizen_number or "").upper() or tx.same_person(own, identity.card_id)),
    )


def _state(profile: Profile) -> CardState:
    tombstone = None
    if profile.person is PersonState.DEAD:
        tombstone = Tombstone.DEATH
    elif profile.social in (SocialState.CANCELLED, SocialState.VOID):
        tombstone = Tombstone.CANCELLATION
    return CardState(profile.social, profile.person, profile.version, tombstone, profile.as_of)
