"""Puts the fictional people who sign in while training into the hall."""

from __future__ import annotations

from app.catalogue import training_staff
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.values import StaffRecord


def training_password() -> str:
    """Return the password that every training person has, as the sign-in shows it."""
    return training_staff.load().password


def seed_training_staff(hall: Hall) -> Refusal | None:
    """Put the training people into a hall for training; those already there stay as they are.

    Refusals: HALL-IS-REAL, HALL-AWAY.
    """
    refused = hall.claim(Mode.TRAINING)
    if refused is not None:
        return refused
    staff = training_staff.load()
    people = (StaffRecord(row.staff_no, row.name, row.person_id, frozenset(row.roles)) for row in staff.people)
    return hall.add_missing_staff(people, staff.password)
