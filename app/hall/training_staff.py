"""Puts the fictional people who sign in while training into the hall."""

from __future__ import annotations

from dataclasses import asdict

from app.catalogue import training_staff
from app.domain.refusal import Refusal
from app.hall.hall import Hall


def training_password() -> str:
    """Return the password that every training person has, as the sign-in shows it."""
    return training_staff.load().password


def seed_training_staff(hall: Hall, training: bool) -> Refusal | None:
    """Put the training people into the hall when it is one for training; those already there stay as they are."""
    if not training:
        return None
    staff = training_staff.load()
    for person in staff.people:
        added = hall.add_staff(**asdict(person), password=staff.password)
        if isinstance(added, Refusal) and added.code != "STAFF-EXISTS":
            return added
    return None
