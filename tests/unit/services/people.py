"""Fictional people for tests of the services."""

from __future__ import annotations

from datetime import UTC, date, datetime

from app.domain.actor import Actor
from app.domain.identity import CardProof, Identity, Proof
from app.domain.profile import Profile
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState

EVERYTHING = frozenset(
    {
        "queue.issue",
        "queue.call",
        "visit.serve",
        "loss.register",
        "loss.register_formal",
        "loss.release",
        "intake.register",
        "receipt.print",
    }
)


def clerk(permissions: frozenset[str] = EVERYTHING, person_id: str = "p-0317") -> Actor:
    """Return the clerk of window 3."""
    return Actor("0317", "林晓", person_id, "3", permissions)


def identity(proof: CardProof | None = None, number: str | None = "110101199003070011") -> Identity:
    """Return a holder whose card was read, and both its checks passed unless told otherwise."""
    return Identity(
        number,
        "陈桂芳" if number else None,
        "350100D15600000500AABBCCDD112233",
        "A12345674",
        "350100",
        "3.00",
        Proof.CHIP,
        Proof.NONE,
        proof or CardProof(True, True, "check-1"),
    )


def profile(social: SocialState = SocialState.NORMAL, **changes: object) -> Profile:
    """Return a profile in one card state."""
    values: dict[str, object] = {
        "person_ref": "ref-1",
        "name": "陈桂芳",
        "citizen_number": "110101199003070011",
        "sex": "2",
        "nation": "01",
        "birth_date": date(1990, 3, 7),
        "phone": "13900000000",
        "card_id": "350100D15600000500AABBCCDD112233",
        "card_number": "A12345674",
        "region": "350100",
        "bank_name": "工商银行",
        "bank_line": "95588",
        "bank_account": "6217000000003361",
        "issued": date(2020, 1, 1),
        "expires": date(2030, 1, 1),
        "social": social,
        "bank": BankState.ACTIVE,
        "production": ProductionState.NONE,
        "person": PersonState.NORMAL,
        "register": RegisterState.SAME,
        "version": 7,
        "replacement_open": False,
        "insurances": (),
        "notes": (),
        "as_of": datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
    }
    return Profile(**{**values, **changes})  # type: ignore[arg-type]  # a test's own table of fields
