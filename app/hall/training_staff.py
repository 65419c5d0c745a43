"""The fictional people who sign in while training: `resources/catalogue/training_staff.toml`."""

from __future__ import annotations

from app.catalogue.tables import read_table, rows, string, strings
from app.domain.refusal import Refusal
from app.hall.hall import Hall


def training_password() -> str:
    """Return the password that every training person has, as the sign-in shows it."""
    return string(read_table("catalogue", "training_staff.toml").get("password"), "password")


def seed_training_staff(hall: Hall, training: bool) -> Refusal | None:
    """Put the training people into the hall when it is one for training; those already there stay as they are."""
    if not training:
        return None
    for row in rows(read_table("catalogue", "training_staff.toml").get("staff"), "staff"):
        added = hall.add_staff(
            staff_no=string(row.get("staff_no"), "staff_no"),
            name=string(row.get("name"), "name"),
            person_id=string(row.get("person_id"), "person_id"),
            password=training_password(),
            roles=strings(row.get("roles"), "roles"),
        )
        if isinstance(added, Refusal) and added.code != "STAFF-EXISTS":
            return added
    return None
